"""Threads: categories are worked on side by side, as many at a time as there are cores.

Promises: results come in the order of what was asked for, whatever ends first, so they are the same on any number of
cores; the first error, in that order, is raised. What is done must let go of the interpreter, as kernels and linear
algebra do, to gain from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from koudai.cores import cores

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Return what `work` makes of each item, in their order.

    Examples
    --------
    >>> list(in_threads(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    from joblib import Parallel, delayed

    tasks = (delayed(work)(item) for item in items)
    found: Iterator[Result] = Parallel(n_jobs=cores(), prefer="threads", return_as="generator")(tasks)
    return found
