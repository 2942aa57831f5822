"""Training: a config and its corpora into a bundle with its figures and its card.

Promises: everything is checked before anything is fitted; the test side is touched once, at the end, and decides
nothing; the same config, corpora and seed give the same bundle, byte for byte. Does not speak to MLflow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from koudai.cores import cores
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.bundle.card import model_card
from koudai.model.bundle.held_out import HeldOut
from koudai.model.decision import decide
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.model import Model
from koudai.model.scorer import probabilities
from koudai.progress import Progress, Silent
from koudai.storage.durable import new_folder
from koudai.training.coverage import held_out_sets
from koudai.training.evaluation import describe
from koudai.training.features import Features, count_features
from koudai.training.fit import FittedCategory, fit_categories
from koudai.training.learning_curve import learning_curve
from koudai.training.multiclass import describe_classes
from koudai.training.prepare import Prepared, contradictory
from koudai.training.redact import without_password
from koudai.training.transfer import by_corpus, refuse_alone, transfer

_TOGETHER = 16_384
"""Posts that are scored between two reports of progress."""


def train(
    prepared: Prepared,
    out: Path,
    *,
    probe: Callable[[Model], dict[str, Any]] = lambda model: {},
    leave_one_source_out: bool = False,
    progress: Progress | None = None,
) -> Model:
    """Fit, calibrate, evaluate and save; a folder that was made for a run that fails is taken away again.

    Parameters
    ----------
    prepared
        From `prepare`.
    out
        Folder of the bundle; must not exist or be empty.
    probe
        Measures what else the evaluation is to hold, such as `koudai.audit.failures.known_failures`.
    leave_one_source_out
        Whether the evaluation is to hold the matrix of corpora, see `koudai.training.transfer`.
    progress
        Is told how far it is.

    Returns
    -------
    Model
        As loaded back from the bundle, golden posts checked.
    """
    progress = progress or Silent()
    if leave_one_source_out:
        refuse_alone(prepared)
    ours = not out.exists()
    new_folder(out)
    try:
        return _train(prepared, out, probe, leave_one_source_out, progress)
    except BaseException:
        if ours:
            with contextlib.suppress(OSError):
                out.rmdir()
        raise


def _train(
    prepared: Prepared,
    out: Path,
    probe: Callable[[Model], dict[str, Any]],
    leave_one_source_out: bool,
    progress: Progress,
) -> Model:
    config, taxonomy, corpus, split = prepared.config, prepared.taxonomy, prepared.corpus, prepared.split
    columns = taxonomy.columns(prepared.categories)
    fit, background = corpus.take(split.fit), prepared.background
    features = count_features(fit.texts, config, () if background is None else background.texts, progress=progress)
    with progress.stage("fitting", len(columns)) as advance:
        fitted = fit_categories(
            features.matrix,
            fit.labels[:, columns],
            fit.weight,
            prepared.groups[split.fit],
            names=prepared.categories,
            classifier=make_classifier(config.model.classifier, config.model.params),
            section=config.decide,
            seed=config.run.seed,
            advance=advance,
        )
    build = partial(_model, prepared, features)
    model = build(fitted, prepared.categories)
    if config.decide.coverage is not None:
        held_out = np.stack([one.held_out for one in fitted], axis=1)
        sets = held_out_sets(
            held_out, fit.labels[:, columns], taxonomy, prepared.categories, coverage=config.decide.coverage
        )
        model = replace(model, sets=sets)
    evaluation, kept = _evaluate(model, prepared, progress)
    evaluation |= probe(model) | {"contradictions": contradictory(prepared)}
    for key, one, column in zip(prepared.categories, fitted, columns, strict=True):
        evaluation["categories"][key]["decided"] = one.decided
        if config.evaluate.learning_curve:
            with progress.stage(f"learning curve of {key}", None):
                evaluation["categories"][key]["learning_curve"] = learning_curve(
                    features.matrix,
                    fit.labels[:, column],
                    fit.weight,
                    prepared.groups[split.fit],
                    classifier=make_classifier(config.model.classifier, config.model.params),
                    folds=config.decide.folds,
                    seed=config.run.seed,
                    shares=config.evaluate.learning_curve,
                )
    if leave_one_source_out:
        evaluation["transfer"] = transfer(prepared, features.matrix, build, progress=progress)
    validated_on = {key: entry["validated_on"] for key, entry in evaluation["categories"].items()}
    model = replace(model, validated_on=validated_on)
    save_bundle(model, out, card=model_card(model, evaluation), evaluation=evaluation, held_out=kept)
    return load_bundle(out)


def _model(prepared: Prepared, features: Features, fitted: list[FittedCategory], categories: tuple[str, ...]) -> Model:
    config, taxonomy = prepared.config, prepared.taxonomy
    weights, intercept = features.weights(fitted)
    stored = config.model_dump(mode="json")
    stored["track"]["uri"] = without_password(config.track.uri)
    return Model(
        name=config.run.name,
        taxonomy=taxonomy,
        categories=categories,
        normalizer=features.normalizer,
        segmenter=features.segmenter,
        blocks=features.blocks,
        weights=weights.astype(np.float32),
        intercept=intercept,
        slope=np.array([one.slope for one in fitted]),
        offset=np.array([one.offset for one in fitted]),
        threshold=np.array([one.threshold for one in fitted]),
        abstain=config.decide.band,
        validated_on={},
        config=stored,
        curves=tuple(one.curve for one in fitted) if any(one.curve for one in fitted) else (),
    )


def _evaluate(model: Model, prepared: Prepared, progress: Progress) -> tuple[dict[str, Any], HeldOut]:
    test = prepared.corpus.take(prepared.split.test)
    proba, workers = [], cores()
    with progress.stage("scoring the test side", len(test)) as advance:
        for start in range(0, len(test), _TOGETHER):
            proba.append(probabilities(model, test.texts[start : start + _TOGETHER], workers=workers))
            advance(len(proba[-1]))
    joined = np.concatenate(proba)
    _, reason = decide(joined, model.taxonomy, model.categories, model.threshold, model.abstain, model.sets)
    with progress.stage("measuring", len(model.categories)) as advance:
        evaluation = describe(
            model,
            corpus=prepared.corpus,
            split=prepared.split,
            groups=prepared.groups,
            proba=joined,
            abstained=reason != 0,
            seed=prepared.config.run.seed,
            coverage=prepared.config.decide.coverage,
            advance=advance,
        )
    evaluation["by_corpus"] = by_corpus(prepared, model, joined)
    columns = model.taxonomy.columns(model.categories)
    if model.taxonomy.exclusive:
        evaluation["classes"] = describe_classes(
            test.labels[:, columns],
            joined,
            prepared.groups[prepared.split.test],
            prepared.split.leaked[prepared.split.test],
            seed=prepared.config.run.seed,
        )
    if prepared.background is not None:
        background = prepared.background
        evaluation["background"] = {"rows": background.rows, "left_out": background.left_out}
    return evaluation, HeldOut(
        digest=evaluation["test_digest"],
        categories=model.categories,
        threshold=model.threshold,
        proba=joined,
        labels=test.labels[:, columns],
        groups=prepared.groups[prepared.split.test],
    )
