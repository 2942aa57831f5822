"""Counting known n-grams, as `CountVectorizer` does: ``koudai.model.ngrams.counting`` on ``counting_kernels``,
and ``koudai.model.ngrams.growing`` on ``growing_kernels``.
"""

from __future__ import annotations

import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from koudai.model.ngrams.counting import Cut, Vocabulary, cut
from koudai.model.ngrams.growing import grown, tree_of_stop_words, tree_of_terms
from koudai.model.ngrams.learning import learn
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from tests.model.oracles import PIECES, POSTS, TEXTS, assert_same, counting

TERMS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4)


def posts_of(texts: list[str]) -> Cut:
    return cut(of_texts(texts), Segmenter())


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=120)
@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.lists(st.one_of(TERMS.map(" ".join), TERMS.map("".join), TEXTS), min_size=1, max_size=12, unique=True),
    st.sampled_from(["words", "chars"]),
    st.sampled_from([(1, 1), (1, 3), (2, 4), (3, 3)]),
)
@example(["\r \r\n a", "  a b"], ["\r", "\r\n", "\r \r\n", "a b", "a  ", "   ", " ", "", "a ", " a"], "words", (1, 3))
@example(["a  b", "a \tb", "a b"], ["a b", "a  b", " ", "  ", "\t", "b"], "chars", (1, 4))
def test_counts_are_scikit_learn_s(texts: list[str], terms: list[str], kind: str, ngrams: tuple[int, int]) -> None:
    """Also of terms that no post can hold: two blanks among characters, words that jieba would cut, nothing at all."""
    expected = counting(kind, ngrams, vocabulary=terms, dtype=np.int32).transform(texts)
    assert_same(Vocabulary(terms, kind=kind, ngrams=ngrams).count(posts_of(texts)), expected)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(TEXTS, max_size=4), st.sampled_from(["words", "chars"]), st.sampled_from([(1, 1), (1, 3), (2, 4)]))
def test_what_is_learnt_and_planted_is_counted_again(texts: list[str], kind: str, ngrams: tuple[int, int]) -> None:
    posts = posts_of([*POSTS, *texts])
    mine = learn(posts.posts, kind=kind, ngrams=ngrams, segmenter=Segmenter(), stop_words=["的", "，"])
    every = np.arange(len(mine.frequency))
    vocabulary = Vocabulary(mine.terms(every), kind=kind, ngrams=ngrams, stop_words=["的", "，"])
    assert_same(vocabulary.count(posts), mine.counts(every))
    turned = Vocabulary(mine.terms(every[::-1].copy()).texts(), kind=kind, ngrams=ngrams, stop_words=["的", "，"])
    assert np.array_equal(turned.count(posts).toarray()[:, ::-1], mine.counts(every).toarray())


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.sampled_from(["words", "chars"]), st.sampled_from([(1, 1), (1, 3), (2, 4)]), st.integers(0, 2**32 - 1))
def test_the_order_in_which_kernels_number_terms_changes_nothing(kind: str, ngrams: tuple[int, int], seed: int) -> None:
    posts, random = posts_of([*POSTS, "", "的" * 70]), np.random.default_rng(seed)
    how: dict[str, Any] = {"kind": kind, "ngrams": ngrams, "stop_words": ["，"]}
    learnt = learn(posts.posts, segmenter=Segmenter(), **how)
    terms = learnt.terms(random.permutation(len(learnt.frequency))[: 1 + int(random.integers(len(learnt.frequency)))])
    plain, turned = (Vocabulary(terms, order=order, **how) for order in (None, random.permutation(terms.posts)))
    assert_same(turned.count(posts), plain.count(posts))
    idf, weights = 1 + random.random(terms.posts), random.normal(size=(terms.posts, 7)).astype(np.float32)
    found = []
    for vocabulary in (plain, turned):
        found.append(np.zeros((posts.posts.posts, 8)))
        vocabulary.decide(posts, vocabulary.rows(idf, weights), sublinear_tf=True, out=found[-1])
    assert np.array_equal(*found)
    counts = plain.count(posts).toarray()
    values = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * idf
    norms = np.maximum(np.sqrt((values**2).sum(axis=1, keepdims=True)), 1e-300)
    assert np.allclose(found[0][:, :-1], values / norms @ weights.astype(np.float64), rtol=0, atol=1e-9)
    assert np.array_equal(found[0][:, -1], (counts > 0).sum(axis=1))


@pytest.mark.parametrize("kind", ["words", "chars"])
def test_tables_grow_as_terms_need(kind: str) -> None:
    """From tables for a few hundred terms to some that hold 60,000 steps and words, long ones among them."""
    rng = random.Random(20230310)
    points = [*range(0x4E00, 0x9FA6), *range(97, 123)]
    posts = ["".join(map(chr, rng.choices(points, k=30))) for _ in range(2000)]
    posts += ["".join(rng.choices("abcdefgh", k=25)) for _ in range(500)]
    terms = posts if kind == "chars" else [" ".join(Segmenter().cut(post)) for post in posts]
    some, ngrams = posts_of(posts[::-1]), (1, 40)
    found = Vocabulary(terms, kind=kind, ngrams=ngrams).count(some).toarray()
    assert np.array_equal(found, np.eye(len(posts), dtype=np.int32)[::-1])


def test_tables_hold_the_same_whatever_their_size() -> None:
    terms = of_texts(["停水 七天", "停水", "abcdefghijk lmnopqrstuvw", "abcdefghijk"])
    small = tree_of_terms(terms, of_words=True, grams=tree_of_stop_words([]))
    large = grown(small, steps=10_000, words=10_000)
    assert len(large.words) > len(small.words)
    assert len(large.edges) > len(small.edges)
    for table, before in ((large.words, small.words), (large.edges, small.edges)):
        pairs, expected = table.reshape(-1, 2).tolist(), before.reshape(-1, 2).tolist()
        assert sorted(pair for pair in pairs if pair[1]) == sorted(pair for pair in expected if pair[1])


def test_n_grams_longer_than_any_term_cost_nothing() -> None:
    vocabulary = Vocabulary(["停水", "七"], kind="chars", ngrams=(1, 10**9))
    assert vocabulary.ngrams == (1, 6)
    assert vocabulary.count(posts_of(["停水七天"])).toarray().tolist() == [[1, 1]]
    longer = Vocabulary(["停水"], kind="chars", ngrams=(50, 60))
    assert longer.count(posts_of(["停水七天" * 40])).nnz == 0


def test_more_counts_than_there_was_room_for() -> None:
    rng = random.Random(7)
    texts = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.choice([3, 3, 3, 9000]))) for _ in range(60)]
    terms = sorted({text[i : i + n] for text in texts for i in range(len(text)) for n in (1, 2, 3)})
    expected = counting("chars", (1, 3), vocabulary=terms, dtype=np.int32).transform(texts)
    assert expected.nnz > 1 << 16
    assert_same(Vocabulary(terms, kind="chars", ngrams=(1, 3)).count(posts_of(texts)), expected)


def test_threads_share_a_vocabulary() -> None:
    """Also the first use, which makes its tables."""
    posts = posts_of(POSTS * 40)
    for kind in ("words", "chars"):
        mine = learn(posts.posts, kind=kind, ngrams=(1, 3), segmenter=Segmenter())
        terms = mine.terms(np.arange(len(mine.frequency)))
        vocabulary = Vocabulary(terms, kind=kind, ngrams=(1, 3))
        with ThreadPoolExecutor(8) as pool:
            for found in pool.map(vocabulary.count, [posts] * 24):
                assert_same(found, mine.counts(np.arange(terms.posts)))


def test_a_vocabulary_is_pickled_without_its_tables() -> None:
    vocabulary = Vocabulary(["停水", "七天 停水"], kind="words", ngrams=(1, 2), stop_words=["的"])
    posts = posts_of(["停水的停水", "七天的停水"])
    expected = vocabulary.count(posts)
    data = pickle.dumps(vocabulary)
    assert len(data) < 1000
    assert_same(pickle.loads(data).count(posts), expected)
    assert expected.toarray().tolist() == [[2, 0], [1, 1]]
