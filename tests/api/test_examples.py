"""The examples of the verbs run, each in a working directory that holds the files it names."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

from koudai import api

MODULES = ["koudai.api", *(f"koudai.api.{module.name}" for module in pkgutil.iter_modules(api.__path__))]
WITHOUT = {"fetch", "fetchable", "promote", "track"}
"""They need a server, or a registry."""


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str, here: Path) -> None:
    for example in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module)):
        result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
        assert result.failed == 0, example.name


def test_every_verb_has_an_example() -> None:
    bare = {name for name in api.__all__ if ">>>" not in (getattr(api, name).__doc__ or "")}
    assert bare <= WITHOUT | {"Columns", "Explanation", "Sink"}
