"""α of sets: MASI against nltk's published value, α against nltk's and by pairs of sets; children, samples, nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.frame import ALL
from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.audit_input import LabelledSample
from koudai.audit.measures.agreement import sums_by_cluster
from koudai.audit.measures.set_agreement import set_agreement, sets_interval
from koudai.audit.set_labels import SetLabels, masi
from tests.audit.table import KEYS, figures, one, table

A, B, C = (frozenset(one) for one in ("a", "ab", ""))
SETS = st.frozensets(st.sampled_from("abc"))
quick = settings(derandomize=True, deadline=None, max_examples=60)


def marked(rows: list[tuple[frozenset[str] | None, ...]]) -> np.ndarray:
    return np.array(
        [[[-1] * 3 if said is None else [int(one in said) for one in "abc"] for said in row] for row in rows],
        dtype=np.int8,
    )


def alpha(rows: list[tuple[frozenset[str] | None, ...]]) -> float:
    sets = SetLabels.of(marked(rows))
    return float(sets.alpha(sets.sums.sum(axis=0, keepdims=True))[0])


def distance(x: frozenset[str], y: frozenset[str]) -> float:
    """By the definition of Passonneau 2006; two empty sets, of which it does not speak, are equal."""
    if x == y:
        return 0.0
    m = 2 / 3 if x < y or y < x else 1 / 3 if x & y else 0.0
    return 1 - len(x & y) / len(x | y) * m


def test_masi_is_what_nltk_publishes() -> None:
    """Its documentation has 2/3 for {1, 2} and {1, 2, 3, 4}. Of two empty sets it says nothing: it divides by zero."""
    found = masi(np.array([[1, 1, 0, 0], [1, 1, 1, 1]], dtype=bool))
    assert found[0, 1] == pytest.approx(0.6666666666666667)
    assert masi(np.zeros((2, 3), dtype=bool)).tolist() == [[0, 0], [0, 0]]


@quick
@every(st.lists(st.tuples(*[SETS | st.none()] * 3), min_size=1, max_size=10))
def test_alpha_is_that_of_nltk_and_of_every_pair(rows: list[tuple[frozenset[str] | None, ...]]) -> None:
    from nltk.metrics.agreement import AnnotationTask

    kept = [[said for said in row if said is not None] for row in rows]
    kept = [row for row in kept if len(row) > 1]
    labels = [said for row in kept for said in row]
    n = len(labels)
    observed = sum(distance(x, y) / (len(row) - 1) for row in kept for x, y in permutations(row, 2))
    expected = sum(distance(x, y) for x, y in permutations(labels, 2))
    found = alpha(rows)
    if not expected:
        assert np.isnan(found)
        return
    assert found == pytest.approx(1 - (n - 1) * observed / expected, abs=1e-12)
    said = [(f"a{a}", f"p{p}", one) for p, row in enumerate(kept) for a, one in enumerate(row)]
    assert found == pytest.approx(AnnotationTask(data=said, distance=distance).alpha(), abs=1e-9)


def test_by_hand() -> None:
    """Three posts: {a} {a}, {b} {a b}, {} {}. Dₒ = (2 · 2/3)/6; of the 30 ordered pairs of sets the distances add up to
    24, so Dₑ = .8.
    """
    found = alpha([(A, A), (frozenset("b"), B), (C, C)])
    assert found == pytest.approx(1 - (2 * (2 / 3) / 6) / 0.8)


def test_sets_are_over_leaves_and_over_the_children_of_each_category() -> None:
    random = np.random.default_rng(1)
    said = random.integers(0, 2, (60, 1, 4)) ^ (random.random((60, 3, 4)) < 0.1)
    coded = {key: said[:, :, column].astype(np.int32) for column, key in enumerate(KEYS)}
    ids = [f"x{i}" for i in range(60)]
    annotations = Annotations(("A1", "A2", "A3"), ("no", "yes"), ids, np.full(60, "", dtype=object), coded)
    frame = set_agreement(table(annotations=annotations, sample=None))
    whole, posing = (one(frame, key, ALL, "alpha_sets") for key in (ALL, "posing"))
    assert [(figure.category, figure.n) for figure in frame.figures] == [(ALL, 60), ("posing", 60)]
    leaves = SetLabels.of(said[:, :, [0, 2, 3]].astype(np.int8))
    assert whole.value == pytest.approx(leaves.alpha(leaves.sums.sum(axis=0, keepdims=True))[0])
    assert whole.low < whole.value < whole.high  # type: ignore[operator]
    assert posing.value is not None
    one_cluster = replace(annotations, cluster=np.full(60, "e", dtype=object))
    found = one(set_agreement(table(annotations=one_cluster, sample=None)), ALL, ALL, "alpha_sets")
    assert (found.low, found.interval) == (None, "none, one cluster")

    labels = np.moveaxis(said, 1, 0)[:, :12].astype(np.int8)
    sample = LabelledSample(KEYS, np.zeros(12, dtype=np.int64), np.arange(12), labels)
    both = set_agreement(table(annotations=annotations, sample=sample))
    assert {figure.group for figure in figures(both, category="posing")} == {ALL, "sample"}
    alone = one(set_agreement(table(annotations=None, sample=sample)), "posing", ALL, "alpha_sets")
    assert alone.interval == "bootstrap over posts"
    assert alone.value == pytest.approx(alpha_of(labels[:, :, [2, 3]]))


def alpha_of(labels: np.ndarray) -> float:
    sets = SetLabels.of(labels.transpose(1, 0, 2))
    value, _, _ = sets_interval(sets, sums_by_cluster(sets.sums, np.arange(len(sets.rows))), np.random.default_rng(1))
    return value


def test_one_category_alone_has_no_sets() -> None:
    assert set_agreement(table(sample=None)).figures == ()
