"""The arrays of the segmentation kernels: a dictionary as a double array, and the tables of a hidden Markov model.

Promises: the same on every machine; ``trie.py`` makes them, ``dictionary.py`` caches them, the kernels read them. Holds
no behaviour.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FIRST_HAN, LAST_HAN = 0x4E00, 0x9FD5


class Tables(NamedTuple):
    """A dictionary and a hidden Markov model.

    Attributes
    ----------
    codes : ndarray of uint16, shape (128 + 20950,)
        Code of each ASCII character, then of each character from U+4E00 to U+9FD5; 0 for characters in no word. 1-62
        are digits and letters, 63 and 64 are ``.`` and ``%``, 65-69 the other marks, Chinese characters from 70 on.
    base : ndarray of int32, shape (n_codes + 1,)
        Base of the node of each first character.
    single : ndarray of float64, shape (n_codes + 1,)
        Log-probability of each character as a word of its own; minus infinity where jieba allows that only if no other
        word begins there. The first is that of a character without a count.
    table : ndarray of int64
        Transitions: bits 0-14 code, 15-38 index into `weights`, 39-62 base.
    weights : ndarray of float64
        Log-probabilities of words; minus infinity where there is no word.
    emit : ndarray of float64, shape (n_codes + 1, 4)
        Log-probability of each character in the states B, E, M, S.
    chain : ndarray of float64, shape (12,)
        Log-probabilities of starting in B, E, M, S, then of E-B, S-B, B-E, M-E, B-M, M-M, E-S, S-S.
    split : ndarray of int64, shape (1,)
        Index of the first weight of words that the hidden Markov model may not produce.
    """

    codes: Array
    base: Array
    single: Array
    table: Array
    weights: Array
    emit: Array
    chain: Array
    split: Array


EMPTY = Tables(
    codes=np.zeros(128 + LAST_HAN - FIRST_HAN + 1, np.uint16),
    base=np.zeros(1, np.int32),
    single=np.zeros(1),
    table=np.zeros(1, np.int64),
    weights=np.array([-np.inf]),
    emit=np.zeros((1, 4)),
    chain=np.zeros(12),
    split=np.ones(1, np.int64),
)
"""A dictionary without words."""
