"""The public names: each can be imported from `koudai`, and asking for others fails clearly."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import koudai
from koudai import api


@pytest.mark.parametrize("name", koudai.__all__)
def test_public_name_is_there(name: str) -> None:
    assert getattr(koudai, name).__name__.removeprefix("koudai.") == name


@pytest.mark.parametrize("name", api.__all__)
def test_every_verb_and_type_of_the_api_is_there(name: str) -> None:
    assert getattr(api, name).__name__ == name


def test_the_lazy_names_are_those_that_type_checkers_see(root: Path) -> None:
    """Each package that loads names lazily imports the same names, from the same modules, under TYPE_CHECKING."""
    for path, lazy in ((Path("__init__.py"), koudai._HOME), (Path("api") / "__init__.py", api._TYPES)):
        tree = ast.parse((root / "pipeline" / "koudai" / path).read_text(encoding="utf-8"))
        block = next(node for node in tree.body if isinstance(node, ast.If))
        seen = {
            name.asname or name.name: node.module
            for node in block.body
            if isinstance(node, ast.ImportFrom)
            for name in node.names
        }
        seen.pop("api", None)
        assert seen == lazy


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scrape_accounts'"):
        _ = koudai.scrape_accounts


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"sklearn", "pandas", "mlflow", "jieba", "rich", "numpy", "pyarrow", "pydantic", "numba", "scipy"}
    code = f"import sys, koudai, koudai.api, koudai.cli; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
