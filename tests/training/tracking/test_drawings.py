"""Drawings: the numbers given, on axes that are named, with n where it is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.training.tracking.drawings import KINDS, draw

VALUES = {
    "precision_recall": [[0.1, 1.0], [1.0, 0.4]],
    "reliability": [[0.1, 0.2, 30], [0.9, 0.8, 10]],
    "learning_curve": [[100, 0.3, 0.2, 0.4], [400, 0.5]],
    "confusion": [[1342, 43], [27, 92]],
}


@pytest.mark.parametrize("kind", KINDS)
def test_axes_and_category_are_named(kind: str, tmp_path: Path) -> None:
    figure = draw(kind, "rumour", VALUES[kind])
    axes = figure.axes[0]
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert axes.get_title().startswith("rumour")
    assert axes.get_title().endswith("(alleged)")
    figure.savefig(tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["precision_recall", "reliability", "learning_curve"])
def test_a_line_goes_through_the_points_given(kind: str) -> None:
    line = draw(kind, "rumour", VALUES[kind]).axes[0].lines[0]
    assert [list(pair) for pair in zip(*line.get_data(), strict=True)] == [point[:2] for point in VALUES[kind]]


def test_a_confusion_shows_its_counts_and_their_sum() -> None:
    axes = draw("confusion", "rumour", VALUES["confusion"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["1,342", "43", "27", "92"]
    assert "n = 1,504" in axes.get_title()


def test_a_confusion_of_one_side_alone_is_drawn() -> None:
    assert draw("confusion", "rumour", [[0, 0], [0, 0]]).axes[0].texts[0].get_text() == "0"
