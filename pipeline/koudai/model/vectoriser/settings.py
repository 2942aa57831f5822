"""Settings: the checked parameters of a vectoriser.

Promises: parameters that scikit-learn refuses raise its own error, and those it warns of give the same warning; no
other part of the vectoriser reads an unchecked parameter.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from operator import index
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.text.jieba.lexicon import warn_of_words
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8, of_texts

_READ = ("input", "encoding", "decode_error", "strip_accents", "lowercase", "preprocessor", "stop_words", "vocabulary")
"""Parameters that are passed to scikit-learn's vectoriser."""


class Settings(NamedTuple):
    """Checked settings of a vectoriser.

    Attributes
    ----------
    like
        scikit-learn's vectoriser with the same parameters.
    segmenter
        Word segmenter.
    ranges
        Smallest and largest n of each kind of n-grams.
    stop_words
        Words that are left out.
    terms
        Terms to count, by column, or None to learn them.
    """

    like: Any
    segmenter: Segmenter
    ranges: dict[str, tuple[int, int]]
    stop_words: list[str]
    terms: Utf8 | None


def segmenter_of_parameters(parameters: Mapping[str, Any]) -> Segmenter:
    """Return the segmenter that the parameters of a `JiebaTfidfVectorizer` ask for.

    Raises
    ------
    ConfigError
        If a line of the user dictionary is of another form.
    """
    words = parameters["user_dict"]
    return Segmenter(
        hmm=bool(parameters["hmm"]), user_dict=Path(words) if isinstance(words, str | os.PathLike) else words
    )


def char_analyzer(parameters: Mapping[str, Any]) -> Callable[[Any], list[str]]:
    """Return scikit-learn's function that makes of a document its n-grams of characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    told = {name: parameters[name] for name in _READ if name not in ("stop_words", "vocabulary")}
    like = TfidfVectorizer(analyzer="char", ngram_range=parameters["char_ngram_range"], **told)
    analyzer: Callable[[Any], list[str]] = like.build_analyzer()
    return analyzer


def settings(parameters: Mapping[str, Any], like: Any = None) -> Settings:
    """Check the parameters of a `JiebaTfidfVectorizer`.

    Parameters
    ----------
    parameters
        By name.
    like
        The vectoriser that they are of, whose stop words are checked once; by default one of scikit-learn's like it.

    Raises
    ------
    ValueError, TypeError
        If n-grams, stop words or a vocabulary cannot be used.
    ConfigError
        If a line of the user dictionary is of another form.

    Examples
    --------
    >>> from koudai import JiebaTfidfVectorizer
    >>> settings(JiebaTfidfVectorizer(ngram_range=(1, 2)).get_params()).ranges
    {'words': (1, 2)}
    """
    from sklearn.utils.validation import FLOAT_DTYPES

    if parameters["dtype"] not in FLOAT_DTYPES:
        _warn(f"Only {FLOAT_DTYPES} 'dtype' should be used. {parameters['dtype']} 'dtype' is converted to np.float64.")
    segmenter = segmenter_of_parameters(parameters)
    if parameters["lowercase"]:
        capital = [word.word for word in segmenter.user_words if word.word != word.word.lower()]
        warn_of_words(capital, "word(s) are in no text, as lowercase=True changes them")
    mine, ranges = alike(parameters, segmenter), _ranges(parameters)
    stop_words: list[str] = []
    if WORDS in ranges and parameters["stop_words"] is not None:
        (like or mine).build_analyzer()  # warns of stop words that the tokenizer splits
        stop_words = [word for word in mine.get_stop_words() if isinstance(word, str)]
    return Settings(mine, segmenter, ranges, stop_words, _terms(parameters, mine, ranges))


def alike(parameters: Mapping[str, Any], segmenter: Segmenter | None = None) -> Any:
    """Return a `TfidfVectorizer` with the same parameters; its tokenizer is `segmenter`, if given.

    Examples
    --------
    >>> from koudai import JiebaTfidfVectorizer
    >>> alike(JiebaTfidfVectorizer().get_params()).lowercase
    True
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    tokenizer = segmenter.cut if segmenter else None
    return TfidfVectorizer(tokenizer=tokenizer, token_pattern=None, **{name: parameters[name] for name in _READ})


def float_type(dtype: Any) -> Any:
    """Return the dtype in which scikit-learn computes weights: float32 for float32, else float64.

    Examples
    --------
    >>> float_type(np.float32)
    <class 'numpy.float32'>
    >>> float_type(np.int64)
    <class 'numpy.float64'>
    """
    return np.float32 if np.dtype(dtype) == np.float32 else np.float64


def _ranges(parameters: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    ranges = {}
    for name, kind in (("ngram_range", WORDS), ("char_ngram_range", CHARS)):
        if parameters[name] is not None:
            low, high = map(index, parameters[name])
            if low > high:
                message = f"Invalid value for {name}={(low, high)} lower boundary larger than the upper boundary."
                raise ValueError(message)
            if low < 1:
                message = f"Invalid value for {name}={(low, high)} lower boundary smaller than 1."
                raise ValueError(message)
            ranges[kind] = (low, high)
    if not ranges:
        message = "ngram_range and char_ngram_range are both None: there is nothing to count"
        raise ValueError(message)
    return ranges


def _terms(parameters: Mapping[str, Any], like: Any, ranges: Mapping[str, Any]) -> Utf8 | None:
    """Return the given vocabulary, by column, after scikit-learn has validated it."""
    if parameters["vocabulary"] is None:
        return None
    if len(ranges) > 1:
        message = "vocabulary is for words or for characters: set ngram_range or char_ngram_range to None"
        raise ValueError(message)
    terms = like.get_feature_names_out().tolist()
    if not all(isinstance(term, str) for term in terms):
        message = "a term of vocabulary is not a string"
        raise TypeError(message)
    if parameters["lowercase"] and any(map(str.isupper, "".join(terms))):
        _warn(
            "Upper case characters found in vocabulary while 'lowercase' is True. These entries will not be matched "
            "with any documents"
        )
    return of_texts(terms)


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=6)
