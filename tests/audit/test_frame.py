"""Figures: nothing rests on nothing (A1), rows come back as they went."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.frame import ALL, COLUMNS, AuditFrame, Figure, share

quick = settings(derandomize=True, deadline=None, max_examples=100)


def test_A1_share_of_nothing_has_no_value_and_no_interval() -> None:
    figure = share("rumour", ALL, "alleged", 0, 0)
    assert (figure.value, figure.low, figure.high, figure.n) == (None, None, None, 0)


@quick
@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_A1_a_value_with_n_0_is_dropped_whatever_it_was(value: float, low: float, high: float) -> None:
    figure = Figure("rumour", ALL, "x", value, 0, low, high)
    assert (figure.value, figure.low, figure.high) == (None, None, None)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_A1_what_is_not_finite_is_missing(number: float) -> None:
    figure = Figure("rumour", ALL, "x", number, 5, number, 1.0)
    assert (figure.value, figure.low, figure.high) == (None, None, 1.0)


@quick
@given(st.lists(st.tuples(st.text(max_size=8), st.floats(-1, 1), st.integers(0, 9)), max_size=8))
def test_rows_come_back_through_json(rows: list[tuple[str, float, int]]) -> None:
    frame = AuditFrame("x", tuple(Figure("a", group, "s", value, n, None, value) for group, value, n in rows))
    assert AuditFrame.from_rows("x", json.loads(json.dumps(frame.to_rows()))) == frame


def test_pandas_has_the_columns_even_without_rows() -> None:
    assert tuple(AuditFrame("x", ()).to_pandas().columns) == COLUMNS
    frame = AuditFrame("x", (Figure("a", ALL, "s", 0.5, 4, 0.25, 0.75), Figure("b", ALL, "s", None, 0)))
    found = frame.to_pandas()
    assert found["n"].tolist() == [4, 0]
    assert found["value"][0] == 0.5
    assert pd.isna(found["value"][1])
