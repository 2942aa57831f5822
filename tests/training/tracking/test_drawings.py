"""Drawings: the numbers given, on axes that are named, with n where it is known."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert

from koudai.charts.vega import theme
from koudai.training.tracking.drawings import KINDS, evaluation_chart, evaluation_png

VALUES = {
    "precision_recall": [[0.1, 1.0], [1.0, 0.4]],
    "reliability": [[0.1, 0.2, 30], [0.9, 0.8, 10]],
    "learning_curve": [[100, 0.3, 0.2, 0.4], [400, 0.5]],
    "confusion": [[1342, 43], [27, 92]],
}


def texts(chart: dict[str, Any]) -> list[str]:
    """Return what is written in a chart, as a viewer would see it."""
    config = theme({"muted": "#555555", "line": "#dddddd"})
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg({**chart, "config": config}))
    return ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("}text")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_axes_and_category_are_named(kind: str) -> None:
    written = texts(evaluation_chart(kind, "rumour", VALUES[kind]))
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


@pytest.mark.parametrize("kind", ["precision_recall", "reliability", "learning_curve"])
def test_a_line_goes_through_the_points_given(kind: str) -> None:
    chart = evaluation_chart(kind, "rumour", VALUES[kind])
    assert [[row["x"], row["y"]] for row in chart["data"]["values"]] == [point[:2] for point in VALUES[kind]]
    line = chart["layer"][0]
    assert line["mark"]["type"] == "line"
    assert (line["encoding"]["x"]["field"], line["encoding"]["y"]["field"]) == ("x", "y")
    assert "data" not in line


def test_an_interval_is_drawn_where_it_is_known() -> None:
    rows = evaluation_chart("learning_curve", "rumour", VALUES["learning_curve"])["data"]["values"]
    assert [(row.get("low"), row.get("high")) for row in rows] == [(0.2, 0.4), (None, None)]


def test_a_confusion_shows_its_counts_and_their_sum() -> None:
    written = texts(evaluation_chart("confusion", "rumour", VALUES["confusion"]))
    assert {"1,342", "43", "27", "92", "out", "in", "no", "yes"} <= set(written)
    assert "rumour, n = 1,504 (alleged)" in written


def test_a_confusion_of_one_side_alone_is_drawn() -> None:
    assert texts(evaluation_chart("confusion", "rumour", [[0, 0], [0, 0]])).count("0") == 4
