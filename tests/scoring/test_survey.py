"""The survey: rows, shards and repeats of a job's inputs, kept whole or not believed (J4, J5)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.files import Mark
from koudai.corpus.reading.locations import Location
from koudai.errors import InputChanged, StorageError
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring import job as jobs
from koudai.scoring import survey as survey_module
from koudai.scoring.job import run
from koudai.scoring.plan import Plan
from koudai.scoring.repeats import Repeats
from koudai.scoring.survey import Job, Survey, take_survey
from tests.scoring.posts import contents, plan_for, write_posts


def write_lines(path: Path, n: int) -> Path:
    """Write `n` posts as JSON lines."""
    path.write_text("".join(json.dumps({"post_id": str(at), "text": "今天停水"}) + "\n" for at in range(n)))
    return path


@settings(derandomize=True, deadline=None, max_examples=100)
@given(rows=st.lists(st.integers(0, 50), min_size=1, max_size=6), size=st.integers(1, 20))
def test_P1_every_row_belongs_to_exactly_one_shard(rows: list[int], size: int) -> None:
    marks = [(row, 2 * row, 3 * row) for n in rows for row in range(0, n, size)]
    none = np.empty(0, np.int64)
    survey = Survey(size, np.array(rows), np.array(marks, np.int64).reshape(-1, 3), Repeats(none, none))
    assert survey.shards == len(marks)
    found = [
        (file, row)
        for file, n in enumerate(rows)
        for shard in range(survey.first[file], survey.first[file + 1])
        for row in range(survey.mark(shard).row, min(survey.mark(shard).row + size, n))
    ]
    assert found == [(file, row) for file, n in enumerate(rows) for row in range(n)]
    again = Survey.of_bytes(survey.to_bytes(), size)
    for cut in (survey.to_bytes()[:-8], survey.to_bytes() + bytes(8)):
        with pytest.raises(ValueError, match=r"do not take|not enough|cannot reshape"):
            Survey.of_bytes(cut, size)
    assert again.to_bytes() == survey.to_bytes()
    assert [again.mark(shard) for shard in range(again.shards)] == [Mark(*mark) for mark in marks]


def test_a_survey_is_what_was_written(tmp_path: Path, model: Model) -> None:
    plan = plan_for(
        model,
        write_posts(tmp_path / "a.parquet", 95),
        write_posts(tmp_path / "b.parquet", 30, first=90),
        duplicates="first",
        size=20,
    )
    survey = take_survey(plan, Silent())
    assert (survey.rows.tolist(), survey.first.tolist(), len(survey.repeats)) == ([95, 30], [0, 5, 7], 5)
    run(plan, model, tmp_path / "job")
    assert Job.load(tmp_path / "job").survey.to_bytes() == survey.to_bytes()
    assert Job.load(tmp_path / "job").plan == plan


@pytest.mark.parametrize("harm", ["lost", "flipped", "emptied"])
def test_J5_a_damaged_survey_is_not_believed_and_is_taken_again(tmp_path: Path, model: Model, harm: str) -> None:
    posts = write_posts(tmp_path / "a.parquet", 95)
    plan, job = plan_for(model, posts, size=20), tmp_path / "job"
    run(plan, model, job)
    before = contents(job)
    data = (job / "places.bin").read_bytes()
    if harm == "lost":
        (job / "places.bin").unlink()
    else:
        (job / "places.bin").write_bytes(b"" if harm == "emptied" else data[:99] + bytes([data[99] ^ 1]) + data[100:])
    with pytest.raises(StorageError, match="survey of this job's inputs is damaged"):
        Job.load(job)
    run(plan, model, job)
    assert contents(job) == before


def test_I15_a_lost_survey_of_other_inputs_is_not_replaced(tmp_path: Path, model: Model) -> None:
    """Of the same size and fingerprint, as only a middle that nobody looks at can be."""
    posts, job = write_lines(tmp_path / "a.jsonl", 95), tmp_path / "job"
    plan = plan_for(model, posts, size=20)
    run(plan, model, job)
    (job / "places.bin").unlink()
    posts.write_bytes(posts.read_bytes().replace(b"\n", b" ", 1))
    plan = Plan.of_json(plan.to_json())
    with pytest.raises(InputChanged, match="not what they were"):
        run(plan, model, job)
    assert not (job / "places.bin").exists()


@pytest.mark.parametrize("when", ["before the survey", "during the survey", "before scoring"])
def test_I15_an_input_of_the_same_size_that_takes_the_place_of_the_planned_one_is_noticed(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    path = write_lines(tmp_path / "a.jsonl", 90)
    other = path.read_bytes().replace(b'"7"', b'"x"')
    assert len(other) == path.stat().st_size
    assert other != path.read_bytes()

    def swap() -> None:
        later = path.stat().st_mtime_ns + 10**9
        path.write_bytes(other)
        os.utime(path, ns=(later, later))

    plan = plan_for(model, path, size=20)
    if when == "before the survey":
        swap()
    elif when == "during the survey":
        real = survey_module.find_repeats

        def swapped(*given: Any, **named: Any) -> Any:
            found = real(*given, **named)
            swap()
            return found

        monkeypatch.setattr(survey_module, "find_repeats", swapped)
    else:
        real_units = jobs.units

        def late(*given: Any, **named: Any) -> Any:
            swap()
            return real_units(*given, **named)

        monkeypatch.setattr(jobs, "units", late)
    with pytest.raises(InputChanged, match="changed while it was scored") as caught:
        run(plan, model, tmp_path / "job")
    assert str(caught.value.where) == str(path)
    assert not (tmp_path / "job" / "DONE.json").exists()
    if when != "before scoring":
        assert not (tmp_path / "job").exists()


def test_I15_an_input_that_is_written_to_while_its_fingerprint_is_taken_is_refused(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_lines(tmp_path / "a.jsonl", 9)
    real = Location.fingerprint

    def written_to(self: Location) -> str:
        found = real(self)
        os.utime(path, ns=(0, 0))
        return found

    monkeypatch.setattr(Location, "fingerprint", written_to)
    with pytest.raises(InputChanged):
        plan_for(model, path)


def test_what_was_seen_of_an_input_is_neither_compared_nor_written(tmp_path: Path, model: Model) -> None:
    path = write_lines(tmp_path / "a.jsonl", 9)
    plan = plan_for(model, path)
    os.utime(path, ns=(0, 0))
    assert plan_for(model, path) == plan
    assert Plan.of_json(plan.to_json()) == plan
    assert set(plan.to_json()["inputs"][0]) == {"uri", "bytes", "fingerprint", "called"}
