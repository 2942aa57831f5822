"""Folding: half width, lower case, plain digits, nothing invisible, and every character knows where it stood."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.characters.contacts.folding import all_digits, fold
from tests.hostile.strings import HOSTILE_STRINGS


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(max_size=40) | st.sampled_from([text[:2000] for _, text in HOSTILE_STRINGS]))
def test_every_character_stands_for_one_of_the_text(text: str) -> None:
    folded = fold(text)
    places = folded.places or list(range(len(text) + 1))
    assert len(folded.text) == len(folded.digits) == len(places) - 1
    assert places[-1] == len(text)
    assert sorted(set(places)) == places
    for at, one in enumerate(folded.text):
        was = text[places[at]]
        assert one in (was, was.lower(), unicodedata.normalize("NFKC", was).lower()) or one.isdigit()


def test_T13_digits_of_every_kind_are_plain_ones() -> None:
    digits = all_digits()
    assert set(fold(digits).digits) == set("0123456789")
    for written in ("１３８", "①③⑧", "⓵⓷⓼", "❶❸❽", "1️⃣3️⃣8️⃣", "1⃣3⃣8⃣", "一三八", "壹叁捌", "𝟏𝟑𝟖", "١٣٨", "¹³⁸"):
        assert fold(written).digits == "138"


def test_letters_that_are_wide_circled_or_bold_are_plain_ones() -> None:
    assert fold("ＶＸ ⓥⓧ 𝐯𝐱 VX").text == "vx vx vx vx"


def test_a_letter_whose_lower_case_is_longer_stays() -> None:
    assert fold("İA").text == "İa"
