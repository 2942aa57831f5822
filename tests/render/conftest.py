"""The page of the plausible report, rendered and parsed once; a chart that was drawn is not drawn again."""

from __future__ import annotations

import pytest

from koudai.render.html import render_html
from tests.render.dom import Node, parse
from tests.render.drawn import hostile_file as hostile_file
from tests.render.reports import sample_report


@pytest.fixture(scope="session")
def page() -> str:
    return render_html(sample_report())


@pytest.fixture(scope="session")
def tree(page: str) -> Node:
    return parse(page)
