"""Lines: strict decoding with the byte, line and offset of what does not fit (I1), a BOM that is no text (I2), lines
that end at line feeds only (I9), and memory bounded however long a line is (I11).
"""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.files import open_unzipped
from koudai.corpus.reading.lines import Lines
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from koudai.limits import LINE_BYTES
from tests.hostile.files import endless_line, gzip_bomb, mixed_encodings, zstd_bomb
from tests.hostile.strings import encodable

POST = "楼下的桂花开了，一下班就闻到。"
HERE = Path("posts.csv")


def lines_of(content: bytes, *, encoding: str = "utf-8", bad_bytes: str = "refuse") -> Lines:
    return Lines(io.BytesIO(content), HERE, Reading(encoding=encoding, bad_bytes=bad_bytes))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "hz", "cp950"])
def test_I1_text_in_a_named_encoding_is_read_as_it_was_written(encoding: str) -> None:
    written = "天氣不錯\n明天見" if encoding in ("big5", "cp950") else POST + "\n" + POST
    assert "".join(lines_of(written.encode(encoding), encoding=encoding)) == written


@pytest.mark.parametrize(("encoding", "byte"), [("gb18030", "98"), ("big5", "BC")])
def test_I1_another_encoding_is_refused_with_byte_line_and_offset(encoding: str, byte: str) -> None:
    content = b"post_id,text\n1,ok\n" + "2,樓下".encode(encoding)
    with pytest.raises(ReadError) as caught:
        list(lines_of(content))
    assert caught.value.what == f"byte 0x{byte} at offset 20 is not utf-8"
    assert str(caught.value.where) == "posts.csv:3"
    assert caught.value.expected == "utf-8 throughout"
    assert caught.value.happened == "nothing of this file was kept"
    assert "`encoding` gb18030" in str(caught.value.todo)
    assert caught.value.exit_code == 3


def test_I1_an_offset_counts_the_byte_order_mark() -> None:
    with pytest.raises(ReadError, match=r"byte 0xFF at offset 5 is"):
        list(lines_of(b"\xef\xbb\xbfab\xff\n"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_I1_encodings_without_ascii_are_refused_not_guessed(encoding: str) -> None:
    with pytest.raises(ReadError, match="cannot be read line by line") as caught:
        list(lines_of(f"post_id,text\n1,{POST}\n".encode(encoding, "replace"), encoding=encoding))
    assert "iconv" in str(caught.value.todo)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_I1_utf16_taken_for_utf8_is_named(encoding: str) -> None:
    with pytest.raises(ReadError, match="0xF[EF] at offset 0") as caught:
        list(lines_of(("\ufeffpost_id,text\n1," + POST).encode(encoding)))
    assert "iconv -f UTF-16 -t UTF-8" in str(caught.value.todo)


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", ""])
def test_I1_what_is_no_encoding_of_text_is_refused(encoding: str) -> None:
    with pytest.raises(ReadError, match="unknown encoding") as caught:
        list(lines_of(b"a\n", encoding=encoding))
    assert "gb18030" in str(caught.value.expected)


def test_I1_mixed_bytes_are_set_aside_line_by_line(tmp_path: Path) -> None:
    content = mixed_encodings(tmp_path / "mixed.csv").read_bytes()
    lines = lines_of(content, bad_bytes="quarantine")
    given_lines = list(lines)
    assert len(given_lines) == 4
    assert list(lines.bad) == [3]
    start = content.index(b"\n2,") + 1
    assert lines.bad[3].reason == "bad-bytes"
    assert lines.bad[3].detail == f"byte 0xB2 at offset {start + 2} is not utf-8"
    assert lines.bad[3].excerpt.startswith("2,\\xb2")
    assert given_lines[3] == "3,楼下修路\n"


@settings(derandomize=True, deadline=None, max_examples=150)
@given(content=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "gb18030", "big5", "utf-7", "ascii"]))
def test_I1_any_bytes_become_as_many_lines_as_there_are(content: bytes, encoding: str) -> None:
    lines = lines_of(content, encoding=encoding, bad_bytes="quarantine")
    count = content.count(b"\n") + bool(content and not content.endswith(b"\n"))
    assert len(list(lines)) == count
    for number, raw in enumerate(content.split(b"\n"), start=1):
        if number in lines.bad and encoding != "utf-7":
            with pytest.raises(UnicodeDecodeError):
                (raw + b"\n").decode(encoding)


def test_I2_a_byte_order_mark_at_the_front_only_is_dropped() -> None:
    assert list(lines_of("\ufeffpost_id\n\ufeff早\n".encode())) == ["post_id\n", "\ufeff早\n"]
    assert list(lines_of("\ufeffpost_id\n".encode("gb18030"), encoding="gb18030")) == ["post_id\n"]


def test_I9_lines_end_at_line_feeds_and_nowhere_else(subtests: pytest.Subtests) -> None:
    for name, text in encodable():
        with subtests.test(name):
            one_line = "x" + text.replace("\n", "")
            assert list(lines_of(f"{one_line}\n{one_line}\n".encode())) == [one_line + "\n"] * 2


@pytest.mark.parametrize(("size", "fits"), [(LINE_BYTES.value, True), (LINE_BYTES.value + 1, False)])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_I11_the_limit_counts_the_line_without_its_end(size: int, fits: bool, end: bytes) -> None:
    lines = lines_of(b"a" * size + end + (b"next\n" if end else b""))
    given_lines = list(lines)
    assert (not lines.bad) == fits
    assert given_lines[1:] == (["next\n"] if end else [])
    assert given_lines[0] == (("a" * size + end.decode()) if fits else "\n")


@pytest.mark.slow
@pytest.mark.parametrize("packed", ["", "gz", "zst"])
def test_I11_I12_a_line_of_many_mebibytes_is_set_aside_in_little_memory(tmp_path: Path, packed: str) -> None:
    before, after = b"first\nbegins so ", b"third\n"
    make = {"": endless_line, "gz": gzip_bomb, "zst": zstd_bomb}[packed]
    path = make(tmp_path / "b.csv", before=before, size=(64 if packed == "gz" else 256) << 20, after=after)
    tracemalloc.start()
    try:
        with open_unzipped(path) as stream:
            lines = Lines(stream, HERE, Reading())
            given_lines = list(lines)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert given_lines == ["first\n", "\n", "third\n"]
    assert list(lines.bad) == [2]
    assert lines.bad[2].reason == "too-long"
    assert str(LINE_BYTES.value) in lines.bad[2].detail
    assert lines.bad[2].excerpt.startswith("begins so \0")
    assert peak < 5 * LINE_BYTES.value


def test_I11_offsets_after_a_skipped_line_still_count_its_bytes(tmp_path: Path) -> None:
    size = LINE_BYTES.value + (3 << 20)
    with (
        endless_line(tmp_path / "b", before=b"a\n", size=size, after=b"ok\xff\n").open("rb") as stream,
        pytest.raises(ReadError, match=f"offset {2 + size + 1 + 2} is"),
    ):
        list(Lines(stream, HERE, Reading()))
