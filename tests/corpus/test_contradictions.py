"""Contradictions: found as a search through all pairs finds them; settled as the policy says and nowhere else."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from koudai.corpus.contradictions import (
    count_contradictions,
    find_contradictions,
    list_contradictions,
    settle_contradictions,
)
from koudai.limits import CONTRADICTIONS_LISTED
from koudai.taxonomy import Taxonomy
from tests.corpus.posts import corpus_of


@st.composite
def labelled(draw: st.DrawFn) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.bool_]]:
    n = draw(st.integers(1, 14))
    labels = draw(st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=2, max_size=2), min_size=n, max_size=n))
    groups = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    among = draw(st.lists(st.booleans(), min_size=n, max_size=n))
    return np.array(labels, np.int8), np.array(groups), np.array(among)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(labelled())
def test_each_contradiction_is_found_once_with_its_posts(
    made: tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.bool_]],
) -> None:
    labels, groups, among = made
    found = find_contradictions(labels, groups, among)
    pairs = {(one.column, int(a), int(b)) for one in found for a in one.ones for b in one.zeros}
    posts = range(len(groups))
    assert pairs == {
        (column, a, b)
        for column, a, b in itertools.product(range(2), posts, posts)
        if among[a] and among[b] and groups[a] == groups[b] and labels[a, column] == 1 and labels[b, column] == 0
    }
    assert len({(one.column, groups[one.ones[0]]) for one in found}) == len(found)


@settings(max_examples=150, deadline=None)
@given(labelled(), st.sampled_from(["keep", "drop", "majority"]))
def test_a_policy_changes_only_what_contradicts(
    made: tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.bool_]], policy: str
) -> None:
    labels, groups, among = made
    before = labels.copy()
    found = find_contradictions(labels, groups, among)
    after = settle_contradictions(labels, found, policy)
    assert (labels == before).all()
    if policy == "keep":
        assert (after == before).all()
        return
    assert find_contradictions(after, groups, among) == []
    touched = {(int(post), one.column) for one in found for post in (*one.ones, *one.zeros)}
    for post, column in itertools.product(range(len(groups)), range(2)):
        if (post, column) not in touched:
            assert after[post, column] == before[post, column]
            continue
        same = before[(groups == groups[post]) & among, column]
        ones, zeros = int((same == 1).sum()), int((same == 0).sum())
        expected = -1 if policy == "drop" or ones == zeros else int(ones > zeros)
        assert after[post, column] == expected


def test_they_are_counted_by_category_and_listed_by_id_up_to_a_limit(taxonomy: Taxonomy) -> None:
    n = CONTRADICTIONS_LISTED.value + 5
    labels = np.full((3 * n, len(taxonomy.keys)), -1, np.int8)
    labels[:, 0] = np.tile([1, 0, 0], n)
    found = find_contradictions(labels, np.repeat(np.arange(n), 3), np.ones(3 * n, bool))
    corpus = replace(corpus_of(["x"] * (3 * n)), labels=labels)
    assert count_contradictions(found, taxonomy) == {taxonomy.keys[0]: {"groups": n, "posts": 3 * n}}
    assert len(list_contradictions(found, corpus, taxonomy)) == CONTRADICTIONS_LISTED.value
    assert list_contradictions(found, corpus, taxonomy)[1] == {
        "category": taxonomy.keys[0],
        "in": "made: p3",
        "out": "made: p4",
    }


@pytest.mark.parametrize("policy", ["keep", "drop", "majority"])
def test_nothing_to_settle_changes_nothing(policy: str) -> None:
    labels = np.array([[1], [0], [-1]], np.int8)
    assert settle_contradictions(labels, find_contradictions(labels, np.arange(3), np.ones(3, bool)), policy) is labels
