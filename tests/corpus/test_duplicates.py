"""Near-duplicates: against exact Jaccard over all pairs (no pair is joined wrongly, ever; pairs well above the
threshold are found), in any order, short posts only if they are the same, and hostile posts in linear time.
"""

from __future__ import annotations

import itertools
import random
import time
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.corpus.duplicates import SHINGLE, THRESHOLD, near_duplicate_groups
from tests.corpus.posts import POSTS, copies
from tests.hostile.strings import HOSTILE_STRINGS

LETTERS = "今天气真好我们去公园玩吧有没谁一起"
PASSAGES = st.text(LETTERS, max_size=40)


def bare(text: str) -> str:
    """Return letters and digits only; texts in these tests hold no links."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def jaccard(one: str, other: str) -> float:
    a, b = ({t[k : k + SHINGLE] for k in range(len(t) - SHINGLE + 1)} for t in (bare(one), bare(other)))
    return len(a & b) / len(a | b) if a or b else float(bare(one) == bare(other))


def components(texts: list[str], threshold: float) -> list[int]:
    """Return for each text the first text it is linked to by pairs of at least `threshold`, all pairs compared."""
    group = list(range(len(texts)))
    for a, b in itertools.combinations(range(len(texts)), 2):
        if bare(texts[a]) == bare(texts[b]) or jaccard(texts[a], texts[b]) >= threshold:
            low, high = sorted((group[a], group[b]))
            group = [low if one == high else one for one in group]
    return group


@st.composite
def related(draw: st.DrawFn) -> list[str]:
    """Draw passages, some of them edited copies of others."""
    texts = draw(st.lists(PASSAGES, min_size=1, max_size=5))
    for source in draw(st.lists(st.sampled_from(texts), max_size=5)):
        at, size = draw(st.integers(0, 40)), draw(st.integers(0, 4))
        texts.append(source[:at] + draw(st.text(LETTERS, max_size=3)) + source[at + size :])
    return draw(st.permutations(texts))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(texts=related(), threshold=st.sampled_from([0.5, THRESHOLD, 0.9]))
def test_A3_no_pair_is_joined_that_exact_jaccard_does_not_join(texts: list[str], threshold: float) -> None:
    got = near_duplicate_groups(texts, threshold=threshold).tolist()
    exact = components(texts, threshold)
    for a, b in itertools.combinations(range(len(texts)), 2):
        assert got[a] != got[b] or exact[a] == exact[b], (texts[a], texts[b])


@settings(derandomize=True, deadline=None, max_examples=150)
@given(texts=related())
def test_A3_every_pair_well_above_the_threshold_is_joined(texts: list[str]) -> None:
    got = near_duplicate_groups(texts).tolist()
    for a, b in itertools.combinations(range(len(texts)), 2):
        if jaccard(texts[a], texts[b]) >= 0.85:
            assert got[a] == got[b], (texts[a], texts[b])


def test_A3_recall_at_every_similarity_is_what_banding_promises() -> None:
    rng = random.Random(20230310)
    found: dict[bool, list[bool]] = {True: [], False: []}
    for _ in range(400):
        text = "".join(chr(0x4E00 + rng.randrange(4000)) for _ in range(80))
        other = text[: rng.randrange(62, 78)] + "".join(
            chr(0x4E00 + rng.randrange(4000)) for _ in range(rng.randrange(9))
        )
        first, second = near_duplicate_groups([text, other])
        similar = jaccard(text, other)
        assert similar >= THRESHOLD or first != second
        if similar >= THRESHOLD:
            found[similar >= 0.8].append(bool(first == second))
    assert len(found[True]) > 50
    assert len(found[False]) > 50
    assert all(found[True])
    assert np.mean(found[False]) > 0.98


@settings(derandomize=True, deadline=None, max_examples=60)
@given(texts=related(), seed=st.integers(0, 1000))
def test_A3_the_groups_do_not_depend_on_the_order_of_posts(texts: list[str], seed: int) -> None:
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)
    straight = near_duplicate_groups(texts).tolist()
    mixed = near_duplicate_groups([texts[i] for i in order]).tolist()
    back = {place: mixed[at] for at, place in enumerate(order)}
    for a, b in itertools.combinations(range(len(texts)), 2):
        assert (straight[a] == straight[b]) == (back[a] == back[b])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(texts=related())
def test_a_group_is_called_by_its_first_post(texts: list[str]) -> None:
    got = near_duplicate_groups(texts)
    assert got.dtype == np.int64
    assert all(got[i] == got[got[i]] <= i for i in range(len(texts)))
    assert all(min(np.flatnonzero(got == name)) == name for name in set(got.tolist()))


@pytest.mark.parametrize("post", POSTS)
def test_A3_what_people_make_of_a_post_stays_in_its_group(post: str) -> None:
    texts = [*copies(post), *(other for other in POSTS if other != post)]
    got = near_duplicate_groups(texts).tolist()
    assert got[: len(copies(post))] == [0] * len(copies(post))
    assert len(set(got)) == len(POSTS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("转发微博", "转发 微博！"),
        ("ＯＫ", "ok"),
        ("今晚八点直播https://t.cn/Abc1", "今晚八点直播 http://example.org/x?y=1"),
        ("好", "好！！！"),
        ("一二三四", "一、二、三、四"),
    ],
)
def test_links_space_punctuation_case_and_width_do_not_count(one: str, other: str) -> None:
    assert near_duplicate_groups([one, other]).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("一二三四", "一二三四五"),
        ("一二三四", "一二三"),
        ("好", "坏"),
        ("", "好"),
        ("😂", "😭"),
        ("！", "？"),
        ("", " "),
    ],
)
def test_posts_shorter_than_a_shingle_are_joined_only_if_they_are_the_same(one: str, other: str) -> None:
    assert near_duplicate_groups([one, other]).tolist() == [0, 1]


def test_posts_without_a_letter_are_joined_only_if_written_alike() -> None:
    texts = ["😂😂", "……", "😂😂", "", "", "http://t.cn/a", "https://example.org/y"]
    assert near_duplicate_groups(texts).tolist() == [0, 1, 0, 3, 3, 5, 6]


def test_no_posts_have_no_groups_and_each_post_is_reported_once() -> None:
    seen: list[int] = []
    assert near_duplicate_groups([]).shape == (0,)
    near_duplicate_groups([*POSTS, POSTS[0]], advance=seen.append)
    assert sum(seen) == len(POSTS) + 1


def test_I3_hostile_posts_are_grouped_without_an_error_and_with_themselves_only() -> None:
    texts = [text for _, text in HOSTILE_STRINGS]
    got = near_duplicate_groups(texts + texts)
    assert got[: len(texts)].tolist() == got[len(texts) :].tolist()
    exact = near_duplicate_groups(texts, threshold=1.0)
    assert (got[: len(texts)] == exact).mean() > 0.9


def test_T2_a_post_of_stacked_marks_takes_linear_time() -> None:
    def seconds(pairs: int) -> float:
        begin = time.perf_counter()
        near_duplicate_groups(["好" + "\u0315\u0300" * pairs])
        return time.perf_counter() - begin

    seconds(100)
    assert seconds(64_000) < 0.5 * 8**2 * max(min(seconds(8_000), seconds(8_000)), 0.002)
