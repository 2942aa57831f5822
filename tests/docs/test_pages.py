"""The pages are true: their files are written, their commands run in order, their Python is a doctest.

What the READMEs show stands in the same order on the pages that are run here; see ``test_readme.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, after, blocks, new_folder, run

PAGES = sorted((ROOT / "docs").rglob("*.md"))
RUN = [page for page in PAGES if any(block.runs for block in blocks(page))]


@pytest.fixture(scope="session")
def folder_after(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that gives the folder that a page leaves behind, run once; not to be changed."""
    left: dict[Path, Path] = {}

    def made(page: Path) -> Path:
        if page not in left:
            folder = new_folder(tmp_path_factory.mktemp("page") / page.stem)
            run(page, folder)
            left[page] = folder
        return left[page]

    return made


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_shows_happens(page: Path, folder_after: Callable[[Path], Path], tmp_path: Path) -> None:
    before = after(page)
    if before is None:
        folder_after(page)
    else:
        folder = tmp_path / "folder"
        shutil.copytree(folder_after(before), folder, symlinks=True)
        assert run(page, folder) > 0


def test_pages_of_every_kind_are_run() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in RUN}
    assert {"docs/quick-start.md", "docs/how-to/own-corpus.md", "docs/how-to/vectoriser.md"} <= names
    assert len([name for name in names if name.startswith("docs/how-to/")]) >= 8


def test_a_page_begins_where_an_independent_page_ended() -> None:
    for page in PAGES:
        before = after(page)
        assert before is None or (before in RUN and after(before) is None), page
