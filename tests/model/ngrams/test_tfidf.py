"""Choosing and weighing n-grams as scikit-learn does: ``koudai.model.ngrams.tfidf`` on ``tfidf_kernels``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer

from koudai.model.ngrams.counting import sort_rows
from koudai.model.ngrams.learning import LearntNgrams, learn
from koudai.model.ngrams.tfidf import Counted, choose, inverse_frequency, weigh
from koudai.text.utf8 import of_texts
from tests.model.oracles import assert_same, counting

FEW_LETTERS = st.lists(st.text("abcd ", max_size=8), min_size=1, max_size=8)
DF = st.one_of(st.integers(1, 5), st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0]))


def letters(texts: list[str], ngrams: tuple[int, int] = (1, 2)) -> LearntNgrams:
    return learn(of_texts(texts), kind="chars", ngrams=ngrams, segmenter=None)


@settings(derandomize=True, deadline=None, max_examples=120)
@given(FEW_LETTERS, DF, DF, st.none() | st.integers(1, 12), st.booleans(), st.sampled_from([np.float64, np.float32]))
def test_the_same_terms_are_chosen_and_the_same_errors_raised(
    texts: list[str], min_df: float, max_df: float, max_features: int | None, binary: bool, dtype: Any
) -> None:
    """Few letters, so that many terms are equally frequent, and thresholds fall on what there is."""
    how: dict[str, Any] = {"min_df": min_df, "max_df": max_df, "max_features": max_features, "binary": binary}
    oracle = counting("chars", (1, 2), dtype=dtype, **how)
    try:
        expected = oracle.fit_transform(texts)
    except ValueError as error:
        with pytest.raises(ValueError, match=re.escape(str(error))):
            choose(letters(texts), sklearn_ties=dtype, **how)
        return
    chosen = choose(letters(texts), sklearn_ties=dtype, **how)
    assert chosen.terms.texts() == oracle.get_feature_names_out().tolist()
    assert_same(chosen.counts.astype(dtype), expected)
    assert chosen.frequency.tolist() == (expected > 0).sum(axis=0).A1.tolist()


def test_of_many_equally_frequent_terms_scikit_learn_s_are_kept() -> None:
    rng = np.random.default_rng(7)
    texts = ["".join(map(chr, rng.integers(0x4E00, 0x9FA6, 20))) for _ in range(300)]
    for most in (10, 1000, 5000):
        oracle = counting("chars", (1, 2), max_features=most, dtype=np.float64).fit(texts)
        assert (
            choose(letters(texts), max_features=most, sklearn_ties=float).terms.texts()
            == oracle.get_feature_names_out().tolist()
        )


def test_of_equally_frequent_terms_those_that_come_first_are_kept() -> None:
    texts = ["乙甲丁", "丙丁", "戊己庚辛"] * 40
    found = letters(texts, (1, 1))
    kept = ["丁", *sorted("乙甲丙戊己庚辛")]
    for most in range(1, 9):
        assert choose(found, max_features=most).terms.texts() == sorted(kept[:most])


MATRICES = st.integers(0, 2**32 - 1).map(
    lambda seed: sp.random_array(
        (6, 9), density=0.4, format="csr", dtype=np.int32, rng=seed, data_sampler=lambda size: np.arange(1, size + 1)
    )
)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=120)
@given(
    st.lists(MATRICES, min_size=1, max_size=3),
    st.sampled_from(["l1", "l2", None]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([np.float64, np.float32]),
)
def test_weights_are_scikit_learn_s(
    matrices: list[Any], norm: str | None, use_idf: bool, smooth: bool, sublinear: bool, dtype: Any
) -> None:
    blocks, expected = [], []
    for one in matrices:
        counts = sp.csr_matrix(one)
        counts.sort_indices()
        counts = counts[:, np.flatnonzero(np.bincount(counts.indices, minlength=9))].tocsr()
        oracle = TfidfTransformer(norm=norm, use_idf=use_idf, smooth_idf=smooth, sublinear_tf=sublinear)
        expected.append(sp.csr_matrix(oracle.fit_transform(counts.astype(dtype))))
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        idf = inverse_frequency(frequency, 6, smooth=smooth, dtype=dtype) if use_idf else None
        if use_idf:
            assert np.array_equal(idf, oracle.idf_)
        blocks.append(Counted(counts, idf, sublinear))
    weighed = weigh(*blocks, norm=norm, dtype=dtype)
    together = sp.hstack(expected, format="csr")
    assert_same(weighed, together)
    assert np.array_equal(weighed.data, together.data)


def test_a_row_of_nothing_stays_nothing() -> None:
    weighed = weigh(Counted(sp.csr_matrix((3, 2), dtype=np.int32), np.ones(2), True))
    assert weighed.shape == (3, 2)
    assert weighed.nnz == 0


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=5), st.sampled_from([200, 300, 70_000, 2**31 - 1]))
def test_rows_are_put_in_order(sizes: list[int], width: int) -> None:
    rng = np.random.default_rng(sum(sizes))
    rows = np.concatenate([[0], np.cumsum(sizes)])
    wanted = [np.sort(rng.choice(max(width, 401), size, replace=False)).astype(np.int32) for size in sizes]
    turns = [rng.permutation(size) for size in sizes]
    columns = np.concatenate([mine[turn] for mine, turn in zip(wanted, turns, strict=True)])
    counts = columns // 2 + 1
    sort_rows(rows, columns, counts)
    assert np.array_equal(columns, np.concatenate(wanted))
    assert np.array_equal(counts, columns // 2 + 1)
