"""The room that results take: the estimate is above what a real job takes, and not by far (J15)."""

from __future__ import annotations

import shutil
import warnings
from collections import namedtuple
from pathlib import Path

import pytest

from koudai.model.model import Model
from koudai.scoring import room as module
from koudai.scoring.job import run
from koudai.scoring.room import DiskWarning, Room, room_for, warn_if_short
from tests.scoring.posts import plan_for, write_posts

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("rows", "size"), [(3000, 3000), (3000, 500), (400, 20)])
def test_J15_the_estimate_is_a_little_above_what_a_job_takes(
    rows: int, size: int, tmp_path: Path, model: Model
) -> None:
    run(plan_for(model, write_posts(tmp_path / "p.parquet", rows), size=size), model, tmp_path / "job")
    taken = sum(path.lstat().st_blocks * 512 for path in (tmp_path / "job").rglob("*") if path.is_file())
    room = room_for(tmp_path / "job", rows=rows, shards=-(-rows // size), categories=len(model.categories))
    assert taken < room.needed < 8 * taken


def test_J15_the_estimate_grows_with_all_that_makes_results_larger(tmp_path: Path) -> None:
    given = {"rows": 1000, "shards": 10, "categories": 4, "texts": 1}
    least = room_for(tmp_path, **given).needed
    for name in given:
        assert room_for(tmp_path, **{**given, name: given[name] + 1}).needed > least
    assert room_for(tmp_path, rows=0, shards=0, categories=4).needed == 0


def test_J15_a_folder_that_is_not_there_is_on_the_disk_of_the_one_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(shutil, "disk_usage", lambda path: asked.append(path) or Usage(9, 2, 7))
    assert room_for(tmp_path / "a" / "b", rows=1, shards=1, categories=1).free == 7
    assert asked == [tmp_path]


def test_J15_a_disk_that_is_too_small_is_a_warning_with_both_numbers(tmp_path: Path) -> None:
    with pytest.warns(DiskWarning, match=r"about 81\.2 GB are needed, 512 bytes are free"):
        warn_if_short(tmp_path, Room(81_200_000_000, 512))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_if_short(tmp_path, Room(512, 512))


def test_J15_a_job_warns_and_is_done_all_the_same(
    tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: Usage(9, 2, 7))
    plan = plan_for(model, write_posts(tmp_path / "p.parquet", 30), size=10)
    with pytest.warns(DiskWarning, match="7 bytes are free"):
        assert run(plan, model, tmp_path / "job").read == 30
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run(plan, model, tmp_path / "job").read == 30
