"""The objective: scikit-learn's figures on decisions out of fold, of the posts to fit on and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from koudai.config.train import TrainConfig
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.fit import FitData, out_of_fold
from koudai.training.folds import Folds
from koudai.training.prepare import Prepared
from koudai.training.search.matrices import Matrices
from koudai.training.search.objective import FitPart, fit_part, objective


def best_f1(y: np.ndarray, decision: np.ndarray, *, macro: bool) -> float:
    """F1, or its mean over both labels, where F1 is greatest: by counting what each threshold tags."""
    order = np.argsort(-decision, kind="stable")
    last = np.append(np.diff(decision[order]) != 0, True)
    tagged, hit = np.arange(1, len(y) + 1)[last], np.cumsum(y[order] == 1)[last]
    positive, n = (y == 1).sum(), len(y)
    f1 = 2 * hit / (tagged + positive)
    at = len(f1) - 1 - f1[::-1].argmax()
    right = n - positive - (tagged[at] - hit[at])
    other = 2 * right / ((n - tagged[at]) + (n - positive))
    assert f1[at] == pytest.approx(f1_score(y, decision >= decision[order][last][at]))
    return float((f1[at] + other) / 2 if macro else f1[at])


FIGURES = {
    "average_precision": average_precision_score,
    "auc": roc_auc_score,
    "f1": lambda y, decision: best_f1(y, decision, macro=False),
    "macro_f1": lambda y, decision: best_f1(y, decision, macro=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("metric", FIGURES)
def test_A4_the_mean_over_categories_of_figures_out_of_fold(config: TrainConfig, part: FitPart, metric: str) -> None:
    features, classifier = Matrices(part.texts).of(config), make_classifier("DualLinearSVC", {"C": 0.5})
    labels = part.labels.copy()
    labels[::3, 0] = -1
    folds = tuple(Folds.deal(y, part.groups, count, seed=4) for y, count in zip(labels.T, (3, 2), strict=True))
    some = replace(part, labels=labels, folds=folds)
    found = objective(features, some, classifier=classifier, metric=metric, seed=4)
    expected = []
    for column, count in enumerate((3, 2)):
        known = labels[:, column] >= 0
        y = labels[known, column]
        decision = out_of_fold(
            FitData(features[known], y, part.weight[known], part.groups[known], classifier=classifier, seed=4).dealt(
                count
            )
        )
        expected.append(FIGURES[metric](y, decision))
    assert found == pytest.approx(np.mean(expected), abs=1e-9)


def test_the_part_holds_nothing_of_the_test_side(prepared: Prepared, part: FitPart) -> None:
    fit = prepared.corpus.take(prepared.split.fit)
    assert part.texts == fit.texts
    assert len(part.labels) == len(part.weight) == len(part.groups) == len(fit) < len(prepared.corpus)
    corpus = prepared.corpus
    blind = [text if fitted else "?" for text, fitted in zip(corpus.texts, prepared.split.fit, strict=True)]
    labels = np.where(prepared.split.fit[:, None], corpus.labels, -1).astype(np.int8)
    again = fit_part(replace(prepared, corpus=replace(corpus, texts=blind, labels=labels)))
    assert again.texts == part.texts
    assert again.digest == part.digest


def test_the_digest_follows_what_is_fitted_on(prepared: Prepared, part: FitPart) -> None:
    corpus, first = prepared.corpus, int(np.flatnonzero(prepared.split.fit)[0])
    texts, weight, groups = list(corpus.texts), corpus.weight.copy(), prepared.groups.copy()
    texts[first], weight[first], groups[first] = "别的", 2.0, groups.max() + 1
    digests = {
        part.digest,
        fit_part(replace(prepared, corpus=replace(corpus, texts=texts))).digest,
        fit_part(replace(prepared, corpus=replace(corpus, weight=weight))).digest,
        fit_part(replace(prepared, groups=groups)).digest,
    }
    assert len(digests) == 4
    assert fit_part(replace(prepared, groups=prepared.groups + 5)).digest == part.digest
