"""Kernels: a module of compiled functions, imported and compiled at its first use in a process.

Promises: other threads wait for the one that compiles; the notice on stderr appears once, and only if something has to
be compiled; if compiling fails, the next use tries again. Costs nothing at import: neither numba nor the module of
kernels is loaded before the first use. Does not know how functions are compiled and cached: that is ``jit.py``.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Kernels:
    """A module of kernels; a call returns it, compiled. Made by the decorator `kernels`.

    Examples
    --------
    >>> example = Kernels("bisect", what="an example", first_use=lambda module: module.bisect([1], 1))
    >>> example().bisect([1, 2, 3], 2)
    2
    """

    def __init__(self, module: str, *, what: str, first_use: Callable[[Any], object]) -> None:
        self.what, self.__doc__ = what, first_use.__doc__
        self._name, self._first_use = module, first_use
        self._lock = threading.RLock()
        self._module: ModuleType | None = None
        self._compiled = False

    def __call__(self) -> ModuleType:
        """Return the module with its kernels compiled or loaded from the cache.

        A call by the same thread from within the first use returns the module without waiting.

        Raises
        ------
        UsageError
            If numba cannot compile them.
        """
        if self._compiled and self._module is not None:
            return self._module
        with self._lock:
            if self._module is None:
                self._compile()
            assert self._module is not None
            return self._module

    def _compile(self) -> None:
        from koudai.text.compiled import jit

        try:
            with jit.announced(self.what):
                self._module = importlib.import_module(self._name)
                self._first_use(self._module)
            self._compiled = True
        finally:
            if not self._compiled:
                self._module = None


def kernels(module: str, *, what: str) -> Callable[[Callable[[Any], object]], Kernels]:
    """Return a decorator for the function that calls each kernel of a module for the first time.

    Parameters
    ----------
    module
        Dotted name of the module of kernels.
    what
        Name of what is compiled, for the notice.

    Returns
    -------
    callable
        Turns the function, which is given the module and calls each kernel with the types of its arguments, into
        `Kernels`. The function may call code that uses these `Kernels`. To avoid deadlocks, the first use of one module
        may need another's kernels only if that other's first use does not need it.

    Examples
    --------
    >>> from koudai.text.compiled.kernels import kernels
    >>> @kernels("bisect", what="an example")
    ... def example(module):
    ...     print("first use:", module.bisect([1, 2, 3], 2))
    >>> example().bisect([1, 2, 3], 0)
    first use: 2
    0
    >>> example().bisect([1, 2, 3], 3)
    3
    """
    return lambda first_use: Kernels(module, what=what, first_use=first_use)
