"""The tracking store: opens MLflow at one address without output, and fails within seconds if nothing answers.

Promises: MLflow writes to neither standard output nor standard error while it is open; its telemetry is off and its
retries are few unless the user's environment says otherwise; a database that is down or locked raises at once, where
MLflow would retry for two minutes; a new SQLite file is there whole or not at all; error texts hold no password.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from koudai.errors import KoudaiError, StorageError, printable
from koudai.storage.durable import write_with
from koudai.training.tracking.address import without_secrets_of

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
_PORTS = {"sqlite": 0, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
_SECONDS = 10
_SAID = 300


@contextlib.contextmanager
def open_mlflow(uri: str, *, new: bool = True) -> Iterator[Any]:
    """Yield the module `mlflow`, connected to `uri`; errors inside are raised unchanged.

    An SQLite file that is not there is made only if `new`: who reads has no use for an empty store.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    levels = [logger.level for logger in loggers]
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            import mlflow  # before the levels of its loggers are set, as importing sets them, too

            for logger in loggers:
                logger.setLevel(logging.ERROR)
            if new:
                _begin(mlflow, uri)
            else:
                tables(uri)
            mlflow.set_tracking_uri(_absolute(uri))
            yield mlflow
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def tables(uri: str) -> list[str] | None:
    """Return the names of the tables of a database, empty for a file that does not exist; None if `uri` is no database.

    Raises what the network or the database raises, without retrying.

    Examples
    --------
    >>> tables("http://127.0.0.1:5000") is None, tables("sqlite:///nowhere.db")
    (True, [])
    """
    scheme = uri.partition("://")[0].partition("+")[0]
    if scheme not in _PORTS:
        return None
    import sqlalchemy

    url = sqlalchemy.make_url(uri)
    if scheme == "sqlite":
        if (file := _file_of(uri)) is not None and not file.exists():
            return []
    elif isinstance(url.host, str) and url.host:
        socket.create_connection((url.host, url.port or _PORTS[scheme]), timeout=_SECONDS).close()
    engine = sqlalchemy.create_engine(url)
    try:
        return list(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _begin(mlflow: Any, uri: str) -> None:
    """Make the file of an SQLite store that is not there, whole or not at all: MLflow never finishes one that it began.

    Raises `StorageError` if the disk fails, or if a database is one that MLflow began.
    """
    there, file = tables(uri), _file_of(uri)
    if there and "experiments" in there and "alembic_version" not in there:
        raise StorageError(
            what="MLflow began to make this store and did not finish, as happens when a disk is full",
            where=file or without_secrets_of(uri, uri),
            happened="nothing was written to it",
            todo="move the file away, or drop the tables: nothing was ever logged there",
        )
    if there == [] and file is not None and not file.exists():
        write_with(
            file, lambda begun: mlflow.MlflowClient(tracking_uri=f"sqlite:///{begun}").search_experiments(max_results=1)
        )


def _absolute(uri: str) -> str:
    """Return an address that names the file of an SQLite database from the root.

    MLflow keeps the connection of an address, and so goes on with the file that it named in the folder before.
    """
    if (file := _file_of(uri)) is None:
        return uri
    import sqlalchemy

    return sqlalchemy.make_url(uri).set(database=str(file.absolute())).render_as_string(hide_password=False)


def _file_of(uri: str) -> Path | None:
    """Return the file of an SQLite database, or None if `uri` names none."""
    if not uri.startswith("sqlite"):
        return None
    import sqlalchemy

    database = sqlalchemy.make_url(uri).database
    return Path(database) if database and database != ":memory:" else None


def error_text(error: BaseException, uri: str) -> str:
    """Return the text of an error in one line, without the password of `uri` or of any other address.

    A long text is cut in the middle: HTTP clients put the original cause last.

    Examples
    --------
    >>> error_text(ValueError("no such user: secret"), "http://me:secret@host")
    'ValueError: no such user: ***'
    """
    said = str(error) if isinstance(error, KoudaiError) else f"{type(error).__name__}: {error}"
    text = without_secrets_of(uri, " ".join(said.split()))
    return printable(text if len(text) <= _SAID else f"{text[: _SAID // 2]} … {text[-_SAID // 2 :]}", limit=2 * _SAID)
