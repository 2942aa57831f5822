"""Charts and cells: drawn from the figures, on common axes, with nothing in them but drawing."""

from __future__ import annotations

import re

from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.render.cells import COMPONENTS, columns, kin, overall
from koudai.render.charts import CHARTS, draw_charts
from koudai.render.svg import ATTRIBUTES, ELEMENTS, figure_svg
from koudai.render.tables import FigureIndex
from koudai.render.words import Words
from tests.render.dom import parse
from tests.render.reports import cac_2023, sample_report


def test_every_chart_is_drawn_where_there_are_figures():
    drawn = draw_charts(FigureIndex(sample_report().frames), taxonomy=cac_2023(), words=Words())
    assert [chart.name for chart in drawn["rumour"]] == list(CHARTS)
    assert "reliability" not in [chart.name for chart in drawn["unqualified_advice.legal"]]


def test_nothing_is_drawn_from_nothing():
    drawn = draw_charts(FigureIndex({}), taxonomy=cac_2023(), words=Words())
    assert all(charts == () for charts in drawn.values())


def test_R1_drawings_hold_allowed_elements_and_attributes_only():
    drawn = draw_charts(FigureIndex(sample_report().frames), taxonomy=cac_2023(), words=Words())
    for chart in drawn["rumour"]:
        svg = figure_svg(chart.svg, name="g", title=("甲", "a"), description=("乙", "b"))
        for node in list(parse(str(svg)).walk())[1:]:
            assert node.tag in ELEMENTS | {"title", "desc"}
            assert set(node.attrs) <= {name.lower() for name in ATTRIBUTES} | {"lang", "role", "aria-labelledby", "id"}
        assert not re.search(r"#[0-9a-f]{6}", svg), "colours are the page's own"
        assert "var(--accent)" in svg


def test_axis_titles_are_in_both_languages():
    drawn = draw_charts(FigureIndex(sample_report().frames), taxonomy=cac_2023(), words=Words())
    assert "threshold</text>" in drawn["rumour"][0].svg
    assert "阈值</text>" in drawn["rumour"][0].svg


def test_theme_names_stay_text_and_twins_stay_apart():
    figures = [share("rumour", "一 二", "share", hits, 40) for hits in (20, 10, 10)]
    index = FigureIndex({"themes": AuditFrame("themes", tuple(figures))})
    (chart,) = draw_charts(index, taxonomy=cac_2023(), words=Words())["rumour"]
    assert re.findall(r">(一 二[^<]*)</text>", chart.svg) == ["一 二", "一 二 (2)", "一 二 (3)"]


def test_bars_of_a_column_share_one_axis():
    figures = (share("rumour", ALL, "alleged", 50, 1000), share("clout_chasing", ALL, "alleged", 100, 1000))
    index = FigureIndex({"coverage": AuditFrame("coverage", figures)})
    column = columns(index, taxonomy=cac_2023())[0]
    bars = {key: cell.bar for key, cell in zip(cac_2023().keys, column.cells, strict=True)}
    assert bars["clout_chasing"] == 2 * (bars["rumour"] or 0)
    assert column.top == "20%"
    assert bars["impersonation"] is None, "not measured has no bar"


def test_reference_is_a_tick_not_a_bar():
    figures = (Figure("rumour", ALL, "average_precision", 0.6, 90), share("rumour", ALL, "prevalence", 9, 90))
    index = FigureIndex({"learnability": AuditFrame("learnability", figures)})
    (column,) = columns(index, taxonomy=cac_2023())
    assert (column.cells[0].bar, column.cells[0].tick) == (60.0, 10.0)


def test_a_component_that_was_never_measured_has_no_column():
    assert columns(FigureIndex({}), taxonomy=cac_2023()) == []
    names = [column.component for column in columns(FigureIndex(sample_report().frames), taxonomy=cac_2023())]
    assert names == [component.name for component in COMPONENTS]


def test_the_worst_transfer_is_shown_beside_the_corpus_at_home():
    values = {"a → a": 0.95, "a → b": 0.52, "b → a": 0.7, "b → b": 0.9}
    figures = tuple(Figure("rumour", group, "auc", value, 400) for group, value in values.items())
    index = FigureIndex({"transfer": AuditFrame("transfer", figures)})
    cell = columns(index, taxonomy=cac_2023())[0].cells[0]
    assert (cell.note, cell.bar, cell.tick) == ("a → b", 52.0, 95.0)
    (chart,) = draw_charts(index, taxonomy=cac_2023(), words=Words())["rumour"]
    assert [number for number in re.findall(r">(\S+)</text>", chart.svg) if "." in number] == [
        "0.95",
        "0.52",
        "0.70",
        "0.90",
    ]


def test_arbitrariness_is_that_of_the_widest_set():
    groups = ("held-out posts, ε=0.05", "held-out posts, tagged, ε=0.01", "held-out posts, tagged, ε=0.05")
    figures = tuple(Figure("rumour", group, "arbitrariness", 0.1 * (i + 1), 90) for i, group in enumerate(groups))
    index = FigureIndex({"multiplicity": AuditFrame("multiplicity", figures)})
    cell = columns(index, taxonomy=cac_2023())[0].cells[0]
    assert (cell.bar, cell.note) == (30.0, "")
    (chart,) = draw_charts(index, taxonomy=cac_2023(), words=Words())["rumour"]
    assert chart.rows == (("arbitrariness", "30.0% n=90"),)


def test_what_is_about_all_posts_stands_apart():
    cells = overall(FigureIndex(sample_report().frames))
    assert [cell.component for cell in cells] == ["all-fates", "all-fates", "all-drift", "all-crosswalk"]
    assert all(cell.tick is not None for cell in cells[:2])
    assert overall(FigureIndex({})) == []


def test_names_of_groups_are_in_both_languages_and_data_stays_as_it_is():
    groups = ("pinyin", "拼音")
    figures = tuple(share("rumour", group, "lost", 5 + i, 40) for i, group in enumerate(groups))
    (chart,) = draw_charts(
        FigureIndex({"evasion": AuditFrame("evasion", figures)}), taxonomy=cac_2023(), words=Words()
    )["rumour"]
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
    index = FigureIndex({"overlap": AuditFrame("overlap", figures)})
    cell = columns(index, taxonomy=cac_2023())[0].cells[1]
    assert (cell.note, cell.figure) == ("rumour", figures[2])
