"""The bootstrap: groups drawn with replacement, counted as a loop counts them, and percentiles of what is defined."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from koudai.training.bootstrap import count_groups, draw_groups, percentile_interval


@pytest.mark.parametrize("groups", [1, 2, 50])
def test_a_sample_has_as_many_groups_as_there_are_and_counts_say_how_often(groups: int) -> None:
    drawn = draw_groups(np.random.default_rng(3), groups).tolist()
    assert len(drawn) == groups
    assert set(drawn) <= set(range(groups))
    times = Counter(drawn)
    assert count_groups(np.random.default_rng(3), groups).tolist() == [times[group] for group in range(groups)]


def test_an_interval_is_of_the_values_that_are_defined_and_needs_twenty() -> None:
    samples = np.random.default_rng(1).normal(size=300)
    samples[::3] = np.nan
    assert percentile_interval(samples) == tuple(np.nanpercentile(samples, [2.5, 97.5]))
    assert percentile_interval(np.arange(19.0)) == (None, None)
    assert percentile_interval(np.arange(20.0)) != (None, None)
