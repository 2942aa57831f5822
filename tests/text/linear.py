"""One check for everyone: work on four times the input takes about four times as long, never sixteen times.

Seconds of processor time, of the small input the best of two runs; the bound lies well between linear (4) and quadratic
(16), so that a busy machine does not decide. What is done in a moment at the large size needs no comparison.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SIZES = (10_000, 40_000)
BOUND = 9.0
MOMENT = 0.03
ATTEMPTS = 4


def assert_linear(work: Callable[[T], object], make: Callable[[int], T], sizes: tuple[int, int] = SIZES) -> None:
    """Fail if the time of `work(make(n))` grows like n² from the first of `sizes` to the second, four times as much."""
    small, large = sizes
    assert large == 4 * small
    work(make(100))
    taken: list[float] = []
    for _ in range(ATTEMPTS):  # a real quadratic fails each of them
        last = _seconds(work, make(large), times=1)
        if last < MOMENT:
            return
        taken = [_seconds(work, make(small), times=2), last]
        if taken[1] / taken[0] < BOUND:
            return
    message = f"{dict(zip(sizes, taken, strict=True))} seconds: more than {BOUND} times as long for 4 times as much"
    raise AssertionError(message)


def _seconds(work: Callable[[T], object], given: T, *, times: int) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work(given)
        best = min(best, time.process_time() - start)
        if best > 1.0:
            break
    return best
