"""Charts drawn once a run, templates compiled once a process: pages of one report are rendered many times here, in
several workers, and all alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
import vl_convert

from koudai.storage import durable
from tests.once import once


@pytest.fixture(scope="session", autouse=True)
def drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what each drawing came out as, by what was to be drawn."""
    draw = vl_convert.vegalite_to_svg
    folder = once(tmp_path_factory, "drawings", lambda _: None)

    def kept(spec: dict[str, Any]) -> str:
        text = json.dumps(spec)
        path = folder / f"{hashlib.sha256(text.encode()).hexdigest()}.svg"
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
