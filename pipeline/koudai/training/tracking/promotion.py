"""Promotion: moves the aliases ``candidate`` and ``champion`` between versions of the registered model.

Promises: only the candidate becomes champion, and its figures are returned beside those of the version it replaces;
figures are marked comparable only if both runs name the same corpora, split and seed; an alias that is already there is
not moved. Creates no registry, no model and no version; a password is never shown.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from koudai.config.train import TrackSection
from koudai.errors import KoudaiError, RegistryError, UsageError, printable
from koudai.model.bundle.members import MANIFEST, bundle_digest, read_members
from koudai.registry import did_you_mean
from koudai.training.tracking.address import without_password
from koudai.training.tracking.events import BUNDLE
from koudai.training.tracking.runs import CANDIDATE, CHAMPION
from koudai.training.tracking.store import error_text, open_mlflow, tables

ALIASES = (CANDIDATE, CHAMPION)
MAIN = ("f1", "macro_f1", "average_precision", "ece")
_SAME = ("corpus", "run.seed", "run.taxonomy")
_SPLIT = "split."
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class TrackedFigure:
    """A figure stored in MLflow: its value, its interval and its number of posts n, None where not stored."""

    value: float
    low: float | None
    high: float | None
    n: int | None


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of one category in two runs, None where a run does not have it."""

    category: str
    metric: str
    new: TrackedFigure | None
    old: TrackedFigure | None


@dataclass(frozen=True)
class Promotion:
    """The result of a promotion.

    Parameters
    ----------
    model, version, alias
        The registered model, and the version that has the alias now.
    before
        The version that had it before, None if none did.
    changed
        Whether the alias moved.
    same_test
        Whether both runs name the same corpora, split, taxonomy and seed; None if there is no other run.
    figures
        The main figures of both runs, in the order of `MAIN` within each category.
    """

    model: str
    version: str
    alias: str
    before: str | None
    changed: bool
    same_test: bool | None
    figures: tuple[ComparedFigure, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def promote_version(section: TrackSection, *, target: str | Path | None = None, alias: str = CHAMPION) -> Promotion:
    """Give an alias to a version of the registered model.

    Parameters
    ----------
    section
        Address of the registry, and name of the registered model.
    target
        The number of a version, or the folder of a bundle that was tracked; by default the candidate.
    alias
        ``champion``, which only the candidate can become, or ``candidate``.

    Raises
    ------
    UsageError
        If there is no such registry, model or version, or the version is not the candidate.
    RegistryError
        If the registry cannot be reached, or refuses.
    """
    if alias not in ALIASES:
        raise UsageError(what=f"no alias {alias!r}", expected=" or ".join(ALIASES), happened="nothing was moved")
    digest = bundle_digest(read_members(target)[1][MANIFEST]) if isinstance(target, Path) else None
    with _registry(section) as client:
        aliases = {name: str(number) for name, number in _model(client, section).aliases.items()}
        candidate, before = aliases.get(CANDIDATE), aliases.get(alias)
        version = _version_of(client, section, digest, target) if digest else str(target or candidate or "")
        found = _version(client, section, version, candidate)
        if before != version and alias == CHAMPION and version != candidate:
            raise UsageError(
                what=f"version {version} is not the candidate",
                where=section.registered_model,
                expected=f"version {candidate}" if candidate else "a candidate; there is none",
                happened="nothing was moved",
                todo=f"`api.promote({version!r}, to={CANDIDATE!r})`, then again",
            )
        old = client.get_model_version(section.registered_model, before) if before and before != version else None
        figures, same = _compared(client, found, old)
        if before != version:
            client.set_registered_model_alias(section.registered_model, alias, version)
    return Promotion(section.registered_model, version, alias, before, before != version, same, figures)


@contextlib.contextmanager
def _registry(section: TrackSection) -> Iterator[Any]:
    try:
        with open_mlflow(section.uri, new=False) as mlflow:
            known = tables(section.uri)
            if known is not None and "registered_models" not in known:
                raise UsageError(
                    what="there is no registry at this address",
                    where=without_password(section.uri),
                    expected="the address that `api.train` or `api.track` logged a bundle to",
                    happened="nothing was made there",
                    todo="give the address as `uri`",
                )
            yield mlflow.MlflowClient()
    except KoudaiError:
        raise
    except Exception as error:  # stores, servers and databases raise errors of any type
        raise RegistryError(
            what="the registry cannot be reached, or refuses",
            where=without_password(section.uri),
            got=error_text(error, section.uri),
            happened="no alias was moved",
            todo="try again when it is there",
        ) from error


def _model(client: Any, section: TrackSection) -> Any:
    with _unknown() as missing:
        return client.get_registered_model(section.registered_model)
    known = sorted(model.name for model in client.search_registered_models(max_results=50))
    raise UsageError(
        what=f"no registered model called {printable(section.registered_model)!r}",
        where=without_password(section.uri),
        expected=", ".join(map(printable, known)) or "at least one; none is registered there",
        got=missing[0],
        happened="nothing was moved",
        todo=did_you_mean(section.registered_model, known) or "give its name as `name`",
    )


def _version_of(client: Any, section: TrackSection, digest: str, bundle: Any) -> str:
    found = client.search_model_versions(f"tags.`{BUNDLE}` = '{digest}'")
    numbers = [int(one.version) for one in found if one.name == section.registered_model]
    if numbers:
        return str(max(numbers))
    raise UsageError(
        what="this bundle is not registered there",
        where=f"{bundle} (digest {digest})",
        expected=f"a version of {section.registered_model} made from it",
        happened="nothing was moved",
        todo=f"`api.track({str(bundle)!r})`",
    )


def _version(client: Any, section: TrackSection, version: str, candidate: str | None) -> Any:
    missing = ["no version bears the alias candidate"]
    if version:
        missing = ["it is not a number"]
    if _NUMBER.fullmatch(version):
        with _unknown() as missing:
            found = client.get_model_version(section.registered_model, version)
            if BUNDLE in found.tags:
                return found
            missing = ["it was not registered by koudai"]
    raise UsageError(
        what=f"no version {printable(version)!r} that can be promoted" if version else "there is nothing to promote",
        where=section.registered_model,
        expected=f"the number of a version; the candidate is {candidate}" if candidate else "the number of a version",
        got=missing[0],
        happened="nothing was moved",
        todo="`api.track` registers a bundle and makes it the candidate",
    )


@contextlib.contextmanager
def _unknown() -> Iterator[list[str]]:
    """Suppress MLflow's error that something does not exist, and collect its message; raise all others."""
    from mlflow.exceptions import MlflowException

    missing: list[str] = []
    try:
        yield missing
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        missing.append(printable(error.message, limit=200))


def _compared(client: Any, new: Any, old: Any) -> tuple[tuple[ComparedFigure, ...], bool | None]:
    run, other = _run(client, new), _run(client, old)
    if run is None:
        raise UsageError(
            what=f"the run of version {new.version} is gone, and its figures with it",
            where=new.name,
            happened="nothing was moved",
            todo="`api.track` with its bundle registers it anew",
        )
    theirs = other.data.metrics if other else {}
    names = [name for name in {**run.data.metrics, **theirs} if name.rpartition("/")[2] in MAIN]
    names.sort(key=lambda name: (name.rpartition("/")[0], MAIN.index(name.rpartition("/")[2])))
    figures = []
    for name in names:
        category, _, metric = name.rpartition("/")
        figures.append(ComparedFigure(category, metric, _figure(run.data.metrics, name), _figure(theirs, name)))
    return tuple(figures), _tested_on(run) == _tested_on(other) if other else None


def _run(client: Any, version: Any) -> Any:
    if version is None or not version.run_id:
        return None
    with _unknown():
        return client.get_run(version.run_id)
    return None


def _figure(metrics: dict[str, float], name: str) -> TrackedFigure | None:
    if name not in metrics:
        return None
    n = metrics.get(f"{name}_n")
    return TrackedFigure(
        metrics[name], metrics.get(f"{name}_low"), metrics.get(f"{name}_high"), None if n is None else int(n)
    )


def _tested_on(run: Any) -> tuple[Any, ...]:
    posts = sorted((one.dataset.name, one.dataset.digest) for one in run.inputs.dataset_inputs)
    settings = sorted(item for item in run.data.params.items() if item[0] in _SAME or item[0].startswith(_SPLIT))
    return posts, settings
