"""The kernels of n-grams without a compiler, ``koudai.model.ngrams.tfidf_kernels`` among them: the same numbers,
nothing
read out of range, and hashes that never tell two n-grams apart change nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.model.plain import FEW, MANY, digests


def in_plain_python(*arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.model.plain", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KOUDAI_NO_JIT": "1"},
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(("posts", "arguments"), [(MANY, ()), (FEW, ("collide",))], ids=["as it is", "collide"])
def test_plain_python_finds_the_same(posts: list[str], arguments: tuple[str, ...]) -> None:
    assert in_plain_python(*arguments) == digests(posts)
