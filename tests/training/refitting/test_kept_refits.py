"""Kept refits: what is read is what was written; damage of any kind means that nothing was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from koudai.training.refitting.kept_refits import KeptRefits

NAME = "ab" * 32
SHAPE = [2, 0, 3]


def kept(folder: Path) -> tuple[KeptRefits, Path]:
    store = KeptRefits(folder / "refits")
    proba = np.array([0.1, np.nan, 0.3, 0.4, 0.5], np.float32)
    store.write(NAME, (proba, np.array([0.5, np.nan, 0.25])))
    (file,) = (folder / "refits").iterdir()
    return store, file


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    store, _ = kept(tmp_path)
    found = store.read(NAME, SHAPE)
    assert found is not None
    assert np.array_equal(found[0], np.array([0.1, np.nan, 0.3, 0.4, 0.5], np.float32), equal_nan=True)
    assert np.array_equal(found[1], [0.5, np.nan, 0.25], equal_nan=True)


@pytest.mark.parametrize("at", [0, 31, 32, 60, -1])
def test_one_changed_byte_is_noticed(tmp_path: Path, at: int) -> None:
    store, file = kept(tmp_path)
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)
    assert store.read(NAME, SHAPE) is None


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 75])
def test_what_was_cut_short_counts_as_not_there(tmp_path: Path, size: int) -> None:
    store, file = kept(tmp_path)
    file.write_bytes(file.read_bytes()[:size])
    assert store.read(NAME, SHAPE) is None


def test_another_shape_and_another_name_are_not_there(tmp_path: Path) -> None:
    store, _ = kept(tmp_path)
    assert store.read(NAME, [2, 1, 3]) is None
    assert store.read(NAME, [2, 3]) is None
    assert store.read("cd" * 32, SHAPE) is None


def test_without_a_folder_nothing_is_kept() -> None:
    store = KeptRefits(None)
    store.write(NAME, (np.empty(0, np.float32), np.empty(0)))
    assert store.read(NAME, []) is None
