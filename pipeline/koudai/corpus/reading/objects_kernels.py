"""Objects of JSON lines, compiled: those that are flat, and that any reader would take apart the same way.

Promises: gives an object only if it is strict JSON on one line, with no key twice and none escaped, no list or object
in it, no lone surrogate, and every wanted key, whose value is text, or a number where that is allowed; stops before any
other, which is for the strict reader to judge. Reads nothing outside the block.

Source: the grammar of RFC 8259.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from koudai.text.compiled.jit import allocating, compiled

ENOUGH, SHORT, ODD = 0, 1, 2
_KEYS = 64
u = np.uint64


class WantedKeys(NamedTuple):
    """The keys whose values are taken.

    Attributes
    ----------
    names : ndarray of uint8
        The keys, one behind the other.
    name_ends : ndarray of int64, shape (n_columns,)
        Where each ends.
    numeric : ndarray of bool, shape (n_columns,)
        Whether its value may be a number.
    words : ndarray of uint8
        The bytes of ``truefalsenull``.
    """

    names: Any
    name_ends: Any
    numeric: Any
    words: Any


@compiled
def past_blanks(block: Any, at: Any) -> Any:
    """Return where the first byte from `at` on is that is no blank, tab or carriage return."""
    while at < len(block) and (block[u(at)] == 32 or block[u(at)] == 9 or block[u(at)] == 13):
        at += 1
    return at


@compiled
def hexadecimal(block: Any, at: Any) -> Any:
    """Return the number that four digits are, -1 if they are none."""
    if at + 4 > len(block):
        return -1
    number: Any = np.int64(0)
    for place in range(at, at + 4):
        digit = np.int64(block[u(place)])
        if 48 <= digit <= 57:
            number = number * 16 + digit - 48
        elif 65 <= digit <= 70 or 97 <= digit <= 102:
            number = number * 16 + (digit & 7) + 9
        else:
            return -1
    return number


@compiled
def put_point(point: Any, cell: Any, written: Any) -> Any:
    """Write a code point as UTF-8; return where it ends."""
    if point < 0x80:
        cell[u(written)] = point
        return written + 1
    if point < 0x800:
        cell[u(written)] = 0xC0 | point >> 6
        cell[u(written + 1)] = 0x80 | point & 63
        return written + 2
    if point < 0x10000:
        cell[u(written)] = 0xE0 | point >> 12
        cell[u(written + 1)] = 0x80 | point >> 6 & 63
        cell[u(written + 2)] = 0x80 | point & 63
        return written + 3
    cell[u(written)] = 0xF0 | point >> 18
    cell[u(written + 1)] = 0x80 | point >> 12 & 63
    cell[u(written + 2)] = 0x80 | point >> 6 & 63
    cell[u(written + 3)] = 0x80 | point & 63
    return written + 4


@compiled
def take_string(block: Any, at: Any, cell: Any, written: Any) -> Any:
    """Copy a string, from behind its first quote on; return where it ends and the copy ends, or -1 if it is odd."""
    size = len(block)
    while at < size:
        byte = np.int64(block[u(at)])
        at += 1
        if byte == 34:
            return at, written
        if byte < 32:
            break
        if byte != 92:
            cell[u(written)] = byte
            written += 1
            continue
        if at >= size:
            break
        byte = np.int64(block[u(at)])
        at += 1
        if byte == 34 or byte == 92 or byte == 47:
            point = byte
        elif byte == 98:
            point = np.int64(8)
        elif byte == 102:
            point = np.int64(12)
        elif byte == 110:
            point = np.int64(10)
        elif byte == 114:
            point = np.int64(13)
        elif byte == 116:
            point = np.int64(9)
        elif byte == 117:
            point = np.int64(hexadecimal(block, at))
            at += 4
            if point < 0 or 0xDC00 <= point < 0xE000:
                break
            if 0xD800 <= point < 0xDC00:
                if at + 6 > size or block[u(at)] != 92 or block[u(at + 1)] != 117:
                    break
                low = hexadecimal(block, at + 2)
                at += 6
                if low < 0xDC00 or low >= 0xE000:
                    break
                point = 0x10000 + ((point & 0x3FF) << 10 | (low & 0x3FF))
        else:
            break
        written = put_point(point, cell, written)
    return np.int64(-1), np.int64(-1)


@compiled
def past_digits(block: Any, at: Any) -> Any:
    """Return where digits from `at` on end, -1 if there are none."""
    begin = at
    while at < len(block) and 48 <= block[u(at)] <= 57:
        at += 1
    return at if at > begin else -1


@compiled
def past_number(block: Any, at: Any) -> Any:
    """Return where the number at `at` ends, -1 if it is none."""
    if block[u(at)] == 45:
        at += 1
    begin = at
    at = past_digits(block, at)
    if at < 0 or (block[u(begin)] == 48 and at > begin + 1):
        return -1
    if at < len(block) and block[u(at)] == 46:
        at = past_digits(block, at + 1)
    if at >= 0 and at < len(block) and (block[u(at)] == 101 or block[u(at)] == 69):
        at += 1
        if at < len(block) and (block[u(at)] == 43 or block[u(at)] == 45):
            at += 1
        at = past_digits(block, at)
    return at


@compiled
def equal_bytes(block: Any, at: Any, length: Any, other: Any, begin: Any) -> Any:
    """Return whether `length` bytes of `block` from `at` on are those of `other` from `begin` on."""
    for place in range(length):  # noqa: SIM110  (numba knows no generators in `all`)
        if block[u(at + place)] != other[u(begin + place)]:
            return False
    return True


@allocating
def take_object(block: Any, at: Any, taken: Any, row: Any, wanted: Any, spare: Any) -> Any:
    """Take an object apart, from behind its brace on; return where it ends, or -1 if it is odd or not all there."""
    cells, ends, numeric = taken.cells, taken.ends, wanted.numeric
    names, name_ends, words = wanted.names, wanted.name_ends, wanted.words
    size, columns, found, keys = len(block), len(numeric), 0, 0
    begins, lengths = np.empty(_KEYS, np.int64), np.empty(_KEYS, np.int64)
    while True:
        at = past_blanks(block, at)
        if at >= size or block[u(at)] != 34 or keys == _KEYS:
            return -1
        at += 1
        begin = at
        while at < size and block[u(at)] != 34:
            if block[u(at)] < 32 or block[u(at)] == 92:
                return -1
            at += 1
        length = at - begin
        for key in range(keys):
            if lengths[u(key)] == length and equal_bytes(block, begin, length, block, begins[u(key)]):
                return -1
        begins[u(keys)], lengths[u(keys)] = begin, length
        keys += 1
        slot, name_begin = -1, np.int64(0)
        for number in range(columns):
            name_end = name_ends[u(number)]
            if name_end - name_begin == length and equal_bytes(block, begin, length, names, name_begin):
                slot = number
            name_begin = name_end
        at = past_blanks(block, at + 1)
        if at >= size or block[u(at)] != 58:
            return -1
        at = past_blanks(block, at + 1)
        if at >= size:
            return -1
        byte = block[u(at)]
        if byte == 34:
            if slot >= 0:
                at, end = take_string(block, at + 1, cells[u(slot)], ends[u(slot), u(row)])
                ends[u(slot), u(row + 1)] = end
            else:
                at, _ = take_string(block, at + 1, spare, np.int64(0))
        elif byte == 45 or 48 <= byte <= 57:
            begin, at = at, past_number(block, at)
            if slot >= 0:
                if at < 0 or not numeric[u(slot)]:
                    return -1
                end = ends[u(slot), u(row)]
                for place in range(begin, at):
                    cells[u(slot), u(end)] = block[u(place)]
                    end += 1
                ends[u(slot), u(row + 1)] = end
        else:
            length = 5 if byte == 102 else 4
            which = 0 if byte == 116 else 4 if byte == 102 else 9
            if slot >= 0 or at + length > size or not equal_bytes(block, at, length, words, which):
                return -1
            at += length
        if at < 0:
            return -1
        found += slot >= 0
        at = past_blanks(block, at)
        if at >= size:
            return -1
        byte = block[u(at)]
        at += 1
        if byte == 125:
            return at if found == columns else -1
        if byte != 44:
            return -1


@allocating
def take_objects(block: Any, limits: Any, taken: Any, wanted: Any) -> Any:
    """Take lines of objects apart; see `koudai.corpus.reading.plain.PlainRows`. `wanted` is a `WantedKeys`."""
    begins = taken.begins
    size, most = len(block), len(begins)
    rows, at, lines, last = 0, 0, 0, -1
    spare = np.empty(size, np.uint8)
    while rows < most:
        begin = at
        at = past_blanks(block, at)
        if at >= size:
            return SHORT, rows, begin, lines
        byte = block[u(at)]
        if byte != 10:
            end = at
            while end < size and block[u(end)] != 10:
                end += 1
            if end >= size:
                return SHORT, rows, begin, lines
            if byte != 123 or end - begin > limits.line_bytes:
                return ODD, rows, begin, lines
            at = take_object(block[:end], at + 1, taken, rows, wanted, spare)
            if at < 0 or past_blanks(block, at) != end:
                return ODD, rows, begin, lines
            begins[u(rows)] = lines
            rows += 1
            at = end
            if last < 0:
                last = begin + limits.most_bytes
            if begin >= last:
                return ENOUGH, rows, at + 1, lines + 1
        at += 1
        lines += 1
    return ENOUGH, rows, at, lines
