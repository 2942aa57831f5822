"""Near-duplicates: exactly the groups that Jaccard over all pairs makes, in any order of posts; short posts only if
they are the same; hostile templates in linear time, with pairs missed but none joined wrongly; on real posts nothing is
lost that MinHash finds.
"""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.near_duplicates import groups as duplicates
from koudai.corpus.near_duplicates.bare import bare_text
from koudai.corpus.near_duplicates.groups import THRESHOLD, identical_groups, near_duplicate_groups
from koudai.limits import Limit
from koudai.text.utf8 import of_texts
from tests.corpus.near_duplicates.minhash import minhash_groups, shingles_of
from tests.corpus.posts import POSTS, copies
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.linear import assert_linear

LETTERS = "今天气真好我们去公园玩吧有没谁一起"
REAL = 4_000
PASSAGES = st.text(LETTERS, max_size=40)


def bare(text: str) -> str:
    """Return letters and digits only; texts in these tests hold no links."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def jaccard(one: str, other: str) -> float:
    """Return the index of two bare texts."""
    a, b = shingles_of(one), shingles_of(other)
    return len(a & b) / len(a | b) if a or b else float(one == other)


def components(texts: list[str], threshold: float) -> list[int]:
    """Return for each text the first text it is linked to by pairs of at least `threshold`, all pairs compared."""
    group, written = list(range(len(texts))), [bare(text) for text in texts]
    for a, b in itertools.combinations(range(len(texts)), 2):
        if written[a] == written[b] or jaccard(written[a], written[b]) >= threshold:
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


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=120)
@given(texts=related(), threshold=st.sampled_from([0.3, 0.5, THRESHOLD, 0.9, 1.0]))
def test_A3_groups_are_those_of_exact_jaccard_over_all_pairs(texts: list[str], threshold: float) -> None:
    assert near_duplicate_groups(texts, threshold=threshold).tolist() == components(texts, threshold)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    texts=related()
    | st.lists(st.sampled_from(["", "🙂", "！", "停水 ", "停水！", "ＡB", "ab", "a b", "http://a.example"]))
)
def test_A3_identical_posts_are_those_of_one_bare_text(texts: list[str]) -> None:
    bare = [bare_text(text) for text in texts]
    assert identical_groups(of_texts(texts)).tolist() == [bare.index(text) for text in bare]


def test_A3_a_pair_is_joined_if_it_reaches_the_threshold_however_near_it_is() -> None:
    rng = random.Random(20230310)

    def written(length: int) -> str:
        return "".join(chr(0x4E00 + rng.randrange(4000)) for _ in range(length))

    pairs = []
    for _ in range(600):
        text = written(80)
        pairs.append((text, text[: rng.randrange(55, 76)] + written(rng.randrange(15))))
    got = near_duplicate_groups([text for pair in pairs for text in pair])
    reached = [jaccard(bare(text), bare(other)) >= THRESHOLD for text, other in pairs]
    assert (got[::2] == got[1::2]).tolist() == reached
    assert 100 < sum(reached) < 500


def test_A3_posts_of_few_words_in_all_orders_share_everything_and_are_told_apart_exactly() -> None:
    texts = ["".join(order) for order in itertools.permutations(["今天", "天气", "真好", "我们", "公园"])]
    assert near_duplicate_groups(texts).tolist() == components(texts, THRESHOLD)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=30)
@given(texts=related(), seed=st.integers(0, 1000))
def test_A3_the_groups_do_not_depend_on_the_order_of_posts(texts: list[str], seed: int) -> None:
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)
    straight = near_duplicate_groups(texts).tolist()
    mixed = near_duplicate_groups([texts[i] for i in order]).tolist()
    back = {place: mixed[at] for at, place in enumerate(order)}
    for a, b in itertools.combinations(range(len(texts)), 2):
        assert (straight[a] == straight[b]) == (back[a] == back[b])


@settings(derandomize=True, deadline=None, max_examples=30)
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


def template(n: int, filler: int, *, seed: int = 1) -> list[str]:
    """Posts of sixty characters, each with its own `filler` characters somewhere in them."""
    rng = random.Random(seed)

    def written(length: int) -> str:
        return "".join(chr(0x4E00 + rng.randrange(6000)) for _ in range(length))

    frame = written(60)
    places = [rng.randrange(61) for _ in range(n)]
    return [frame[:place] + written(filler) + frame[place:] for place in places]


@pytest.mark.parametrize("filler", [1, 3])
def test_P5_posts_of_one_template_are_one_group(filler: int) -> None:
    assert set(near_duplicate_groups(template(20_000, filler)).tolist()) == {0}


@pytest.mark.slow
@pytest.mark.parametrize("filler", [6, 8, 10, 30])
def test_P5_posts_of_a_template_that_differ_more_take_linear_time(filler: int) -> None:
    assert_linear(near_duplicate_groups, lambda n: template(n, filler), sizes=(5_000, 20_000))


@pytest.mark.slow
def test_P5_A3_beyond_the_limits_pairs_are_missed_but_none_is_joined_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = template(250, 7)
    exact = components(texts, THRESHOLD)
    assert near_duplicate_groups(texts).tolist() == exact
    for limit in (1, 3):
        monkeypatch.setattr(duplicates, "SHINGLE_POSTS", Limit(limit, "", ""))
        monkeypatch.setattr(duplicates, "POST_COMPARISONS", Limit(limit, "", ""))
        got = near_duplicate_groups(texts).tolist()
        assert len(set(got)) > len(set(exact))
        assert all(exact[one] == exact[name] for one, name in enumerate(got))
        order = list(range(len(texts)))
        random.Random(limit).shuffle(order)
        mixed = near_duplicate_groups([texts[i] for i in order]).tolist()
        assert {frozenset(np.flatnonzero(np.array(got) == name).tolist()) for name in got} == {
            frozenset(order[k] for k in np.flatnonzero(np.array(mixed) == name)) for name in mixed
        }


def test_strings_and_bytes_and_a_part_of_them_are_grouped_alike() -> None:
    texts = [*POSTS, *copies(POSTS[0])]
    posts = of_texts(["前", *texts, "后"]).part(1, len(texts) + 1)
    assert near_duplicate_groups(posts).tolist() == near_duplicate_groups(texts).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["weibo21", "fbs_sms", "wefend_wechat_titles"])
def test_A3_real_posts_nothing_is_lost_that_minhash_finds_and_nothing_joined_wrongly(
    name: str, real_corpus: Callable[[str], Path]
) -> None:
    texts = pq.read_table(real_corpus(f"{name}.parquet"), columns=["text"]).column(0).to_pylist()[:REAL]
    got = near_duplicate_groups(texts)
    other = minhash_groups(texts)
    assert sum(one != name for one, name in enumerate(other)) > 50
    assert all(got[one] == got[name] for one, name in enumerate(other))
    for group in np.unique(got[got != np.arange(len(texts))]):
        members = sorted({bare_text(texts[i]) for i in np.flatnonzero(got == group)})
        shingles = [shingles_of(member) for member in members]
        reached, waiting = {0}, [0]
        while waiting:
            here = waiting.pop()
            near = {
                k
                for k in range(len(members))
                if k not in reached
                and len(shingles[here] & shingles[k]) >= THRESHOLD * len(shingles[here] | shingles[k])
            }
            reached |= near
            waiting += near
        assert len(reached) == len(members)


def test_T2_a_post_of_stacked_marks_takes_linear_time() -> None:
    assert_linear(near_duplicate_groups, lambda pairs: ["好" + "\u0315\u0300" * pairs])
