"""A measure of another package: one file, found by its entry point, and seen wherever a measure of this one is seen.

The package stands in a temporary folder, as if it were installed; nothing of this one is edited for it. The page is
drawn after it is gone, because a report carries what its measures declare.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from koudai.audit.frame import frame_csv
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.report import AuditReport
from koudai.audit.schema import report_schema
from koudai.errors import ReadError
from koudai.render.html import render_html
from tests.audit.table import table
from tests.docs.reference import pages
from tests.render.dom import Node, one, parse
from tests.render.reports import report_with

MEASURE = '''
"""Loudness: how many alleged posts shout."""

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, share
from koudai.audit.measures import measure


@measure(
    "loudness",
    needs=("scores", "texts"),
    zh="这些帖子吵不吵？",
    en="Do these posts shout?",
    place=11,
    declares=Declaration(
        statistics=(named("loud", zh="高声帖占比", en="posts that shout", unit="share", interval="wilson"),),
        components=(
            Component(
                "loudness",
                name=phrase(zh="音量", en="Loudness"),
                brief=phrase(zh="带感叹号的帖子", en="with an exclamation mark"),
                explanation=phrase(zh="涉嫌帖中带感叹号的比例。", en="The share of alleged posts that hold one."),
                section="in-the-pocket",
                place=15,
                pick=Pick("loud"),
            ),
        ),
        charts=(
            Chart(
                "marks",
                kind="bars",
                name=phrase(zh="感叹号有几个", en="How many marks"),
                explanation=phrase(zh="共计 {loud}。", en="In all {loud}."),
                statistics=("loud",),
                place=15,
                of=phrase(zh="个数", en="marks"),
            ),
        ),
        groups={"one": phrase(zh="一个", en="just one")},
    ),
    steps=lambda given: len(given.categories),
)
def loudness(given):
    """Share of alleged posts that shout, from 0 to 1.

    Source: this test, 2024.

    中文
    涉嫌帖中高声的比例，0 到 1。
    """
    figures = []
    for column, key in enumerate(given.categories):
        n = int(given.alleged[:, column].sum())
        figures += [share(key, ALL, "loud", n // 2, n), share(key, "one", "loud", n // 3, n)]
        given.advance(1)
    return AuditFrame("loudness", tuple(figures))
'''
ENTRY = "[koudai.measures]\nloudness = a_foreign_package\n"


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a package with one measure into a temporary folder, for the length of a test."""
    (tmp_path / "a_foreign_package.py").write_text(MEASURE, encoding="utf-8")
    info = tmp_path / "a_foreign_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-foreign-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY)
    known = MEASURES.names()
    monkeypatch.setattr(MEASURES, "_things", {name: MEASURES[name] for name in known})
    monkeypatch.setattr(MEASURES, "_found", False)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("a_foreign_package", None)


@pytest.fixture
def written(foreign: Path) -> str:
    """Return the report of an audit that took the foreign measure and one of this package, as JSON."""
    steps: list[int] = []
    given = replace(table(), advance=lambda done, told=None: steps.append(done))
    frames = {name: MEASURES[name].taken(given) for name in ("coverage", "loudness")}
    measure = MEASURES["loudness"]
    assert measure.steps is not None
    assert sum(steps) == measure.steps(given)
    declared = {name: MEASURES[name].declaration for name in frames}
    report = report_with(taxonomy=given.taxonomy, frames=frames, declared=declared, posts=(), not_measured=())
    return json.dumps(report.to_json())


@pytest.fixture
def report(written: str, monkeypatch: pytest.MonkeyPatch) -> AuditReport:
    """Return the report as somebody reads it who has not got the measure."""
    monkeypatch.setattr(MEASURES, "_things", {name: MEASURES[name] for name in MEASURES if name != "loudness"})
    sys.modules.pop("a_foreign_package")
    assert "loudness" not in MEASURES
    return AuditReport.from_json({**json.loads(written), "validated_on": {}})


def languages(node: Node) -> set[str]:
    """Return the texts below a node in which there is a language."""
    return {span.text.strip() for span in node.walk() if span.attrs.get("lang") in ("zh", "en")}


def test_it_is_found_in_its_place(foreign: Path) -> None:
    assert measures_in_order()[:3] == ["coverage", "loudness", "agreement"]


@pytest.mark.slow
def test_the_matrix_has_its_column_as_a_percentage(report: AuditReport) -> None:
    matrix = one(parse(render_html(report)), "matrix")
    heads = matrix.find_all("tr")[1].find_all("th")
    (place,) = (at for at, head in enumerate(heads) if "Loudness" in head.text)
    assert {"音量", "Loudness", "带感叹号的帖子", "with an exclamation mark"} <= languages(heads[place])
    assert "100%" in heads[place].text, "the end of its axis"
    cell = matrix.find_all("tr")[2].find_all("td")[place - 1]
    assert "50.0%" in cell.text
    assert "n=4" in cell.text
    legend = parse(render_html(report)).text
    assert "涉嫌帖中带感叹号的比例。" in legend
    assert "The share of alleged posts that hold one." in legend


@pytest.mark.slow
def test_its_table_names_the_statistic_and_the_group_in_both_languages(report: AuditReport) -> None:
    sections = parse(render_html(report)).find_all("section", class_="measure")
    (section,) = (part for part in sections if "loudness" in part.text)
    said = languages(section)
    assert {"这些帖子吵不吵？", "Do these posts shout?"} <= said
    assert {"高声帖占比", "posts that shout", "一个", "just one"} <= said
    assert "Share of alleged posts that shout, from 0 to 1." in section.text
    assert "涉嫌帖中高声的比例，0 到 1。" in section.text
    assert "[15.0%, 85.0%]" in section.text


@pytest.mark.slow
def test_each_card_has_its_figure_and_its_chart(report: AuditReport) -> None:
    card = parse(render_html(report)).find_all("article")[0]
    assert {"音量", "Loudness", "感叹号有几个", "How many marks", "共计 50.0%。", "In all 50.0%."} <= languages(card)
    assert {"个数", "marks", "一个", "just one", "高声帖占比", "posts that shout"} <= languages(card)
    (drawing,) = (svg for svg in card.find_all("svg") if "感叹号有几个" in svg.text)
    assert {"一个", "just one", "高声帖占比", "posts that shout"} <= languages(drawing)


@pytest.mark.slow
def test_the_reference_and_the_schema_tell_of_it(written: str) -> None:
    said = pages()["measures.md"]
    assert "## loudness: Do these posts shout?\n\n这些帖子吵不吵？" in said
    assert "| `loud` | posts that shout | 高声帖占比 | share | wilson |" in said
    assert "Component of the matrix: Loudness (音量)" in said
    schema = report_schema()
    frame = schema["properties"]["frames"]["properties"]["loudness"]
    assert frame["description"] == "Do these posts shout?"
    assert frame["items"]["properties"]["statistic"]["examples"] == ["loud"]
    Draft202012Validator(schema).validate({**json.loads(written), "validated_on": {}})


def test_its_report_is_valid_where_it_is_not_known_and_says_which_interval(report: AuditReport) -> None:
    Draft202012Validator(report_schema()).validate(json.loads(json.dumps(report.to_json())))
    assert {figure.interval for figure in report.frames["loudness"].figures} == {"wilson"}
    assert b",loud,0.5,4," in frame_csv(report.frames["loudness"])


def test_a_report_whose_figures_are_not_declared_is_refused(report: AuditReport) -> None:
    whole = json.loads(json.dumps(report.to_json()))
    whole["declared"]["loudness"] = whole["declared"]["coverage"]
    with pytest.raises(ReadError, match="damaged") as caught:
        AuditReport.from_json(whole)
    assert "nothing of 'loud', which frames.loudness holds" in str(caught.value.got)
