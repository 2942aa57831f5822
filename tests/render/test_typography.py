"""Chinese that is shown follows the rules of mixed text: a blank between ideographs and Latin letters or digits,
full-width marks beside ideographs, no blank beside those, and no wrapped line that loses or gains one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from koudai.audit.measures import MEASURES, measures_in_order

IDEOGRAPH = "[\u4e00-\u9fff]"
RULES = {
    "a blank between ideograph and letter": rf"{IDEOGRAPH}[A-Za-z0-9α-ω]|[A-Za-z0-9%α-ω₀-₉]{IDEOGRAPH}",
    "a full-width mark beside an ideograph": rf"{IDEOGRAPH}[,;:!?]|{IDEOGRAPH}\.(?![a-z])",
    "no blank beside a full-width mark": " [，。；：、？！）」』”]|[，。；：、（「『“] ",
    "no blank between ideographs": rf"{IDEOGRAPH} {IDEOGRAPH}",
}
FOLDERS = ("pipeline/koudai/render/templates", "configs/taxonomies", "data/casebook")


def said(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Return every Chinese text of a TOML file, with where it stands."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [(f"{path}.{key}", one)] if key in ("zh", "title_zh") else said(one, f"{path}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from said(one, f"{path}[{number}]")


@pytest.mark.parametrize("rule", RULES)
def test_words_names_and_how_to_read_keep_the_rules_of_mixed_text(rule: str, root: Path) -> None:
    files = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.toml"))]
    texts = {
        where: text
        for path in files
        for where, text in said(tomllib.loads(path.read_text(encoding="utf-8")), path.name)
    }
    texts |= {name: MEASURES[name].how_to_read.zh for name in measures_in_order()}
    assert len(texts) > 400
    assert {where: found for where, text in texts.items() if (found := re.findall(RULES[rule], text))} == {}
