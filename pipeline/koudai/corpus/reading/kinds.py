"""Kinds of files: what the name of a file says that it is, what its first bytes say, and what is said if they differ.

Promises: a file that is something else than its name, or a given kind, is named for what it is before a row of it is
read; JSON is told to be one array or lines by where it begins. Looks at the first bytes, and into the list of what a
zip archive holds.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from koudai.corpus.reading.encodings import utf_16_of
from koudai.corpus.reading.files import first_bytes, open_unzipped
from koudai.corpus.reading.locations import KINDS, Location, PathOrLocation, location_of
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError, number_of, printable

CALLED = {
    "parquet": "Parquet",
    "csv": "CSV",
    "tsv": "TSV",
    "jsonl": "JSON lines",
    "json": "JSON, one array or lines",
    "array": "one array of JSON",
    "arrow": "Arrow IPC",
    "xlsx": "an Excel workbook",
    "txt": "text, a post in each line",
}
"""Kinds that are read, in words."""
_BEGINNINGS = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
    (b"FEA1", "Feather of the first version"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file of before 2007, or one with a password"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a file packed by bzip2"),
    (b"\xfd7zXZ\x00", "a file packed by xz"),
)
_ZIP = b"PK\x03\x04"
_OFFICE = (("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "a binary Excel workbook"), ("word/", "a Word document"))
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml)\b", re.IGNORECASE)
_ACCOUNT = re.compile(rb'\{\s*"user"\s*:\s*\{')
_LIST = re.compile(rb'"(\w{1,64})"\s*:\s*\[\s*\{')
_BEGIN = 1 << 16
_TEXT = ("csv", "tsv", "jsonl", "json")
_SHOWN = 3


def settled(file: PathOrLocation, reading: Reading) -> Location:
    """Return where a file lies, with the kind that it is read as.

    Parameters
    ----------
    file
        Its name tells its kind, unless the reading does.
    reading
        With or without a `kind`.

    Returns
    -------
    Location
        Its `kind` is one of `CALLED` but ``"json"``: that is ``"array"`` or ``"jsonl"``.

    Raises
    ------
    ReadError
        If the name tells no kind, the file cannot be opened, or it is of another kind.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "posts.json"
    ...     _ = path.write_text('[{"post_id": 1, "text": "好"}]', encoding="utf-8")
    ...     settled(path, Reading()).kind
    'array'
    """
    location = location_of(file)
    if not location.again or location.given == "array":
        return location
    kind = reading.kind or location.kind
    begin = first_bytes(location, _BEGIN)
    found = _kind_inside(begin, kind, location)
    if found == kind or (found is None and kind not in ("xlsx", "arrow")) or not begin:
        return location.as_kind("jsonl" if kind == "json" else kind)
    if (found, kind) == ("array", "json"):
        return location.as_kind("array")
    called = CALLED.get(found or "", found or "none")
    raise ReadError(
        what=f"this file is not {CALLED[kind]}",
        where=location,
        expected=CALLED[kind],
        got=called,
        happened="nothing of this file was read",
        todo=_todo(found, begin),
    )


def _todo(found: str | None, begin: bytes) -> str:
    if found == "array":
        return "let its name end in .json, or give its `kind`: json"
    if found in CALLED:
        ending = next(ending for ending, kind in KINDS.items() if kind == found)
        return f"let its name end in {ending}, or give its `kind`: {found}"
    if found is not None and found.startswith("one object"):
        listed = _LIST.search(begin)
        key = listed[1].decode("utf-8", "replace") if listed else "posts"
        layout = ", and give `layout` weibo-crawler-json" if key == "weibo" else ""
        before = begin[: listed.start()] if listed else b""
        path = f".{key}[]" if before.count(b"{") - before.count(b"}") <= 1 else f".. | .{key}? | arrays | .[]"
        return f"write each post of the list in it into a line, e.g. by jq -c '{path}'{layout}"
    if found is not None and found.startswith("text in "):
        name = found.rpartition(" ")[2]
        return f"convert it first, e.g. iconv -f {name} -t UTF-8"
    return "bring the file again" if found is None else "unpack it, or export the posts as CSV, JSON lines or Parquet"


def _kind_inside(begin: bytes, kind: str, location: Location) -> str | None:
    """Return the kind that a file's first bytes tell, a name of what is not read, or None."""
    if begin.startswith(_ZIP):
        return _in_zip(location)
    for beginning, found in _BEGINNINGS:
        if begin.startswith(beginning):
            return found
    if kind not in (*_TEXT, "txt"):
        return None
    if encoding := utf_16_of(begin):
        return f"text in {encoding}"
    if kind == "txt":
        return None
    if _MARKUP.match(begin):
        return "a page of HTML or XML"
    if kind in ("json", "jsonl") and _is_one_object(begin):
        return "one object of JSON that holds the posts"
    return "array" if _is_array(begin, kind) else None


def _is_one_object(begin: bytes) -> bool:
    """Return whether a file begins with an object that goes on in its second line, or holds an account and posts."""
    text = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    line, _, rest = text.partition(b"\n")
    return (line.strip() == b"{" and rest.lstrip()[:1] == b'"') or (
        _ACCOUNT.match(text) is not None and _LIST.search(text) is not None
    )


def _is_array(begin: bytes, kind: str) -> bool:
    """Return whether a file is one array: it begins one that does not end in its first line, or fills the file."""
    text = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"["):
        return False
    if kind in ("csv", "tsv"):
        return text[1:].lstrip()[:1] == b"{"
    line, _, rest = text.partition(b"\n")
    try:
        json.loads(line)
    except ValueError:
        return True
    return kind == "json" or not rest.strip()


def _in_zip(location: Location) -> str:
    """Return ``"xlsx"`` or the name of what a zip archive is."""
    try:
        with open_unzipped(location.as_kind("txt")) as stream, zipfile.ZipFile(_seekable(stream)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "a damaged zip archive"
    for inside, found in _OFFICE:
        if any(name.startswith(inside) for name in names):
            return found
    shown = ", ".join(printable(name) for name in names[:_SHOWN])
    return f"a zip archive of {number_of(len(names), 'file')}: {shown}" + (" …" if len(names) > _SHOWN else "")


def _seekable(stream: Any) -> Any:
    return stream if stream.seekable() else io.BytesIO(stream.read())
