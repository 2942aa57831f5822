"""One array of JSON: its items, one by one, as the text that was written.

Promises: an item ends where its brackets close, or a string in it at the end of its line, so that one damaged item does
not take the next ones with it; memory is bounded by one item of LINE_BYTES characters; an array that is never closed is
an error. Does not parse items: that is ``rows.py``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO, NamedTuple

from koudai.corpus.reading.encodings import encoding_hint
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from koudai.limits import LINE_BYTES, QUARANTINE_EXCERPT
from koudai.text.characters.contacts.masking import masked_name

_STRING = r'"(?:[^"\\\n]++|\\[^\n])*+(?:"|\\?\n)'
_INSIDE = re.compile(rf'(?:[^"\[\]{{}}]++|{_STRING})*+')
_OUTSIDE = re.compile(rf'(?:[^"\[\]{{}},]++|{_STRING})*+')
_BLANK = re.compile(r"[\s\ufeff]*")
_ESCAPED = re.compile("[\udc80-\udcff]")
_BLOCK = 1 << 20


class Item(NamedTuple):
    """One item: its number from 1, its text or the beginning of it, what is wrong in one word and exactly, and the
    characters before it.
    """

    number: int
    text: str
    wrong: str | None
    detail: str
    offset: int


class _Scan:
    """Text that comes in blocks, read to the end of each item."""

    def __init__(self, stream: IO[bytes], path: object, reading: Reading) -> None:
        self._path, self._encoding = path, reading.encoding
        self._decoder = codecs.getincrementaldecoder(reading.encoding)(
            "strict" if reading.bad_bytes == "refuse" else "surrogateescape"
        )
        self._stream = stream
        self.text, self.at, self.before = "", 0, 0
        self.ended = False

    def more(self) -> bool:
        """Read a block behind what is there; return whether there was one."""
        block = b"" if self.ended else self._stream.read(_BLOCK)
        try:
            self.text += self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise ReadError(
                what=f"byte 0x{error.object[error.start]:02X} is not {self._encoding}",
                where=self._path,
                expected=f"{self._encoding} throughout",
                happened="nothing of this file was kept",
                todo=f"{encoding_hint(block, self._encoding)}, or `bad_bytes` quarantine to set such rows aside",
            ) from error
        self.ended = not block
        return bool(block)

    def drop(self) -> None:
        """Forget what is before the place."""
        self.before += self.at
        self.text, self.at = self.text[self.at :], 0

    def next_letter(self) -> str:
        """Go to the next character that is no blank and return it, or ``""`` at the end."""
        while True:
            found = _BLANK.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            self.drop()
            if not self.more():
                return ""

    def item(self) -> tuple[str, bool]:
        """Return the text of the item up to the comma or bracket behind it, and whether it is all of it."""
        depth, start, cut = 0, self.at, ""
        while True:
            skipped = (_INSIDE if depth else _OUTSIDE).match(self.text, self.at)
            self.at = skipped.end() if skipped else self.at
            mark = self.text[self.at : self.at + 1]
            if mark in ("", '"'):
                if len(self.text) - start > LINE_BYTES.value:
                    cut = cut or self.text[start : start + QUARANTINE_EXCERPT.value]
                    self._forget(in_string=bool(mark))
                    start = 0
                if not self.more():
                    raise self.unclosed()
                continue
            if not depth and mark in ",]":
                return cut or self.text[start : self.at], not cut
            depth = depth + 1 if mark in "{[" else max(0, depth - 1)
            self.at += 1

    def _forget(self, *, in_string: bool) -> None:
        """Keep of an item that is too long only whether a string is open, and an escape in it."""
        rest = self.text[self.at + 1 :] if in_string else ""
        kept = '"' + rest[len(rest.rstrip("\\")) :] if in_string else ""
        self.before += len(self.text) - len(kept)
        self.text, self.at = kept, 0

    def unclosed(self) -> ReadError:
        """Return the error that the array is never closed."""
        return ReadError(
            what="the array is never closed: the file is cut short, or damaged",
            where=self._path,
            expected="a ] behind the last item",
            happened="nothing of this file was kept",
            todo="bring the file again",
        )


def array_items(stream: IO[bytes], path: object, reading: Reading) -> Iterator[Item]:
    r"""Yield the items of an array, or of several one behind the other.

    Parameters
    ----------
    stream
        Bytes, unzipped.
    path
        Named in errors.
    reading
        Its `encoding` and `bad_bytes` are heeded.

    Raises
    ------
    ReadError
        If there is no array, it is never closed, something else stands behind it, or bytes are to be refused.

    Examples
    --------
    >>> import io
    >>> [item.text for item in array_items(io.BytesIO(b'[{"id": 1},\n 2]'), "posts.json", Reading())]
    ['{"id": 1}', '2']
    """
    scan, number = _Scan(stream, path, reading), 0
    while (letter := scan.next_letter()) == "[":
        scan.at += 1
        while (letter := scan.next_letter()) != "]":
            if not letter:
                raise scan.unclosed()
            offset = scan.before + scan.at
            text, whole = scan.item()
            text = text.rstrip()
            following = scan.text[scan.at]
            number += 1
            if not whole:
                yield Item(number, text, "too-long", f"longer than {LINE_BYTES.value} characters", offset)
            elif _ESCAPED.search(text):
                yield Item(number, _ESCAPED.sub("\ufffd", text), "bad-bytes", f"not {reading.encoding}", offset)
            else:
                yield Item(number, text, None, "", offset)
            if scan.at >= _BLOCK:
                scan.drop()
            if following == ",":
                scan.at += 1
        scan.at += 1
    if letter:
        raise ReadError(
            what="something else stands where an array of JSON should begin or where the file should end",
            where=path,
            got=masked_name(scan.text[scan.at : scan.at + 200])[:40],
            expected="[ … ] and nothing else",
            happened="nothing of this file was kept",
            todo="mend the file",
        )
