"""A comparison with another audit: the matrix marks its figures, the page lists what moved and counts everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from koudai.audit.comparison import compare_reports
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.render.against import MOST, comparison_view, earlier_figures
from koudai.render.cells import columns
from koudai.render.html import render_html
from koudai.render.tables import FigureIndex
from tests.render.dom import one, parse
from tests.render.payloads import PAYLOADS
from tests.render.reports import cac_2023, hostile_report, report_with, sample_report

BEFORE = report_with(
    provenance={"name": "earlier", "model": {"name": "old"}},
    frames={
        "coverage": AuditFrame(
            "coverage", (share("rumour", ALL, "alleged", 50, 1000), share("clout_chasing", ALL, "gone", 5, 1000))
        )
    },
)
AFTER = report_with(
    provenance={"name": "later", "model": {"name": "new"}},
    frames={
        "coverage": AuditFrame(
            "coverage", (share("rumour", ALL, "alleged", 200, 1000), share("rumour", "t=0.5", "share", 10, 1000))
        )
    },
)
FOUND = compare_reports(BEFORE, AFTER)


def test_everything_is_counted_and_the_largest_changes_are_listed() -> None:
    told = comparison_view(FOUND)
    assert told.names == (("earlier", "old"), ("later", "new"))
    assert told.counts == {"both": 1, "differ": 1, "apart": 1, "before": 1, "after": 1}
    assert [(one.change.measure, one.difference) for one in told.moved] == [("coverage", "+15.0 pp")]
    many = [Figure("rumour", str(i), "x", 0.5, 90) for i in range(MOST + 5)]
    more = [Figure("rumour", str(i), "x", 0.4, 90) for i in range(MOST + 5)]
    both = (report_with(frames={"coverage": AuditFrame("coverage", tuple(rows))}) for rows in (many, more))
    assert len(comparison_view(compare_reports(*both)).moved) == MOST


def test_the_matrix_marks_where_the_other_lies_on_one_axis() -> None:
    column = columns(FigureIndex(AFTER.frames, AFTER.declared), taxonomy=cac_2023(), earlier=earlier_figures(FOUND))[0]
    cell = column.cells[0]
    assert column.top == "25%"
    assert (cell.bar, cell.other_at) == (80.0, 20.0)
    assert columns(FigureIndex(AFTER.frames, AFTER.declared), taxonomy=cac_2023())[0].cells[0].other is None


@pytest.mark.slow
def test_the_page_says_what_is_the_same_and_what_moved() -> None:
    tree = parse(render_html(AFTER, against=FOUND))
    section = one(tree, "compared").text
    assert "Whether the posts are the same is not known." in section
    assert "5.00% [3.81%, 6.53%] n=1,000" in section
    assert "+15.0 pp" in section
    assert "#compared" in [link.attrs.get("href") for link in tree.find_all("nav")[0].find_all("a")]
    assert "◇ 5.00%" in one(tree, "matrix").text
    assert "compared" not in {node.attrs.get("id") for node in parse(render_html(AFTER)).walk()}


def test_the_page_says_that_sums_over_other_categories_do_not_compare() -> None:
    sides = [
        replace(AFTER, provenance={**AFTER.provenance, "categories": keys}) for keys in (["rumour", "x"], ["rumour"])
    ]
    said = "figures over all of them (tagged, no tag) cannot be compared"
    for before, there in zip(sides, (True, False), strict=True):
        page = render_html(sides[1], against=compare_reports(before, sides[1]))
        assert (said in one(parse(page), "compared").text) is there


@pytest.mark.slow
def test_R1_the_other_audit_is_text_too() -> None:
    def tags(payload: str) -> set[str]:
        report = hostile_report(payload)
        return {node.tag for node in parse(render_html(report, against=compare_reports(report, report))).walk()}

    calm = tags("harmless")
    for payload in PAYLOADS[:8]:
        assert tags(payload) == calm


def test_two_equal_audits_have_nothing_that_moved() -> None:
    told = comparison_view(compare_reports(sample_report(), sample_report()))
    assert told.moved == ()
    assert told.counts["both"] == sum(len(frame.figures) for frame in sample_report().frames.values())
