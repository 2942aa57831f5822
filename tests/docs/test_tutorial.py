"""The notebooks: each has twelve short cells under headings, stored with what they show, from posts to the page."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

CELLS = 12
LINES = 20


@pytest.fixture
def study(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "docs" / "study.ipynb", as_version=4)


@pytest.fixture
def notebook(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "docs" / "tutorial.ipynb", as_version=4)


def code_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def in_form(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Check what every notebook keeps to; return its cells of code."""
    nbformat.validate(notebook)
    code = code_of(notebook)
    assert len(code) == CELLS
    assert notebook.cells[0].source.startswith("# ")
    assert len([cell for cell in notebook.cells if cell.source.startswith("## ")]) >= 5
    for cell in code:
        assert cell.source.startswith("# ")
        assert len(cell.source.splitlines()) <= LINES
        assert cell.execution_count is None
    return code


def run(notebook: nbformat.NotebookNode, root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run a notebook; return the folder that it made."""
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()
    (made,) = folder.glob("koudai-*")
    return made


def test_it_has_twelve_short_cells_that_each_say_why_and_what_they_show(notebook: nbformat.NotebookNode) -> None:
    code = in_form(notebook)
    shown = [[kind for output in cell.outputs for kind in output.get("data", {})] for cell in code]
    assert all(shown[at] for at in range(1, CELLS))
    assert "image/png" in shown[10]
    assert all("text/html" in shown[at] for at in (3, 4, 8, 9))
    assert not [output for cell in code for output in cell.outputs if output.output_type != "execute_result"][1:]


def test_it_runs_from_the_csv_to_the_page(
    notebook: nbformat.NotebookNode, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run(notebook, root, tmp_path, monkeypatch)
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "<html" in page
    code = code_of(notebook)
    assert "60" in code[9].outputs[-1].data["text/plain"]
    assert str(folder.name) in code[-1].outputs[-1].data["text/plain"]
    assert any("image/png" in output.get("data", {}) for output in code[10].outputs)


def test_the_study_has_twelve_short_cells_that_show_what_they_say(study: nbformat.NotebookNode) -> None:
    assert all(cell.outputs for cell in in_form(study))


def test_the_study_goes_from_the_template_to_planned_figures(
    study: nbformat.NotebookNode, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [cell.outputs[-1].data["text/plain"] for cell in code_of(study)]
    folder = run(study, root, tmp_path, monkeypatch) / "advice"
    after = [cell.outputs[-1].data["text/plain"] for cell in code_of(study)]
    assert {path.name for path in folder.iterdir()} >= {"Makefile", "README.zh-CN.md", "study.plan.json", "report"}
    assert "exploratory" in (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert after[10] == before[10], "what there is"
    assert "prevalence_corrected" in after[9]
