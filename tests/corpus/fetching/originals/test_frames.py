"""Pickled tables: whatever pandas wrote them, in whatever order of rows, they come back as pandas would give them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.fetching.originals.frames import pandas_pickle, read_frame
from koudai.errors import ReadError
from tests.corpus.fetching.originals.old_pandas import pickled

WRITERS = {
    "pandas of today": lambda frame, protocol: pickle.dumps(frame, protocol=protocol),
    "pandas 1.1": lambda frame, protocol: pickled(frame, protocol=protocol),
}


def plain(columns: dict[str, Any]) -> pd.DataFrame:
    """A table whose texts and names are Python objects, as they were before pandas 3."""
    series = {
        name: pd.Series(values, dtype=object if isinstance(values[0], str) else None)
        for name, values in columns.items()
    }
    frame = pd.DataFrame(series)
    frame.columns = pd.Index(list(columns), dtype=object)
    return frame


TABLE = plain(
    {
        "content": ["今早的雾真大", "桥头的灯修好了", "面条有点咸"],
        "label": [1, 0, 1],
        "category": ["社会生活", "社会生活", "科技"],
        "share": [0.5, 1.0, 2.25],
        "seen": [True, False, True],
    }
)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_table_comes_back_as_it_was(writer: str, protocol: int) -> None:
    for frame in (TABLE, TABLE.iloc[[2, 0]], TABLE.sort_values("content"), TABLE[["label", "content"]]):
        assert read_frame(WRITERS[writer](frame, protocol), path="t.pkl") == frame.to_dict("list")


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8),
    number=st.sampled_from([np.int8, np.int64, np.uint16, np.float32, np.float64]),
    protocol=st.integers(2, 5),
    writer=st.sampled_from(sorted(WRITERS)),
)
def test_any_texts_and_numbers_come_back(texts: list[str], number: type, protocol: int, writer: str) -> None:
    frame = plain({"a": texts, "n": np.arange(len(texts)).astype(number), "b": texts[::-1]})
    assert read_frame(WRITERS[writer](frame, protocol), path="t.pkl") == frame.to_dict("list")


def test_numbers_with_the_highest_byte_first() -> None:
    frame = plain({"a": ["早", "晚"], "n": np.array([1, 258], dtype=">i4")})
    assert read_frame(pickled(frame, protocol=4), path="t.pkl")["n"] == [1, 258]


def test_rows_come_one_by_one_with_their_path() -> None:
    originals = {"b.pkl": pickle.dumps(TABLE[:1]), "a.pkl": pickle.dumps(TABLE[1:2])}
    rows = list(pandas_pickle(originals, ("utf-8",)))
    assert [path for path, _ in rows] == ["b.pkl", "a.pkl"]
    assert rows[1][1] == {"content": "桥头的灯修好了", "label": 0, "category": "社会生活", "share": 1.0, "seen": False}


@pytest.mark.parametrize(
    "thing",
    [
        *({"content": ["早"]}, ["早"], "早", None, 7, TABLE["content"], np.array(["早"], dtype=object)),
        *(TABLE.astype({"category": "category"}), TABLE.set_axis(range(5), axis=1)),
        plain({"when": pd.to_datetime(["2021-01-02", "2021-01-03"])}),
    ],
    ids=["dict", "list", "text", "none", "number", "series", "array", "categorical", "range of names", "times"],
)
def test_whatever_is_not_a_table_of_plain_columns_is_refused(thing: object) -> None:
    with pytest.raises(ReadError) as caught:
        read_frame(pickle.dumps(thing, protocol=4), path="t.pkl")
    assert caught.value.exit_code == 3
    assert caught.value.happened == "nothing was written"
