"""A comparison of two audits: no figure lost, differences as worked out by hand, nothing claimed without intervals."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.comparison import Same, compare_reports, told_same
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.report import AuditReport
from koudai.errors import UsageError
from koudai.taxonomy import Taxonomy
from tests.render.reports import report_with, sample_report

NUMBERS = st.floats(allow_nan=False) | st.none()
ENDS = st.tuples(NUMBERS, NUMBERS).filter(lambda two: None in two or two[0] <= two[1])
FIGURES = st.builds(
    lambda category, group, value, n, ends: Figure(category, group, "f1", value, n, *ends),
    st.sampled_from("ab"),
    st.sampled_from("*g"),
    NUMBERS,
    st.integers(0, 99),
    ENDS,
)
LISTS = st.lists(FIGURES, max_size=8)


def of(*figures: Figure, measure: str = "m") -> AuditReport:
    return report_with(frames={measure: AuditFrame(measure, tuple(figures))})


def figure(value: float | None, low: float | None = None, high: float | None = None, **changes: object) -> Figure:
    about = {"category": "a", "group": ALL, "statistic": "f1", "n": 50, **changes}
    return Figure(value=value, low=low, high=high, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        (figure(0.5, 0.4, 0.6), figure(0.75, 0.65, 0.85), 0.25),
        (figure(0.75, 0.65, 0.85), figure(0.5, 0.4, 0.6), -0.25),
        (figure(0.5, 0.4, 0.6), figure(0.5, 0.1, 0.9), 0.0),
        (figure(0.5, 0.4, 0.6), figure(0.75), 0.25),
        (figure(0.5, 0.4, 0.6), figure(0.75, n=0), None),
        (figure(None), figure(0.75, 0.65, 0.85), None),
        (figure(-1.7e308), figure(1.7e308), None),
    ],
)
def test_differences_as_worked_out_by_hand(before: Figure, after: Figure, difference: float | None) -> None:
    (change,) = compare_reports(of(before), of(after)).changes
    assert change.difference == difference
    assert change.moved is None, "whether the posts are the same is not known"


def other_posts(report: AuditReport, ids: str, clusters: str = "none") -> AuditReport:
    told = {**report.provenance, "posts": {"n": 9, "ids": ids}, "clusters": clusters}
    return replace(report, provenance=told)


def test_figures_of_other_posts_are_tested_by_their_intervals_and_adjusted_for_all_of_them() -> None:
    pairs = [(0.5, 0.75), (0.5, 0.55), (0.5, 0.5)]
    before = [figure(a, a - 0.1, a + 0.1, group=str(at)) for at, (a, _) in enumerate(pairs)]
    after = [figure(b, b - 0.1, b + 0.1, group=str(at)) for at, (_, b) in enumerate(pairs)]
    found = compare_reports(other_posts(of(*before), "a"), other_posts(of(*after), "b"))
    by_group = {change.after.group: change for change in found.changes}
    moved = by_group["0"].moved
    assert moved is not None
    assert (moved.test, moved.z) == ("independent", pytest.approx(1.96 * 0.25 / 0.02**0.5, abs=1e-3))
    assert (moved.low, moved.high) == pytest.approx((0.25 - 0.02**0.5, 0.25 + 0.02**0.5))
    assert by_group["0"].adjusted == pytest.approx(3 * moved.p)
    assert by_group["2"].adjusted == 1.0
    told = found.to_json()["changes"][0]["tested"]
    assert (told["test"], told["p_holm"]) == ("independent", by_group["0"].adjusted)


def test_with_other_clusters_intervals_are_not_tested_and_it_is_said() -> None:
    before, after = figure(0.5, 0.4, 0.6), figure(0.75, 0.65, 0.85)
    found = compare_reports(
        other_posts(of(before), "a", "near-duplicates"), other_posts(of(after), "b", "column event")
    )
    assert found.same.clusters is False
    assert found.changes[0].moved is None
    assert any("near-duplicates before, column event after" in line for line in told_same(found))


def test_figures_with_intervals_of_two_kinds_or_of_chance_alone_are_not_tested() -> None:
    kinds = [("wilson", "design-based"), ("by chance", "by chance")]
    for one, other in kinds:
        before, after = figure(0.5, 0.4, 0.6, interval=one), figure(0.75, 0.65, 0.85, interval=other)
        assert compare_reports(other_posts(of(before), "a"), other_posts(of(after), "b")).changes[0].moved is None


@pytest.mark.slow
@settings(deadline=None, max_examples=100, derandomize=True)
@given(LISTS, LISTS)
def test_no_figure_of_either_is_lost_and_swapping_them_turns_the_signs(a: list[Figure], b: list[Figure]) -> None:
    one, other = compare_reports(of(*a), of(*b)), compare_reports(of(*b), of(*a))
    assert Counter([change.before for change in one.changes] + [found for _, found in one.only_before]) == Counter(a)
    assert Counter([change.after for change in one.changes] + [found for _, found in one.only_after]) == Counter(b)
    assert one.only_before == other.only_after
    back = {(change.after, change.before): change for change in other.changes}
    for change in one.changes:
        turned = back[change.before, change.after]
        assert (change.moved is None) == (turned.moved is None)
        assert change.difference == (None if turned.difference is None else -turned.difference)
    json.dumps(one.to_json(), allow_nan=False)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(LISTS)
def test_an_audit_compared_with_itself_has_not_moved(a: list[Figure]) -> None:
    found = compare_reports(of(*a), of(*a))
    assert not found.only_before
    assert not found.only_after
    assert {change.difference for change in found.changes} <= {0.0, None}
    assert not any(change.moved for change in found.changes)


def test_a_whole_report_against_itself() -> None:
    report = sample_report()
    found = compare_reports(report, report)
    assert len(found.changes) == sum(len(frame.figures) for frame in report.frames.values())
    assert found.to_json()["before"]["model"]["name"] == "demo"
    assert '"text"' not in json.dumps(found.to_json()), "figures, no posts"


def test_changes_are_ordered_by_their_size_in_standard_errors_those_without_a_test_last() -> None:
    before = [figure(0.5, 0.4, 0.6, category=key) for key in "abc"] + [
        figure(0.5, category="d"),
        figure(9, category="e"),
    ]
    after = [
        figure(0.6, 0.5, 0.7, category="a"),
        figure(0.6, 0.59, 0.61, category="b"),
        figure(0.5, 0.4, 0.6, category="c"),
        figure(100, category="d"),
        figure(None, category="e"),
    ]
    found = compare_reports(other_posts(of(*before), "p"), other_posts(of(*after), "q"))
    assert [change.after.category for change in found.changes] == list("bacde")


def test_other_measures_groups_and_statistics_are_not_joined() -> None:
    others = [figure(0.5, group="g"), figure(0.5, statistic="auc"), figure(0.5, category="b")]
    found = compare_reports(of(figure(0.5)), of(*others))
    assert found.changes == ()
    assert [one for _, one in found.only_after] == others
    assert compare_reports(of(figure(0.5)), of(figure(0.5), measure="other")).changes == ()


def test_another_taxonomy_is_refused_unless_told() -> None:
    report = sample_report()
    changed = Taxonomy.model_validate({**report.taxonomy.model_dump(), "version": 99})
    other = report_with(taxonomy=changed)
    with pytest.raises(UsageError, match="another taxonomy") as caught:
        compare_reports(other, report)
    assert changed.digest in str(caught.value.got)
    assert "`other_taxonomy`" in str(caught.value.todo)
    found = compare_reports(other, report, other_taxonomy=True)
    assert found.before["taxonomy"]["digest"] != found.after["taxonomy"]["digest"]
    assert len(found.changes) > 0


def audited(digest: str | None, ids: str | None, *inputs: tuple[str, str, str], name: str = "bert") -> AuditReport:
    told = [dict(zip(("role", "name", "sha256"), one, strict=True), rows=1, licence="") for one in inputs]
    provenance = {
        "model": None if digest is None else {"name": name, "digest": digest, "classifier": "external"},
        "posts": None if ids is None else {"n": 1200, "ids": ids},
        "inputs": told,
    }
    return report_with(provenance={**sample_report().provenance, **provenance})


def test_two_models_on_the_same_posts_are_compared_and_said_to_be_two() -> None:
    labels = ("labels", "own", "1")
    before = audited("a", "p", labels, ("scores", "job", "2"), ("outcome", "fate", ""), name="linear")
    after = audited("b", "p", labels, ("scores", "t.csv", "3"))
    found = compare_reports(before, after)
    inputs = (("labels", "own", "both"), ("scores", "job", "before"), ("scores", "t.csv", "after"))
    expected = tuple(dict(zip(("role", "name", "in"), one, strict=True)) for one in inputs)
    assert found.same == Same(model=False, posts=True, categories=None, clusters=None, inputs=expected)
    assert found.changes
    first, second = told_same(found)
    assert first == "two models: linear (external) before, bert (external) after; the same 1,200 posts"
    assert "posts.parquet" in second
    assert found.to_json()["same"] == {
        "model": False,
        "posts": True,
        "categories": None,
        "clusters": None,
        "inputs": list(expected),
    }
    assert found.to_json()["before"]["posts"] == {"n": 1200, "ids": "p"}


@pytest.mark.parametrize(
    ("before", "after", "model", "posts", "line"),
    [
        (("a", "p"), ("a", "p"), True, True, "the same model, bert (external); the same 1,200 posts"),
        (
            ("a", "p"),
            ("a", "q"),
            True,
            False,
            "the same model, bert (external); other posts: 1,200 before, 1,200 after",
        ),
        (
            (None, "p"),
            ("a", None),
            None,
            None,
            "whether the model is the same is not known; whether the posts are the same is not known",
        ),
    ],
)
def test_A7_what_is_the_same_is_said_and_what_is_not_known_is_not_claimed(
    before: tuple[str | None, str | None],
    after: tuple[str | None, str | None],
    model: bool | None,
    posts: bool | None,
    line: str,
) -> None:
    found = compare_reports(audited(*before), audited(*after))
    assert (found.same.model, found.same.posts) == (model, posts)
    assert told_same(found) == [line]


def test_A7_sums_over_other_categories_are_said_not_to_compare() -> None:
    sides = []
    for keys in (["rumour", "clout_chasing"], ["rumour"], ["clout_chasing", "rumour"]):
        told = audited("a", "p")
        sides.append(replace(told, provenance={**told.provenance, "categories": keys}))
    found = compare_reports(sides[0], sides[1])
    assert found.same.categories is False
    assert told_same(found)[1].startswith("other categories have scores: 2 before, 1 after; figures over all")
    alike = compare_reports(sides[0], sides[2])
    assert alike.same.categories is True
    assert len(told_same(alike)) == 1


def test_R5_the_name_of_a_model_is_printed_escaped() -> None:
    found = compare_reports(audited("a", "p", name="\x1b[31m"), audited("b", "q", name="m" * 300))
    (line,) = told_same(found)
    assert "\x1b" not in line
    assert len(line) < 300


@pytest.mark.parametrize("odd", ["x", 7, ["x"], [7], {"n": "x", "ids": 3}, {"digest": 0}])
def test_a_provenance_of_any_kind_is_compared(odd: object) -> None:
    provenance = dict.fromkeys(("model", "categories", "posts", "inputs"), odd)
    found = compare_reports(report_with(provenance=provenance), sample_report())
    assert found.same.posts is None
    assert found.same.categories is None
    assert told_same(found)
    json.dumps(found.to_json())
