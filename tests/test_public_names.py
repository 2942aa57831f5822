"""The public names: each can be imported from `koudai`, and asking for others fails clearly."""

from __future__ import annotations

import subprocess
import sys

import pytest

import koudai


@pytest.mark.parametrize("name", koudai.__all__)
def test_public_name_is_there(name: str) -> None:
    assert getattr(koudai, name).__name__ == name


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scrape_accounts'"):
        _ = koudai.scrape_accounts


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"sklearn", "pandas", "mlflow", "jieba", "rich", "numpy"}
    code = f"import sys, koudai, koudai.cli; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
