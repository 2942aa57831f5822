"""Prevalence: by hand (A4), unmoved by order, names and doubling (A5), missing where nothing is known (A1), with each
annotator apart.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample, majority
from koudai.audit.measures.prevalence import prevalence
from koudai.audit.sample.estimate import ESTIMATORS
from tests.audit.table import KEYS, RENAMED, figures, one, table

STRATUM = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
POST = np.array([0, 1, 2, 7, 8, 9])
LABELS = np.array([[1, 1, 0, 0, 0, 1]])


def given(
    labels: np.ndarray = LABELS, post: np.ndarray = POST, categories: tuple[str, ...] = KEYS[:1], **changes: object
) -> AuditInput:
    sample = LabelledSample(categories, STRATUM, post, np.asarray(labels, dtype=np.int8)[:, :, None])
    return table(**{"sample": sample, **changes})  # type: ignore[arg-type]


def values(frame: AuditFrame) -> list[tuple[str, str, float | None]]:
    return [(figure.group, figure.statistic, figure.value) for figure in frame.figures]


def test_A4_by_hand() -> None:
    # rates 2/3 and 1/3, each stratum half of the posts; f: .92 .80 .75 .60 .20 .10 and .05 .30 .05 .50 .45 none
    frame = prevalence(given())
    assert one(frame, "rumour", "design", "prevalence").value == pytest.approx(0.5)
    first = np.mean([0.92, 0.80, 0.75]) - np.mean([0.92, 0.80, 0.75, 0.60, 0.20, 0.10])
    second = np.mean([0.30, 0.05, 0.50]) - np.mean([0.05, 0.30, 0.05, 0.50, 0.45, 0])
    assert one(frame, "rumour", "difference", "prevalence").value == pytest.approx(0.5 - (first + second) / 2, abs=1e-6)
    power = one(frame, "rumour", "ppi++", "lambda").value
    assert power is not None
    assert one(frame, "rumour", "ppi++", "prevalence").value == pytest.approx(
        0.5 - power * (first + second) / 2, abs=1e-6
    )
    assert one(frame, "rumour", ALL, "labelled").value == 1.0
    for name in ESTIMATORS:
        found = one(frame, "rumour", name, "prevalence")
        assert found.n == 6
        assert found.low is not None
        assert found.high is not None
        assert one(frame, "rumour", name, "half_width").value == pytest.approx((found.high - found.low) / 2)
        more = one(frame, "rumour", name, "labels_to_halve").value
        assert more is not None
        assert 1 <= more <= 6


def test_A5_order_of_rows_changes_nothing() -> None:
    order = np.array([3, 0, 5, 1, 4, 2])
    for a, b in zip(values(prevalence(given())), values(prevalence(given(LABELS[:, order], POST[order]))), strict=True):
        assert a[2] == pytest.approx(b[2], abs=1e-9)


def test_A5_names_change_nothing() -> None:
    renamed = prevalence(given(names=RENAMED, categories=(RENAMED["rumour"],)))
    assert values(renamed) == values(prevalence(given()))


def test_A5_every_row_twice_gives_the_same_share_and_a_narrower_interval() -> None:
    twice = table(order=(*range(12), *range(12)))
    sample = LabelledSample(
        KEYS[:1], np.tile(STRATUM, 2), np.r_[POST, POST + 12], np.tile(LABELS, 2).astype(np.int8)[:, :, None]
    )
    single, double = (
        one(prevalence(i), "rumour", "design", "prevalence") for i in (given(), replace(twice, sample=sample))
    )
    assert double.value == pytest.approx(single.value)
    assert None not in (single.low, single.high, double.low, double.high)
    assert double.high - double.low < single.high - single.low  # type: ignore[operator]


def test_A1_no_sample_no_label_or_a_stratum_without_one_gives_no_value() -> None:
    assert prevalence(table(sample=None)).figures == ()
    for labels in (np.full((1, 6), -1), np.array([[1, 0, 1, -1, -1, -1]])):
        frame = prevalence(given(labels))
        assert [one(frame, "rumour", name, "prevalence").value for name in ESTIMATORS] == [None] * 3
        assert not figures(frame, statistic="half_width")
        assert one(frame, "rumour", ALL, "labelled").value == (labels >= 0).mean()


@pytest.mark.parametrize("label", [0, 1])
def test_A1_one_class_has_an_open_interval(label: int) -> None:
    found = one(prevalence(given(np.full((1, 6), label))), "rumour", "design", "prevalence")
    assert found.value == label
    assert found.low is not None
    assert found.high is not None
    assert found.high - found.low > 0.2


def test_a_post_without_a_probability_counts_and_has_no_part_in_the_model() -> None:
    given_nan = given(LABELS, np.array([0, 1, 2, 7, 8, 11]))
    found = one(prevalence(given_nan), "rumour", "difference", "prevalence")
    assert found.n == 6
    assert found.value is not None
    assert np.isfinite(found.value)


def test_everything_labelled_is_the_share_itself() -> None:
    labels = np.array([[1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]])
    frame = prevalence(given(labels, np.arange(12)))
    for name in ESTIMATORS:
        found = one(frame, "rumour", name, "prevalence")
        assert (found.value, found.low, found.high) == (pytest.approx(0.25),) * 3
        assert one(frame, "rumour", name, "labels_to_halve").value is None


def test_several_people_the_majority_counts_and_each_stands_apart() -> None:
    labels = np.array([[1, 1, 0, 0, 0, 1], [1, 0, 0, 0, 0, 1], [1, 1, 1, 0, 0, -1]])
    assert majority(labels).tolist() == [1, 1, 0, 0, 0, 1]
    frame = prevalence(given(labels))
    assert one(frame, "rumour", "design", "prevalence").value == pytest.approx(0.5)
    apart = [one(frame, "rumour", f"A{who}", "prevalence").value for who in (1, 2, 3)]
    assert apart == pytest.approx([0.5, 1 / 3, 0.5])
    between = one(frame, "rumour", "annotators", "range")
    assert (between.value, between.n) == (pytest.approx(1 / 6), 3)


def test_a_tie_is_half_and_silence_is_nothing() -> None:
    found = majority(np.array([[1, 0, -1, 1], [0, -1, -1, 1]]))
    assert found[[0, 1, 3]].tolist() == [0.5, 0, 1]
    assert np.isnan(found[2])


def test_A1_a_person_who_labelled_nothing_has_no_share_and_stands_in_no_range() -> None:
    frame = prevalence(given(np.concatenate([LABELS, 1 - LABELS, np.full_like(LABELS, -1)])))
    shares = {figure.group: (figure.value, figure.n) for figure in figures(frame, statistic="prevalence")}
    assert shares["A3"] == (None, 0)
    assert shares["A1"][1] == shares["A2"][1] == 6
    apart = one(frame, "rumour", "annotators", "range")
    assert apart.n == 2
    assert apart.value == pytest.approx(abs((shares["A1"][0] or 0) - (shares["A2"][0] or 0)))
