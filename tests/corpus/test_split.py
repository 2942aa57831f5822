"""Splits: near-duplicates never stand on both sides of a group split, whatever the seed or the order of posts (A3); an
official split is taken as it is, its leaks are marked post by post, and sides that cannot be are refused.
"""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.train import SplitSection
from koudai.corpus.corpus import Corpus
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.split import Split, split_corpus
from koudai.errors import ConfigError, LabelError, TooFewPosts
from tests.corpus.posts import POSTS, copies, corpus_of

GROUP = SplitSection(use="group", test_share=0.4)
PLANTED = [copy for post in POSTS for copy in copies(post)]
OF = [n for n, post in enumerate(POSTS) for _ in copies(post)]


def divide(corpus: Corpus, section: SplitSection = GROUP, *, seed: int = 0) -> Split:
    return split_corpus(corpus, near_duplicate_groups(corpus.texts), section, seed=seed)


def made(order: list[int] | None = None) -> Corpus:
    order = order or list(range(len(PLANTED)))
    return corpus_of([PLANTED[i] for i in order], ids=[f"p{i}" for i in order])


def sides(corpus: Corpus, split: Split) -> dict[str, bool]:
    return dict(zip(corpus.ids, split.test.tolist(), strict=True))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**31 - 1))
def test_A3_planted_near_duplicates_stand_on_one_side_whatever_the_seed(seed: int) -> None:
    try:
        split = divide(made(), seed=seed)
    except TooFewPosts:
        return
    for post in range(len(POSTS)):
        assert len({bool(split.test[i]) for i in range(len(PLANTED)) if OF[i] == post}) == 1
    assert (split.fit ^ split.test).all()
    assert not split.leaked.any()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    group=st.lists(st.integers(0, 9), min_size=12, max_size=40),
    seed=st.integers(0, 1000),
    share=st.sampled_from([0.1, 0.5, 0.9]),
)
def test_A3_no_group_is_ever_divided(group: list[int], seed: int, share: float) -> None:
    corpus = corpus_of([str(n) for n in range(len(group))])
    try:
        split = split_corpus(corpus, np.array(group), SplitSection(use="group", test_share=share), seed=seed)
    except TooFewPosts:
        return
    on = {name: {bool(split.test[i]) for i, one in enumerate(group) if one == name} for name in group}
    assert all(len(side) == 1 for side in on.values())
    assert not (split.fit & split.test).any()
    assert not split.leaked.any()


@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), shuffle=st.integers(0, 1000))
def test_A3_the_side_of_a_post_does_not_depend_on_the_order_of_posts(seed: int, shuffle: int) -> None:
    order = list(range(len(PLANTED)))
    random.Random(shuffle).shuffle(order)
    straight, mixed = made(), made(order)
    try:
        expected = sides(straight, divide(straight, seed=seed))
    except TooFewPosts:
        return
    assert sides(mixed, divide(mixed, seed=seed)) == expected


def test_the_side_does_not_depend_on_how_groups_are_numbered() -> None:
    corpus = made()
    groups = near_duplicate_groups(corpus.texts)
    one = split_corpus(corpus, groups, GROUP, seed=3)
    other = split_corpus(corpus, 10_000 - 7 * groups, GROUP, seed=3)
    assert (one.test == other.test).all()


def test_a_seed_gives_one_split_and_another_seed_another() -> None:
    corpus = corpus_of([f"第{n}条，写的是别的事" for n in range(300)])
    groups = np.arange(300)
    tests = [split_corpus(corpus, groups, GROUP, seed=seed).test for seed in (1, 1, 2)]
    assert (tests[0] == tests[1]).all()
    assert (tests[0] != tests[2]).sum() > 50


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.8])
def test_the_share_of_groups_on_the_test_side_is_the_one_asked_for(share: float) -> None:
    n = 4000
    corpus = corpus_of([str(i) for i in range(n)])
    split = split_corpus(corpus, np.arange(n), SplitSection(use="group", test_share=share), seed=5)
    assert abs(split.test.mean() - share) < 4 * (share * (1 - share) / n) ** 0.5


def test_posts_of_one_id_in_two_corpora_are_drawn_apart() -> None:
    n = 400
    joined = Corpus.join([corpus_of(["x"] * n, name="one"), corpus_of(["x"] * n, name="two")])
    test = split_corpus(joined, np.arange(2 * n), SplitSection(use="group", test_share=0.5), seed=1).test
    assert 0.3 < (test[:n] == test[n:]).mean() < 0.7


def test_an_official_split_is_taken_as_it_is() -> None:
    names = ["train", "val", "test", "dev", "train"]
    corpus = corpus_of(list(POSTS[:5]), split=names)
    split = divide(corpus, SplitSection(fit=("train", "dev"), test=("test",)))
    assert split.fit.tolist() == [True, False, False, True, True]
    assert split.test.tolist() == [False, False, True, False, False]
    assert not split.leaked.any()


def test_A3_what_an_official_split_leaks_is_marked_post_by_post_and_not_moved() -> None:
    texts = [POSTS[0], "转：" + POSTS[0], POSTS[1], POSTS[2], POSTS[2] + "！", POSTS[3]]
    corpus = corpus_of(texts, split=["train", "test", "test", "val", "test", "train"])
    split = divide(corpus, SplitSection())
    assert split.test.tolist() == [False, True, True, False, True, False]
    assert split.leaked.tolist() == [False, True, False, False, False, False]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    group=st.lists(st.integers(0, 5), min_size=4, max_size=20),
    data=st.data(),
)
def test_A3_leaked_is_test_posts_that_share_a_group_with_a_fitted_one(group: list[int], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(["train", "test", "val"]), min_size=len(group), max_size=len(group)))
    names[:2] = ["train", "test"]
    split = split_corpus(corpus_of(["x"] * len(group), split=names), np.array(group), SplitSection(), seed=0)
    pairs = itertools.product(range(len(group)), repeat=2)
    expected = {a for a, b in pairs if names[a] == "test" and names[b] == "train" and group[a] == group[b]}
    assert set(np.flatnonzero(split.leaked).tolist()) == expected


def test_a_side_that_is_not_there_is_refused_with_those_that_are() -> None:
    corpus = corpus_of(list(POSTS[:3]), split=["tencent", "sina", ""])
    with pytest.raises(LabelError, match="the corpus has no split called train, test") as caught:
        divide(corpus, SplitSection())
    assert caught.value.expected == "(none), sina, tencent"
    assert "split.use = 'group'" in str(caught.value.todo)
    assert caught.value.exit_code == 3


def test_a_corpus_without_a_split_column_is_divided_by_group_unless_sides_are_named() -> None:
    corpus = corpus_of([f"{post}{post}" for post in POSTS] * 8)
    split = divide(corpus, SplitSection())
    by_group = divide(corpus, SplitSection(use="group"))
    assert (split.test == by_group.test).all()
    assert set(split.by.values()) == {"group"}
    assert not split.leaked.any()
    with pytest.raises(LabelError, match="no split called train, dev"):
        divide(corpus, SplitSection(test=("dev",)))


def test_a_side_named_twice_is_refused() -> None:
    corpus = corpus_of(list(POSTS[:3]), split=["train", "val", "test"])
    with pytest.raises(ConfigError, match="split.fit and split.test both name val") as caught:
        divide(corpus, SplitSection(fit=("train", "val"), test=("val", "test")))
    assert caught.value.expected == "no post on both sides"
    assert caught.value.exit_code == 2


def test_one_group_cannot_be_divided() -> None:
    corpus = corpus_of(list(copies(POSTS[0])))
    with pytest.raises(TooFewPosts, match="one side of the split is empty") as caught:
        divide(corpus)
    assert caught.value.got in ("6 posts to fit on, 0 to test on", "0 posts to fit on, 6 to test on")
    assert caught.value.todo
