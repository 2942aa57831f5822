"""Overlap: Jaccard and conditional shares, by hand and against scikit-learn (A4); no figure without posts (A1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import jaccard_score

from koudai.audit.measures.overlap import overlap
from koudai.training.intervals import WHOLE_POPULATION, wilson
from tests.audit.table import KEYS, figures, one, table

R, P, A, N = KEYS


@pytest.mark.parametrize(
    ("a", "b", "both", "either", "of_a"),
    [(R, P, 2, 7, 4), (P, R, 2, 7, 5), (R, A, 1, 6, 4), (A, R, 1, 6, 3), (R, N, 1, 6, 4), (A, N, 1, 5, 3)],
)
def test_A4_by_hand(a: str, b: str, both: int, either: int, of_a: int) -> None:
    told = one(overlap(table()), a, b, "jaccard")
    assert (told.value, told.low, told.interval) == (both / either, None, WHOLE_POPULATION)
    frame = overlap(replace(table(), superpopulation=True, texts=None))
    jaccard, given_a = one(frame, a, b, "jaccard"), one(frame, a, b, "given")
    assert (jaccard.value, jaccard.low, jaccard.high, jaccard.n) == (*wilson(both, either), either)
    assert (given_a.value, given_a.n) == (both / of_a, of_a)


def test_a_category_and_its_own_parent_are_left_out() -> None:
    pairs = {(figure.category, figure.group) for figure in overlap(table()).figures}
    assert pairs == {(a, b) for a in KEYS for b in KEYS if a != b} - {(P, A), (A, P), (P, N), (N, P)}


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_A4_against_scikit_learn(rows: list[tuple[bool, ...]]) -> None:
    alleged = np.array(rows, dtype=bool)
    frame = overlap(table(alleged=alleged))
    for figure in figures(frame, statistic="jaccard"):
        a, b = alleged[:, KEYS.index(figure.category)], alleged[:, KEYS.index(figure.group)]
        if figure.n:
            assert figure.value == pytest.approx(jaccard_score(a, b))
        else:
            assert not (a | b).any()
            assert figure.value is None
    for figure in figures(frame, statistic="given"):
        a, b = alleged[:, KEYS.index(figure.category)], alleged[:, KEYS.index(figure.group)]
        assert figure.n == a.sum()
        assert figure.value == (pytest.approx(b[a].mean()) if a.any() else None)


@pytest.mark.parametrize("order", [(), (7, 8), (11,)], ids=["empty", "nothing alleged", "no features"])
def test_A1_no_alleged_posts_no_values(order: tuple[int, ...]) -> None:
    for figure in overlap(table(order=order)).figures:
        assert (figure.value, figure.low, figure.high, figure.n) == (None, None, None, 0)


def test_a_category_that_takes_everything_another_takes() -> None:
    frame = overlap(table(order=(2,)))
    assert one(frame, R, A, "jaccard").value == 1.0
    assert one(frame, R, N, "jaccard").value == 0.0
    assert one(frame, N, R, "given").value is None
