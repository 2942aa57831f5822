"""Drawings: the numbers given, on axes that are named, with n where it is known."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from koudai.charts.image import image_svg
from koudai.training.tracking.drawings import KINDS, evaluation_chart, evaluation_png, evaluation_title

VALUES = {
    "precision_recall": [[0.1, 1.0], [1.0, 0.4]],
    "reliability": [[0.1, 0.2, 30], [0.9, 0.8, 10]],
    "learning_curve": [[100, 0.3, 0.2, 0.4], [400, 0.5]],
    "confusion": [[1342, 43], [27, 92]],
}
WIDTH, HEIGHT = 320, 280


def elements(kind: str, values: list[list[float]]) -> list[ElementTree.Element]:
    """Return what an image consists of."""
    svg = image_svg(evaluation_chart(kind, values), title=evaluation_title(kind, "rumour", values))
    return list(ElementTree.fromstring(svg).iter())


def texts(kind: str, values: list[list[float]]) -> list[str]:
    """Return what is written in an image, as a viewer would see it."""
    return ["".join(one.itertext()) for one in elements(kind, values) if one.tag.endswith("}text")]


@pytest.mark.parametrize("kind", KINDS)
def test_axes_and_category_are_named(kind: str) -> None:
    written = texts(kind, VALUES[kind])
    names = {
        "precision_recall": {"recall", "precision"},
        "reliability": {"mean probability", "share in the category"},
        "learning_curve": {"posts fitted on", "F1"},
        "confusion": {"alleged", "labelled"},
    }
    assert names[kind] <= set(written)
    (title,) = [text for text in written if text.startswith("rumour")]
    assert title.endswith("(alleged)")
    assert evaluation_png(kind, "rumour", VALUES[kind]).startswith(b"\x89PNG")


@pytest.mark.parametrize(("kind", "right"), [("precision_recall", 1.0), ("reliability", 1.0), ("learning_curve", 400)])
def test_a_line_goes_through_the_points_given(kind: str, right: float) -> None:
    lines = [one.get("d") for one in elements(kind, VALUES[kind]) if one.tag.endswith("}path")]
    assert len(lines) == 1 + (kind == "reliability"), "and the diagonal"
    through = [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", lines[-1] or "")]
    places = [(x / right * WIDTH, (1 - y) * HEIGHT) for x, y, *_ in VALUES[kind]]
    assert through == [pytest.approx(place, abs=0.01) for place in places]
    points = [one for one in elements(kind, VALUES[kind]) if one.tag.endswith("}circle")]
    if kind != "precision_recall":
        assert [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in points] == through


def test_the_greater_n_the_greater_the_point() -> None:
    many, few = (float(one.get("r", "")) for one in elements("reliability", VALUES["reliability"]) if one.get("r"))
    assert many**2 / few**2 == pytest.approx(100 / 40, rel=0.01), "areas, of which a tenth is that of no posts"


def test_an_interval_is_drawn_where_it_is_known() -> None:
    bars = [one for one in elements("learning_curve", VALUES["learning_curve"]) if one.get("stroke") == "#17626b"]
    assert [(one.get("x1"), one.get("y1"), one.get("x2"), one.get("y2")) for one in bars if one.get("x1")] == [
        ("80", "224", "80", "168")
    ]


def test_a_confusion_shows_its_counts_and_their_sum() -> None:
    written = texts("confusion", VALUES["confusion"])
    assert {"1,342", "43", "27", "92", "out", "in", "no", "yes"} <= set(written)
    assert "rumour, n = 1,504 (alleged)" in written


def test_a_confusion_of_one_side_alone_is_drawn() -> None:
    assert texts("confusion", [[0, 0], [0, 0]]).count("0") == 4
