"""Mentions hidden in posts as bytes, compiled; posts that may hold another contact are refused.

Promises: a post that is not refused holds no contact but mentions, whichever of the forms (``forms.py``) is looked for;
names behind at signs are replaced as `with_placeholders` does it. Expects posts without wide and invisible characters.
What is refused wrongly costs time and nothing else.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.text.characters.characters_kernels import character, u, without_names
from koudai.text.compiled.jit import compiled, copy16
from koudai.text.utf8 import PAD

DIGIT, GAP, NAME, SPACE, CUE, LAST, DIAL, SAYING = (1 << bit for bit in range(8))
"""Classes: digits of any kind, what stands between those of one number, characters of names, white space, cue words of
accounts of one character, last characters of longer ones and of cue words of numbers, what stands behind cue words."""
_NEAR_CONTACTS = 0xFF ^ NAME
_PLACEHOLDER = 11
_SOLID, _LONG, _SHORT, _ID, _STARS, _FOREIGN, _WORD = 7, 11, 5, 5, 4, 9, 3
_NUMBER, _ACCOUNT = 1, 2
_NOTHING, _MENTION, _CONTACT = 0, 1, 2
_FIRST = tuple(int.from_bytes(one.encode(), "big") for one in "抖快电推付微")
"""Characters before the last of cue words: of 抖音, 快手, 电报, 推特, 支付宝 and 微博."""


@compiled
def is_word(byte: Any) -> Any:
    """Return whether a byte is an ASCII letter or digit."""
    return ord("0") <= byte <= ord("9") or ord("a") <= byte | 32 <= ord("z")


@compiled
def is_letter(byte: Any) -> Any:
    """Return whether a byte is an ASCII letter."""
    return ord("a") <= byte | 32 <= ord("z")


@compiled
def is_like_digit(byte: Any) -> Any:
    """Return whether a byte is a letter that stands for 0 or 1 where numbers are disguised."""
    return byte | 32 == ord("o") or byte | 32 == ord("l") or byte | 32 == ord("i")


@compiled
def is_added(text: Any, at: Any, start: Any) -> Any:
    """Return whether ``加``, ``十``, ``我``, ``➕`` or a plus sign stands before `at`."""
    if at > start and text[u(at - 1)] == ord("+"):
        return True
    if at - 3 < start:
        return False
    first, second, third = text[u(at - 3)], text[u(at - 2)], text[u(at - 1)]
    if first == 0xE5:
        return (second == 0x8A and third == 0xA0) or (second == 0x8D and third == 0x81)
    return (first == 0xE6 and second == 0x88 and third == 0x91) or (first == 0xE2 and second == 0x9E and third == 0x95)


@compiled
def is_cue(text: Any, at: Any, start: Any, stop: Any) -> Any:
    """Return whether a cue word of Latin letters may begin at `at`, where a word does."""
    first = text[u(at)] | 32
    second = text[u(at + 1)] | 32 if at + 1 < stop else 0
    third = text[u(at + 2)] | 32 if at + 2 < stop else 0
    fourth = text[u(at + 3)] | 32 if at + 3 < stop else 0
    if first == ord("v") or first == ord("q"):
        if second == ord("x") or second == ord("q") or second == ord("v"):
            return True
        return not is_letter(second) or is_added(text, at, start)
    if first == ord("w"):
        return (
            not is_letter(second)
            or second == ord("x")
            or (second == ord("e") and (third == ord("c") or third == ord("i")))
            or (second == ord("h") and third == ord("a"))
        )
    if first == ord("t"):
        return (
            (second == ord("w") and third == ord("i"))
            or (second == ord("g") and (not is_letter(third) or third == ord("i")))
            or (second == ord("e") and third == ord("l"))
        )
    if first == ord("d"):
        return (
            (second == ord("i") and third == ord("s"))
            or (second == ord("y") and (not is_letter(third) or third == ord("i")))
            or (second == ord("o") and third == ord("u"))
        )
    if first == ord("i"):
        return (
            second == ord("n")
            and third == ord("s")
            and (not is_letter(fourth) or fourth == ord("t") or fourth == ord("i"))
        )
    if first == ord("l"):
        return second == ord("i") and third == ord("n") and fourth == ord("e")
    if first == ord("p"):
        return (second == ord("h") and third == ord("o")) or (second == ord("o") and third == ord("t"))
    if first == ord("f"):
        return second == ord("b") or (second == ord("a") and third == ord("c"))
    if first == ord("k"):
        return second == ord("s")
    if first == ord("x"):
        return second == ord("h") and third == ord("s")
    if first == ord("g"):
        return second == ord("z") and third == ord("h")
    if first == ord("y"):
        return second == ord("y")
    if first == ord("b"):
        return not is_letter(second)
    if first == ord("c"):
        return second == ord("a") and third == ord("l")
    return first == ord("s") and (
        (second == ord("k") and third == ord("y")) or (second == ord("i") and third == ord("g"))
    )


@compiled
def is_placeholder(text: Any, at: Any, stop: Any) -> Any:
    """Return whether the placeholder of a phone number stands at `at`, and no word goes on behind it."""
    if at + _PLACEHOLDER > stop or (at + _PLACEHOLDER < stop and is_word(text[u(at + _PLACEHOLDER)])):
        return False
    k = 1
    while k < _PLACEHOLDER and text[u(at + k)] == ord("X"):
        k += 1
    return k == _PLACEHOLDER


@compiled
def is_domain(text: Any, at: Any, stop: Any) -> Any:
    """Return whether a label, a point and another label begin at `at`."""
    begin = at
    while at < stop and (is_word(text[u(at)]) or text[u(at)] == ord("-")):
        at += 1
    after = at + 1 < stop and (is_word(text[u(at + 1)]) or text[u(at + 1)] == ord("-"))
    return begin < at and ((after and text[u(at)] == ord(".")) or (at < stop and text[u(at)] >= 0x80))


@compiled
def is_bracket(text: Any, at: Any, stop: Any) -> Any:
    """Return whether ``】`` stands at `at`."""
    return at + 2 < stop and text[u(at)] == 0xE3 and text[u(at + 1)] == 0x80 and text[u(at + 2)] == 0x91


@compiled
def is_at_in_chinese(text: Any, at: Any, start: Any) -> Any:
    """Return whether ``特`` stands at `at`, and ``艾`` before it."""
    if at - 3 < start or text[u(at)] != 0xE7 or text[u(at + 1)] != 0x89 or text[u(at + 2)] != 0xB9:
        return False
    return text[u(at - 3)] == 0xE8 and text[u(at - 2)] == 0x89 and text[u(at - 1)] == 0xBE


@compiled
def is_at_in_words(text: Any, at: Any, start: Any) -> Any:
    """Return whether ``at``, an at sign or ``艾特`` stands before the closing bracket at `at`."""
    back = at - 1 - np.int64(at > start and text[u(at - 1)] == ord(" "))
    if back - 1 < start:
        return False
    near, far = text[u(back)], text[u(back - 1)]
    if near == ord("@") or (near | 32 == ord("t") and far | 32 == ord("a")):
        return True
    return near == 0xB9 and back - 2 >= start and is_at_in_chinese(text, back - 2, start)


@compiled
def is_enclosing(text: Any, at: Any, stop: Any) -> Any:
    """Return whether a mark that encloses a character, such as a keycap, stands at `at`."""
    if at + 2 >= stop or text[u(at)] != 0xE2 or text[u(at + 1)] != 0x83:
        return False
    return 0x9D <= text[u(at + 2)] <= 0xA4


@compiled
def ends_cue(text: Any, at: Any, start: Any) -> Any:
    """Return whether what stands before `at` and the last character of a cue word there are one."""
    if at > start and (text[u(at - 1)] | 32 == ord("v") or text[u(at - 1)] | 32 == ord("i")):
        return True
    if at - 3 < start:
        return False
    before = np.int64(text[u(at - 3)]) << 16 | np.int64(text[u(at - 2)]) << 8 | np.int64(text[u(at - 1)])
    return before in _FIRST


@compiled
def is_telegram(text: Any, at: Any, start: Any) -> Any:
    """Return whether the end of a host where accounts are, or ``tg:``, may stand before the slash at `at`."""
    if at > start and text[u(at - 1)] == ord(" "):
        at -= 1
    if at - 2 < start:
        return False
    near, far = text[u(at - 1)], text[u(at - 2)] | 32
    if near == ord(":"):
        return far == ord("g")
    near |= 32
    return (
        (near == ord("e") and far == ord("m"))
        or (near == ord("g") and (far == ord("o") or far == ord("g")))
        or (near == ord("h") and far == ord("p"))
        or (near == ord("m") and far == ord("o"))
    )


@compiled
def may_hold(text: Any, start: Any, stop: Any, table: Any) -> Any:
    """Return whether a post may hold a contact other than a mention (`_CONTACT`), else whether it has an at sign.

    Digits are counted with what may stand between them, and ids that follow a cue word: `armed` says that only such
    characters stood between as are said there, `lit` that it was so where the digits began.
    """
    at, before = start, np.int64(0)
    long = np.int64(_LONG)
    digits = solid = gap = run = stars = shown = np.int64(0)
    armed = lit = mixed = np.int64(0)
    latin = named = enclosed = False
    while at < stop:
        entry, width = character(text, at, stop, table)
        byte = np.int64(text[u(at)])
        if 0xE4 <= byte <= 0xE9 and entry & _NEAR_CONTACTS == 0:  # most ideographs: nothing goes on behind them
            if byte == 0xE7 and is_at_in_chinese(text, at, start):
                return np.int64(_CONTACT)
            solid = run = stars = mixed = armed = np.int64(0)
            gap, latin, before = np.int64(9), False, entry
            at += width
            continue
        last = np.int64(text[u(at - 1)]) if at > start else np.int64(0)
        if byte == 0xE2 and is_enclosing(text, at, stop):
            if named:
                return np.int64(_CONTACT)
            enclosed = True
            at += width
            continue
        if byte == ord("1") and not is_word(last) and is_placeholder(text, at, stop):
            at += _PLACEHOLDER
            digits = solid = run = stars = np.int64(0)
            armed, latin = np.int64(0), False
            continue
        if byte == ord("*") or byte | 32 == ord("x"):
            if not stars:
                shown = solid
            stars += 1
            if stars >= _STARS and shown >= 2:
                return np.int64(_CONTACT)
        else:
            stars = np.int64(0)
        if entry & DIGIT or is_like_digit(byte):
            mixed += 1
            if mixed >= _LONG:
                return np.int64(_CONTACT)
        elif not ((entry & SPACE or byte == ord("-")) and last != ord("-")):
            mixed = np.int64(0)
        if entry & DIGIT:
            if not digits or gap > 3:
                digits, lit = np.int64(0), armed
                long = np.int64(_LONG - (byte >= 0x80 or byte == ord("0") or byte == ord("4") or byte == ord("8")))
                if last == ord("+"):
                    long = np.int64(_FOREIGN)
            digits += 1
            solid += 1
            gap = np.int64(0)
            if solid >= _SOLID or digits >= long or (lit and digits >= (_SHORT if lit == _ACCOUNT else _SOLID)):
                return np.int64(_CONTACT)
        else:
            solid = np.int64(0)
            gap = gap + 1 if entry & GAP else np.int64(9)
        word = is_word(byte) or byte == ord("_") or entry & DIGIT
        if word or (run and (byte == ord("-") or byte == ord("."))):
            if is_letter(byte) and not is_letter(last) and is_cue(text, at, start, stop):
                armed, latin = np.int64(_ACCOUNT), True
            run += 1
            if armed == _ACCOUNT and run >= _ID:
                return np.int64(_CONTACT)
        else:
            if run > _WORD and not latin:
                armed = np.int64(0)
            run = np.int64(0)
            latin = False
            if entry & CUE or (entry & LAST and ends_cue(text, at, start)):
                armed = np.int64(_ACCOUNT)
            elif entry & DIAL:
                armed = np.int64(_NUMBER)
            elif not entry & SAYING:
                armed = np.int64(0)
        if byte == ord("@"):
            if enclosed:
                return np.int64(_CONTACT)
            named = True
            if last != ord("@") and at + 1 < stop:
                after, _ = character(text, at + 1, stop, table)
                local = is_word(last) or last == ord("_") or last == ord("%") or ord("+") <= last <= ord(".")
                if after & SPACE or ((local or before & SPACE) and is_domain(text, at + 1, stop)):
                    return np.int64(_CONTACT)
        elif byte == ord("#"):
            if (is_word(last) or last == ord("_")) and is_domain(text, at + 1, stop):
                return np.int64(_CONTACT)
        elif byte == ord("/"):
            if is_telegram(text, at, start):
                return np.int64(_CONTACT)
        elif byte == ord(")") or byte == ord("]") or byte == ord("}") or is_bracket(text, at, stop):
            if is_at_in_words(text, at, start):
                return np.int64(_CONTACT)
        elif byte == 0xE7 and is_at_in_chinese(text, at, start):
            return np.int64(_CONTACT)
        before = entry
        at += width
    return np.int64(_MENTION) if named else np.int64(_NOTHING)


@compiled
def copied(data: Any, start: Any, stop: Any, out: Any, place: Any) -> Any:
    """Copy a post to `place`, 16 bytes at a time; return the end of the copy."""
    for at in range(start, stop, 16):
        copy16(out, u(place + at - start), data, u(at))
    return place + stop - start


@compiled
def hide_all(data: Any, offsets: Any, out: Any, stops: Any, refused: Any, table: Any) -> Any:
    """Hide mentions in posts one behind the other; list those refused, which are of no bytes; return their number."""
    place = left = np.int64(0)
    for post in range(len(offsets) - 1):
        start, stop = offsets[u(post)], offsets[u(post + 1)]
        found = may_hold(data, start, stop, table)
        if found == _CONTACT:
            refused[u(left)] = post
            left += 1
        elif found == _MENTION:
            place = without_names(data, start, stop, (out, place), (NAME, True), table)
        else:
            place = copied(data, start, stop, out, place)
        stops[u(post + 1)] = place
    return left


def run_once(data: Any, offsets: Any, table: Any) -> None:
    """Compile what Python calls."""
    hide_all(data, offsets, np.empty(PAD, np.uint8), np.zeros(1, np.int64), np.empty(0, np.int64), table)
