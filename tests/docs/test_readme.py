"""The README is true: its files are written, its commands run in order, its Python is a doctest, its links lead on.

A fenced block whose first line names a file (``toml file=mine.toml``) is written to the folder in which commands run.
In a ``console`` block every line behind ``$`` is run; the other lines must stand in what it prints, ``…`` for anything.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(root: Path) -> list[tuple[str, str]]:
    return BLOCK.findall((root / "README.md").read_text(encoding="utf-8"))


def prints(expected: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in re.split(r"…", expected.strip()))
    return any(re.fullmatch(pattern, line.strip()) for line in said.splitlines())


def test_commands_run_and_print_what_the_readme_shows(root: Path, tmp_path: Path) -> None:
    for name in ("configs", "data"):
        (tmp_path / name).symlink_to(root / name)
    scripts = Path(sys.executable).parent
    env = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    env.pop("KOUDAI_DATA", None)
    ran = 0
    for info, body in blocks(root):
        if " file=" in info:
            path = tmp_path / info.split(" file=")[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(body, encoding="utf-8")
        if info != "console":
            continue
        said = ""
        for line in body.splitlines():
            if line.startswith("$ "):
                found = subprocess.run(
                    ["sh", "-c", line[2:]], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
                )
                assert found.returncode == 0, f"{line}\n{found.stderr}"
                said = found.stdout
                ran += 1
            elif line.strip():
                assert prints(line, said), f"not printed: {line!r}\nin:\n{said}"
    assert ran >= 8


def test_python_blocks_are_doctests(root: Path) -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    source = "\n".join(body for info, body in blocks(root) if info == "python")
    test = parser.get_doctest(source, {}, "README", "README.md", 0)
    assert test.examples
    assert runner.run(test).failed == 0


def test_what_ci_runs_are_commands_of_the_readme(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"\bmake (\w+) PYTHON=", (root / ".ci" / "run").read_text(encoding="utf-8"))
    assert commands == ["test", "demo", "check"]
    assert [name for name in commands if f"\n{name}:" not in makefile or f"\nmake {name} " not in readme] == []


@pytest.mark.parametrize("name", ["README.md", "models/README.md", "data/seed/DATASHEET.md", "data/casebook/README.md"])
def test_relative_links_lead_somewhere(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (root / name).parent.joinpath(target).exists()] == []
