"""The fenced blocks of a Markdown page: files to be written, commands and Python to be run, in their order.

A block whose first line names a file (``toml title="mine.toml"``) is that file. In a ``console`` block every line
behind ``$`` is run by a shell, and the other lines must stand in what it prints, ``…`` for anything. A ``python`` block
is a doctest. All of it happens in one folder; a page that says ``<!-- after: OTHER.md -->`` begins where OTHER ended.
"""

from __future__ import annotations

import doctest
import os
import re
from pathlib import Path
from typing import NamedTuple

from tests import forked

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AFTER = re.compile(r"^<!-- after: (\S+) -->$", re.MULTILINE)
TITLE = re.compile(r'title="([^"]+)"')


class Block(NamedTuple):
    """What stands behind the three backticks, and what stands between them."""

    info: str
    body: str

    @property
    def file(self) -> str | None:
        """The file that the block is, or None."""
        found = TITLE.search(self.info)
        return found[1] if found else None

    @property
    def runs(self) -> bool:
        """Whether something is to be run."""
        return self.info == "console" or (self.info == "python" and ">>> " in self.body)


def blocks(page: Path) -> list[Block]:
    """Return all blocks of a page."""
    return [Block(*found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


def after(page: Path) -> Path | None:
    """Return the page in whose folder this one begins, or None."""
    found = AFTER.search(page.read_text(encoding="utf-8"))
    return ROOT / "docs" / found[1] if found else None


def new_folder(folder: Path) -> Path:
    """Return `folder`, made if need be, with the bundled configs and data in it."""
    folder.mkdir(exist_ok=True)
    for name in ("configs", "data"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def run(page: Path, folder: Path) -> int:
    """Do what the blocks of a page say, in `folder`; return how many were run.

    Raises
    ------
    AssertionError
        If a command fails, or does not print what the page shows.
    """
    ran = 0
    python: dict[str, object] = {}
    for number, block in enumerate(blocks(page)):
        where = f"{page.relative_to(ROOT)}, block {number + 1}"
        if block.file:
            path = folder / block.file
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        elif block.info == "console":
            run_console(block.body, folder, where)
        elif block.runs:
            run_python(block.body, folder, where, python)
        ran += block.runs
    return ran


def run_console(body: str, folder: Path, where: str) -> None:
    """Run the commands of a block."""
    env = {**os.environ, "COLUMNS": "200"}
    env.pop("KOUDAI_DATA", None)
    said = ""
    for line in body.splitlines():
        if line.startswith("$ "):
            found = forked.shell(line[2:], cwd=folder, env=env, capture_output=True, text=True)
            assert found.returncode == 0, f"{where}: {line}\n{found.stderr}"
            said = found.stdout
        elif line.strip():
            assert prints(line, said), f"{where}: not printed: {line!r}\nin:\n{said}"


def run_python(body: str, folder: Path, where: str, names: dict[str, object]) -> None:
    """Run a block as a doctest; `names` go on from block to block of a page."""
    said: list[str] = []
    before = Path.cwd()
    os.chdir(folder)
    try:
        test = doctest.DocTestParser().get_doctest(body, names, where, where, 0)
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(
            test, out=said.append, clear_globs=False
        )
        names.update(test.globs)
    finally:
        os.chdir(before)
    assert not said, "".join(said)


def prints(expected: str, said: str) -> bool:
    """Return whether a line like `expected` was printed."""
    pattern = ".*".join(re.escape(part) for part in re.split(r"…", expected.strip()))
    return any(re.fullmatch(pattern, line.strip()) for line in said.splitlines())
