"""Durable writing: old or new and never between, nothing left behind, nothing of anybody else's deleted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import stat
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.errors import OutputExists, StorageError
from koudai.storage import durable
from koudai.storage.disk import Disk
from koudai.storage.durable import new_folder, write_bytes, write_folder, write_json, write_with
from tests.faults.seam import FaultyDisk, PowerFailure, installed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
OLD, NEW = b"old\n", b"new\n" * 1000


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.slow
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
    write_bytes(tmp_path / "a" / "b" / "text", "口袋\n".encode())
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


@pytest.mark.parametrize("there", [True, False], ids=["old", "none"])
@pytest.mark.parametrize("how", ["transient", "persistent", "torn"])
def test_J2_P2_whichever_call_the_disk_refuses_the_file_is_the_old_or_the_new(
    how: str, there: bool, tmp_path: Path
) -> None:
    """Fail call 1, 2, 3, … until a run completes; the last three calls come after the file is in place."""
    told, found = [], []
    for number in range(1, 20):
        path = tmp_path / f"{how}{number}" / "file"
        path.parent.mkdir()
        if there:
            path.write_bytes(OLD)
        with installed(FaultyDisk(number, how)) as disk:
            try:
                write_bytes(path, NEW)
            except StorageError as error:
                told.append((error.exit_code, error.where, error.todo, error.happened))
        found.append(path.read_bytes() if path.exists() else b"")
        assert how != "transient" or number == 5 or names(path.parent) == (["file"] if found[-1] else [])
        if disk.calls < number:
            break
    assert number == 9
    assert found == [OLD if there else b""] * 5 + [NEW] * 4
    happened = ["the file at this path is as it was before"] * 5 + [durable._IN_PLACE] * 3
    assert [what[3] for what in told] == happened
    assert {(what[0], what[2]) for what in told} == {(5, "free space or fix permissions, then try again")}
    assert [what[1] for what in told] == [tmp_path / f"{how}{n}" / "file" for n in range(1, 9)]


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.binary(max_size=300), st.lists(st.integers(1, 50), min_size=1))
def test_P2_a_disk_that_takes_a_part_at_a_time_gets_it_all(data: bytes, parts: list[int]) -> None:
    class Slow(Disk):
        def write(self, handle: int, data: bytes | memoryview) -> int:
            parts.append(parts.pop(0))
            return super().write(handle, data[: parts[-1]])

    with tempfile.TemporaryDirectory() as name, installed(Slow()):
        write_bytes(Path(name) / "x", data)
        assert (Path(name) / "x").read_bytes() == data == durable.read_bytes(Path(name) / "x")


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
@pytest.mark.parametrize("how", ["transient", "lost"])
def test_J2_J4_P2_a_folder_appears_whole_or_not_at_all_whichever_call_fails(
    how: str, there: bool, tmp_path: Path
) -> None:
    whole = ["bundle", "bundle/one", "bundle/two"]
    left, told = [], []
    for number in range(1, 40):
        place = tmp_path / f"run{number}" / "bundle"
        place.parent.mkdir()
        if there:
            place.mkdir()
        with installed(FaultyDisk(number, how)) as disk:
            try:
                write_folder(place, {"one": OLD, "two": NEW})
            except StorageError as error:
                told.append(str(error).split("happened: ")[1].splitlines()[0])
            except PowerFailure:
                told.append("")
        left.append([name for name in names(place.parent) if ".part" not in name])
        if left[-1] == whole:
            assert [(place / name).read_bytes() for name in ("one", "two")] == [OLD, NEW]
        if disk.calls < number:
            break
    before = ["bundle"] if there else []
    assert [state for state in left if state not in (before, whole)] == []
    assert left[-1] == whole
    in_place = left.index(whole)
    assert number > in_place > 10
    assert how == "lost" or told == ["nothing was written"] * in_place + [durable._IN_PLACE] * 3


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(1, 60), st.booleans())
def test_J4_P2_after_a_power_failure_a_file_is_the_old_or_the_new(number: int, there: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a" / "b" / "file"
        if there:
            write_bytes(path, OLD)
        done = False
        with contextlib.suppress(PowerFailure), installed(FaultyDisk(number, "lost")):
            write_bytes(path, NEW)
            done = True
        found = path.read_bytes() if path.exists() else None
        assert found == NEW if done else found in (NEW, OLD if there else None)


def test_P2_what_passes_is_told_from_what_stays() -> None:
    passing = [".lock", ".plan.json.0a1b2c3d.part"]
    assert [
        name for name in [*passing, "plan.json", "lock", "x.part", ".part.json"] if durable.is_scratch(name)
    ] == passing
