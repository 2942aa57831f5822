"""The built site: it asks nobody for anything, its links lead on, and Chinese words are found inside sentences."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

pytestmark = pytest.mark.slow
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("object", "data")}
SEARCH = "document.activeElement.shadowRoot"
FOUND = f"""wanted => [...{SEARCH}.querySelectorAll('[role=listbox] a')].some(a => a.pathname === wanted)"""
NONE = f"""() => {SEARCH}.querySelector('[role=status]').innerText === 'No results'"""


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if (tag, name) in LOADED and value:
                self.loaded.append(value)
            if (tag, name) == ("a", "href") and value:
                self.links.append(value)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """Return every page, those of the reports left out, which are tested where they are drawn."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if path.parent.name != "reports"}


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page], site: Path) -> None:
    assert len(pages) > 30
    assert [(path.name, one) for path, page in pages.items() for one in page.loaded if urlsplit(one).netloc] == []
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert styles
    assert not any("url(http" in style or "@import" in style for style in styles)


def test_links_and_anchors_lead_somewhere(pages: dict[Path, Page], site: Path) -> None:
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            target, anchor = urldefrag(link)
            if urlsplit(link).scheme or path.name == "404.html":
                continue
            file = (path.parent / unquote(target)).resolve() if target else path
            file = file / "index.html" if file.is_dir() else file
            if not file.is_relative_to(site.resolve()) and file != path:
                wrong.append((path.name, link, "outside"))
            elif not file.is_file():
                wrong.append((path.name, link, "no such file"))
            elif anchor and file in pages and unquote(anchor) not in pages[file].ids:
                wrong.append((path.name, link, "no such anchor"))
    assert wrong == []


@pytest.mark.browser
def test_a_chinese_word_inside_a_sentence_is_found_and_nothing_leaves_the_page(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/index.html")
    page.keyboard.press("/")
    page.wait_for_function(f"{SEARCH} && {SEARCH}.querySelector('input')")

    for words, wanted in (
        ("谣言", "/zh.html"),  # it stands there in the middle of sentences alone
        ("沙漠骆驼", None),
        ("停水", "/how-to/own-corpus.html"),
        ("Clopper", "/results/prevalence.html"),
    ):
        page.keyboard.press("Control+A")
        page.keyboard.type(words)
        page.wait_for_function(FOUND if wanted else NONE, arg=wanted, timeout=20_000)
    assert said == []
    assert [url for url in asked if not url.startswith(address)] == []
    context.close()
