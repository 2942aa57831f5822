"""Strict JSON: what the standard reader lets pass is refused by name (I8), numbers keep their digits (I6), and lone
surrogates come through as they were written (I3).
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.limits import JSON_DEPTH
from koudai.strict_json import NumberText, json_text, strict_object
from tests.hostile.files import deep_json
from tests.hostile.strings import HOSTILE_STRINGS

WITH_SURROGATES = st.text(st.characters(exclude_categories=[]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | WITH_SURROGATES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WITH_SURROGATES, inner, max_size=3),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(value=st.dictionaries(WITH_SURROGATES, VALUES, max_size=4), escaped=st.booleans())
def test_I3_any_object_comes_back_as_it_was_written(value: dict[str, Any], escaped: bool) -> None:
    line = json.dumps(value, ensure_ascii=escaped)
    assert strict_object(line) == json.loads(line)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(value=st.dictionaries(WITH_SURROGATES, VALUES, max_size=4), escaped=st.booleans())
def test_I3_an_object_written_again_is_the_same_object_and_fits_into_utf8(value: dict[str, Any], escaped: bool) -> None:
    written = json_text(strict_object(json.dumps(value, ensure_ascii=escaped)))
    assert json.loads(written.encode()) == json.loads(json.dumps(value))


@pytest.mark.parametrize("digits", ["1", "-0", "1.50", "1e400", "4890123456789012345.0"])
def test_I6_numbers_are_written_with_their_digits(digits: str) -> None:
    line = f'{{"a":[{digits},{{"b":{digits}}}],"c":"{digits}"}}'
    assert json_text(strict_object(line)) == line


def test_I3_hostile_strings_survive_as_keys_and_values(subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            assert strict_object(json.dumps({text: text})) == {text: text}


@pytest.mark.parametrize(
    "digits", ["0", "-0", "007"[2:], "4890123456789012345", "1e5", "1.50", "-1E-400", "9" * 5000, "1" + "0" * 400]
)
def test_I6_numbers_keep_the_digits_that_were_written(digits: str) -> None:
    got = strict_object(f'{{"n": {digits}}}')["n"]
    assert got == digits
    assert isinstance(got, NumberText)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a", "label": 1, "label": 1}', "duplicate key 'label'"),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "duplicate key 'b'"),
        ('{"a": 1, "\\u0061": 2}', "duplicate key 'a'"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('"text"', "not a JSON object"),
        ("null", "not a JSON object"),
        ("12", "not a JSON object"),
        ('{"a": 1} x', "Extra data at character 10"),
        ('{"a"', "at character 5"),
        ("{'a': 1}", "at character 2"),
        ('{"a": 007}', "at character 8"),
        ('{"a": "\x01"}', "Invalid control character at"),
        ('{"a": "第一行\n第二行"}', "Invalid control character at"),
        ("", "Expecting value at character 1"),
        ("\x00", "Expecting value at character 1"),
    ],
)
def test_I8_what_is_not_strict_json_is_refused_by_name(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        strict_object(line)


@pytest.mark.parametrize(
    ("levels", "fits"), [(JSON_DEPTH.value - 1, True), (JSON_DEPTH.value, False), (900, False), (200_000, False)]
)
def test_I8_nesting_is_bounded(levels: int, fits: bool) -> None:
    if fits:
        assert strict_object(deep_json(levels))["post_id"] == "d"
    else:
        with pytest.raises(ValueError, match=f"nested deeper than {JSON_DEPTH.value} levels"):
            strict_object(deep_json(levels))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(line=st.text(st.sampled_from('{}[]",:\\u0dN1e-. \n\ttrue'), max_size=30))
def test_I8_any_text_is_an_object_or_a_value_error(line: str) -> None:
    try:
        standard = json.loads(line)
    except ValueError:
        standard = None
    try:
        got: object = strict_object(line)
    except ValueError:
        got = None
    assert got is None or isinstance(standard, dict)


def test_numbers_come_as_numbers_where_asked_and_stay_finite() -> None:
    assert strict_object('{"a": 7, "b": 0.5}', numbers=True) == {"a": 7, "b": 0.5}
    with pytest.raises(ValueError, match="1e999 is not a finite number"):
        strict_object('{"a": 1e999}', numbers=True)
