"""Prevalence where annotators err: by what errors are known, and as it would be at errors that are named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.measures import MEASURES
from koudai.audit.measures.prevalence import prevalence
from koudai.audit.measures.prevalence_corrected import BANDS, NEVER
from tests.audit.measures.test_performance import many
from tests.audit.sample.erring import people
from tests.audit.table import KEYS, RENAMED, figures, one, table

KEY = KEYS[0]
prevalence_corrected = MEASURES["prevalence_corrected"].taken


def given(n: int = 300, *, gold: bool = False, raters: int = 3, seed: int = 5) -> AuditInput:
    """Return `n` posts of 1,200 as a sample of three strata that some people label."""
    stratum, _, answers, decided = people(n, raters=raters, seed=seed)
    posts = many(1200)
    everywhere = np.resize(stratum, 1200)
    sample = LabelledSample(
        (KEY,), everywhere, np.arange(n), answers[:, :, None], gold=decided[:, None] if gold else None
    )
    return replace(posts, sample=sample)


@pytest.mark.slow
def test_three_who_overlap_and_gold_beside_what_takes_labels_for_right() -> None:
    input_ = given(gold=True)
    frame = prevalence_corrected(input_)
    never, plain = one(frame, KEY, NEVER, "prevalence"), one(prevalence(input_), KEY, "design", "prevalence")
    assert (never.value, never.low, never.high, never.interval) == (plain.value, plain.low, plain.high, "design-based")
    for how in ("gold", "dawid-skene"):
        found = one(frame, KEY, how, "prevalence")
        assert found.interval == "likelihood ratio"
        assert found.n == 300
        assert None not in (found.low, found.value, found.high)
        assert found.low <= found.value <= found.high  # type: ignore[operator]
    for group in ("A1", "A2", "A3", "gold"):
        for rate in ("sensitivity", "specificity"):
            found = one(frame, KEY, group, rate)
            assert 0.5 < (found.value or 0) <= 1
            assert found.n == (one(frame, KEY, ALL, "adjudicated").value if group == "gold" else 300), "of whom it is"
    assert one(frame, KEY, ALL, "labelled_again").value == 300
    assert one(frame, KEY, ALL, "adjudicated").value == (input_.sample.gold >= 0).sum()  # type: ignore[union-attr]
    assert prevalence_corrected(input_) == frame


def test_one_annotator_gets_what_errors_would_mean_and_no_more() -> None:
    frame = prevalence_corrected(given(raters=1))
    assert {figure.group for figure in frame.figures} == {NEVER, *BANDS, ALL}
    never = one(frame, KEY, NEVER, "prevalence")
    for name, (sensitivity, specificity) in BANDS.items():
        found = one(frame, KEY, name, "prevalence")
        assert never.value is not None
        assert found.value == pytest.approx((never.value + specificity - 1) / (sensitivity + specificity - 1))
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high


def test_errors_that_the_labels_cannot_be_of_have_no_value() -> None:
    input_ = given(900, raters=1)
    assert input_.sample is not None
    none = replace(input_, sample=replace(input_.sample, labels=np.zeros_like(input_.sample.labels)))
    frame = prevalence_corrected(none)
    assert one(frame, KEY, "0.95, 0.95", "prevalence").value is None
    assert one(frame, KEY, "0.95, 0.99", "prevalence").value is None
    assert one(frame, KEY, NEVER, "prevalence").value == 0


def test_people_who_never_overlap_identify_nothing() -> None:
    input_ = given(raters=2)
    assert input_.sample is not None
    labels = input_.sample.labels.copy()
    labels[0, ::2], labels[1, 1::2] = -1, -1
    frame = prevalence_corrected(replace(input_, sample=replace(input_.sample, labels=labels)))
    assert one(frame, KEY, "hui-walter", "prevalence").value is None
    assert one(frame, KEY, ALL, "labelled_again").value == 0
    assert not figures(frame, statistic="sensitivity")


def test_A1_no_sample_and_a_stratum_without_a_label() -> None:
    assert prevalence_corrected(table(sample=None)).figures == ()
    input_ = given()
    assert input_.sample is not None
    labels = input_.sample.labels.copy()
    labels[:, input_.sample.stratum[:300] == 1] = -1
    frame = prevalence_corrected(replace(input_, sample=replace(input_.sample, labels=labels)))
    assert [one(frame, KEY, name, "prevalence").value for name in (NEVER, *BANDS)] == [None] * 5
    assert {figure.group for figure in frame.figures} == {NEVER, *BANDS, ALL}


def test_A5_names_change_nothing() -> None:
    told, renamed = table(), table(names=RENAMED)
    values = [(figure.group, figure.statistic, figure.value) for figure in prevalence_corrected(told).figures]
    assert values == [
        (figure.group, figure.statistic, figure.value) for figure in prevalence_corrected(renamed).figures
    ]
