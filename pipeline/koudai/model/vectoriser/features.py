"""TF-IDF for scikit-learn: ``TfidfVectorizer(tokenizer=jieba.lcut)``, compiled, with characters beside words.

Promises: the matrix, the feature names and the errors of scikit-learn's own vectoriser with jieba's tokens, for the
same parameters. Plain data once fitted; what is compiled is neither pickled nor compared.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import check_array, check_is_fitted

from koudai.model.ngrams.counting import WORDS, Vocabulary, cut
from koudai.model.ngrams.learning import learn
from koudai.model.ngrams.tfidf import Counted, choose, inverse_frequency, weigh
from koudai.model.vectoriser.documents import read
from koudai.model.vectoriser.settings import Settings, alike, float_type, settings
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8

_OTHERS = ("tokenizer", "token_pattern", "analyzer")
"""Parameters of scikit-learn's vectoriser that are fixed here."""


class JiebaTfidfVectorizer(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[misc, call-arg]
    """TF-IDF of Chinese texts: what ``TfidfVectorizer(tokenizer=jieba.lcut)`` gives, some fifty times faster.

    Parameters are those of scikit-learn's `TfidfVectorizer`, with its defaults, and four more. `tokenizer`,
    `token_pattern` and `analyzer` are fixed: words are jieba's.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor
        How a document becomes a string, as in `TfidfVectorizer`; only the defaults and ``lowercase=False`` are
        compiled.
    stop_words
        ``"english"`` or a list of words that are left out before n-grams of words are made.
    ngram_range : tuple (min_n, max_n), or None
        n-grams of words, from 1 on; None for characters only.
    char_ngram_range : tuple (min_n, max_n), or None
        n-grams of characters as well, normalised on their own: the result is that of a `FeatureUnion` of a vectoriser
        named ``words`` and one named ``chars`` with ``analyzer="char"``.
    max_df, min_df, max_features
        Which terms are kept; for words and characters each. Of equally frequent terms `max_features` keeps those that
        scikit-learn keeps on the same processor: numpy sorts them otherwise with AVX-512 than without.
    vocabulary : mapping or iterable, optional
        Terms to count, if not to be learnt; for words or characters, not for both.
    binary, dtype, norm, use_idf, smooth_idf, sublinear_tf
        How counts are weighed, as in `TfidfVectorizer`.
    user_dict : path, or list of lines ``word [freq] [tag]``, optional
        Words to add to jieba's dictionary, change, or (with freq 0) delete, for this vectoriser only.
    hmm
        Whether jieba's hidden Markov model segments text that is not in the dictionary.

    Attributes
    ----------
    vocabulary_ : dict
        Terms and their columns; with words and characters, each term begins with ``words__`` or ``chars__``.
    fixed_vocabulary_ : bool
        Whether `vocabulary` was given.
    idf_ : ndarray of shape (n_features,)
        Only with ``use_idf=True``.

    Raises
    ------
    ValueError, TypeError, AttributeError
        Where scikit-learn's vectoriser raises them.
    NotFittedError
        If `transform` comes before `fit`.
    ConfigError
        If a line of `user_dict` is of another form.

    Examples
    --------
    >>> from koudai import JiebaTfidfVectorizer
    >>> vectorizer = JiebaTfidfVectorizer(ngram_range=(1, 2))
    >>> X = vectorizer.fit_transform(["图书馆今天开门", "图书馆明天开门"])
    >>> vectorizer.get_feature_names_out().tolist()
    ['今天', '今天 开门', '图书馆', '图书馆 今天', '图书馆 明天', '开门', '明天', '明天 开门']
    >>> X.toarray().round(2)[0].tolist()
    [0.5, 0.5, 0.36, 0.5, 0.0, 0.36, 0.0, 0.0]
    """

    __metadata_request__fit = {"raw_documents": UNUSED}
    __metadata_request__transform = {"raw_documents": UNUSED}

    _parameter_constraints: dict[str, Any] = {
        **{name: rule for name, rule in TfidfVectorizer._parameter_constraints.items() if name not in _OTHERS},
        "ngram_range": [tuple, None],
        "char_ngram_range": [tuple, None],
        "user_dict": "no_validation",
        "hmm": ["boolean"],
    }

    def __init__(
        self,
        *,
        input: str = "content",
        encoding: str = "utf-8",
        decode_error: str = "strict",
        strip_accents: Any = None,
        lowercase: bool = True,
        preprocessor: Any = None,
        stop_words: str | list[str] | None = None,
        ngram_range: tuple[int, int] | None = (1, 1),
        char_ngram_range: tuple[int, int] | None = None,
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Any = None,
        binary: bool = False,
        dtype: Any = np.float64,
        norm: str | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        user_dict: str | os.PathLike[str] | Iterable[str] | None = None,
        hmm: bool = True,
    ) -> None:
        self.input = input
        self.encoding = encoding
        self.decode_error = decode_error
        self.strip_accents = strip_accents
        self.lowercase = lowercase
        self.preprocessor = preprocessor
        self.stop_words = stop_words
        self.ngram_range = ngram_range
        self.char_ngram_range = char_ngram_range
        self.max_df = max_df
        self.min_df = min_df
        self.max_features = max_features
        self.vocabulary = vocabulary
        self.binary = binary
        self.dtype = dtype
        self.norm = norm
        self.use_idf = use_idf
        self.smooth_idf = smooth_idf
        self.sublinear_tf = sublinear_tf
        self.user_dict = user_dict
        self.hmm = hmm

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(self, raw_documents: Any, y: Any = None) -> JiebaTfidfVectorizer:
        """Learn terms and idf from documents; `y` is ignored."""
        self._learn(raw_documents)
        return self

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit_transform(self, raw_documents: Any, y: Any = None) -> sp.csr_matrix:
        """Learn terms and idf from documents and return their features; `y` is ignored.

        Returns
        -------
        csr matrix of shape (n_documents, n_features)
        """
        return self._weighed(self._learn(raw_documents))

    def transform(self, raw_documents: Any) -> sp.csr_matrix:
        """Return the features of documents.

        Returns
        -------
        csr matrix of shape (n_documents, n_features)
        """
        check_is_fitted(self, msg="The TF-IDF vectorizer is not fitted")
        posts = read(raw_documents, alike(self.get_params(deep=False)))
        return self._weighed(self._counted(posts, self._segmenter, self._blocks))

    def inverse_transform(self, X: Any) -> list[NDArray[np.object_]]:
        """Return the terms with nonzero features, for each row."""
        names = self.get_feature_names_out()
        rows = sp.csr_matrix(check_array(X, accept_sparse="csr"), copy=True)
        rows.eliminate_zeros()
        return [names[rows.indices[start:stop]] for start, stop in itertools.pairwise(rows.indptr)]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the term of each column; with words and characters, prefixed by ``words__`` or ``chars__``."""
        if not self.__sklearn_is_fitted__():
            given: NDArray[np.object_] = alike(self.get_params(deep=False)).get_feature_names_out()
            return given
        several = len(self._blocks) > 1
        names = ([f"{block.kind}__" * several + term for term in block.terms.texts()] for block in self._blocks)
        return np.array([name for some in names for name in some], dtype=object)

    @functools.cached_property
    def vocabulary_(self) -> dict[str, int]:
        """Terms, as `get_feature_names_out` gives them, and their columns."""
        return {term: column for column, term in enumerate(self.get_feature_names_out().tolist())}

    @property
    def idf_(self) -> NDArray[Any]:
        """The idf of each column."""
        if not self.__sklearn_is_fitted__():
            message = f"{type(self).__name__} is not fitted yet: call 'fit' before using this attribute"
            raise NotFittedError(message)
        if not self._idf:
            message = "there is no idf_ with use_idf=False"
            raise AttributeError(message)
        return np.concatenate(self._idf)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_blocks")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "vocabulary_"}

    def _learn(self, documents: Any) -> list[sp.csr_matrix]:
        """Learn terms and idf; return the counts of each block."""
        asked = settings(self.get_params(deep=False))
        posts = read(documents, asked.like)
        fitted = [self._block(posts, asked, kind) for kind in asked.ranges]
        self.__dict__.pop("vocabulary_", None)
        self.fixed_vocabulary_ = asked.terms is not None
        self._segmenter, self._blocks = asked.segmenter, [block for block, _, _ in fitted]
        self._sublinear_tf, self._norm, self._idf = self.sublinear_tf, self.norm, []
        if self.use_idf:
            smooth, dtype = bool(self.smooth_idf), float_type(self.dtype)
            self._idf = [inverse_frequency(df, posts.posts, smooth=smooth, dtype=dtype) for _, _, df in fitted]
        return [counts for _, counts, _ in fitted]

    def _block(self, posts: Utf8, asked: Settings, kind: str) -> tuple[Vocabulary, sp.csr_matrix, NDArray[np.int64]]:
        """Return the vocabulary of one block, its counts, and its document frequencies."""
        how: dict[str, Any] = {"kind": kind, "ngrams": asked.ranges[kind]}
        how["stop_words"] = asked.stop_words if kind == WORDS else ()
        if asked.terms is not None:
            block = Vocabulary(asked.terms, **how)
            (counts,) = self._counted(posts, asked.segmenter, [block])
            return block, counts, np.bincount(counts.indices, minlength=block.size)
        chosen = choose(
            learn(posts, segmenter=asked.segmenter, **how),
            min_df=self.min_df,
            max_df=self.max_df,
            max_features=self.max_features,
            binary=self.binary,
            sklearn_ties=float_type(self.dtype),
        )
        return Vocabulary(chosen.terms, **how), chosen.counts, chosen.frequency

    def _counted(self, posts: Utf8, segmenter: Segmenter, blocks: list[Vocabulary]) -> list[sp.csr_matrix]:
        """Return the counts of each block."""
        if not posts.posts:
            message = "Found array with 0 sample(s) while a minimum of 1 is required."
            raise ValueError(message)
        some = cut(posts, segmenter if any(block.kind == WORDS for block in blocks) else None)
        counts = [block.count(some) for block in blocks]
        if self.binary:
            for matrix in counts:
                matrix.data.fill(1)
        return counts

    def _weighed(self, counts: list[sp.csr_matrix]) -> sp.csr_matrix:
        """Return the features, the blocks side by side."""
        idf: list[Any] = [*self._idf] if self._idf else [None] * len(counts)
        blocks = [Counted(mine, its, self._sublinear_tf) for mine, its in zip(counts, idf, strict=True)]
        matrix = weigh(*blocks, norm=self._norm, dtype=float_type(self.dtype))
        if self._norm and not np.isfinite(matrix.data).all():  # possible with smooth_idf=False
            message = f"Input contains infinity or a value too large for {matrix.dtype!r}."
            raise ValueError(message)
        return sp.csr_array(matrix) if get_config().get("sparse_interface") == "sparray" else matrix
