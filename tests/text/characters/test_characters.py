"""Tables of characters: what they say of every code point, and what is refused.

The reading of one character (koudai.text.characters.characters_kernels) is tested here, rewriting in test_lowercase.py.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from koudai.errors import DataError
from koudai.limits import NORMALISED_GROWTH
from koudai.text.characters import characters_kernels, hazards, normalize, normalize_kernels
from koudai.text.characters.assigned import LATER, lower, nfkc
from koudai.text.characters.characters import CharacterTable, among, character_table
from koudai.text.utf8 import PAD, Utf8

CODES = np.arange(sys.maxunicode + 1)
ALL = CODES.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
SIGNS = hazards._SIGNS


def entries(table: CharacterTable) -> Any:
    return table.entries[table.pages[CODES >> 6] + (CODES & 63)]


def found(pattern: str, flags: int = 0) -> set[int]:
    return {match.start() for match in re.finditer(pattern, ALL, flags | re.DOTALL)}


CLASSES: list[tuple[str, Callable[[], CharacterTable], int, str]] = [
    ("invisible", normalize._table, normalize_kernels.INVISIBLE, f"[{hazards.INVISIBLE}]"),
    ("names", normalize._table, normalize_kernels.NAME, rf"(?![{LATER}])[\w·-]"),
    ("links", normalize._table, normalize_kernels.LINK, "[/wW]"),
    ("at", normalize._table, normalize_kernels.AT, "@"),
    ("surrogates", normalize._table, normalize_kernels.SURROGATE, SIGNS["lone-surrogate"].pattern),
    ("letters", hazards._table, 1 << len(hazards.HAZARDS), rf"(?![{LATER}])[^\W_]"),
    ("words", hazards._table, 1 << hazards.HAZARDS.index("no-words"), hazards._WORD.pattern),
    *((name, hazards._table, 1 << hazards.HAZARDS.index(name), sign.pattern) for name, sign in SIGNS.items()),
]


@pytest.mark.parametrize(("table", "bit", "pattern"), [row[1:] for row in CLASSES], ids=[row[0] for row in CLASSES])
def test_a_class_is_what_its_regular_expression_matches(
    table: Callable[[], CharacterTable], bit: int, pattern: str
) -> None:
    assert set(np.flatnonzero(entries(table()) & bit).tolist()) == found(pattern)


def test_marks_are_those_of_the_hazard() -> None:
    bit = 1 << hazards.HAZARDS.index("stacked-marks")
    assert set(np.flatnonzero(entries(hazards._table()) & bit).tolist()) == set(hazards.marks())
    assert {match.start() for match in re.finditer(f"[{hazards.combining()}]", ALL[:0x3000])} == {
        place for place in hazards.marks() if place < 0x3000
    }


def test_characters_that_match_ascii_only_when_case_is_ignored_are_known() -> None:
    """``[!-~]`` takes them under ``re.IGNORECASE``, and so does an ``s`` in the head of a link."""
    beyond = {place for place in found("[!-~]", re.IGNORECASE) if place > 127}
    assert set(np.flatnonzero(entries(normalize._table()) & normalize_kernels.FOLDED).tolist()) == beyond


def texts_of(table: CharacterTable) -> list[str]:
    data = table.texts.tobytes()
    return [data[start:stop].decode() for start, stop in zip(table.begins, table.begins[1:], strict=False)]


@pytest.mark.slow
def test_lower_case_of_every_code_point() -> None:
    for newest, function, some in ((True, str.lower, ALL), (False, lower, ALL[:0x20000])):
        texts = texts_of(normalize._lower_table(newest))
        numbers = (entries(normalize._lower_table(newest)) >> 8)[: len(some)].tolist()
        assert [texts[number] or one for number, one in zip(numbers, some, strict=True)] == list(map(function, some))


@pytest.mark.slow
def test_nfkc_of_every_code_point_that_needs_no_neighbour() -> None:
    table = normalize._table()
    texts, all_entries = texts_of(table), entries(table).tolist()
    context = 0
    for one, entry in zip(ALL, all_entries, strict=True):
        made = nfkc(one)
        if entry & normalize_kernels.CONTEXT:
            context += 1
        else:
            assert (texts[entry >> 8] or one) == made
            assert bool(entry & normalize_kernels.COMPOSED) == (made != one)
            assert len(made) <= NORMALISED_GROWTH.value
            assert not all_entries[ord(made[0])] & normalize_kernels.CONTEXT
    assert context < 6000


def test_what_a_text_holds_is_told_with_it() -> None:
    table = normalize._table()
    of_one = entries(table) & 0xFF
    for text, classes in zip(texts_of(table), table.classes.tolist(), strict=True):
        assert classes == np.bitwise_or.reduce(of_one[[ord(one) for one in text]], initial=0)


def test_a_table_is_small_and_takes_any_four_bytes() -> None:
    rewriting = (normalize._table(), normalize._table(html=True), normalize._lower_table(), normalize._html_table())
    for table in (*rewriting, hazards._table()):
        assert sum(array.nbytes for array in table) < 300_000
        assert len(table.pages) == 1 << 15
        assert 0 <= table.pages.min() <= table.pages.max() <= len(table.entries) - 64
    for table in rewriting:
        assert (table.entries >> 8).max() < len(table.classes) == len(table.begins) - 1
    assert (hazards._table().entries >> 15).max() == 0, "more classes than its kernel knows"


def test_a_character_that_does_not_end_in_its_post_is_one_byte_of_no_class() -> None:
    data = np.frombuffer("㍍😀é@".encode() + bytes(PAD), np.uint8)
    for begin, width in ((0, 3), (3, 4), (7, 2), (9, 1)):
        whole = characters_kernels.character(data, begin, begin + width, normalize._table())
        assert whole[1] == width
        for missing in range(1, width):
            cut = characters_kernels.character(data, begin, begin + width - missing, normalize._table())
            assert tuple(cut) == (0, 1)


WRONG = {
    "no bytes to spare": ([0, 3], 3 + PAD - 1),
    "downwards": ([0, 5, 3], 99),
    "before the first byte": ([-1, 3], 99),
    "behind the last byte": ([0, 100], 99),
}


@pytest.mark.parametrize(("offsets", "size"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(
    "function", [normalize.Normalizer(("nfkc",)).many, hazards.hazard_flags, hazards.has_words, normalize.lowercase]
)
def test_offsets_that_do_not_fit_the_bytes_are_refused(
    function: Callable[[Utf8], object], offsets: list[int], size: int
) -> None:
    with pytest.raises(DataError, match="do not fit"):
        function(Utf8(np.zeros(size, np.uint8), np.array(offsets)))


def test_the_caller_s_arrays_stay_as_they_are() -> None:
    posts = Utf8(np.array(bytearray("Ａb".encode() + bytes(PAD)), np.uint8), np.array([0, 4]))
    assert normalize.Normalizer(("nfkc",)).many(posts).texts() == ["Ab"]
    assert posts.data.flags.writeable
    assert posts.texts() == ["Ａb"]


@pytest.mark.parametrize(("replaced", "room"), [({}, 32), ({"A": "a"}, 8)])
def test_more_classes_than_an_entry_has_bits_for_are_refused(replaced: dict[str, str], room: int) -> None:
    some = among("A")
    assert character_table([some] * room, replaced).entries.max() & (1 << (room - 1))
    with pytest.raises(ValueError, match=f"{room + 1} classes of characters, and room for {room}"):
        character_table([some] * (room + 1), replaced)
