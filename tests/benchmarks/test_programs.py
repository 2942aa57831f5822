"""What `make test` asks of the benchmarks: every program can still be imported. They are run by `make benchmarks`."""

from __future__ import annotations

import importlib
import pkgutil

import tests.benchmarks


def test_every_program_can_be_imported() -> None:
    names = [one.name for one in pkgutil.iter_modules(tests.benchmarks.__path__) if not one.name.startswith("test_")]
    assert len(names) > 15
    for name in names:
        importlib.import_module(f"tests.benchmarks.{name}")
