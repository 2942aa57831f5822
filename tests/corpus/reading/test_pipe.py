"""A pipe: whole rows are handed over before anything waits, blocks are bounded, and rows are those of files."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.pipe import Pipe, read_pipe
from koudai.corpus.reading.posts import PostBatch
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError, UsageError
from tests.hostile.strings import HOSTILE_STRINGS

ROWS = [json.dumps({"post_id": str(number), "text": text}) for number, (_, text) in enumerate(HOSTILE_STRINGS)]


class Other:
    """The other end of a pipe, and what has been handed over of it so far; `script` writes whenever this end waits."""

    def __init__(self, *script: bytes, of: str = "jsonl", **given: Any) -> None:
        self.script, self.given = list(script), given
        self.taken: list[PostBatch] = []
        self.seen: list[list[str]] = []
        read, self.write = os.pipe()
        self.pipe = Pipe(of=of, number=read)

    def pause(self) -> None:
        """Note what was handed over before this wait, then write the next piece, or close."""
        self.seen.append(self.ids)
        if self.script:
            os.write(self.write, self.script.pop(0))
        else:
            os.close(self.write)

    @property
    def ids(self) -> list[str]:
        return [one for posts in self.taken for one in posts.ids.to_pylist()]

    def read(self) -> Other:
        try:
            read_pipe(self.pipe, Reading(**self.given), take=self.taken.append, pause=self.pause)
        finally:
            os.close(self.pipe.number)
        return self


def fed(data: bytes, take: Callable[[PostBatch], None], **given: Any) -> None:
    """Read `data` as fast as it comes through a pipe."""
    read, write = os.pipe()

    def feed() -> None:
        with os.fdopen(write, "wb") as file:
            file.write(data)

    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        pipe = Pipe(of=given.pop("of", "jsonl"), number=read)
        read_pipe(pipe, Reading(**given), take=take, pause=lambda: None)
    finally:
        os.close(read)
        feeder.join()


def line(number: int) -> bytes:
    return f'{{"post_id": "{number}", "text": "早上好"}}\n'.encode()


def test_a_row_that_arrives_alone_is_handed_over_before_the_next_is_waited_for() -> None:
    other = Other(line(1), line(2), line(3) + line(4)).read()
    assert other.seen == [[], ["1"], ["1", "2"], ["1", "2", "3", "4"]]


def test_neither_blank_lines_nor_half_a_row_hold_back_a_whole_one() -> None:
    half = line(2)[:21]
    other = Other(line(1) + b"\n\n" + half, line(2)[21:]).read()
    assert other.seen == [[], ["1"], ["1", "2"]]


def test_a_csv_record_over_several_lines_does_not_hold_back_the_one_before() -> None:
    other = Other(b'post_id,text\n1,a\n2,"b\n', b'c"\n3,d', of="csv").read()
    assert other.seen == [[], ["1"], ["1", "2"]]
    assert other.ids == ["1", "2", "3"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 400), max_size=60))
def test_however_the_bytes_were_cut_the_rows_are_those_of_a_file(tmp_path_factory: Any, cuts: list[int]) -> None:
    data = "\n".join(row for row in ROWS if len(row) < 1000).encode()
    path = tmp_path_factory.getbasetemp() / "rows.jsonl"
    path.write_bytes(data)
    script = []
    for cut in cuts:
        script.append(data[:cut])
        data = data[cut:]
    script += [data[at : at + 30_000] for at in range(0, len(data), 30_000)]
    got = Other(*filter(None, script)).read().taken
    (expected,) = read_posts(path)
    assert [one for posts in got for one in posts.ids.to_pylist()] == expected.ids.to_pylist()
    assert [one for posts in got for one in posts.texts.texts()] == expected.texts.texts()
    assert [one for posts in got for one in posts.lines.tolist()] == expected.lines.tolist()


def test_blocks_hold_up_to_4096_rows_and_some_megabytes() -> None:
    taken: list[PostBatch] = []
    fed(b"".join(map(line, range(10_000))), taken.append)
    assert max(posts.read for posts in taken) <= 4096
    assert [one for posts in taken for one in posts.ids.to_pylist()] == [str(number) for number in range(10_000)]
    taken.clear()
    fed(
        b"".join(json.dumps({"post_id": str(n), "text": "x" * 1_000_000}).encode() + b"\n" for n in range(30)),
        taken.append,
    )
    assert max(posts.read for posts in taken) <= 10
    assert sum(posts.read for posts in taken) == 30


def test_a_gzipped_pipe_is_unzipped() -> None:
    taken: list[PostBatch] = []
    fed(gzip.compress(b"".join(map(line, range(50)))), taken.append)
    assert sum(posts.read for posts in taken) == 50


def test_I12_a_gzipped_pipe_that_ends_early_is_an_error_after_its_rows() -> None:
    taken: list[PostBatch] = []
    with pytest.raises(ReadError):
        fed(gzip.compress(b"".join(map(line, range(9000))), 0)[:-300_000], taken.append)
    assert sum(posts.read for posts in taken) > 0


def test_I1_rows_before_bytes_of_another_encoding_are_handed_over() -> None:
    taken: list[PostBatch] = []
    with pytest.raises(ReadError, match="stdin:3"):
        fed(line(1) + line(2) + "坏".encode("gb18030") + b"\n" + line(4), taken.append)
    assert [posts.ids.to_pylist() for posts in taken] == [["1", "2"]]
    fed('{"post_id": "1", "text": "早"}\n'.encode("gb18030"), taken.append, encoding="gb18030")
    assert taken[-1].texts.texts() == ["早"]


def test_rows_that_are_no_posts_are_set_aside_with_their_place() -> None:
    other = Other(line(1) + b"{broken\n" + b'{"post_id": "", "text": "x"}\n').read()
    aside = [row for posts in other.taken for row in posts.quarantined]
    assert [(row.where, row.reason) for row in aside] == [("stdin:2", "bad-json"), ("stdin:3", "bad-id")]


def test_a_pipe_without_the_fields_wanted_is_an_error() -> None:
    with pytest.raises(ReadError, match="none of the first 1 rows"):
        fed(b'{"id": 1}\n', lambda posts: None)
    with pytest.raises(ReadError, match="missing: post_id"):
        fed(b"id,text\n1,x\n", lambda posts: None, of="csv")


def test_nothing_at_all_is_no_posts() -> None:
    fed(b"", lambda posts: pytest.fail("there are none"))


class Enough(Exception):
    pass


def test_what_taking_raises_ends_the_reading() -> None:
    taken = 0

    def refuse(posts: PostBatch) -> None:
        nonlocal taken
        taken += 1
        raise Enough

    with pytest.raises(Enough):
        fed(line(1) * 5000, refuse)
    assert taken == 1


def test_a_folder_is_no_pipe(tmp_path: Path) -> None:
    number = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(ReadError, match="cannot be read"):
            read_pipe(Pipe(number=number), Reading(), take=lambda posts: None, pause=lambda: None)
    finally:
        os.close(number)


def test_another_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="a pipe does not hold"):
        Pipe(of="parquet")
