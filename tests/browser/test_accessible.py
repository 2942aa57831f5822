"""The page under axe-core, a checker of accessibility: in both languages, light and dark, everything unfolded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

FEWER = """
document.querySelectorAll('details').forEach(d => { d.open = true; });
document.querySelectorAll('article.card:nth-of-type(n+2), tbody tr:nth-child(n+3)').forEach(e => e.remove());
document.querySelectorAll('main *').forEach(parent => {
    const seen = {};
    for (const e of [...parent.children]) {
        if (e.matches('td, th, section, h2, h3, h4')) continue;
        const kind = `${e.tagName} ${e.getAttribute('class')} ${e.getAttributeNames()}`;
        seen[kind] = (seen[kind] ?? 0) + 1;
        if (seen[kind] > 2) e.remove();
    }
});
"""
"""Unfolds everything, and leaves a card, two rows of each table and two of what stands side by side and is of one kind:
the others are made in the same way."""

AXE = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")


@pytest.mark.parametrize(("name", "lang"), [("en", "en"), ("zh", "zh"), ("planned", "en"), ("planned", "zh")])
def test_axe_finds_no_violation(open_page: Callable[..., Any], files: dict[str, Path], name: str, lang: str) -> None:
    page = open_page(files[name]).page
    page.click(f"[data-set-lang={lang}]")
    page.evaluate(FEWER)
    page.evaluate((Path(AXE.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    for theme in ("light", "dark"):
        page.click(f"[data-set-theme={theme}]")
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        broken = [(one["id"], one["nodes"][0]["html"][:200], len(one["nodes"])) for one in found["violations"]]
        assert broken == [], theme
        assert len(found["passes"]) > 50, "rules were tried"
