"""Originals: strict decoding, one parser by each name, and errors that say where the layout is another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.corpus.fetching.originals import PARSERS, decode_original, unlike
from koudai.errors import ReadError, UsageError


def test_every_layout_has_a_parser_by_name() -> None:
    assert {"csv", "csv-without-header", "json-array", "pandas-pickle", "tab-lines", "word-lines"} <= set(PARSERS)
    with pytest.raises(UsageError, match="unknown parser 'os.system'"):
        PARSERS["os.system"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff")))
def test_text_comes_back_with_and_without_a_mark_in_front(text: str) -> None:
    assert decode_original(text.encode(), path="a", encodings=("utf-8",)) == text
    assert decode_original(text.encode("utf-8-sig"), path="a", encodings=("utf-8", "gb18030")) == text


def test_I1_the_first_encoding_in_which_all_bytes_are_valid_is_taken() -> None:
    data = "菜场今天休息".encode("gb18030")
    assert decode_original(data, path="a", encodings=("utf-8", "gb18030")) == "菜场今天休息"
    with pytest.raises(ReadError) as caught:
        decode_original(b"ab" + data, path="folder/a.csv", encodings=("utf-8",))
    assert (caught.value.where, caught.value.expected) == ("folder/a.csv", "utf-8")
    assert caught.value.got == f"byte 0x{data[0]:02x} at offset 2"


def test_another_layout_names_file_and_line() -> None:
    error = unlike("a.csv", expected="two cells", got="three", line=7)
    assert (error.where, error.expected, error.got, error.exit_code) == ("a.csv:7", "two cells", "three", 3)
    assert unlike("a.csv", expected="x", got="y").where == "a.csv"
