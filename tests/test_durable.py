"""Durable writing: old or new and never between, nothing left behind, nothing of anybody else's deleted."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import durable
from pipeline.durable import new_folder, write_bytes, write_folder, write_json, write_text, write_with
from pipeline.errors import OutputExists, StorageError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
OLD, NEW = b"old\n", b"new\n" * 1000


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def refuse(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refuse_call(number: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return `real`, but its call number `number`, counted from 0, finds the disk full."""
    calls = iter(range(10**6))
    return lambda *given, **named: refuse() if next(calls) == number else real(*given, **named)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(JSON)
def test_json_is_canonical_and_comes_back(value: Any) -> None:
    data = durable.to_json(value)
    assert json.loads(data) == value
    assert durable.to_json(json.loads(data)) == data
    assert data.endswith(b"\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [{"a": -float("inf")}]])
def test_json_refuses_what_is_not_a_number(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        durable.to_json(value)


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.binary(max_size=3000))
def test_hashes_are_sha256_of_bytes_and_of_files(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "x").write_bytes(data)
        assert durable.sha256_bytes(data) == durable.sha256_file(Path(name) / "x") == hashlib.sha256(data).hexdigest()


def test_P2_files_are_written_whole_with_folders_and_readable_by_others(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b" / "text", "口袋\n")
    write_json(tmp_path / "a" / "json", {"b": 1, "a": "口袋"})
    assert (tmp_path / "a" / "b" / "text").read_bytes() == "口袋\n".encode()
    assert (tmp_path / "a" / "json").read_text(encoding="utf-8") == '{\n "a": "口袋",\n "b": 1\n}\n'
    assert stat.S_IMODE((tmp_path / "a" / "json").stat().st_mode) == 0o644
    assert names(tmp_path) == ["a", "a/b", "a/b/text", "a/json"]


def test_a_link_is_replaced_and_what_it_points_to_is_left(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(OLD)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_bytes(tmp_path / "link", NEW)
    assert (tmp_path / "target").read_bytes() == OLD
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "link").read_bytes() == NEW


STEPS: dict[str, tuple[Any, str]] = {
    "make": (tempfile, "mkstemp"),
    "write": (Path, "write_bytes"),
    "flush": (os, "fsync"),
    "permit": (Path, "chmod"),
    "rename": (Path, "replace"),
}


@pytest.mark.parametrize("there", [True, False], ids=["old", "none"])
@pytest.mark.parametrize("step", STEPS)
def test_J2_P2_a_full_disk_at_any_step_leaves_what_was_there(
    step: str, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    if there:
        path.write_bytes(OLD)
    monkeypatch.setattr(*STEPS[step], refuse)
    with pytest.raises(StorageError) as caught:
        write_bytes(path, NEW)
    monkeypatch.undo()
    assert names(tmp_path) == (["file"] if there else [])
    assert not there or path.read_bytes() == OLD
    message = str(caught.value)
    assert caught.value.exit_code == 5
    assert message.startswith("StorageError: the disk refused: No space left on device\n")
    assert str(path) in message
    assert "happened: the file at this path is as it was before" in message
    assert "to do:    free space or fix permissions, then run the same command again" in message


def test_P2_when_only_the_folder_cannot_be_flushed_the_new_file_is_there_and_the_message_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(OLD)
    monkeypatch.setattr(os, "fsync", refuse_call(1, os.fsync))
    with pytest.raises(StorageError, match="happened: the new content is in place and whole"):
        write_bytes(tmp_path / "file", NEW)
    assert (tmp_path / "file").read_bytes() == NEW
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ValueError])
def test_J12_whatever_ends_the_write_leaves_the_old_file(error: type[BaseException], tmp_path: Path) -> None:
    def write(temporary: Path) -> None:
        temporary.write_bytes(NEW[:100])
        raise error

    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(error):
        write_with(tmp_path / "file", write)
    assert (tmp_path / "file").read_bytes() == OLD
    assert names(tmp_path) == ["file"]


def test_P2_a_reader_sees_the_old_or_the_new_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"0" * 100_000)
    stop = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(60):
        write_bytes(path, str(turn % 2).encode() * 100_000)
    stop.set()
    reader.join()
    assert seen <= {b"0" * 100_000, b"1" * 100_000}


BLOCKED = [
    ("/dev/full/x", "Not a directory|File exists"),
    ("/proc/koudai/x", "No such file"),
    ("x" * 300, "File name too long"),
]


@pytest.mark.parametrize(("where", "why"), BLOCKED)
def test_places_that_cannot_be_written_are_storage_errors(where: str, why: str, tmp_path: Path) -> None:
    for write in (lambda path: write_bytes(path, b""), new_folder, lambda path: write_folder(path, {"a": b""})):
        with pytest.raises(StorageError, match=why):
            write(tmp_path / where)
    assert names(tmp_path) == []


def test_J2_a_full_device_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(StorageError, match="No space left on device"):
        write_with(tmp_path / "file", lambda temporary: Path("/dev/full").write_bytes(NEW))
    assert (tmp_path / "file").read_bytes() == OLD
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("kind", ["file", "full", "link", "broken link"])
def test_J13_a_place_that_holds_something_is_refused_and_left(kind: str, tmp_path: Path) -> None:
    place, other = tmp_path / "out", tmp_path / "other"
    other.mkdir()
    if kind == "file":
        place.write_bytes(OLD)
    elif kind == "full":
        place.mkdir()
        (place / ".hidden").write_bytes(OLD)
    else:
        place.symlink_to(other if kind == "link" else tmp_path / "nowhere")
    before = names(tmp_path)
    for write in (new_folder, lambda path: write_folder(path, {"a": NEW})):
        with pytest.raises(OutputExists) as caught:
            write(place)
        assert "happened: nothing was written or deleted" in str(caught.value)
        assert caught.value.exit_code == 5
    assert names(tmp_path) == before


def test_new_and_empty_folders_are_accepted(tmp_path: Path) -> None:
    assert new_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert new_folder(tmp_path / "a" / "b").is_dir()
    for place in (tmp_path / "a" / "b", tmp_path / "c" / "d"):
        write_folder(place, {"one": OLD, "two": NEW})
        assert {path.name: path.read_bytes() for path in place.iterdir()} == {"one": OLD, "two": NEW}
    assert names(tmp_path) == ["a", "a/b", "a/b/one", "a/b/two", "c", "c/d", "c/d/one", "c/d/two"]


@pytest.mark.parametrize("there", [True, False], ids=["empty", "none"])
def test_J2_P2_a_folder_appears_whole_or_not_at_all_whichever_flush_fails(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail flush 0, 1, 2, … until a run completes; the last one comes after the folder is in place."""
    real = os.fsync
    told, left = [], []
    for number in range(6):
        place = tmp_path / f"run{number}" / "bundle"
        place.parent.mkdir()
        if there:
            place.mkdir()
        monkeypatch.setattr(os, "fsync", refuse_call(number, real))
        try:
            write_folder(place, {"one": OLD, "two": NEW})
            told.append("")
        except StorageError as error:
            told.append(str(error).splitlines()[2].partition("happened: ")[2])
        left.append(names(place.parent))
    whole = ["bundle", "bundle/one", "bundle/two"]
    before = ["bundle"] if there else []
    assert left == [before] * 3 + [whole] * 3  # two files and their folder; then the parent's entry; then nothing
    assert told[:3] == ["nothing was written"] * 3
    assert told[3].startswith("the new content is in place and whole")
    assert told[4:] == ["", ""]


def test_J2_a_folder_that_cannot_be_renamed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match="nothing was written"):
        write_folder(tmp_path / "bundle", {"one": OLD})
    assert names(tmp_path) == []
