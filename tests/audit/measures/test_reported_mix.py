"""Reported mix: the measured share of tagged posts beside the announced tallies, with their units (A4, A1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from koudai.audit.frame import ALL
from koudai.audit.measures.reported_mix import reported_mix
from koudai.taxonomy import Taxonomy
from koudai.training.intervals import WHOLE_POPULATION, wilson
from tests.audit.table import KEYS, figures, one, table


@pytest.mark.parametrize(("key", "hits"), list(zip(KEYS, (4, 5, 3, 3), strict=True)))
def test_A4_shares_of_the_seven_tagged_posts(key: str, hits: int) -> None:
    told = one(reported_mix(table()), key, ALL, "measured_share")
    assert (told.value, told.low, told.n, told.interval) == (hits / 7, None, 7, WHOLE_POPULATION)
    sample = replace(table(), superpopulation=True, texts=None)
    figure = one(reported_mix(sample), key, ALL, "measured_share")
    assert (figure.value, figure.low, figure.high, figure.n) == (*wilson(hits, 7), 7)


def test_A4_announced_figures_keep_their_unit_and_have_no_interval() -> None:
    announced = figures(reported_mix(table()), statistic="announced")
    assert [(f.category, f.group, f.value, f.n, f.low, f.high) for f in announced] == [
        ("rumour", "announced: almost 8,000 accounts", 8000.0, 1, None, None),
        ("posing.army", "announced: about 13,000 accounts", 13000.0, 1, None, None),
    ]


@pytest.mark.parametrize("order", [(), (7, 8, 9, 10, 11)], ids=["empty", "nothing tagged"])
def test_A1_without_tagged_posts_only_the_announcement_is_left(order: tuple[int, ...]) -> None:
    frame = reported_mix(table(order=order))
    measured = figures(frame, statistic="measured_share")
    assert [(figure.value, figure.low, figure.high, figure.n) for figure in measured] == [(None, None, None, 0)] * 4
    assert len(figures(frame, statistic="announced")) == 2


def test_the_bundled_taxonomy_keeps_every_tally(taxonomy: Taxonomy) -> None:
    frame = reported_mix(table(order=(0,), taxonomy=taxonomy, categories=("rumour",)))
    assert one(frame, "rumour", "announced: almost 8,000 accounts", "announced").value == 8000
