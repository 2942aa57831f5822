"""Lines of a file, decoded one by one: what CSV, TSV and JSON lines are made of.

Promises: a line is cut at line feeds only, so U+2028 or a carriage return stays inside it; bytes are decoded strictly,
and what is not of the encoding is named by its byte and offset; memory is bounded by LINE_BYTES, however long the line
is. Does not know what a line means: that is ``rows.py``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from koudai.corpus.reading.encodings import encoding_hint, is_gb, looks_like_big5, looks_like_utf8
from koudai.corpus.reading.files import Mark
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from koudai.limits import LINE_BYTES, QUARANTINE_EXCERPT

BOM = "inner-bom"
"""Notice: a byte order mark stood before a row in the middle of a file, and was left out."""
_BLOCK = 1 << 20
_DOUBTED = 1 << 10
_SAMPLE = '{"post_id",\t1}\r\n'


@dataclass(frozen=True, slots=True)
class BadLine:
    """What is wrong with a line: the reason in one word, what exactly, and its beginning."""

    reason: str
    detail: str
    excerpt: str


class Row(NamedTuple):
    """One row: its line (CSV, JSON lines) or row number (Parquet), counted from 1, and its fields or what is wrong.

    `raw` is the beginning of a line that could not be taken apart; of any other row only `fields` are known. `offset`
    counts the bytes before the line. `noticed` names what is odd about a row that is read all the same.
    """

    line: int
    fields: dict[str, Any]
    wrong: str | None = None
    detail: str = ""
    raw: str = ""
    offset: int = 0
    noticed: tuple[str, ...] = ()


class Lines:
    """Decoded lines of a stream, cut at line feeds only.

    Parameters
    ----------
    stream
        Bytes, unzipped.
    path
        Named in errors.
    reading
        Its `encoding` and `bad_bytes` are heeded.

    Attributes
    ----------
    number
        Number of the line given last, counted from 1.
    offset
        Bytes up to the end of that line.
    bad
        Lines that are too long (given as an empty line) or not decodable (given with their bad bytes escaped), by
        number; whoever reads them takes them out.

    Raises
    ------
    ReadError
        If the encoding is not known or does not hold ASCII, or at bytes that are to be refused.
    """

    def __init__(self, stream: IO[bytes], path: object, reading: Reading) -> None:
        _require_ascii(reading.encoding, path)
        self.path = path
        self.number = 0
        self.offset = 0
        self.bad: dict[int, BadLine] = {}
        self._stream = stream
        self.encoding = reading.encoding
        self._bad_bytes = reading.bad_bytes
        self._ahead, self._at = b"", 0
        self._doubted, self._sample = is_gb(reading.encoding), b""

    def __iter__(self) -> Iterator[str]:
        while raw := self._readline(LINE_BYTES.value + 1):
            if self._doubted:
                self._doubt(raw)
            self.number += 1
            start = self.offset
            self.offset += len(raw)
            if len(raw) > LINE_BYTES.value and not raw.endswith(b"\n"):
                self._skip_line()
                self.bad[self.number] = BadLine(
                    "too-long",
                    f"the line is longer than {LINE_BYTES.value} {LINE_BYTES.unit}",
                    self._escaped(raw[: 4 * QUARANTINE_EXCERPT.value + 4]),
                )
                yield "\n"
                continue
            try:
                line = raw.decode(self.encoding)
            except UnicodeError as error:
                at = error.start if isinstance(error, UnicodeDecodeError) else 0
                detail = f"byte 0x{raw[at]:02X} at offset {start + at} is not {self.encoding}"
                if self._bad_bytes == "refuse":
                    raise self._refusal(detail, raw) from error
                line = self._escaped(raw)
                self.bad[self.number] = BadLine("bad-bytes", detail, line)
            yield line.lstrip("\ufeff") if self.number == 1 else line
        if self._doubted:
            self._doubt(b"")

    def begin(self, mark: Mark) -> None:
        """Go on at `mark`, which lies ahead, and beyond all that was looked at; what cannot be sought in is read."""
        if self._stream.seekable():
            self._stream.seek(mark.offset)
        else:
            while self.offset < mark.offset and (raw := self._stream.read(min(_BLOCK, mark.offset - self.offset))):
                self.offset += len(raw)
        self.number, self.offset = mark.line, mark.offset
        self.bad.clear()

    def ahead(self, size: int) -> memoryview:
        """Return the bytes that come next, `size` of them or more, and fewer only where the stream ends."""
        missing = size - (len(self._ahead) - self._at)
        if missing > 0:
            self._ahead, self._at = self._ahead[self._at :] + self._stream.read(missing), 0
        return memoryview(self._ahead)[self._at :]

    def take(self, size: int, lines: int) -> None:
        """Go on behind the next `size` bytes, which are `lines` lines and were looked at."""
        self._at += size
        self.offset += size
        self.number += lines

    def _readline(self, limit: int) -> bytes:
        if self._at == len(self._ahead):
            return self._stream.readline(limit)
        end = self._ahead.find(b"\n", self._at, self._at + limit) + 1
        raw = self._ahead[self._at : end or self._at + limit]
        self._at += len(raw)
        return raw if end or len(raw) == limit else raw + self._stream.readline(limit - len(raw))

    def _skip_line(self) -> None:
        while raw := self._readline(_BLOCK):
            self.offset += len(raw)
            if raw.endswith(b"\n"):
                return

    def _escaped(self, raw: bytes) -> str:
        try:
            return raw.decode(self.encoding, "backslashreplace")
        except UnicodeError:
            return raw.decode("ascii", "backslashreplace")

    def _refusal(self, detail: str, raw: bytes) -> ReadError:
        utf_16 = self.number == 1 and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return ReadError(
            detail,
            where=f"{self.path}:{self.number}",
            expected=f"{self.encoding} throughout",
            happened="nothing of this file was kept",
            todo="it begins like UTF-16: convert it first, e.g. iconv -f UTF-16 -t UTF-8"
            if utf_16
            else f"{encoding_hint(raw, self.encoding)}, or `bad_bytes` quarantine to set such rows aside",
        )

    def _doubt(self, raw: bytes) -> None:
        """Look at a line of a file said to be of the GB family; raises `ReadError` if it looks like another."""
        self._sample += raw if not raw.isascii() else b""
        if raw and len(self._sample) < _DOUBTED:
            return
        found = "UTF-8" if looks_like_utf8(self._sample) else "Big5" if looks_like_big5(self._sample) else None
        if found is not None:
            raise ReadError(
                what=f"this file looks like {found}, not {self.encoding}",
                where=self.path,
                expected=self.encoding,
                got=f"bytes as {found} has them",
                happened="nothing of this file was kept",
                todo=f"give its `encoding`: {'utf-8' if found == 'UTF-8' else 'big5, or big5hkscs'}",
            )
        self._doubted = False


def _require_ascii(encoding: str, path: object) -> None:
    try:
        fits = _SAMPLE.encode("ascii").decode(encoding, "backslashreplace") == _SAMPLE
    except LookupError as error:
        raise ReadError(
            what=f"unknown encoding {encoding!r}", where=path, expected="e.g. utf-8, gb18030 or big5", todo="`encoding`"
        ) from error
    except UnicodeError:
        fits = False
    if not fits:
        raise ReadError(
            what=f"a file in {encoding} cannot be read line by line",
            where=path,
            expected="an encoding that holds ASCII as it is, such as utf-8, gb18030 or big5",
            happened="nothing of this file was read",
            todo=f"convert it first, e.g. iconv -f {encoding} -t UTF-8",
        )
