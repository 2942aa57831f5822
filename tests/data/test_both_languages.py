"""Pages in English and in Chinese keep step, every concept among them: the same headings, tables, lists and figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

CONCEPTS = sorted(
    f"docs/concepts/{path.stem}"
    for path in (ROOT / "docs" / "concepts").glob("*.md")
    if not path.name.endswith(".zh-CN.md")
)
FIGURE = re.compile(r"\d+(?:[,.]\d+)*")


def structure(text: str) -> list[str]:
    """Return what each line is, without its words: a heading, a row of so many cells, an item or a numbered one."""
    found = []
    for line in text.splitlines():
        if line.startswith("#"):
            found.append(line.split(" ")[0])
        elif line.startswith("|"):
            found.append(f"row of {line.count('|')}")
        elif match := re.match(r"[-*] |\d+\. ", line):
            found.append("item" if match.group() in ("- ", "* ") else "numbered")
    return found


def rows(text: str) -> list[list[str]]:
    """Return the figures of each row of a table; .9 is 0.9."""
    return [
        FIGURE.findall(re.sub(r"(?<!\d)\.(?=\d)", "0.", line)) for line in text.splitlines() if line.startswith("|")
    ]


def shown(text: str) -> list[str]:
    """Return the blocks of commands and code, without what comments say."""
    found = re.findall(r"```(?:console|python|sh|text)\n.*?```", text, re.DOTALL)
    return [re.sub(r" +#.*", "", block) for block in found]


@pytest.mark.parametrize("name", ["README", "docs/quick-start", "data/seed/DATASHEET", "data/seed/CODEBOOK", *CONCEPTS])
def test_a_page_and_its_translation_have_one_structure_and_the_same_figures(root: Path, name: str) -> None:
    english = (root / f"{name}.md").read_text(encoding="utf-8")
    chinese = (root / f"{name}.zh-CN.md").read_text(encoding="utf-8")
    assert structure(english) == structure(chinese)
    assert rows(english) == rows(chinese)
    assert shown(english) == shown(chinese)
    last = name.rpartition("/")[2]
    assert f"]({last}.zh-CN.md)" in english
    assert f"]({last}.md)" in chinese
