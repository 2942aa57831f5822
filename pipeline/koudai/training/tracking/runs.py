"""Runs: logs a bundle's events to MLflow, and registers the bundle with its script and koudai's code as a Python model.

Promises: never changes the bundle; if sending fails, the events are kept in a file beside the bundle, `NotTracked` is
raised, and `send` can be called again; a bundle is one finished run and one version of the model, however often it is
sent; a password in a tracking address is never shown nor stored. Nothing is pickled; the signature names every column
that ``koudai score`` writes; the requirements are what the script imports, pinned to the installed versions. koudai
never loads a model through MLflow.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from koudai.config.train import TrackSection
from koudai.errors import NotTracked, StorageError
from koudai.model.bundle.bundle import load_bundle
from koudai.model.bundle.members import CARD
from koudai.model.model import Model
from koudai.storage.durable import write_bytes
from koudai.training.tracking.address import without_password
from koudai.training.tracking.drawings import evaluation_png
from koudai.training.tracking.events import BUNDLE, artifact_path, events_of, read_spool, spool_bytes
from koudai.training.tracking.store import error_text, open_mlflow
from koudai.training.tracking.trials import log_trials

CANDIDATE, CHAMPION = "candidate", "champion"
PYFUNC = Path(__file__).with_name("pyfunc.py")
_PACKAGE = Path(__file__).parents[2]
REQUIREMENTS = ("jieba", "mlflow", "numba", "numpy", "pandas", "pyarrow", "pydantic", "scipy")
_AT_ONCE = 500
"""Metrics per call; MLflow takes a thousand."""
_DESCRIBED = 4000
"""Characters of a description; MLflow takes five thousand."""
_WHAT_VERSIONS_ARE = (
    "Tags Chinese posts by alleged violation type. Each version is a bundle of koudai; candidate and champion are its "
    "aliases."
)


@dataclass(frozen=True)
class Tracked:
    """The run of a bundle in MLflow: its id, the registered model's name, and the version."""

    run_id: str
    model: str
    version: str


def spool_path(bundle: Path) -> Path:
    """Return the file that keeps the events of `bundle` while tracking is down.

    Examples
    --------
    >>> spool_path(Path("models/mine")).name
    'mine.tracking.jsonl'
    """
    return bundle.with_name(f"{bundle.name}.tracking.jsonl")


def send(
    bundle: Path,
    section: TrackSection,
    *,
    code: dict[str, str] | None = None,
    seconds: Mapping[int, float] | None = None,
) -> Tracked:
    """Log a bundle to MLflow: a run with its figures, and a registered model with the alias ``candidate``.

    An interrupted run of the same bundle is completed; a finished one is not changed.

    Parameters
    ----------
    bundle
        A saved bundle.
    section
        Address, experiment and name of the registered model.
    code
        Tags that identify the code that trained the bundle; kept events at `spool_path` take precedence.
    seconds
        Duration of each trial of its search, by number, if there was one.

    Returns
    -------
    Tracked

    Raises
    ------
    NotTracked
        If logging failed.
    ReadError, ModelError
        If the kept events or the bundle cannot be read.
    """
    bundle = bundle.resolve()
    spool = spool_path(bundle)
    events = read_spool(spool) if spool.exists() else events_of(bundle, code=code, seconds=seconds)
    model = load_bundle(bundle)
    try:
        with open_mlflow(section.uri) as mlflow:
            tracked = _send(mlflow, bundle, model, section, events)
    except Exception as error:  # stores, servers and databases raise errors of any type
        raise NotTracked(
            what="trained and saved, not tracked",
            where=without_password(section.uri),
            got=error_text(error, section.uri),
            happened=f"the bundle is whole; {_kept(spool, events)}",
            todo=f"`api.track({str(bundle)!r})`",
        ) from error
    except BaseException as error:
        error.add_note(f"the bundle is whole, {_kept(spool, events)}, and `koudai track {bundle}` logs them")
        raise
    spool.unlink(missing_ok=True)
    return tracked


def send_files(
    files: list[Path],
    section: TrackSection,
    *,
    run_name: str,
    metrics: Mapping[str, float] | None = None,
    tags: Mapping[str, str] | None = None,
) -> str:
    """Attach files, such as an audit's report, to a new run with metrics and tags; returns the id of the run.

    Raises `NotTracked` if logging failed.
    """
    left = list((metrics or {}).items())
    try:
        with open_mlflow(section.uri) as mlflow:
            mlflow.set_experiment(section.experiment)
            with mlflow.start_run(run_name=run_name, tags=dict(tags or {})) as run:
                while left:
                    mlflow.log_metrics(dict(left[:_AT_ONCE]))
                    left = left[_AT_ONCE:]
                for file in files:
                    mlflow.log_artifact(str(file))
            return str(run.info.run_id)
    except Exception as error:  # as in `send`
        raise NotTracked(
            what="done and saved, not tracked",
            where=without_password(section.uri),
            got=error_text(error, section.uri),
            happened="the files are where they were written",
            todo="try again when MLflow is there",
        ) from error


def _kept(spool: Path, events: list[dict[str, Any]]) -> str:
    try:
        write_bytes(spool, spool_bytes(events))
    except StorageError:
        return "the events could not be written beside it, and will be made from it again"
    return f"the events to log are in {spool}"


def _send(mlflow: Any, bundle: Path, model: Model, section: TrackSection, events: list[dict[str, Any]]) -> Tracked:
    digest = next(event["tags"][BUNDLE] for event in events if event["kind"] == "tags")
    experiment = mlflow.set_experiment(section.experiment)
    client = mlflow.MlflowClient()
    run_id, finished = _known_run(client, experiment.experiment_id, digest)
    version = _known_version(client, run_id, section.registered_model)
    if not finished or version is None:
        with mlflow.start_run(run_id=run_id, run_name=None if run_id else bundle.name, tags={BUNDLE: digest}) as run:
            run_id = run.info.run_id
            if not finished:
                _log(mlflow, events)
                log_trials(client, run.info, [event for event in events if event["kind"] == "trial"])
            model_id = None
            if version is None:
                version, model_id = log_model(mlflow, bundle, model, section.registered_model)
            for event in () if finished else events:  # after the model, which reads the history of metrics before it
                if event["kind"] == "metrics":
                    mlflow.log_metrics(event["metrics"], model_id=model_id)
                elif event["kind"] == "dataset":
                    _log_dataset(mlflow, event, model_id)
    _describe(client, section.registered_model, version, events)
    client.set_model_version_tag(section.registered_model, version, BUNDLE, digest)
    client.set_registered_model_alias(section.registered_model, CANDIDATE, version)
    return Tracked(str(run_id), section.registered_model, version)


def _known_run(client: Any, experiment_id: str, digest: str) -> tuple[str | None, bool]:
    """Return the run of a bundle, if there is one, and whether it is finished."""
    for run in client.search_runs([experiment_id], filter_string=f"tags.`{BUNDLE}` = '{digest}'", max_results=1):
        return str(run.info.run_id), run.info.status == "FINISHED"
    return None, False


def _known_version(client: Any, run_id: str | None, model: str) -> str | None:
    found = client.search_model_versions(f"run_id = '{run_id}'") if run_id else []
    return next((str(one.version) for one in found if one.name == model and one.status == "READY"), None)


def _log(mlflow: Any, events: list[dict[str, Any]]) -> None:
    """Log everything but metrics and datasets, which belong to the model too, to the active run."""
    with tempfile.TemporaryDirectory() as name:
        for event in events:
            kind = event["kind"]
            if kind == "tags":
                mlflow.set_tags(event["tags"])
            elif kind == "parameters":
                mlflow.log_params(event["parameters"])
            elif kind in ("text", "drawing"):
                path = Path(name) / artifact_path(event)
                path.parent.mkdir(exist_ok=True)
                if kind == "text":
                    path.write_text(event["text"], encoding="utf-8")
                else:
                    path.write_bytes(evaluation_png(event["name"], event["category"], event["values"]))
        mlflow.log_artifacts(name)


def _describe(client: Any, name: str, version: str, events: list[dict[str, Any]]) -> None:
    """Describe a version by the beginning of its card, and the registered model by that of its newest version; words
    of somebody else stay.
    """
    card = next((event["text"] for event in events if event["kind"] == "text" and event["name"] == CARD), "")
    begin = "\n## ".join(card.split("\n## ")[:2]).strip()
    told = f"{begin[:_DESCRIBED]}\n\nThe card goes on in {CARD}." if card else ""
    there = client.get_registered_model(name).description
    if not there or there.startswith(_WHAT_VERSIONS_ARE):
        of_model = f"{_WHAT_VERSIONS_ARE} Version {version}:\n\n{told}" if card else _WHAT_VERSIONS_ARE
        client.update_registered_model(name, description=of_model)
    if card and not client.get_model_version(name, version).description:
        client.update_model_version(name, version, description=told)


def _log_dataset(mlflow: Any, event: dict[str, Any], model_id: str | None) -> None:
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.entities import LoggedModelInput

    model = LoggedModelInput(model_id=model_id) if model_id else None
    source = CodeDatasetSource({"licence": event["licence"], "rows": event["rows"]})
    mlflow.log_input(MetaDataset(source, name=event["name"], digest=event["digest"]), context="training", model=model)


def log_model(mlflow: Any, bundle: Path, model: Model, name: str) -> tuple[str, str]:
    """Log `bundle`, from which `model` was loaded, to the active run, and register it as a version of the model `name`.

    Returns the version, and MLflow's id of the logged model.
    """
    from importlib.metadata import version

    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import AnyType, Array

    texts = Array(DataType.string)
    outputs = [
        ColSpec(DataType.string, "post_id"),
        *(ColSpec(DataType.float, f"p_{key}") for key in model.categories),
        ColSpec(texts, "alleged"),
        ColSpec(DataType.boolean, "abstained"),
        ColSpec(DataType.string, "reason"),
        ColSpec(texts, "hazards"),
    ]
    info = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(PYFUNC),
        artifacts={"bundle": str(bundle)},
        code_paths=[str(_PACKAGE)],
        signature=ModelSignature(
            # As string, MLflow would write what is none as text before the script sees it: null as "None", ["a"] as
            # "['a']".
            inputs=Schema([ColSpec(AnyType(), "post_id"), ColSpec(AnyType(), "text")]),
            outputs=Schema(outputs),
        ),
        pip_requirements=[f"{needed}=={version(needed)}" for needed in REQUIREMENTS],
        registered_model_name=name,
    )
    return str(info.registered_model_version), str(info.model_id)
