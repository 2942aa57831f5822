"""What is imported is declared, and what is declared is imported: by the syntax trees and by pyproject.toml."""

from __future__ import annotations

import ast
import functools
import re
import sys
import tomllib
from pathlib import Path

import pytest

DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "vl_convert": "vl-convert-python",
    "python_calamine": "python-calamine",
    "botocore": "boto3",
}
"""Distributions that are not named as what they install, or that bring it."""

USED_OTHERWISE = {
    "jieba": "its dictionary is read where it is installed; its code is never run",
    "dask": "the scheduler of distributed is given its settings",
}
"""Distributions that are declared and not imported, and what for."""


@functools.cache
def imported(root: Path) -> frozenset[str]:
    """Return the distributions that modules of koudai import, at their head or inside functions."""
    names: set[str] = set()
    for path in (root / "pipeline" / "koudai").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    foreign = names - set(sys.stdlib_module_names) - {"koudai", "tests"}
    return frozenset(DISTRIBUTIONS.get(name, name) for name in foreign)


def declared(root: Path) -> set[str]:
    """Return the distributions that a run needs, with those of the engines that are extras."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["dask"], *extras["s3"], *extras["spark"]]
    return {re.split(r"[^\w-]", line)[0].lower() for line in lines}


@pytest.mark.slow
def test_what_is_imported_is_declared(root: Path) -> None:
    assert imported(root) - declared(root) == set()


@pytest.mark.slow
def test_what_is_declared_is_imported(root: Path) -> None:
    assert declared(root) - imported(root) == set(USED_OTHERWISE)


def test_every_declared_distribution_is_locked(root: Path) -> None:
    for lock in ("run", "test"):
        text = (root / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").lower()
        extras = set() if lock == "test" else {"boto3", "dask", "distributed", "py4j", "pyspark"}
        assert [name for name in declared(root) - extras if f"\n{name}==" not in f"\n{text}"] == []
