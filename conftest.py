"""The working directory of the examples in docstrings of `koudai.api`: the files that they name lie in it.

Promises: each example starts in a copy of its own; what it writes is gone with it. The examples of all other modules
run where pytest does, for they name no files.
"""

from __future__ import annotations

import pytest

from tests.api.conftest import here, made
from tests.conftest import bundle, small_config

__all__ = ["bundle", "here", "made", "small_config"]


@pytest.fixture(autouse=True)
def working_directory(request: pytest.FixtureRequest) -> None:
    """Lay out what the examples name."""
    if isinstance(request.node, pytest.DoctestItem) and request.node.name.startswith("koudai.api"):
        request.getfixturevalue("here")
