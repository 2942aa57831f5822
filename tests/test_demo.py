"""Where the demo goes: into a new folder and nowhere else. What it leaves is tested with the wheel that runs it."""

from __future__ import annotations

from pathlib import Path

from koudai.demo import free_folder


def test_a_taken_folder_is_passed_over(tmp_path: Path) -> None:
    assert free_folder(tmp_path / "demo") == tmp_path / "demo"
    for name in ("demo", "demo-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("")
    assert free_folder(tmp_path / "demo") == tmp_path / "demo-3"
