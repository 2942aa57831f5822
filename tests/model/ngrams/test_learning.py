"""Learning n-grams (``koudai.model.ngrams.learning``, ``learning_kernels``): what `CountVectorizer` learns."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from koudai.errors import LimitExceeded
from koudai.limits import Limit
from koudai.model.ngrams import learning
from koudai.model.ngrams.learning import LearntNgrams, learn
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import PAD, Utf8, of_texts
from tests.model.oracles import POSTS, TEXTS, assert_same, counting

KINDS = st.sampled_from(["words", "chars"])
RANGES = st.tuples(st.integers(1, 4), st.integers(1, 4)).map(lambda pair: (min(pair), max(pair)))


def learnt_from(texts: list[str], kind: str, ngrams: tuple[int, int], **more: Any) -> LearntNgrams:
    return learn(of_texts(texts), kind=kind, ngrams=ngrams, segmenter=Segmenter(), **more)


def assert_learnt(texts: list[str], kind: str, ngrams: tuple[int, int], stop_words: list[str] | None = None) -> None:
    """Assert that terms, counts and frequencies are those of scikit-learn."""
    oracle = counting(kind, ngrams, stop_words=stop_words, dtype=np.int32)
    mine = learnt_from(texts, kind, ngrams, stop_words=stop_words or ())
    every = np.arange(len(mine.frequency))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your stop_words may be inconsistent")
        try:
            expected = oracle.fit_transform(texts)
        except ValueError:  # empty vocabulary
            assert len(every) == 0
            return
    assert mine.terms(every).texts() == oracle.get_feature_names_out().tolist()
    assert_same(mine.counts(every), expected)
    assert mine.occurrences.tolist() == expected.sum(axis=0).A1.tolist()
    assert mine.frequency.tolist() == (expected > 0).sum(axis=0).A1.tolist()


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.lists(TEXTS, max_size=5), KINDS, RANGES)
@example(["\r \r\n x\r y", "\r\n \r x\r\n\r", "a\ra\r\na"], "words", (1, 3))
@example(["\r\n a", "\r a", "\r"], "words", (2, 2))
@example(["\0", "\0\0a\0"], "chars", (1, 2))
def test_what_is_learnt_is_what_scikit_learn_learns(texts: list[str], kind: str, ngrams: tuple[int, int]) -> None:
    assert_learnt(texts, kind, ngrams)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(TEXTS, min_size=1, max_size=4), RANGES, st.data())
def test_stop_words_are_left_out_before_n_grams_are_made(
    texts: list[str], ngrams: tuple[int, int], data: st.DataObject
) -> None:
    words = sorted({word for text in texts for word in Segmenter().cut(text)} | {"的", "a b", "", " "})
    assert_learnt(texts, "words", ngrams, data.draw(st.lists(st.sampled_from(words), max_size=4)))


@pytest.mark.parametrize("kind", ["words", "chars"])
@pytest.mark.parametrize("ngrams", [(1, 9), (7, 7), (1, 30), (40, 50), (3, 10**9)])
def test_long_n_grams_are_sorted_by_all_their_symbols(kind: str, ngrams: tuple[int, int]) -> None:
    texts = [
        *POSTS,
        "停水停水停水停水停水停水停水停水",
        "停水停水停水停水停水停水停水停",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]
    assert_learnt(texts, kind, (ngrams[0], min(ngrams[1], 60)))
    mine = learnt_from(texts, kind, ngrams)
    assert len(mine.frequency) == len(learnt_from(texts, kind, (ngrams[0], min(ngrams[1], 60))).frequency)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["words", "chars"])
def test_n_grams_of_many_posts_in_many_parts(kind: str) -> None:
    """More posts than are read at once, more words than the tables begin with, one post of a megabyte."""
    rng = random.Random(20230310)
    points = [*range(0x4E00, 0x9FA6), *range(32, 127)]
    texts = ["".join(map(chr, rng.choices(points, k=rng.randint(0, 12)))) for _ in range(9000)]
    texts.insert(5000, "停水七天，" * 70_000)
    assert_learnt(texts, kind, (1, 2))


def test_only_the_n_grams_asked_for_are_counted() -> None:
    rng = np.random.default_rng(7)
    for kind in ("words", "chars"):
        mine = learnt_from(POSTS, kind, (1, 3))
        every = np.arange(len(mine.frequency))
        whole, terms = mine.counts(every), mine.terms(every).texts()
        for share in (0.0, 0.3, 0.9):
            some = np.flatnonzero(rng.random(len(every)) < share)
            assert_same(mine.counts(some), whole[:, some])
            assert mine.terms(some).texts() == [terms[number] for number in some]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.text("ab停 ", max_size=12), max_size=9), KINDS, RANGES, st.integers(2, 4))
@example(["哈哈哈哈", "哈", "停水停水停水"], "chars", (1, 4), 2)
@example(["aaaa", "aaaa", "aaa", "b"], "chars", (2, 4), 3)
@example(["\r\n a", "\r a", "\r\n a", "\r a"], "words", (1, 2), 2)
def test_n_grams_in_too_few_posts_are_not_kept(
    texts: list[str], kind: str, ngrams: tuple[int, int], fewest: int
) -> None:
    every, few = learnt_from(texts, kind, ngrams), learnt_from(texts, kind, ngrams, fewest=fewest)
    kept = np.flatnonzero(every.frequency >= fewest)
    assert few.found == every.found == len(every.frequency)
    assert few.terms(np.arange(len(few.frequency))).texts() == every.terms(kept).texts()
    assert few.frequency.tolist() == every.frequency[kept].tolist()
    assert few.occurrences.tolist() == every.occurrences[kept].tolist()
    assert_same(few.counts(np.arange(len(kept))), every.counts(kept))
    some = np.arange(len(kept))[::2]
    assert_same(few.counts(some), every.counts(kept[some]))


def test_progress_is_told_of_every_post_once() -> None:
    told: list[int] = []
    learnt_from(["停水"] * 5000, "chars", (1, 1), advance=told.append)
    assert told == [4096, 904]


@pytest.mark.parametrize("most", [3, 12])
def test_more_n_grams_than_can_be_numbered_are_refused(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(learning, "LEARNT_NGRAMS", Limit(most, "n-grams", "nothing is learnt"))
    with pytest.raises(LimitExceeded, match="too many n-grams"):
        learnt_from(["停水七天", "停水不停"], "chars", (1, 4))


@pytest.mark.parametrize("post", [b"\xe5\xa5\xbd\xe5\xa5", b"\xf0\x9f\x98", b"a\xe5", b"\xc3"], ids=ascii)
def test_a_post_that_breaks_off_within_a_character_does_not_reach_into_the_next(post: bytes) -> None:
    counts = []
    for behind in (b"\xbd\xbd\xbd\xbd", b"aaaa"):
        posts = Utf8(np.frombuffer(post + behind + bytes(PAD), np.uint8), np.array([0, len(post)]))
        mine = learn(posts, kind="chars", ngrams=(1, 2), segmenter=None)
        counts.append(mine.counts(np.arange(len(mine.frequency))).toarray().tolist())
    assert counts[0] == counts[1]
