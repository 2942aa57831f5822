"""The README: short, in two languages that show the same, and its commands are those of the Makefile and of CI.

What it shows stands in the same words on pages whose blocks are run (``test_pages.py``), so it is not run again; that
its links lead somewhere is tested in ``test_links.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import blocks

LONGEST = 200
RUN = ("quick-start.md", "how-to/vectoriser.md")
"""Pages whose blocks a README may show, in their order."""


def test_a_readme_is_read_in_one_go(root: Path) -> None:
    for name in ("README.md", "README.zh-CN.md"):
        assert len((root / name).read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_what_it_shows_stands_on_pages_that_are_run(root: Path, name: str) -> None:
    run = [block for page in RUN for block in blocks(root / "docs" / page) if block.runs]
    lines = [line for block in run for line in block.body.splitlines() if line.strip()]
    place = 0
    shown = [block for block in blocks(root / name) if block.runs]
    assert {block.info for block in shown} == {"console", "python"}
    for line in (line for block in shown for line in block.body.splitlines() if line.strip()):
        assert line in lines[place:], f"{line}: not on {' or '.join(RUN)}, or not in this order"
        place = lines.index(line, place) + 1


def test_what_ci_runs_are_targets_and_stand_in_the_readme(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    ran = set(re.findall(r"\bmake (\w+)", (root / ".ci" / "run").read_text(encoding="utf-8")))
    assert ran >= {"test", "demo"}
    for name in ("README.md", "README.zh-CN.md"):
        readme = (root / name).read_text(encoding="utf-8")
        named = set(re.findall(r"^make (\w+) ", readme, re.MULTILINE))
        assert ran <= named, name
        assert [target for target in named if f"\n{target}:" not in makefile] == []
