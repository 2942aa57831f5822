"""The page under axe-core, a checker of accessibility: in both languages, light and dark, everything unfolded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

FEWER = """
document.querySelectorAll('details').forEach(d => { d.open = true; });
document.querySelectorAll('article.card:nth-of-type(n+2), tbody tr:nth-child(n+5)').forEach(e => e.remove());
"""
"""Unfolds everything, and leaves a card and the first rows of each table: the others are made in the same way."""

AXE = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_axe_finds_no_violation(open_page: Callable[..., Any], files: dict[str, Path], lang: str, theme: str) -> None:
    page = open_page(files[lang]).page
    page.click(f"[data-set-theme={theme}]")
    page.evaluate(FEWER)
    page.evaluate((Path(AXE.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(one["id"], one["nodes"][0]["html"][:200], len(one["nodes"])) for one in found["violations"]] == []
    assert len(found["passes"]) > 20, "rules were tried"
