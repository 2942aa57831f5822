"""A sample of labels: every label can be drawn, strata tell what a post was labelled, sheets do not; what comes back is
compared with the labels it was drawn from and no others.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.inputs.audit_input import Labelled
from koudai.audit.sample.design import DrawnSample
from koudai.audit.sample.flagged import CheckedLabels, category_of, draw_flagged, draw_labels, stratum_names
from koudai.audit.sample.labelled_sample import load_sample
from koudai.audit.sample.manifest import Manifest, load_manifest
from koudai.audit.sample.relabelled import load_relabelled
from koudai.audit.sample.sheet import manifest_path, write_sample
from koudai.audit.stratum import Stratum
from koudai.config.source import Source
from koudai.corpus.corpus import Corpus
from koudai.errors import ConfigError, ScoresMismatch, TooFewPosts, UsageError
from tests.audit.table import KEYS, table, tiny_taxonomy

WATER, EGGS = ("明天全城停水", "自来水公司要停水", "停水通知"), ("鸡蛋涨价了", "菜场的鸡蛋", "两个鸡蛋")


def corpus(n: int = 120, wrong: int = 10) -> Corpus:
    random = np.random.default_rng(0)
    true = np.arange(n) % 2
    texts = [f"{(WATER if y else EGGS)[i // 2 % 3]}，{random.integers(10**6)}" for i, y in enumerate(true)]
    labels = np.full((n, 4), -1, dtype=np.int8)
    labels[:, 0] = np.where(np.isin(np.arange(n), random.choice(n, wrong, replace=False)), 1 - true, true)
    labels[0, 0] = -1
    return Corpus(
        ids=[f"p{i}" for i in range(n)],
        texts=texts,
        labels=labels,
        split=np.full(n, "", dtype=object),
        source=np.full(n, "mine", dtype=object),
        weight=np.ones(n),
        sources={"mine": Source(name="mine", file="mine.csv")},
    )


def labelled(of: Corpus) -> Labelled:
    given = table(order=[0] * len(of)).labelled
    assert given is not None
    return replace(given, ids=of.ids, texts=of.texts, labels=of.labels)


def drawn(n: int = 40) -> DrawnSample:
    return draw_flagged(corpus(), n, category=("rumour", 0))


def test_each_label_is_in_one_stratum_and_every_stratum_is_drawn_from() -> None:
    random = np.random.default_rng(1)
    labels = CheckedLabels(random.integers(0, 2, 900).astype(np.int8), random.random(900), random.random(900) < 0.2)
    strata, rows = draw_labels(labels, 60, seed=3)
    assert sum(one.size for one in strata) == 900
    assert all(0 < one.drawn <= one.size for one in strata)
    assert len(set(rows[:, 0].tolist())) == 60
    for row, at in rows:
        assert strata[at].name == stratum_names()[labels.stratum[row]]
        assert strata[at].name.startswith("labelled in" if labels.y[row] else "labelled out")
        assert ("not flagged" not in strata[at].name) == labels.flagged[row]
    assert np.bincount(rows[:, 1]).tolist() == [one.drawn for one in strata]


def test_flagged_labels_are_drawn_more_often_and_the_unknown_ones_never() -> None:
    found = drawn()
    flagged = [one for one in found.manifest.strata if "not flagged" not in one.name]
    others = [one for one in found.manifest.strata if "not flagged" in one.name]
    rates = [sum(one.drawn for one in some) / sum(one.size for one in some) for some in (flagged, others)]
    assert rates[0] > rates[1]
    assert sum(one.size for one in found.manifest.strata) == 119
    assert "p0" not in {post_id for post_id, _ in found.manifest.rows}
    assert drawn().manifest == found.manifest


def test_the_sheet_does_not_say_what_a_post_was_labelled(tmp_path: Path) -> None:
    write_sample(drawn(), tmp_path / "again.csv", form="csv")
    text = (tmp_path / "again.csv").read_text(encoding="utf-8-sig")
    assert "labelled" not in text
    assert "flagged" not in text
    assert {row["label:rumour"] for row in csv.DictReader(io.StringIO(text))} == {""}


def written(tmp_path: Path) -> tuple[Path, Path]:
    """Return the manifest of a sample and its sheet, in which everything is in the category."""
    write_sample(drawn(), tmp_path / "again.csv", form="csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "again.csv").read_text(encoding="utf-8-sig"))))
    with (tmp_path / "zhang.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([{**row, "label:rumour": "1"} for row in rows])
    return manifest_path(tmp_path / "again.csv"), tmp_path / "zhang.csv"


def test_what_comes_back_is_set_beside_the_labels_it_was_drawn_from(tmp_path: Path) -> None:
    manifest, sheet = written(tmp_path)
    found = load_relabelled(manifest, [sheet], labelled=labelled(corpus()), categories=KEYS)
    assert (found.category, found.labels.shape) == ("rumour", (1, 40))
    truth = dict(zip(corpus().ids, corpus().labels[:, 0].tolist(), strict=True))
    ids = [post_id for post_id, _ in load_manifest(manifest).rows]
    assert found.given[found.stratum].tolist() == [truth[post_id] for post_id in ids]


def test_other_labels_another_kind_of_sample_or_no_labels_are_refused(tmp_path: Path) -> None:
    manifest, sheet = written(tmp_path)
    corrected = corpus()
    corrected.labels[5, 0] = 1 - corrected.labels[5, 0]
    with pytest.raises(ScoresMismatch, match="not those that the sample was drawn from"):
        load_relabelled(manifest, [sheet], labelled=labelled(corrected), categories=KEYS)
    with pytest.raises(ConfigError, match="this audit has none"):
        load_relabelled(manifest, [sheet], labelled=None, categories=KEYS)
    with pytest.raises(ScoresMismatch, match="which has no scores"):
        load_relabelled(manifest, [sheet], labelled=labelled(corpus()), categories=KEYS[1:])
    with pytest.raises(ScoresMismatch, match="a sample of labels, not of scored posts"):
        load_sample(manifest, [sheet], job="", scores=None)  # type: ignore[arg-type]  # refused before it is looked at
    posts = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), redacted=True)
    write_sample(DrawnSample(posts, ["听说要停水"], 0), tmp_path / "posts.csv", form="csv")
    with pytest.raises(ScoresMismatch, match="a sample of scored posts, not of labels"):
        load_relabelled(manifest_path(tmp_path / "posts.csv"), [], labelled=None, categories=KEYS)


def test_what_cannot_be_drawn_is_said() -> None:
    taxonomy = tiny_taxonomy()
    assert category_of(corpus(), taxonomy, None) == ("rumour", 0)
    with pytest.raises(UsageError, match="no corpus labels category 'posing'"):
        category_of(corpus(), taxonomy, "posing")
    with pytest.raises(UsageError, match="which labels are looked at again"):
        category_of(None, taxonomy, None)
    for n in (1, 500):
        with pytest.raises(UsageError, match="so many labels"):
            drawn(n)
    with pytest.raises(TooFewPosts, match="too few labels"):
        draw_flagged(corpus(12, 0), 5, category=("rumour", 0))
