"""The survey: rows, shards and repeats of a job's inputs, kept whole or not believed (J4, J5)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.files import Mark
from koudai.errors import InputChanged, StorageError
from koudai.model.model import Model
from koudai.progress import Silent
from koudai.scoring.job import run
from koudai.scoring.repeats import Repeats
from koudai.scoring.survey import Job, Survey, take_survey
from tests.scoring.posts import contents, plan_for, write_posts


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
    posts, job = write_posts(tmp_path / "a.parquet", 95), tmp_path / "job"
    plan = plan_for(model, posts, size=20)
    run(plan, model, job)
    (job / "places.bin").unlink()
    write_posts(posts, 94)
    with pytest.raises(InputChanged, match="not what they were"):
        run(plan, model, job)
    assert not (job / "places.bin").exists()
