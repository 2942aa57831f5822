"""Interim: replaced by the part that owns it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ReadError


class Mark(NamedTuple):
    """A place in a file where reading can begin: the rows, lines and bytes before it."""

    row: int
    line: int
    offset: int


START = Mark(0, 0, 0)


class Seen(NamedTuple):
    """What is cheaply seen of a file."""

    bytes: int
    mtime_ns: int


@dataclass(frozen=True)
class Location:
    """Where a file of posts lies."""

    uri: str

    @property
    def name(self) -> str:
        """The last part."""
        return Path(self.uri).name

    @property
    def splittable(self) -> bool:
        """Whether reading can begin in the middle."""
        return not self.uri.endswith((".gz", ".zst"))

    @property
    def kind(self) -> str:
        """Kind."""
        from pipeline.corpus.files import kind_of

        return kind_of(Path(self.uri))

    def seen(self) -> Seen:
        """Return size and time of change."""
        try:
            stat = Path(self.uri).stat()
        except FileNotFoundError as error:
            raise ReadError(what="no such file", where=self.uri, todo="check the path") from error
        return Seen(stat.st_size, stat.st_mtime_ns)

    def fingerprint(self) -> str:
        """Return a digest."""
        return hashlib.sha256(Path(self.uri).read_bytes()).hexdigest()


def find(arguments: list[str] | list[Path]) -> list[Location]:
    """Return the files that `arguments` name."""
    return [Location(str(Path(one).resolve())) for one in arguments]
