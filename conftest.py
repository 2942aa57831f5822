"""How tests are collected and in what order, and the working directory of the examples in docstrings of `koudai.api`.

Promises: each example starts in a copy of its own of the files that it names; what it writes is gone with it. The
examples of all other modules run where pytest does, for they name no files.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

from tests.api.conftest import here, made
from tests.conftest import bundle, small_config

__all__ = ["bundle", "here", "made", "small_config"]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector of garbage from what stays until the end: modules and thousands of tests, walked each time.

    Of what tests make, almost all goes with its last name: looking for the rest as often as Python does takes a seventh
    of all their time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every worker begin with those of its files that have tests which take long: what is left at the end is short,
    and none goes on alone. A file's tests stay together, with what they share.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = {item.path for item in items if any(map(item.get_closest_marker, ("slow", "spark", "browser")))}
    share = -(-len(items) // workers)
    for first in range(0, len(items), share or 1) if workers > 1 else ():
        items[first : first + share] = sorted(items[first : first + share], key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def working_directory(request: pytest.FixtureRequest) -> None:
    """Lay out what the examples name."""
    if isinstance(request.node, pytest.DoctestItem) and request.node.name.startswith("koudai.api"):
        request.getfixturevalue("here")
