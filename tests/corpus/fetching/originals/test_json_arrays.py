"""JSON arrays: objects come as they were written, numbers as their digits; anything else is an error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.corpus.fetching.originals.tables import json_array
from koudai.errors import ReadError

VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=3)


@given(st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=4))
def test_objects_come_back(rows: list[dict[str, object]]) -> None:
    digits = [{name: str(value) if type(value) is int else value for name, value in row.items()} for row in rows]
    assert list(json_array({"a": json.dumps(rows).encode()}, ("utf-8",))) == [("a", row) for row in digits]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b'{"a": 1}', b'[{"a": 1}, null]', b"[" * 100_000, b'[{"a": "x]'],
    ids=["empty", "cut", "numbers", "an object", "null among objects", "depth", "open text"],
)
def test_I8_anything_else_is_an_error(content: bytes) -> None:
    with pytest.raises(ReadError) as caught:
        list(json_array({"a.json": content}, ("utf-8",)))
    assert caught.value.where == "a.json"
    assert len(str(caught.value)) < 1000


def test_I8_a_number_too_long_for_python_keeps_its_digits() -> None:
    digits = "9" * 5000
    assert list(json_array({"a": f'[{{"n": {digits}}}]'.encode()}, ("utf-8",))) == [("a", {"n": digits})]
