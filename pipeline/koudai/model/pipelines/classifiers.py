"""Linear classifiers of a fitted pipeline, read as weights, intercepts and the sigmoid that makes probabilities.

Promises: the probabilities of the form are those of the classifier; a classifier without probabilities (a linear SVM,
ridge) gets the sigmoid of its decision, so that .5 is where it decides. Folds whose probabilities are averaged are
carried as so many forms, and a softmax as such. What is not linear is refused by name. Reads objects, never a pickle.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.model.fitting.classifiers.scikit_learn import weights_of
from koudai.model.pipelines.vectorisers import refused

_LINEAR = ("coef_", "intercept_")
_BAYES = ("ComplementNB", "MultinomialNB")
_AROUND = ("OneVsRestClassifier", "MultiOutputClassifier", "CalibratedClassifierCV", "FrozenEstimator")


@dataclass(frozen=True)
class LinearForm:
    """One linear form per category, or one per fold and category.

    Parameters
    ----------
    classes
        What the classifier calls the categories; of two classes the second alone.
    weights : ndarray of float64, shape (n_features, n_folds * n_categories)
        All categories of the first fold, then those of the second, and so on.
    intercept, slope, offset : ndarray of float64, shape (n_folds * n_categories,)
        What is linked is ``slope * (x @ weights + intercept) + offset``.
    exclusive
        Whether the probabilities add up to 1.
    link
        How a fold makes probabilities of what is linked, one of `koudai.model.deciding.forms.LINKS`.
    """

    classes: tuple[Any, ...]
    weights: NDArray[np.float64]
    intercept: NDArray[np.float64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    exclusive: bool
    link: str = "sigmoid"

    @property
    def numbers(self) -> NDArray[np.float64]:
        """Intercepts, slopes and offsets as three rows."""
        return np.stack([self.intercept, self.slope, self.offset])

    @property
    def folds(self) -> int:
        """How many forms each category has."""
        return len(self.slope) // len(self.classes)

    @staticmethod
    def joined(parts: list[LinearForm], *, classes: tuple[Any, ...], exclusive: bool, where: str) -> LinearForm:
        """Return forms of one category each as one; refuses those of different numbers of folds."""
        folds = {one.folds for one in parts}
        if len(folds) != 1:
            raise refused(
                what=f"outputs averaged over {' and '.join(map(str, sorted(folds)))} folds",
                where=where,
                expected="as many folds for each",
            )
        # Each part is (fold 1, fold 2, …); together all of fold 1 come first.
        intercept, slope, offset = np.stack([one.numbers for one in parts], axis=2).reshape(3, -1)
        weights = np.stack([one.weights for one in parts], axis=2)
        return LinearForm(classes, weights.reshape(len(weights), -1), intercept, slope, offset, exclusive)


def read_classifier(model: Any, *, where: str) -> LinearForm:
    """Read a fitted classifier.

    Parameters
    ----------
    model
        Any linear classifier of scikit-learn's or of its interface, a `OneVsRestClassifier`, `MultiOutputClassifier` or
        `CalibratedClassifierCV` of one.
    where
        Its name in the pipeline.

    Raises
    ------
    UsageError
        If it cannot be carried: says what it is.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> form = read_classifier(LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"]), where="lr")
    >>> [str(one) for one in form.classes], form.weights.shape, form.exclusive
    (['yes'], (1, 1), False)
    """
    from sklearn.base import is_classifier
    from sklearn.utils.validation import check_is_fitted

    named = type(model).__name__
    if named == "FrozenEstimator":
        return read_classifier(model.estimator, where=where)
    if not is_classifier(model):
        raise refused(what=f"{named}, which is no classifier", where=where, expected="a linear classifier")
    check_is_fitted(model)
    if named == "OneVsRestClassifier":
        parts = [_binary(one, where=f"{where}.estimators_") for one in model.estimators_]
        if len(parts) == 1:
            return LinearForm.joined(parts, classes=(model.classes_[1],), exclusive=False, where=where)
        return LinearForm.joined(parts, classes=tuple(model.classes_), exclusive=not model.multilabel_, where=where)
    if named == "MultiOutputClassifier":
        parts = [_binary(one, where=f"{where}.estimators_") for one in model.estimators_]
        return LinearForm.joined(parts, classes=tuple(range(len(parts))), exclusive=False, where=where)
    if named == "CalibratedClassifierCV":
        return _calibrated(model, where=where)
    return _plain(model, where=where)


def as_in_a_config(model: Any) -> dict[str, Any]:
    """Return what a config would say of a classifier, so that it can be fitted again: the name of the estimator within,
    and those of its parameters that are plain and not the default.

    Examples
    --------
    >>> from sklearn.multiclass import OneVsRestClassifier
    >>> from sklearn.svm import LinearSVC
    >>> as_in_a_config(OneVsRestClassifier(LinearSVC(C=3.0, random_state=1)))
    {'classifier': 'LinearSVC', 'params': {'C': 3.0}}
    """
    while type(model).__name__ in _AROUND:
        model = model.estimator
    named = type(model).__name__
    known = CLASSIFIERS[named].parameters() if named in CLASSIFIERS else {}
    defaults = {name: one.default for name, one in inspect.signature(type(model)).parameters.items()}
    given = {name: value for name, value in model.get_params(deep=False).items() if name in known}
    plain = {name: value for name, value in given.items() if isinstance(value, int | float | str)}
    return {"classifier": named, "params": {name: one for name, one in plain.items() if one != defaults[name]}}


def _binary(model: Any, *, where: str) -> LinearForm:
    if type(model).__name__ == "_ConstantPredictor" or len(getattr(model, "classes_", (0, 1))) < 2:
        raise refused(what="a category with posts of one kind only", where=where, expected="posts in it and out of it")
    form = read_classifier(model, where=where)
    if len(form.classes) != 1:
        raise refused(what="several classes within one output", where=where, expected="two classes")
    return form


def _plain(model: Any, *, where: str) -> LinearForm:
    """Read one estimator: two classes, or several that are each against the rest."""
    form, named = read_decision(model, where=where), type(model).__name__
    if form.exclusive and (named, getattr(model, "solver", "")) != ("LogisticRegression", "liblinear"):
        if named == "LogisticRegression":
            return replace(form, link="softmax")
        against_rest = named == "DualLogisticRegression" or (named == "SGDClassifier" and model.loss == "log_loss")
        if not against_rest and hasattr(model, "predict_proba"):
            raise refused(what=f"{named} of several classes", where=where, expected="OneVsRestClassifier of it")
    if named == "SGDClassifier" and model.loss == "modified_huber":
        raise refused(
            what="SGDClassifier(loss='modified_huber')", where=where, expected="log_loss, or a loss of an SVM"
        )
    return form


def read_decision(model: Any, *, where: str) -> LinearForm:
    """Read the decision function of one estimator."""
    named, classes = type(model).__name__, tuple(model.classes_)
    if len(classes) < 2:
        raise refused(what=f"{named} of one class", where=where, expected="two classes or more")
    if named in _BAYES:
        if len(classes) != 2:
            raise refused(
                what=f"{named} of several classes", where=where, expected="two classes, or OneVsRestClassifier of it"
            )
    elif not (all(hasattr(model, name) for name in _LINEAR) and getattr(model, "kernel", "linear") == "linear"):
        raise refused(
            what=f"{named}, which is not linear", where=where, expected="a classifier with coef_ and intercept_"
        )
    weights, intercept = weights_of(model)
    n = weights.shape[1]
    if n != (1 if len(classes) == 2 else len(classes)):
        raise refused(
            what=f"{named} of one class against one other", where=where, expected="each class against the rest"
        )
    if not (np.isfinite(weights).all() and np.isfinite(intercept).all()):
        raise refused(what=f"{named} with weights that are not finite", where=where, expected="finite numbers")
    shown = classes if n > 1 else classes[1:]
    return LinearForm(shown, weights, intercept, np.ones(n), np.zeros(n), exclusive=n > 1)


def _calibrated(model: Any, *, where: str) -> LinearForm:
    """Read the folds of a calibration, whose probabilities are averaged: one after another, all categories of each."""
    folds = [_fold(one, where=where) for one in model.calibrated_classifiers_]
    classes = tuple(model.classes_) if len(model.classes_) > 2 else tuple(model.classes_[1:])
    if {len(one.classes) for one in folds} != {len(classes)}:
        raise refused(what="folds that lack a class", where=where, expected=f"{len(classes)} forms in each")
    intercept, slope, offset = np.concatenate([one.numbers for one in folds], axis=1)
    weights = np.concatenate([one.weights for one in folds], axis=1)
    exclusive, link = folds[0].exclusive, folds[0].link
    if exclusive and len(folds) > 1 and link == "sigmoid":
        link = "share"
    return LinearForm(classes, weights, intercept, slope, offset, exclusive, link)


def _fold(one: Any, *, where: str) -> LinearForm:
    inner = one.estimator.estimator if type(one.estimator).__name__ == "FrozenEstimator" else one.estimator
    if not hasattr(inner, "decision_function"):
        raise refused(
            what=f"calibration of the probabilities of {type(inner).__name__}", where=where, expected="of decisions"
        )
    form = read_decision(inner, where=f"{where}.estimator")
    if one.method == "sigmoid":
        slope = np.array([-calibrator.a_ for calibrator in one.calibrators])
        offset = np.array([-calibrator.b_ for calibrator in one.calibrators])
    elif one.method == "temperature":
        n = len(form.classes)  # of two classes the other's logit is the negative
        slope, offset = np.full(n, one.calibrators[0].beta_ * (2.0 if n == 1 else 1.0)), np.zeros(n)
        form = replace(form, link="softmax" if n > 1 else "sigmoid")
    else:
        raise refused(
            what=f"CalibratedClassifierCV(method={one.method!r})",
            where=where,
            expected="method='sigmoid' or 'temperature'",
            todo="isotonic steps are drawn between decisions, and a bundle's curves between probabilities",
        )
    if len(slope) != len(form.classes):
        raise refused(what="calibrators that are not one per category", where=where, expected=str(len(form.classes)))
    return replace(form, slope=slope, offset=offset)
