"""Training: a config and its corpora into a bundle with its figures and its card.

Promises: everything is checked before anything is fitted; the test side is touched once, at the end, and decides
nothing; the same config, corpora and seed give the same bundle, byte for byte. Does not speak to MLflow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config import TrainConfig
from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.duplicates import near_duplicate_groups
from pipeline.corpus.sources import located
from pipeline.corpus.split import Split, split_corpus
from pipeline.durable import new_folder
from pipeline.errors import ConfigError, LabelError
from pipeline.model.blocks import fit_blocks
from pipeline.model.bundle import load_bundle, save_bundle
from pipeline.model.card import model_card
from pipeline.model.classifiers import make_classifier
from pipeline.model.decision import decide
from pipeline.model.held_out import HeldOut
from pipeline.model.model import Model
from pipeline.model.scorer import probabilities
from pipeline.places import configs_folder, find_taxonomy
from pipeline.progress import Progress, Silent
from pipeline.taxonomy import Taxonomy
from pipeline.text.normalize import Normalizer
from pipeline.text.segment import Segmenter
from pipeline.text.utf8 import of_texts
from pipeline.training.coverage import held_out_sets
from pipeline.training.evaluation import describe
from pipeline.training.fit import FittedCategory, fit_categories
from pipeline.training.learning_curve import learning_curve
from pipeline.training.redact import without_password


@dataclass(frozen=True)
class Prepared:
    """A config with everything it names: taxonomy, posts, near-duplicate groups, split, and the categories to fit."""

    config: TrainConfig
    taxonomy: Taxonomy
    corpus: Corpus
    groups: NDArray[np.int64]
    split: Split
    categories: tuple[str, ...]


def prepare(
    config: TrainConfig, path: Path, *, folders: tuple[Path, ...] = (), progress: Progress | None = None
) -> Prepared:
    """Read everything a config names and check that it can be trained on.

    Parameters
    ----------
    config, path
        The config, and the file it came from.
    folders
        Where corpora may lie.
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError, ReadError, LabelError, TooFewPosts
        The first thing that makes training impossible.
    """
    progress = progress or Silent()
    configs = configs_folder(path)
    taxonomy = find_taxonomy(config.run.taxonomy, configs=configs)
    Normalizer(config.text.steps)
    make_classifier(config.model.classifier, config.model.params)
    categories = tuple(key for key in taxonomy.keys if key in config.run.categories) or taxonomy.keys
    for key in config.run.categories:
        taxonomy[key]
    _refuse_idle(config, categories)
    parts = []
    for section, source, file in located(config.corpus, config=path, configs=configs, folders=folders):
        with progress.stage(f"reading {source.name}", None) as advance:
            parts.append(
                load_corpus(source, file, taxonomy=taxonomy, weight=section.weight, drop=section.drop, advance=advance)
            )
    corpus = Corpus.join(parts)
    with progress.stage("looking for near-duplicates", len(corpus)) as advance:
        groups = near_duplicate_groups(corpus.texts, advance=advance)
    split = split_corpus(corpus, groups, config.split, seed=config.run.seed)
    _refuse_silent(corpus, split, taxonomy, categories)
    return Prepared(config, taxonomy, corpus, groups, split, categories)


def train(
    prepared: Prepared,
    out: Path,
    *,
    probe: Callable[[Model], dict[str, Any]] = lambda model: {},
    progress: Progress | None = None,
) -> Model:
    """Fit, calibrate, evaluate and save.

    Parameters
    ----------
    prepared
        From `prepare`.
    out
        Folder of the bundle; must not exist or be empty.
    probe
        Measures what else the evaluation is to hold, such as `pipeline.audit.failures.known_failures`.
    progress
        Is told how far it is.

    Returns
    -------
    Model
        As loaded back from the bundle, golden posts checked.
    """
    progress = progress or Silent()
    new_folder(out)
    config, taxonomy, corpus, split = prepared.config, prepared.taxonomy, prepared.corpus, prepared.split
    columns = [taxonomy.keys.index(key) for key in prepared.categories]
    normalizer, segmenter = Normalizer(config.text.steps), Segmenter()
    fit = corpus.take(split.fit)
    blocks_wanted = sum(ngrams is not None for ngrams in (config.features.words, config.features.chars))
    with progress.stage("counting words and characters", len(fit) * blocks_wanted) as advance:
        blocks, features = fit_blocks(normalizer.many(of_texts(fit.texts)), config.features, segmenter, advance=advance)
    with progress.stage("fitting", len(columns)) as advance:
        fitted = fit_categories(
            features,
            fit.labels[:, columns],
            fit.weight,
            prepared.groups[split.fit],
            names=prepared.categories,
            classifier=make_classifier(config.model.classifier, config.model.params),
            section=config.decide,
            seed=config.run.seed,
            advance=advance,
        )
    stored = config.model_dump(mode="json")
    stored["track"]["uri"] = without_password(config.track.uri)
    model = Model(
        name=config.run.name,
        taxonomy=taxonomy,
        categories=prepared.categories,
        normalizer=normalizer,
        segmenter=segmenter,
        blocks=blocks,
        weights=np.stack([one.weights for one in fitted], axis=1).astype(np.float32),
        intercept=np.array([one.intercept for one in fitted]),
        slope=np.array([one.slope for one in fitted]),
        offset=np.array([one.offset for one in fitted]),
        threshold=np.array([one.threshold for one in fitted]),
        abstain=config.decide.band,
        validated_on={},
        config=stored,
        curves=tuple(one.curve for one in fitted) if any(one.curve for one in fitted) else (),
        sets=_sets(fitted, fit.labels[:, columns], prepared),
    )
    evaluation, held_out = _evaluate(model, prepared, progress)
    evaluation |= probe(model)
    for key, one, column in zip(prepared.categories, fitted, columns, strict=True):
        evaluation["categories"][key]["decided"] = one.decided
        if config.evaluate.learning_curve:
            with progress.stage(f"learning curve of {key}", None):
                evaluation["categories"][key]["learning_curve"] = learning_curve(
                    features,
                    fit.labels[:, column],
                    fit.weight,
                    prepared.groups[split.fit],
                    classifier=make_classifier(config.model.classifier, config.model.params),
                    folds=config.decide.folds,
                    seed=config.run.seed,
                    shares=config.evaluate.learning_curve,
                )
    validated_on = {key: entry["validated_on"] for key, entry in evaluation["categories"].items()}
    model = replace(model, validated_on=validated_on)
    save_bundle(model, out, card=model_card(model, evaluation), evaluation=evaluation, held_out=held_out)
    return load_bundle(out)


def _sets(fitted: list[FittedCategory], labels: NDArray[np.int8], prepared: Prepared) -> NDArray[np.float64] | None:
    coverage = prepared.config.decide.coverage
    if coverage is None:
        return None
    held_out = np.stack([one.held_out for one in fitted], axis=1)
    return held_out_sets(held_out, labels, prepared.taxonomy, prepared.categories, coverage=coverage)


def _evaluate(model: Model, prepared: Prepared, progress: Progress) -> tuple[dict[str, Any], HeldOut]:
    test = prepared.corpus.take(prepared.split.test)
    proba = []
    with progress.stage("scoring the test side", len(test)) as advance:
        for start in range(0, len(test), 1000):
            proba.append(probabilities(model, test.texts[start : start + 1000]))
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
    columns = [model.taxonomy.keys.index(key) for key in model.categories]
    return evaluation, HeldOut(
        digest=evaluation["test_digest"],
        categories=model.categories,
        threshold=model.threshold,
        proba=joined,
        labels=test.labels[:, columns],
        groups=prepared.groups[prepared.split.test],
    )


def _refuse_idle(config: TrainConfig, categories: tuple[str, ...]) -> None:
    idle = [key for key in config.decide.thresholds if key not in categories]
    if idle:
        raise ConfigError(
            what="a threshold is given for a category that is not trained",
            where="decide.thresholds",
            expected=", ".join(categories),
            got=", ".join(idle),
            happened="nothing was trained",
            todo="take it out, or list the category under run.categories",
        )


def _refuse_silent(corpus: Corpus, split: Split, taxonomy: Taxonomy, categories: tuple[str, ...]) -> None:
    columns = [taxonomy.keys.index(key) for key in categories]
    labels = corpus.labels[split.fit][:, columns]
    silent = [
        f"{key}: {int((labels[:, i] == 1).sum())} posts in it, {int((labels[:, i] == 0).sum())} out of it"
        for i, key in enumerate(categories)
        if not ((labels[:, i] == 1).any() and (labels[:, i] == 0).any())
    ]
    if silent:
        able = [
            key
            for key, i in zip(categories, range(len(categories)), strict=True)
            if {0, 1} <= set(labels[:, i].tolist())
        ]
        raise LabelError(
            what=f"{len(silent)} categories cannot be learnt from these corpora",
            where="run.categories",
            expected="posts in and out of every category that is trained",
            got="\n".join(silent),
            happened="nothing was trained",
            todo=f"bring a corpus that labels them, or set run.categories = {able}",
        )
