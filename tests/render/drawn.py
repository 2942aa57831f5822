"""Charts drawn once a run: pages of one report are drawn many times here, in several workers, and all alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

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

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", kept)
        yield
