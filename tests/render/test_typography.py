"""Chinese that is shown follows the rules of mixed text: a blank between ideographs and Latin letters or digits,
full-width marks beside ideographs, no blank beside those, and no wrapped line that loses or gains one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from koudai.audit.measures import MEASURES, measures_in_order
from koudai.taxonomy import Bilingual
from tests.conftest import ROOT

IDEOGRAPH = "[\u4e00-\u9fff]"
RULES = {
    "a blank between ideograph and letter": rf"{IDEOGRAPH}[A-Za-z0-9α-ω]|[A-Za-z0-9%α-ω₀-₉]{IDEOGRAPH}",
    "a full-width mark beside an ideograph": rf"{IDEOGRAPH}[,;:!?]|{IDEOGRAPH}\.(?![a-z])",
    "no blank beside a full-width mark": " [，。；：、？！）」』”]|[，。；：、（「『“] ",
    "no blank between ideographs": rf"{IDEOGRAPH} {IDEOGRAPH}",
}
PAGES = (
    "README.zh-CN.md",
    "docs/quick-start.zh-CN.md",
    "docs/zh.md",
    "data/seed/CODEBOOK.zh-CN.md",
    "data/seed/DATASHEET.zh-CN.md",
    *sorted(f"docs/concepts/{path.name}" for path in (ROOT / "docs" / "concepts").glob("*.zh-CN.md")),
)
FOLDERS = ("pipeline/koudai/render/templates", "configs/taxonomies", "data/casebook")


def said(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Return every Chinese text of a TOML file, with where it stands."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [(f"{path}.{key}", one)] if key in ("zh", "title_zh") else said(one, f"{path}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from said(one, f"{path}[{number}]")


def declared(value: Any) -> Iterator[str]:
    """Return every Chinese text of what a measure declares."""
    if isinstance(value, Bilingual):
        yield value.zh
    elif is_dataclass(value):
        for one in fields(value):
            yield from declared(getattr(value, one.name))
    elif isinstance(value, dict | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from declared(one)


def prose(text: str) -> str:
    """Return a page without code, tables and where its links lead."""
    text = re.sub(r"```.*?```|^(?: {4}|\|).*?$|\*", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`]*`", "`", text))


@pytest.mark.parametrize("rule", RULES)
def test_words_names_and_how_to_read_keep_the_rules_of_mixed_text(rule: str, root: Path) -> None:
    files = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.toml"))]
    texts = {
        where: text
        for path in files
        for where, text in said(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    }
    for name in measures_in_order():
        texts |= {f"{name} {i}": text for i, text in enumerate(declared(MEASURES[name].declaration))}
    texts |= {path: prose((root / path).read_text(encoding="utf-8")) for path in PAGES}
    assert len(texts) > 800
    assert {where: found for where, text in texts.items() if (found := re.findall(RULES[rule], text))} == {}
