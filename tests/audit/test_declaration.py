"""What a measure declares: nothing is referred to that is not declared, everything is in both languages, and a frame
with anything undeclared is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from koudai.audit.declaration import Chart, Component, Declaration, Pick, Statistic, TermList, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share, share, whole_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import MEASURES, Measure, measures_in_order
from koudai.audit.measures import measure as registered
from koudai.errors import UsageError
from koudai.taxonomy import Bilingual
from koudai.training.intervals import ONE_CLUSTER, WHOLE_POPULATION
from tests.audit.table import table

NAMES = measures_in_order()
LOUD = named("loud", zh="高声帖占比", en="loud posts", unit="share", interval="wilson")
SIZE = named("size", zh="长度", en="length", unit="count")
ADAPTER = TypeAdapter(Declaration)


def texts(value: Any) -> list[Bilingual]:
    """Return every text of a declaration."""
    if isinstance(value, Bilingual):
        return [value]
    if isinstance(value, dict):
        return [one for inner in value.values() for one in texts(inner)]
    if isinstance(value, tuple):
        return [one for inner in value for one in texts(inner)]
    return [one for inner in vars(value).values() for one in texts(inner)] if hasattr(value, "__dict__") else []


def measure(*figures: Figure, frame: str = "shouting") -> Measure:
    def take(given: AuditInput) -> AuditFrame:
        return AuditFrame(frame, figures)

    return Measure("shouting", take, ("scores",), phrase(zh="吵不吵？", en="Is it loud?"), 1, Declaration((LOUD, SIZE)))


@pytest.mark.parametrize("name", NAMES)
def test_a_declaration_survives_json(name: str) -> None:
    declared = MEASURES[name].declaration
    written = json.dumps(ADAPTER.dump_python(declared, mode="json", exclude_defaults=True))
    assert ADAPTER.validate_python(json.loads(written)) == declared


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_in_both_languages(name: str) -> None:
    found = texts(MEASURES[name].declaration)
    assert found
    for one in found:
        assert not re.search("[\u4e00-\u9fff]", one.en), one.en
        assert set(re.findall(r"\{\w+\}", one.zh)) == set(re.findall(r"\{\w+\}", one.en))


def test_keys_of_components_and_charts_are_unique_on_the_page_and_so_are_their_places() -> None:
    declared = [MEASURES[name].declares for name in NAMES]
    components = [one for found in declared for one in found.components]
    charts = [one for found in declared for one in found.charts]
    assert len({one.key for one in components}) == len(components)
    assert len({(one.section, one.place) for one in components}) == len(components)
    assert len({one.key for one in charts}) == len({one.place for one in charts}) == len(charts)
    for component in components:
        for pick in (component.pick, component.reference):
            if pick and pick.measure:
                assert MEASURES[pick.measure].declares.of(pick.statistic)


@pytest.mark.parametrize(
    "parts", [{"cases": "quiet"}, {"terms": TermList("quiet", phrase(zh="词", en="t"), LOUD.name)}]
)
def test_what_is_referred_to_is_declared(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not declared: quiet"):
        Declaration((LOUD,), **parts)


def test_components_and_charts_refer_to_declared_statistics() -> None:
    words = {"name": LOUD.name, "explanation": LOUD.name}
    component = Component("x", brief=LOUD.name, section="how-much", place=1, pick=Pick("quiet"), **words)
    chart = Chart("x", kind="bars", statistics=("loud",), beside="quiet", place=1, **words)
    for parts in ({"components": (component,)}, {"charts": (chart,)}):
        with pytest.raises(ValueError, match="not declared: quiet"):
            Declaration((LOUD,), **parts)  # type: ignore[arg-type]
    assert Declaration((LOUD,), components=(replace(component, pick=Pick("quiet", measure="other")),))
    with pytest.raises(ValueError, match="a chart without a statistic"):
        Declaration((LOUD,), charts=(replace(chart, statistics=()),))


def test_a_statistic_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice: loud"):
        Declaration((LOUD, Statistic("loud", LOUD.name, "count")))


def test_figures_get_the_kind_of_interval_that_is_declared() -> None:
    figures = (
        share(ALL, ALL, "loud", 3, 9),
        Figure(ALL, "b", "loud", 0.5, 9, 0.1, 0.9),
        Figure(ALL, ALL, "size", 8, 9),
    )
    found = measure(*figures).taken(table())
    assert [one.interval for one in found.figures] == ["wilson", "wilson", None]
    assert [one.interval for one in AuditFrame.from_rows("shouting", found.to_rows()).figures] == ["wilson"] * 2 + [
        None
    ]


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (Figure(ALL, ALL, "quiet", 0.5, 9), "gives a statistic that it does not declare"),
        (share(ALL, ALL, "size", 3, 9), "gives 'size' an interval that it does not declare"),
        (Figure(ALL, ALL, "loud", 0.5, 9, 0.1, 0.9, "paired"), "gives 'loud' an interval that it does not declare"),
    ],
)
def test_a_frame_with_what_is_not_declared_is_refused(figure: Figure, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        measure(share(ALL, ALL, "loud", 3, 9), figure).taken(table())
    assert "'shouting'" in str(caught.value.what)
    assert "declare" in str(caught.value.todo)


def test_a_frame_of_another_name_is_refused() -> None:
    with pytest.raises(UsageError, match="a frame of another name"):
        measure(frame="whispering").taken(table())


def test_a_docstring_in_one_language_is_left_out() -> None:
    assert measure().declaration.how_to_read is None
    assert MEASURES["coverage"].declaration.how_to_read == MEASURES["coverage"].how_to_read


def test_a_measurement_has_an_interval_or_says_why_not() -> None:
    bare = named("loud", zh="高声帖占比", en="loud posts", unit="share")
    assert bare.unexplained
    assert not replace(bare, why=bare.name).unexplained
    assert not replace(bare, unit="count").unexplained
    with pytest.raises(ValueError, match="do not say why: loud"):
        registered("shouting", needs=("texts",), zh="", en="", place=99, declares=Declaration((bare,)))


def test_a_figure_may_say_why_it_alone_has_no_interval() -> None:
    def take(given: AuditInput) -> AuditFrame:
        hits = np.array([True, False])
        return AuditFrame(
            "shouting",
            (clustered_share(ALL, ALL, "loud", hits, np.zeros(2, dtype=np.int64)), whole_share(ALL, ALL, "loud", 1, 2)),
        )

    declares = Declaration((replace(LOUD, interval="wilson, effective n"),))
    found = replace(MEASURES["coverage"], name="shouting", take=take, declares=declares).taken(table())
    assert [one.interval for one in found.figures] == [ONE_CLUSTER, WHOLE_POPULATION]
    assert [(one.value, one.low) for one in found.figures] == [(0.5, None)] * 2
    assert AuditFrame.from_rows("shouting", found.to_rows()) == found
