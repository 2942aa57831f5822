"""The page: complete, in two languages, honest about n, under its own policy, within its size."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.measures import MEASURES
from koudai.audit.report import load_report
from koudai.errors import UsageError
from koudai.render.html import render_html
from koudai.storage.durable import write_json
from tests.render.dom import Node, one, parse
from tests.render.reports import component_keys, empty_report, figures_report, report_with, sample_report


def test_is_small(page: str):
    assert len(page.encode()) < 3_000_000


@pytest.mark.slow
def test_same_report_same_page(page: str):
    assert render_html(sample_report()) == page


@pytest.mark.slow
def test_the_page_of_a_report_is_that_of_its_file_to_the_byte(page: str, tmp_path: Path):
    write_json(tmp_path / "report.json", sample_report().to_json())
    assert render_html(load_report(tmp_path / "report.json")) == page


@pytest.mark.slow
def test_a_report_and_its_file_hold_everything_in_one_order(tmp_path: Path):
    whole = sample_report()
    label_all = tuple(replace(post, labels=dict.fromkeys(whole.taxonomy.keys, 1)) for post in whole.posts)
    for order in (list, lambda names: list(reversed(list(names))), sorted):
        turned = replace(
            whole,
            validated_on={key: whole.validated_on[key] for key in order(whole.validated_on)},
            declared={name: whole.declared[name] for name in order(whole.declared)},
            posts=tuple(replace(post, labels=dict.fromkeys(order(post.labels), 1)) for post in label_all),
        )
        write_json(tmp_path / "report.json", turned.to_json())
        for report in (turned, load_report(tmp_path / "report.json")):
            measures = (*report.frames, *(item.measure for item in report.not_measured))
            assert list(report.validated_on) == list(report.taxonomy.keys)
            assert list(report.declared) == [name for name in measures if name in report.declared]
            assert all(list(post.labels) == list(report.taxonomy.keys) for post in report.posts)


def test_unknown_language_is_refused():
    with pytest.raises(UsageError, match="no such language"):
        render_html(empty_report(), lang="fr")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_language_is_set_on_the_root(lang: str):
    (root,) = parse(render_html(empty_report(), lang=lang)).find_all("html")
    assert root.attrs["data-lang"] == lang


@pytest.mark.slow
def test_every_category_has_a_row_and_a_card(tree: Node):
    keys = list(sample_report().taxonomy.keys)
    assert [row.attrs.get("data-key") for row in one(tree, "matrix").find_all("tr")][2:] == keys
    assert [card.attrs["data-key"] for card in tree.find_all("article")] == keys
    for row in one(tree, "matrix").find_all("tr")[2:]:
        assert len(row.find_all("td")) == len(component_keys())
    sections, heads = one(tree, "matrix").find_all("tr")[:2]
    assert sum(int(head.attrs["colspan"] or 0) for head in sections.find_all("th")) == len(component_keys())
    assert len(heads.find_all("th")) == len(component_keys()) + 1


def test_no_single_score(page: str):
    assert "There is no overall vagueness score" in page
    assert not re.search(r"vagueness (index|rating)|score: \d", page)


def test_alleged_is_said_first(tree: Node):
    aside = one(tree, "overview").find_all("aside")[0].text
    assert "Every tag on this page is an allegation." in aside
    assert "只是“涉嫌”" in aside


def test_conservation_is_printed(tree: Node):
    (law,) = one(tree, "overview").find_all("p", class_="law")
    law_text = re.sub(r"\s+", " ", law.text)
    assert re.search(r"12,594 .*read = 11,482 .*scored.* \+ .*1,073 .*abstained.* \+ .*39 .*quarantined", law_text)


def test_rows_quarantined_are_told_by_reason_as_text():
    told = {"ragged": 1240, "<b>bad": 2}
    inputs = [{"role": "labels", "name": "own", "rows": 60, "quarantined": 6}]
    page = render_html(report_with(provenance={"quarantined": told, "inputs": inputs}, frames={}, posts=()))
    assert "Rows quarantined, by reason:" in page
    assert re.search(r"ragged</bdi> 1,240, <bdi>&lt;b&gt;bad</bdi> 2", page)
    assert re.search(r"60 \(.*quarantined.* 6\)", page)
    broken = render_html(report_with(provenance={"quarantined": "many"}, frames={}, posts=()))
    assert "by reason:" not in broken


def test_broken_conservation_is_loud():
    broken = report_with(conservation={"read": 10, "scored": 5, "abstained": 1, "quarantined": 1}, frames={}, posts=())
    (alert,) = parse(render_html(broken)).find_all("p", role="alert")
    assert "do not add up" in alert.text


def test_A1_nothing_counted_is_not_zero():
    figure = Figure("rumour", ALL, "average_precision", 0.5, 0)
    matrix = one(parse(render_html(figures_report(figure))), "matrix")
    assert "—(n=0)" in matrix.find_all("tr", data_key="rumour")[0].text
    assert "—(n=0)" not in matrix.find_all("tr", data_key="clout_chasing")[0].text, "not measured is a bare dash"
    assert not re.search(r"(?<![\d.])(0%|100%)", matrix.find_all("tr", data_key="rumour")[0].text)


def test_A2_few_is_set_apart_with_its_interval():
    few, enough = (
        share("rumour", ALL, "false_alarm_rate", 3, 29),
        share("clout_chasing", ALL, "false_alarm_rate", 3, 30),
    )
    matrix = one(parse(render_html(figures_report(few, enough, measure="overreach"))), "matrix")
    (greyed,) = [cell for cell in matrix.find_all("td") if "few" in (cell.attrs.get("class") or "")]
    assert greyed.attrs["title"] == "10.3% [3.58%, 26.4%] n=29"
    assert "few" in greyed.find_all("span", class_="vh")[0].text, "not by colour alone"


def test_A6_abstained_and_quarantined_stand_beside_every_table_of_rates(tree: Node):
    for section in one(tree, "measures").find_all("section", class_="measure"):
        (caption,) = section.find_all("caption")
        assert "1,073" in caption.text
        assert "39" in caption.text
    assert "1,073" in one(tree, "matrix").find_all("caption")[0].text


def test_A9_sampling_rule_and_seed_are_printed(tree: Node):
    methods = one(tree, "methods").text
    assert sample_report().sampling["en"] in methods
    assert sample_report().sampling["zh"] in methods
    assert "20230310" in methods


def test_tallies_carry_their_unit(tree: Node):
    card = one(tree, "c-impersonation.military").text
    assert re.search(r"13,000\s*个账号accounts", card)
    assert "账号数不是帖子数" in card
    assert "accounts are not posts" in card


def test_shared_tallies_say_so(tree: Node):
    assert "announced together with illegal_monetisation" in one(tree, "c-clout_chasing").text


def test_validation_is_shown_in_row_and_card(tree: Node):
    for place in (one(tree, "matrix").find_all("tr", data_key="rumour")[0], one(tree, "c-rumour")):
        assert len(place.find_all("span", class_="badge-real")) == 1
    assert one(tree, "c-clout_chasing").find_all("span", class_="badge-none")


def test_unknown_validation_counts_as_none():
    tree = parse(render_html(report_with(validated_on={"rumour": "very real"}, frames={}, posts=())))
    assert not tree.find_all("span", class_="badge-real")[1:], "only in the legend"
    assert one(tree, "c-rumour").find_all("span", class_="badge-none")


def test_what_was_not_measured_says_what_it_needs(tree: Node):
    missing = one(tree, "missing").text
    assert "label_noise" in missing
    assert "the model" in missing
    assert "dates" in missing, "an input without a word is shown by its name"


def test_unknown_measures_and_statistics_are_shown_by_their_names():
    figure = Figure("rumour", "somewhere", "new_statistic", 0.25, 77)
    tree = parse(render_html(figures_report(figure, measure="not_registered")))
    assert "new_statistic" in one(tree, "measures").text
    assert "not_registered" in one(tree, "measures").text


def test_every_measure_says_how_to_read_it(tree: Node):
    for section in one(tree, "measures").find_all("section", class_="measure"):
        prose = section.find_all("div", class_="prose")[0]
        assert {node.attrs["lang"] for node in prose.find_all("div") if "lang" in node.attrs} == {"zh", "en"}


def test_empty_report_renders_and_claims_nothing():
    tree = parse(render_html(empty_report()))
    assert not one(tree, "matrix").find_all("tbody")[0].find_all("td")
    assert not re.search(r"\d%", one(tree, "matrix").find_all("tbody")[0].text)
    assert "No post is quoted" in tree.text
    assert "no casebook results" in one(tree, "casebook").text


def test_nearest_category_is_never_kin(tree: Node):
    place = component_keys().index("overlap")
    for row in one(tree, "matrix").find_all("tr")[2:]:
        key = row.attrs["data-key"] or ""
        note = row.find_all("td")[place].find_all("bdi")[0].text
        assert note not in {key.partition(".")[0], key.rpartition(".")[2]}


def test_casebook_functions_have_a_row_each(tree: Node):
    rows = one(tree, "casebook").find_all("tbody")[0].find_all("tr")
    assert len(rows) == 15
    assert "quoted_to_refute" in rows[0].text


@pytest.mark.slow
def test_evidence_is_marked_in_the_posts(tree: Node):
    posts = [post for post in sample_report().posts if post.category == "rumour"]
    marked = [mark.text for mark in one(tree, "c-rumour").find_all("mark")]
    assert posts[0].evidence[0] in marked
    assert set(marked) <= {piece for post in posts for piece in post.evidence}
    assert "Marked words" in tree.text
    assert "Marked words" not in render_html(report_with(posts=()))


def test_the_time_zone_of_dates_is_said():
    plain = empty_report()
    assert "time zone" not in render_html(plain)
    said = render_html(replace(plain, provenance={**plain.provenance, "timezone": "Asia/<i>Shanghai"}))
    assert "Dates are counted in the time zone Asia/&lt;i&gt;Shanghai:" in said
    assert "日期按 Asia/&lt;i&gt;Shanghai 时区计：" in said


@pytest.mark.parametrize("name", ["items", "keys", "get", "__class__"])
def test_a_group_called_as_a_method_is_is_a_name(name: str) -> None:
    report = empty_report()
    coverage, casebook = MEASURES["coverage"].declaration, MEASURES["overreach"].declaration
    frames = {
        "coverage": AuditFrame("coverage", (Figure(ALL, name, "alleged", 0.5, 9),)),
        "overreach": AuditFrame("overreach", (Figure(ALL, name, casebook.cases, 0.5, 9),)),
    }
    page = render_html(replace(report, frames=frames, declared={"coverage": coverage, "overreach": casebook}))
    assert f"<bdi>{name}</bdi>" in page
