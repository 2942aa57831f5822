"""A pipe: posts from standard input, as they arrive.

Promises: a row that is whole is handed over before anything waits for the next one, however the bytes were cut on the
way; the rows of a block are bounded, and so is memory; rows are read, judged and told apart as those of files are.
"""

from __future__ import annotations

import io
import select
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from koudai.corpus.reading.first_rows import FirstRows
from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.posts import Judged, PostBatch, posts_of_rows
from koudai.corpus.reading.readers import judged_rows
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import rows
from koudai.errors import ReadError, UsageError

KINDS = ("jsonl", "csv", "tsv")
_BUFFER = 1 << 16
_ROWS, _BYTES = 4096, 8 << 20


class _Waiting(io.RawIOBase):
    """The bytes of an open file; `wait` is called whenever there are none yet."""

    def __init__(self, number: int, wait: Callable[[], None]) -> None:
        self._file, self._wait = io.FileIO(number, closefd=False), wait

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, or wait."""
        if not select.select([self._file], [], [], 0)[0]:
            self._wait()
        return self._file.readinto(buffer)


@dataclass(frozen=True)
class Pipe(Location):
    """An open file that is read once, from where it stands.

    Parameters
    ----------
    uri
        What it is called in messages.
    of
        What it holds: ``"jsonl"``, ``"csv"`` or ``"tsv"``, gzipped or not.
    number
        Of the open file.
    """

    uri: str = "stdin"
    of: str = "jsonl"
    number: int = 0
    wait: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            raise UsageError(what="a pipe does not hold this kind of posts", got=self.of, expected=" or ".join(KINDS))

    def __str__(self) -> str:
        """Return what it is called."""
        return self.uri

    @property
    def kind(self) -> str:
        """What it holds."""
        return self.of

    @property
    def again(self) -> bool:
        """That it can be opened once."""
        return False

    def open(self) -> Any:
        """Return its bytes."""
        return io.BufferedReader(_Waiting(self.number, self.wait), _BUFFER)


def read_pipe(pipe: Pipe, reading: Reading, *, take: Callable[[PostBatch], None], pause: Callable[[], None]) -> None:
    """Read posts until the other end is closed, and hand them over in blocks.

    Parameters
    ----------
    pipe
        From where.
    reading
        How it is read.
    take
        Is given up to 4,096 rows, or what there is when reading would wait.
    pause
        Is called when all is handed over and reading is about to wait. What it and `take` raise ends the reading.

    Raises
    ------
    ReadError
        As `read_posts`; all rows before have been handed over then.
    """
    held: list[Judged] = []
    first = FirstRows(pipe, reading)

    def hand_over() -> None:
        if held:
            posts = posts_of_rows(held, reading, pipe.name)
            held.clear()
            take(posts)
            first.see(posts)

    def wait() -> None:
        hand_over()
        pause()

    source = replace(pipe, wait=wait)
    try:
        for row, wrong in judged_rows(rows(source, reading), reading):
            held.append((row, wrong))
            if len(held) == _ROWS or row.offset - held[0][0].offset >= _BYTES:
                hand_over()
    except ReadError:
        hand_over()
        raise
    hand_over()
    first.end()
