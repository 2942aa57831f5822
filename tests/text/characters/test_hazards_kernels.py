"""Hazards and words of many posts as bytes (koudai.text.characters.hazards_kernels): what is found in each string."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from koudai.limits import COMBINING_RUN
from koudai.text.characters import hazards_kernels as kernels
from koudai.text.characters.assigned import is_later
from koudai.text.characters.characters import everything
from koudai.text.characters.hazards import HAZARDS, has_words, hazard_flags, hazards
from koudai.text.utf8 import PAD, Utf8, of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.characters.test_hazards import CASES, PLAIN
from tests.text.posts import ANY, odd_posts, random_bytes, real_posts, without_compiler


def named(mask: int) -> list[str]:
    return [name for bit, name in enumerate(HAZARDS) if mask >> bit & 1]


def test_the_bits_of_the_kernels_are_those_of_the_names() -> None:
    bits = {"no-words": kernels.WORD, "stacked-marks": kernels.MARK, "cut-off": kernels.CUT_OFF}
    bits |= {"placeholder": kernels.PLACEHOLDER, "escaped": kernels.ESCAPED, "markup": kernels.MARKUP}
    bits |= {"mojibake": kernels.MOJIBAKE}
    assert {name: 1 << HAZARDS.index(name) for name in bits} == bits
    behind = (kernels.LETTER, kernels.AFTER_WORDS, kernels.AFTER_SIGNS)
    assert behind == tuple(1 << len(HAZARDS) + place for place in range(3))
    assert len(HAZARDS) <= np.iinfo(np.uint16).bits


def assert_same(texts: list[str]) -> None:
    posts = of_texts(texts)
    assert [named(mask) for mask in hazard_flags(posts).tolist()] == [hazards(text) for text in texts]
    assert has_words(posts).tolist() == [any(one.isalnum() and not is_later(one) for one in text) for text in texts]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=150)
@given(ANY)
def test_flags_and_words_of_many_posts_are_those_of_each(texts: list[str]) -> None:
    assert_same(texts)


def test_of_odd_and_hostile_posts() -> None:
    assert_same([*(text for _, text in HOSTILE_STRINGS), *odd_posts(20230310, 5000), *PLAIN])


@pytest.mark.slow
def test_of_every_character_alone() -> None:
    assert_same(list(everything()))


def test_T2_a_run_of_marks_is_counted_past_everything_but_a_post_s_end() -> None:
    limit = COMBINING_RUN.value
    marks = ("\u0301", "\uff9e", "\u0e31", "\u20e3", "\u0301\u0e31")
    runs = [front + (mark * 40)[:length] for front in ("", "好") for mark in marks for length in (limit, limit + 1)]
    assert_same([*runs, "\u0301" * 15 + "好" + "\u0301" * 16, *["\u0301" * 20] * 3, "\u0301" * 31 + "好" * 9])


def test_every_real_post_of_a_sample(real_corpus: Callable[[str], Path]) -> None:
    assert_same(real_posts(real_corpus, 5000))


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_hand_made_examples(text: str, expected: list[str]) -> None:
    assert named(int(hazard_flags(of_texts([text]))[0])) == expected


def test_of_no_posts_and_of_a_part() -> None:
    posts = of_texts(["\x00", "a", "\ufffd"])
    assert [named(mask) for mask in hazard_flags(posts.part(1, 3)).tolist()] == [[], ["no-words", "replacement"]]
    assert hazard_flags(posts.part(1, 1)).tolist() == has_words(posts.part(1, 1)).tolist() == []


def test_threads_share_the_tables() -> None:
    posts = of_texts(odd_posts(7, 400))
    expected = hazard_flags(posts).tolist()
    with ThreadPoolExecutor(8) as pool:
        assert all(found.tolist() == expected for found in pool.map(hazard_flags, [posts] * 16))


def test_without_a_compiler_the_flags_are_the_same() -> None:
    texts = [text for _, text in HOSTILE_STRINGS if len(text) < 200] + odd_posts(3, 200)
    code = """
from koudai.text.characters.hazards import has_words, hazard_flags
from koudai.text.utf8 import of_texts
posts = of_texts(given)
print(json.dumps([hazard_flags(posts).tolist(), has_words(posts).tolist()]))
"""
    assert without_compiler(code, texts) == [
        hazard_flags(of_texts(texts)).tolist(),
        has_words(of_texts(texts)).tolist(),
    ]


def test_bytes_that_are_not_utf8_are_read_within_their_post_alone() -> None:
    posts = random_bytes(20230310, 1000)
    whole = Utf8(np.frombuffer(b"".join(posts) + bytes(PAD), np.uint8), np.cumsum([0, *map(len, posts)]))
    for found in (hazard_flags, has_words):
        alone = [
            found(Utf8(np.frombuffer(post + b"\x80" * PAD, np.uint8), np.array([0, len(post)])))[0] for post in posts
        ]
        assert found(whole).tolist() == alone


def test_bytes_that_are_not_utf8_keep_within_every_array() -> None:
    """Plain Python checks each index; the kernels get no byte to spare."""
    code = """
import numpy as np
from koudai.text.characters.hazards import _kernels, _table
kernels = _kernels()
for post in filter(None, map(bytes.fromhex, given)):
    data, offsets = np.frombuffer(post, np.uint8), np.array([0, len(post)])
    kernels.flag_posts(data, offsets, 30, _table(), np.empty(1, np.uint16))
    kernels.mark_worded(data, offsets, _table(), np.empty(1, np.bool_))
print(len(given))
"""
    assert without_compiler(code, [post.hex() for post in random_bytes(5, 400)]) == 400
