"""Bare text: the kernel against Python's own NFKC, lower case and regular expression, on every character there is, on
characters that combine, and on links cut short in every way.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.near_duplicates.bare import bare_text, bare_texts, on_its_own
from koudai.corpus.near_duplicates.bare_kernels import read_point
from koudai.text.characters.assigned import is_later
from koudai.text.utf8 import Utf8, of_texts
from tests.hostile.strings import HOSTILE_STRINGS

PIECES = [
    "http",
    "s",
    "://",
    "www",
    ".",
    "ｗｗｗ．",
    "ＨＴＴＰ",
    "/",
    "!",
    "~",
    " ",
    "…",
    "①",
    "㎡",
    "ﷺ",
    "_",
    "中",
    "a",
    "Ｂ",
    "９",
]
COMBINING = [
    "e",
    "\u0301",
    "か",
    "\u3099",
    "ﾞ",
    "\u1112",
    "\u1161",
    "\u11ab",
    "한",
    "Σ",
    "ς",
    "İ",
    "\ufe0f",
    "❤",
    "\u200d",
]
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(COMBINING), st.characters(), st.characters(categories=["Cs"])),
    max_size=12,
).map("".join)


def read(posts: Utf8) -> list[str]:
    codes, starts, stops = bare_texts(posts)
    return [
        codes[start:stop].tobytes().decode("utf-32-le", "surrogatepass")
        for start, stop in zip(starts, stops, strict=True)
    ]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(TEXTS, max_size=8))
def test_the_kernel_says_what_python_says(texts: list[str]) -> None:
    assert read(of_texts(texts)) == [bare_text(text) for text in texts]


@pytest.mark.slow
def test_every_character_there_is() -> None:
    """And every sixteenth of the stretches that hold none."""
    stretches = ["".join(map(chr, range(start, start + 64))) for start in range(0, 0x110000, 64)]
    nobody = {"Cn", "Co"}
    texts = [
        stretch
        for number, stretch in enumerate(stretches)
        if number % 16 == 0 or not nobody.issuperset(map(unicodedata.category, stretch))
    ]
    assert 2_000 < len(texts) < 6_000
    assert read(of_texts(texts)) == [bare_text(text) for text in texts]


@pytest.mark.parametrize("character", ["\0", "~", "\x80", "߿", "ࠀ", "中", "\ud800", "\uffff", "𐀀", "\U0010ffff"])
def test_a_code_point_is_read_from_its_utf8(character: str) -> None:
    data = of_texts(["x" + character]).data
    assert read_point(data, 1) == (ord(character), len(character.encode("utf-8", "surrogatepass")))


def test_no_character_that_combines_with_the_one_before_it_is_replaced_on_its_own() -> None:
    """Unicode composes pairs: whatever is second in one, or is moved among marks, must not be on its own."""
    second = {chr(place) for place in [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]}
    assigned = [place for place in range(0x110000) if not is_later(chr(place))]
    for place in assigned:
        parts = unicodedata.decomposition(chr(place))
        if parts and parts[0] != "<":
            second |= {chr(int(part, 16)) for part in parts.split()[1:]}
    assert len(second) > 100
    assert [one for one in second if on_its_own(one)] == []
    assert [place for place in assigned if unicodedata.combining(chr(place)) and on_its_own(chr(place))] == []


def test_the_others_become_what_they_become_alone() -> None:
    for one in ("A", "Ａ", "ﷺ", "㎡", "①", "…", "𠮷", "\ud800", "\0", "é", "ſ", "K"):
        assert on_its_own(one) == unicodedata.normalize("NFKC", one).lower()
    for one in ("\u0301", "\u1161", "Σ", "ﾞ", "İ"):
        assert on_its_own(one) in ("", unicodedata.normalize("NFKC", one).lower())


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("今晚八点！ 直播https://t.cn/Abc1…见", "今晚八点直播见"),
        ("看www.example.org/x?y=1。", "看"),
        ("www.", "www"),
        ("https://", "https"),
        ("http:/t.cn", "httptcn"),
        ("ＨＴＴＰＳ：／／t.cn/a好", "好"),
        ("xhttp://a.b", "x"),
        ("😂 😂", "😂 😂"),
        ("http://t.cn/a", "http://t.cn/a"),
        ("", ""),
        ("A_B", "ab"),
    ],
)
def test_what_is_left(text: str, bare: str) -> None:
    assert bare_text(text) == bare
    assert read(of_texts([text, "好", text])) == [bare, "好", bare]


def test_I3_hostile_posts_and_posts_out_of_the_middle_of_others() -> None:
    texts = [text for _, text in HOSTILE_STRINGS]
    expected = [bare_text(text) for text in texts]
    assert read(of_texts(texts)) == expected
    assert read(of_texts(["前", *texts, "后"]).part(1, len(texts) + 1)) == expected
    assert read(of_texts([])) == []
