"""What is said of the posts in English and in Chinese keeps step: the same headings, tables, lists and figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FIGURE = re.compile(r"\d+(?:[,.]\d+)*")


def structure(text: str) -> list[str]:
    """Return what each line is, without its words: a heading, a row of so many cells, an item or a numbered one."""
    found = []
    for line in text.splitlines():
        if line.startswith("#"):
            found.append(line.split(" ")[0])
        elif line.startswith("|"):
            found.append(f"row of {line.count('|')}")
        elif match := re.match(r"- |\d+\. ", line):
            found.append("item" if match.group() == "- " else "numbered")
    return found


def rows(text: str) -> list[list[str]]:
    """Return the figures of each row of a table."""
    return [FIGURE.findall(line) for line in text.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("name", ["DATASHEET", "CODEBOOK"])
def test_a_page_and_its_translation_have_one_structure_and_the_same_figures(root: Path, name: str) -> None:
    folder = root / "data" / "seed"
    english = (folder / f"{name}.md").read_text(encoding="utf-8")
    chinese = (folder / f"{name}.zh-CN.md").read_text(encoding="utf-8")
    assert structure(english) == structure(chinese)
    assert rows(english) == rows(chinese)
    assert f"]({name}.zh-CN.md)" in english
    assert f"]({name}.md)" in chinese
