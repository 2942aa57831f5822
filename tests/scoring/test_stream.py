"""Streams: the rows of a job over the same posts, in order, all of them, a few in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.corpus.reading.folders import find_post_files
from koudai.corpus.reading.pipe import Pipe
from koudai.corpus.reading.posts import PostBatch, Quarantined
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError, UsageError
from koudai.model.model import Model
from koudai.scoring import stream as module
from koudai.scoring.formats import lines
from koudai.scoring.job import run
from koudai.scoring.plan import ScoreSettings, make_plan
from koudai.scoring.shard import quarantine_path, shard_path
from koudai.scoring.stream import Sink as Target
from koudai.scoring.stream import score_stream
from koudai.scoring.totals import Totals
from koudai.text.characters.hazards import without_surrogates
from tests.hostile.strings import HOSTILE_STRINGS
from tests.scoring.posts import WORDS, write_posts

READING = Reading(bad_bytes="quarantine")


class Sink:
    """What a stream wrote and quarantined."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.aside: list[Quarantined] = []

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in b"".join(self.parts).decode().splitlines()]

    def stream(self, model: Model, sources: Any, reading: Any = READING, **given: Any) -> Totals:
        workers = given.pop("workers", None)
        target = Target(self.parts.append, self.aside.extend)
        settings = ScoreSettings(**given)
        return score_stream(model, sources, reading=reading, sink=target, settings=settings, workers=workers)


def hostile_rows(path: Path) -> Path:
    """Write every nasty string as text and, after a number, as id; and rows that are no posts."""
    rows = [json.dumps({"post_id": f"{at} {text[:50]}", "text": text}) for at, (_, text) in enumerate(HOSTILE_STRINGS)]
    rows += ["{broken", json.dumps({"post_id": "x", "text": None}), "[]", '{"post_id": "9", "text": "a", "text": "b"}']
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def job(model: Model, folder: Path, *paths: Path, evidence: int = 0) -> tuple[bytes, list[dict[str, Any]], Totals]:
    """Return the rows of a job's shards as JSON lines, what it quarantined, and its totals."""
    plan = make_plan(
        [str(path) for path in paths],
        model=model.digest,
        reading=READING,
        settings=ScoreSettings(evidence=evidence, shard_size=1000),
    )
    totals = run(plan, model, folder)
    written = b""
    aside: list[dict[str, Any]] = []
    number = 0
    while shard_path(folder, number).exists():
        written += lines(pq.read_table(shard_path(folder, number)), "jsonl")
        if quarantine_path(folder, number).exists():
            told = quarantine_path(folder, number).read_text(encoding="utf-8")
            aside += [json.loads(row) for row in told.split("\n")[:-1]]
        number += 1
    return written, aside, totals


def test_files_stream_as_the_rows_of_a_job_s_shards(tmp_path: Path, model: Model) -> None:
    paths = [write_posts(tmp_path / "a.parquet", 5000), hostile_rows(tmp_path / "b.jsonl")]
    written, aside, totals = job(model, tmp_path / "job", *paths, evidence=3)
    sink = Sink()
    found = sink.stream(model, find_post_files([str(path) for path in paths]), evidence=3)
    assert b"".join(sink.parts) == written
    assert [row.to_dict() for row in sink.aside] == aside
    assert found == totals
    assert found.read == found.scored + found.abstained + found.quarantined


def test_P1_a_pipe_streams_as_the_same_file_does(tmp_path: Path, model: Model) -> None:
    path = hostile_rows(tmp_path / "b.jsonl")
    written, aside, totals = job(model, tmp_path / "job", path, evidence=2)
    for workers in (1, 4):
        with path.open("rb") as file:
            sink = Sink()
            assert sink.stream(model, [Pipe(number=file.fileno())], evidence=2, workers=workers) == totals
        assert b"".join(sink.parts) == written
        assert [{**row.to_dict(), "where": f"b.jsonl:{row.where.split(':')[1]}"} for row in sink.aside] == aside


def test_kept_columns_go_with_their_posts_from_a_pipe_too(tmp_path: Path, model: Model) -> None:
    texts = [text for _, text in HOSTILE_STRINGS]
    rows = [json.dumps({"post_id": str(at), "text": "x", "topic": text}) for at, text in enumerate(texts)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([*rows, '{"post_id": "last", "text": "y"}', "{broken"]), encoding="utf-8")
    reading = Reading(keep=("topic",))
    of_file, of_pipe = Sink(), Sink()
    of_file.stream(model, find_post_files([str(path)]), reading)
    with path.open("rb") as file:
        of_pipe.stream(model, [Pipe(number=file.fileno())], reading)
    assert of_pipe.parts == of_file.parts
    assert [row["topic"] for row in of_pipe.rows[:-1]] == list(map(without_surrogates, texts))
    assert of_pipe.rows[-1]["topic"] is None
    with path.open("rb") as file, pytest.raises(ReadError):
        Sink().stream(model, [Pipe(number=file.fileno())], Reading(keep=("nowhere",)))


@pytest.mark.slow
def test_J11_rows_come_in_the_order_of_the_input_however_many_threads_score(tmp_path: Path, model: Model) -> None:
    path = write_posts(tmp_path / "a.parquet", 30_000)
    parts = []
    for workers in (1, 5):
        sink = Sink()
        sink.stream(model, find_post_files([str(path)]), workers=workers)
        parts.append(b"".join(sink.parts))
        assert [row["post_id"] for row in sink.rows] == [f"{number:05d}" for number in range(30_000)]
    assert parts[0] == parts[1]


def test_P5_blocks_are_read_only_as_others_are_written(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_posts(tmp_path / "a.parquet", 600)
    ahead = []

    def counted(location: Any, reading: Reading) -> Iterator[PostBatch]:
        for taken, posts in enumerate(read_posts(location, reading, batch_rows=10), 1):
            ahead.append(taken - len(sink.parts))
            yield posts

    monkeypatch.setattr(module, "read_posts", counted)
    sink = Sink()
    sink.stream(model, find_post_files([str(path)]), workers=2)
    assert len(sink.parts) == 60
    assert max(ahead) <= 4


def test_nothing_is_no_rows_but_a_header(tmp_path: Path, model: Model) -> None:
    (tmp_path / "a.jsonl").write_text("")
    for how, expected in (("jsonl", b""), ("csv", b'\xef\xbb\xbf"post_id",')):
        sink = Sink()
        assert sink.stream(model, find_post_files([str(tmp_path / "a.jsonl")]), form=how).read == 0
        assert b"".join(sink.parts).startswith(expected)
        assert b"".join(sink.parts).count(b"\n") == (how == "csv")


def test_csv_has_one_header_however_many_blocks(tmp_path: Path, model: Model) -> None:
    sink = Sink()
    sink.stream(model, find_post_files([str(write_posts(tmp_path / "a.parquet", 9000))]), form="csv")
    written = b"".join(sink.parts).decode()
    assert written.count('"post_id"') == 1
    assert written.count("\r\n") == 9001


def test_I1_rows_before_an_error_are_written_and_the_message_says_so(tmp_path: Path, model: Model) -> None:
    good = "".join(json.dumps({"post_id": str(at), "text": WORDS[at % 13]}) + "\n" for at in range(7))
    (tmp_path / "a.jsonl").write_bytes(good.encode() + "坏\n".encode("gb18030"))
    sink = Sink()
    with (tmp_path / "a.jsonl").open("rb") as file, pytest.raises(ReadError) as caught:
        sink.stream(model, [Pipe(number=file.fileno())], Reading())
    assert [row["post_id"] for row in sink.rows] == [str(at) for at in range(7)]
    assert "the 7 rows before it were scored or quarantined" in caught.value.message()


def test_ids_are_not_compared(tmp_path: Path, model: Model) -> None:
    pq.write_table(pa.table({"post_id": ["1", "1"], "text": ["a", "b"]}), tmp_path / "a.parquet")
    sink = Sink()
    sink.stream(model, find_post_files([str(tmp_path / "a.parquet")]))
    assert [row["post_id"] for row in sink.rows] == ["1", "1"]


@pytest.mark.parametrize("given", [{"form": "xlsx"}, {"evidence": 101}, {"workers": 0}])
def test_settings_out_of_range_are_refused(model: Model, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Sink().stream(model, [], **given)


def test_J9_a_post_that_scoring_fails_on_is_set_aside(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    from koudai.scoring import block

    path = write_posts(tmp_path / "a.parquet", 100)
    scored = block.score

    def failing(model: Model, ids: Any, posts: Any, **given: Any) -> Any:
        if "00042" in ids.to_pylist():
            raise ArithmeticError
        return scored(model, ids, posts, **given)

    monkeypatch.setattr(block, "score", failing)
    sink = Sink()
    totals = sink.stream(model, find_post_files([str(path)]))
    assert (totals.read, totals.quarantined, len(sink.rows)) == (100, 1, 99)
    assert sink.aside[0].reason == "scoring-failed"


def test_a_closed_input_is_an_error(model: Model) -> None:
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    with pytest.raises(ReadError):
        Sink().stream(model, [Pipe(number=read)])
