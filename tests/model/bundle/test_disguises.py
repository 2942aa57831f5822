"""Pickles in every disguise: nothing in them is executed, imported or even opened; the message says why.

Each payload would create a marker file. `koudai inspect` reads bundles by the same door as `koudai score`.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from koudai.errors import ModelError, ModelFormatError, UnknownMember
from koudai.model.bundle.bundle import load_bundle
from koudai.model.bundle.inspection import inspect_bundle
from koudai.model.bundle.members import ARRAYS, MANIFEST
from tests.model.bundle.test_bundle import Copy, edit, rehash


class Payload:
    """Unpickling it creates the file it names."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (str(self.marker), "w")


def object_npy(marker: Path) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([Payload(marker)], dtype=object), allow_pickle=True)
    return stream.getvalue()


def as_pickle(path: Path, marker: Path) -> None:
    path.write_bytes(pickle.dumps(Payload(marker)))


def as_joblib(path: Path, marker: Path) -> None:
    joblib.dump(Payload(marker), path)


def as_gzip(path: Path, marker: Path) -> None:
    path.write_bytes(gzip.compress(pickle.dumps(Payload(marker))))


def as_skops(path: Path, marker: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps({"__class__": "system", "__module__": "os", "protocol": 2}))
        archive.writestr("payload.npy", object_npy(marker))


def as_old_pickle(path: Path, marker: Path) -> None:
    path.write_bytes(pickle.dumps(Payload(marker), protocol=0))


def as_folder(path: Path, marker: Path) -> None:
    path.mkdir()
    for name in ("model.pkl", "python_model.pkl", "MLmodel", "data.pkl"):
        (path / name).write_bytes(pickle.dumps(Payload(marker)))


def as_manifest(path: Path, marker: Path) -> None:
    path.mkdir()
    (path / MANIFEST).write_bytes(pickle.dumps(Payload(marker)))


DISGUISES: dict[str, Callable[[Path, Path], None]] = {
    "model.pkl": as_pickle,
    "model.skops": as_pickle,
    "model.joblib": as_joblib,
    "model.pkl.gz": as_gzip,
    "real.skops": as_skops,
    "model": as_old_pickle,
    "folder": as_folder,
    "manifest": as_manifest,
}


def test_the_payload_works(tmp_path: Path) -> None:
    """Otherwise the tests below would prove nothing."""
    as_pickle(tmp_path / "m.pkl", tmp_path / "marker")
    pickle.loads((tmp_path / "m.pkl").read_bytes()).close()
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize("read", [load_bundle, inspect_bundle], ids=["load", "inspect"])
@pytest.mark.parametrize("name", DISGUISES)
def test_M1_a_pickle_in_disguise_is_refused_and_not_executed(
    name: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    path, marker = tmp_path / name, tmp_path / "marker"
    DISGUISES[name](path, marker)
    with pytest.raises(ModelFormatError) as caught:
        read(path)
    assert not marker.exists()
    assert caught.value.exit_code == 4
    message = str(caught.value)
    assert str(path) in message
    if name != "manifest":
        assert message.startswith("ModelFormatError: not a koudai bundle (koudai never unpickles)\n")
        assert "happened: nothing in it was opened" in message
        assert ("got:      a file" in message) == path.is_file()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.pkl", "folder"])
def test_M1_the_command_refuses_a_pickle_with_exit_code_4(name: str, tmp_path: Path) -> None:
    path, marker = tmp_path / name, tmp_path / "marker"
    DISGUISES[name](path, marker)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "pipeline")}
    command = [sys.executable, "-m", "koudai", "inspect", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 4
    assert "koudai never unpickles" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert not marker.exists()


@pytest.mark.parametrize("path", ["nowhere", "empty"])
def test_what_is_not_there_is_said_plainly(path: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelFormatError, match="no such folder" if path == "nowhere" else "a folder without it"):
        load_bundle(tmp_path / path)


@pytest.fixture
def no_building(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding or building anything ends the test."""

    def never(*_: object, **__: object) -> None:
        pytest.fail("something was decoded or built")

    for name in ("json_member", "npy_member", "Model", "Segmenter", "parse_taxonomy"):
        monkeypatch.setattr(f"koudai.model.bundle.bundle.{name}", never)
    for name in ("json_member", "npy_member"):
        monkeypatch.setattr(f"koudai.model.bundle.inspection.{name}", never)


FOREIGN = [
    "payload.npy",
    "model.pkl",
    "block2_idf.npy",
    "weights.npz",
    "__init__.py",
    ".DS_Store",
    "Weights.npy",
    "a\nb",
]


@pytest.mark.parametrize("read", [load_bundle, inspect_bundle], ids=["load", "inspect"])
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.usefixtures("no_building")
def test_M2_an_unknown_member_is_refused_by_name_before_anything_is_built(
    name: str, listed: bool, read: Callable[[Path], object], copy: Copy, tmp_path: Path
) -> None:
    folder = copy()
    (folder / name).write_bytes(object_npy(tmp_path / "marker"))
    if listed:
        rehash(folder)
    with pytest.raises(UnknownMember) as caught:
        read(folder)
    assert str(caught.value).splitlines()[0] == "UnknownMember: " + name.replace("\n", "\\n").split("\\n")[0]
    assert caught.value.exit_code == 4
    assert "nothing was built" in str(caught.value)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("member", [*(f"{name}.npy" for name in ARRAYS), "block0_terms.npy", "block1_idf.npy"])
def test_M2_an_array_of_objects_in_a_known_place_is_refused_and_not_executed(
    member: str, copy: Copy, tmp_path: Path
) -> None:
    folder = copy()
    (folder / member).write_bytes(object_npy(tmp_path / "marker"))
    rehash(folder)
    with pytest.raises(ModelFormatError, match=f"{member} "):
        load_bundle(folder)
    assert not (tmp_path / "marker").exists()


@pytest.fixture
def imports() -> Iterator[list[str]]:
    """Every module that is imported while the test runs, cached or not."""
    seen: list[str] = []
    running = [True]
    sys.addaudithook(lambda event, given: seen.append(given[0]) if running[0] and event == "import" else None)
    yield seen
    running[0] = False


@pytest.mark.parametrize("key", ["__class__", "classifier", "code", "__reduce__"])
def test_M2_a_foreign_key_is_refused_and_nothing_is_imported(key: str, copy: Copy, imports: list[str]) -> None:
    load_bundle(copy())  # what is imported by an honest bundle is imported before
    folder = edit(copy(), "model.json", lambda value: value.update({key: "antigravity.system"}))
    imports.clear()
    with pytest.raises(ModelFormatError) as caught:
        load_bundle(folder)
    assert "model.json has other keys than a model has" in str(caught.value)
    assert key in str(caught.value)
    assert imports == []


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(steps=["os.system"]),
        lambda value: value["blocks"][0].update(kind="pickle"),
        lambda value: value.update(categories=["__import__('os')"]),
    ],
)
def test_C2_M2_names_in_a_bundle_are_never_import_paths(change: Any, copy: Copy, imports: list[str]) -> None:
    load_bundle(copy())
    folder = edit(copy(), "model.json", change)
    imports.clear()
    with pytest.raises(ModelError):
        load_bundle(folder)
    assert imports == []
