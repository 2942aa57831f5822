"""The search: trials of a config with other settings, and the config that won.

Promises: sees the posts to fit on and no others; stopped at any point, the same command goes on and comes to the same
winner, with the same figures, however many threads fit; a trial that fails is noted with its reason and does not end
the search. With a `timeout` it is the machine that says how many trials there are.
"""

from __future__ import annotations

import math
import time
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
from koudai.training.search.record import Trial, open_record
from koudai.training.search.space import Space, applied, as_toml, space_of

_LISTED, _SAID = 10, 300


@dataclass(frozen=True)
class SearchResult:
    """What a search came to.

    Parameters
    ----------
    config
        With the settings of the winner.
    trials
        All of them, in order.
    best
        The winner: the greatest value, of equal ones the first.
    summary
        For the evaluation of a bundle; the same whenever the search is made.
    toml
        The winner's settings, as lines of a config.
    """

    config: TrainConfig
    trials: tuple[Trial, ...]
    best: Trial
    summary: SearchSummary
    toml: str

    def ranked(self) -> list[Trial]:
        """Return the trials that came to a value, best first."""
        return sorted((one for one in self.trials if one.value is not None), key=_rank)


def search(config: TrainConfig, part: FitPart, folder: Path, *, progress: Progress | None = None) -> SearchResult:
    """Look for the settings with the greatest value out of fold.

    Parameters
    ----------
    config
        Says what is varied, over what, and how often.
    part
        The posts to fit on.
    folder
        Where the trials are kept; those of an earlier search with the same config and posts count.
    progress
        Progress callback.

    Raises
    ------
    ConfigError
        If something cannot be varied as the config says, or every trial failed.
    PlanMismatch
        If `folder` holds another search.
    JobLocked, StorageError
        If another process searches there, or the folder cannot be read or written.
    """
    section = config.search or SearchSection()
    space = space_of(config)
    matrices = Matrices(part.texts, part.background)
    with storage_errors(folder, happened="nothing was written"):
        make_folders(folder)
    with locked(folder), open_record(folder, _plan(config, part, space)) as record:
        began = time.monotonic()
        with (progress or Silent()).stage("searching", section.trials) as advance:
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
                except Exception as failure:  # whatever settings do to a solver, the next trial has others
                    error = _said(failure)
                number, seconds = len(record.trials), time.monotonic() - started
                record.keep(handle, Trial(number, settings, value, error, seconds))
                advance(1)
        trials = tuple(record.trials[: section.trials])
    return _found(config, section.metric, space, trials, folder)


def trials_folder(bundle: Path) -> Path:
    """Return where the trials of a search are kept unless another folder is named."""
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
    """Return what a search must not change while it is made; more trials or more time are no change."""
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
