"""The tutorial: twelve short cells, stored without outputs, that lead from a CSV to the page."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

CELLS = 12
LINES = 20


@pytest.fixture
def notebook(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "docs" / "tutorial.ipynb", as_version=4)


def test_it_has_twelve_short_cells_that_each_say_why_and_no_outputs(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    assert len(notebook.cells) == CELLS
    for cell in notebook.cells:
        assert cell.source.startswith("# ")
        assert len(cell.source.splitlines()) <= LINES
        assert cell.outputs == []
        assert cell.execution_count is None


def test_it_runs_from_the_csv_to_the_page(
    notebook: nbformat.NotebookNode, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    (folder,) = tmp_path.glob("koudai-*")
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "60" in notebook.cells[9].outputs[-1].data["text/plain"]
    assert str(folder.name) in notebook.cells[-1].outputs[-1].data["text/plain"]
    assert any("image/png" in output.get("data", {}) for output in notebook.cells[10].outputs)
