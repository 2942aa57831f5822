"""Places in the double array: no two nodes in each other's way, whatever the words, in time linear in their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import ConfigError
from koudai.text.jieba import double_array
from koudai.text.jieba.double_array import Array, place
from tests.text.linear import assert_linear

CODES = 20_000
WIDE = st.integers(1, CODES)
NARROW = st.integers(1, 12)


def nodes_of(words: Iterable[tuple[int, ...]]) -> tuple[Array, Array]:
    """Return parent and label of every node of the trie of `words`."""
    nodes = sorted({word[:end] for word in words for end in range(1, len(word) + 1)})
    number = {node: index for index, node in enumerate(nodes)}
    parent = np.array([number.get(node[:-1], -1) for node in nodes], np.int64)
    return parent, np.array([node[-1] for node in nodes], np.int64)


def assert_placed(parent: Array, label: Array, base: Array, size: int) -> None:
    inner = parent >= 0
    places = base[parent[inner]] + label[inner]
    assert len(set(places.tolist())) == len(places)
    parents = sorted(set(parent[inner].tolist()))
    bases = base[parents].tolist()
    assert len(set(bases)) == len(bases)
    assert 0 not in bases
    assert np.count_nonzero(base) == len(bases)
    assert size > base.max(initial=0) + CODES


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(st.sets(st.lists(NARROW | WIDE, min_size=1, max_size=6).map(tuple), max_size=60), st.randoms())
def test_no_two_nodes_are_in_each_others_way(words: set[tuple[int, ...]], random: object) -> None:
    parent, label = nodes_of(words)
    likely = np.array([random.random() for _ in parent])  # type: ignore[attr-defined]
    base, size = place(parent, label, likely=likely, n_codes=CODES)
    assert_placed(parent, label, base, size)
    again, _ = place(parent, label, likely=likely, n_codes=CODES)
    assert np.array_equal(base, again)


def random_words(n: int) -> Iterable[tuple[int, ...]]:
    rng = np.random.default_rng(n)
    return (tuple(rng.integers(1, CODES, rng.integers(2, 7)).tolist()) for _ in range(n))


def twelve_each(n: int) -> Iterable[tuple[int, ...]]:
    """Nodes of twelve children, far apart and nowhere the same distances."""
    rng = np.random.default_rng(n)
    return (
        (1 + k % CODES, 1 + k // CODES, code) for k in range(n // 12) for code in rng.integers(1, CODES, 12).tolist()
    )


def all_alike(n: int) -> Iterable[tuple[int, ...]]:
    """Nodes of five children next to one another, and of two just as far apart."""
    return ((1 + k % CODES, code) for k in range(n // 5) for code in ((1, 2, 3, 4, 5) if k % 2 else (1, 5)))


def one_comb(n: int) -> Iterable[tuple[int, ...]]:
    return ((1, 1 + k % CODES, 1 + k // CODES) for k in range(n))


def long_words(n: int) -> Iterable[tuple[int, ...]]:
    rng = np.random.default_rng(n)
    return (tuple(rng.integers(1, 4, 300).tolist()) for _ in range(n // 300))


@pytest.mark.slow
@pytest.mark.parametrize("words", [random_words, twelve_each, all_alike, one_comb, long_words])
def test_T11_hostile_words_find_their_places_in_linear_time(words: Callable[[int], Iterable[tuple[int, ...]]]) -> None:
    def work(nodes: tuple[Array, Array]) -> None:
        parent, label = nodes
        base, size = place(parent, label, likely=np.zeros(len(parent)), n_codes=CODES)
        assert_placed(parent, label, base, size)
        assert size < 40 * CODES + 6 * len(parent)

    assert_linear(work, lambda n: nodes_of(words(n)), (10_000, 40_000))


def test_T11_more_than_fits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(double_array, "BASE_BITS", 15)
    parent, label = nodes_of(random_words(10_000))
    with pytest.raises(ConfigError, match=r"too large\n(.*\n)*.*fewer than 32,768 steps"):
        place(parent, label, likely=np.zeros(len(parent)), n_codes=CODES)
