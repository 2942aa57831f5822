"""The dictionary's arrays in the cache folder: whole, private and ours, or built again."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from koudai.text.compiled.cache import CacheWarning
from koudai.text.jieba import dictionary
from koudai.text.jieba.segment import Segmenter
from tests.text.reference import small_jieba, tokenizer

POST = "刚接到通知，明天起全县停水七天！"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let no dictionary be built, which takes seconds, but hand out the one that is; return how often it was asked."""
    tables, times = Segmenter().tables, []
    monkeypatch.setattr(dictionary, "lexicon", lambda words: None)
    monkeypatch.setattr(dictionary, "build", lambda lexicon, *, chain: times.append(1) or tables)
    return times


def fresh(cache: Path) -> list[str]:
    dictionary._load.cache_clear()
    return Segmenter(cache=cache).cut(POST)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_the_arrays_are_built_once_and_kept_for_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jieba").mkdir()
    jieba_folder = small_jieba(tmp_path / "jieba", characters=POST)
    monkeypatch.setattr(dictionary, "jieba_folder", lambda: jieba_folder)
    words = fresh(tmp_path / "koudai")
    (folder,) = (tmp_path / "koudai").iterdir()
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}
    monkeypatch.setattr(dictionary, "build", None)
    assert fresh(tmp_path / "koudai") == words == tokenizer(jieba_folder).lcut(POST)


DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "one byte less": ("table.npy", lambda data: data[:-1]),
    "half": ("codes.npy", lambda data: data[: len(data) // 2]),
    "one bit": ("table.npy", lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]),
    "nothing": ("weights.npy", lambda data: b""),
    "another array": ("emit.npy", lambda data: b"\x93NUMPY\x01\x00" + data[8:]),
    "an empty manifest": ("manifest.json", lambda data: b""),
    "a manifest cut short": ("manifest.json", lambda data: data[:-9]),
    "a manifest that is a list": ("manifest.json", lambda data: b"[]"),
    "a manifest that is no text": ("manifest.json", lambda data: b"\xff"),
    "a manifest without arrays": ("manifest.json", lambda data: b"{}"),
    "a manifest of another array": ("manifest.json", lambda data: data.replace(b'": "', b'": "0', 1)),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "harm"), DAMAGES.values(), ids=DAMAGES)
def test_damaged_arrays_are_built_again(
    name: str, harm: Callable[[bytes], bytes], built: list[int], tmp_path: Path
) -> None:
    words = fresh(tmp_path)
    (folder,) = tmp_path.iterdir()
    kept = contents(folder)
    damaged = harm(kept[name])
    (folder / name).write_bytes(damaged)
    assert fresh(tmp_path) == words
    assert contents(folder) == kept
    assert len(built) == 1 + (damaged != kept[name])
    (folder / name).unlink()
    assert fresh(tmp_path) == words
    assert contents(folder) == kept


def test_a_folder_that_cannot_be_written_is_done_without_and_said_once(built: list[int], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        words = fresh(tmp_path / "file")
        assert fresh(tmp_path / "file") == words == Segmenter().cut(POST)
    assert [warning.category for warning in said] == [CacheWarning]
    assert len(built) == 2


def test_T10_a_folder_that_others_can_write_is_not_read(built: list[int], tmp_path: Path) -> None:
    fresh(tmp_path)
    (folder,) = tmp_path.iterdir()
    folder.chmod(0o777)
    (folder / "table.npy").write_bytes(b"planted")
    with pytest.warns(CacheWarning, match="others can write there"):
        assert fresh(tmp_path) == Segmenter().cut(POST)
    assert (folder / "table.npy").read_bytes() == b"planted"


def test_T10_a_link_in_the_place_of_the_folder_is_not_followed(built: list[int], tmp_path: Path) -> None:
    fresh(tmp_path / "cache")
    (folder,) = (tmp_path / "cache").iterdir()
    folder.rename(tmp_path / "planted")
    folder.symlink_to(tmp_path / "planted")
    kept = contents(tmp_path / "planted")
    with pytest.warns(CacheWarning, match="a link or a file"):
        fresh(tmp_path / "cache")
    assert len(built) == 2
    assert contents(tmp_path / "planted") == kept


def test_arrays_in_use_are_not_those_that_lie_unused(built: list[int], tmp_path: Path) -> None:
    fresh(tmp_path)
    (folder,) = tmp_path.iterdir()
    os.utime(folder, (0, 0))
    fresh(tmp_path)
    assert folder.stat().st_mtime > 0
    old = tmp_path / f"dictionary-{'a' * 32}"
    old.mkdir(mode=0o700)
    os.utime(old, (0, 0))
    folder.rename(tmp_path / "away")
    fresh(tmp_path)
    assert len(built) == 2
    assert not old.exists()
    assert folder.exists()
