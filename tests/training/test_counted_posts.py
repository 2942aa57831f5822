"""Counted posts: features as fitted on some of them are those that fit_blocks gives on these, number for number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.train import FeaturesSection
from koudai.errors import TooFewPosts
from koudai.model.ngrams.blocks import block_features, fit_blocks
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.counted_posts import count_posts
from tests.hostile.strings import HOSTILE_STRINGS

SECTION = FeaturesSection(words=(1, 2), chars=(1, 3))
PIECES = st.sampled_from(["停水", "鸡蛋", "今天", "ABC abc", " ", "天气很好", "一", "\r", "\r\n"])
TEXTS = st.lists(st.lists(PIECES, max_size=6).map("".join), min_size=4, max_size=14)


def same_as_fitted(texts: list[str], rows: np.ndarray) -> None:
    counted = count_posts(of_texts(texts), SECTION, Segmenter())
    found = counted.fitted_on(rows)
    try:
        blocks, fitted = fit_blocks(of_texts([texts[i] for i in rows]), SECTION, Segmenter())
    except TooFewPosts:  # of one of the blocks nothing is left
        assert any(np.bincount(c[rows].indices, minlength=1).max() < SECTION.min_df for c in counted.counts)
        return
    expected = block_features(blocks, of_texts(texts), Segmenter())
    kept = np.concatenate(
        [np.bincount(c[rows].indices, minlength=c.shape[1]) >= SECTION.min_df for c in counted.counts]
    )
    assert (found[:, kept] != expected).nnz == 0
    assert (found[rows][:, kept] != fitted).nnz == 0
    assert found[:, ~kept].nnz == 0


@settings(derandomize=True, deadline=None, max_examples=40)
@given(TEXTS, st.integers(0, 2**32 - 1))
def test_A4_features_of_a_fold_are_exactly_those_of_fitting_on_it(texts: list[str], seed: int) -> None:
    random = np.random.default_rng(seed)
    same_as_fitted(texts, np.sort(random.choice(len(texts), max(2, len(texts) // 2), replace=False)))


def test_A4_hostile_posts_too() -> None:
    texts = [text for _, text in HOSTILE_STRINGS] * 2
    same_as_fitted(texts, np.arange(0, len(texts), 3))


def test_what_is_held_out_changes_nothing_of_what_is_fitted() -> None:
    mine, other = ["停水通知", "停水了吗", "鸡蛋涨价"], ["鸡蛋鸡蛋鸡蛋", "停水停水", "天气天气"]
    rows = np.arange(3)
    alone, beside = (count_posts(of_texts(texts), SECTION, Segmenter()) for texts in (mine, mine + other))
    gram = alone.fitted_on(rows) @ alone.fitted_on(rows).T
    longer = beside.fitted_on(rows)[:3] @ beside.fitted_on(rows)[:3].T
    assert gram.toarray() == pytest.approx(longer.toarray(), abs=1e-15)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(TEXTS, st.integers(0, 2**32 - 1))
def test_merging_equal_terms_changes_no_inner_product(texts: list[str], seed: int) -> None:
    rows = np.sort(np.random.default_rng(seed).choice(len(texts), max(2, len(texts) // 2), replace=False))
    counted = count_posts(of_texts(texts), SECTION, Segmenter())
    wide, narrow = counted.fitted_on(rows), counted.merged().fitted_on(rows)
    assert narrow.shape[1] <= wide.shape[1]
    assert (narrow @ narrow.T).toarray() == pytest.approx((wide @ wide.T).toarray(), abs=1e-12)
    assert [one.sum() for one in counted.merged().sizes] == [one.shape[1] for one in counted.counts]


def test_A1_posts_without_terms_have_empty_features() -> None:
    counted = count_posts(of_texts(["", "🙂", ""]), SECTION, Segmenter()).merged()
    assert counted.fitted_on(np.arange(2)).nnz == 0
    assert counted.take(np.array([0, 2])).fitted_on(np.arange(1)).shape[0] == 2
