"""Simple random samples: sheets of people who never met koudai are read, joined by id, and give the figures of a
textbook; what cannot be joined or is no label is refused.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.measures.agreement import agreement, alpha
from koudai.audit.measures.performance import performance
from koudai.audit.measures.prevalence import prevalence
from koudai.audit.sample.simple_sample import load_simple_sample
from koudai.config.people import SampleSection
from koudai.errors import ConfigError, LabelError, ReadError, ScoresMismatch
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from tests.audit.measures.test_performance import many
from tests.audit.table import figures, one

KEY = "rumour"
N = 400


def scores() -> Scores:
    given = many(N)
    return Scores(given.ids, given.categories, given.proba, given.alleged, given.abstained, "d" * 16, Totals())


def sheet(path: Path, rows: dict[str, str], *, column: str = KEY) -> str:
    lines = [f"post_id,{column}", *(f"{post_id},{label}" for post_id, label in rows.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path.name


def drawn(n: int = 100, seed: int = 3) -> dict[str, str]:
    random = np.random.default_rng(seed)
    return {f"p{row}": str(int(random.random() < 0.5)) for row in random.choice(N, n, replace=False)}


def srs(*labels: str, **changes: object) -> SampleSection:
    return SampleSection(design="srs", labels=labels, **changes)  # type: ignore[arg-type]


def test_A4_the_share_is_that_of_the_labels_with_n_of_N(tmp_path: Path) -> None:
    rows = drawn()
    sample, unmatched = load_simple_sample(srs(sheet(tmp_path / "a.csv", rows)), tmp_path, scores())
    assert (unmatched, sample.categories, len(sample.post)) == (0, (KEY,), 100)
    found = one(prevalence(replace(many(N), sample=sample)), KEY, "design", "prevalence")
    share = sum(map(int, rows.values())) / 100
    assert found.value == pytest.approx(share)
    assert found.low is not None
    assert found.high is not None
    half = 1.98 * np.sqrt(share * (1 - share) / 100 * (1 - 100 / N))
    assert found.high - found.low == pytest.approx(2 * half, rel=0.05)


def test_performance_speaks_of_all_scored_posts(tmp_path: Path) -> None:
    sample, _ = load_simple_sample(srs(sheet(tmp_path / "a.csv", drawn())), tmp_path, scores())
    given = replace(many(N), sample=sample, labelled=None)
    frame = performance(given)
    share = float(given.alleged[:, 0].mean())
    cells = [one(frame, KEY, "sample", name).value or 0 for name in ("true_positives", "false_positives")]
    assert sum(cells) == pytest.approx(share)


def test_drawn_from_more_posts_prevalence_rests_on_labels_alone(tmp_path: Path) -> None:
    section = srs(sheet(tmp_path / "a.csv", drawn()), population=40_000)
    sample, _ = load_simple_sample(section, tmp_path, scores())
    frame = prevalence(replace(many(N), sample=sample))
    assert {figure.group for figure in figures(frame, statistic="prevalence")} == {"design"}
    wider = one(frame, KEY, "design", "prevalence")
    same = replace(sample, population=N)
    narrower = one(prevalence(replace(many(N), sample=same)), KEY, "design", "prevalence")
    assert (wider.high or 0) - (wider.low or 0) > (narrower.high or 0) - (narrower.low or 0)


def test_two_sheets_are_two_annotators_who_agree_as_krippendorff_says(tmp_path: Path) -> None:
    first, second = drawn(80), drawn(80)
    second = {post: said if row % 5 else str(1 - int(said)) for row, (post, said) in enumerate(second.items())}
    names = sheet(tmp_path / "a.csv", first, column="label:rumour"), sheet(tmp_path / "b.csv", second)
    sample, _ = load_simple_sample(srs(*names), tmp_path, scores())
    given = replace(many(N), sample=sample, annotations=None)
    assert given.has("annotations")
    frame = agreement(given)
    coded = np.array([[int(first[post]), int(second[post])] for post in first], dtype=np.int32)
    found = one(frame, KEY, ALL, "alpha")
    assert found.value == pytest.approx(alpha(coded, values=2))
    assert found.n == 80
    assert found.low is not None
    assert found.low < found.value < (found.high or 0)
    assert one(frame, KEY, "A1 / A2", "kappa").value == pytest.approx(found.value, abs=0.02)
    beside = agreement(replace(many(N), sample=sample))
    assert one(beside, KEY, "sample", "alpha").value == pytest.approx(found.value)


def test_one_sheet_has_no_agreement(tmp_path: Path) -> None:
    sample, _ = load_simple_sample(srs(sheet(tmp_path / "a.csv", drawn())), tmp_path, scores())
    assert not replace(many(N), sample=sample, annotations=None).has("annotations")


@pytest.mark.parametrize(
    ("rows", "changes", "error", "words"),
    [
        ({"p1": "maybe"}, {}, LabelError, "1 label is none"),
        ({"x1": "1", "p1": "0"}, {}, ScoresMismatch, "not those of the scored"),
        ({"p1": "1", "p2": "0"}, {"population": 1}, ScoresMismatch, "more posts are labelled"),
        ({"p1": "1"}, {"columns": {"rumor": "rumour"}}, ConfigError, "no scores of 'rumor'"),
        ({"p1": "1"}, {"columns": {"rumour": "x"}}, ConfigError, "no column of labels"),
        ({"p1": "1"}, {"id": "number"}, ReadError, "number"),
    ],
)
def test_what_cannot_be_joined_is_refused(
    tmp_path: Path, rows: dict[str, str], changes: dict[str, object], error: type[Exception], words: str
) -> None:
    section = srs(sheet(tmp_path / "a.csv", rows), **changes)
    with pytest.raises(error, match=words):
        load_simple_sample(section, tmp_path, scores())


def test_a_few_posts_without_scores_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = {**drawn(60), "gone": "1"}
    sample, unmatched = load_simple_sample(srs(sheet(tmp_path / "a.csv", rows)), tmp_path, scores())
    assert (unmatched, len(sample.post)) == (1, 60)


def test_a_sheet_that_is_not_there_and_an_id_that_is_there_twice(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        load_simple_sample(srs("nowhere.csv"), tmp_path, scores())
    (tmp_path / "a.csv").write_text("post_id,rumour\np1,1\np1,0\n", encoding="utf-8")
    with pytest.raises(ReadError, match="twice"):
        load_simple_sample(srs("a.csv"), tmp_path, scores())


def test_people_who_labelled_other_posts_or_other_categories_have_no_kappa(tmp_path: Path) -> None:
    names = [f"p{row}" for row in range(40)]
    said = {post: str(row % 2) for row, post in enumerate(names)}
    first = sheet(tmp_path / "a.csv", dict(list(said.items())[:20]))
    second = sheet(tmp_path / "b.csv", dict(list(said.items())[20:]))
    sample, _ = load_simple_sample(srs(first, second), tmp_path, scores())
    assert not figures(agreement(replace(many(N), sample=sample, annotations=None)), statistic="kappa")
    other = next(key for key in scores().categories if key != KEY)
    third = sheet(tmp_path / "c.csv", said, column=other)
    sample, _ = load_simple_sample(srs(first, third), tmp_path, scores())
    column = {key: at for at, key in enumerate(sample.categories)}
    assert set(column) == {KEY, other}
    assert (sample.labels[0, :, column[other]] == -1).all()
    assert (sample.labels[1, :, column[KEY]] == -1).all()
    assert int((sample.labels[1, :, column[other]] >= 0).sum()) == 40


def test_what_was_adjudicated_is_a_sheet_beside_the_others(tmp_path: Path) -> None:
    rows = drawn()
    some = dict(list(rows.items())[:30])
    section = srs(sheet(tmp_path / "a.csv", rows), gold=sheet(tmp_path / "gold.csv", {**some, "p0": "1"}))
    sample, _ = load_simple_sample(section, tmp_path, scores())
    assert sample.gold is not None
    assert (sample.gold >= 0).sum() == len({*some, "p0"})
    assert (len(sample.labels), len(sample.post)) == (1, len({*rows, "p0"}))
    alone, _ = load_simple_sample(srs("a.csv"), tmp_path, scores())
    assert alone.gold is None
