"""Progress: how long-running work reports progress without knowing who listens.

Promises: work that takes over a second runs inside a stage; a listener may show it. Prints nothing itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Advance(Protocol):
    """Progress callback: newly finished steps and, optionally, running counts to display.

    Examples
    --------
    >>> def advance(steps, told=None):
    ...     print(steps, told)
    >>> advance(100, {"scored": 98})
    100 {'scored': 98}
    """

    def __call__(self, steps: int, told: Mapping[str, Any] | None = None, /) -> None:
        """Note newly finished `steps`; the counts in `told` replace those given before."""


class Progress(Protocol):
    """A listener to stages of work.

    Examples
    --------
    >>> from contextlib import contextmanager
    >>> class Printed:
    ...     @contextmanager
    ...     def stage(self, name, total):
    ...         print(f"{name}: {total} steps")
    ...         yield lambda steps, told=None: print(f"{steps} more")
    >>> with Printed().stage("scoring", 200) as advance:
    ...     advance(50)
    scoring: 200 steps
    50 more
    """

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """Return a context that lasts as long as the stage; it gives a function to call with the steps just done.

        Parameters
        ----------
        name
            What is being done, in a few words.
        total
            Steps in all, None if not known.
        """
        ...


class Silent:
    """A listener that shows nothing.

    Examples
    --------
    >>> with Silent().stage("scoring", 200) as advance:
    ...     advance(50)
    """

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """Return a context whose function does nothing."""
        return contextlib.nullcontext(lambda steps, told=None: None)
