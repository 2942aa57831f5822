"""The tutorial: twelve short cells under headings, stored with what they show, that lead from a CSV to the page."""

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


def code_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_it_has_twelve_short_cells_that_each_say_why_and_what_they_show(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    code = code_of(notebook)
    assert len(code) == CELLS
    assert notebook.cells[0].source.startswith("# ")
    assert len([cell for cell in notebook.cells if cell.source.startswith("## ")]) >= 5
    for cell in code:
        assert cell.source.startswith("# ")
        assert len(cell.source.splitlines()) <= LINES
        assert cell.execution_count is None
    shown = [[kind for output in cell.outputs for kind in output.get("data", {})] for cell in code]
    assert all(shown[at] for at in range(1, CELLS))
    assert "image/png" in shown[10]
    assert all("text/html" in shown[at] for at in (3, 4, 8, 9))
    assert not [output for cell in code for output in cell.outputs if output.output_type != "execute_result"][1:]


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
    code = code_of(notebook)
    assert "60" in code[9].outputs[-1].data["text/plain"]
    assert str(folder.name) in code[-1].outputs[-1].data["text/plain"]
    assert any("image/png" in output.get("data", {}) for output in code[10].outputs)
