"""The order of the house: imports point to the left or to the ground floor, and heavy ones stay inside functions.

The floors are read off this list alone; a new file on a known floor needs no change here.
"""

from __future__ import annotations

import ast
import functools
import graphlib
import re
from pathlib import Path

import pytest

FLOORS: list[set[str]] = [
    {"charts", "cores", "errors", "limits", "registry", "progress", "strict_json"},
    {"storage", "taxonomy"},
    {"config"},
    {"text"},
    {"corpus"},
    {"model"},
    {"training"},
    {"scoring"},
    {"audit"},
    {"render"},
    {"api"},
    {"cli", "demo", "__main__"},
]
"""From the ground up. `__init__` holds names only and is loaded by everyone."""

HEAVY = {
    "sklearn",
    "pandas",
    "mlflow",
    "jieba",
    "pooch",
    "optuna",
    "requests",
    "jinja2",
    "pyarrow",
    "rich",
    "vl_convert",
    "dask",
    "distributed",
    "pyspark",
    "python_calamine",
    "boto3",
    "botocore",
}
HEAVY_FROM_THE_START = {
    "pipeline/koudai/training/tracking/pyfunc.py": "a script that only mlflow runs",
    "pipeline/koudai/model/vectoriser/features.py": "of scikit-learn's kind; nothing else of koudai imports it",
    "pipeline/koudai/model/fitting/estimators.py": "of scikit-learn's kind",
    "pipeline/koudai/model/pipelines/pipeline.py": "with a classifier of scikit-learn's kind",
}
MLFLOW_HOME = "pipeline/koudai/training/tracking/"


def modules(root: Path) -> list[Path]:
    return sorted((root / "pipeline" / "koudai").rglob("*.py"))


def floor_of(name: str) -> int:
    return next(number for number, names in enumerate(FLOORS) if name in names)


def imported(tree: ast.AST) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"relative import in line {node.lineno}"
            found.append((node.module, node.lineno))
    return found


@functools.cache
def imports_of(path: Path) -> list[tuple[str, int]]:
    return imported(ast.parse(path.read_text(encoding="utf-8")))


def test_every_module_stands_on_a_floor(root: Path) -> None:
    names = {path.relative_to(root / "pipeline" / "koudai").parts[0].removesuffix(".py") for path in modules(root)} - {
        "__init__"
    }
    assert names == set().union(*FLOORS)


@pytest.mark.slow
def test_imports_never_point_to_a_higher_floor(root: Path) -> None:
    wrong = []
    for path in modules(root):
        own = path.relative_to(root / "pipeline" / "koudai").parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for module, line in imports_of(path):
            parts = module.split(".")
            if parts[0] == "koudai" and len(parts) > 1 and floor_of(parts[1]) > floor_of(own):
                wrong.append(f"{path.relative_to(root)}:{line} imports {module}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["audit", "corpus", "model", "scoring", "text", "training"])
def test_the_parts_of_a_folder_import_each_other_in_no_circle(root: Path, folder: str) -> None:
    """A part is a file of the folder, or a folder in it."""
    top = root / "pipeline" / "koudai" / folder
    arrows: dict[str, set[str]] = {path.stem: set() for path in top.iterdir() if path.suffix in ("", ".py")}
    for path in top.rglob("*.py"):
        own = path.relative_to(top).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            others = {parts[2] for name in names if (parts := name.split("."))[:2] == ["koudai", folder]}
            arrows[own] |= (others & set(arrows)) - {own, "__init__"}
    assert list(graphlib.TopologicalSorter(arrows).static_order()), "raises CycleError, which names the circle"


@pytest.mark.slow
def test_M9_mlflow_is_imported_in_one_folder_and_never_loads_a_model(root: Path) -> None:
    wrong = []
    for path in modules(root):
        text = path.read_text(encoding="utf-8")
        inside = str(path.relative_to(root)).startswith(MLFLOW_HOME)
        names = [module.split(".")[0] for module, _ in imports_of(path)]
        if ("mlflow" in names and not inside) or re.search(r"(mlflow|pyfunc)[\w.]*\.load_model", text):
            wrong.append(str(path.relative_to(root)))
    assert wrong == []


@pytest.mark.slow
def test_optuna_is_imported_in_one_file(root: Path) -> None:
    using = [
        str(path.relative_to(root))
        for path in modules(root)
        if any(module.split(".")[0] == "optuna" for module, _ in imports_of(path))
    ]
    assert using == ["pipeline/koudai/training/search/record.py"]


def test_heavy_modules_are_imported_where_they_are_used(root: Path) -> None:
    wrong = []
    for path in modules(root):
        if str(path.relative_to(root)) in HEAVY_FROM_THE_START:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            for module, line in imported(node) if isinstance(node, ast.Import | ast.ImportFrom) else []:
                if module.split(".")[0] in HEAVY:
                    wrong.append(f"{path.relative_to(root)}:{line} imports {module}")
    assert wrong == []


@pytest.mark.slow
def test_what_is_heavy_from_the_start_is_imported_by_nothing_else(root: Path) -> None:
    heavy = {path.removesuffix(".py").replace("/", ".") for path in HEAVY_FROM_THE_START}
    wrong = [
        f"{path.relative_to(root)}:{line} imports {module}"
        for path in modules(root)
        for module, line in imports_of(path)
        if module in heavy
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["utils", "util", "helpers", "helper", "common", "misc"])
def test_no_file_is_named_after_nothing(root: Path, name: str) -> None:
    assert not [path for path in (root / "pipeline" / "koudai").rglob("*") if path.stem == name]
