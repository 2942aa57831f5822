"""Signed JSON: what was written comes back, and a single changed bit is found."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.storage.signed import read_signed, write_signed
from tests.storage.test_durable import JSON


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.integers(0), st.integers(0, 7))
def test_J5_what_signs_itself_comes_back_unless_a_bit_is_another(value: dict[str, Any], at: int, bit: int) -> None:
    value.pop("sha256", None)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "x"
        write_signed(path, value)
        assert read_signed(path) == value
        data = bytearray(path.read_bytes())
        data[at % len(data)] ^= 1 << bit
        path.write_bytes(data)
        with pytest.raises((json.JSONDecodeError, UnicodeDecodeError, ValueError)):
            read_signed(path)
