"""A real browser, headless and without network, and the pages it opens.

Promises: a page is rendered once a run, and a tab of usual settings is opened once a process: opening one costs more
than loading a page does. Each test gets the page freshly loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from koudai.render.html import render_html
from tests.once import once
from tests.render.drawn import hostile_file as hostile_file
from tests.render.reports import planned_report, sample_report


@dataclass
class Opened:
    """An open page, with what it said and what it asked for."""

    page: Any
    url: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def load(self, path: Path, *, width: int, height: int) -> None:
        """Load a file anew, unfolded nowhere, and forget what was said and asked before."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(media="null", color_scheme="light")
        self.url = path.as_uri()
        self.said.clear()
        self.asked.clear()
        self.page.goto(self.url)


def listened(context: Any) -> Opened:
    """Return a new tab whose words and requests are kept."""
    context.set_default_timeout(120_000)
    opened = Opened(context.new_page(), "")
    opened.page.on("console", lambda message: opened.said.append(f"{message.type}: {message.text}"))
    opened.page.on("pageerror", lambda error: opened.said.append(f"error: {error}"))
    opened.page.on("dialog", lambda dialog: (opened.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    opened.page.on("request", lambda request: opened.asked.append(request.url))
    return opened


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages as files: ``en`` and ``zh`` of the plausible report, ``planned`` of one with a plan."""

    def write(folder: Path) -> None:
        for lang in ("en", "zh"):
            (folder / f"{lang}.html").write_text(render_html(sample_report(), lang=lang), encoding="utf-8")
        (folder / "planned.html").write_text(render_html(planned_report(), lang="en"), encoding="utf-8")

    folder = once(tmp_path_factory, "pages", write)
    return {name: folder / f"{name}.html" for name in ("en", "zh", "planned")}


@pytest.fixture(scope="session")
def tab(browser: Any) -> Opened:
    """One a process, with the usual settings; it is closed with the browser."""
    return listened(browser.new_context())


@pytest.fixture
def open_page(tab: Opened) -> Callable[..., Opened]:
    """Return a function that loads a file in the tab."""

    def opening(path: Path, *, width: int = 1280, height: int = 900) -> Opened:
        tab.load(path, width=width, height=height)
        return tab

    return opening


@pytest.fixture
def without_scripts(browser: Any) -> Iterator[Opened]:
    """Return a tab that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield listened(context)
    context.close()
