"""Label noise: the estimate by hand (A4), its interval against labels whose errors are known (A2), and nothing from
nothing (A1).
"""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.measures.label_noise import label_noise
from koudai.audit.sample.flagged import CheckedLabels, draw_labels
from koudai.audit.stratum import Stratum
from tests.audit.table import figures, one, table

STRATA = (
    Stratum("labelled in, flagged, 0.8 or more", size=10, drawn=2),
    Stratum("labelled out, not flagged, below 0.02", size=80, drawn=4),
    Stratum("labelled in, not flagged, below 0.02", size=10, drawn=2),
)
STRATUM = np.array([0, 0, 1, 1, 1, 1, 2, 2])


def again(*people: list[int]) -> Relabelled:
    return Relabelled("rumour", STRATA, STRATUM, np.array(people, dtype=np.int8))


def test_A4_by_hand() -> None:
    """Of 10 in and flagged one of two is wrong, of 80 out one of four, of 10 in and not flagged none."""
    frame = label_noise(table(relabelled=(again([1, 0, 0, 0, 0, 1, 1, 1]),)))
    expected = {
        ALL: (0.1 * 0.5 + 0.8 * 0.25, 8),
        "labelled in": (0.5 * 0.5, 4),
        "labelled out": (0.25, 4),
        "flagged": (0.5, 2),
        "not flagged": (80 / 90 * 0.25, 6),
    }
    for group, (value, n) in expected.items():
        found = one(frame, "rumour", group, "wrong")
        assert (found.value, found.n) == (pytest.approx(value), n)
        assert found.low is not None
        assert found.high is not None
        assert 0 <= found.low <= value <= found.high <= 1
    assert one(frame, "rumour", ALL, "looked_at_again").value == 1


def test_the_majority_of_several_counts_and_what_did_not_come_back_does_not() -> None:
    frame = label_noise(table(relabelled=(again([1, 0, 0, -1, 0, 1, 1, 1], [1, 1, 0, -1, 0, 1, 1, 1]),)))
    assert one(frame, "rumour", "flagged", "wrong").value == pytest.approx(0.25)  # one of the two is divided
    assert one(frame, "rumour", "labelled out", "wrong").value == pytest.approx(1 / 3)
    assert one(frame, "rumour", ALL, "looked_at_again").value == pytest.approx(7 / 8)


def test_A1_a_stratum_that_nobody_looked_at_leaves_no_estimate() -> None:
    frame = label_noise(table(relabelled=(again([-1, -1, 0, 0, 0, 0, 1, 1]),)))
    assert one(frame, "rumour", ALL, "wrong").value is None
    assert one(frame, "rumour", "labelled out", "wrong").value == 0
    assert (one(frame, "rumour", "flagged", "wrong").value, one(frame, "rumour", "flagged", "wrong").n) == (None, 0)
    assert figures(label_noise(table(relabelled=()))) == []


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_A2_intervals_hold_the_share_of_labels_that_were_turned(rate: float) -> None:
    """Labels with known errors, flags that are right half the time, 40 samples of 300."""
    random = np.random.default_rng(9)
    true = random.integers(0, 2, 4000)
    turned = random.random(4000) < rate
    y = np.where(turned, 1 - true, true).astype(np.int8)
    wrong = np.clip(0.15 * random.random(4000) + 0.6 * turned * (random.random(4000) < 0.7), 0, 1)
    labels = CheckedLabels(y, wrong, (wrong > 0.5) | (random.random(4000) < 0.05))
    held = 0
    for seed in range(40):
        strata, rows = draw_labels(labels, 300, seed=seed)
        sheet = Relabelled("rumour", strata, rows[:, 1], true[rows[:, 0]][None].astype(np.int8))
        found = one(label_noise(table(relabelled=(sheet,))), "rumour", ALL, "wrong")
        assert found.low is not None
        assert found.high is not None
        held += found.low - 1e-12 <= turned.mean() <= found.high + 1e-12
    assert held >= 0.85 * 40
