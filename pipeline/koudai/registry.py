"""Registries: a mapping from the names that a config may hold to implementations.

Promises: a config value is looked up here and nowhere else, so it can never import or run anything; an unknown name
is refused with the known ones and the nearest of them; a new file in the registry's folder is found without editing
another, and where the registry has entry points, so is a module that an installed package names there.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import textwrap
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from koudai.errors import UsageError

T = TypeVar("T")
_LINE = 380
"""Characters of a line of a message, which are cut beyond it."""


def did_you_mean(name: str, known: list[str]) -> str | None:
    """Return ``did you mean 'x'?`` for the nearest of `known`, or None if none is near.

    Examples
    --------
    >>> did_you_mean("NB-SVM", ["NBSVM", "LinearSVC"])
    "did you mean 'NBSVM'?"
    >>> did_you_mean("forest", ["NBSVM", "LinearSVC"]) is None
    True
    """
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


class Registry(Generic[T]):
    """Implementations of one kind by name, found in the modules of one package.

    Parameters
    ----------
    kind
        What the things are called in messages, e.g. ``"classifier"``.
    package
        Dotted name of the package whose modules register themselves when imported; imported at the first look-up.
    entry_points
        Group of entry points by which installed packages add things of their own, or None.

    Examples
    --------
    >>> from koudai.model.fitting.classifiers import CLASSIFIERS
    >>> "LinearSVC" in CLASSIFIERS, "LinearSVC" in CLASSIFIERS.names()
    (True, True)
    >>> CLASSIFIERS["DualLinearSVC"].parameters()["C"]
    1.0
    """

    def __init__(self, kind: str, *, package: str, entry_points: str | None = None) -> None:
        self.kind = kind
        self._package = package
        self._entry_points = entry_points
        self._things: dict[str, T] = {}
        self._found = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that files its argument under `name`; a name is given once."""

        def file_under(thing: T) -> T:
            if name in self._things:
                message = f"two {self.kind}s are called {name!r}"
                raise ValueError(message)
            self._things[name] = thing
            return thing

        return file_under

    def names(self) -> list[str]:
        """Return all registered names, sorted."""
        self._find()
        return sorted(self._things)

    def __getitem__(self, name: str) -> T:
        """Return the thing called `name`.

        Raises
        ------
        UsageError
            If there is none; lists the known names and the nearest.
        """
        self._find()
        if name not in self._things:
            raise UsageError(
                what=f"unknown {self.kind} {name!r}",
                expected=f"one of {textwrap.fill(', '.join(self.names()), _LINE)}",
                todo=did_you_mean(name, self.names()),
            )
        return self._things[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        self._find()
        return name in self._things

    def _find(self) -> None:
        if self._found:
            return
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self._package}.{module.name}")
        if self._entry_points is not None:
            from importlib.metadata import entry_points

            for point in entry_points(group=self._entry_points):
                point.load()
        self._found = True
