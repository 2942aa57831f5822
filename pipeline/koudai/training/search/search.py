"""The search: runs trials of a config with other settings, and returns the config with the best.

Promises: uses only the posts to fit on; interrupted at any point, the same command resumes and finds the same winner
with the same figures, whatever the number of threads; a failed trial is stored with its error and does not end the
search. With a `timeout` the number of trials depends on the speed of the machine.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koudai import __version__
from koudai.config.search import SearchSection
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError, KoudaiError
from koudai.model.evaluation import SearchSummary, TrialSummary
from koudai.model.fitting.classifiers import make_classifier
from koudai.progress import Progress, Silent
from koudai.storage.durable import locked, make_folders, storage_errors
from koudai.training.search.matrices import Matrices
from koudai.training.search.objective import FitPart, objective
from koudai.training.search.record import Record, Trial, open_record
from koudai.training.search.space import Space, applied, as_toml, space_of

_LISTED, _SAID = 10, 300


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    Parameters
    ----------
    config
        The config with the winner's settings.
    trials
        All trials, in order.
    best
        The winner: the first trial with the greatest value.
    summary
        For the evaluation of a bundle; does not depend on durations.
    toml
        The winner's settings, as lines of a config.
    """

    config: TrainConfig
    trials: tuple[Trial, ...]
    best: Trial
    summary: SearchSummary
    toml: str

    def ranked(self) -> list[Trial]:
        """Return the trials that did not fail, best first."""
        return sorted((one for one in self.trials if one.value is not None), key=_rank)


def search(config: TrainConfig, part: FitPart, folder: Path, *, progress: Progress | None = None) -> SearchResult:
    """Search for the settings with the greatest out-of-fold value.

    Parameters
    ----------
    config
        A config; its section `search` has the space, the metric and the number of trials.
    part
        The posts to fit on.
    folder
        Folder of the record; trials of an earlier search with the same config and posts are reused.
    progress
        Progress callback.

    Raises
    ------
    ConfigError
        If the space is not valid, or every trial failed.
    PlanMismatch
        If `folder` holds another search.
    JobLocked, StorageError
        If another process uses the folder, or it cannot be read or written.
    """
    section = config.search or SearchSection()
    space = space_of(config)
    matrices = Matrices(part.texts, part.background)
    with storage_errors(folder, happened="nothing was written"):
        make_folders(folder)
    with locked(folder), open_record(folder, _plan(config, part, space)) as record:
        began, stage = time.monotonic(), (progress or Silent()).stage("searching", section.trials)
        with _saying_what_is_kept(record, section.trials, folder), stage as advance:
            advance(min(len(record.trials), section.trials))
            while len(record.trials) < section.trials:
                if section.timeout and record.trials and time.monotonic() - began >= section.timeout:
                    break
                started, value, error = time.monotonic(), None, None
                handle, settings = record.draw(space, classifier=config.model.classifier, seed=config.run.seed)
                same = next((trial for trial in record.trials if trial.settings == settings), None)
                try:
                    if same is None:
                        value = _value(applied(config, settings), part, matrices, section.metric)
                    else:
                        value, error = same.value, same.error
                except Exception as failure:  # settings can make a solver fail in any way; the next trial has others
                    error = _said(failure)
                number, seconds = len(record.trials), time.monotonic() - started
                record.keep(handle, Trial(number, settings, value, error, seconds))
                advance(1)
        trials = tuple(record.trials[: section.trials])
    return _found(config, section.metric, space, trials, folder)


@contextlib.contextmanager
def _saying_what_is_kept(record: Record, trials: int, folder: Path) -> Iterator[None]:
    """Note on an interrupt which trials are kept, and where."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(
            f"{len(record.trials)} of {trials} trials are kept in {folder}, and the same command goes on with the next"
        )
        raise


def trials_folder(bundle: Path) -> Path:
    """Return the default folder of the trials of a search.

    Examples
    --------
    >>> trials_folder(Path("models/mine")).name
    'mine.search'
    """
    return bundle.with_name(f"{bundle.name}.search")


def _value(config: TrainConfig, part: FitPart, matrices: Matrices, metric: str) -> float:
    classifier = make_classifier(config.model.classifier, config.model.params)
    features, seed = matrices.of(config), config.run.seed
    value = objective(features, part, classifier=classifier, metric=metric, seed=seed)
    if not math.isfinite(value):
        message = f"{metric} is not defined out of fold"
        raise ValueError(message)
    return value


def _plan(config: TrainConfig, part: FitPart, space: Space) -> dict[str, Any]:
    """Return what identifies a search; its number of trials and its timeout may change."""
    from importlib.metadata import version

    section = config.search or SearchSection()
    whole = config.model_dump(mode="json", exclude={"track": True, "search": True, "run": {"name"}})
    return {
        "posts": part.digest,
        "categories": list(part.categories),
        "metric": section.metric,
        "space": {name: one.model_dump(mode="json", exclude_defaults=True) for name, one in sorted(space.items())},
        **whole,
        "versions": f"koudai {__version__}, optuna {version('optuna')}",
    }


def _found(config: TrainConfig, metric: str, space: Space, trials: tuple[Trial, ...], folder: Path) -> SearchResult:
    ended = [trial for trial in trials if trial.value is not None]
    if not ended:
        raise ConfigError(
            what=f"every one of {len(trials)} trials failed",
            where=f"search: {folder}",
            got="\n".join(f"{_listed(trial)}: {trial.error}" for trial in trials[:_LISTED]),
            happened="nothing was trained",
            todo="change what is searched, or what it is searched on; a changed search wants a new folder as `search`",
        )
    best = min(ended, key=_rank)
    won = applied(config, best.settings)
    summary = SearchSummary(
        trials=len(trials),
        failed=len(trials) - len(ended),
        metric=metric,
        value=float(best.value or 0.0),
        as_configured=trials[0].value,
        settings=dict(best.settings),
        folds=config.decide.folds,
        seed=config.run.seed,
        tried=tuple(TrialSummary(one.number, dict(one.settings), one.value, one.error) for one in trials),
    )
    return SearchResult(won, trials, best, summary, as_toml(won, space))


def _rank(trial: Trial) -> tuple[float, int]:
    return -(trial.value or 0.0), trial.number


def _listed(trial: Trial) -> str:
    return ", ".join(f"{name} = {value}" for name, value in trial.settings.items()) or "as configured"


def _said(failure: Exception) -> str:
    what = failure.what if isinstance(failure, KoudaiError) else type(failure).__name__
    more = failure.got if isinstance(failure, KoudaiError) else failure
    return " ".join(f"{what}: {more}".split())[:_SAID]
