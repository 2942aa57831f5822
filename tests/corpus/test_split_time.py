"""Splits by time, and official splits of several corpora: who stands where, what straddles, what cannot be divided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.train import SplitSection
from koudai.corpus.corpus import Corpus
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.split import SourceSizes, describe_split, split_corpus
from koudai.errors import LabelError, ReadError, TooFewPosts
from tests.corpus.posts import POSTS, copies, corpus_of


def dated(days: list[str | None], *, name: str = "made") -> Corpus:
    corpus = corpus_of([f"第{n}条" for n in range(len(days))], name=name)
    return replace(corpus, date=np.array([day or "NaT" for day in days], "datetime64[s]"))


def test_posts_from_the_cutoff_day_on_are_tested_on() -> None:
    corpus = dated(["2020-01-01", "2020-02-01T23:59", "2020-01-31T23:59:59", "2020-02-01"])
    section = SplitSection(use="time", cutoff=date(2020, 2, 1))
    split = split_corpus(corpus, np.arange(4), section, seed=0)
    assert split.test.tolist() == [False, True, False, True]
    assert split.fit.tolist() == [True, False, True, False]
    assert split.cutoff == "2020-02-01"


@settings(max_examples=150, deadline=None)
@given(
    days=st.lists(st.integers(0, 20), min_size=2, max_size=40),
    group=st.integers(1, 30),
    share=st.sampled_from([0.1, 0.3, 0.8]),
    chosen=st.booleans(),
)
def test_A3_no_group_is_divided_and_what_straddles_is_fitted_on_and_counted(
    days: list[int], group: int, share: float, chosen: bool
) -> None:
    groups = np.arange(len(days)) % group
    corpus = dated([f"2020-01-{day + 1:02d}" for day in days])
    section = SplitSection(use="time", test_share=share, cutoff=date(2020, 1, 10) if chosen else None)
    try:
        split = split_corpus(corpus, groups, section, seed=0)
    except TooFewPosts:
        return
    cutoff = np.datetime64(split.cutoff)
    late = corpus.date >= cutoff
    for one in np.unique(groups):
        of = groups == one
        assert split.test[of].all() == late[of].all()
        assert split.fit[of].all() == (not late[of].all())
    both = [one for one in np.unique(groups) if 0 < late[groups == one].sum() < (groups == one).sum()]
    assert split.straddling == (len(both), int((late & np.isin(groups, both)).sum()))
    assert not split.leaked.any()
    if not chosen:
        assert late.mean() >= share
        assert (corpus.date >= cutoff + np.timedelta64(1, "D")).mean() < share + 1 / len(days)


def test_posts_without_a_date_are_refused_or_left_out_and_counted() -> None:
    corpus = Corpus.join([dated(["2020-01-01", None, "2020-03-01"]), dated([None, None], name="old")])
    with pytest.raises(ReadError, match="3 posts without a date cannot be divided by time") as caught:
        split_corpus(corpus, np.arange(5), SplitSection(use="time"), seed=0)
    assert "corpus 'made': 1 post" in str(caught.value.got)
    assert "corpus 'old': 2 posts, no columns.date" in str(caught.value.got)
    assert "split.undated = 'unused'" in str(caught.value.todo)
    split = split_corpus(corpus, np.arange(5), SplitSection(use="time", undated="unused"), seed=0)
    told = describe_split(split, corpus, np.arange(5))
    assert (told.fit, told.test, told.unused) == (1, 1, 3)
    assert told.sources["old"] == SourceSizes(by="time", fit=0, test=0, unused=2, leaked=0)
    with pytest.raises(ReadError, match="without a date"):
        split_corpus(dated([None, None]), np.arange(2), SplitSection(use="time", undated="unused"), seed=0)


def test_one_day_cannot_be_divided() -> None:
    with pytest.raises(TooFewPosts, match="one side of the split is empty"):
        split_corpus(dated(["2020-01-01"] * 9), np.arange(9), SplitSection(use="time"), seed=0)


def test_a_value_that_stands_for_no_side_is_refused_with_the_nearest() -> None:
    corpus = corpus_of(list(POSTS[:5]), split=["train", "test", "tset", "val", "tset"])
    with pytest.raises(LabelError, match="1 value of the split column stands for no side") as caught:
        split_corpus(corpus, np.arange(5), SplitSection(), seed=0)
    assert caught.value.got == "'tset' (2 posts), did you mean 'test'?"
    split = split_corpus(corpus, np.arange(5), SplitSection(unused=("val", "tset")), seed=0)
    assert split.fit.tolist() == [True, False, False, False, False]


def test_A3_a_near_duplicate_fitted_on_in_another_corpus_is_a_leak_and_told_apart() -> None:
    first = corpus_of([POSTS[0], POSTS[1], POSTS[2]], split=["train", "test", "test"], name="one")
    other = corpus_of([POSTS[3], "转：" + POSTS[1] + "！"], split=["test", "train"], name="two")
    corpus = Corpus.join([first, other])
    groups = near_duplicate_groups(corpus.texts)
    split = split_corpus(corpus, groups, SplitSection(), seed=0)
    assert split.leaked.tolist() == [False, True, False, False, False]
    told = describe_split(split, corpus, groups)
    assert (told.leaked, told.leaked_across) == (1, 1)
    assert told.sources["one"].leaked == 1
    own = corpus_of([POSTS[1], "转：" + POSTS[1]], split=["train", "test"])
    split = split_corpus(own, near_duplicate_groups(own.texts), SplitSection(), seed=0)
    assert describe_split(split, own, near_duplicate_groups(own.texts)).leaked_across == 0
    assert int(split.leaked.sum()) == 1


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.2, 0.6]))
def test_A3_posts_without_an_official_split_follow_their_near_duplicates_and_leak_nothing(
    seed: int, share: float
) -> None:
    official = corpus_of([POSTS[0], POSTS[1], POSTS[2]], split=["train", "test", "val"], name="official")
    free = corpus_of([copy for post in POSTS for copy in copies(post)[1:]], name="free")
    corpus = Corpus.join([official, free])
    groups = near_duplicate_groups(corpus.texts)
    split = split_corpus(corpus, groups, SplitSection(test_share=share), seed=seed)
    assert not split.leaked.any()
    assert split.by == {"official": "official", "free": "group"}
    assert split.fit[groups == groups[0]].all()
    assert split.test[groups == groups[1]].all()
    assert split.fit[:3].tolist() == [True, False, False]
    assert split.test[:3].tolist() == [False, True, False]
    assert (split.fit[3:] ^ split.test[3:]).all()
