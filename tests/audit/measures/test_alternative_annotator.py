"""Alternative annotator: people beside the audited model and others, on annotations and on a returned sample."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.audit import AuditSources, run_audit
from koudai.audit.frame import ALL
from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.inputs.others import Other
from koudai.audit.measures import MEASURES
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.errors import LabelError
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS, figures, one, table
from tests.audit.test_alternative import drawn

KEY = KEYS[0]
take = MEASURES["alternative_annotator"].taken
ALIKE = "balanced"


def given(n: int = 600, *, values: tuple[str, ...] = ("no", "yes"), **changes: object) -> AuditInput:
    """Return posts of which a fifth are in the category, by three people, a model like them and one that is wrong."""
    people, machine, _ = drawn(n, share=0.2, right=(0.9, 0.95), seed=3)
    posts = many(n)
    coded = {KEY: people.astype(np.int32)}
    found = Annotations(("A1", "A2", "A3"), values, posts.ids, np.full(n, "", dtype=object), coded)
    tags = np.zeros((n, 4), dtype=bool)
    tags[:, 0] = machine == 1
    wrong = Other("wrong", (KEY,), (machine == 0)[:, None], np.arange(n) % 3 > 0)
    fields = {"annotations": found, "alleged": tags, "others": (wrong,), "sample": None}
    return replace(posts, **{**fields, **changes})  # type: ignore[arg-type]


def test_the_model_stands_in_a_wrong_one_does_not_and_always_no_is_beside_them() -> None:
    frame = take(given())
    rate = {group: one(frame, KEY, group, "winning_rate") for group in dict.fromkeys(f.group for f in frame.figures)}
    machines = ("the model", "wrong", "always no", "always yes")
    assert list(rate) == [group for name in machines for group in (name, f"{name}, {ALIKE}")]
    assert [rate[name].value for name in machines] == [1.0, 0.0, pytest.approx(rate["always no"].value), 0.0]
    assert rate[f"the model, {ALIKE}"].value == 1.0
    assert rate[f"always no, {ALIKE}"].value == 0.0
    assert {figure.n for figure in rate.values()} == {3}
    whole, part = (one(frame, KEY, name, "advantage") for name in ("the model", "wrong"))
    assert (whole.n, part.n) == (600, 400)
    assert whole.interval == "wilson, effective n"
    assert one(frame, KEY, "the model", "more_disagreement").interval == "cluster-robust"
    assert one(frame, KEY, "always no", f"people_{'disagreement'}") == replace(
        one(frame, KEY, "the model", "people_disagreement"), group="always no"
    ), "the same people on the same posts"


def test_labels_that_are_neither_yes_nor_no_are_not_measured_unless_the_config_says_which_is_yes() -> None:
    odd = given(values=("hoax", "true"))
    assert take(odd).figures == ()
    assert (odd.has("three_annotators"), given().has("three_annotators")) == (False, True), "it is told that it is not"
    assert odd.annotations is not None
    named = replace(odd, annotations=replace(odd.annotations, yes=("true",)))
    assert take(named) == take(given())


def test_a_sample_weighs_each_label_and_stands_beside_annotations() -> None:
    posts = given()
    assert posts.annotations is not None
    people = posts.annotations.coded[KEY].T.astype(np.int8)
    stratum = posts.alleged[:, 0].astype(np.int64)
    drawn_posts = np.sort(np.concatenate([np.flatnonzero(stratum == 1)[:60], np.flatnonzero(stratum == 0)[:60]]))
    sample = LabelledSample((KEY,), stratum, drawn_posts, people[:, drawn_posts, None])
    frame = take(replace(posts, sample=sample))
    weighted, whole = (one(frame, KEY, f"the model{part}", "disagreement") for part in (", sample", ""))
    assert (weighted.n, whole.n) == (120, 600)
    assert weighted.value == pytest.approx(whole.value, abs=0.06)
    alone = take(replace(posts, sample=sample, annotations=None))
    assert one(alone, KEY, "the model", "disagreement").value == weighted.value


def test_two_annotators_are_not_enough_and_few_posts_are_not_tested() -> None:
    assert not replace(table(), annotations=None).has("three_annotators")
    few = take(table())
    found = one(few, KEY, "the model", "winning_rate")
    assert (found.value, found.n) == (None, 0)
    assert one(few, KEY, "the model", "advantage").n == 10
    assert figures(few, category=ALL) == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [(["a,1,", "b,0,"], "only one annotator"), (["a,1,", "b,,0"], "no two annotators labelled the same post")],
)
def test_one_annotator_and_annotators_who_never_overlap_are_told_so(
    tmp_path: Path, rows: list[str], message: str
) -> None:
    (tmp_path / "p.csv").write_text("post_id,rumour\na,0.9\nb,0.1\n", encoding="utf-8")
    (tmp_path / "said.csv").write_text("\n".join(["post_id,li,wang", *rows, ""]), encoding="utf-8")
    config = {
        "run": {"name": "a", "taxonomy": "cac-2023"},
        "table": {"name": "bert", "file": "p.csv"},
        "annotations": {"file": "said.csv", "columns": ["li", "wang"], "about": "rumour"},
    }
    parsed = parse_config(AuditConfig, config, where="a.toml")
    with pytest.raises(LabelError, match=message) as caught:
        run_audit(parsed, AuditSources(tmp_path / "a.toml"), created_at="2026-01-01")
    assert "nothing was measured; the table is as it was" in str(caught.value)
