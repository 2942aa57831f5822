"""The store: quiet while it is open, quick to say that nothing is there, and telling nobody's password."""

from __future__ import annotations

import contextlib
import errno
import logging
import sqlite3
import sys
import time
import warnings
from pathlib import Path

import pytest

from koudai.errors import StorageError
from koudai.training.tracking.store import error_text, open_mlflow, tables
from tests.training.tracking.server import free_port
from tests.training.tracking.stores import new_store


@pytest.mark.slow
def test_what_mlflow_says_stays_inside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import mlflow  # noqa: F401  (importing it sets the level of its logger)

    level = logging.getLogger("mlflow").level
    with open_mlflow(f"sqlite:///{tmp_path}/x.db") as found:
        sys.stdout.write("View run at http://me:hunter2@host")
        sys.stderr.write("INFO")
        logging.getLogger("mlflow").warning("a warning")
        warnings.warn("a warning", stacklevel=1)
        assert found.get_tracking_uri() == f"sqlite:///{tmp_path}/x.db"
    assert capsys.readouterr() == ("", "")
    assert logging.getLogger("mlflow").level == level


def test_an_error_inside_comes_out_as_it_is_and_all_is_as_before(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = new_store(tmp_path_factory, tmp_path)
    before = (sys.stdout, sys.stderr, logging.getLogger("mlflow").level)
    with pytest.raises(ZeroDivisionError), open_mlflow(store):
        raise ZeroDivisionError
    assert (sys.stdout, sys.stderr, logging.getLogger("mlflow").level) == before


def test_an_address_means_the_file_of_the_folder_one_is_in_now(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        new_store(tmp_path_factory, tmp_path / name)
        monkeypatch.chdir(tmp_path / name)
        with open_mlflow("sqlite:///mlflow.db") as mlflow:
            mlflow.create_experiment(name)
            assert {one.name for one in mlflow.search_experiments()} == {"Default", name}


def test_K1_a_database_that_is_down_is_known_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        tables(f"postgresql+psycopg2://me:hunter2@127.0.0.1:{free_port()}/db")
    assert time.monotonic() - started < 60


def test_tables_of_what_is_there_and_of_what_is_not(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as database, database:
        database.execute("CREATE TABLE posts (id)")
    assert tables(f"sqlite:///{tmp_path}/x.db") == ["posts"]
    assert tables(f"sqlite:///{tmp_path}/y.db") == []
    assert tables("http://127.0.0.1:9") is None
    assert tables("mlruns") is None
    assert not (tmp_path / "y.db").exists()


@pytest.mark.slow
def test_K3_a_disk_that_is_full_while_the_store_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow would find some of its tables there for ever, and never log to it."""
    mlflow = pytest.importorskip("mlflow")
    uri, file = f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "mlflow.db"

    class Full:
        def __init__(self, tracking_uri: str) -> None:
            Path(tracking_uri.removeprefix("sqlite:///")).write_bytes(b"half")

        def search_experiments(self, max_results: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(mlflow, "MlflowClient", Full)
        with pytest.raises(StorageError, match="No space left"), open_mlflow(uri):
            pass
    assert list(tmp_path.iterdir()) == []
    with open_mlflow(uri) as opened:
        assert [one.name for one in opened.search_experiments()] == ["Default"]
    assert list(tmp_path.iterdir()) == [file]


def test_K3_a_store_that_was_begun_and_not_finished_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE experiments (experiment_id INTEGER)")
    with pytest.raises(StorageError, match="did not finish") as refused, open_mlflow(f"sqlite:///{file}"):
        pass
    assert "move the file away" in error_text(refused.value, "")


@pytest.mark.parametrize("before", [0, 100, 290, 305, 1000, 5000])
def test_K3_an_address_cut_short_does_not_show_its_password(before: int) -> None:
    uri = "http://me:hunter2%21@host:5000"
    words = error_text(OSError(f"{'x ' * (before // 2)}{uri} refused hunter2! {'y ' * 300}"), uri)
    assert "hunter2" not in words
    assert words.startswith("OSError: x" if before else "OSError: http")
    assert len(words) <= 600


def test_R5_what_a_server_says_is_one_printable_line() -> None:
    words = error_text(OSError("one\ntwo\x1b[2J\u202e"), "http://host")
    assert words == "OSError: one two\\u001b[2J\\u202e"


def test_a_database_without_a_host_is_asked_without_knocking(monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy

    asked: list[str] = []
    made = sqlalchemy.create_engine

    def create(url: object) -> sqlalchemy.Engine:
        asked.append(str(url))
        return made("sqlite://")

    def knock(*arguments: object, **settings: object) -> None:
        raise AssertionError

    monkeypatch.setattr(sqlalchemy, "create_engine", create)
    monkeypatch.setattr("socket.create_connection", knock)
    assert tables("postgresql:///mlflow") == []
    assert asked == ["postgresql:///mlflow"]
