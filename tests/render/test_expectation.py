"""The drawing of what labels may be expected to tell."""

from __future__ import annotations

from koudai.audit.sample.expectation import NUMBERS, ExpectedWidth
from koudai.render.expectation import expectation_svg


def test_it_has_a_point_for_each_number_and_text_stays_text() -> None:
    keys = ["<script>", *(f"c{at}" for at in range(14))]
    figures = [ExpectedWidth(key, n, 0.1, n**-0.5, 0.0, 1.2 * n**-0.5, 0.5) for key in keys for n in NUMBERS]
    drawing = expectation_svg(figures)
    assert drawing.count("<circle") == 12 * len(NUMBERS)
    assert "<script" not in drawing
    assert "href" not in drawing
    assert "5,000" in drawing
