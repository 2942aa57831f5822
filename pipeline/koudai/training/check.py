"""The check: lists every problem of a config and its corpora at once, before anything is fitted.

Promises: continues after a problem wherever it can and lists all of them; writes nothing. A config without problems
here can be trained.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from koudai.config.load import read_config
from koudai.config.train import TrainConfig
from koudai.corpus.contradictions import list_contradictions
from koudai.corpus.labelled import LabelledRow, labelled_rows
from koudai.corpus.reading.quarantine import reasons_of
from koudai.corpus.split import SplitSizes, describe_split
from koudai.errors import KoudaiError
from koudai.model.evaluation import ContradictionCounts, as_plain
from koudai.progress import Progress
from koudai.training.prepare import contradictory, prepare
from koudai.training.search.space import space_of


@dataclass(frozen=True)
class RunSummary:
    """The posts and labels that a run would be trained on.

    Parameters
    ----------
    corpora
        Number of posts per corpus.
    quarantined, dropped
        Number of rows that could not be read, and of posts that the config leaves out.
    split, labelled, contradictions
        As of `koudai.model.evaluation.Evaluation`.
    listed
        The first contradictions, see `koudai.corpus.contradictions.list_contradictions`.
    categories
        Per category, the number of posts to fit on with label 1, label 0 and label unknown.
    reasons, noticed
        As of `koudai.model.evaluation.Evaluation`.
    """

    corpora: dict[str, int]
    quarantined: int
    dropped: int
    split: SplitSizes
    labelled: tuple[LabelledRow, ...]
    contradictions: ContradictionCounts
    listed: tuple[dict[str, str], ...]
    categories: dict[str, tuple[int, ...]]
    reasons: dict[str, int] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        plain: dict[str, Any] = as_plain(self)
        return plain


def find_problems(
    given: str | os.PathLike[str] | Mapping[str, Any] | TrainConfig,
    *,
    overrides: tuple[str, ...] = (),
    folders: tuple[Path, ...] = (),
    progress: Progress | None = None,
) -> tuple[list[KoudaiError], RunSummary | None]:
    """Return all problems that would stop a training config from running.

    Parameters
    ----------
    given
        The config: the path of a file, a dict or an object.
    overrides
        As for `koudai.config.load.read_config`.
    folders
        Folders that are searched for corpora.
    progress
        Progress callback.

    Returns
    -------
    problems
        All of them; empty if the config trains.
    summary
        Of the run; None with problems.
    """
    problems: list[KoudaiError] = []
    try:
        config, path = read_config(TrainConfig, given, overrides=overrides)
    except KoudaiError as error:
        return [error], None
    try:
        space_of(config)
    except KoudaiError as error:
        problems.append(error)
    try:
        prepared = prepare(config, path, folders=folders, progress=progress, problems=problems)
    except KoudaiError:
        return problems, None
    fit = prepared.corpus.labels[prepared.split.fit]
    columns = {key: fit[:, prepared.taxonomy.column(key)] for key in prepared.categories}
    return problems, RunSummary(
        corpora={name: int((prepared.corpus.source == name).sum()) for name in prepared.corpus.sources},
        quarantined=len(prepared.corpus.quarantined),
        dropped=prepared.corpus.dropped,
        split=describe_split(prepared.split, prepared.corpus, prepared.groups),
        labelled=tuple(labelled_rows(prepared.corpus, prepared.split, prepared.taxonomy, prepared.categories)),
        contradictions=contradictory(prepared),
        listed=tuple(list_contradictions(list(prepared.contradictions), prepared.corpus, prepared.taxonomy)),
        categories={
            key: tuple(int((labels == value).sum()) for value in (1, 0, -1)) for key, labels in columns.items()
        },
        reasons=reasons_of(prepared.corpus.quarantined),
        noticed=prepared.corpus.noticed,
    )
