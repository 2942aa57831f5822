"""What compiled code depends on: the files of kernels, those from which they import constants, and how it is compiled.

Promises: a change of any of these is seen, whether a constant is imported directly, passed on by another module, or
computed there from another's. Functions and classes that such a module imports for other purposes are not followed,
neither are constants that a function computes from what it imports. Runs no code of what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_HOW = ("arguments", "compiling", "loading")
_IMPORT = re.compile(r"^from (koudai[.\w]+) import (?:\(([^)]*)\)|(.*))", re.MULTILINE)
_NAME, _COMMENT, _WORD = re.compile(r"(\w+)(?: as (\w+))?"), re.compile("#.*"), re.compile(rb"\w+")
_ASSIGNED = re.compile(rb"^[A-Za-z_][\w, ]*(?::.+)? = .*(?:\n[ \t)\]}].*)*", re.MULTILINE)
"""Assignments outside of functions and classes, with the lines that continue them."""


def compiled_sources(root: Path) -> list[bytes]:
    """Return the content of all kernels under ``root / "koudai"``, of the files their constants come from, and of
    those that say how they are compiled and called.

    Parameters
    ----------
    root
        The folder from which koudai is imported.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     folder = Path(name) / "koudai"
    ...     folder.mkdir()
    ...     for file, source in {
    ...         "a_kernels.py": "from koudai.b import SIZE",
    ...         "b.py": "from koudai.c import SIZE",
    ...         "c.py": "from koudai.d import report",
    ...         "d.py": "report = print",
    ...     }.items():
    ...         _ = (folder / file).write_text(source)
    ...     print(len(compiled_sources(Path(name))))
    3
    """
    sources = {path: path.read_bytes() for path in sorted((root / "koudai").rglob("*_kernels.py"))}
    kernels = frozenset(sources)
    wanted = [(module, name) for source in sources.values() for module, name, _ in _imported(source)]
    further: dict[Path, list[tuple[str, str, str]]] = {}
    computed: dict[Path, set[str]] = {}
    for module, name in wanted:
        path = (root / module.replace(".", "/")).with_suffix(".py")
        if path in kernels or not path.is_file():
            continue
        if path not in sources:
            source = sources[path] = path.read_bytes()
            further[path] = list(_imported(source))
            computed[path] = {word.decode() for text in _ASSIGNED.findall(source) for word in _WORD.findall(text)}
        for other, found, known_as in further[path]:
            if (known_as == name or known_as in computed[path]) and (other, found) not in wanted:
                wanted.append((other, found))
    how = ((root / "koudai" / "text" / "compiled" / name).with_suffix(".py") for name in _HOW)
    return [*sources.values(), *(path.read_bytes() for path in how if path.is_file())]


def _imported(source: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield the module, the name there and the name here of all that is imported from koudai outside of functions."""
    for module, several, line in _IMPORT.findall(source.decode()):
        for name, known_as in _NAME.findall(_COMMENT.sub("", several or line)):
            yield module, name, known_as or name
