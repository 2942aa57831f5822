"""Records of CSV, compiled: those that any reader would take apart the same way, cell by cell.

Promises: gives a record only if it has as many cells as the header, every quote closed and nothing behind it, and line
ends that are a line feed, with or without a carriage return before it; stops before any other, which is for Python's
own reader to judge. Reads nothing outside the block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.compiled.jit import compiled

ENOUGH, SHORT, ODD = 0, 1, 2
_LINE_FEED, _RETURN, _QUOTE = 10, 13, 34
u = np.uint64


@compiled
def take_records(block: Any, limits: Any, taken: Any, delimiter: Any, slots: Any, record_lines: Any) -> Any:
    """Take records apart from the start of `block` on; see `koudai.corpus.reading.plain.PlainRows`.

    Parameters
    ----------
    delimiter
        Byte between cells.
    slots : ndarray of int64, shape (n_columns,)
        Row of `cells` that each column goes to, or -1.
    record_lines
        A record of more lines is odd.
    """
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
        begin, begin_lines, column = at, lines, 0
        if last < 0:
            last = begin + most_bytes
        while True:
            slot = slots[u(column)]
            written = np.int64(0)
            if slot >= 0:
                written = ends[u(slot), u(records)]
            if at < size and block[u(at)] == _QUOTE:
                at += 1
                while True:
                    if at >= size:
                        return SHORT, records, end, end_lines
                    byte = block[u(at)]
                    at += 1
                    if byte == _QUOTE:
                        if at >= size:
                            return SHORT, records, end, end_lines
                        if block[u(at)] != _QUOTE:
                            break
                        at += 1
                    elif byte == _LINE_FEED:
                        if at - 1 - line_begin > line_bytes:
                            return ODD, records, end, end_lines
                        lines += 1
                        line_begin = at
                        if lines - begin_lines >= record_lines:
                            return ODD, records, end, end_lines
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
        lines += 1
        begins[u(records)] = begin_lines
        records += 1
        line_begin, end, end_lines = at, at, lines
        if begin >= last:
            return ENOUGH, records, end, end_lines
    return ENOUGH, records, end, end_lines
