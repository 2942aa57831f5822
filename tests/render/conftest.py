"""The page of the plausible report, rendered and parsed once; a chart that was drawn is not drawn again."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import vl_convert

from koudai.render.html import render_html
from tests.render.dom import Node, parse
from tests.render.reports import sample_report


@pytest.fixture(scope="session", autouse=True)
def drawn_once() -> Iterator[None]:
    """Remember what each drawing came out as: pages of one report are drawn many times here, and alike."""
    draw = vl_convert.vegalite_to_svg

    @functools.cache
    def remembered(spec: str) -> str:
        return str(draw(json.loads(spec)))

    def once(spec: dict[str, Any]) -> str:
        return remembered(json.dumps(spec))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", once)
        yield


@pytest.fixture(scope="session")
def page() -> str:
    return render_html(sample_report())


@pytest.fixture(scope="session")
def tree(page: str) -> Node:
    return parse(page)
