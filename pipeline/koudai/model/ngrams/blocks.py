"""Blocks of features: TF-IDF of word n-grams and of character n-grams, each weighted and normalised by itself.

Promises: words are jieba's; both blocks equal scikit-learn's `TfidfVectorizer` (its lower-casing, n-grams, smoothed idf
and l2 norm); blocks are concatenated in the order words, characters. A fitted block is plain data: terms and idf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.config.train import FeaturesSection
from koudai.errors import TooFewPosts
from koudai.model.ngrams.counting import CHARS, WORDS, Cut, Vocabulary, cut
from koudai.model.ngrams.learning import learn
from koudai.model.ngrams.tfidf import Counted, choose, inverse_frequency, weigh
from koudai.text.characters.normalize import lowercase
from koudai.text.jieba.lexicon import lines_of, user_words
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import LazyTexts, Utf8, as_utf8

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True)
class FeatureBlock:
    """One block of features.

    Parameters
    ----------
    kind
        ``"words"`` or ``"chars"``.
    ngrams
        Smallest and largest n.
    terms
        Each feature's n-gram, sorted; words of an n-gram are joined by a space. Kept as bytes, see
        `koudai.text.utf8.LazyTexts`.
    idf : ndarray of float64, shape (n_terms,)
        ``ln((1 + n) / (1 + df)) + 1``.
    sublinear_tf
        Whether a count c has the weight ``1 + ln c`` instead of c.
    stop_words
        Words that are left out before n-grams of words are made.

    Examples
    --------
    >>> block = FeatureBlock("chars", (1, 2), ("口", "口袋", "袋"), np.ones(3), sublinear_tf=False)
    >>> block.vocabulary.size
    3
    """

    kind: str
    ngrams: tuple[int, int]
    terms: Sequence[str]
    idf: NDArray[np.float64]
    sublinear_tf: bool
    stop_words: tuple[str, ...] = ()
    _made: list[Vocabulary] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", LazyTexts.of(self.terms))

    @property
    def vocabulary(self) -> Vocabulary:
        """The terms in the form that kernels look up, those that most posts hold first."""
        if not self._made:
            order, stop_words = np.argsort(self.idf, kind="stable"), self.stop_words
            made = Vocabulary(self.terms, kind=self.kind, ngrams=self.ngrams, stop_words=stop_words, order=order)
            self._made.append(made)
        return self._made[0]

    def sharing(self, other: FeatureBlock) -> FeatureBlock:
        """Return this block with the vocabulary of another one, if that is of the same terms: it is made but once.

        Examples
        --------
        >>> one, same = (FeatureBlock("chars", (1, 1), ["口"], np.ones(1), sublinear_tf=False) for _ in range(2))
        >>> same.sharing(one).vocabulary is one.vocabulary
        True
        """
        alike = (self.kind, self.ngrams, self.stop_words) == (other.kind, other.ngrams, other.stop_words)
        mine, its = as_utf8(self.terms), as_utf8(other.terms)
        alike = alike and np.array_equal(mine.offsets, its.offsets)
        if not alike or not np.array_equal(mine.data[: mine.offsets[-1]], its.data[: its.offsets[-1]]):
            return self
        return replace(self, _made=other._made)

    def count(self, some: Cut) -> Counted:
        """Return the counts of each term in lower-cased posts, with their weighting."""
        return Counted(self.vocabulary.count(some), self.idf, self.sublinear_tf)


def fit_blocks(
    posts: Utf8,
    section: FeaturesSection,
    segmenter: Segmenter,
    *,
    advance: Callable[[int], None] = lambda posts: None,
) -> tuple[tuple[FeatureBlock, ...], sp.csr_matrix]:
    """Learn terms and idf from normalised posts.

    Parameters
    ----------
    posts
        Normalised posts.
    section
        n-gram ranges, thresholds and stop words.
    segmenter
        Word segmenter.
    advance
        Progress callback: newly counted posts, once per block.

    Returns
    -------
    blocks
        The fitted blocks.
    features : csr matrix of float64, shape (n_posts, n_features)
        The posts' features, blocks concatenated.

    Raises
    ------
    TooFewPosts
        If no term occurs in `min_df` posts.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> section = FeaturesSection(words=None, chars=(1, 2), min_df=2)
    >>> blocks, features = fit_blocks(of_texts(["口袋", "口袋里"]), section, Segmenter())
    >>> blocks[0].terms, features.shape
    (['口', '口袋', '袋'], (2, 3))
    """
    lowered = lowercase(posts)

    def fit(kind: str, ngrams: tuple[int, int]) -> tuple[FeatureBlock, Counted]:
        left_out = stop_words_of(section) if kind == WORDS else ()
        learnt = learn(
            lowered,
            kind=kind,
            ngrams=ngrams,
            segmenter=segmenter,
            stop_words=left_out,
            fewest=section.min_df,
            advance=advance,
        )
        try:
            chosen = choose(learnt, min_df=section.min_df, max_features=section.max_features)
        except ValueError as error:
            raise TooFewPosts(
                what=f"no {kind} are left to learn from",
                where="features",
                expected=f"terms that occur in at least min_df = {section.min_df} of {posts.posts} posts",
                got=error,
                happened="nothing was trained",
                todo="lower min_df or bring more posts",
            ) from error
        idf = inverse_frequency(chosen.frequency, posts.posts)
        block = FeatureBlock(kind, ngrams, LazyTexts(chosen.terms), idf, section.sublinear_tf, left_out)
        return block, Counted(chosen.counts, idf, section.sublinear_tf)

    wanted = [(kind, span) for kind, span in ((WORDS, section.words), (CHARS, section.chars)) if span is not None]
    with ThreadPoolExecutor(len(wanted)) as threads:
        found = list(threads.map(lambda one: fit(*one), wanted))
    return tuple(block for block, _ in found), weigh(*(counted for _, counted in found))


def segmenter_of(section: FeaturesSection) -> Segmenter:
    """Return a segmenter with the user's words of a config.

    Examples
    --------
    >>> segmenter_of(FeaturesSection(user_dict=["口袋罪"])).cut("寻衅滋事是口袋罪")
    ['寻衅滋事', '是', '口袋罪']
    """
    words = section.user_dict
    return Segmenter(user_dict=user_words(Path(words) if isinstance(words, str) else words, warn=False))


def stop_words_of(section: FeaturesSection) -> tuple[str, ...]:
    """Return the stop words of a config; those of a file are its lines.

    Raises
    ------
    ConfigError
        If the file cannot be read, is too long, or is not UTF-8.

    Examples
    --------
    >>> stop_words_of(FeaturesSection(stop_words=["的", "了"]))
    ('的', '了')
    """
    words = section.stop_words
    return tuple(lines_of(Path(words))) if isinstance(words, str) else words or ()


def widened(
    blocks: tuple[FeatureBlock, ...], terms: dict[str, tuple[str, ...]], posts: Utf8, segmenter: Segmenter
) -> tuple[tuple[FeatureBlock, ...], sp.csr_matrix]:
    """Add terms to fitted blocks, and return the wider blocks with the features of posts.

    Parameters
    ----------
    blocks
        From `fit_blocks`.
    terms
        Terms by kind of block; some may be in the block already.
    posts, segmenter
        As for `fit_blocks`: idf is computed on them. The document frequency of a term that occurs in none of them is
        taken as 1.

    Returns
    -------
    blocks, features
        As from `fit_blocks`.
    """
    some = cut_for(blocks, posts, segmenter)
    wide, counted = [], []
    for block in blocks:
        if block.kind in terms:
            wider = tuple(sorted({*block.terms, *terms[block.kind]}))
            block = replace(block, terms=wider, idf=np.ones(len(wider)), _made=[])
            counts = block.vocabulary.count(some)
            frequency = np.bincount(counts.indices, minlength=counts.shape[1])
            block = replace(block, idf=inverse_frequency(np.maximum(frequency, 1), posts.posts), _made=[])
            counted.append(Counted(counts, block.idf, block.sublinear_tf))
        else:
            counted.append(block.count(some))
        wide.append(block)
    return tuple(wide), weigh(*counted)


def block_features(blocks: tuple[FeatureBlock, ...], posts: Utf8, segmenter: Segmenter) -> sp.csr_matrix:
    """Return the features of normalised posts, a csr matrix of shape (n_posts, n_features), blocks concatenated.

    Each block's part of a row has l2 norm 1, or 0 without terms.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> block = FeatureBlock("chars", (1, 2), ("口", "口袋"), np.ones(2), sublinear_tf=False)
    >>> block_features((block,), of_texts(["口袋"]), Segmenter()).toarray().round(3).tolist()
    [[0.707, 0.707]]
    """
    some = cut_for(blocks, posts, segmenter)
    return weigh(*(block.count(some) for block in blocks))


def document_frequencies(block: FeatureBlock, posts: int) -> NDArray[np.int64]:
    """Return in how many of the `posts` fitted on each term of a block occurs: what its idf was made of.

    Examples
    --------
    >>> idf = np.log((1 + 10) / (1 + np.array([2, 10]))) + 1
    >>> document_frequencies(FeatureBlock("chars", (1, 1), ("口", "袋"), idf, sublinear_tf=False), 10).tolist()
    [2, 10]
    """
    return np.rint((1 + posts) / np.exp(block.idf - 1) - 1).astype(np.int64)


def cut_for(blocks: tuple[FeatureBlock, ...], posts: Utf8, segmenter: Segmenter) -> Cut:
    """Lower-case normalised posts, and segment them into words if a block counts words.

    Examples
    --------
    >>> from koudai.text.utf8 import of_texts
    >>> block = FeatureBlock("chars", (1, 1), ("a",), np.ones(1), sublinear_tf=False)
    >>> cut_for((block,), of_texts(["ABA"]), Segmenter()).posts.texts()
    ['aba']
    """
    return cut(lowercase(posts), segmenter if any(block.kind == WORDS for block in blocks) else None)
