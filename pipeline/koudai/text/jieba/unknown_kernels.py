"""Unknown words: runs without dictionary words, segmented by jieba's hidden Markov model and letter rules, compiled.

Promises: the tokens of ``jieba.finalseg``: the same float64 sums in the same order, and of equal states the one later
in the alphabet. ``ends[k]`` is 1 where a token ends before unit ``k``. Called by ``segment_kernels``, which defines
units and codes.

Source: the Viterbi algorithm, as in fxsjy/jieba 0.42.1, ``jieba/finalseg/__init__.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.compiled.jit import compiled
from koudai.text.jieba.trie import (
    BASE_SHIFT,
    FIRST_HAN_CODE,
    LABELS,
    LAST_ALNUM_CODE,
    LAST_DIGIT_CODE,
    WEIGHT_SHIFT,
    WEIGHTS,
)

_DOT, _PERCENT = LAST_ALNUM_CODE + 1, LAST_ALNUM_CODE + 2
_NO_WORD = -np.inf
u = np.uint64


@compiled
def is_word(codes: Any, begin: Any, end: Any, tables: Any) -> Any:
    """Return the index of the weight of the two or more units from `begin` to `end` as a word; 0 if they are none."""
    here = np.int64(tables.base[u(codes[u(begin)])])
    weight = np.int64(0)
    for at in range(begin + 1, end):
        character = np.int64(codes[u(at)])
        step = tables.table[u(here + character)]
        if step & LABELS != character or step == 0:
            return np.int64(0)
        weight = step >> WEIGHT_SHIFT & WEIGHTS
        here = step >> BASE_SHIFT
    return weight


@compiled
def mark_pairs(runs: Any, work: Any, tables: Any) -> Any:
    """Segment runs of two Chinese units by the hidden Markov model; keep the other runs and return their number.

    Half of all runs are such. They have two paths, one word or two, which are compared without a branch.
    """
    codes, starts, stops, pair, ends = work.codes, work.starts, work.stops, work.pair, work.ends
    emit, chain = tables.emit, tables.chain
    kept = np.int64(0)
    for run in range(runs):
        begin, end = np.int64(starts[u(run)]), np.int64(stops[u(run)])
        one, two = u(codes[u(begin)]), u(codes[u(begin + 1)])
        b = chain[0] + emit[one, 0] + chain[6] + emit[two, 1]
        m = chain[2] + emit[one, 2] + chain[7] + emit[two, 1]
        e = chain[1] + emit[one, 1] + chain[10] + emit[two, 3]
        s = chain[3] + emit[one, 3] + chain[11] + emit[two, 3]
        apart = np.int64((s if s >= e else e) >= (m if m >= b else b))
        mine = np.int64(end - begin == 2) & np.int64(one >= FIRST_HAN_CODE) & np.int64(two >= FIRST_HAN_CODE)
        mine &= np.int64(pair[u(begin)] == _NO_WORD)
        ends[u(begin + 1)] = apart | (mine ^ 1)
        starts[u(kept)] = begin
        stops[u(kept)] = end
        kept += mine ^ 1
    return kept


@compiled
def mark_run(begin: Any, end: Any, split: Any, work: Any, tables: Any) -> None:
    """Mark the ends of tokens in a run of two or more single units."""
    codes, ends = work.codes, work.ends
    length = end - begin
    if length == 2:
        known = work.pair[u(begin)] > _NO_WORD
    elif length == 3:
        known = work.third[u(begin)] > _NO_WORD
    elif length == 4:
        known = work.fourth[u(begin)] > _NO_WORD
    else:
        known = work.deep[u(begin)] != 0 and tables.weights[u(is_word(codes, begin, end, tables))] > _NO_WORD
    at = end if known else begin
    while at < end:
        stop = at + 1
        if codes[u(at)] < FIRST_HAN_CODE:
            while stop < end and codes[u(stop)] < FIRST_HAN_CODE:
                stop += 1
            mark_latin(at, stop, codes, ends)
        else:
            while stop < end and codes[u(stop)] >= FIRST_HAN_CODE:
                stop += 1
            if stop - at > 1:
                viterbi(at, stop, codes, ends, tables)
                if split:
                    split_forced(at, stop, split, codes, ends, tables)
        at = stop


@compiled
def viterbi(begin: Any, end: Any, codes: Any, ends: Any, tables: Any) -> None:
    """Mark the ends of the words of the hidden Markov model in the units from `begin` to `end`, all Chinese.

    The forward pass stores in bits of `ends` from which of two states each state came; the backward pass reads them.
    """
    emit, chain = tables.emit, tables.chain
    code = u(codes[u(begin)])
    b, e, m, s = chain[0] + emit[code, 0], chain[1] + emit[code, 1], chain[2] + emit[code, 2], chain[3] + emit[code, 3]
    for at in range(begin + 1, end):
        code = u(codes[u(at)])
        first, last, middle, alone = emit[code, 0], emit[code, 1], emit[code, 2], emit[code, 3]
        e_b, s_b = e + chain[4] + first, s + chain[5] + first
        b_e, m_e = b + chain[6] + last, m + chain[7] + last
        b_m, m_m = b + chain[8] + middle, m + chain[9] + middle
        e_s, s_s = e + chain[10] + alone, s + chain[11] + alone
        ends[u(at + 1)] = (
            np.int64(s_b >= e_b) | np.int64(m_e >= b_e) << 1 | np.int64(m_m >= b_m) << 2 | np.int64(s_s >= e_s) << 3
        )
        b, e = s_b if s_b >= e_b else e_b, m_e if m_e >= b_e else b_e
        m, s = m_m if m_m >= b_m else b_m, s_s if s_s >= e_s else e_s
    state = np.int64(3) if s >= e else np.int64(1)
    for back in range(end - begin - 1):
        at = end - back
        bit = np.int64(ends[u(at)]) >> state & 1
        ends[u(at)] = state & 1
        state = 2 * bit + (1 ^ (state ^ state >> 1) & 1)
    ends[u(begin + 1)] = state & 1


@compiled
def split_forced(begin: Any, end: Any, split: Any, codes: Any, ends: Any, tables: Any) -> None:
    """Split the words between `begin` and `end` that the hidden Markov model may not produce into characters."""
    word = begin
    for at in range(begin + 1, end + 1):
        if ends[u(at)]:
            if at > word + 1 and is_word(codes, word, at, tables) >= split:
                for character in range(word + 1, at):
                    ends[u(character)] = 1
            word = at


@compiled
def mark_latin(begin: Any, end: Any, codes: Any, ends: Any) -> None:
    """Join the parts of numbers, percentages, letters and marks in a run of units that are not Chinese."""
    at = begin
    while at < end:
        start = at
        if codes[u(at)] <= LAST_ALNUM_CODE:
            while at < end and codes[u(at)] <= LAST_ALNUM_CODE:
                at += 1
            if at + 1 < end and codes[u(at)] == _DOT and codes[u(at + 1)] <= LAST_DIGIT_CODE:
                at += 1
                while at < end and codes[u(at)] <= LAST_DIGIT_CODE:
                    at += 1
            if at < end and codes[u(at)] == _PERCENT:
                at += 1
        else:
            while at < end and codes[u(at)] > LAST_ALNUM_CODE:
                at += 1
        for unit in range(start + 1, at):
            ends[u(unit)] = 0


@compiled
def mark_letters(units: Any, codes: Any, ends: Any) -> None:
    """Join single letters and digits, as jieba does without its hidden Markov model."""
    begun, joining = True, False
    for unit in range(units):
        ended = ends[u(unit + 1)] != 0
        letter = begun and ended and 0 < codes[u(unit)] <= LAST_ALNUM_CODE
        if joining and letter:
            ends[u(unit)] = 0
        begun, joining = ended, letter
