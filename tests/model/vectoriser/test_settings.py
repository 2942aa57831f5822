"""Parameters (``vectoriser.settings``): what scikit-learn refuses is refused with its error, and a little more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from koudai import JiebaTfidfVectorizer
from koudai.errors import ConfigError
from tests.model.oracles import POSTS, weighing


@pytest.mark.parametrize(
    "told",
    [
        {"ngram_range": (2, 1)},
        {"ngram_range": [1, 2]},
        {"ngram_range": (1,)},
        {"ngram_range": (1.0, 2)},
        {"min_df": -1},
        {"min_df": 0},
        {"max_df": 2.0},
        {"min_df": 9, "max_df": 3},
        {"norm": "l3"},
        {"vocabulary": []},
        {"vocabulary": ["停", "停"]},
        {"vocabulary": {"停": 0, "水": 2}},
        {"vocabulary": {"停": 0, "水": 0}},
        {"vocabulary": 5},
        {"vocabulary": [1, 2]},
        {"stop_words": "german"},
        {"stop_words": ("的",)},
        {"max_features": 0},
        {"max_features": 2.5},
        {"binary": 1},
        {"lowercase": "yes"},
        {"input": "contents"},
        {"decode_error": "panic"},
        {"strip_accents": "all"},
        {"preprocessor": "lower"},
    ],
    ids=str,
)
def test_what_scikit_learn_refuses_is_refused_with_its_error(told: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as expected:
        weighing(**told).fit(POSTS)
    with pytest.raises(expected.type) as caught:
        JiebaTfidfVectorizer(**told).fit(POSTS)
    if "vocabulary" not in told or told["vocabulary"] != [1, 2]:
        said = str(expected.value).replace("TfidfVectorizer", "JiebaTfidfVectorizer")
        assert str(caught.value)[:60] == said[:60]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"ngram_range": (0, 1)}, "lower boundary smaller than 1"),
        ({"char_ngram_range": (3, 2)}, r"char_ngram_range=\(3, 2\) lower boundary larger"),
        ({"char_ngram_range": [1, 2]}, "'char_ngram_range' parameter .* must be an instance of 'tuple' or None"),
        ({"ngram_range": None}, "there is nothing to count"),
        ({"vocabulary": ["停"], "char_ngram_range": (1, 1)}, "for words or for characters"),
        ({"hmm": "no"}, "'hmm' parameter"),
    ],
)
def test_what_only_this_vectoriser_knows_is_checked_too(told: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        JiebaTfidfVectorizer(**told).fit(POSTS)


def test_a_line_of_the_user_dictionary_that_is_wrong_is_named() -> None:
    with pytest.raises(ConfigError, match="entry 2 of the user dictionary"):
        JiebaTfidfVectorizer(user_dict=["停水七天 5", "停水  七天"]).fit(POSTS)


def test_scikit_learn_s_warnings_are_given() -> None:
    for make in (JiebaTfidfVectorizer, weighing):
        with pytest.warns(UserWarning, match="'dtype' should be used"):
            assert make(dtype=np.int32).fit_transform(POSTS).dtype == np.float64
        with pytest.warns(UserWarning, match="Upper case characters found"):
            make(vocabulary=["ABC", "停水"]).fit(POSTS)
