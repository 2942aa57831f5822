"""Charts drawn once a checkout, hostile pages rendered once a run, templates compiled once a process.

Pages of one report are rendered many times here, in several workers and under several Pythons, and all alike: a drawing
is kept in this checkout's cache by what was to be drawn and by the version of what draws. It is safe to delete.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
import vl_convert

from koudai.render.html import render_html
from koudai.storage import durable
from tests.once import once
from tests.render.reports import hostile_report

DRAWINGS = Path(__file__).resolve().parents[2] / ".cache" / "drawings" / vl_convert.__version__


@pytest.fixture(scope="session", autouse=True)
def drawn_once() -> Iterator[None]:
    """Keep what each drawing came out as, by what was to be drawn."""
    draw = vl_convert.vegalite_to_svg
    DRAWINGS.mkdir(parents=True, exist_ok=True)

    def kept(spec: dict[str, Any]) -> str:
        text = json.dumps(spec)
        path = DRAWINGS / f"{hashlib.sha256(text.encode()).hexdigest()}.svg"
        if not path.exists():
            durable.write_bytes(path, str(draw(json.loads(text))).encode())
        return path.read_text(encoding="utf-8")

    compile_it, code = jinja2.Environment.compile, dict[tuple[str, ...], Any]()

    def compiled(environment: jinja2.Environment, *template: str) -> Any:
        if template not in code:
            code[template] = compile_it(environment, *template)
        return code[template]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", kept)
        patch.setattr(jinja2.Environment, "compile", compiled)
        yield


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that gives the page of a report whose every field is the payload; not to be changed."""

    def written(payload: str) -> Path:
        name = hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()[:16]

        def write(folder: Path) -> None:
            (folder / "page.html").write_bytes(render_html(hostile_report(payload)).encode())

        return once(tmp_path_factory, f"hostile-{name}", write) / "page.html"

    return written
