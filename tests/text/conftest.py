"""jieba as it comes, for comparison."""

from __future__ import annotations

from typing import Any

import pytest

from tests.text import reference


@pytest.fixture(scope="session")
def pristine() -> Any:
    """A tokenizer of jieba's own that no test changes."""
    return reference.pristine()
