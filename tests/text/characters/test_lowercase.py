"""Lower case of many posts as bytes, rewritten by a table (koudai.text.characters.characters_kernels): ``str.lower``
of each, growing and shrinking letters and sigmas included.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings

from koudai.text.characters.characters import everything
from koudai.text.characters.normalize import lowercase
from koudai.text.utf8 import PAD, of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.posts import ANY, odd_posts, real_posts, without_compiler


def assert_same(texts: list[str]) -> None:
    lower = lowercase(of_texts(texts))
    assert lower.texts() == [text.lower() for text in texts]
    assert not lower.data[lower.offsets[-1] :].any()
    assert len(lower.data) == lower.offsets[-1] + PAD


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=400)
@given(ANY)
def test_many_posts_are_lowered_as_each_of_them(texts: list[str]) -> None:
    assert_same(texts)


def test_of_odd_and_hostile_posts() -> None:
    assert_same([*(text for _, text in HOSTILE_STRINGS), *odd_posts(20230310, 5000)])


@pytest.mark.slow
def test_of_every_character_alone_and_inside_a_word() -> None:
    assert_same([text for one in everything() for text in (one, f"aΣ{one}", f"İ{one}B")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ΟΔΟΣ", "οδος"),
        ("ΟΔΟΣ Σ", "οδος σ"),
        ("İstanbul", "i\u0307stanbul"),
        ("Ⱥ", "\u2c65"),
        ("\u212a", "k"),
        ("ＡＢ", "ａｂ"),
    ],
)
def test_hand_made_examples(text: str, expected: str) -> None:
    assert lowercase(of_texts(["X", text, "Y"])).texts() == ["x", expected, "y"]


def test_posts_that_grow_have_room() -> None:
    assert_same(["İ" * 500, "a" * 100, "Ⱥ" * 500, "Ⱥ"])


def test_of_no_posts_and_of_a_part() -> None:
    posts = of_texts(["A", "B", "", "Σ"])
    assert lowercase(posts.part(1, 4)).texts() == ["b", "", "σ"]
    assert lowercase(posts.part(2, 2)).texts() == []


def test_every_real_post_of_a_sample(real_corpus: Callable[[str], Path]) -> None:
    assert_same(real_posts(real_corpus, 5000))


def test_threads_share_the_table() -> None:
    posts = of_texts(odd_posts(7, 400))
    expected = [text.lower() for text in posts.texts()]
    with ThreadPoolExecutor(8) as pool:
        assert all(lower.texts() == expected for lower in pool.map(lowercase, [posts] * 16))


def test_without_a_compiler_the_posts_are_the_same() -> None:
    """Plain Python writes behind no end of an array: the last post needs the room that the one before it wants."""
    texts = [text for _, text in HOSTILE_STRINGS if len(text) < 200] + odd_posts(3, 200) + ["İ" * 9000, "a" * 9000]
    code = """
from koudai.text.characters.normalize import lowercase
from koudai.text.utf8 import of_texts
print(json.dumps(lowercase(of_texts(given)).texts()))
"""
    assert without_compiler(code, texts) == [text.lower() for text in texts]
