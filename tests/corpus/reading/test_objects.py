"""Objects of JSON lines: many at once are the same as one by one, down to the batches and the errors, whatever the
bytes (P1, I3, I6, I8, I9); ordinary files are read at once, odd ones still are one by one.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading import objects_kernels
from koudai.corpus.reading.lines import Lines
from koudai.corpus.reading.plain import PlainRows
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import plain_objects
from koudai.limits import Limit
from koudai.strict_json import strict_object
from koudai.text.compiled.jit import switched_off
from tests.corpus.posts import POSTS
from tests.corpus.reading.ways import said
from tests.corpus.reading.writers import write_posts
from tests.hostile.strings import encodable

needs_compiler = pytest.mark.skipif(switched_off(), reason="without a compiler objects are read one by one")
STRINGS = ['""', '"a"', '"好😂"', r'"\"\\\/\b\f\n\r\t\u0000\u4e2d\uD83D\ude02\u00e9"', '"\u2028\x85\x7f"', '" "']
NUMBERS = ["0", "-0", "12", "1.50", "-1e5", "0E+9", "4890123456789012345"]
OTHERS = ["true", "false", "null", *STRINGS, *NUMBERS]
ODD = [
    r'"\ud800"',
    r'"\ude02"',
    r'"\ud83dx"',
    r'"\ud83d\u0041"',
    r'"\x"',
    r'"\u12g4"',
    '"\t"',
    '"a',
    "01",
    "1.",
    "-",
    ".5",
    "1e",
]
ODD += [
    "NaN",
    "Infinity",
    "-Infinity",
    "tru",
    "nul",
    "{}",
    "[1]",
    '{"a":1,"a":2}',
    "",
    "\udcff",
    '"\udce6"',
    '"a"b',
    "１",
]
KEYS = ['"post_id"', '"text"', '"topic"', '"side"']
ODD_KEYS = ['"x"', '"text "', r'"te\u0078t"', "text", '"\udcff"']
BLANKS = ["", "", "", " ", "\t\r", "\u3000"]
ENDS = ["\n"] * 4 + ["\r\n", "\n\n", "\n \t\r\n", "\n\u3000\n", "x\n", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("objects")


def line(pairs: list[tuple[str, str]], blank: str, end: str) -> bytes:
    inner = f"{blank},{blank}".join(f"{key}{blank}:{blank}{value}" for key, value in pairs)
    return f"{blank}{{{inner}}}{blank}{end}".encode("utf-8", "surrogateescape")


def plain_pairs(values: tuple[str, ...], extra: list[str], turn: int) -> list[tuple[str, str]]:
    pairs = [*zip(KEYS, values, strict=True), *((f'"x{number}"', value) for number, value in enumerate(extra))]
    return pairs[turn:] + pairs[:turn]


PLAIN = st.builds(
    line,
    st.builds(
        plain_pairs,
        st.tuples(*(st.sampled_from(one) for one in (STRINGS + NUMBERS, STRINGS, STRINGS + NUMBERS, STRINGS))),
        st.lists(st.sampled_from(OTHERS), max_size=2),
        st.integers(0, 5),
    ),
    st.sampled_from(BLANKS[:5]),
    st.sampled_from(ENDS[:7]),
)
ANY = st.builds(
    line,
    st.lists(st.tuples(st.sampled_from(KEYS * 2 + ODD_KEYS), st.sampled_from(OTHERS + ODD)), max_size=6),
    st.sampled_from(BLANKS),
    st.sampled_from(ENDS),
)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    lines=st.lists(PLAIN, max_size=15) | st.lists(PLAIN | ANY, max_size=12),
    tail=st.binary(max_size=3),
    block=st.sampled_from([1, 7, 64, 1 << 20]),
    batch_rows=st.integers(1, 9),
    cut_rows=st.none() | st.integers(1, 9),
    batch_bytes=st.sampled_from([1, 200, 8 << 20]),
    bad_bytes=st.sampled_from(["refuse", "quarantine"]),
    longest=st.sampled_from([8 << 20, 60]),
)
def test_P1_many_at_once_are_what_they_are_one_by_one(
    folder: Path, lines: list[bytes], tail: bytes, block: int, longest: int, **options: Any
) -> None:
    path = folder / "rows.jsonl"
    path.write_bytes(b"".join(lines) + tail)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("koudai.corpus.reading.plain._BLOCK", block)
        for name in ("koudai.corpus.reading.plain", "koudai.corpus.reading.lines"):
            patch.setattr(f"{name}.LINE_BYTES", Limit(longest, "bytes", ""))
        at_once = said(path, **options)
        patch.setattr(PlainRows, "take", lambda *_: None)
        assert at_once == said(path, **options)


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [True, False])
@settings(derandomize=True, deadline=None, max_examples=200)
@given(line=PLAIN | ANY, garble=st.none() | st.tuples(st.integers(0, 60), st.sampled_from('{}[]",:\\u0dN1e-. \ttrue')))
def test_I8_what_is_taken_at_once_is_what_the_strict_reader_gives(
    compiled: bool, line: bytes, garble: tuple[int, str] | None
) -> None:
    if garble is not None:
        line = line[: garble[0]] + garble[1].encode() + line[garble[0] + 1 :]
    columns = ["post_id", "text"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("koudai.corpus.reading.plain.switched_off", lambda: False)
        if not compiled:
            for name in (
                "past_blanks",
                "hexadecimal",
                "put_point",
                "take_string",
                "past_digits",
                "past_number",
                "equal_bytes",
            ):
                patch.setattr(f"koudai.corpus.reading.objects_kernels.{name}", in_python(name))
            for name in ("take_object", "take_objects"):
                patch.setattr(f"koudai.corpus.reading.objects_kernels.{name}", in_python(name))
        lines = Lines(io.BytesIO(line), "a.jsonl", Reading())
        plain = plain_objects(lines, columns, numeric={"post_id"}).take(1, 1 << 20)
    if plain is not None:
        value = strict_object(line.split(b"\n")[plain.lines[0] - 1].decode())
        assert plain.columns.to_pylist() == [{name: value[name] for name in columns}]


def in_python(name: str) -> Any:
    kernel = getattr(objects_kernels, name)
    return getattr(kernel, "py_func", kernel)


@needs_compiler
@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.ndjson.zst"])
def test_ordinary_files_are_taken_at_once_whatever_their_texts(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koudai.corpus.reading.readers.json_rows", lambda *_, **__: iter(()))
    labels, texts = zip(*encodable(), strict=True)
    columns = {
        "n": range(1 + len(texts)),
        "post_id": [*labels, "last"],
        "text": [*texts, POSTS[0]],
        "none": [None] * 99,
    }
    columns["none"] = [None] * (1 + len(texts))
    path = write_posts(tmp_path / name, columns)
    batches = list(read_posts(path, Reading(keep=("n",)), batch_rows=5))
    assert [text for batch in batches for text in batch.texts.texts()] == [*texts, POSTS[0]]
    assert [number for batch in batches for number in batch.kept["n"].to_pylist()] == [*map(str, columns["n"])]


@needs_compiler
def test_I5_a_layout_is_judged_by_all_rows_however_they_are_read(folder: Path) -> None:
    good, bad = {"post_id": "1", "text": "好", "topic": "x"}, {"id": "x"}
    path = folder / "layout.jsonl"
    for rows in (
        [good] * 3 + [bad] * 3,
        [bad] * 2 + [good] * 2 + [bad] * 2,
        [good, *[{"post_id": "1", "text": "a"}] * 5],
    ):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert sum(batch.read for batch in read_posts(path, Reading(keep=("topic",)), batch_rows=2)) == 6
