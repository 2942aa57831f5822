"""`JiebaTfidfVectorizer` among scikit-learn's own: pipelines, searches, copies, pickles, checks of estimators."""

from __future__ import annotations

import doctest
import inspect
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.validation import check_is_fitted

from koudai import JiebaTfidfVectorizer, Segmenter
from koudai.model.vectoriser import features
from tests.model.oracles import POSTS, assert_same, weighing

BOTH: dict[str, Any] = {"ngram_range": (1, 2), "char_ngram_range": (1, 3)}
TEXTS = POSTS * 4
LABELS = np.array([len(text) % 2 for text in TEXTS])


def checks() -> dict[str, Any]:
    """Return every check of scikit-learn's that takes a name and an estimator."""
    found = {}
    for name, check in vars(estimator_checks).items():
        if name.startswith("check_") and inspect.isfunction(check):
            told = inspect.signature(check).parameters.values()
            if [one.name for one in told if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD][:1] == [
                "name"
            ] and sum(one.default is one.empty for one in told) == 2:
                found[name] = check
    return found


def passes(check: Any, estimator: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check(type(estimator).__name__, estimator)
        except Exception:
            return False
    return True


@pytest.mark.slow
def test_every_check_that_scikit_learn_s_vectoriser_passes_is_passed() -> None:
    passed = {name for name, check in checks().items() if passes(check, TfidfVectorizer())}
    assert {"check_param_validation", "check_estimator_cloneable", "check_no_attributes_set_in_init"} <= passed
    assert len(passed) > 20
    assert {name for name in passed if not passes(checks()[name], JiebaTfidfVectorizer())} == set()


def test_the_parameters_are_scikit_learn_s_and_three_more() -> None:
    mine, theirs = JiebaTfidfVectorizer().get_params(), TfidfVectorizer(token_pattern=None).get_params()
    assert isinstance(JiebaTfidfVectorizer(), TfidfVectorizer)
    assert set(mine) - set(theirs) == {"char_ngram_range", "user_dict", "hmm"}
    assert {name: mine[name] for name in theirs} == theirs


def test_what_is_set_after_the_fit_counts_as_in_scikit_learn() -> None:
    """How terms are counted, at once; how they are weighed, at the next fit."""
    mine, theirs = JiebaTfidfVectorizer().fit(TEXTS), weighing(ngram_range=(1, 1)).fit(TEXTS)
    for told in (
        {"stop_words": ["的", "停水"]},
        {"ngram_range": (2, 2)},
        {"ngram_range": (1, 3), "stop_words": None},
        {"binary": True},
        {"lowercase": False},
        {"norm": None, "sublinear_tf": True},
    ):
        expected = theirs.set_params(**told).transform(POSTS)
        assert abs(mine.set_params(**told).transform(POSTS) - expected).max() < 1e-12
    assert abs(mine.fit_transform(POSTS) - theirs.fit_transform(POSTS)).max() < 1e-12
    without = JiebaTfidfVectorizer().fit(["蓝瘦香菇"])
    assert without.transform(["蓝瘦香菇"]).nnz == 2
    assert without.set_params(hmm=False).transform(["蓝瘦香菇"]).nnz == 1
    with pytest.raises(ValueError, match="fit again"):
        without.set_params(char_ngram_range=(1, 2)).transform(["蓝瘦"])


def test_idf_carries_weights_over_of_words_and_characters() -> None:
    for told in ({}, {"ngram_range": None, "char_ngram_range": (1, 2)}):
        fitted = JiebaTfidfVectorizer(**told).fit(TEXTS)
        other = JiebaTfidfVectorizer(**told, vocabulary=fitted.vocabulary_)
        other.idf_ = fitted.idf_ * 2
        assert abs(other.transform(POSTS) - fitted.transform(POSTS)).max() < 1e-12
        assert other.idf_.tolist() == (fitted.idf_ * 2).tolist()
    both = JiebaTfidfVectorizer(**BOTH).fit(TEXTS)
    expected = both.transform(POSTS)
    both.idf_ = both.idf_ * 3
    assert abs(both.transform(POSTS) - expected).max() < 1e-12
    with pytest.raises(ValueError, match="idf length = 1 must be equal to vocabulary size"):
        both.idf_ = [1.0]


def test_its_parts_are_those_of_scikit_learn() -> None:
    words, chars = weighing(ngram_range=(1, 2)).build_analyzer(), TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    mine = JiebaTfidfVectorizer(ngram_range=(1, 2), stop_words=["的"], input="content")
    for text in (*POSTS[:5], "ABC  的"):
        assert JiebaTfidfVectorizer(ngram_range=(1, 2)).build_analyzer()(text) == words(text)
        only = JiebaTfidfVectorizer(ngram_range=None, char_ngram_range=(1, 3)).build_analyzer()
        assert only(text) == chars.build_analyzer()(text)
        both = JiebaTfidfVectorizer(ngram_range=(1, 2), char_ngram_range=(1, 3)).build_analyzer()(text)
        assert both == [f"words__{one}" for one in words(text)] + [f"chars__{one}" for one in only(text)]
        assert mine.build_tokenizer()(text) == Segmenter().cut(text)
        assert mine.build_preprocessor()(text) == text.lower()
    assert mine.get_stop_words() == frozenset(["的"])
    assert mine.decode("停水".encode()) == "停水"
    assert pickle.loads(pickle.dumps(mine.build_tokenizer()))("停水了") == ["停水", "了"]


@pytest.mark.parametrize("document", [np.nan, pd.NA, None, 5, bytearray("停水".encode()), ["停水"]])
def test_what_is_no_text_is_answered_as_scikit_learn_answers(document: Any) -> None:
    def answer(vectorizer: Any) -> Any:
        try:
            return vectorizer.fit_transform(["停水了", document]).toarray().tolist()
        except (ValueError, AttributeError, TypeError) as error:
            return type(error), str(error)

    assert answer(JiebaTfidfVectorizer()) == answer(weighing(ngram_range=(1, 1)))


def test_other_words_than_jieba_s_are_scikit_learn_s_own() -> None:
    for told in ({"analyzer": "char_wb"}, {"tokenizer": str.split, "token_pattern": None}, {"token_pattern": r"\w+"}):
        mine = JiebaTfidfVectorizer(**told)
        assert abs(mine.fit_transform(POSTS) - (theirs := TfidfVectorizer(**told)).fit_transform(POSTS)).max() == 0
        assert mine.vocabulary_ == theirs.vocabulary_
        again = pickle.loads(pickle.dumps(mine))
        assert abs(again.transform(TEXTS) - theirs.transform(TEXTS)).max() == 0
        assert again.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
        with pytest.raises(ValueError, match="char_ngram_range goes with jieba's words alone"):
            JiebaTfidfVectorizer(**told, char_ngram_range=(1, 2)).fit(POSTS)


def test_in_a_pipeline_and_a_union() -> None:
    classifier = LogisticRegression()
    mine = make_pipeline(JiebaTfidfVectorizer(**BOTH), classifier).fit(TEXTS, LABELS)
    theirs = make_pipeline(weighing(**BOTH), clone(classifier)).fit(TEXTS, LABELS)
    assert np.allclose(mine.predict_proba(POSTS), theirs.predict_proba(POSTS), atol=1e-9)
    assert mine[:-1].get_feature_names_out().tolist() == theirs[:-1].get_feature_names_out().tolist()
    union = FeatureUnion(
        [
            ("words", JiebaTfidfVectorizer(ngram_range=(1, 2))),
            ("chars", JiebaTfidfVectorizer(ngram_range=None, char_ngram_range=(1, 3))),
        ]
    )
    assert_same(JiebaTfidfVectorizer(**BOTH).fit_transform(TEXTS), union.fit_transform(TEXTS))
    assert union.get_feature_names_out().tolist() == mine[0].get_feature_names_out().tolist()


@pytest.mark.slow
def test_in_a_search_over_two_processes() -> None:
    grid = {"tfidf__char_ngram_range": [None, (1, 2)], "tfidf__min_df": [1, 2]}
    steps = [("tfidf", JiebaTfidfVectorizer()), ("classify", LogisticRegression())]
    search = GridSearchCV(Pipeline(steps), grid, cv=2, n_jobs=2).fit(TEXTS, LABELS)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.predict(POSTS).shape == (len(POSTS),)


def test_on_a_column_of_a_table() -> None:
    frame = pd.DataFrame({"text": POSTS[:5], "n": range(5)})
    mine, theirs = (
        ColumnTransformer([("tfidf", make(ngram_range=(1, 2)), "text")], remainder="passthrough", sparse_threshold=1.0)
        for make in (JiebaTfidfVectorizer, weighing)
    )
    assert_same(sp.csr_matrix(mine.fit_transform(frame)), sp.csr_matrix(theirs.fit_transform(frame)))
    assert mine.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()


def test_there_is_no_set_output_as_there_is_none_of_scikit_learn_s() -> None:
    assert hasattr(TfidfVectorizer(), "set_output") is False
    assert hasattr(JiebaTfidfVectorizer(), "set_output") is False


def test_a_copy_is_not_fitted() -> None:
    fitted = JiebaTfidfVectorizer(**BOTH, stop_words=["的"]).fit(POSTS)
    copied = clone(fitted)
    assert copied.get_params() == fitted.get_params()
    for use in (
        lambda: check_is_fitted(copied),
        lambda: copied.transform(POSTS),
        copied.get_feature_names_out,
        lambda: copied.idf_,
        lambda: copied.vocabulary_,
        lambda: copied.inverse_transform(np.ones((1, 1))),
    ):
        with pytest.raises(NotFittedError):
            use()
    assert JiebaTfidfVectorizer(vocabulary=["停水", "的"]).get_feature_names_out().tolist() == ["停水", "的"]
    assert not hasattr(copied, "vocabulary_")
    assert not hasattr(JiebaTfidfVectorizer(use_idf=False).fit(POSTS), "idf_")


def test_terms_of_another_analyzer_are_none_of_jieba_s() -> None:
    vectorizer = JiebaTfidfVectorizer(analyzer="char").fit(POSTS)
    assert vectorizer.transform(POSTS).nnz
    vectorizer.set_params(analyzer="word")
    with pytest.raises(NotFittedError, match="Vocabulary not fitted or provided"):
        vectorizer.transform(POSTS)


def test_fitting_again_forgets_what_was_fitted() -> None:
    vectorizer = JiebaTfidfVectorizer().fit(["停水"])
    assert vectorizer.vocabulary_ == {"停水": 0}
    vectorizer.set_params(norm=None)
    assert vectorizer.transform(["停水停水"]).toarray().tolist() == [[1.0]]
    assert vectorizer.fit(["七天"]).vocabulary_ == {"七天": 0}
    assert vectorizer.transform(["七天七天"]).toarray().tolist() == [[2.0]]


@pytest.mark.parametrize(
    "told", [BOTH, {"use_idf": False}, {"vocabulary": ["停水", "七天"]}, {"user_dict": ["停水七天 1000"]}]
)
def test_pickled_it_is_plain_data_and_gives_the_same(told: dict[str, Any], tmp_path: Path) -> None:
    fitted = JiebaTfidfVectorizer(**told)
    expected = fitted.fit_transform(POSTS)
    bare = len(pickle.dumps(fitted))
    fitted.transform(POSTS)
    assert len(fitted.vocabulary_) == expected.shape[1]
    assert len(pickle.dumps(fitted)) == bare
    joblib.dump(fitted, tmp_path / "vectorizer.joblib")
    for again in (pickle.loads(pickle.dumps(fitted)), joblib.load(tmp_path / "vectorizer.joblib", mmap_mode="r")):
        assert_same(again.transform(POSTS), expected)
        assert again.vocabulary_ == fitted.vocabulary_
    assert bare < 40_000


def test_arrays_instead_of_matrices_where_scikit_learn_is_set_to_them() -> None:
    assert isinstance(JiebaTfidfVectorizer().fit_transform(POSTS), sp.csr_matrix)
    if "sparse_interface" in sklearn.get_config():
        with sklearn.config_context(sparse_interface="sparray"):
            assert isinstance(JiebaTfidfVectorizer().fit_transform(POSTS), sp.csr_array)


def test_metadata_is_routed_past_it() -> None:
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = LogisticRegression().set_fit_request(sample_weight=True)
        steps = make_pipeline(JiebaTfidfVectorizer(), classifier)
        steps.fit(TEXTS, LABELS, sample_weight=np.ones(len(TEXTS)))
    assert steps.predict(POSTS).shape == (len(POSTS),)


def test_the_example_in_its_documentation_is_true() -> None:
    found = doctest.testmod(features)
    assert found.attempted >= 5
    assert found.failed == 0


def test_importing_the_command_line_does_not_import_it() -> None:
    code = "import sys, koudai.cli; print('koudai.model.vectoriser.features' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_without_words_and_characters_there_is_nothing_to_count() -> None:
    with pytest.raises(ValueError, match="both None"):
        JiebaTfidfVectorizer(ngram_range=None, char_ngram_range=None).build_analyzer()
