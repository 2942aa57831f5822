"""How tests are collected, and the working directory of the examples in docstrings of `koudai.api`.

Promises: each example starts in a copy of its own of the files that it names; what it writes is gone with it. The
examples of all other modules run where pytest does, for they name no files.
"""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

from tests.api.conftest import here, made
from tests.conftest import bundle, small_config

__all__ = ["bundle", "here", "made", "small_config"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector of garbage from what stays until the end: modules and thousands of tests, walked each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def working_directory(request: pytest.FixtureRequest) -> None:
    """Lay out what the examples name."""
    if isinstance(request.node, pytest.DoctestItem) and request.node.name.startswith("koudai.api"):
        request.getfixturevalue("here")
