"""Threads: results in the order of what was asked for, side by side, and the first error in that order."""

from __future__ import annotations

import threading

import pytest

from koudai.training import threads
from koudai.training.threads import in_threads


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_results_keep_their_order_whatever_ends_first(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    assert list(in_threads(lambda item: item * item, range(50))) == [item * item for item in range(50)]
    assert list(in_threads(abs, [])) == []


def test_two_are_worked_on_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    both = threading.Barrier(2, timeout=60)
    assert sorted(in_threads(lambda _: both.wait(), range(2))) == [0, 1]


@pytest.mark.parametrize("cores", [1, 3])
def test_an_error_comes_through(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    with pytest.raises(ZeroDivisionError):
        list(in_threads(lambda item: 1 // item, [1, 0, 2]))
