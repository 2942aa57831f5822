"""The record: what is noted stays, what was cut short is drawn again alike, what is damaged or another's is refused."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from koudai.config.search import Dimension
from koudai.errors import PlanMismatch, StorageError
from koudai.training.search.record import FILE, Record, Trial, _refuse_damaged, open_record

PLAN: dict[str, Any] = {"posts": "abc", "space": {"x": [1, 2]}}
SPACE = {
    "model.params.C": Dimension(low=0.1234, high=10.0, log=True),
    "features.min_df": Dimension(low=1, high=9),
    "features.chars": Dimension(choices=([1, 2], [1, 3])),
    "model.classifier": Dimension(choices=("DualLinearSVC", "ComplementNB")),
}


def value_of(settings: Any) -> float:
    return settings.get("model.params.C", 0.0) + len(str(settings)) / 7


def run(record: Record, trials: int, *, seed: int = 3) -> None:
    while len(record.trials) < trials:
        handle, settings = record.draw(SPACE, classifier="DualLinearSVC", seed=seed)
        number = len(record.trials)
        failed = number == 4
        value = None if failed else value_of(settings)
        record.keep(handle, Trial(number, settings, value, "it broke" if failed else None, 0.5))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    with open_record(folder, PLAN) as record:
        run(record, 16)
    return folder


def trials_in(folder: Path) -> list[Trial]:
    with open_record(folder, PLAN) as record:
        return record.trials


def test_what_is_noted_is_there_again(whole: Path) -> None:
    trials = trials_in(whole)
    assert [one.number for one in trials] == list(range(16))
    assert trials[0].settings == {}
    assert (trials[4].value, trials[4].error) == (None, "it broke")
    assert all(one.value == value_of(one.settings) for one in trials if one.number != 4)
    assert sorted(path.name for path in whole.iterdir()) == [FILE]


def test_settings_lie_within_the_space(whole: Path) -> None:
    for trial in trials_in(whole)[1:]:
        C = trial.settings.get("model.params.C")
        assert (C is None) == (trial.settings["model.classifier"] == "ComplementNB")
        if C is not None:
            assert 0.1234 <= C <= 10.0
            assert C in (0.1234, float(f"{C:.3g}"))
        assert trial.settings["features.min_df"] in range(1, 10)
        assert trial.settings["features.chars"] in ([1, 2], [1, 3])


@pytest.mark.slow
def test_P3_whatever_stops_it_the_same_trials_follow(whole: Path, tmp_path: Path) -> None:
    for stop in (0, 1, 5, 11, 12):
        with open_record(tmp_path, PLAN) as record:
            run(record, stop)
            record.draw(SPACE, classifier="DualLinearSVC", seed=3)  # and never kept
    with open_record(tmp_path, PLAN) as record:
        run(record, 16)
    assert trials_in(tmp_path) == trials_in(whole)


def test_another_seed_draws_other_settings(whole: Path, tmp_path: Path) -> None:
    with open_record(tmp_path, PLAN) as record:
        run(record, 3, seed=4)
        assert [one.settings for one in record.trials[1:]] != [one.settings for one in trials_in(whole)[1:3]]


def test_J7_another_search_is_refused_and_what_differs_is_said(whole: Path) -> None:
    before = (whole / FILE).read_bytes()
    with pytest.raises(PlanMismatch) as caught, open_record(whole, {**PLAN, "posts": "abd", "metric": "f1"}):
        pass
    assert "posts: abc" in str(caught.value.expected)
    assert "posts: abd\nmetric: f1" in str(caught.value.got)
    assert "space" not in str(caught.value.got)
    assert "`search`" in str(caught.value.todo)
    assert (whole / FILE).read_bytes() == before


def other_database(file: Path) -> None:
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE a (b)")


def without_plan(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM study_user_attributes")


def with_strange_trial(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE trial_user_attributes SET value_json = '[1]'")


DAMAGES = {
    "no database": lambda file: file.write_bytes(b"not a database" * 999),
    "empty": lambda file: file.write_bytes(b""),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "zeros inside": lambda file: file.write_bytes(file.read_bytes()[:8192] + bytes(40_000)),
    "another database": other_database,
    "without a plan": without_plan,
    "a strange trial": with_strange_trial,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_is_named_and_left_as_it_is(whole: Path, tmp_path: Path, damage: str) -> None:
    file = Path(shutil.copy(whole / FILE, tmp_path / FILE))
    DAMAGES[damage](file)
    before = file.read_bytes()
    with pytest.raises(StorageError) as caught, open_record(tmp_path, PLAN):
        pass
    assert caught.value.what == "the record of the search cannot be read or written"
    assert str(file) in str(caught.value)
    assert "move it away" in str(caught.value.todo)
    assert file.read_bytes() == before


def test_a_record_that_cannot_be_begun_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match="No space left"), open_record(tmp_path, PLAN):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_locked_while_it_is_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda file: connect(file, timeout=0.1))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with open_record(tmp_path, PLAN) as record:
        handle, settings = record.draw(SPACE, classifier="DualLinearSVC", seed=3)
        other = connect(tmp_path / FILE)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="database is locked"):
            record.keep(handle, Trial(0, settings, 1.0, None, 0.1))
        other.close()
    assert trials_in(tmp_path) == []


def test_a_record_whose_content_breaks_its_own_rules_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / FILE
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE studies (study_name TEXT)")
        connection.execute("INSERT INTO studies VALUES (NULL)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE studies (study_name TEXT NOT NULL)'")
        connection.commit()
    with pytest.raises(sqlite3.DatabaseError, match="NULL value in studies"):
        _refuse_damaged(file)
    with pytest.raises(StorageError), open_record(tmp_path, PLAN):
        pass
