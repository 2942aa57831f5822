"""What tests of n-grams compare with: scikit-learn's vectorisers with jieba itself, and texts that could go wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from tests.text.reference import pristine

SPACES = [" ", "  ", "\t", "\n", "\r", "\r\n", "\r\r\n", "\u3000", "\xa0", "\x85", "\x1c", "\u2028", "\u1680", "\u200b"]
ODD = ["İ", "ΑΣ", "Σ", "ǅ", "ß", "e\u0301", "😂", "👩‍👧", "\ud83d", "\ude02", "\0", "\0\0", "\U0010ffff", "𠮷", "ﷺ"]
WORDS = [
    "停水",
    "七天",
    "明天",
    "的",
    "了",
    "不",
    "中国科学院计算所",
    "绝绝子",
    "ABC",
    "abc",
    "3.14%",
    "c++",
    "a",
    "，",
    "！",
]
PIECES = [*SPACES, *ODD, *WORDS]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(st.characters(codec=None), max_size=3), max_size=14).map("".join)
POSTS = [
    "刚接到通知，明天起全县停水七天！",
    "明天停水，后天也停水。",
    "中国科学院计算所：今天不停水",
    "",
    "ABC abc Abc\tABC\r\nabc \r a\r\n",
    "İstanbul  好  \n 好\r\n\r\r\n",
    "绝绝子 绝绝子 绝绝子",
    "😂😂停水\0\0七天\ud83d",
    "的的的的的的的，了了",
    "3.14%的c++工程师 \u3000\u3000招聘",
    "一二三四五六七",
]


def lcut(text: str, **more: Any) -> list[str]:
    """Return jieba's own words."""
    words: list[str] = pristine().lcut(text, **more)
    return words


def counting(kind: str, ngrams: tuple[int, int], **more: Any) -> CountVectorizer:
    """Return scikit-learn's counting of n-grams, without lower case."""
    how = {"analyzer": "char"} if kind == "chars" else {"tokenizer": lcut, "token_pattern": None}
    return CountVectorizer(ngram_range=ngrams, lowercase=False, **how, **more)


def weighing(
    *, ngram_range: tuple[int, int] | None = (1, 1), char_ngram_range: tuple[int, int] | None = None, **more: Any
) -> Any:
    """Return scikit-learn's own way to what a `JiebaTfidfVectorizer` of these parameters gives."""
    parts = []
    if ngram_range:
        words = TfidfVectorizer(tokenizer=lcut, token_pattern=None, ngram_range=ngram_range, **more)
        parts.append(("words", words))
    if char_ngram_range:
        more.pop("stop_words", None)
        parts.append(("chars", TfidfVectorizer(analyzer="char", ngram_range=char_ngram_range, **more)))
    return FeatureUnion(parts) if len(parts) > 1 else parts[0][1]


def assert_same(mine: sp.csr_matrix, theirs: Any) -> None:
    """Assert that two matrices are the same; numbers to rounding, as scikit-learn sums rows in another order."""
    theirs = theirs.tocsr()
    theirs.sort_indices()
    assert mine.shape == theirs.shape
    assert mine.dtype == theirs.dtype
    assert np.array_equal(mine.indptr, theirs.indptr)
    assert np.array_equal(mine.indices, theirs.indices)
    assert mine.indices.dtype == theirs.indices.dtype
    assert np.allclose(mine.data, theirs.data, rtol=1e-12 if mine.dtype == np.float64 else 1e-6, atol=0)
