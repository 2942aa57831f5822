"""The cache folder: where it is, who may use it, and that only what lies unused of koudai's own goes away."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path

import pytest

from koudai.errors import StorageError
from koudai.limits import UNUSED_CACHE_DAYS
from koudai.text.compiled.cache import (
    CacheWarning,
    cache_folder,
    private_folder,
    refuse_others,
    refuse_untrusted,
    warn_unusable,
)

NEW, OLD, OTHER, YOUNG = (f"kernels-{digit * 32}" for digit in "0abc")


def age(path: Path, days: float) -> Path:
    then = time.time() - days * 86_400
    os.utime(path, (then, then), follow_symlinks=False)
    return path


def filled(folder: Path, *, days: float) -> Path:
    (folder / "inside").mkdir(parents=True)
    (folder / "inside" / "file").write_text("kept", encoding="utf-8")
    folder.chmod(0o700)
    return age(folder, days)


def test_the_cache_folder_follows_the_environment() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/there", "HOME": "/home/x"}) == Path("/there/koudai")
    assert cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "/home/x"}) == Path("/home/x/.cache/koudai")
    assert cache_folder({"HOME": "/home/x"}) == Path("/home/x/.cache/koudai")


def test_a_folder_is_made_for_this_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        private_folder(tmp_path / "koudai" / NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "koudai").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "koudai" / NEW).stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_write_or_that_is_none_is_refused(tmp_path: Path) -> None:
    private_folder(tmp_path / "fine")
    refuse_others(tmp_path / "fine")
    for mode in (0o770, 0o707, 0o777, 0o720):
        (tmp_path / "fine").chmod(mode)
        with pytest.raises(PermissionError, match="others can write there"):
            private_folder(tmp_path / "fine")
    (tmp_path / "fine").chmod(0o700)
    (tmp_path / "link").symlink_to(tmp_path / "fine")
    (tmp_path / "file").touch(mode=0o600)
    for name in ("link", "file"):
        with pytest.raises(PermissionError, match="a link or a file"):
            private_folder(tmp_path / name)


def test_a_folder_brought_along_is_trusted_if_nobody_else_can_write_to_any_of_it(tmp_path: Path) -> None:
    inside = filled(tmp_path / NEW, days=0)
    file = inside / "inside" / "file"
    for path in (tmp_path, inside, file.parent, file):
        path.chmod(0o755)
        refuse_untrusted(tmp_path, NEW)
        for mode in (0o775, 0o757):
            path.chmod(mode)
            with pytest.raises(PermissionError, match="others can write there"):
                refuse_untrusted(tmp_path, NEW)
        path.chmod(0o755)
    (file.parent / "link").symlink_to(file)
    with pytest.raises(PermissionError, match="a link"):
        refuse_untrusted(tmp_path, NEW)
    with pytest.raises(FileNotFoundError):
        refuse_untrusted(tmp_path, OLD)


def test_what_lies_unused_goes_when_its_successor_is_made(tmp_path: Path) -> None:
    limit = UNUSED_CACHE_DAYS.value
    filled(tmp_path / OLD, days=limit + 1)
    young = filled(tmp_path / YOUNG, days=limit - 1)
    strangers = [
        filled(tmp_path / name, days=1000)
        for name in ("dictionary-" + "d" * 32, "kernels", "kernels-", "kernels-" + "g" * 32, "kernels-" + "a" * 31, "x")
    ]
    private_folder(tmp_path / NEW)
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / NEW, young, *strangers])
    assert all((folder / "inside" / "file").exists() for folder in strangers)


def test_what_is_used_stays_and_nothing_goes_when_nothing_is_made(tmp_path: Path) -> None:
    filled(tmp_path / OLD, days=1000)
    filled(tmp_path / OTHER, days=1000)
    private_folder(tmp_path / OLD)
    assert {path.name for path in tmp_path.iterdir()} == {OLD, OTHER}
    private_folder(tmp_path / NEW)
    assert {path.name for path in tmp_path.iterdir()} == {OLD, NEW}


def test_links_are_neither_followed_nor_removed(tmp_path: Path) -> None:
    outside = filled(tmp_path / "outside", days=1000)
    cache = tmp_path / "cache"
    old = filled(cache / OLD, days=0)
    (old / "to a folder").symlink_to(outside)
    (old / "inside" / "to a file").symlink_to(outside / "inside" / "file")
    age(old, 1000)
    (cache / OTHER).symlink_to(outside)
    age(cache / OTHER, 1000)
    age(outside, 1000)
    private_folder(cache / NEW)
    assert {path.name for path in cache.iterdir()} == {OTHER, NEW}
    assert (outside / "inside" / "file").read_text(encoding="utf-8") == "kept"


def test_what_cannot_be_removed_is_no_error(tmp_path: Path) -> None:
    """A folder that others can write is theirs as much as ours; a file of that name was not made by koudai."""
    filled(tmp_path / OLD, days=0).chmod(0o777)
    age(tmp_path / OLD, 1000)
    (tmp_path / OTHER).touch()
    age(tmp_path / OTHER, 1000)
    private_folder(tmp_path / NEW)
    assert {path.name for path in tmp_path.iterdir()} == {OLD, OTHER, NEW}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_what_another_user_owns_is_refused_and_stays(tmp_path: Path) -> None:
    theirs = filled(tmp_path / OLD, days=1000)
    os.chown(theirs, 12345, 12345)
    age(theirs, 1000)
    private_folder(tmp_path / NEW)
    assert (theirs / "inside" / "file").exists()
    with pytest.raises(PermissionError, match="others can write there"):
        private_folder(theirs)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root can write everywhere")
def test_a_folder_that_this_user_cannot_write_is_refused(tmp_path: Path) -> None:
    private_folder(tmp_path / NEW)
    (tmp_path / NEW).chmod(0o500)
    with pytest.raises(PermissionError, match="cannot be written"):
        private_folder(tmp_path / NEW)


def test_one_warning_for_all_that_cannot_be_kept(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        warn_unusable(tmp_path / NEW, PermissionError(13, "Permission denied"))
        warn_unusable(tmp_path / NEW, PermissionError(13, "Permission denied"))
        warn_unusable(tmp_path / "dictionary-1", StorageError(what="the disk refused: no space"))
        warn_unusable(tmp_path / "elsewhere" / NEW, StorageError(what="the disk refused: no space"))
    assert [warning.category for warning in said] == [CacheWarning] * 2
    assert f"{tmp_path / NEW} cannot be used (Permission denied)" in str(said[0].message)
    assert "XDG_CACHE_HOME" in str(said[0].message)
    assert "(the disk refused: no space)" in str(said[1].message)
