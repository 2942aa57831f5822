"""Packed tables of n-grams (koudai.model.ngrams.lookup_kernels): what was put in is found, what was not is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import LimitExceeded
from koudai.limits import NGRAMS
from koudai.model.ngrams import lookup_kernels
from koudai.model.ngrams.counting import CHARS, Vocabulary, cut, scorer_rows
from koudai.model.ngrams.growing import packed
from koudai.model.ngrams.growing_kernels import NgramTree
from koudai.text.utf8 import of_texts

STEPS = st.dictionaries(st.tuples(st.integers(1, 2**24 - 1), st.integers(1, 2**24 - 1)), st.none(), max_size=80)


def tables(steps: list[tuple[int, int]]) -> NgramTree:
    """Return growing tables that hold these steps only; node ``i + 1`` is behind step ``i``."""
    edges = np.zeros(2 * max(1, len(steps)), np.uint64)
    edges[: 2 * len(steps) : 2] = [before << 32 | symbol for before, symbol in steps]
    edges[1 : 2 * len(steps) : 2] = np.arange(1, len(steps) + 1)
    return NgramTree(
        words=np.zeros(4, np.uint64),
        edges=edges,
        symbol=np.zeros(1, np.uint32),
        spelled=np.zeros(1, np.uint8),
        stops=np.zeros(1, np.int64),
        size=np.array([len(steps), 0, len(steps), 0]),
    )


def pack(steps: list[tuple[int, int]], slots: int) -> tuple[bool, np.ndarray]:
    edges = np.zeros(slots, np.uint64)
    same = np.arange(2**24, dtype=np.uint32)
    with np.errstate(over="ignore"):
        fits = lookup_kernels.pack(tables(steps), same, np.zeros(1 << 16, np.uint32), edges)
    return bool(fits), edges


def found(step: tuple[int, int], edges: np.ndarray) -> int:
    with np.errstate(over="ignore"):
        key = lookup_kernels.mixed(np.uint64(step[0]), np.uint64(step[1]))
        return int(lookup_kernels.step(key, lookup_kernels.bits_of(edges), edges))


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=60)
@given(known=STEPS, others=STEPS)
def test_every_step_is_found_and_no_other(
    known: dict[tuple[int, int], None], others: dict[tuple[int, int], None]
) -> None:
    steps = list(known)
    fits, edges = pack(steps, lookup_kernels.SLOTS)
    assert fits
    assert [found(step, edges) for step in steps] == list(range(1, len(steps) + 1))
    assert {found(step, edges) for step in others if step not in known} <= {0}


def same_slot(count: int) -> list[tuple[int, int]]:
    """Return steps whose searches all begin at the first slot, by undoing the mixing of small numbers."""
    undo = pow(int(lookup_kernels._MULTIPLIER), -1, 2**48)
    keys = [mixed * undo % 2**48 for mixed in range(1, 4 * count)]
    steps = [(key >> 24, (key & (2**24 - 1)) ^ (key >> 24)) for key in keys]
    return [(node, symbol) for node, symbol in steps if node and symbol][:count]


def test_steps_that_begin_at_one_slot_lie_beside_it_up_to_64_of_them() -> None:
    steps = same_slot(65)
    fits, edges = pack(steps[:64], lookup_kernels.SLOTS)
    assert fits
    assert [found(step, edges) for step in steps] == [*range(1, 65), 0]
    fits, _ = pack(steps, lookup_kernels.SLOTS)
    assert not fits


def test_a_block_of_too_many_ngrams_is_refused() -> None:
    grams = tables([])
    grams.size[0] = NGRAMS.value + 1
    with pytest.raises(LimitExceeded, match="too many n-grams"):
        packed(grams, 0)


@pytest.mark.parametrize("categories", [1, 2, 3, 6, 12, 14, 15, 40])
def test_rows_hold_idf_and_weights_exactly_and_begin_on_a_cache_line(categories: int) -> None:
    random = np.random.default_rng(1)
    idf, weights = random.random(7) + 1, random.standard_normal((7, categories)).astype(np.float32)
    rows = scorer_rows(idf, weights)
    assert np.array_equal(rows.view(np.float64)[:, 0], idf)
    assert np.array_equal(rows[:, 2 : categories + 2], weights)
    assert rows.ctypes.data % 64 == 0
    assert rows.shape[1] % 16 == 0 or 16 % rows.shape[1] == 0


def test_threads_share_a_vocabulary() -> None:
    texts = [f"甲乙丙{number}丁戊{number % 7}" * 5 for number in range(400)]
    vocabulary = Vocabulary(["甲", "乙丙", "丁戊3", "7"], kind=CHARS, ngrams=(1, 3))
    posts = cut(of_texts(texts), None)
    alone = vocabulary.count(posts).toarray()
    with ThreadPoolExecutor(4) as pool:
        for counted in pool.map(lambda _: vocabulary.count(posts).toarray(), range(8)):
            assert np.array_equal(counted, alone)
    assert alone[3].tolist() == [5, 5, 5, 0]


def test_steps_that_do_not_fit_get_twice_the_room_until_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    whole = lookup_kernels.pack

    def refusing(grams: NgramTree, entries: object, first: np.ndarray, room: np.ndarray) -> bool:
        asked.append(len(room))
        assert not first.any()
        first[3] = 9
        if len(asked) < 3:
            return False
        first[3] = 0
        return bool(whole(grams, entries, first, room))

    monkeypatch.setattr(lookup_kernels, "pack", refusing)
    found = packed(tables([]), 0)
    assert asked == [lookup_kernels.SLOTS * times for times in (1, 2, 4)]
    assert len(found.edges) == asked[-1]
