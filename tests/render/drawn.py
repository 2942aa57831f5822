"""Hostile pages rendered once a run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from koudai.render.html import render_html
from tests.once import once
from tests.render.reports import hostile_report


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the page of a report whose every field is the payload; not to be changed."""

    def written(payload: str) -> Path:
        name = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:16]

        def write(folder: Path) -> None:
            (folder / "page.html").write_bytes(render_html(hostile_report(payload)).encode())

        return once(tmp_path_factory, f"hostile-{name}", write) / "page.html"

    return written
