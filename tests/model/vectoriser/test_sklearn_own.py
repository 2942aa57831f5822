"""scikit-learn's tests of TfidfVectorizer on `JiebaTfidfVectorizer`: all that concern it, but for two with reasons.

131 tests stand in the file of scikit-learn 1.9; here are those that use the class by name or as a parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from koudai import JiebaTfidfVectorizer
from tests.model.vectoriser.sklearn_own import theirs

UNLIKE = {
    "test_tfidfvectorizer_binary": "the blank between two English words is a word of jieba's: six columns, not four",
    "test_vectorizer_stop_words_inconsistent": "jieba cuts you've into three words, one of them the apostrophe",
}
SLOW = {
    *("test_tfidf_vectorizer_preserve_dtype_idf", "test_vectorizer_pipeline_grid_selection", "test_vectorizer"),
    *("test_vectorizer_pipeline_cross_validation", "test_pickling_vectorizer"),
}


def concerns(test: Callable[..., Any]) -> bool:
    """Return whether a test uses the class that stands for TfidfVectorizer."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    given = [value for mark in marks for value in mark.args[1]]
    parts = [part for value in given for part in (value if isinstance(value, list | tuple) else [value])]
    ours = any(part is JiebaTfidfVectorizer or isinstance(part, JiebaTfidfVectorizer) for part in parts)
    return ours or "TfidfVectorizer" in test.__code__.co_names


def marked(name: str, test: Callable[..., Any]) -> Callable[..., Any]:
    if name in UNLIKE:
        test = pytest.mark.xfail(reason=UNLIKE[name], strict=True)(test)
    test = pytest.mark.filterwarnings("default")(test)  # they ask for warnings themselves, and not for all
    return pytest.mark.slow(test) if name in SLOW else test


TESTS = {name: test for name, test in vars(theirs(JiebaTfidfVectorizer)).items() if name.startswith("test_")}
CONCERNED = {name: marked(name, test) for name, test in TESTS.items() if concerns(test)}
globals().update(CONCERNED)


def test_all_that_concern_the_class_are_here() -> None:
    assert {*UNLIKE, *SLOW} <= set(CONCERNED)
    assert len(CONCERNED) >= 24
