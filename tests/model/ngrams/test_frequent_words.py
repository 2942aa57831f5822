"""Frequent words (``koudai.model.ngrams.frequent_words``, ``frequent_words_kernels``): what `learn` gives of words."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.model.ngrams.counting import WORDS
from koudai.model.ngrams.frequent_words import frequent_words
from koudai.model.ngrams.learning import learn
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from tests.model.oracles import POSTS, TEXTS, assert_same


def assert_counted(texts: list[str], fewest: int) -> None:
    """Assert that words and counts are those that `learn` gives."""
    counts, words = frequent_words(of_texts(texts), segmenter=Segmenter(), fewest=fewest)
    learnt = learn(of_texts(texts), kind=WORDS, ngrams=(1, 1), segmenter=Segmenter())
    frequent = np.flatnonzero(learnt.frequency >= fewest)
    spelled = learnt.terms(frequent).texts()
    kept = [place for place, word in enumerate(spelled) if len(word) > 1 and word.isalnum()]
    assert words == [spelled[place] for place in kept]
    assert_same(counts, learnt.counts(frequent[kept]))


@pytest.mark.parametrize("fewest", [1, 2, 3])
def test_of_posts_that_share_words(fewest: int) -> None:
    draws = random.Random(fewest)
    assert_counted([" ".join(draws.choices(POSTS, k=draws.randint(0, 4))) for _ in range(60)], fewest)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.lists(TEXTS, max_size=5), st.integers(1, 2))
def test_of_any_posts(texts: list[str], fewest: int) -> None:
    assert_counted(texts, fewest)


def test_of_more_posts_than_are_read_at_a_time() -> None:
    assert_counted([f"明天停水{number % 7} 后天下雨{number}" for number in range(5000)], 3)


def test_without_posts_there_are_no_words() -> None:
    counts, words = frequent_words(of_texts([]), segmenter=Segmenter(), fewest=1)
    assert (counts.shape, words) == ((0, 0), [])
