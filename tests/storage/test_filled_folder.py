"""A folder that a call fills: whole or not there, and what it replaces stays until it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.errors import OutputExists
from koudai.storage.filled_folder import filled_folder


def half_filled(folder: Path, *, replaces: str | None = None, link: Path | None = None) -> None:
    with filled_folder(folder, replaces=replaces):
        assert list(folder.iterdir()) == []
        (folder / "part").mkdir()
        (folder / "part" / "a").write_text("half")
        (folder / "report.json").write_text("half")
        if link is not None:
            (folder / "link").symlink_to(link)
        raise KeyError


def test_a_call_that_fails_leaves_nothing_and_brings_back_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "report"
    with pytest.raises(KeyError):
        half_filled(out)
    assert list(tmp_path.iterdir()) == []
    with filled_folder(out):
        (out / "report.json").write_text("old")
    with pytest.raises(KeyError):
        half_filled(out, replaces="report.json")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (out / "report.json").read_text() == "old"
    with filled_folder(out, replaces="report.json"):
        (out / "report.json").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (out / "report.json").read_text() == "new"


def test_nothing_gives_way_that_is_of_another_kind(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.docx").write_text("years")
    (tmp_path / "link").symlink_to(out)
    (tmp_path / "file").write_text("")
    for path in (out, tmp_path / "link", tmp_path / "file"):
        for replaces in ("report.json", None):
            with pytest.raises(OutputExists), filled_folder(path, replaces=replaces):
                raise AssertionError
    assert (out / "thesis.docx").read_text() == "years"
    kept = tmp_path / "kept"
    kept.mkdir()
    with pytest.raises(KeyError):
        half_filled(kept, link=out)
    assert list(kept.iterdir()) == []
    assert (out / "thesis.docx").exists()
