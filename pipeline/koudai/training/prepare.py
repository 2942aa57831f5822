"""Preparing a training run: loads everything a config names, and checks it before anything is fitted.

Promises: raises the first error that makes training impossible; writes nothing; reads each corpus once. Does not fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from koudai.config.layouts import find_layout, warn_of_steps
from koudai.config.places import configs_folder, find_taxonomy
from koudai.config.train import TrainConfig
from koudai.corpus.contradictions import (
    Contradiction,
    count_contradictions,
    find_contradictions,
    settle_contradictions,
)
from koudai.corpus.corpus import Corpus
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.sources import find_source, load_corpora
from koudai.corpus.split import Split, split_corpus
from koudai.errors import ConfigError, KoudaiError, LabelError, number_of
from koudai.model.evaluation import ContradictionCounts
from koudai.model.fitting.classifiers import Classifier, make_classifier
from koudai.progress import Progress, Silent
from koudai.taxonomy import Taxonomy
from koudai.text.characters.normalize import Normalizer
from koudai.training.background import Background, read_background
from koudai.training.folds import Folds, deal_categories
from koudai.training.words import with_words

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared:
    """A config with everything it names, loaded and checked.

    Parameters
    ----------
    config, taxonomy
        The config, and the taxonomy it names.
    corpus, groups, split
        All posts, their near-duplicate groups, and the sides they are on.
    categories
        The categories to fit, in taxonomy order.
    contradictions
        Near-duplicates with contradicting labels, before the config's policy was applied.
    background
        Posts to learn vectors from; None without vectors.
    folds
        One per category, of the posts to fit on.
    """

    config: TrainConfig
    taxonomy: Taxonomy
    corpus: Corpus
    groups: NDArray[np.int64]
    split: Split
    categories: tuple[str, ...]
    contradictions: tuple[Contradiction, ...] = ()
    background: Background | None = None
    folds: tuple[Folds, ...] = ()


def prepare(
    config: TrainConfig,
    path: Path,
    *,
    folders: tuple[Path, ...] = (),
    progress: Progress | None = None,
    problems: list[KoudaiError] | None = None,
) -> Prepared:
    """Read everything a config names, each corpus once, and check that it can be trained on.

    Parameters
    ----------
    config, path
        The config, and the file it came from.
    folders
        Folders that are searched for corpora.
    progress
        Progress callback.
    problems
        If given, all problems that can be found are appended to it before the first one is raised; otherwise the first
        problem is raised at once.

    Raises
    ------
    ConfigError, ReadError, LabelError, TooFewPosts
        The first thing that makes training impossible.
    """
    progress = progress or Silent()
    attempts = _Attempts(problems)
    configs = configs_folder(path)
    worded = attempts.make(partial(with_words, config, path))
    config = config if worded is None else worded
    taxonomy = attempts.make(lambda: find_taxonomy(config.run.taxonomy, configs=configs))
    attempts.make(lambda: Normalizer(config.text.steps))
    classifier = attempts.make(lambda: make_classifier(config.model.classifier, config.model.params))
    if classifier is not None:
        attempts.make(lambda: _refuse_vectors(config, classifier))
    if taxonomy is None:
        for section in config.corpus:
            attempts.make(partial(find_source, section.source, configs=configs))
        raise attempts.first()
    for key in config.run.categories:
        attempts.make(partial(taxonomy.__getitem__, key))
    categories = tuple(key for key in taxonomy.keys if key in config.run.categories) or taxonomy.keys
    attempts.make(lambda: _refuse_idle(config, categories))
    loaded = load_corpora(
        config.corpus,
        taxonomy=taxonomy,
        config=path,
        folders=folders,
        progress=progress,
        problems=problems,
        timezone=config.run.timezone,
    )
    if problems:
        raise attempts.first()
    for source in (one.source for one in loaded if one.source.layout is not None):
        layout = find_layout(str(source.layout), configs=configs_folder(path))
        warn_of_steps(layout, config.text.steps, named=f"texts of corpus {source.name!r}")
    corpus = Corpus.join([one.corpus for one in loaded])
    prepared = attempts.make(lambda: _divided(config, taxonomy, corpus, categories, progress))
    if prepared is None:
        raise attempts.first()
    vectors = config.features.vectors
    if vectors is None:
        return prepared
    background = attempts.make(
        lambda: read_background(
            vectors, prepared.corpus, prepared.split, config=path, folders=folders, progress=progress
        )
    )
    if background is None:
        raise attempts.first()
    return replace(prepared, background=background)


class _Attempts:
    """Runs checks one after another and collects their errors in a list; without a list the first error is raised."""

    def __init__(self, problems: list[KoudaiError] | None) -> None:
        self._problems = problems

    def make(self, work: Callable[[], T]) -> T | None:
        """Return what `work` returns, None if it raised an error that was kept."""
        try:
            return work()
        except KoudaiError as error:
            if self._problems is None:
                raise
            self._problems.append(error)
            return None

    def first(self) -> KoudaiError:
        """Return the first error that was kept."""
        return (self._problems or [])[0]


def _divided(
    config: TrainConfig, taxonomy: Taxonomy, corpus: Corpus, categories: tuple[str, ...], progress: Progress
) -> Prepared:
    """Find near-duplicates, split the posts, resolve contradictions, and assign folds."""
    with progress.stage("looking for near-duplicates", len(corpus)) as advance:
        groups = near_duplicate_groups(corpus.texts, advance=advance)
    split = split_corpus(corpus, groups, config.split, seed=config.run.seed)
    columns = taxonomy.columns(categories)
    found = find_contradictions(corpus.labels, groups, split.fit | split.test)
    contradictions = tuple(one for one in found if one.column in columns)
    if contradictions and config.split.contradictions != "keep":
        fitted_on = find_contradictions(corpus.labels, groups, split.fit)
        corpus = replace(corpus, labels=settle_contradictions(corpus.labels, fitted_on, config.split.contradictions))
    _refuse_silent(corpus, groups, split, taxonomy, categories)
    folds = deal_categories(
        corpus.labels[split.fit][:, columns],
        groups[split.fit],
        names=categories,
        folds=config.decide.folds,
        seed=config.run.seed,
    )
    return Prepared(config, taxonomy, corpus, groups, split, categories, contradictions, folds=folds)


def _refuse_vectors(config: TrainConfig, classifier: Classifier) -> None:
    if config.features.vectors is not None and not classifier.takes_negative:
        raise ConfigError(
            what=f"{config.model.classifier} does not go with vectors, whose averages may be negative",
            where="features.vectors",
            todo="name DualLinearSVC or DualLogisticRegression under model.classifier, or leave the section out",
        )


def contradictory(prepared: Prepared) -> ContradictionCounts:
    """Return the policy for near-duplicates with contradicting labels, and their number per category."""
    found = count_contradictions(list(prepared.contradictions), prepared.taxonomy)
    return ContradictionCounts(prepared.config.split.contradictions, found)


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


def _refuse_silent(
    corpus: Corpus, groups: NDArray[np.int64], split: Split, taxonomy: Taxonomy, categories: tuple[str, ...]
) -> None:
    groups = groups[split.fit]
    silent, able = [], []
    for key in categories:
        labels = corpus.labels[split.fit, taxonomy.column(key)]
        ones, zeros = (labels == 1, labels == 0)
        if min(len(np.unique(groups[ones])), len(np.unique(groups[zeros]))) < 2:
            silent.append(f"{key}: {number_of(int(ones.sum()), 'post')} in it, {int(zeros.sum())} out of it")
        else:
            able.append(key)
    if silent:
        raise LabelError(
            what=number_of(len(silent), "category", "categories") + " cannot be learnt from these corpora",
            where="run.categories",
            expected="at least two different posts to fit on in every category that is trained, and two out of it",
            got="\n".join(silent),
            happened="nothing was trained",
            todo="bring a corpus that labels them" + (f", or set run.categories = {able}" if able else ""),
        )
