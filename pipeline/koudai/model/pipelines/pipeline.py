"""A fitted scikit-learn pipeline as a model, and a model as a fitted scikit-learn pipeline.

Promises: where a post has a term that the model knows, probabilities are the same to 1e-6 either way, but for parents,
which a model never gives less than their children. A model abstains on a post without such a term, where a pipeline
answers with its intercept. No pickle is read or written here.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import check_array, check_is_fitted

from koudai.errors import TaxonomyMismatch, UsageError
from koudai.model.deciding.forms import Forms
from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.model.pipelines.classifiers import LinearForm, as_in_a_config, read_classifier
from koudai.model.pipelines.vectorisers import ReadFeatures, read_features, refused
from koudai.registry import did_you_mean
from koudai.taxonomy import Taxonomy
from koudai.text.characters.assigned import lower
from koudai.text.characters.normalize import Normalizer


def model_of(
    pipeline: Any, *, taxonomy: Taxonomy, categories: Sequence[str] | None = None, name: str = "scikit-learn"
) -> Model:
    """Return a fitted pipeline of a vectoriser and a linear classifier as a model.

    Parameters
    ----------
    pipeline
        A `Pipeline` of two steps, see `read_features` and `read_classifier`.
    taxonomy
        Whose categories the classes are.
    categories
        The category of each class, in the order of the classifier's ``classes_``; of two classes that of the second
        alone. By default classes are called as the categories are.
    name
        Of the model.

    Raises
    ------
    UsageError
        If a part of the pipeline cannot be carried, or it is not fitted.
    TaxonomyMismatch
        If a class is no category.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from koudai import JiebaTfidfVectorizer
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> pipeline = make_pipeline(JiebaTfidfVectorizer(), LogisticRegression()).fit(["停水了", "天气好"], [1, 0])
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> model_of(pipeline, taxonomy=taxonomy, categories=["rumour"]).n_features
    4
    """
    steps = getattr(pipeline, "steps", None)
    if not isinstance(pipeline, Pipeline) or steps is None:
        raise refused(what=type(pipeline).__name__, where="pipeline", expected="a Pipeline")
    kept = [(step, one) for step, one in steps if one is not None and one != "passthrough"]
    if len(kept) != 2:
        between = ", ".join(type(one).__name__ for _, one in kept[1:-1]) or "one step"
        raise refused(
            what=f"a pipeline with {between}", where="pipeline", expected="a vectoriser and a classifier, no more"
        )
    (first, vectoriser), (last, classifier) = kept
    try:
        check_is_fitted(pipeline)
        features, form = read_features(vectoriser, where=first), read_classifier(classifier, where=last)
    except ValueError as error:  # scikit-learn's NotFittedError
        raise UsageError(what="the pipeline is not fitted", where="pipeline", got=error, todo="fit it first") from error
    if form.weights.shape[0] != len(features.columns):
        raise refused(
            what=f"a classifier of {form.weights.shape[0]:,} features behind a vectoriser of {len(features.columns):,}",
            where=last,
            expected="as many",
        )
    keys = _keys(form, taxonomy, categories)
    exclusive = form.exclusive and len(keys) > 1
    if exclusive != (taxonomy.exclusive and len(keys) > 1):
        raise TaxonomyMismatch(
            what="classifier and taxonomy differ in whether a post is of one category only",
            expected=f"exclusive = {str(exclusive).lower()} in the taxonomy",
            got=f"exclusive = {str(taxonomy.exclusive).lower()} in {taxonomy.name!r}",
        )
    return _model(features, form, keys, taxonomy, name, as_in_a_config(classifier))


def _model(
    features: ReadFeatures,
    form: LinearForm,
    keys: tuple[str, ...],
    taxonomy: Taxonomy,
    name: str,
    section: dict[str, Any],
) -> Model:
    order = [keys.index(key) for key in taxonomy.keys if key in keys]
    every = [fold * len(keys) + place for fold in range(form.folds) for place in order]
    weights = form.weights[features.columns][:, every] * features.scale[:, None]
    intercept, slope, offset = (one[every] for one in (form.intercept, form.slope, form.offset))
    forms = None
    if form.folds > 1 or form.link != "sigmoid":
        several = weights.astype(np.float32) if form.folds > 1 else None
        forms = Forms(form.link, intercept, slope, offset, several)
    if form.folds > 1:  # on average, which is what terms are explained by
        each = (-1, form.folds, len(order))
        weights = (weights * slope).reshape(each).mean(axis=1)
        intercept, slope, offset = (
            (intercept * slope + offset).reshape(each).mean(axis=1)[0],
            np.ones(len(order)),
            np.zeros(len(order)),
        )
    spans = {block.kind: list(block.ngrams) for block in features.blocks}
    return Model(
        name=name,
        taxonomy=taxonomy,
        categories=tuple(keys[place] for place in order),
        normalizer=Normalizer(()),
        segmenter=features.segmenter,
        blocks=features.blocks,
        weights=weights.astype(np.float32),
        intercept=intercept,
        slope=slope,
        offset=offset,
        threshold=np.full(len(order), 1.0 / len(order) if form.exclusive and len(order) > 1 else 0.5),
        abstain=0.0,
        validated_on=dict.fromkeys(keys, "none"),
        config={
            "run": {"name": name},
            "text": {"steps": []},
            "features": {
                **{kind: spans.get(kind) for kind in (WORDS, CHARS)},
                "sublinear_tf": features.blocks[0].sublinear_tf,
            },
            "model": section,
        },
        forms=forms,
    )


def _keys(form: LinearForm, taxonomy: Taxonomy, categories: Sequence[str] | None) -> tuple[str, ...]:
    keys = tuple(map(str, form.classes if categories is None else categories))
    if len(keys) != len(form.classes):
        raise TaxonomyMismatch(
            what="there are not as many categories as classes",
            expected=f"{len(form.classes)}: {', '.join(map(str, form.classes))}",
            got=f"{len(keys)}: {', '.join(keys)}",
            todo="give `categories` in the order of the classifier's classes_; of two classes that of the second alone",
        )
    unknown = [key for key in keys if key not in taxonomy.keys]
    if unknown or len(set(keys)) < len(keys):
        raise TaxonomyMismatch(
            what="a class is no category of the taxonomy, or two classes are one",
            expected=", ".join(taxonomy.keys),
            got=", ".join(unknown or keys),
            todo=did_you_mean((unknown or keys)[0], list(taxonomy.keys)) or "name the categories with `categories`",
        )
    return keys


class TaggingClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The classifier of a model, behind its vectoriser: probabilities and tags of features.

    Parameters
    ----------
    model
        The model.

    Attributes
    ----------
    classes_ : ndarray of str, shape (n_categories,)
        Its categories.

    Examples
    --------
    >>> TaggingClassifier().get_params()
    {'model': None}
    """

    def __init__(self, model: Model | None = None) -> None:
        self.model = model

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The categories, in the order of columns."""
        return np.array(self._of().categories)

    @property
    def n_features_in_(self) -> int:
        """Number of features."""
        return self._of().n_features

    def __sklearn_is_fitted__(self) -> bool:
        return self.model is not None

    def fit(self, X: Any, y: Any) -> TaggingClassifier:
        """Refuse: a model is not fitted here.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(what="the classifier of a bundle cannot be fitted", todo="train a model with `api.train`")

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the decisions, shape (n_posts, n_categories), or of several forms per category one for each."""
        weights, intercept = self._of().columns
        features = check_array(X, accept_sparse="csr", dtype=np.float64)
        found: NDArray[np.float64] = np.asarray(features @ weights.astype(np.float64)) + intercept
        return found

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probabilities, shape (n_posts, n_categories)."""
        model = self._of()
        proba = model.calibrated(self.decision_function(X)).astype(np.float32)
        return model.taxonomy.joint_probabilities(proba, model.categories).astype(np.float64)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return whether each category is alleged, 1 or 0, shape (n_posts, n_categories)."""
        return (self.predict_proba(X) >= self._of().threshold).astype(np.int64)

    def _of(self) -> Model:
        check_is_fitted(self)
        if self.model is None:
            raise UsageError(what="there is no model", todo="take the pipeline from `to_sklearn`")
        return self.model


def pipeline_of(model: Model) -> Pipeline:
    """Return a model as a fitted pipeline: a `JiebaTfidfVectorizer` and a `TaggingClassifier`; where its two blocks
    differ in how counts are weighed, a union of two vectorisers.

    Parameters
    ----------
    model
        Any model.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from koudai import JiebaTfidfVectorizer
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> pipeline = make_pipeline(JiebaTfidfVectorizer(), LogisticRegression()).fit(["停水了", "天气好"], [1, 0])
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> again = pipeline_of(model_of(pipeline, taxonomy=taxonomy, categories=["rumour"]))
    >>> bool(abs(again.predict_proba(["停水"])[0, 0] - pipeline.predict_proba(["停水"])[0, 1]) < 1e-6)
    True
    """
    alike = len({block.sublinear_tf for block in model.blocks}) == 1
    parts = [model.blocks] if alike else [(block,) for block in model.blocks]
    vectorisers = [(blocks[0].kind, _vectoriser(model, blocks)) for blocks in parts]
    first = vectorisers[0][1] if alike else FeatureUnion(vectorisers)
    return Pipeline([("tfidf", first), ("tags", TaggingClassifier(model))])


def _vectoriser(model: Model, blocks: tuple[FeatureBlock, ...]) -> Any:
    from koudai.model.vectoriser.features import JiebaTfidfVectorizer

    spans = {block.kind: block.ngrams for block in blocks}
    vectoriser = JiebaTfidfVectorizer(
        ngram_range=spans.get(WORDS),
        char_ngram_range=spans.get(CHARS),
        sublinear_tf=blocks[0].sublinear_tf,
        stop_words=[word for block in blocks for word in block.stop_words] or None,
        preprocessor=functools.partial(_prepared, model.normalizer),
        hmm=model.segmenter.hmm,
        user_dict=model.segmenter.user_words or None,
    )
    vectoriser.take([block.vocabulary for block in blocks], np.concatenate([one.idf for one in blocks]))
    return vectoriser


def _prepared(normalizer: Normalizer, text: str) -> str:
    """Return a post as its terms are counted in."""
    return lower(normalizer(text))
