"""Real posts: their words are jieba's, whichever corpus they come from."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.text.jieba.segment import Segmenter

EACH = 1_000


@pytest.fixture(scope="module")
def posts(real_corpus: Callable[[str], Path]) -> list[str]:
    """Posts of all corpora that are at hand, in a random but fixed order."""
    draw = random.Random(20230310)
    texts: list[str] = []
    for path in sorted(real_corpus("weibo21.parquet").parent.glob("*.parquet")):
        if "text" in pq.read_schema(path).names:
            found = pq.read_table(path, columns=["text"])["text"].drop_null()
            texts += found.take(draw.sample(range(len(found)), min(len(found), EACH))).to_pylist()
    draw.shuffle(texts)
    return texts


def assert_as_jieba(posts: list[str], pristine: Any, *, hmm: bool) -> None:
    offsets, ends = (array.tolist() for array in Segmenter(hmm=hmm).spans(pa.array(posts)))
    wrong = []
    for number, post in enumerate(posts):
        expected, end = [], 0
        for word in pristine.lcut(post, HMM=hmm):
            end += len(word.encode())
            expected.append(end)
        if ends[offsets[number] : offsets[number + 1]] != expected:
            wrong.append(number)
    assert wrong == []


@pytest.mark.slow
def test_T10_five_thousand_real_posts_are_cut_as_jieba_cuts_them(posts: list[str], pristine: Any) -> None:
    assert_as_jieba(posts[:5_000], pristine, hmm=True)


def test_T10_two_thousand_without_the_hidden_markov_model(posts: list[str], pristine: Any) -> None:
    assert_as_jieba(posts[:2_000], pristine, hmm=False)
