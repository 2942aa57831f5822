"""Tests of differences: McNemar's is that of statsmodels (A4), those of other posts are a z;
they find what is there, and 5 % of what is not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels

from koudai.audit.frame import ALL, Figure
from koudai.audit.kept_posts import KeptPosts, kept_posts
from koudai.audit.moved import _by_error, independent, mcnemar, on_same_posts
from koudai.training.intervals import wilson
from tests.audit.measures.test_performance import many


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.tuples(*[st.integers(0, 40)] * 4).filter(lambda four: four[1] + four[2] > 0))
def test_A4_mcnemars_test_is_that_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    before = np.repeat([True, True, False, False], counts)
    after = np.repeat([True, False, True, False], counts)
    found = mcnemar(before, after, None)
    assert found is not None
    table = [[counts[0], counts[1]], [counts[2], counts[3]]]
    exact, plain = (mcnemar_of_statsmodels(table, exact=one, correction=False) for one in (True, False))
    assert found.z**2 == pytest.approx(float(plain.statistic))
    assert found.p <= float(exact.pvalue) + 1e-12, "the mid-p is the exact one less half of the last step"
    assert found.p == pytest.approx(float(plain.pvalue), abs=0.1)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= (counts[2] - counts[1]) / sum(counts) <= found.high


def test_copies_of_a_post_do_not_make_a_test_surer() -> None:
    before, after = np.repeat([True, False, False], (4, 12, 84)), np.repeat([False, True, False], (4, 12, 84))
    alone = mcnemar(before, after, None)
    copied = mcnemar(np.tile(before, 5), np.tile(after, 5), np.tile(np.arange(100), 5))
    assert alone is not None
    assert copied is not None
    assert copied.z == pytest.approx(alone.z)
    assert copied.low is not None
    assert alone.low is not None
    assert copied.low == pytest.approx(alone.low, abs=0.02)


def test_the_power_is_that_of_a_paired_test() -> None:
    """Shares differ by .03, tags agree on 95 % of a thousand posts: intervals of the two never part."""
    random, found, parted = np.random.default_rng(1), 0, 0
    for _ in range(300):
        before = random.random(1000) < 0.2
        u = random.random(1000)
        after = np.where(before, u >= 0.05, u < 0.05)
        both = mcnemar(before, after, None)
        found += both is not None and both.p < 0.05
        one, other = (wilson(int(side.sum()), 1000) for side in (before, after))
        parted += one[2] < other[1]  # type: ignore[operator]
    assert found / 300 > 0.95
    assert parted / 300 < 0.05


def test_of_nothing_that_differs_one_in_twenty_is_found() -> None:
    random, found = np.random.default_rng(2), 0
    for _ in range(1000):
        before = random.random(400) < 0.2
        after = np.where(random.random(400) < 0.1, random.random(400) < 0.2, before)
        both = mcnemar(before, after, None)
        found += both is not None and both.p < 0.05
    assert 0.02 < found / 1000 < 0.08


def test_two_shares_of_other_posts_are_tested_as_in_a_textbook() -> None:
    sides = []
    for hits in (200, 250):
        value, low, high = wilson(hits, 1000)
        sides.append(Figure("a", ALL, "alleged", value, 1000, low, high, "wilson"))
    found = independent(*sides)
    pooled = (0.25 - 0.2) / np.sqrt(0.2 * 0.8 / 1000 + 0.25 * 0.75 / 1000)
    assert found is not None
    assert found.z == pytest.approx(pooled, abs=0.02)
    assert found.test == "independent"
    assert independent(sides[0], Figure("a", ALL, "alleged", 0.3, 0)) is None


def kept(given: object = None, **changes: object) -> KeptPosts:
    found = kept_posts(many())
    return replace(found, **changes)  # type: ignore[arg-type]


FIGURE = Figure("rumour", ALL, "alleged", 0.5, 400)


def test_the_same_posts_are_paired_whatever_their_order_and_partly_the_same_ones_overlap() -> None:
    one = kept()
    turned = one.tagged["rumour"].copy()
    turned[:40] = 1 - turned[:40]
    other = replace(one, tagged={**one.tagged, "rumour": turned})
    found = on_same_posts("coverage", FIGURE, one, other)
    assert found is not None
    assert (found.test, found.n) == ("paired", 400)
    order = np.random.default_rng(1).permutation(len(other.post))
    shuffled = KeptPosts(
        other.post[order],
        other.cluster[order],
        [other.source[i] for i in order],
        *({key: column[order] for key, column in part.items()} for part in (other.tagged, other.y, other.p)),  # type: ignore[arg-type]
    )
    assert on_same_posts("coverage", FIGURE, one, shuffled) == pytest.approx(found) or on_same_posts(
        "coverage", FIGURE, one, shuffled
    ).z == pytest.approx(found.z)  # type: ignore[union-attr]
    moved = other.post.copy()
    moved[:100] += np.uint64(1)
    part = on_same_posts("coverage", FIGURE, one, replace(other, post=moved))
    assert part is not None
    assert (part.test, part.n) == ("overlapping", 300)


def test_performance_is_tested_on_posts_with_one_label() -> None:
    one = kept()
    p = {key: np.clip(column * 0.8, 0, 1).astype(np.float32) for key, column in one.p.items()}
    tagged = {
        key: np.where(np.isfinite(p[key]), (p[key] >= 0.5).astype(np.int8), column)
        for key, column in one.tagged.items()
    }
    other = replace(one, p=p, tagged=tagged)
    for name in ("precision", "recall", "f1", "brier"):
        found = on_same_posts("performance", Figure("rumour", "a", name, 0.5, 100), other, one)
        assert found is not None, name
        assert (found.test, found.n) == ("paired", 100)
    assert on_same_posts("performance", Figure("rumour", "nowhere", "f1", 0.5, 100), other, one) is None
    assert on_same_posts("performance", Figure("rumour", "a, weibo", "f1", 0.5, 100), other, one) is None
    assert on_same_posts("themes", Figure("rumour", "a", "f1", 0.5, 100), other, one) is None


def test_A1_nothing_kept_and_the_same_tags_have_no_test() -> None:
    one = kept()
    assert on_same_posts("coverage", FIGURE, None, one) is None
    assert on_same_posts("coverage", FIGURE, one, one) is None
    assert on_same_posts("coverage", replace(FIGURE, category="another"), one, one) is None


def test_what_has_no_spread_or_shares_no_post_has_no_test() -> None:
    sharp = [Figure("a", ALL, "alleged", value, 9, value, value, "wilson") for value in (0.2, 0.4)]
    assert independent(*sharp) is None
    one = kept()
    elsewhere = replace(one, post=one.post + np.uint64(2**40))
    assert not set(one.post.tolist()) & set(elsewhere.post.tolist())
    assert on_same_posts("coverage", FIGURE, one, elsewhere) is None
    assert on_same_posts("performance", Figure("rumour", "a", "f1", 0.5, 100), one, one) is None
    assert _by_error(0.1, 0.0, "overlapping", 9) is None
    found = _by_error(0.1, 0.05, "overlapping", 9)
    assert found is not None
    assert (found.z, found.n, found.test) == (pytest.approx(2.0), 9, "overlapping")


def test_A4_of_many_changed_posts_p_is_that_of_the_normal() -> None:
    before, after = np.repeat([True, False, True], (150, 110, 40)), np.repeat([False, True, True], (150, 110, 40))
    found = mcnemar(before, after, None)
    plain = mcnemar_of_statsmodels([[40, 150], [110, 0]], exact=False, correction=False)
    assert found is not None
    assert found.p == pytest.approx(float(plain.pvalue))
