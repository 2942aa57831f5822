"""A real browser, headless and without network, and the pages it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from koudai.render.html import render_html
from tests.render.drawn import drawn_once as drawn_once
from tests.render.reports import hostile_report, sample_report


@dataclass
class Opened:
    """An open page, with what it said and what it asked for."""

    page: Any
    url: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the pages as files: ``en`` and ``zh`` of the plausible report."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for lang in ("en", "zh"):
        made[lang] = folder / f"{lang}.html"
        made[lang].write_text(render_html(sample_report(), lang=lang), encoding="utf-8")
    return made


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Opened]]:
    """Return a function that opens a file in a fresh context and listens to it."""
    contexts = []

    def opening(path: Path, *, width: int = 1280, height: int = 900, **options: Any) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        opened = Opened(page, path.as_uri())
        page.on("console", lambda message: opened.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: opened.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (opened.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: opened.asked.append(request.url))
        page.goto(opened.url)
        return opened

    yield opening
    for context in contexts:
        context.close()


@pytest.fixture
def hostile_file(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes the page of a report whose every field is the payload."""

    def written(payload: str) -> Path:
        path = tmp_path / "hostile.html"
        path.write_text(render_html(hostile_report(payload)), encoding="utf-8")
        return path

    return written
