"""Cores: how many of the machine's processors this process may use, and work shared among as many threads.

Promises: heeds the processor affinity where the system has one, so that a process bound to one core starts one
thread. Results are the same on any number of cores. Knows nothing of a container's limit on processor time, which is
no affinity.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use: at least 1.

    Examples
    --------
    >>> from koudai.cores import cores
    >>> cores() >= 1
    True
    """
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Return the results of calling `work` on each item, in order, from as many threads as there are cores.

    Threads gain only where `work` releases the interpreter's lock, as kernels and linear algebra do. The first error in
    the order of the items is raised.

    Examples
    --------
    >>> list(in_threads(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    from joblib import Parallel, delayed

    tasks = (delayed(work)(item) for item in items)
    found: Iterator[Result] = Parallel(n_jobs=cores(), prefer="threads", return_as="generator")(tasks)
    return found
