"""Posts as bytes: the same strings in and out, from Python and from Arrow in all its shapes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.errors import DataError
from koudai.text.utf8 import PAD, LazyTexts, joined, of_arrow, of_texts

ANY = st.lists(st.text(st.characters(codec=None)), max_size=8)
ENCODABLE = st.lists(st.none() | st.text(st.characters(codec="utf-8")), max_size=8)


@given(texts=ANY)
def test_strings_come_back_with_lone_surrogates_and_nuls(texts: list[str]) -> None:
    posts = of_texts(texts)
    assert posts.texts() == texts
    assert len(posts.data) >= posts.offsets[-1] + PAD


@given(texts=ENCODABLE, cut=st.integers(0, 8), large=st.booleans())
def test_arrow_slices_and_chunks_are_the_same_posts(texts: list[str | None], cut: int, large: bool) -> None:
    kind = pa.large_string() if large else pa.string()
    whole = pa.array(texts, kind)
    expected = [text or "" for text in texts]
    assert of_arrow(whole).texts() == expected
    assert of_arrow(pa.chunked_array([whole[:cut], whole[cut:]], kind)).texts() == expected
    assert of_arrow(whole[cut:]).texts() == expected[cut:]


@given(texts=ANY, cut=st.integers(0, 8))
def test_lengths_are_those_of_strings_in_a_part_too(texts: list[str], cut: int) -> None:
    posts = of_texts(texts)
    cut = min(cut, len(texts))
    assert posts.lengths().tolist() == list(map(len, texts))
    assert posts.part(cut, len(texts)).lengths().tolist() == list(map(len, texts[cut:]))
    assert posts.part(cut, len(texts)).texts() == texts[cut:]


def test_a_part_shares_the_bytes() -> None:
    posts = of_texts(["甲", "乙丙", "", "丁"])
    assert posts.part(1, 3).texts() == ["乙丙", ""]
    assert posts.part(1, 3).data is posts.data


@given(texts=ANY, characters=st.text(st.characters(codec=None), max_size=4))
def test_posts_that_hold_a_character_are_found_among_bytes(texts: list[str], characters: str) -> None:
    texts = ["&", *texts, f"甲{characters[-1:]}＆", "", "乙"]
    posts = of_texts([characters, *texts]).part(1, len(texts) + 1)
    asked = characters + "&＆"
    assert posts.holding(asked).tolist() == [any(one in text for one in asked) for text in texts]
    assert not posts.holding("").any()


@pytest.mark.parametrize("wrong", [["甲"], np.array(["甲"]), pa.array([1, 2])])
def test_what_is_not_arrow_strings_is_refused(wrong: object) -> None:
    with pytest.raises(DataError, match="Arrow strings"):
        of_arrow(wrong)


@pytest.mark.parametrize("place", [0, -1, slice(1, 3), slice(None, None, 2), slice(None, None, -1), slice(3, 1)])
def test_texts_are_read_like_a_list_of_strings(place: int | slice) -> None:
    strings = ["", "早上好", "a\x00", "\ud800", "🙂"]
    texts = LazyTexts.of(strings)
    assert (len(texts), list(texts), texts[place]) == (5, strings, strings[place])
    assert texts == strings
    assert texts != strings[1:]
    assert texts.rows(np.array([4, 1, 1])) == ["🙂", "早上好", "早上好"]
    assert of_texts(texts) is texts.utf8
    with pytest.raises(IndexError):
        texts[5]


def test_parts_are_joined_in_their_order() -> None:
    posts = of_texts(["甲", "乙", "丙"])
    assert joined([posts.part(2, 3), posts.part(0, 0), posts.part(0, 2)]).texts() == ["丙", "甲", "乙"]
    assert joined([]).posts == 0
