"""Memory: a command for which it does not suffice ends with an error that says so.

Promises: where the system limits the address space, as ``ulimit -v`` does, below what koudai's libraries take, a verb
ends before it loads them; whatever Python and its libraries raise when memory runs out is known for what it is. Cannot
help where the system ends the process instead.
"""

from __future__ import annotations

import errno
import re

from koudai.errors import OutOfMemory

_LEAST = 640 << 20
"""Bytes of address space in which one post is scored; with less, libraries fail to load, or never end loading."""
_SAID = re.compile("failed to map segment|cannot allocate memory|can't start new thread", re.IGNORECASE)
_TODO = "allow more, see ulimit -v, or give the job to a machine with more memory"


def require_memory() -> None:
    """Raise `OutOfMemory` if the address space is limited to less than koudai's libraries take."""
    limit = _limit()
    if limit is not None and limit < _LEAST:
        raise OutOfMemory(
            what="the memory that this process may use is too small",
            expected=f"{_LEAST >> 20} MB of address space at least",
            got=f"{limit >> 20} MB",
            happened="nothing was read or written",
            todo=_TODO,
        )


def out_of_memory(error: BaseException) -> OutOfMemory | None:
    """Return the error that memory ran out if `error` or what it came from says so, else None.

    Parameters
    ----------
    error
        What a command ended with.

    Examples
    --------
    >>> found = out_of_memory(MemoryError("Unable to allocate 3. GiB"))
    >>> found.got if found else None
    'MemoryError: Unable to allocate 3. GiB'
    >>> out_of_memory(ValueError("no")) is None
    True
    """
    at: BaseException | None = error
    while at is not None and not _tells(at):
        at = at.__cause__ or at.__context__
    if at is None:
        return None
    limit = _limit()
    return OutOfMemory(
        what="memory ran out" + (f": this process may use {limit >> 20} MB" if limit else ""),
        got=f"{type(at).__name__}: {at}".removesuffix(": "),
        happened="what was finished is kept, and the same command resumes a scoring job or a search",
        todo=f"{_TODO}; a scoring job takes less with fewer `workers` and a smaller `shard_size`",
    )


def _tells(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return _SAID.search(str(error)) is not None or (isinstance(error, SystemError) and _limit() is not None)


def _limit() -> int | None:
    """Return the bytes of address space that the system allows this process, or None if it sets no limit."""
    try:
        import resource
    except ImportError:  # there are none on Windows
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft
