"""Locations: found sorted, hidden ones and other files left out, none taken twice; fingerprints against a plain one;
what a name may hold (I16).
"""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.folders import find_post_files
from koudai.corpus.reading.locations import Location, kind_named, location_of
from koudai.errors import ReadError
from tests.hostile.strings import HOSTILE_STRINGS

NAMES = ["b.csv", "a.jsonl.gz", "deep/er/c.parquet", "deep/d.tsv.zst", "_SUCCESS", ".a.csv", "_tmp/e.csv", "read.me"]
KEPT = ["a.jsonl.gz", "b.csv", "deep/d.tsv.zst", "deep/er/c.parquet"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(name)
    return tmp_path / "in"


def found(folder: Path, *arguments: str) -> list[str]:
    return [
        os.path.relpath(one.uri, folder) for one in find_post_files([str(folder / argument) for argument in arguments])
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["."], KEPT),
        (["b.csv", "deep"], ["b.csv", *KEPT[2:]]),
        (["**"], KEPT),
        (["**/*.csv"], ["b.csv"]),
        (["*.csv", "*.gz"], ["b.csv", "a.jsonl.gz"]),
        (["de*"], KEPT[2:]),
        (["[ab].*"], ["a.jsonl.gz", "b.csv"]),
        (["_tmp/*.csv"], ["_tmp/e.csv"]),
        (["_*/*.csv", ".a.csv"], ["_tmp/e.csv", ".a.csv"]),
    ],
)
def test_files_folders_and_patterns_are_found_in_order(folder: Path, arguments: list[str], expected: list[str]) -> None:
    assert found(folder, *arguments) == expected


def test_a_relative_path_becomes_absolute_and_a_pattern_that_is_a_name_is_that_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "[b].csv").write_text("")
    assert [one.uri for one in find_post_files(["deep/d.tsv.zst", "[b].csv"])] == [
        str(folder / "deep/d.tsv.zst"),
        str(folder / "[b].csv"),
    ]
    assert found(folder, "*.csv") == ["[b].csv", "b.csv"]


@pytest.mark.parametrize("argument", ["none.csv", "no*.csv", "_tmp/none", "_tmp", "read.m*", "_SUCCESS", "read.me"])
def test_what_stands_for_no_post_is_refused(folder: Path, argument: str) -> None:
    (folder / "_tmp" / "e.csv").unlink()
    with pytest.raises(ReadError, match="no such file|no file of posts here|kind of this file") as caught:
        found(folder, "b.csv", argument)
    assert argument in str(caught.value.where)
    assert caught.value.exit_code == 3


def test_no_argument_is_refused() -> None:
    with pytest.raises(ReadError, match="no file of posts was named"):
        find_post_files([])


@pytest.mark.parametrize("again", ["b.csv", "./deep/../b.csv", "*.csv", ".", "soft.csv", "hard.csv"])
def test_a_file_is_not_taken_twice_by_whatever_name(folder: Path, again: str) -> None:
    if again == "soft.csv":
        (folder / again).symlink_to(folder / "b.csv")
    elif again == "hard.csv":
        (folder / again).hardlink_to(folder / "b.csv")
    with pytest.raises(ReadError, match="a file is there twice") as caught:
        found(folder, "b.csv", again)
    assert "b.csv" in str(caught.value.got)


def test_linked_folders_are_walked_and_one_that_is_in_itself_is_refused(folder: Path) -> None:
    (folder / "linked").mkdir()
    (folder / "linked" / "there").symlink_to(folder / "deep")
    assert found(folder, "linked") == ["linked/there/d.tsv.zst", "linked/there/er/c.parquet"]
    (folder / "deep" / "loop").symlink_to(folder / "deep")
    with pytest.raises(ReadError, match="a file is there twice"):
        found(folder, "deep")


def test_what_can_be_read_only_once_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ReadError, match="not a regular file"):
        find_post_files([str(tmp_path / "pipe.csv")])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(size=st.integers(0, 6 << 20) | st.sampled_from([0, 1, 262_144, 4 << 20, (4 << 20) + 1]), cut=st.integers(1, 9))
def test_a_fingerprint_is_of_the_size_and_sixteen_blocks(
    tmp_path_factory: pytest.TempPathFactory, size: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "print.csv"
    content = (hashlib.sha256(bytes([cut])).digest() * (size // 32 + 1))[:size]
    path.write_bytes(content)
    block = 256 << 10
    spread = [content[(size - block) * n // 15 :][:block] for n in range(16)]
    blocks = [content] if size <= 16 * block else spread
    expected = hashlib.sha256(f"{size}\n".encode() + b"".join(blocks)).hexdigest()
    assert location_of(path).fingerprint() == expected
    if size:
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert location_of(path).fingerprint() != expected


def test_what_is_seen_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ab")
    os.utime(path, ns=(1, 1_668_000_000_000_000_000))
    location = location_of(path)
    assert location.seen() == (2, 1_668_000_000_000_000_000)
    path.write_text("abc")
    assert location.seen().bytes == 3
    assert location.seen().mtime_ns != 1_668_000_000_000_000_000
    path.unlink()
    for act in (location.seen, location.fingerprint):
        with pytest.raises(ReadError, match="no such file"):
            act()


def test_I16_a_hostile_name_is_found_and_shown_on_one_line_or_refused(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for label, text in HOSTILE_STRINGS:
        with subtests.test(label):
            folder = tmp_path / label
            folder.mkdir()
            path = folder / f"a{text.replace('/', '').replace(chr(0), '')[:60]}.csv"
            try:
                path.write_text("")
            except UnicodeEncodeError:
                with pytest.raises(ReadError, match="not UTF-8"):
                    location_of(path)
                continue
            (location,) = find_post_files([str(folder)])
            assert pickle.loads(pickle.dumps(location)) == location == Location(str(path))
            assert location.seen().bytes == 0
            assert location.name.isprintable() or "\u3000" in location.name
            assert location.name.encode().decode() == location.name


def test_I16_a_name_that_is_no_utf8_is_refused_with_what_to_do(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")).write_text("")
    with pytest.raises(ReadError, match="not UTF-8") as caught:
        find_post_files([str(tmp_path)])
    assert caught.value.message().encode()
    assert caught.value.todo == "rename the file"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("a.parquet", "parquet"), ("a.parquet.gz", "parquet"), ("a.csv", "csv"), ("a.CSV.GZ", "csv")),
        *(("a.tsv.zst", "tsv"), ("a.jsonl.zst", "jsonl"), ("a.ndjson", "jsonl"), ("posts.2023.csv", "csv")),
        *(("a.parquet.zst", None), ("a.csv.zip", None), ("a.gz", None), ("csv", None), (".csv", None), ("", None)),
        *(("a.txt", None), ("a.csv.gz.gz", None), ("a.csv~", None), ("_SUCCESS", None)),
    ],
)
def test_a_name_tells_its_kind(name: str, kind: str | None) -> None:
    assert kind_named(name) == kind
