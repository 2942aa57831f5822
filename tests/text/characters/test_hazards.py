"""Hazards: every kind is noticed on raw posts, plain posts have none, and the classes of characters are Unicode's."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.limits import COMBINING_RUN
from koudai.text.characters.assigned import is_later
from koudai.text.characters.hazards import INVISIBLE, combining, hazards, without_surrogates
from koudai.text.characters.traces import TRACES
from tests.hostile.strings import HOSTILE_STRINGS

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
KNOWN = {"bidi", "control", "invisible", "lone-surrogate", "no-words", "replacement", "stacked-marks"} | set(TRACES)
PLAIN = (
    "今天食堂的红烧茄子居然没放糖。",
    "第一行\n第二行\t缩进\r\n",
    "周末去爬山❤\ufe0f，全家福👨\u200d👩\u200d👧来一张",  # presentation of emoji is no hazard
    "café 开业，@老王 https://example.com/a",
    "กำลังเรียนภาษาไทย",
    "नमस्ते दुनिया",
)
CASES = [
    ("收款\u202e001\u202c元", ["bidi", "invisible"]),
    ("前\x00后", ["control"]),
    ("前\x85后", ["control"]),
    ("薇\u200b信", ["invisible"]),
    ("加\u3164群", ["invisible"]),
    ("\u2800空白", ["invisible"]),
    ("好\ufffd", ["replacement"]),
    ("坏\ud83d的", ["lone-surrogate"]),
    ("", ["no-words"]),
    ("🎉🎉🎉", ["no-words"]),
    ("！！……", ["no-words"]),
    ("___", ["no-words"]),
    ("\u3164\u115f\uffa0", ["invisible", "no-words"]),  # letters to Unicode, nothing to a reader
    ("z" + "\u0301" * 31, ["stacked-marks"]),
    ("z" + "\u0301" * 30, []),
    ("ｶ" + "\uff9e" * 31, ["stacked-marks"]),
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_posts_have_none(text: str) -> None:
    assert hazards(text) == []


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_each_hazard_is_noticed(text: str, expected: list[str]) -> None:
    assert hazards(text) == expected


def test_hostile_strings_pass_through(subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            assert set(hazards(text)) <= KNOWN


@settings(derandomize=True, deadline=None, max_examples=300)
@given(ANY)
def test_hazards_are_known_sorted_and_told_once(text: str) -> None:
    found = hazards(text)
    assert found == sorted(set(found))
    assert set(found) <= KNOWN
    assert ("lone-surrogate" in found) == any("\ud800" <= c <= "\udfff" for c in text)
    assert ("replacement" in found) == ("\ufffd" in text)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(ANY)
def test_I3_without_surrogates_can_be_encoded_and_changes_nothing_else(text: str) -> None:
    clean = without_surrogates(text)
    clean.encode()
    assert len(clean) == len(text)
    assert all(a == b or ("\ud800" <= a <= "\udfff" and b == "\ufffd") for a, b in zip(text, clean, strict=True))


def test_T4_every_format_character_is_invisible_or_has_a_shape_of_its_own() -> None:
    """Category Cf is covered but for the signs that are drawn: Arabic and Kaithi number signs, Egyptian joiners."""
    drawn = [(0x600, 0x605), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2)]
    drawn += [(0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F)]
    unseen = re.compile(f"[{INVISIBLE}]")
    for place in range(sys.maxunicode + 1):
        if unicodedata.category(chr(place)) == "Cf":
            is_drawn = any(low <= place <= high for low, high in drawn)
            assert bool(unseen.match(chr(place))) != is_drawn, hex(place)


@pytest.mark.parametrize("character", "\u3164\u115f\u1160\uffa0\u2800\u180b\ufe0f\U000e0100\u034f\u00ad\U000e0041")
def test_T4_invisible_characters_outside_category_cf_are_covered(character: str) -> None:
    assert re.match(f"[{INVISIBLE}]", character)


def test_T4_no_ideograph_letter_digit_or_emoji_is_invisible() -> None:
    seen = "汉字〇々漢𠮷あアㄅ한글abcＡ１٣0-9，。！“”……—·@#￥😂❤👍🏽🇨🇳\u0301\n\t \u3000\u00a0"
    assert not re.search(f"[{INVISIBLE}]", seen)


def test_T2_every_mark_that_normalisation_sorts_is_a_combining_mark() -> None:
    """Of all code points of Unicode 14: whose compatibility decomposition begins with a mark of a class above 0."""
    mark = re.compile(f"[{combining()}]")
    missed = [
        hex(place)
        for place in range(sys.maxunicode + 1)
        if unicodedata.combining(unicodedata.normalize("NFKD", chr(place))[0])
        and not mark.match(chr(place))
        and not is_later(chr(place))
    ]
    assert missed == []


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 80), st.sampled_from("\u0301\u0323\u0e48\u0951\u05b0\u20e3\uff9e"))
def test_T2_a_run_of_marks_is_stacked_above_the_limit(count: int, mark: str) -> None:
    assert ("stacked-marks" in hazards("好" + mark * count + "的")) == (count > COMBINING_RUN.value)
