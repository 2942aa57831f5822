"""Separated values: many records at once are the same as one by one, down to the batches and the errors, whatever the
bytes (P1, I4, I6, I9, I11); ordinary files are read at once, odd ones still are one by one.
"""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading import separated as module
from koudai.corpus.reading import separated_kernels
from koudai.corpus.reading.lines import Lines
from koudai.corpus.reading.plain import Limits, PlainRows, Taken
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.separated import Separated
from koudai.corpus.reading.separated_kernels import ENOUGH, ODD, SHORT, Form, take_records
from koudai.limits import LINE_BYTES, RECORD_LINES, Limit
from koudai.text.compiled.jit import switched_off
from tests.corpus.posts import POSTS
from tests.corpus.reading.ways import said
from tests.corpus.reading.writers import write_posts
from tests.hostile.strings import encodable

CELLS = [
    "",
    "a",
    "好",
    '"a"',
    '"a,b"',
    '"好\n\r\n""x"""',
    '""',
    "\x00",
    "\u2028\x85",
    " ",
    'x"y"',
    '"\n\n\n"',
    "long" * 9,
]
SWALLOWED = '"\n7,a,b,c\n8,a,b,c\n9,"'
ODD_CELLS = ['"', SWALLOWED, SWALLOWED, "\ufeff", '\ufeff"', '"a"b', "a\rb", '"a" ', "\udcff", '"\udce6"', "a,b", "\n"]
IN_PYTHON = getattr(take_records, "py_func", take_records)
ENDS = ["\n"] * 4 + ["\r\n", "\n\n", "\r\n\r\n", "\r", ",\n", ""]


needs_compiler = pytest.mark.skipif(switched_off(), reason="without a compiler records are read one by one")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("separated")


def row(cells: list[str], end: str) -> bytes:
    return (",".join(cells) + end).encode("utf-8", "surrogateescape")


HEADER_AGAIN = st.sampled_from(["post_id,text,topic,side\n", "\ufeffpost_id,text,topic,side\r\n", "post_id\n"])
ROWS = st.builds(row, st.lists(st.sampled_from(CELLS), min_size=4, max_size=4), st.sampled_from(ENDS[:6]))
ODD_ROWS = st.builds(
    row, st.lists(st.sampled_from(CELLS + ODD_CELLS), max_size=5), st.sampled_from(ENDS)
) | HEADER_AGAIN.map(str.encode)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    rows=st.lists(ROWS, max_size=20) | st.lists(ROWS | ODD_ROWS, max_size=12),
    tail=st.binary(max_size=3),
    block=st.sampled_from([1, 7, 64, 1 << 20]),
    batch_rows=st.integers(1, 9),
    cut_rows=st.none() | st.integers(1, 9),
    batch_bytes=st.sampled_from([1, 40, 8 << 20]),
    bad_bytes=st.sampled_from(["refuse", "quarantine"]),
    limits=st.sampled_from([(8 << 20, 1000), (25, 3)]),
    quoting=st.sampled_from([None, "none"]),
)
def test_P1_many_at_once_are_what_they_are_one_by_one(
    folder: Path, rows: list[bytes], tail: bytes, block: int, limits: tuple[int, int], **options: Any
) -> None:
    path = folder / "rows.csv"
    path.write_bytes(b"post_id,text,topic,side\n" + b"".join(rows) + tail)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("koudai.corpus.reading.plain._BLOCK", block)
        for name in ("koudai.corpus.reading.plain", "koudai.corpus.reading.separated", "koudai.corpus.reading.lines"):
            patch.setattr(f"{name}.LINE_BYTES", Limit(limits[0], "bytes", ""))
        patch.setattr(module, "RECORD_LINES", Limit(limits[1], "lines", ""))
        at_once = said(path, **options)
        patch.setattr(PlainRows, "take", lambda *_: None)
        assert at_once == said(path, **options)


@pytest.mark.parametrize("compiled", [True, False])
@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    content=st.text(st.sampled_from('a",\n\r好\x00'), max_size=30),
    delimiter=st.sampled_from([",", "\t"]),
    quoted=st.booleans(),
)
def test_I6_what_is_taken_at_once_is_what_pythons_reader_gives(
    compiled: bool, content: str, delimiter: str, quoted: bool
) -> None:
    content = content.replace(",", delimiter)

    def opened() -> Separated:
        stream = io.BytesIO(f"post_id{delimiter}text\n{content}".encode())
        lines = Lines(stream, "a.csv", Reading())
        return Separated(lines, ["text", "post_id"], delimiter=delimiter, quoted=quoted)

    for most in (1, 2, 50):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("koudai.corpus.reading.plain.switched_off", lambda: False)
            patch.setattr(separated_kernels, "take_records", take_records if compiled else IN_PYTHON)
            plain = opened().plain().take(most, 1 << 20)
        if plain is not None:
            one_by_one = opened().rows()
            found = [next(one_by_one) for _ in range(plain.columns.num_rows)]
            assert [dict(one.fields) for one in found] == plain.columns.to_pylist()
            assert [one.line for one in found] == plain.lines.tolist()
            assert all(one.wrong is None for one in found)


@needs_compiler
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz", "a.tsv.zst"])
def test_ordinary_files_are_taken_at_once_whatever_their_texts(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Separated, "rows", lambda _: iter(()))
    labels, texts = zip(*encodable(), strict=True)
    path = write_posts(
        tmp_path / name, {"post_id": [*labels, "last"], "text": [*texts, POSTS[0]], "x": range(1 + len(texts))}
    )
    batches = list(read_posts(path, Reading(quoting="csv"), batch_rows=5))
    assert [text for batch in batches for text in batch.texts.texts()] == [*texts, POSTS[0]]
    assert {batch.read for batch in batches[:-1]} == {5}


@needs_compiler
@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_I4_I11_records_at_the_limits_are_taken_and_those_beyond_are_left(extra: int, fits: bool) -> None:
    for text in ("\n" * (RECORD_LINES.value - 1 + extra), "a" * (LINE_BYTES.value - len('1,""') + extra)):
        stream = io.BytesIO(f'post_id,text\n1,"{text}"\n'.encode())
        lines = Lines(stream, "a.csv", Reading())
        plain = Separated(lines, ["post_id", "text"], delimiter=",").plain().take(10, 16 << 20)
        assert (plain is not None) == fits
        assert lines.number == (1 + 1 + text.count("\n") if fits else 1)


def test_the_kernel_says_why_it_stopped() -> None:
    def take(content: bytes, most: int, *, most_bytes: int = 99) -> tuple[int, ...]:
        block = np.frombuffer(content, np.uint8)
        cells, ends = np.zeros((1, len(block)), np.uint8), np.zeros((1, most + 1), np.int64)
        form = Form(44, 34, 99, np.frombuffer(b"text", np.uint8))
        taken = Taken(cells, ends, np.zeros(most, np.int64))
        return tuple(take_records(block, Limits(most_bytes, 99), taken, form, np.array([-1, 0])))

    assert take(b"1,a\n\n2,b\n3", 9) == (SHORT, 2, 9, 3)
    assert take(b"1,a\n2,b\n3", 1) == (ENOUGH, 1, 4, 1)
    assert take(b"1,a\n2,b\n3,c\n", 9, most_bytes=4) == (ENOUGH, 2, 8, 2)
    assert take(b"1,a\r\n2\n", 9) == (ODD, 1, 5, 1)
    assert take(b'1,"a\n', 9) == (SHORT, 0, 0, 0)
    assert take(b'1,"a"b\n', 9) == (ODD, 0, 0, 0)
    assert take(b"1,a\npost_id,text\n", 9) == (ODD, 1, 4, 1)
    assert take(b"1,a\n\xef\xbb\xbf2,b\n", 9) == (ODD, 1, 4, 1)
    assert take(b'1,"a\n2,b\n3,c"\n', 9) == (ODD, 0, 0, 0)
    assert take(b'1,"a\n,,\nb\nc"\n', 9, most_bytes=1) == (SHORT, 1, 13, 4)


CELL = st.text('a"\\, 停', max_size=6) | st.text('a"\\\n 停', max_size=6)


def as_spark(cell: str) -> str:
    """Return a cell as Spark writes it by default: quoted where it must be, quotes and backslashes escaped inside."""
    if not set(cell) & set('",\n') and cell:
        return cell
    return '"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"'


@settings(deadline=None)
@given(st.lists(CELL, min_size=1, max_size=5))
def test_I6_quotes_behind_backslashes_are_read_as_spark_writes_them(cells: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "posts.csv"
        lines = ["post_id,text", *(f"p{at},{as_spark(cell)}" for at, cell in enumerate(cells))]
        path.write_bytes("\n".join([*lines, ""]).encode())
        (batch,) = read_posts(path, Reading(quoting="backslash"))
    assert batch.quarantined == []
    assert batch.texts.texts() == cells


def test_I6_a_backslash_file_read_as_csv_says_what_to_give(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('post_id,text\n1,"又\\"停\\"水"\n2,好\n', encoding="utf-8")
    (batch,) = read_posts(path)
    assert "give `quoting` backslash" in batch.quarantined[0].detail
