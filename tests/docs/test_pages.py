"""The pages are true: their files are written, their commands run in order, their Python is a doctest.

What the READMEs show stands in the same order on the pages that are run here; see ``test_readme.py``. A page in Chinese
shows what its English one does, and is not run again; see ``tests/data/test_both_languages.py``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, after, blocks, new_folder, run
from tests.once import once
from tests.training.tracking.stores import new_store

PAGES = sorted((ROOT / "docs").rglob("*.md"))
RUN = [page for page in PAGES if not page.name.endswith(".zh-CN.md") and any(block.runs for block in blocks(page))]


def folder_after(page: Path, factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a page leaves behind, run once in all workers; not to be changed.

    MLflow's store is there before: making its tables takes longer than training. The wheel's demo begins without one.
    """

    def follow(folder: Path) -> None:
        new_store(factory, new_folder(folder))
        run(page, folder)

    return once(factory, f"after-{page.stem}", follow)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_shows_happens(page: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    before = after(page)
    if before is None:
        folder_after(page, tmp_path_factory)
    else:
        folder = tmp_path / "folder"
        shutil.copytree(folder_after(before, tmp_path_factory), folder, symlinks=True)
        assert run(page, folder) > 0


def test_pages_of_every_kind_are_run() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in RUN}
    assert {"docs/quick-start.md", "docs/how-to/own-corpus.md", "docs/how-to/vectoriser.md"} <= names
    assert len([name for name in names if name.startswith("docs/how-to/")]) >= 8


def test_a_page_begins_where_an_independent_page_ended() -> None:
    for page in PAGES:
        before = after(page)
        assert before is None or (before in RUN and after(before) is None), page
