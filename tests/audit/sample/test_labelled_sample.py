"""Labels beside scores: joined by exact ids, and only with the scores that were sampled (A7)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.inputs.audit_input import LabelledSample
from koudai.audit.sample.labelled_sample import join_sample, load_sample
from koudai.audit.sample.sheet import to_csv, to_tasks
from koudai.errors import LabelError, ReadError, ScoresMismatch
from koudai.storage.durable import write_json
from tests.audit.sample.drawn import KEYS, annotated, answered, manifest, scores


def test_every_row_finds_its_post_and_its_stratum(tmp_path: Path) -> None:
    of = scores()
    told = manifest(of)
    write_json(tmp_path / "m.json", told.to_json())
    rows = [{"rumour": str(at % 2), "posing.army": ""} for at in range(len(told.rows))]
    (tmp_path / "a.csv").write_text(answered(to_csv(told, [""] * len(rows)), rows), encoding="utf-8", newline="")
    found = load_sample(tmp_path / "m.json", [tmp_path / "a.csv"], job="job", scores=of)
    assert found.categories == KEYS
    assert [of.ids[at] for at in found.post] == [post_id for post_id, _ in told.rows]
    assert found.stratum[found.post].tolist() == [at for _, at in told.rows]
    assert np.bincount(found.stratum).tolist() == [one.size for one in told.strata]
    assert found.labels[0, :, 0].tolist() == [at % 2 for at in range(len(rows))]
    assert (found.labels[0, :, 1] == -1).all()
    with pytest.raises(ScoresMismatch, match="other scores"):
        load_sample(tmp_path / "m.json", [tmp_path / "a.csv"], job="other", scores=of)


def test_A7_other_scores_are_refused() -> None:
    of = scores()
    told = manifest(of)
    labels = np.zeros((1, len(told.rows), 2), np.int8)
    join_sample(told, labels, of)
    with pytest.raises(ScoresMismatch, match="not those"):
        join_sample(told, labels, scores(seed=4))
    with pytest.raises(ScoresMismatch, match="rows are no posts"):
        join_sample(told, labels, replace(of, ids=[f"q{at}" for at in range(len(of.ids))]))
    with pytest.raises(ScoresMismatch, match="without scores"):
        join_sample(replace(told, categories=("rumour", "gossip")), labels, of)


def test_what_was_adjudicated_is_read_beside_the_labels_and_says_one_thing_of_posts_drawn_for_it(
    tmp_path: Path,
) -> None:
    of = scores()
    told = replace(manifest(of), gold=(1, 4))
    texts = [f"帖子{at}" for at in range(len(told.rows))]
    write_json(tmp_path / "m.json", told.to_json())

    def sheet(name: str, said: dict[int, str]) -> Path:
        rows = [{"rumour": said.get(at, ""), "posing.army": ""} for at in range(len(texts))]
        (tmp_path / name).write_text(answered(to_csv(told, texts), rows), encoding="utf-8", newline="")
        return tmp_path / name

    labels = [sheet("a.csv", dict.fromkeys(range(len(texts)), "0"))]

    def loaded(gold: Path) -> LabelledSample:
        return load_sample(tmp_path / "m.json", labels, gold, job="job", scores=of)

    found = loaded(sheet("gold.csv", {1: "1", 4: "0"})).gold
    assert found is not None
    assert {at: int(label) for at, label in enumerate(found[:, 0]) if label >= 0} == {1: 1, 4: 0}
    assert (found[:, 1] == -1).all()
    with pytest.raises(ScoresMismatch, match="other posts were adjudicated"):
        loaded(sheet("others.csv", {1: "1", 5: "0"}))
    with pytest.raises(ReadError, match="the gold sheet is an annotator's, too"):
        loaded(tmp_path / ".." / tmp_path.name / "a.csv")
    with pytest.raises(LabelError, match="(?s)no post of the gold sheet.*fill it in"):
        loaded(sheet("empty.csv", {}))
    two = annotated(
        to_tasks(told, texts),
        {
            "a": [{"rumour": "yes"}] * 5 + [{}] * (len(texts) - 5),
            "b": [{"rumour": "yes" if at != 4 else "no"} if at in told.gold else {} for at in range(len(texts))],
        },
    )
    (tmp_path / "two.json").write_text(json.dumps(two), encoding="utf-8")
    with pytest.raises(LabelError, match="contradicts itself") as caught:
        loaded(tmp_path / "two.json")
    assert "row 5" in str(caught.value)
