"""Segmentation: posts into words, by jieba's dictionary and algorithm.

Promises: exactly the tokens of ``jieba.lcut`` with jieba's own dictionary, in time linear in the post, whatever else
in the process has added words to jieba or deleted some; jieba's cache file in the shared temporary folder is never
opened (it is a marshal file that others can plant, fxsjy/jieba#686). Does not normalise.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import sys
import threading
import warnings
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

_OWN_JIEBA = "_koudai_jieba"
_LOCK = threading.Lock()
_NO_JIEBA = "jieba is not installed"
_NEVER = -3.14e100
"""Log-probability of what the hidden Markov model has never seen; jieba's number."""


class Segmenter:
    """Cuts posts into words; the dictionary is read at the first cut (about a second).

    Parameters
    ----------
    hmm
        Whether runs of characters that are not in the dictionary are cut by jieba's hidden Markov model.
    """

    def __init__(self, *, hmm: bool = True) -> None:
        self.hmm = hmm

    def cut(self, text: str) -> list[str]:
        """Return the words of one post, in order; joined, they are the post."""
        words: list[str] = _tokenizer().lcut(text, HMM=self.hmm)
        return words

    def cut_many(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the words of each post."""
        return [self.cut(text) for text in texts]

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the sha256 of the dictionary."""
        return hashlib.sha256(_dictionary_path().read_bytes()).hexdigest()[:16]


def _tokenizer() -> Any:
    with _LOCK:
        return _made_tokenizer()


@functools.cache
def _made_tokenizer() -> Any:
    """Return the one tokenizer of this process, filled from the dictionary itself and known to nobody else."""
    tokenizer = _own_jieba().Tokenizer()
    with _dictionary_path().open("rb") as dictionary:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(dictionary)
    tokenizer.initialized = True
    return tokenizer


def _own_jieba() -> ModuleType:
    """Return a copy of jieba's modules under another name, so that words deleted from jieba (they are kept in a global
    set) stay words here, with the linear `_viterbi` in place of jieba's.
    """
    path = _dictionary_path().with_name("__init__.py")
    spec = importlib.util.spec_from_file_location(_OWN_JIEBA, path, submodule_search_locations=[str(path.parent)])
    if spec is None or spec.loader is None:  # only a broken installation gets here
        raise ModuleNotFoundError(_NO_JIEBA)
    own = importlib.util.module_from_spec(spec)
    sys.modules[_OWN_JIEBA] = own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec.loader.exec_module(own)
    own.finalseg.viterbi = functools.partial(_viterbi, own.finalseg.PrevStatus)
    return own


def _viterbi(
    previous: dict[str, str],
    seen: str,
    states: str,
    start: dict[str, float],
    change: dict[str, dict[str, float]],
    emit: dict[str, dict[str, float]],
) -> tuple[float, list[str]]:
    """Return the log-probability of the likeliest states of the characters `seen`, and those states.

    The same numbers in the same order as jieba's function of this name, ties included, but with pointers back instead
    of a copy of the whole path at every character: a post of 40,000 rare characters took jieba half a minute.
    """
    best = {state: start[state] + emit[state].get(seen[0], _NEVER) for state in states}
    back: list[dict[str, str]] = []
    for character in seen[1:]:
        steps = {}
        for state in states:
            emitted = emit[state].get(character, _NEVER)
            steps[state] = max((best[old] + change[old].get(state, _NEVER) + emitted, old) for old in previous[state])
        best = {state: step[0] for state, step in steps.items()}
        back.append({state: step[1] for state, step in steps.items()})
    probability, state = max((best[end], end) for end in "ES")
    path = [state]
    for pointers in reversed(back):
        path.append(pointers[path[-1]])
    return probability, path[::-1]


def _dictionary_path() -> Path:
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:  # jieba is a dependency: only a broken installation gets here
        raise ModuleNotFoundError(_NO_JIEBA)
    return Path(spec.origin).parent / "dict.txt"
