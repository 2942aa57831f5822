"""Hashes that tell near-duplicates: what they find, what they do not, and that they give nothing else away."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.near_duplicates.sketches import HASHES, recognised, sketch
from koudai.text.utf8 import of_texts

KEY = b"0123456789abcdef"
CHARACTERS = [chr(point) for point in range(0x4E00, 0x4E00 + 3000)]


def found(texts: list[str], key: bytes = KEY) -> np.ndarray:
    return sketch(of_texts(texts), key=key)


def similar(length: int, changed: int, seed: int) -> tuple[str, str]:
    """Return two posts of which the second has `changed` characters of the first in other places than each other."""
    random_ = random.Random(seed)
    one = random_.choices(CHARACTERS, k=length)
    other = list(one)
    for place in random_.sample(range(0, length, 5), changed):
        other[place] = random_.choice(CHARACTERS)
    return "".join(one), "".join(other)


def jaccard(one: str, other: str) -> float:
    a, b = ({text[at : at + 5] for at in range(len(text) - 4)} for text in (one, other))
    return len(a & b) / len(a | b)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=2, max_size=4))
def test_hashes_do_not_depend_on_the_other_posts(texts: list[str]) -> None:
    together = found(texts)
    assert together.shape == (len(texts), HASHES)
    assert np.array_equal(found(texts[1:]), together[1:])


@pytest.mark.parametrize(
    ("low", "high", "least", "most"), [(0.7, 1, 0.93, 1), (0.5, 0.6, 0.2, 0.7), (0, 0.25, 0, 0.03)]
)
def test_the_more_similar_the_more_often_a_hash_is_shared(low: float, high: float, least: float, most: float) -> None:
    pairs = [similar(120, changed, seed) for seed in range(40) for changed in range(1, 24)]
    pairs = [pair for pair in pairs if low <= jaccard(*pair) <= high]
    assert len(pairs) > 60
    one, other = found([a for a, _ in pairs]), found([b for _, b in pairs])
    shared = np.mean([bool(np.isin(a, b).any()) for a, b in zip(one, other, strict=True)])
    assert least <= shared <= most


def test_unrelated_posts_share_nothing() -> None:
    texts = ["".join(random.Random(seed).choices(CHARACTERS, k=60)) for seed in range(300)]
    assert len(np.unique(found(texts))) == 300 * HASHES


def test_what_is_grouped_as_the_same_has_the_same_hashes() -> None:
    texts = ["今天下雨，路上堵车。", "今天 下雨路上堵车！https://example.com", "短帖", "短 帖", "🙂🙂"]
    assert near_duplicate_groups(texts).tolist() == [0, 0, 2, 2, 4]
    first, again, short, spaced, emoji = found(texts)
    assert np.array_equal(first, again)
    assert np.array_equal(short, spaced)
    assert len({*short.tolist(), *emoji.tolist()}) == 2


def test_another_key_gives_other_hashes() -> None:
    texts = ["今天下雨，路上堵车。", "短帖"]
    assert not np.isin(found(texts), found(texts, b"another salt 123")).any()


def test_no_number_can_be_guessed_digit_by_digit() -> None:
    """Posts that differ in a number alone have the same hashes."""
    one, other = found(["兼职日结，详询13800000000张经理", "兼职日结，详询13900000000张经理"])
    assert np.array_equal(one, other)


def test_the_hashes_are_the_same_on_every_machine() -> None:
    """Written down: a bundle made elsewhere is compared with what is computed here."""
    hashes = found(["今天下雨，路上堵车，晚点回家"])[0, [0, 1, HASHES - 1]]
    assert [f"{one:016x}" for one in hashes] == ["c66bd8f0681e7fd4", "7048966bd9d43851", "d40376be0397d768"]


def test_posts_are_among_those_sketched_as_their_hashes_say() -> None:
    texts = [f"转发这条消息可以领取{number}元现金红包{'！' * number}" for number in range(5)] + [
        "短",
        "",
        "今天下雨，路上堵车",
    ]
    posts = of_texts([*texts, *texts, "另外一条完全不同的帖子，说的是别的事"])
    hashes = np.unique(sketch(of_texts(texts[3:7]), key=b"salt"))
    expected = np.isin(sketch(posts, key=b"salt"), hashes).any(axis=1)
    assert expected.any()
    assert recognised(posts, hashes, key=b"salt").tolist() == expected.tolist()
    assert not recognised(posts, hashes[:0], key=b"salt").any()
