"""Charts and cells: drawn from the figures, on common axes, with nothing in them but drawing."""

from __future__ import annotations

import re

import pytest

from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.measures import MEASURES
from koudai.render.cells import columns, kin, overall
from koudai.render.charts import DrawnChart, declared_charts, draw_charts
from koudai.render.svg import figure_svg
from koudai.render.tables import FigureIndex
from koudai.render.words import Words
from koudai.taxonomy import Taxonomy
from tests.render.dom import parse
from tests.render.reports import cac_2023, sample_report

ELEMENTS = frozenset(("svg", "g", "path", "line", "rect", "circle", "text"))
ATTRIBUTES = frozenset(
    ("d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "width", "height", "transform", "viewBox", "text-anchor")
    + ("fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "stroke-opacity", "font-size")
)
DECLARED = {name: MEASURES[name].declaration for name in MEASURES}


def indexed(frames: dict[str, AuditFrame]) -> FigureIndex:
    return FigureIndex(frames, DECLARED)


def charts_of(index: FigureIndex, taxonomy: Taxonomy | None = None) -> dict[str, tuple[DrawnChart, ...]]:
    return draw_charts(index, taxonomy=taxonomy or cac_2023(), words=Words(DECLARED))


@pytest.mark.slow
def test_every_chart_is_drawn_where_there_are_figures():
    drawn = charts_of(indexed(sample_report().frames))
    assert [chart.key for chart in drawn["rumour"]] == [chart.key for _, chart in declared_charts(DECLARED)]
    assert "reliability" not in [chart.key for chart in drawn["unqualified_advice.legal"]]


def test_nothing_is_drawn_from_nothing():
    drawn = charts_of(indexed({}))
    assert all(charts == () for charts in drawn.values())


def test_R1_drawings_hold_allowed_elements_and_attributes_only():
    drawn = charts_of(indexed(sample_report().frames))
    for chart in drawn["rumour"]:
        svg = figure_svg(chart.svg, name="g", title=("甲", "a"), description=("乙", "b"))
        for node in list(parse(str(svg)).walk())[1:]:
            assert node.tag in ELEMENTS | {"title", "desc"}
            assert set(node.attrs) <= {name.lower() for name in ATTRIBUTES} | {"lang", "role", "aria-labelledby", "id"}
        assert not re.search(r"#[0-9a-f]{6}", svg), "colours are the page's own"
        assert "var(--accent)" in svg


def test_axis_titles_are_in_both_languages():
    drawn = charts_of(indexed(sample_report().frames))
    assert "threshold</text>" in drawn["rumour"][0].svg
    assert "阈值</text>" in drawn["rumour"][0].svg


def test_theme_names_stay_text_and_twins_stay_apart():
    figures = [share("rumour", "一 二", "share", hits, 40) for hits in (20, 10, 10)]
    index = indexed({"themes": AuditFrame("themes", tuple(figures))})
    (chart,) = charts_of(index)["rumour"]
    assert re.findall(r">(一 二[^<]*)</text>", chart.svg) == ["一 二", "一 二 (2)", "一 二 (3)"]


def test_bars_of_a_column_share_one_axis():
    figures = (share("rumour", ALL, "alleged", 50, 1000), share("clout_chasing", ALL, "alleged", 100, 1000))
    index = indexed({"coverage": AuditFrame("coverage", figures)})
    column = columns(index, taxonomy=cac_2023())[0]
    bars = {key: cell.bar for key, cell in zip(cac_2023().keys, column.cells, strict=True)}
    assert bars["clout_chasing"] == 2 * (bars["rumour"] or 0)
    assert column.top == "20%"
    assert bars["impersonation"] is None, "not measured has no bar"


def test_reference_is_a_tick_not_a_bar():
    figures = (Figure("rumour", ALL, "average_precision", 0.6, 90), share("rumour", ALL, "prevalence", 9, 90))
    index = indexed({"learnability": AuditFrame("learnability", figures)})
    (column,) = columns(index, taxonomy=cac_2023())
    assert (column.cells[0].bar, column.cells[0].tick) == (60.0, 10.0)


def test_a_component_that_was_never_measured_has_no_column():
    assert columns(indexed({}), taxonomy=cac_2023()) == []
    found = [column.component for column in columns(indexed(sample_report().frames), taxonomy=cac_2023())]
    assert len(found) == sum(len(declared.components) for declared in DECLARED.values())
    assert [one.section for one in found] == ["how-much"] * 3 + ["told-apart"] * 9 + ["in-the-pocket"] * 7
    assert [one.key for one in found][:4] == ["coverage", "prevalence", "outcome", "agreement"]


def test_the_worst_transfer_is_shown_beside_the_corpus_at_home():
    values = {"a → a": 0.95, "a → b": 0.52, "b → a": 0.7, "b → b": 0.9}
    figures = tuple(Figure("rumour", group, "auc", value, 400) for group, value in values.items())
    index = indexed({"transfer": AuditFrame("transfer", figures)})
    cell = columns(index, taxonomy=cac_2023())[0].cells[0]
    assert (cell.note, cell.bar, cell.tick) == ("a → b", 52.0, 95.0)
    (chart,) = charts_of(index)["rumour"]
    assert [number for number in re.findall(r">(\S+)</text>", chart.svg) if "." in number] == [
        "0.95",
        "0.52",
        "0.70",
        "0.90",
    ]


def test_arbitrariness_is_that_of_the_widest_set():
    groups = ("held-out posts, ε=0.05", "held-out posts, tagged, ε=0.01", "held-out posts, tagged, ε=0.05")
    figures = tuple(Figure("rumour", group, "arbitrariness", 0.1 * (i + 1), 90) for i, group in enumerate(groups))
    index = indexed({"multiplicity": AuditFrame("multiplicity", figures)})
    cell = columns(index, taxonomy=cac_2023())[0].cells[0]
    assert (cell.bar, cell.note) == (30.0, "")
    (chart,) = charts_of(index)["rumour"]
    assert chart.rows == (("arbitrariness", "30.0% n=90"),)


def test_what_is_about_all_posts_stands_apart():
    cells = overall(indexed(sample_report().frames))
    assert [(cell.figure.measure, cell.note) for cell in cells if cell.figure] == [
        ("outcome", "identical"),
        ("outcome", "near-identical"),
        ("drift", "2024H2 / 2025H1"),
        ("crosswalk", "other"),
    ]
    assert all(cell.tick is not None for cell in cells[:2])
    assert overall(indexed({})) == []


def test_names_of_groups_are_in_both_languages_and_data_stays_as_it_is():
    groups = ("pinyin", "拼音")
    figures = tuple(share("rumour", group, "lost", 5 + i, 40) for i, group in enumerate(groups))
    (chart,) = charts_of(indexed({"evasion": AuditFrame("evasion", figures)}))["rumour"]
    assert len(re.findall(r'lang="zh"[^>]*>拼音</text>', chart.svg)) == 1
    assert len(re.findall(r'lang="en"[^>]*>pinyin</text>', chart.svg)) == 1
    assert len(re.findall(r">拼音</text>", chart.svg)) == 2


def test_kin_are_all_above_and_below():
    taxonomy = cac_2023()
    assert kin(taxonomy, key="unqualified_advice.legal") == {"unqualified_advice", "unqualified_advice.legal"}
    assert len(kin(taxonomy, key="impersonation")) == 6


def test_nearest_ignores_kin_and_undefined():
    figures = (
        Figure("impersonation", "impersonation.military", "jaccard", 0.9, 50),
        Figure("impersonation", "clout_chasing", "jaccard", None, 0),
        Figure("impersonation", "rumour", "jaccard", 0.1, 50),
    )
    index = indexed({"overlap": AuditFrame("overlap", figures)})
    cell = columns(index, taxonomy=cac_2023())[0].cells[1]
    assert cell.figure is not None
    assert (cell.note, cell.figure.value) == ("rumour", figures[2].value)


def test_bars_are_groups_and_never_all_posts():
    drawn = {chart.key: chart for chart in charts_of(indexed(sample_report().frames))["rumour"]}
    bars = [chart for _, chart in declared_charts(DECLARED) if chart.kind == "bars"]
    assert len(bars) == 20
    for chart in bars:
        assert drawn[chart.key].rows
        assert all(row[0] != ALL and len(row) == len(drawn[chart.key].head) for row in drawn[chart.key].rows)


def test_prediction_sets_are_shown_for_both_classes_together():
    (chart,) = (one for one in charts_of(indexed(sample_report().frames))["rumour"] if one.key == "silence")
    assert [row[0] for row in chart.rows] == ["1−α=0.8", "1−α=0.9", "1−α=0.95"]


def test_what_has_no_value_has_no_bar():
    figures = (Figure("rumour", "a", "alpha", None, 0), Figure("rumour", "b", "alpha", 0.4, 90))
    (chart,) = charts_of(indexed({"agreement": AuditFrame("agreement", figures)}))["rumour"]
    assert chart.rows == (("b", "0.40 n=90"),)


def test_arbitrariness_takes_the_widest_set_of_tagged_posts():
    (chart,) = (one for one in charts_of(indexed(sample_report().frames))["rumour"] if one.key == "arbitrariness")
    assert [row[0] for row in chart.rows] == ["ambiguity", "discrepancy", "arbitrariness", "flip_rate"]
    assert "(留出帖" in chart.explanation.replace("（", "(").replace('<span lang="zh">', "")
    assert "ε=0.05" in chart.explanation


def test_a_reference_may_be_of_another_measure():
    figures = {
        "prevalence": AuditFrame("prevalence", (Figure("rumour", "ppi++", "prevalence", 0.5, 90),)),
        "coverage": AuditFrame("coverage", (share("rumour", ALL, "alleged", 25, 100),)),
    }
    column = next(one for one in columns(indexed(figures), taxonomy=cac_2023()) if one.component.key == "prevalence")
    assert (column.cells[0].bar, column.cells[0].tick) == (100.0, 50.0)


def test_a_grid_calls_wordings_by_their_names_and_the_card_is_of_the_withheld_one():
    names = ("full", "withheld", "paraphrase-plain")
    pairs = [Figure("rumour", f"{a} → {b}", "agreement", 0.9, 60, 0.8, 0.95) for a in names for b in names]
    left = [Figure("rumour", name, "tags_left", 0.1 * place, 60) for place, name in enumerate(names[1:], 3)]
    index = indexed({"wording": AuditFrame("wording", (*left, *pairs))})
    grid = next(one for one in charts_of(index)["rumour"] if one.key == "agreement-of-wordings")
    svg = grid.svg
    assert ">不给定义</text>" in svg
    assert ">withheld</text>" in svg
    assert svg.count(">paraphrase-plain</text>") == 2

    def shown(figures: list[Figure]) -> str:
        (column,) = columns(indexed({"wording": AuditFrame("wording", tuple(figures))}), taxonomy=cac_2023())
        figure = column.cells[cac_2023().keys.index("rumour")].figure
        return figure.group if figure else ""

    assert shown(left) == "withheld"
    assert shown(left[1:]) == "paraphrase-plain", "where nothing is withheld, the last"
