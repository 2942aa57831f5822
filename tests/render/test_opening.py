"""The sentences a page opens with: each is said where its condition holds and not where it does not, with figures of
the report; the banner, the categories without scores, and the announced figures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from koudai.audit.declaration import Declaration, named
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.measures import MEASURES
from koudai.audit.report import AuditReport
from koudai.render.html import render_html
from koudai.render.opening import MOST, banner, opening
from koudai.render.tables import FigureIndex
from koudai.render.words import Words
from tests.render.reports import cac_2023, empty_report, report_with, sample_report

KEY = "rumour"
SHARES = Declaration(tuple(named(name, zh=name, en=name, unit="share") for name in ("precision", "recall")))
ALLEGED = Figure(KEY, ALL, "alleged", 0.531, 5000)


def report(provenance: dict[str, Any] | None = None, /, **frames: list[Figure]) -> AuditReport:
    """Return a report about one category with these figures by measure."""
    told = {"categories": [KEY], **(provenance or {})}
    return AuditReport(
        provenance=told,
        conservation={"read": 5000, "scored": 5000, "abstained": 0, "quarantined": 0},
        taxonomy=cac_2023(),
        validated_on={KEY: "real"},
        frames={name: AuditFrame(name, tuple(figures)) for name, figures in frames.items()},
        not_measured=(),
        posts=(),
        sampling={},
        declared={name: SHARES if name == "performance" else MEASURES[name].declaration for name in frames},
    )


def said(found: AuditReport) -> list[str]:
    return [one.en for one in opening(found, FigureIndex(found.frames, found.declared), words=Words())]


def people(value: float, low: float, high: float) -> Figure:
    return Figure(KEY, "ppi++", "prevalence", value, 200, low, high)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (people(0.365, 0.301, 0.433), "fewer than the 53.1% that the model tags"),
        (people(0.7, 0.6, 0.8), "more than the 53.1% that the model tags"),
        (people(0.5, 0.4, 0.6), "the 53.1% that the model tags lie within that interval"),
    ],
)
def test_what_people_found_is_set_beside_what_is_alleged(figure: Figure, expected: str) -> None:
    first, second = said(report(coverage=[ALLEGED], prevalence=[figure]))
    assert first == "Of 5,000 posts, 53.1% are tagged “Alleged rumour”."
    assert "By a labelled sample of 200 posts" in second
    assert expected in second


def test_the_interval_stands_in_the_sentence_in_both_languages() -> None:
    found = report(coverage=[ALLEGED], prevalence=[people(0.365, 0.301, 0.433)])
    for text in (one := opening(found, FigureIndex(found.frames, found.declared), words=Words())[1]).zh, one.en:
        assert "36.5% [30.1%, 43.3%]" in text
        assert "{" not in text
    assert "涉嫌造谣传谣" in one.zh


def test_without_a_sample_it_says_that_nothing_is_known() -> None:
    assert "is not known" in said(report(coverage=[ALLEGED]))[1]
    undefined = Figure(KEY, "ppi++", "prevalence", None, 0)
    assert "is not known" in said(report(coverage=[ALLEGED], prevalence=[undefined]))[1]


@pytest.mark.parametrize(
    ("low", "value", "high", "expected"),
    [(0.2, 0.3, 0.4, "agree too little"), (0.82, 0.86, 0.9, "agree well"), (0.6, 0.7, 0.85, "agree to α = 0.70")],
)
def test_agreement_is_judged_by_its_whole_interval(low: float, value: float, high: float, expected: str) -> None:
    (sentence,) = said(report(agreement=[Figure(KEY, ALL, "alpha", value, 90, low, high)]))
    assert expected in sentence


def test_transfer_is_told_where_it_is_hardly_a_guess_and_only_between_corpora() -> None:
    bad, good = Figure(KEY, "a → b", "auc", 0.53, 90, 0.5, 0.56), Figure(KEY, "a → b", "auc", 0.58, 90, 0.5, 0.66)
    assert "A model fitted on a ranks the posts of b" in said(report(transfer=[bad]))[0]
    assert said(report(transfer=[good])) == []
    assert said(report(transfer=[replace(bad, group="a → a")])) == []


def test_performance_is_that_on_a_sample_where_there_is_one_and_not_of_a_few_posts() -> None:
    def both(group: str, n: int, value: float) -> list[Figure]:
        return [Figure(KEY, group, name, value, n, value - 0.1, value + 0.1) for name in ("precision", "recall")]

    (sentence,) = said(report(performance=[*both("weibo", 900, 0.9), *both("sample", 200, 0.4)]))
    assert "40.0% [30.0%, 50.0%] of the posts that the model tags" in sentence
    assert said(report(performance=both("weibo", 12, 0.9))) == []


def test_outcomes_and_cases() -> None:
    fate = [
        Figure(ALL, "same text", "different", 0.226, 581, 0.19, 0.26),
        Figure(ALL, "same text", "different_by_chance", 0.405, 581, 0.37, 0.44),
    ]
    cases = [Figure(ALL, ALL, "pass_rate", 0.6, 495, 0.55, 0.65)]
    first, second = said(report(outcome=fate, overreach=cases))
    assert "Of 581 texts" in first
    assert "by chance alone it would be 40.5%" in first
    assert "Of 495 test cases the model passes 60.0%" in second


def test_a_page_of_everything_opens_with_so_many_sentences_and_one_of_nothing_with_none(page: str) -> None:
    assert len(said(sample_report())) == MOST
    assert said(empty_report()) == []
    assert 'class="opening"' not in render_html(empty_report())
    assert page.count("<li>", 0, page.index("matrix-h")) == MOST


@pytest.mark.parametrize(
    ("validated", "here", "expected"),
    [
        ("written", 0, "banner-written"),
        ("written", 90, "banner-written"),
        ("real", 0, "banner-other"),
        ("proxy", 0, "banner-other"),
        ("none", 0, "banner-none"),
        ("none", 90, None),
        ("real", 90, None),
        ("real", None, None),
    ],
)
def test_a_banner_warns_of_a_validation_elsewhere(validated: str, here: int | None, expected: str | None) -> None:
    found = report({} if here is None else {"labelled_here": here}, coverage=[ALLEGED])
    found = replace(found, validated_on={KEY: validated})
    assert banner(found) == expected
    assert ('class="banner"' in render_html(found)) == (expected is not None)


def test_categories_without_scores_are_one_line() -> None:
    page = render_html(report(coverage=[ALLEGED]))
    assert page.count('<article class="card"') == 1
    assert "13 categories of the taxonomy have no scores" in page
    assert "模型没有打分" in page
    assert 'href="#c-clout_chasing"' not in page


@pytest.mark.slow
def test_announced_figures_stand_only_where_the_posts_are_said_to_be_theirs() -> None:
    without, announced = (
        render_html(report_with(provenance={"config": {"run": {"announced": told}}})) for told in (False, True)
    )
    for piece in ("Announced figures", "campaign against"):
        assert piece in announced
        assert piece not in without
