"""Training: a config and its corpora into a bundle with its figures and its card.

Promises: everything is checked before anything is fitted; the test side is only evaluated, and no choice depends on it;
the same config, corpora and seed give the same bundle, byte for byte. Does not talk to MLflow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from koudai.cores import cores, sharing_memory
from koudai.model.bundle.bundle import load_again, save_bundle
from koudai.model.bundle.card import model_card
from koudai.model.bundle.fitted_posts import FittedPosts, salt_of
from koudai.model.bundle.held_out import HeldOut
from koudai.model.decision import decide
from koudai.model.evaluation import BackgroundCounts, CasebookResult, Evaluation, Points, SearchSummary
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.model import Model
from koudai.model.scorer import probabilities
from koudai.progress import Progress, Silent
from koudai.storage.durable import new_folder, to_json
from koudai.training.coverage import held_out_sets
from koudai.training.features import Features, count_features
from koudai.training.fit import FitData, FittedCategory, fit_categories
from koudai.training.fitted_profile import profile_of
from koudai.training.learning_curve import learning_curve
from koudai.training.multiclass import describe_classes
from koudai.training.prepare import Prepared, contradictory
from koudai.training.run_evaluation import ScoredRun, describe
from koudai.training.tracking.address import without_password
from koudai.training.transfer import by_corpus, refuse_alone, transfer_matrix

_TOGETHER = 16_384
"""Posts scored between two progress updates."""


@dataclass(frozen=True)
class TrainingResult:
    """A trained model with its evaluation and its bundle.

    Parameters
    ----------
    model
        Loaded back from the bundle, golden posts checked.
    evaluation
        Its evaluation, equal to the bundle's ``evaluation.json``.
    bundle
        Folder of the bundle.
    """

    model: Model
    evaluation: Evaluation
    bundle: Path


def train_model(
    prepared: Prepared,
    out: Path,
    *,
    probe: Callable[[Model], CasebookResult | None] = lambda model: None,
    search: SearchSummary | None = None,
    leave_one_source_out: bool = False,
    progress: Progress | None = None,
) -> TrainingResult:
    """Fit, calibrate, evaluate and save a model; if that fails, a folder created for it is removed again.

    Parameters
    ----------
    prepared
        From `prepare`.
    out
        Folder of the bundle; must not exist or be empty.
    probe
        Runs the model on a casebook, for example `koudai.audit.failures.known_failures`.
    search
        Summary of the search that chose the settings, if there was one.
    leave_one_source_out
        Whether to measure the transfer matrix, see `koudai.training.transfer`.
    progress
        Progress callback.

    Raises
    ------
    OutputExists
        If the folder is not empty.
    StorageError
        If the bundle cannot be written.
    """
    progress = progress or Silent()
    if leave_one_source_out:
        refuse_alone(prepared)
    ours = not out.exists()
    new_folder(out)
    try:
        return _train(prepared, out, probe, search, leave_one_source_out, progress)
    except BaseException:
        if ours:
            with contextlib.suppress(OSError):
                out.rmdir()
        raise


def _train(
    prepared: Prepared,
    out: Path,
    probe: Callable[[Model], CasebookResult | None],
    search: SearchSummary | None,
    leave_one_source_out: bool,
    progress: Progress,
) -> TrainingResult:
    config, taxonomy, corpus, split = prepared.config, prepared.taxonomy, prepared.corpus, prepared.split
    columns = taxonomy.columns(prepared.categories)
    fit, background = corpus.take(split.fit), prepared.background
    features = count_features(fit.texts, config, () if background is None else background.texts, progress=progress)
    data = FitData(
        features.matrix,
        fit.labels[:, columns],
        fit.weight,
        prepared.groups[split.fit],
        classifier=make_classifier(config.model.classifier, config.model.params),
        seed=config.run.seed,
        folds=prepared.folds,
    )
    with progress.stage("fitting", len(columns)) as advance:
        fitted = fit_categories(data, names=prepared.categories, section=config.decide, advance=advance)
    curves: list[Points] = [() for _ in columns]
    for number, key in enumerate(prepared.categories if config.evaluate.learning_curve else ()):
        with progress.stage(f"learning curve of {key}", None):
            curves[number] = learning_curve(data.column(number), shares=config.evaluate.learning_curve)
    build = partial(_model, prepared)
    model, segmenter = build(features, fitted, prepared.categories), features.segmenter
    if config.decide.coverage is not None:
        held_out = np.stack([one.held_out for one in fitted], axis=1)
        sets = held_out_sets(
            held_out, fit.labels[:, columns], taxonomy, prepared.categories, coverage=config.decide.coverage
        )
        model = replace(model, sets=sets)
    decided = [one.decided for one in fitted]
    del fit, features, data, fitted  # the largest part of a run's memory, and no longer needed
    work: list[Callable[[], Any]] = [
        partial(_evaluate, model, prepared, progress),
        partial(_fitted_posts, prepared, model),
    ]
    (evaluation, kept), fitted_posts = sharing_memory(lambda one: one(), work)
    model = replace(model, profile=profile_of(prepared, model, kept.proba))
    categories = {
        key: replace(evaluation.categories[key], decided=one, learning_curve=curve)
        for key, one, curve in zip(prepared.categories, decided, curves, strict=True)
    }
    evaluation = replace(
        evaluation,
        categories=categories,
        contradictions=contradictory(prepared),
        casebook=probe(model),
        search=search,
        transfer=tuple(transfer_matrix(prepared, segmenter, build, progress=progress)) if leave_one_source_out else (),
    )
    model = replace(model, validated_on={key: entry.validated_on for key, entry in evaluation.categories.items()})
    card = model_card(model, evaluation)
    save_bundle(model, out, card=card, evaluation=evaluation, held_out=kept, fitted=fitted_posts)
    return TrainingResult(load_again(out, model), evaluation, out)


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


def _fitted_posts(prepared: Prepared, model: Model) -> FittedPosts:
    """Return hashes of the posts fitted on and of all others in their near-duplicate groups."""
    fit, corpus = prepared.split.fit, prepared.corpus
    near = np.isin(prepared.groups, prepared.groups[fit])
    salt = salt_of(
        to_json(model.config), *(corpus.take(corpus.source == one).digest.encode() for one in corpus.sources)
    )
    return FittedPosts.of(corpus.take(near).texts, salt=salt, posts=int(fit.sum()))


def _evaluate(model: Model, prepared: Prepared, progress: Progress) -> tuple[Evaluation, HeldOut]:
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
            ScoredRun(prepared.corpus, prepared.split, prepared.groups, joined, reason != 0),
            seed=prepared.config.run.seed,
            coverage=prepared.config.decide.coverage,
            advance=advance,
        )
    columns = model.taxonomy.columns(model.categories)
    classes = None
    if model.taxonomy.exclusive:
        classes = describe_classes(
            test.labels[:, columns],
            joined,
            prepared.groups[prepared.split.test],
            prepared.split.leaked[prepared.split.test],
        )
    background = prepared.background
    evaluation = replace(
        evaluation,
        by_corpus=tuple(by_corpus(prepared, model, joined)),
        classes=classes,
        background=None if background is None else BackgroundCounts(background.rows, background.left_out),
    )
    return evaluation, HeldOut(
        digest=evaluation.test_digest,
        categories=model.categories,
        threshold=model.threshold,
        proba=joined,
        labels=test.labels[:, columns],
        groups=prepared.groups[prepared.split.test],
    )
