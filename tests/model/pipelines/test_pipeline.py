"""Fitted pipelines of scikit-learn as models, and back (koudai.model.pipelines): equal probabilities, or a refusal."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.svm import SVC, LinearSVC

from koudai import JiebaTfidfVectorizer
from koudai.audit.measures.multiplicity import ways_of
from koudai.errors import TaxonomyMismatch, UsageError
from koudai.model.bundle.bundle import GOLDEN_POSTS, load_bundle, save_bundle
from koudai.model.explanation import contributions
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.pipelines.brought_in import card_of, evaluation_of
from koudai.model.pipelines.classifiers import read_classifier
from koudai.model.pipelines.pipeline import TaggingClassifier, model_of, pipeline_of
from koudai.model.pipelines.vectorisers import read_features
from koudai.model.scorer import decisions, probabilities
from tests.model.tiny import tiny_model, tiny_posts, tiny_taxonomy

TEXTS, LABELS, _ = tiny_posts()
POSTS = [*TEXTS[::5], *(post for post in GOLDEN_POSTS if len(post) > 5)]
ONE = LABELS[:, 0]
SEVERAL = np.select([LABELS[:, 1] == 1, LABELS[:, 2] == 1], ["posing.police", "advice"], "posing")
FLAT, EXCLUSIVE = tiny_taxonomy(), tiny_taxonomy(exclusive=True)
BARS = 1e-6


def cut(text: str) -> list[str]:
    return jieba.lcut(text)


def words(**told: Any) -> TfidfVectorizer:
    return TfidfVectorizer(**{"tokenizer": cut, "token_pattern": None, "ngram_range": (1, 2), "min_df": 2, **told})


def union(**told: Any) -> FeatureUnion:
    chars = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    return FeatureUnion([("chars", chars), ("words", words(stop_words=["的"]))], **told)


VECTORISERS = {
    "lcut": lambda: words(tokenizer=jieba.lcut),
    "cut": lambda: words(tokenizer=jieba.cut, use_idf=False, ngram_range=(1, 1)),
    "partial": lambda: words(tokenizer=functools.partial(jieba.lcut, HMM=False), smooth_idf=False),
    "function": lambda: words(max_features=90, stop_words=["的", "了"]),
    "characters": lambda: TfidfVectorizer(analyzer="char", ngram_range=(1, 2)),
    "union": union,
    "weighted union": lambda: union(transformer_weights={"chars": 0.3, "words": 2.0}),
    "own": lambda: JiebaTfidfVectorizer(ngram_range=(1, 2), char_ngram_range=(2, 3), sublinear_tf=True),
    "vocabulary": lambda: words(vocabulary=["转给 家里人", "大家", "停水", "我"]),
}


@pytest.mark.parametrize("make", VECTORISERS.values(), ids=VECTORISERS)
def test_features_are_counted_as_the_vectoriser_counts_them(make: Any) -> None:
    pipeline = Pipeline([("tfidf", make()), ("none", "passthrough"), ("lr", LogisticRegression(C=30))]).fit(TEXTS, ONE)
    model = model_of(pipeline, taxonomy=FLAT, categories=["advice"])
    found = probabilities(model, POSTS)[:, 0]
    expected = pipeline.predict_proba(POSTS)[:, 1]
    known = ~np.isnan(found)
    assert known.mean() > 0.4
    assert np.abs(found - expected)[known].max() < BARS
    assert np.abs(pipeline_of(model).predict_proba(POSTS)[:, 0] - expected).max() < BARS


def calibrated(**told: Any) -> CalibratedClassifierCV:
    return CalibratedClassifierCV(LinearSVC(C=3), ensemble=False, **told)


BINARY = {
    "logistic": LogisticRegression(C=30, class_weight="balanced"),
    "no intercept": LogisticRegression(fit_intercept=False),
    "sgd": SGDClassifier(loss="log_loss", random_state=1, alpha=1e-3),
    "complement": ComplementNB(alpha=0.3),
    "multinomial": MultinomialNB(),
    "calibrated": calibrated(),
    "temperature": calibrated(method="temperature"),
    "averaged": CalibratedClassifierCV(LinearSVC(C=3), cv=3),
    "averaged temperature": CalibratedClassifierCV(LogisticRegression(), cv=2, method="temperature"),
    "one against the rest": OneVsRestClassifier(LogisticRegression()),
}


@pytest.mark.parametrize("classifier", BINARY.values(), ids=BINARY)
def test_two_classes_have_the_classifier_s_probabilities(classifier: Any) -> None:
    pipeline = make_pipeline(words(), classifier).fit(TEXTS, np.where(ONE == 1, "yes", "no"))
    model = model_of(pipeline, taxonomy=FLAT, categories=["posing"])
    found, expected = probabilities(model, POSTS)[:, 0], pipeline.predict_proba(POSTS)[:, 1]
    known = ~np.isnan(found)
    assert np.abs(found - expected)[known].max() < BARS
    back = pipeline_of(model)
    assert np.abs(back.predict_proba(POSTS)[:, 0] - expected).max() < BARS
    assert (back.predict(POSTS)[:, 0] == (expected >= 0.5)).all()


@pytest.mark.parametrize("classifier", [LinearSVC(), RidgeClassifier(), SGDClassifier(random_state=1)], ids=repr)
def test_without_probabilities_half_is_where_the_classifier_decides(classifier: Any) -> None:
    pipeline = make_pipeline(words(), classifier).fit(TEXTS, ONE)
    found = probabilities(model_of(pipeline, taxonomy=FLAT, categories=["posing"]), POSTS)[:, 0]
    known = ~np.isnan(found)
    assert ((found >= 0.5) == pipeline.predict(POSTS))[known].all()


SEVERAL_CLASSES = {
    "softmax": LogisticRegression(C=30),
    "averaged": CalibratedClassifierCV(LinearSVC(C=3), cv=3),
    "temperature": calibrated(method="temperature"),
    "averaged temperature": CalibratedClassifierCV(LinearSVC(C=3), cv=2, method="temperature"),
    "one against the rest": OneVsRestClassifier(LogisticRegression()),
    "averages against the rest": OneVsRestClassifier(CalibratedClassifierCV(LinearSVC(C=3), cv=2)),
    "sgd": SGDClassifier(loss="log_loss", random_state=1, alpha=1e-3),
    "calibrated": calibrated(),
    "frozen": None,
}


@pytest.mark.slow
@pytest.mark.parametrize("classifier", SEVERAL_CLASSES.values(), ids=SEVERAL_CLASSES)
def test_several_classes_of_which_one_holds(classifier: Any, tmp_path: Path) -> None:
    if classifier is None:
        features = words().fit_transform(TEXTS)
        fitted = FrozenEstimator(LogisticRegression().fit(features, SEVERAL))
        classifier = CalibratedClassifierCV(fitted, ensemble=False)
    pipeline = make_pipeline(words(), classifier).fit(TEXTS, SEVERAL)
    model = model_of(pipeline, taxonomy=EXCLUSIVE)
    found = probabilities(model, POSTS)
    known = ~np.isnan(found).any(axis=1)
    order = [pipeline.classes_.tolist().index(key) for key in model.categories]
    expected = pipeline.predict_proba(POSTS)[:, order]
    assert np.abs(found - expected)[known].max() < BARS
    assert np.abs(pipeline_of(model).predict_proba(POSTS) - expected).max() < BARS
    save_bundle(model, tmp_path / "bundle", card=card_of(model), evaluation=evaluation_of(model))
    again = load_bundle(tmp_path / "bundle")
    assert np.array_equal(probabilities(again, POSTS), found, equal_nan=True)
    (told,) = (one for one in contributions(again, POSTS[0]) if one.category == "advice")
    assert (told.probability or 0) == pytest.approx(again.calibrated(decisions(again, POSTS[:1])[0])[0, -1])
    with pytest.raises(TaxonomyMismatch, match="of one category only"):
        model_of(pipeline, taxonomy=FLAT)


@pytest.mark.slow
@pytest.mark.parametrize(
    "classifier",
    [
        OneVsRestClassifier(LogisticRegression()),
        MultiOutputClassifier(ComplementNB()),
        MultiOutputClassifier(CalibratedClassifierCV(LinearSVC(), cv=2)),
    ],
    ids=repr,
)
def test_several_categories_of_which_each_may_hold(classifier: Any) -> None:
    """Parents are raised to their children; the labels of these two have no such pair."""
    pipeline = make_pipeline(union(), classifier).fit(TEXTS, LABELS[:, [2, 1]])
    model = model_of(pipeline, taxonomy=FLAT, categories=["advice", "posing.police"])
    expected = pipeline.predict_proba(POSTS)
    expected = np.stack([one[:, 1] for one in expected], axis=1) if isinstance(expected, list) else expected
    found = probabilities(model, POSTS)
    known = ~np.isnan(found).any(axis=1)
    assert model.categories == ("posing.police", "advice")
    assert np.abs(found[:, ::-1] - expected)[known].max() < BARS
    assert np.abs(pipeline_of(model).predict_proba(POSTS)[:, ::-1] - expected).max() < BARS


def fitted(*steps: Any, y: Any = ONE) -> Pipeline:
    return make_pipeline(*steps).fit(TEXTS, y)


class NaN(LogisticRegression):  # type: ignore[misc]
    """Weights that are not numbers."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NaN:
        super().fit(X, y)
        self.coef_[0, 0] = np.nan
        return self


def fewer() -> Pipeline:
    pipeline = fitted(words(), LogisticRegression())
    pipeline[-1].coef_ = pipeline[-1].coef_[:, 1:]
    return pipeline


def unequal() -> MultiOutputClassifier:
    class Unequal(MultiOutputClassifier):  # type: ignore[misc]
        def fit(self, X: Any, Y: Any, sample_weight: Any = None) -> Unequal:
            super().fit(X, Y)
            self.estimators_[0] = CalibratedClassifierCV(LinearSVC(), cv=2).fit(X, Y[:, 0])
            return self

    Unequal.__name__ = "MultiOutputClassifier"
    return Unequal(CalibratedClassifierCV(LinearSVC(), cv=3))


def spaces(text: str) -> list[str]:
    return text.split()


REFUSED = {
    "a classifier alone": (lambda: LogisticRegression(), "cannot carry LogisticRegression"),
    "a pipeline not fitted": (lambda: make_pipeline(words(), LogisticRegression()), "not fitted"),
    "a step between": (lambda: fitted(words(), TruncatedSVD(3), LogisticRegression()), "a pipeline with TruncatedSVD"),
    "counts": (lambda: fitted(CountVectorizer(), LogisticRegression()), "cannot carry CountVectorizer"),
    "a custom analyzer": (
        lambda: fitted(TfidfVectorizer(analyzer=list), LogisticRegression()),
        "analyzer=<class 'list'>",
    ),
    "word borders": (lambda: fitted(TfidfVectorizer(analyzer="char_wb"), LogisticRegression()), "analyzer='char_wb'"),
    "a pattern": (lambda: fitted(TfidfVectorizer(), LogisticRegression()), "tokenizer=None"),
    "another tokenizer": (
        lambda: fitted(words(tokenizer=spaces, min_df=1), LogisticRegression()),
        "the tokenizer spaces",
    ),
    "cut_all": (
        lambda: fitted(words(tokenizer=functools.partial(jieba.lcut, cut_all=True)), LogisticRegression()),
        r"the tokenizer partial\(Tokenizer.lcut\)",
    ),
    "no norm": (lambda: fitted(words(norm=None), LogisticRegression()), "norm=None"),
    "capitals": (lambda: fitted(words(lowercase=False), LogisticRegression()), "lowercase=False"),
    "binary": (lambda: fitted(words(binary=True), LogisticRegression()), "binary=True"),
    "a union of two kinds of words": (
        lambda: fitted(FeatureUnion([("a", words()), ("b", words())]), LogisticRegression()),
        "two vectorisers of one kind",
    ),
    "a regressor": (lambda: fitted(words(), LinearRegression()), "LinearRegression, which is no classifier"),
    "a kernel": (lambda: fitted(words(), SVC()), "SVC, which is not linear"),
    "a forest": (lambda: fitted(words(), RandomForestClassifier(3)), "RandomForestClassifier, which is not linear"),
    "isotonic": (lambda: fitted(words(), calibrated(method="isotonic")), "method='isotonic'"),
    "a huber": (lambda: fitted(words(), SGDClassifier(loss="modified_huber")), "modified_huber"),
    "calibrated bayes": (
        lambda: fitted(words(), CalibratedClassifierCV(ComplementNB(), ensemble=False)),
        "calibration of the probabilities of ComplementNB",
    ),
    "one kind of posts": (
        lambda: fitted(words(), OneVsRestClassifier(LogisticRegression()), y=LABELS * [1, 1, 0]),
        "posts of one kind only",
    ),
    "several kinds of folds": (
        lambda: fitted(words(), unequal(), y=LABELS[:, 1:]),
        "averaged over 2 and 3 folds",
    ),
    "numbers": (lambda: fitted(words(), NaN()), "weights that are not finite"),
    "fewer weights": (fewer, "features behind a vectoriser of"),
}


@pytest.mark.filterwarnings("ignore:Label not 2 is present", "ignore:The parameter 'token_pattern'")
@pytest.mark.parametrize(("make", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_carried_is_refused_by_name(make: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        model_of(make(), taxonomy=FLAT, categories=["posing"])


def test_other_taxonomies_are_refused() -> None:
    pipeline = fitted(words(), LogisticRegression())
    for categories, told in ((["posing", "advice"], "not as many"), (["rumour"], "no category"), (None, "no category")):
        with pytest.raises(TaxonomyMismatch, match=told):
            model_of(pipeline, taxonomy=FLAT, categories=categories)


def test_words_that_jieba_was_taught_are_found_out() -> None:
    """They cut none of koudai's own posts otherwise, but the terms of the vocabulary."""
    taught = copy.copy(jieba.dt)
    taught.FREQ = {**taught.FREQ, "红烧茄子居然": 10**7, "红烧茄子居": 0, "红烧茄子": 0, "红烧茄": 0, "红烧": 0}
    pipeline = fitted(words(tokenizer=taught.lcut), LogisticRegression())
    with pytest.raises(UsageError, match="user_dict"):
        model_of(pipeline, taxonomy=FLAT, categories=["posing"])


def test_nothing_is_said_of_what_was_not_measured() -> None:
    pipeline = fitted(union(), LogisticRegression())
    model = model_of(pipeline, taxonomy=FLAT, categories=["advice"])
    assert "On nothing that koudai knows of" in card_of(model)
    assert evaluation_of(model).categories["advice"].all == ()
    assert read_features(pipeline[0], where="union").columns.shape == pipeline[-1].coef_.shape[1:]
    assert read_classifier(pipeline[-1], where="lr").classes == (1,)


@pytest.mark.slow
def test_the_config_says_how_it_can_be_fitted_again() -> None:
    classifier = CalibratedClassifierCV(LogisticRegression(C=30, random_state=1), cv=2)
    model = model_of(fitted(union(), classifier), taxonomy=FLAT, categories=["advice"])
    ways = ways_of(model)
    assert (ways.model.classifier, ways.model.params) == ("LogisticRegression", {"C": 30})
    assert make_classifier(ways.model.classifier, dict(ways.model.params))
    assert (ways.features.words, ways.features.chars, ways.text.steps) == ((1, 2), (1, 3), ())
    model = model_of(fitted(words(), MultinomialNB(alpha=2.0)), taxonomy=FLAT, categories=["advice"])
    assert (model.config["model"], model.config["features"]["chars"]) == (
        {"classifier": "MultinomialNB", "params": {}},
        None,
    )


def test_a_trained_model_as_a_pipeline() -> None:
    """Normalisation, parents and all; where the model abstains the pipeline answers with its intercept."""
    model = tiny_model()
    posts = [*POSTS, "看这里 https://example.com/a ＡＢＣ 请关注本频道", "🎉"]
    found, back = probabilities(model, posts), pipeline_of(model)
    known = ~np.isnan(found).any(axis=1)
    assert not known[-1]
    assert np.abs(back.predict_proba(posts) - found)[known].max() < BARS
    assert np.isfinite(back.predict_proba(posts)).all()
    exclusive = tiny_model(exclusive=True)
    assert np.abs(pipeline_of(exclusive).predict_proba(TEXTS) - probabilities(exclusive, TEXTS)).max() < BARS
    with pytest.raises(ValueError, match="not fitted"):
        TaggingClassifier().predict_proba(np.zeros((1, 1)))
