"""Records of CSV, compiled: those that any reader would take apart the same way, cell by cell.

Promises: gives a record only if it has as many cells as the header, every quote closed and nothing behind it, no lines
that look like records of their own, and line ends that are a line feed, with or without a carriage return before it;
stops before any other, and before a header that comes again, which are for Python's own reader to judge. Reads nothing
outside the block.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from koudai.text.compiled.jit import compiled

ENOUGH, SHORT, ODD = 0, 1, 2
_LINE_FEED, _RETURN = 10, 13
_BOM_1, _BOM_2, _BOM_3 = 0xEF, 0xBB, 0xBF
u = np.uint64


class Form(NamedTuple):
    """How records are written.

    Attributes
    ----------
    delimiter
        Byte between cells.
    quote
        Byte that opens and closes a cell; a number that is no byte if none does.
    record_lines
        A record of more lines is odd.
    name : ndarray of uint8
        Name of the first column wanted: a record that has it there may be the header again.
    """

    delimiter: Any
    quote: Any
    record_lines: Any
    name: Any


@compiled
def _is_name(cells: Any, begin: Any, end: Any, name: Any) -> Any:
    same = 0
    while same < len(name) and same < end - begin and cells[u(0), u(begin + same)] == name[u(same)]:
        same += 1
    return same == len(name) == end - begin


@compiled
def _kind_of_line(byte: Any) -> Any:
    """Return whether a line begins with a digit, another ASCII character or any other one; 3 if that is left out."""
    if byte <= 32 or byte == 34 or byte == _BOM_1:
        return 3
    return 0 if 48 <= byte <= 57 else 1 if byte < 128 else 2


@compiled
def take_records(block: Any, limits: Any, taken: Any, form: Any, slots: Any) -> Any:
    """Take records apart from the start of `block` on; see `koudai.corpus.reading.plain.PlainRows`.

    Parameters
    ----------
    form
        See `Form`.
    slots : ndarray of int64, shape (n_columns,)
        Row of `cells` that each column goes to, or -1.
    """
    delimiter, quote, record_lines = form.delimiter, form.quote, form.record_lines
    most_bytes, line_bytes = limits.most_bytes, limits.line_bytes
    cells, ends, begins = taken.cells, taken.ends, taken.begins
    size, columns, most = len(block), len(slots), len(begins)
    records, end, end_lines = 0, 0, 0
    at, lines, line_begin, last = 0, 0, 0, -1
    while records < most:
        if at >= size:
            return SHORT, records, end, end_lines
        byte = block[u(at)]
        if byte == _RETURN:
            if at + 1 >= size:
                return SHORT, records, end, end_lines
            if block[u(at + 1)] != _LINE_FEED:
                return ODD, records, end, end_lines
            at += 1
            byte = block[u(at)]
        if byte == _LINE_FEED:
            at += 1
            lines += 1
            line_begin, end, end_lines = at, at, lines
            continue
        if byte == _BOM_1:
            if at + 2 >= size:
                return SHORT, records, end, end_lines
            if block[u(at + 1)] == _BOM_2 and block[u(at + 2)] == _BOM_3:
                return ODD, records, end, end_lines
        begin, begin_lines, column = at, lines, 0
        delimiters, first, alike = 0, False, 0
        kind: Any = 3
        if slots[u(0)] == 0:
            kind = _kind_of_line(byte)
        if last < 0:
            last = begin + most_bytes
        while True:
            slot = slots[u(column)]
            written = np.int64(0)
            if slot >= 0:
                written = ends[u(slot), u(records)]
            if at < size and block[u(at)] == quote:
                at += 1
                while True:
                    if at >= size:
                        return SHORT, records, end, end_lines
                    byte = block[u(at)]
                    at += 1
                    if byte == quote:
                        if at >= size:
                            return SHORT, records, end, end_lines
                        if block[u(at)] != quote:
                            break
                        at += 1
                    elif byte == _LINE_FEED:
                        if at - 1 - line_begin > line_bytes:
                            return ODD, records, end, end_lines
                        if lines == begin_lines:
                            first = columns > 1 and delimiters >= columns - 1
                        elif delimiters >= columns - 1:
                            other = _kind_of_line(block[u(line_begin)])
                            if kind == 3 or other == 3 or other == kind:
                                alike += 1
                        delimiters = 0
                        lines += 1
                        line_begin = at
                        if lines - begin_lines >= record_lines:
                            return ODD, records, end, end_lines
                    elif byte == delimiter:
                        delimiters += 1
                    if slot >= 0:
                        cells[u(slot), u(written)] = byte
                        written += 1
            else:
                while at < size:
                    byte = block[u(at)]
                    if byte == delimiter or byte == _LINE_FEED or byte == _RETURN:  # noqa: SIM109  (numba builds a list of the others)
                        break
                    if slot >= 0:
                        cells[u(slot), u(written)] = byte
                        written += 1
                    at += 1
            if at >= size:
                return SHORT, records, end, end_lines
            if slot >= 0:
                ends[u(slot), u(records + 1)] = written
            byte = block[u(at)]
            at += 1
            if byte == delimiter:
                column += 1
                delimiters += 1
                if column >= columns:
                    return ODD, records, end, end_lines
                continue
            if byte == _RETURN:
                if at >= size:
                    return SHORT, records, end, end_lines
                byte = block[u(at)]
                at += 1
            if byte != _LINE_FEED or column != columns - 1 or at - 1 - line_begin > line_bytes:
                return ODD, records, end, end_lines
            break
        if first and delimiters >= columns - 1:
            other = _kind_of_line(block[u(line_begin)])
            if kind == 3 or other == 3 or other == kind:
                alike += 1
        if (first and 2 * alike > lines - begin_lines) or _is_name(
            cells, ends[u(0), u(records)], ends[u(0), u(records + 1)], form.name
        ):
            return ODD, records, end, end_lines
        lines += 1
        begins[u(records)] = begin_lines
        records += 1
        line_begin, end, end_lines = at, at, lines
        if begin >= last:
            return ENOUGH, records, end, end_lines
    return ENOUGH, records, end, end_lines
