"""Runs: sends a bundle's events to MLflow and registers the bundle as a model that anyone with MLflow can use.

Promises: the bundle is safe before the first word is sent; if tracking fails at any point the events are spooled
beside the bundle, `NotTracked` says so, and `send` can be called again; a password in a tracking address is never
shown; MLflow's telemetry is off unless the user turned it on. MLflow only logs and registers here: koudai never
loads a model through it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.config import TrackSection
from pipeline.durable import write_bytes
from pipeline.errors import NotTracked, printable
from pipeline.model.bundle import load_bundle
from pipeline.training.redact import without_password
from pipeline.training.tracking.curves import draw
from pipeline.training.tracking.events import events_of, read_spool, spool_bytes

CANDIDATE = "candidate"
PYFUNC = Path(__file__).with_name("pyfunc.py")


def spool_path(bundle: Path) -> Path:
    """Return where the events of `bundle` wait while tracking is down."""
    return bundle.with_name(f"{bundle.name}.tracking.jsonl")


def send(bundle: Path, section: TrackSection) -> str:
    """Tell MLflow of a bundle: a run with its figures, and a registered model with the alias ``candidate``.

    Parameters
    ----------
    bundle
        A saved bundle.
    section
        Address, experiment and name of the registered model.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    NotTracked
        If MLflow could not be told; the events are then in `spool_path`.
    """
    spool = spool_path(bundle)
    events = read_spool(spool) if spool.exists() else events_of(bundle)
    try:
        with _quiet():
            run_id = _send(bundle, section, events)
    except Exception as error:  # whatever a store, a server or a database throws: the work is saved, the user must know
        write_bytes(spool, spool_bytes(events))
        raise NotTracked(
            what="trained and saved, not tracked",
            where=without_password(section.uri),
            got=without_password(printable(f"{type(error).__name__}: {error}", limit=300)),
            happened=f"the bundle is whole; what MLflow should know is in {spool}",
            todo=f"koudai track {bundle}",
        ) from error
    spool.unlink(missing_ok=True)
    return run_id


def send_files(files: list[Path], section: TrackSection, *, run_name: str) -> str:
    """Attach files, such as an audit's report, to a new run; returns its id; raises `NotTracked` if MLflow could
    not be told.
    """
    try:
        with _quiet():
            import mlflow

            mlflow.set_tracking_uri(section.uri)
            mlflow.set_experiment(section.experiment)
            with mlflow.start_run(run_name=run_name) as run:
                for file in files:
                    mlflow.log_artifact(str(file))
            return str(run.info.run_id)
    except Exception as error:  # as in `send`
        raise NotTracked(
            what="done and saved, not tracked",
            where=without_password(section.uri),
            got=without_password(printable(f"{type(error).__name__}: {error}", limit=300)),
            happened="the files are where they were written",
            todo="run the same command again when MLflow is there",
        ) from error


def _send(bundle: Path, section: TrackSection, events: list[dict[str, Any]]) -> str:
    import mlflow

    mlflow.set_tracking_uri(section.uri)
    mlflow.set_experiment(section.experiment)
    with mlflow.start_run(run_name=bundle.name) as run:
        for event in events:
            _SENDERS[event["kind"]](event)
        mlflow.log_artifacts(str(bundle), artifact_path="bundle")
        version = _log_model(bundle, section)
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(section.registered_model, CANDIDATE, version)
    return str(run.info.run_id)


def _log_model(bundle: Path, section: TrackSection) -> str:
    import mlflow
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import Array

    model = load_bundle(bundle)
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
        artifacts={"bundle": str(bundle.resolve())},
        code_paths=[str(Path(__file__).parents[2])],
        signature=ModelSignature(
            inputs=Schema([ColSpec(DataType.string, "post_id"), ColSpec(DataType.string, "text")]),
            outputs=Schema(outputs),
        ),
        pip_requirements=_requirements(),
        registered_model_name=section.registered_model,
    )
    return str(info.registered_model_version)


def _requirements() -> list[str]:
    from importlib.metadata import version

    needed = ("jieba", "joblib", "mlflow", "numpy", "pandas", "pyarrow", "pydantic", "scikit-learn", "scipy")
    return [f"{name}=={version(name)}" for name in needed]


def _dataset(event: dict[str, Any]) -> None:
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    source = CodeDatasetSource({"licence": event["licence"], "rows": event["rows"]})
    mlflow.log_input(MetaDataset(source, name=event["name"], digest=event["digest"]), context="training")


def _tags(event: dict[str, Any]) -> None:
    import mlflow

    mlflow.set_tags(event["tags"])


def _parameters(event: dict[str, Any]) -> None:
    import mlflow

    mlflow.log_params(event["parameters"])


def _metrics(event: dict[str, Any]) -> None:
    import mlflow

    mlflow.log_metrics(event["metrics"])


def _text(event: dict[str, Any]) -> None:
    import mlflow

    mlflow.log_text(event["text"], event["name"])


def _curve(event: dict[str, Any]) -> None:
    import mlflow

    mlflow.log_figure(draw(event["curve"], event["category"], event["points"]), event["name"])


_SENDERS = {
    "tags": _tags,
    "parameters": _parameters,
    "text": _text,
    "dataset": _dataset,
    "metrics": _metrics,
    "curve": _curve,
}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            import mlflow  # noqa: F401  (imported before its loggers are quietened, as it sets their levels)

            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
