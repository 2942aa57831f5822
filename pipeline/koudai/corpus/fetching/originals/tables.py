"""Originals that are tables in text: CSV with and without a header, lines of fields, lines of words, JSON arrays.

Promises: cells and numbers come as they were written; a row with more cells than the header is an error, one with fewer
is filled with None; blank lines are no rows; a JSON array of anything but objects is refused. Fields without a header
are called ``0``, ``1``, ….
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

from koudai.corpus.fetching.originals import Row, decode_original, parser, unlike
from koudai.limits import LINE_BYTES
from koudai.strict_json import NumberText

_BETWEEN_CHARACTERS = re.compile(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])")


@parser("csv")
def with_header(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    r"""Yield the rows of CSV files whose first line names the fields.

    Examples
    --------
    >>> list(with_header({"a.csv": "编号,内容\n1,今天下雨\n".encode()}, ("utf-8",)))
    [('a.csv', {'编号': '1', '内容': '今天下雨'})]
    """
    for path, data in originals.items():
        for row in csv_rows(decode_original(data, path=path, encodings=encodings), path=path):
            yield path, row


@parser("csv-without-header")
def without_header(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    r"""Yield the rows of CSV files that begin with data.

    Examples
    --------
    >>> list(without_header({"a.csv": "1,今天下雨\n".encode()}, ("utf-8",)))
    [('a.csv', {'0': '1', '1': '今天下雨'})]
    """
    for path, data in originals.items():
        for _, cells in _cells(decode_original(data, path=path, encodings=encodings), path=path):
            yield path, _numbered(cells)


@parser("tab-lines")
def tab_lines(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    r"""Yield the rows of files with one row a line, fields between tabs, no quoting.

    Examples
    --------
    >>> list(tab_lines({"a.txt": "1\t今天下雨\n".encode()}, ("utf-8",)))
    [('a.txt', {'0': '1', '1': '今天下雨'})]
    """
    for path, line in _lines(originals, encodings):
        yield path, _numbered(line.split("\t"))


@parser("word-lines")
def word_lines(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    r"""Yield the rows of files with one text a line, cut into words by blanks.

    The only field is ``line``: the line without the blanks that stand between two characters outside ASCII.

    Examples
    --------
    >>> list(word_lines({"a.txt": "今天 下雨 OK 了\n".encode()}, ("utf-8",)))
    [('a.txt', {'line': '今天下雨 OK 了'})]
    """
    for path, line in _lines(originals, encodings):
        yield path, {"line": _BETWEEN_CHARACTERS.sub("", line.strip(" "))}


@parser("json-array")
def json_array(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield the objects of JSON arrays.

    Examples
    --------
    >>> list(json_array({"a.json": b'[{"id": 1.0}]'}, ("utf-8",)))
    [('a.json', {'id': '1.0'})]
    """
    for path, data in originals.items():
        text = decode_original(data, path=path, encodings=encodings)
        try:
            rows = json.loads(text, parse_int=NumberText, parse_float=NumberText)
        except (ValueError, RecursionError) as error:
            raise unlike(path, expected="JSON", got=error) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise unlike(path, expected="an array of objects", got=type(rows).__name__)
        for row in rows:
            yield path, row


def csv_rows(text: str, *, path: str, fields: tuple[str, ...] = ()) -> Iterator[Row]:
    r"""Yield the rows of a CSV whose first line names the fields.

    Raises
    ------
    ReadError
        If two fields share a name, one of `fields` is missing, or a row has more cells than there are fields.

    Examples
    --------
    >>> list(csv_rows("a,b\n1,2\n3\n", path="a.csv"))
    [{'a': '1', 'b': '2'}, {'a': '3', 'b': None}]
    """
    header: list[str] = []
    for line, cells in _cells(text, path=path):
        if not header:
            header = cells
            if len(set(header)) != len(header) or not set(fields) <= set(header):
                expected = ", ".join(fields) or "fields with different names"
                raise unlike(path, expected=expected, got=", ".join(header), line=line)
        elif len(cells) > len(header):
            raise unlike(path, expected=f"{len(header)} cells", got=f"{len(cells)} cells", line=line)
        else:
            yield dict(zip(header, [*cells, *[None] * (len(header) - len(cells))], strict=True))


def _cells(text: str, *, path: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LINE_BYTES.value)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise unlike(path, expected="a CSV file", got=error, line=reader.line_num) from error


def _lines(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for path, data in originals.items():
        for line in decode_original(data, path=path, encodings=encodings).split("\n"):
            if line.strip():
                yield path, line.removesuffix("\r")


def _numbered(cells: list[str]) -> Row:
    return {str(number): cell for number, cell in enumerate(cells)}
