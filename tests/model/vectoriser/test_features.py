"""`JiebaTfidfVectorizer` (``vectoriser.features``): the matrix of scikit-learn's vectoriser with jieba's tokens."""

from __future__ import annotations

import random
import re
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai import JiebaTfidfVectorizer
from tests.model.oracles import POSTS, SPACES, TEXTS, WORDS, assert_same, lcut, weighing

RANGES = st.sampled_from([(1, 1), (1, 2), (2, 3), (3, 3)])
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "ngram_range": RANGES,
        "char_ngram_range": RANGES,
        "lowercase": st.booleans(),
        "stop_words": st.lists(st.sampled_from([*WORDS, *SPACES]), max_size=4),
        "min_df": st.sampled_from([1, 2, 0.0, 0.3]),
        "max_df": st.sampled_from([1.0, 0.6, 2, 5]),
        "max_features": st.sampled_from([1, 5, 30]),
        "binary": st.booleans(),
        "dtype": st.sampled_from([np.float64, np.float32]),
        "norm": st.sampled_from(["l1", "l2", None]),
        "use_idf": st.booleans(),
        "smooth_idf": st.booleans(),
        "sublinear_tf": st.booleans(),
        "strip_accents": st.sampled_from(["ascii", "unicode", None]),
    },
)


def assert_fitted_alike(told: dict[str, Any], fit: list[str], other: list[str]) -> None:
    """Assert that fitting gives the same matrix, names, idf and vocabulary, or the same error."""
    mine, theirs = JiebaTfidfVectorizer(**told), weighing(**told)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your stop_words may be inconsistent|Upper case characters found")
        try:
            expected = theirs.fit_transform(fit)
        except ValueError as error:
            with pytest.raises(ValueError, match=re.escape(str(error))):
                mine.fit_transform(fit)
            return
        assert_same(mine.fit_transform(fit), expected)
        assert_same(mine.transform(other), theirs.transform(other))
        assert_same(mine.fit(fit).transform(fit), expected)
    names = theirs.get_feature_names_out()
    assert mine.get_feature_names_out().tolist() == names.tolist()
    assert mine.vocabulary_ == {name: column for column, name in enumerate(names)}
    if told.get("use_idf", True):
        parts = [one for _, one in theirs.transformer_list] if hasattr(theirs, "transformer_list") else [theirs]
        assert np.array_equal(mine.idf_, np.concatenate([one.idf_ for one in parts]))


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=150)
@given(PARAMETERS, st.lists(TEXTS, min_size=1, max_size=5), st.lists(TEXTS, min_size=1, max_size=3))
def test_the_matrix_is_scikit_learn_s(told: dict[str, Any], fit: list[str], other: list[str]) -> None:
    assert_fitted_alike(told, [*POSTS[:4], *fit], [*other, *POSTS])


@pytest.mark.parametrize("most", [1, 7, 40, 500])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_ties_are_broken_as_scikit_learn_breaks_them(most: int, dtype: Any) -> None:
    rng = random.Random(most)
    fit = ["".join(rng.choices(WORDS, k=6)) + chr(rng.randrange(0x4E00, 0x9FA6)) for _ in range(200)]
    told = {"char_ngram_range": (1, 3), "ngram_range": (1, 2), "max_features": most, "dtype": dtype}
    for binary in (False, True):
        assert_fitted_alike({**told, "binary": binary}, fit, fit[:5])


@pytest.mark.slow
@pytest.mark.parametrize("min_df", [1, 3, 5, 0.0, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("max_df", [1.0, 0.5, 0.25, 0.1, 4, 20])
def test_thresholds_fall_where_scikit_learn_s_fall(min_df: float, max_df: float) -> None:
    fit = [word * (1 + number % 3) for number in range(20) for word in [WORDS[number % 7] + WORDS[number % 5]]]
    assert_fitted_alike({"min_df": min_df, "max_df": max_df, "ngram_range": (1, 2)}, fit, fit)


TERMS = ["停水", "停水 七天", "停 水", "从不", "  ", " ", "a   b", "\r\n", "ABC", "", "刚 接到", "通知\t", "的的"]


@pytest.mark.parametrize(
    "vocabulary",
    [
        TERMS,
        tuple(TERMS[::-1]),
        set(TERMS),
        dict(zip(TERMS, np.random.default_rng(7).permutation(len(TERMS)), strict=True)),
        "停水七天",
    ],
    ids=["list", "tuple", "set", "dict", "characters of a string"],
)
@pytest.mark.parametrize("more", [{}, {"binary": True, "sublinear_tf": True}, {"norm": None, "smooth_idf": False}])
def test_a_given_vocabulary_is_counted(vocabulary: Any, more: dict[str, Any]) -> None:
    """Terms that no document can hold among them: jieba cuts them, or lower case takes them away."""
    for ranges in ({"ngram_range": (1, 2)}, {"ngram_range": None, "char_ngram_range": (1, 3)}):
        mine, theirs = (make(vocabulary=vocabulary, **ranges, **more) for make in (JiebaTfidfVectorizer, weighing))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Upper case characters found|divide by zero")
            assert_same(mine.fit_transform(POSTS), theirs.fit_transform(POSTS))
            assert_same(mine.transform(POSTS[::2]), theirs.transform(POSTS[::2]))
        assert mine.vocabulary_ == theirs.vocabulary_
        assert mine.fixed_vocabulary_ is True
        assert mine.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()


def test_a_term_that_was_in_no_document_has_no_finite_idf_without_smoothing() -> None:
    told: dict[str, Any] = {"vocabulary": ["停水", "七天"], "smooth_idf": False}
    for make in (JiebaTfidfVectorizer, weighing):
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            fitted = make(**told).fit(["停水"])
        with pytest.raises(ValueError, match=r"Input contains infinity or a value too large for dtype\('float64'\)"):
            fitted.transform(["七天"])


@pytest.mark.slow
def test_a_post_of_a_megabyte() -> None:
    rng = random.Random(20230310)
    long = "".join(rng.choices([*WORDS, *SPACES], k=2**20 // 6))
    fit = [long, "停水七天", "今天不停水"]
    assert_fitted_alike({"ngram_range": (1, 2), "char_ngram_range": (1, 3), "sublinear_tf": True}, fit, fit[::-1])


@pytest.mark.parametrize(
    "told",
    [
        {"preprocessor": lambda text: text[::-1]},
        {"strip_accents": lambda text: text.replace("停", "")},
        {"strip_accents": "unicode", "lowercase": False},
        {"encoding": "gb18030"},
        {"encoding": "utf-8", "decode_error": "ignore"},
    ],
)
def test_what_is_done_before_tokens_is_done_as_scikit_learn_does_it(told: dict[str, Any]) -> None:
    fit: list[Any] = [text.encode(told.get("encoding", "utf-8"), "ignore") for text in POSTS] + ["é停水É"]
    if told.get("decode_error"):
        fit.append(b"\xff\xfe\xe5\x81\x9c")
    if "preprocessor" not in told:
        assert_same(JiebaTfidfVectorizer(**told).fit_transform(fit), weighing(**told).fit_transform(fit))
    assert_same(JiebaTfidfVectorizer(**told).fit_transform(POSTS), weighing(**told).fit_transform(POSTS))


def test_a_user_dictionary_and_the_hidden_markov_model_change_words(tmp_path: Any) -> None:
    (tmp_path / "words.txt").write_text("停水七天 1000\n", encoding="utf-8")
    text = "停水七天绝绝子"
    for words in (["停水七天 1000"], tmp_path / "words.txt", str(tmp_path / "words.txt")):
        names = JiebaTfidfVectorizer(user_dict=words).fit([text]).get_feature_names_out()
        assert sorted(names) == ["停水七天", "绝绝子"]
    plain = JiebaTfidfVectorizer(hmm=False).fit([text])
    assert plain.get_feature_names_out().tolist() == sorted(set(lcut(text, HMM=False)))


@pytest.mark.parametrize("told", [{}, {"char_ngram_range": (1, 2)}, {"norm": None, "binary": True}])
def test_terms_of_a_row_come_back(told: dict[str, Any]) -> None:
    mine, theirs = JiebaTfidfVectorizer(**told), weighing(**told)
    features = mine.fit_transform(POSTS)
    features.data[0] = 0.0
    back = mine.inverse_transform(features)
    names = mine.get_feature_names_out()
    for row, terms in zip(features.toarray(), back, strict=True):
        assert terms.tolist() == names[row != 0].tolist()
    dense = mine.inverse_transform(features.toarray())
    assert [terms.tolist() for terms in dense] == [terms.tolist() for terms in back]
    if "char_ngram_range" not in told:
        expected = [terms.tolist() for terms in theirs.fit(POSTS).inverse_transform(features)]  # which loses NULs
        assert [[term.rstrip("\0") for term in terms] for terms in back] == expected


def test_stop_words_that_jieba_cuts_are_warned_of() -> None:
    for make in (JiebaTfidfVectorizer, weighing):
        with pytest.warns(UserWarning, match="Your stop_words may be inconsistent.*'通知'"):
            make(stop_words=["接到通知"]).fit(POSTS)
    english = JiebaTfidfVectorizer(stop_words="english").fit(["the ABC of it", "停水"])
    assert english.get_feature_names_out().tolist() == [" ", "abc", "停水"]
