"""Documents (``koudai.model.vectoriser.documents``): whatever scikit-learn takes and refuses, and Arrow strings."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from koudai import JiebaTfidfVectorizer
from tests.model.oracles import POSTS, assert_same, weighing

ENCODABLE = [post for post in POSTS if "\ud83d" not in post]


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        iter,
        lambda posts: (post for post in posts),
        lambda posts: np.array(posts, dtype=object),
        np.array,
        pd.Series,
        lambda posts: pd.Series(posts, dtype=object),
        lambda posts: pd.Series(posts, dtype="string"),
        lambda posts: pd.Series(posts, dtype="category"),
        pd.Index,
        lambda posts: pd.Series(posts).array,
        lambda posts: dict.fromkeys(posts),
        lambda posts: [post.encode() for post in posts],
        lambda posts: [posts[0].encode(), *posts[1:]],
    ],
)
def test_what_scikit_learn_takes(make: Any) -> None:
    posts = [post.replace("\0", "") for post in ENCODABLE]
    mine, theirs = JiebaTfidfVectorizer(), weighing()
    assert_same(mine.fit_transform(make(posts)), theirs.fit_transform(make(posts)))
    assert_same(mine.transform(make(posts[::-1])), theirs.transform(make(posts[::-1])))


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
@pytest.mark.parametrize("told", [{}, {"lowercase": False}, {"strip_accents": "unicode"}])
def test_arrow_strings(kind: Any, told: dict[str, Any]) -> None:
    array = pa.array(ENCODABLE).cast(kind) if pa.types.is_dictionary(kind) else pa.array(ENCODABLE, kind)
    expected = weighing(**told).fit_transform(ENCODABLE)
    assert_same(JiebaTfidfVectorizer(**told).fit_transform(array), expected)
    assert_same(JiebaTfidfVectorizer(**told).fit_transform(pa.chunked_array([array[:3], array[3:]])), expected)


def test_files_and_names_of_files(tmp_path: Path) -> None:
    paths = []
    for number, post in enumerate(ENCODABLE):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(post.encode("gb18030"))
        paths.append(str(path))
    expected = weighing().fit_transform(ENCODABLE)
    assert_same(JiebaTfidfVectorizer(input="filename", encoding="gb18030").fit_transform(paths), expected)
    files = [io.BytesIO(post.encode()) for post in ENCODABLE]
    assert_same(JiebaTfidfVectorizer(input="file").fit_transform(files), expected)


@pytest.mark.parametrize(
    "documents",
    [
        "停水七天",
        None,
        5,
        [None],
        ["停水", None],
        [np.nan],
        [float("nan")],
        [pd.NA],
        [1],
        [["停水"]],
        [b"\xff"],
        np.array([["停水", "七天"]]),
        pd.Series(["停水", None]),
        pd.Series(["停水", np.nan], dtype=object),
        [],
        iter([]),
    ],
    ids=lambda documents: repr(documents)[:20].replace("\n", " "),
)
def test_what_scikit_learn_refuses_is_refused_with_its_error(documents: Any) -> None:
    for mine, theirs in (
        (JiebaTfidfVectorizer(), weighing()),
        (JiebaTfidfVectorizer().fit(POSTS), weighing().fit(POSTS)),
    ):
        use = "transform" if hasattr(theirs, "vocabulary_") else "fit_transform"
        with pytest.raises(Exception) as expected:  # noqa: PT011
            getattr(theirs, use)(documents)
        with pytest.raises(expected.type) as caught:
            getattr(mine, use)(documents)
        assert str(caught.value)[:25] == str(expected.value)[:25]


def test_nulls_and_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(AttributeError, match="NoneType"):
        JiebaTfidfVectorizer().fit(pa.array(["停水", None]))
    with pytest.raises(AttributeError, match="'int' object"):
        JiebaTfidfVectorizer().fit(pa.array([1]))
    damaged = pa.StringArray.from_buffers(1, pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xe5\x81"))
    with pytest.raises(ValueError, match="UTF8|UTF-8"):
        JiebaTfidfVectorizer().fit(damaged)
