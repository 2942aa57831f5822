"""Cores: how many of the machine's processors this process may use, and independent work done side by side on them.

Promises: heeds the processor affinity where the system has one, so that a process bound to one core starts one
thread; heeds joblib's `parallel_config`, its number of jobs everywhere and its backend for whatever is done side by
side. Results are the same on any number of cores and under any backend. Knows nothing of a container's limit on
processor time, which is no affinity.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import RLock
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class computed_once(Generic[Result]):  # noqa: N801  (as `functools.cached_property`)
    """A property that is computed when it is first asked for and kept: by one thread, while others that ask wait.

    `functools.cached_property` lets them compute it too, from Python 3.12 on.

    Examples
    --------
    >>> class Posts:
    ...     @computed_once
    ...     def words(self):
    ...         print("counting")
    ...         return 3
    >>> posts = Posts()
    >>> posts.words, posts.words
    counting
    (3, 3)
    """

    def __init__(self, compute: Callable[[Any], Result]) -> None:
        self._compute, self._lock, self.__doc__ = compute, RLock(), compute.__doc__

    def __get__(self, of: object, owner: type | None = None) -> Result:
        name = self._compute.__name__
        with self._lock:
            if name not in vars(of):
                vars(of)[name] = self._compute(of)
        found: Result = vars(of)[name]
        return found


def cores() -> int:
    """Return how many cores this process may use, no more than joblib's `parallel_config` says: at least 1.

    Examples
    --------
    >>> import joblib
    >>> from koudai.cores import cores
    >>> with joblib.parallel_config(n_jobs=1):
    ...     cores()
    1
    """
    there = _there()
    jobs = _configured()[1]
    if not jobs:
        return there
    return max(1, min(there, jobs if jobs > 0 else there + 1 + jobs))


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Return the results of calling `work` on each item, in order.

    In as many threads as there are cores, which gain where `work` releases the interpreter's lock, as kernels and
    linear algebra do; or as joblib's `parallel_config` says: processes get copies, so that `work` must return what it
    found. The first error in the order of the items is raised.

    Parameters
    ----------
    work
        A function, also a local one; may call this one itself.
    items
        What it is called with.

    Examples
    --------
    >>> list(side_by_side(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    items = list(items)
    backend, jobs = _configured()
    if len(items) < 2 or (jobs == 1 and (backend is None or getattr(backend, "uses_threads", False))):
        yield from map(work, items)
    elif backend is None:
        with ThreadPoolExecutor(min(cores(), len(items))) as pool:
            yield from pool.map(work, items)
    else:
        from joblib import Parallel, delayed

        jobs = jobs or (cores() if backend.default_n_jobs == 1 else backend.default_n_jobs)
        kind = "generator" if backend.supports_return_generator else "list"
        share = max(1, _there() // max(1, backend.effective_n_jobs(jobs)))
        # Mapped for reading alone, large arrays would be of another type to kernels than small ones.
        parallel = Parallel(n_jobs=jobs, return_as=kind, mmap_mode="c")
        yield from parallel(delayed(_sharing)(work, item, share) for item in items)


def sharing_memory(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Return the results of calling `work` on each item, in order, as `side_by_side`, but in this process.

    For work on large things that are shared, which no process should get a copy of. Under a backend of joblib's the
    items come one after another, and what they do side by side themselves goes there.

    Examples
    --------
    >>> list(sharing_memory(len, ["谣言", "天气"]))
    [2, 2]
    """
    backend, jobs = _configured()
    if backend is not None:
        yield from map(work, items)
    elif jobs is None:
        yield from side_by_side(work, items)
    else:
        from joblib import parallel_config

        def as_configured(item: Item) -> Result:  # what is configured holds for the thread that did so
            with parallel_config(n_jobs=jobs):
                return work(item)

        yield from side_by_side(as_configured, items)


def _sharing(work: Callable[[Item], Result], item: Item, share: int) -> Result:
    """Call `work` in a worker of joblib's, whose own work side by side is done in threads, in its share of cores."""
    from joblib import parallel_config

    with parallel_config("threading", n_jobs=share):
        return work(item)


def _there() -> int:
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def _configured() -> tuple[Any, int | None]:
    """Return backend and number of jobs of joblib's `parallel_config`, None where nothing is configured."""
    if "joblib.parallel" not in sys.modules:
        return None, None
    from joblib.parallel import get_active_backend

    backend, jobs = get_active_backend()
    # Of no configured backend joblib makes a new one each time, of threads if these are preferred.
    return (backend if backend is get_active_backend(prefer="threads")[0] else None), jobs
