"""Slices: every post in one of each kind, the figures those of a mask, and nothing where there is one class only."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from koudai.limits import SLICE_TOPICS
from koudai.text.characters.script import script_of
from koudai.training.slices import LENGTHS, METRICS, OTHER, describe_slices, slices_of


@pytest.mark.parametrize(
    ("length", "band"),
    [(0, "up to 20"), (20, "up to 20"), (21, "21-50"), (140, "51-140"), (280, "141-280"), (281, "over 280")],
)
def test_a_post_is_in_the_band_of_its_length(length: int, band: str) -> None:
    found = slices_of(["这" * length], None)
    assert found["length"].tolist() == [band]
    assert found["script"].tolist() == [script_of("这" * length)]
    assert "topic" not in found
    assert LENGTHS == (20, 50, 140, 280)


def test_the_rarest_topics_are_one_and_a_post_without_a_topic_is_in_none() -> None:
    names = [f"t{k:02}" for k in range(SLICE_TOPICS.value + 3)]
    topics = np.array([name for k, name in enumerate(names) for _ in range(50 - k)] + [""], dtype=object)
    found = slices_of(["a"] * len(topics), topics)["topic"]
    assert set(found) == {*names[: SLICE_TOPICS.value], OTHER, ""}
    assert (found == OTHER).sum() == sum(50 - k for k in range(SLICE_TOPICS.value, len(names)))
    assert "topic" not in slices_of(["a"], np.array([""], dtype=object))


def test_H1_contacts_in_topics_are_masked() -> None:
    topics = np.array(["加微信 abc_123", "加微信 xyz_789", "交通", ""], dtype=object)
    assert slices_of(["a"] * 4, topics)["topic"].tolist() == ["加微信 [contact]"] * 2 + ["交通", ""]


def test_A4_figures_of_a_slice_are_those_of_its_posts() -> None:
    random = np.random.default_rng(2)
    y, p = random.integers(0, 2, 300).astype(np.int8), random.random(300)
    names = random.choice(["a", "b", ""], 300, p=[0.2, 0.5, 0.3]).astype(object)
    found = describe_slices(y, p, np.arange(300), {"topic": names}, threshold=0.4)
    assert [(one.name, one.metric) for one in found] == [(name, metric) for name in "ba" for metric in METRICS]
    for one in found:
        rows = names == one.name
        assert (one.kind, one.n, one.positives) == ("topic", rows.sum(), y[rows].sum())
        tagged = p[rows] >= 0.4
        expected = {
            "precision": precision_score(y[rows], tagged),
            "recall": recall_score(y[rows], tagged),
            "f1": f1_score(y[rows], tagged),
            "auc": roc_auc_score(y[rows], p[rows]),
        }
        if one.metric in expected:
            assert one.value == pytest.approx(expected[one.metric])
        assert one.low <= one.value <= one.high


@pytest.mark.parametrize("label", [0, 1])
def test_A1_a_slice_of_one_class_has_n_and_no_figure(label: int) -> None:
    y = np.full(40, label, dtype=np.int8)
    found = describe_slices(y, np.full(40, 0.9), np.arange(40), {"script": np.full(40, "x", object)}, threshold=0.5)
    assert len(found) == len(METRICS)
    for one in found:
        assert (one.value, one.low, one.high) == (None, None, None)
        assert (one.n, one.positives) == (40, 40 * label)
