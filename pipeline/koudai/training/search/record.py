"""The record of a search: its trials in an SQLite file, and the sampler of the next settings. Only this imports optuna.

Promises: a trial is stored whole or not at all, whatever stops the process; an interrupted one is repeated with the
same settings, because sampling depends only on the seed, the number of the trial and the trials before it; a record of
another search is refused; a damaged one raises `StorageError` and is not changed.

Source: Akiba et al. 2019, "Optuna: a next-generation hyperparameter optimization framework"; Bergstra et al. 2011,
"Algorithms for hyper-parameter optimization" (the sampler, TPE).
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from koudai.config.search import Dimension
from koudai.errors import KoudaiError, PlanMismatch, StorageError
from koudai.storage.durable import write_with
from koudai.training.search.space import CLASSIFIER, PARAMS, Settings, Space, belongs

FILE = "trials.sqlite"
_STUDY, _PLAN, _TRIAL = "koudai", "plan", "trial"
_DIGITS = 3


@dataclass(frozen=True)
class Trial:
    """One trial: its settings, its `value` or the `error` that ended it, and its duration in `seconds`."""

    number: int
    settings: Settings
    value: float | None
    error: str | None
    seconds: float


class Record:
    """The trials of one search, including those of earlier processes."""

    def __init__(self, kept: Any, file: Path) -> None:
        import optuna

        noted = kept.get_trials(deepcopy=False)
        self.trials = [Trial(value=one.value, **one.user_attrs[_TRIAL]) for one in noted]
        self._kept, self._file = kept, file
        self._study = optuna.create_study(direction="maximize")
        self._study.add_trials(noted)

    def draw(self, space: Space, *, classifier: str, seed: int) -> tuple[Any, Settings]:
        """Return a handle for `keep`, and the settings of the next trial; those of the first are empty.

        Parameters
        ----------
        space
            Settings that are varied.
        classifier
            Classifier of the config, for spaces that do not vary it.
        seed
            Seed of the search.
        """
        import optuna

        number = len(self.trials)
        (state,) = np.random.SeedSequence((seed, number)).generate_state(1).tolist()
        self._study.sampler = optuna.samplers.TPESampler(seed=state)
        handle = self._study.ask()
        settings: dict[str, Any] = {}
        for name in sorted(space, key=lambda name: (name != CLASSIFIER, name)) if number else ():
            if belongs(name, settings.get(CLASSIFIER, classifier)):
                settings[name] = _drawn(handle, name, space[name])
        return handle, settings

    def keep(self, handle: Any, trial: Trial) -> None:
        """Store a finished trial; raises `StorageError` if it cannot be written."""
        from optuna.trial import TrialState, create_trial

        noted = create_trial(
            state=TrialState.FAIL if trial.value is None else TrialState.COMPLETE,
            value=trial.value,
            params=handle.params,
            distributions=handle.distributions,
            user_attrs={_TRIAL: {name: value for name, value in vars(trial).items() if name != "value"}},
        )
        with _errors_named(self._file):
            self._kept.add_trial(noted)
        self._study.tell(handle, trial.value, state=noted.state)
        self.trials.append(trial)


@contextlib.contextmanager
def open_record(folder: Path, plan: dict[str, Any]) -> Iterator[Record]:
    """Open the record in `folder`, creating it if there is none; a context manager.

    Parameters
    ----------
    folder
        An existing folder, locked by the caller.
    plan
        What identifies the search, as plain data; a record with another plan is refused.

    Raises
    ------
    PlanMismatch
        If the record belongs to another search; lists the differences.
    StorageError
        If it cannot be read or written.
    """
    import optuna

    file = folder / FILE
    with _errors_named(file):
        if not file.exists():
            write_with(file, lambda path: _begin(path, plan))
        _refuse_damaged(file)
        storage = _storage(file)
    try:
        with _errors_named(file):
            kept = optuna.load_study(study_name=_STUDY, storage=storage)
            _refuse_other(kept.user_attrs[_PLAN], plan, file)
            record = Record(kept, file)
        yield record
    finally:
        storage.engine.dispose()


def _drawn(handle: Any, name: str, dimension: Dimension) -> Any:
    if dimension.choices:
        return json.loads(handle.suggest_categorical(name, [json.dumps(choice) for choice in dimension.choices]))
    low, high, log = dimension.low, dimension.high, dimension.log
    if isinstance(low, int) and isinstance(high, int) and not name.startswith(PARAMS):
        return handle.suggest_int(name, low, high, log=log)
    value = handle.suggest_float(name, low, high, log=log)
    return min(max(float(f"{value:.{_DIGITS}g}"), float(low or 0)), float(high or 0))


def _storage(file: Path) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.storages.RDBStorage("sqlite://", engine_kwargs={"creator": lambda: sqlite3.connect(file)})


def _begin(file: Path, plan: dict[str, Any]) -> None:
    import optuna

    storage = _storage(file)
    try:
        optuna.create_study(study_name=_STUDY, storage=storage, direction="maximize").set_user_attr(_PLAN, plan)
    finally:
        storage.engine.dispose()


def _refuse_damaged(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise sqlite3.DatabaseError(said)
        connection.execute("SELECT study_name FROM studies").fetchone()


def _refuse_other(old: dict[str, Any], new: dict[str, Any], file: Path) -> None:
    differ = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if differ:
        raise PlanMismatch(
            what="this folder holds another search",
            where=file,
            expected="\n".join(f"{name}: {old.get(name)}" for name in differ),
            got="\n".join(f"{name}: {new.get(name)}" for name in differ),
            happened="its trials were not touched",
            todo="search with what it began with, choose another folder as `search`, or move this one away",
        )


@contextlib.contextmanager
def _errors_named(file: Path) -> Iterator[None]:
    """Turn whatever SQLite, SQLAlchemy and optuna raise into a `StorageError` about `file`."""
    try:
        yield
    except KoudaiError:
        raise
    except Exception as error:
        first: BaseException = error
        while first.__cause__ is not None:
            first = first.__cause__
        raise StorageError(
            what="the record of the search cannot be read or written",
            where=file,
            got=f"{type(first).__name__}: {' '.join(str(first).split())[:300]}",
            happened="the trials that are in it were not touched",
            todo="free space or fix permissions; if it is damaged, move it away, and the search begins anew",
        ) from error
