"""Script: what a reader would say of posts, and total for any string."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.characters.script import SCRIPTS, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("这是谣言，请大家转发", "simplified"),
        ("這是謠言，請大家轉發", "traditional"),
        ("这是谣言，這是謠言", "mixed"),
        ("今天天气很好，山上有水", "shared"),
        ("hello, world 123", "latin"),
        ("这是 APP 的广告", "simplified"),
        ("", "other"),
        ("😀 123 ！", "other"),
        ("\ud800", "other"),
        ("𠮷", "shared"),
        ("这" * 9 + "這", "simplified"),
        ("这" * 8 + "這", "mixed"),
        ("这" + "這" * 9, "traditional"),
    ],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(st.characters(codec=None)))
def test_any_string_is_of_one_script_however_its_characters_stand(text: str) -> None:
    assert script_of(text) in SCRIPTS
    assert script_of(text[::-1]) == script_of(text)
