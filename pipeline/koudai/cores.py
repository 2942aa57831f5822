"""Cores: how many of the machine's processors this process may use.

Promises: heeds the processor affinity where the system has one, so that a process bound to one core starts one
thread. Knows nothing of a container's limit on processor time, which is no affinity.
"""

from __future__ import annotations

import os


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
