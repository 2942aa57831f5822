"""Kernels: imported and compiled once, whoever asks first and however many ask at once."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from koudai.errors import UsageError
from koudai.text.compiled.kernels import kernels
from tests.text.fresh import run

MODULE = "bisect"


def test_the_first_use_is_made_once_and_waited_for() -> None:
    uses: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    @kernels(MODULE, what="a test")
    def made(module: Any) -> None:
        """Look up one number."""
        begun.set()
        assert go_on.wait(60)
        uses.append(module.bisect([1, 2], 1))

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(made)
        assert begun.wait(60)
        others = [pool.submit(made) for _ in range(3)]
        assert uses == []
        assert not any(other.done() for other in (first, *others))
        go_on.set()
        assert {one.result(60).__name__ for one in (first, *others)} == {MODULE}
    assert uses == [1]
    assert made.__doc__ == "Look up one number."


def test_the_first_use_may_use_them() -> None:
    @kernels(MODULE, what="a test")
    def made(module: Any) -> None:
        assert made() is module

    assert made().__name__ == MODULE


def test_after_a_failure_the_next_use_tries_again() -> None:
    failures = [ValueError("no"), None]

    @kernels(MODULE, what="a test")
    def made(_: Any) -> None:
        failure = failures.pop(0)
        if failure:
            raise failure

    with pytest.raises((UsageError, ValueError), match="no"):
        made()
    assert made().__name__ == MODULE
    assert failures == []


def test_nothing_is_loaded_before_the_first_use() -> None:
    modules = "koudai.text.jieba.segment, koudai.text.characters.normalize, koudai.corpus.near_duplicates.groups"
    show = "print([name for name in sys.modules if 'numba' in name or name.endswith('_kernels')])"
    done = run(f"import sys, {modules}; {show}")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_it_is_the_one_way_to_compile(root: Path) -> None:
    package = root / "pipeline" / "koudai"
    found = [
        str(path.relative_to(package))
        for path in sorted(package.rglob("*.py"))
        if not path.name.endswith("_kernels.py")
        and re.search(r"jit\.announced|import announced", path.read_text(encoding="utf-8"))
    ]
    assert found == ["text/compiled/kernels.py"]
