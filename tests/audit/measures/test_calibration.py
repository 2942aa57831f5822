"""Calibration: ECE, Brier score and the reliability curve, by hand and against scikit-learn (A4); corpora stay apart;
posts without a probability are in no figure; nothing is nothing (A1).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.measures.calibration import calibration
from koudai.training.intervals import ONE_CLUSTER, wilson
from tests.audit.table import KEYS, figures, one, table


def corpora(**changes: Any) -> AuditInput:
    """Return the table without its sample: labelled corpora alone."""
    return table(sample=None, **changes)


def labelled_with(given: AuditInput, **changes: object) -> AuditInput:
    assert given.labelled is not None
    return replace(given, labelled=replace(given.labelled, **changes))


def known(given: AuditInput, column: int) -> tuple[np.ndarray, np.ndarray, Labelled]:
    labelled = given.labelled
    assert labelled is not None
    rows = [i for i in range(len(labelled.ids)) if labelled.labels[i, column] >= 0 and labelled.proba[i, 0] >= 0]
    return np.array(rows), labelled.labels[rows, column], labelled


def test_A4_rumour_on_street_by_hand() -> None:
    # p .92 .80 .75 .60 .20 .10, y 1 1 0 1 0 0; every p in a bin of its own
    frame = calibration(corpora())
    brier, ece = one(frame, "rumour", "street", "brier"), one(frame, "rumour", "street", "ece")
    assert brier.value == pytest.approx((0.0064 + 0.04 + 0.5625 + 0.16 + 0.04 + 0.01) / 6, abs=1e-6)
    assert ece.value == pytest.approx((0.08 + 0.20 + 0.75 + 0.40 + 0.20 + 0.10) / 6, abs=1e-6)
    assert (brier.n, ece.n) == (6, 6)


def test_A4_rumour_on_wire_by_hand() -> None:
    # p .05 .30 .05 .50, y 0 1 0 1 (one label unknown, one post without features); .05 and .05 share a bin
    frame = calibration(corpora())
    assert one(frame, "rumour", "wire", "brier").value == pytest.approx((0.0025 + 0.49 + 0.0025 + 0.25) / 4, abs=1e-6)
    assert one(frame, "rumour", "wire", "ece").value == pytest.approx((0.05 * 2 + 0.70 + 0.50) / 4, abs=1e-6)
    assert one(frame, "rumour", "wire", "ece").n == 4


@pytest.mark.parametrize("column", range(4))
def test_A4_against_scikit_learn(column: int) -> None:
    given = corpora()
    frame = calibration(given)
    rows, y, labelled = known(given, column)
    p = labelled.proba[rows, column].astype(float)
    for source in ("street", "wire"):
        here = labelled.source[rows] == source
        assert one(frame, KEYS[column], source, "brier").value == pytest.approx(
            brier_score_loss(y[here], p[here], pos_label=1)
        )
    observed, predicted = calibration_curve(y, p, n_bins=10)
    assert [f.value for f in figures(frame, category=KEYS[column], statistic="observed")] == pytest.approx(observed)
    assert [f.value for f in figures(frame, category=KEYS[column], statistic="predicted")] == pytest.approx(predicted)


def test_A4_bins_hold_every_known_post_once_with_wilson_intervals() -> None:
    given = corpora()
    frame = calibration(given)
    for column, key in enumerate(KEYS):
        observed = figures(frame, category=key, statistic="observed")
        assert sum(figure.n for figure in observed) == len(known(given, column)[0])
        for figure in observed:
            assert figure.value is not None
            if figure.interval == "wilson":
                assert (figure.low, figure.high) == wilson(round(figure.value * figure.n), figure.n)[1:]
            else:  # rows 0 and 3 are near-duplicates
                assert figure.interval in ("wilson, effective n", ONE_CLUSTER)
    assert any(figure.interval == "wilson" for figure in figures(frame, statistic="observed"))


def test_intervals_hold_the_value_of_a_believable_model() -> None:
    random = np.random.default_rng(3)
    n = 600
    p = random.random(n).astype(np.float32)
    y = (random.random(n) < p).astype(np.int8)
    given = labelled_with(
        corpora(),
        labels=np.repeat(y[:, None], 4, axis=1),
        proba=np.repeat(p[:, None], 4, axis=1),
        alleged=np.repeat(p[:, None] > 0.5, 4, axis=1),
        source=np.full(n, "s", dtype=object),
        group=np.arange(n),
    )
    frame = calibration(given)
    ece, brier = one(frame, "rumour", "s", "ece"), one(frame, "rumour", "s", "brier")
    assert ece.value is not None
    assert ece.value < 0.08
    assert ece.low is None
    error = one(frame, "rumour", "s", "calibration_error")
    assert error.low == 0.0
    assert error.high is not None
    assert error.high < 0.1
    for figure in figures(frame, category="rumour", statistic="predicted"):
        assert figure.low is not None
        assert figure.low < figure.value < figure.high  # type: ignore[operator]
    assert brier.value == pytest.approx(1 / 6, abs=0.02)  # ∫ p(1 − p) dp
    assert brier.low is not None
    assert brier.high is not None
    assert brier.low < brier.value < brier.high


def nothing(frame: AuditFrame) -> bool:
    return all(figure.n == 0 for figure in frame.figures)


def test_A1_no_label_known_gives_no_figure() -> None:
    assert nothing(calibration(labelled_with(corpora(), labels=np.full((12, 4), -1, dtype=np.int8))))


def test_A1_no_probability_gives_no_figure() -> None:
    assert nothing(calibration(labelled_with(corpora(), proba=np.full((12, 4), np.nan, dtype=np.float32))))


def test_A1_empty_input_and_no_labels_give_no_figure() -> None:
    assert nothing(calibration(corpora(order=())))
    assert nothing(calibration(corpora(labelled=None)))


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_still_has_its_brier_score(label: int) -> None:
    given = labelled_with(corpora(order=range(11)), labels=np.full((11, 4), label, dtype=np.int8))
    p = np.array([0.92, 0.80, 0.75, 0.60, 0.20, 0.10])
    found = one(calibration(given), "rumour", "street", "brier")
    assert found.value == pytest.approx(float(np.mean((p - label) ** 2)), abs=1e-6)
    assert {f.value for f in figures(calibration(given), statistic="observed")} == {float(label)}
