"""The store: MLflow at one address, opened quietly, and refused in seconds if nothing answers there.

Promises: MLflow writes to neither standard output nor standard error while it is open, its telemetry is off and its
retries are few unless the user's environment says otherwise; a database that is down, locked or refuses is known at
once, where MLflow itself would try for two minutes; what is said of a failure holds no password.
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

from koudai.errors import printable
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
def open_mlflow(uri: str) -> Iterator[Any]:
    """Give the module `mlflow`, speaking to `uri`; whatever goes wrong inside is raised as it comes."""
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
            import mlflow  # before its loggers are quietened, as it sets their levels

            for logger in loggers:
                logger.setLevel(logging.ERROR)
            tables(uri)
            mlflow.set_tracking_uri(uri)
            yield mlflow
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def tables(uri: str) -> list[str] | None:
    """Return the names of the tables of a database, none if it is a file that is not there; None if `uri` is no
    database. Raises what the network or the database raises, the first time that it does.
    """
    scheme = uri.partition("://")[0].partition("+")[0]
    if scheme not in _PORTS:
        return None
    import sqlalchemy

    url = sqlalchemy.make_url(uri)
    if scheme == "sqlite":
        if url.database and not Path(url.database).exists():
            return []
    elif isinstance(url.host, str) and url.host:
        socket.create_connection((url.host, url.port or _PORTS[scheme]), timeout=_SECONDS).close()
    engine = sqlalchemy.create_engine(url)
    try:
        return list(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def said(error: BaseException, uri: str) -> str:
    """Return what an error says, in one line, without the password in `uri` or in any other address.

    Of a long one the beginning and the end: clients of HTTP say last what came first.
    """
    text = without_secrets_of(uri, " ".join(f"{type(error).__name__}: {error}".split()))
    return printable(text if len(text) <= _SAID else f"{text[: _SAID // 2]} … {text[-_SAID // 2 :]}", limit=2 * _SAID)
