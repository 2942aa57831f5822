"""Cells of spreadsheets: what could be taken for a formula is marked, and nothing else is touched."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.characters.hazards import HARMLESS, guarded
from tests.hostile.strings import encodable


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\x00x", "＝cmd", "＋1", "－1", "＠a", " =1", "\u200b=1"],
)
def test_R4_formulas_are_guarded(text: str):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["谣言", "a=b", "t=0.05", "", "‹赶紧›", "bin 0.0-0.1", "1-2"])
def test_R4_other_text_is_untouched(text: str):
    assert guarded(text) == text


@settings(deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
        | st.sampled_from(encodable()).map(lambda one: one[1])
    )
)
def test_R4_what_looks_harmless_at_first_is_so(texts: list[str]) -> None:
    for text, harmless in zip(
        texts, pc.match_substring_regex(pa.array(texts, pa.string()), HARMLESS).to_pylist(), strict=True
    ):
        assert not harmless or guarded(text) == text


def test_most_texts_look_harmless_at_first() -> None:
    texts = ["00123", "听说", "a=1", "", "2023-03-10"]
    assert pc.match_substring_regex(pa.array(texts), HARMLESS).to_pylist() == [True] * 5
