"""Originals: the files that the authors of corpora publish, each kind with a parser under a name that configs use.

Promises: a parser reads bytes and yields rows of plain values; it runs nothing, opens nothing and changes no text; what
does not have the layout expected is a `ReadError`, never a guess. A new layout is a new file here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from koudai.errors import ReadError
from koudai.registry import Registry

Row = dict[str, Any]
"""One row of an original: field to text, number, None, or a list of these."""
Parser = Callable[[dict[str, bytes], tuple[str, ...]], Iterator[tuple[str, Row]]]
"""Takes the originals by path and the encodings to try; yields rows, each with the path it comes from."""

PARSERS: Registry[Parser] = Registry("parser", package="koudai.corpus.fetching.originals")
parser = PARSERS.register


def decode_original(data: bytes, *, path: str, encodings: tuple[str, ...]) -> str:
    """Return `data` as text in the first of `encodings` that it is valid in; raises `ReadError` if there is none.

    Examples
    --------
    >>> decode_original("今天".encode("gb18030"), path="a.csv", encodings=("utf-8", "gb18030"))
    '今天'
    """
    for encoding in encodings:
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            last = error
    raise ReadError(
        what="this original is in none of the encodings expected",
        where=path,
        expected=", ".join(encodings),
        got=f"byte 0x{last.object[last.start]:02x} at offset {last.start}",
        happened="nothing was written",
        todo="correct fetch.encodings in the corpus file",
    )


def unlike(path: str, *, expected: str, got: object, line: int | None = None) -> ReadError:
    """Return the error for an original that does not have the layout its parser reads."""
    return ReadError(
        what="this original does not have the layout expected",
        where=path if line is None else f"{path}:{line}",
        expected=expected,
        got=got,
        happened="nothing was written",
        todo="correct [fetch] in the corpus file",
    )
