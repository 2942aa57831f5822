"""Probabilities: a cell is a number from 0 to 1, silence, or refused; never what Python alone takes for a number."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.inputs.cells import probability
from koudai.strict_json import NumberText, strict_object

quick = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        *(("0", 0.0), ("1", 1.0), (" 0.25 ", 0.25), (".5", 0.5), ("1.", 1.0), ("+1e-3", 0.001), ("-0", 0.0)),
        *((NumberText("1"), 1.0), (0.75, 0.75), (Decimal("0.125"), 0.125), (np.float16(0.5), 0.5)),
    ],
)
def test_numbers_from_0_to_1_are_what_they_say(cell: Any, says: float) -> None:
    assert probability(cell) == says


@pytest.mark.parametrize("cell", [None, "", "  ", "\t", "NA", " - "])
def test_A6_an_empty_cell_and_what_stands_for_it_is_silence(cell: Any) -> None:
    assert math.isnan(probability(cell, missing=("NA", "-")))


@pytest.mark.parametrize(
    "cell",
    [
        *("nan", "NaN", "inf", "-Infinity", "1e400", "1.0000001", "-0.1", "87", "87%", "0,5", "1_0e-2", "0x1p-1"),
        *("true", "yes", "NA", "谣言", "０.５", "٠", "0.5 0.5", "e5", ".", "'0.5", "\u202e0.5"),
        *(True, False, math.nan, math.inf, -1e-9, 2.0, np.float32("nan"), Decimal("NaN"), Decimal(2), [0.5], {}, b"1"),
    ],
)
def test_anything_else_is_refused_in_words(cell: Any) -> None:
    with pytest.raises(ValueError, match="is no number from 0 to 1"):
        probability(cell)


@pytest.mark.slow
@quick
@given(
    st.text(max_size=6)
    | st.sampled_from("0.19eE+-_ ").flatmap(lambda c: st.text("0.19eE+-_ ", max_size=5).map(c.__add__))
)
def test_no_text_gives_anything_but_a_number_from_0_to_1_or_silence(cell: str) -> None:
    """What JSON calls a number from 0 to 1 is one."""
    try:
        found = probability(cell)
    except ValueError:
        found = None
    assert found is None or 0 <= found <= 1 or (math.isnan(found) and not cell.strip())
    try:
        number = float(strict_object(f'{{"p": {cell}}}', numbers=True)["p"])
    except (ValueError, TypeError):
        return
    if isinstance(strict_object(f'{{"p": {cell}}}')["p"], NumberText):
        assert found == (number if 0 <= number <= 1 else None)
