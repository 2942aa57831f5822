"""Charts of bars by group: their figures, which groups have one, and the words they need."""

from __future__ import annotations

import pytest

from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.measures import MEASURES
from koudai.render.group_bars import GROUP_BARS, GroupBars, arbitrary
from koudai.render.tables import FigureIndex
from koudai.render.words import Words
from tests.render.reports import sample_report

INDEX = FigureIndex(sample_report().frames)


@pytest.mark.parametrize("spec", GROUP_BARS, ids=lambda spec: spec.name)
def test_each_is_of_a_measure_that_exists_and_has_its_words(spec: GroupBars) -> None:
    assert spec.measure in MEASURES
    assert {spec.name, f"{spec.name}-why", spec.axis, spec.head} <= set(Words().names())


@pytest.mark.parametrize("spec", GROUP_BARS, ids=lambda spec: spec.name)
def test_bars_are_groups_and_never_all_posts(spec: GroupBars) -> None:
    figures = spec.figures(INDEX, key="rumour")
    assert figures
    assert all(one.group != ALL and one.statistic == spec.statistic for one in figures)


def test_prediction_sets_are_shown_for_both_classes_together() -> None:
    (spec,) = (one for one in GROUP_BARS if one.name == "silence")
    assert [one.group for one in spec.figures(INDEX, key="rumour")] == ["1−α=0.8", "1−α=0.9", "1−α=0.95"]


def test_what_has_no_value_has_no_bar() -> None:
    figures = (Figure("rumour", "a", "alpha", None, 0), Figure("rumour", "b", "alpha", 0.4, 90))
    (spec,) = (one for one in GROUP_BARS if one.name == "agreement-by-group")
    index = FigureIndex({"agreement": AuditFrame("agreement", figures)})
    assert spec.figures(index, key="rumour") == [figures[1]]


def test_arbitrariness_takes_the_widest_set_of_tagged_posts() -> None:
    found = arbitrary(INDEX, key="rumour")
    assert {one.group for one in found} == {"held-out posts, tagged, ε=0.05"}
    assert [one.statistic for one in found] == ["ambiguity", "discrepancy", "arbitrariness", "flip_rate"]
    assert arbitrary(FigureIndex({}), key="rumour") == []
