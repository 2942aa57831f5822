"""Coverage: shares of everything read, the abstained and the quarantined included (A4, A6), on the 12-row table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.measures.coverage import THRESHOLDS, coverage
from koudai.training.intervals import WHOLE_POPULATION, wilson
from tests.audit.table import KEYS, ROWS, figures, one, table


@pytest.mark.parametrize(
    ("statistic", "hits"),
    [("tagged", 7), ("abstained", 3), ("none", 2), ("quarantined", 3)],
)
def test_A4_A6_the_four_fates_of_15_rows(statistic: str, hits: int) -> None:
    figure = one(coverage(table()), ALL, ALL, statistic)
    assert (figure.value, figure.n) == (hits / 15, 15)
    assert (figure.low, figure.high, figure.interval) == (None, None, WHOLE_POPULATION)
    sample = replace(table(), superpopulation=True, texts=None)
    figure = one(coverage(sample), ALL, ALL, statistic)
    assert (figure.value, figure.n) == (hits / 15, 15)
    assert (figure.low, figure.high) == wilson(hits, 15)[1:]


def test_of_a_sample_of_more_posts_the_clusters_count() -> None:
    copies = replace(table(order=[i % 12 for i in range(1200)]), superpopulation=True)
    clustered, alone = (one(coverage(some), "rumour", ALL, "alleged") for some in (copies, replace(copies, texts=None)))
    assert clustered.value == alone.value
    assert clustered.interval == "wilson, effective n"
    assert clustered.high - clustered.low > 5 * (alone.high - alone.low)  # type: ignore[operator]


@pytest.mark.parametrize(("key", "hits"), list(zip(KEYS, (4, 5, 3, 3), strict=True)))
def test_A4_A6_alleged_is_of_everything_read(key: str, hits: int) -> None:
    figure = one(coverage(table()), key, ALL, "alleged")
    assert (figure.value, figure.n) == (hits / 15, 15)


@pytest.mark.parametrize(("t", "hits"), [("t=0.05", 11), ("t=0.50", 5), ("t=0.60", 4), ("t=0.80", 2), ("t=0.95", 0)])
def test_A4_the_curve_of_rumour_by_hand(t: str, hits: int) -> None:
    assert one(coverage(table()), "rumour", t, "share").value == pytest.approx(hits / 15)


def test_A4_the_curve_against_a_loop() -> None:
    frame = coverage(table())
    for column, key in enumerate(KEYS):
        for t in THRESHOLDS:
            reached = sum(1 for row in ROWS if np.float32(row[0][column]) >= np.float32(t))
            assert one(frame, key, f"t={t:.2f}", "share").value == pytest.approx(reached / 15)


def test_A4_the_curve_never_rises() -> None:
    frame = coverage(table())
    for key in KEYS:
        curve = [figure.value for figure in figures(frame, category=key, statistic="share")]
        assert curve == sorted(curve, reverse=True)
        assert len(curve) == 19


def test_A6_leaving_out_abstentions_would_show() -> None:
    without = table(order=tuple(range(9)), quarantined=0)
    assert one(coverage(without), ALL, ALL, "tagged").value == pytest.approx(7 / 9)
    assert one(coverage(table()), ALL, ALL, "tagged").value == pytest.approx(7 / 15)


def test_A1_nothing_read_gives_no_values() -> None:
    for figure in coverage(table(order=(), quarantined=0)).figures:
        assert (figure.value, figure.low, figure.high, figure.n) == (None, None, None, 0)


def test_everything_quarantined() -> None:
    frame = coverage(table(order=()))
    assert one(frame, ALL, ALL, "quarantined").value == 1.0
    assert one(frame, ALL, ALL, "tagged").value == 0.0
    assert one(frame, ALL, ALL, "tagged").n == 3


def test_all_nan_is_nowhere_on_the_curve() -> None:
    frame = coverage(table(order=(11, 11), quarantined=0))
    assert {figure.value for figure in frame.figures if figure.statistic in ("share", "alleged")} == {0.0}
    assert one(frame, ALL, ALL, "abstained").value == 1.0


def test_A4_shares_within_groups_by_hand() -> None:
    """Of wb are rows 0-2, 7 and 10, three of them alleged rumours; of dy 3-5, 8 and 9, one; two rows are of none."""
    frame = coverage(table())
    wb, dy = (one(frame, "rumour", name, "alleged_in_group") for name in ("wb", "dy"))
    assert (wb.value, wb.n, dy.value, dy.n) == (3 / 5, 5, 1 / 5, 5)
    assert {figure.group for figure in figures(frame, statistic="alleged_in_group")} == {"wb", "dy"}
    assert figures(coverage(table(groups=None)), statistic="alleged_in_group") == []


def test_only_the_largest_groups_are_listed() -> None:
    names = np.array([f"g{min(i, 24):02d}" for i in range(60)], dtype=object)
    frame = coverage(table(order=[i % 12 for i in range(60)], groups=names))
    groups = {figure.group for figure in figures(frame, statistic="alleged_in_group")}
    assert len(groups) == 20
    assert "g24" in groups
