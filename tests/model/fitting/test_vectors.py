"""Vectors of terms against counting by loops and a whole singular value decomposition; the same on every run."""

from __future__ import annotations

import itertools
import math
import os
import re
import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from koudai import limits
from koudai.config.train import VectorsSection
from koudai.errors import LimitExceeded, TooFewPosts
from koudai.model.fitting import vectors as module
from koudai.model.fitting.vectors import association, decomposed, learn_vectors
from koudai.model.fitting.vectors_kernels import totals
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from tests.model.tiny import tiny_posts

TEXTS = [*tiny_posts()[0], "", "好", "a  b\nc", "Ａ🙂Ａ🙂Ａ"] * 3

SPACES = re.compile(r"\s\s+")


def section(**told: Any) -> VectorsSection:
    return VectorsSection(**{"corpora": ("seed",), "min_count": 3, "dim": 8, **told})


def slow_association(posts: list[list[int]], terms: int, window: int) -> NDArray[np.float64]:
    """Return positive pointwise mutual information by loops over all pairs."""
    counts = np.zeros((terms, terms))
    for post in posts:
        for i, j in itertools.permutations(range(len(post)), 2):
            if abs(i - j) <= window:
                counts[post[i], post[j]] += window + 1 - abs(i - j)
    total = counts.sum(axis=1)
    share = total**0.75 / max((total**0.75).sum(), 1e-300)
    found = np.zeros((terms, terms))
    for a, b in itertools.product(range(terms), repeat=2):
        if counts[a, b]:
            found[a, b] = max(0.0, math.log(counts[a, b] / total[a] / share[b]))
    return found


def ended(posts: list[list[int]], terms: int) -> NDArray[np.int32]:
    return np.array([term for post in posts for term in (*post, terms)], np.int32)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), max_size=9), min_size=1, max_size=8), st.integers(1, 10))
def test_association_is_positive_pointwise_mutual_information(posts: list[list[int]], window: int) -> None:
    found = association(ended(posts, 7), 7, window)
    assert found.has_sorted_indices
    np.testing.assert_allclose(found.toarray(), slow_association(posts, 7, window), atol=1e-5)


def test_what_a_term_counts_in_all_is_the_sum_of_its_row() -> None:
    posts = np.random.default_rng(5).integers(0, 9, (30, 6)).tolist()
    total = np.zeros(9, np.int64)
    totals(ended(posts, 9), 2, total)
    pairs = [(a, b, 3 - d) for post in posts for d in (1, 2) for a, b in zip(post, post[d:], strict=False)]
    assert total.tolist() == [sum(w * ((a == k) + (b == k)) for a, b, w in pairs) for k in range(9)]


def test_many_rows_fill_more_than_one_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    posts = np.random.default_rng(5).integers(0, 40, (200, 12)).tolist()
    whole = association(ended(posts, 40), 40, 3)
    monkeypatch.setattr(module, "_ROOM", 1)
    again = association(ended(posts, 40), 40, 3)
    np.testing.assert_array_equal(whole.toarray(), again.toarray())


def test_vectors_are_those_of_a_whole_decomposition() -> None:
    random = np.random.default_rng(7)  # three topics, of ten terms each
    posts = (random.integers(0, 10, (150, 8)) + 10 * random.integers(0, 3, (150, 1))).tolist()
    rows = association(ended(posts, 30), 30, 4)
    left, sizes, _ = np.linalg.svd(slow_association(posts, 30, 4))
    for dim in (3, 30, 50):
        wanted = (left * sizes)[:, :dim]
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        found = decomposed(rows, dim, seed=1).astype(np.float64)
        assert found.shape == (30, min(dim, 30))
        np.testing.assert_allclose(found @ found.T, wanted @ wanted.T, atol=2e-3 if dim < 30 else 1e-4)


def slow_terms(texts: list[str], kind: str, least: int) -> list[str]:
    cut = Segmenter().cut
    counts: Counter[str] = Counter()
    for text in texts:
        plain = SPACES.sub(" ", text)
        counts.update(
            [a + b for a, b in itertools.pairwise(plain)] if kind == "chars" else [w for w in cut(text) if w.strip()]
        )
    return sorted(term for term, count in counts.items() if count >= least)


@pytest.mark.slow
def test_terms_are_words_and_pairs_of_characters_that_are_frequent_enough() -> None:
    found = learn_vectors(of_texts(TEXTS), section(), Segmenter(), seed=3)
    for kind, one in found.items():
        assert list(one.terms) == slow_terms(TEXTS, kind, 3)
        assert one.vectors.dtype == np.float32
        lengths = np.linalg.norm(one.vectors, axis=1)
        assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
        held = np.array([sum(_holds(text, term, kind) for text in TEXTS) for term in one.terms])
        np.testing.assert_allclose(one.idf, np.log((1 + len(TEXTS)) / (1 + held)) + 1)
    assert set(found) == {"words", "chars"}


def _holds(text: str, term: str, kind: str) -> bool:
    return term in Segmenter().cut(text) if kind == "words" else term in SPACES.sub(" ", text)


def test_only_the_most_frequent_terms_have_vectors() -> None:
    found = learn_vectors(of_texts(TEXTS), section(max_terms=5, bigrams=False), Segmenter(), seed=3)
    counts = Counter(word for text in TEXTS for word in Segmenter().cut(text) if word.strip())
    assert set(found) == {"words"}
    assert sorted((counts[term] for term in found["words"].terms), reverse=True) == [
        count for _, count in counts.most_common(5)
    ]


def test_the_same_seed_gives_the_same_bits_however_many_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    one = learn_vectors(of_texts(TEXTS), section(), Segmenter(), seed=3)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(7))
    two = learn_vectors(of_texts(TEXTS), section(), Segmenter(), seed=3)
    other = learn_vectors(of_texts(TEXTS), section(), Segmenter(), seed=4)
    for kind, found in one.items():
        assert found.vectors.tobytes() == two[kind].vectors.tobytes()
        assert found.vectors.tobytes() != other[kind].vectors.tobytes()


def test_plain_python_counts_the_same() -> None:
    posts = np.random.default_rng(5).integers(0, 20, (40, 9)).tolist()
    program = (
        "import numpy as np, sys; from koudai.model.fitting.vectors import association; "
        "posts = np.random.default_rng(5).integers(0, 20, (40, 9)).tolist(); "
        "sequence = np.array([t for p in posts for t in (*p, 20)], np.int32); "
        "sys.stdout.buffer.write(association(sequence, 20, 3).toarray().tobytes())"
    )
    env = {**os.environ, "KOUDAI_NO_JIT": "1"}
    said = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=True).stdout
    assert said == association(ended(posts, 20), 20, 3).toarray().tobytes()


def test_too_few_terms_and_too_many_pairs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooFewPosts, match="no vectors of words") as caught:
        learn_vectors(of_texts(["好", ""]), section(), Segmenter(), seed=3)
    assert "min_count = 3" in str(caught.value)
    monkeypatch.setattr(module, "VECTOR_PAIRS", limits.Limit(4, "pairs", "nothing"))
    with pytest.raises(LimitExceeded, match="too many pairs"):
        learn_vectors(of_texts(TEXTS), section(), Segmenter(), seed=3)
