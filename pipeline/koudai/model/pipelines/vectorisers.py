"""Vectorisers of a fitted pipeline, read as blocks of features: jieba's words, characters, or both.

Promises: the blocks count and weigh as the vectoriser does; what they cannot is refused by the name of the parameter. A
tokenizer is believed to be jieba's only after it cut texts and terms as jieba does. Reads objects, never a pickle.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import UsageError
from koudai.model.bundle.bundle import GOLDEN_POSTS, LONGEST_NGRAM
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.text.jieba.segment import Segmenter

PROBES = 2000
"""Terms that a tokenizer is tried on, at most, besides the golden posts."""
_PLAIN = {
    "input": "content",
    "lowercase": True,
    "strip_accents": None,
    "preprocessor": None,
    "binary": False,
    "norm": "l2",
}
"""What blocks do, whatever a vectoriser could be told otherwise."""


@dataclass(frozen=True)
class ReadFeatures:
    """What a vectoriser was read as.

    Parameters
    ----------
    segmenter
        jieba, as the vectoriser calls it.
    blocks
        Words, then characters, terms in their order.
    columns : ndarray of intp, shape (n_features,)
        The column of the vectoriser that each feature of the blocks is.
    scale : ndarray of float64, shape (n_features,)
        What a union multiplies each feature by.
    """

    segmenter: Segmenter
    blocks: tuple[FeatureBlock, ...]
    columns: NDArray[np.intp]
    scale: NDArray[np.float64]


def read_features(vectoriser: Any, *, where: str) -> ReadFeatures:
    """Read a fitted vectoriser, or a union of one of words and one of characters.

    Parameters
    ----------
    vectoriser
        A `TfidfVectorizer` with jieba's words or with characters, a `JiebaTfidfVectorizer`, or a `FeatureUnion` of two.
    where
        Its name in the pipeline.

    Raises
    ------
    UsageError
        If it cannot be carried: says which parameter.

    Examples
    --------
    >>> from koudai import JiebaTfidfVectorizer
    >>> read = read_features(JiebaTfidfVectorizer().fit(["停水了"]), where="tfidf")
    >>> read.blocks[0].terms
    ['了', '停水']
    """
    from sklearn.pipeline import FeatureUnion

    parts: list[tuple[FeatureBlock, Segmenter | None, float]] = []
    if isinstance(vectoriser, FeatureUnion):
        weights = vectoriser.transformer_weights or {}
        for name, one in vectoriser.transformer_list:
            blocks, segmenter = _read(one, where=f"{where}.{name}")
            parts += [(block, segmenter, float(weights.get(name, 1.0))) for block in blocks]
    else:
        blocks, segmenter = _read(vectoriser, where=where)
        parts += [(block, segmenter, 1.0) for block in blocks]
    kinds = [block.kind for block, _, _ in parts]
    if sorted(set(kinds)) != sorted(kinds):
        raise refused(what="two vectorisers of one kind", where=where, expected="one of words and one of characters")
    ends = np.cumsum([0, *(len(block.terms) for block, _, _ in parts)])
    order = sorted(range(len(parts)), key=lambda number: kinds[number] != WORDS)
    turned, columns, scale = [], [], []
    for number in order:
        block, _, weight = parts[number]
        turn = np.array(sorted(range(len(block.terms)), key=block.terms.__getitem__), np.intp)
        terms = tuple(block.terms[place] for place in turn.tolist())
        turned.append(
            FeatureBlock(block.kind, block.ngrams, terms, block.idf[turn], block.sublinear_tf, block.stop_words)
        )
        columns.append(ends[number] + turn)
        scale.append(np.full(len(turn), weight))
    segmenter = next((one for block, one, _ in parts if block.kind == WORDS and one is not None), Segmenter())
    return ReadFeatures(segmenter, tuple(turned), np.concatenate(columns), np.concatenate(scale))


def refused(*, what: str, where: str, expected: str, todo: str | None = None) -> UsageError:
    """Return the error of a part of a pipeline that a bundle cannot carry."""
    return UsageError(
        what=f"a bundle cannot carry {what}", where=where, expected=expected, happened="nothing was written", todo=todo
    )


def _read(vectoriser: Any, *, where: str) -> tuple[list[FeatureBlock], Segmenter | None]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.utils.validation import check_is_fitted

    from koudai.model.vectoriser.features import JiebaTfidfVectorizer

    named = type(vectoriser).__name__
    if not isinstance(vectoriser, TfidfVectorizer):
        raise refused(what=named, where=where, expected="a TfidfVectorizer or a JiebaTfidfVectorizer")
    check_is_fitted(vectoriser)
    for name, value in _PLAIN.items():
        if getattr(vectoriser, name) != value:
            got = getattr(vectoriser, name)
            raise refused(what=f"{named} with {name}={got!r}", where=where, expected=f"{name}={value!r}")
    if isinstance(vectoriser, JiebaTfidfVectorizer) and vectoriser.tokenizer is None and vectoriser.analyzer == "word":
        ranges = ((WORDS, vectoriser.ngram_range), (CHARS, vectoriser.char_ngram_range))
        wanted = [(kind, span) for kind, span in ranges if span is not None]
        segmenter = Segmenter(hmm=vectoriser._segmenter.hmm, user_dict=vectoriser._segmenter.user_words)
        names = [block.terms.texts() for block in vectoriser._blocks]
        ends = np.cumsum([len(one) for one in names])
        idfs = np.split(_idf(vectoriser, int(ends[-1])), ends[:-1])
        parts = zip(wanted, names, idfs, strict=True)
        return [_block(vectoriser, kind, span, terms, idf, where) for (kind, span), terms, idf in parts], segmenter
    terms = vectoriser.get_feature_names_out().tolist()
    idf = _idf(vectoriser, len(terms))
    if vectoriser.analyzer == "char":
        return [_block(vectoriser, CHARS, vectoriser.ngram_range, terms, idf, where)], None
    if vectoriser.analyzer != "word" or vectoriser.tokenizer is None:
        got = f"analyzer={vectoriser.analyzer!r}" if vectoriser.analyzer != "word" else "tokenizer=None"
        raise refused(what=f"{named} with {got}", where=where, expected='tokenizer=jieba.lcut, or analyzer="char"')
    segmenter = _jieba_like(vectoriser.tokenizer, terms, where=where)
    return [_block(vectoriser, WORDS, vectoriser.ngram_range, terms, idf, where)], segmenter


def _idf(vectoriser: Any, terms: int) -> NDArray[np.float64]:
    return np.asarray(vectoriser.idf_, np.float64) if vectoriser._tfidf.use_idf else np.ones(terms)


def _block(
    vectoriser: Any, kind: str, span: tuple[int, int], terms: Sequence[Any], idf: NDArray[np.float64], where: str
) -> FeatureBlock:
    if not 1 <= span[0] <= span[1] <= LONGEST_NGRAM:
        raise refused(what=f"n-grams of {span}", where=where, expected=f"1 to {LONGEST_NGRAM}")
    if not all(isinstance(term, str) and term for term in terms):
        raise refused(what="terms that are no text", where=where, expected="non-empty strings")
    if not (np.isfinite(idf).all() and (idf > 0).all()):
        raise refused(what="an idf that is not above 0", where=where, expected="finite numbers above 0")
    stop_words: tuple[str, ...] = ()
    if kind == WORDS and vectoriser.stop_words is not None:
        stop_words = tuple(sorted(vectoriser.get_stop_words()))
    low, high = (int(n) for n in span)
    return FeatureBlock(kind, (low, high), tuple(terms), idf, bool(vectoriser._tfidf.sublinear_tf), stop_words)


def _jieba_like(tokenizer: Callable[[str], Any], terms: Sequence[str], *, where: str) -> Segmenter:
    """Return the segmenter that cuts as a tokenizer does; refuses one that no segmenter equals."""
    step = -(-len(terms) // PROBES)
    probes = [*GOLDEN_POSTS, *(term.replace(" ", "") for term in terms[::step])]
    probes = [text.lower() for text in probes if text]
    try:
        cuts = [list(tokenizer(text)) for text in probes]
    except Exception as error:
        raise refused(what=f"a tokenizer that fails: {error!r}", where=where, expected="jieba's words") from error
    differ: list[str] = []
    for hmm in (True, False):
        segmenter = Segmenter(hmm=hmm)
        differ = [text for text, cut, ours in zip(probes, cuts, segmenter.cut_many(probes), strict=True) if cut != ours]
        if not differ:
            return segmenter
    raise refused(
        what=f"the tokenizer {_named(tokenizer)}",
        where=where,
        expected="jieba.lcut or jieba.cut, in a function or not, without words of your own",
        todo=f"it cuts {differ[0][:20]!r} otherwise; a JiebaTfidfVectorizer takes words of your own as `user_dict`",
    )


def _named(tokenizer: Any) -> str:
    if isinstance(tokenizer, functools.partial):
        return f"partial({_named(tokenizer.func)})"
    return getattr(tokenizer, "__qualname__", type(tokenizer).__name__) if not inspect.isclass(tokenizer) else "class"
