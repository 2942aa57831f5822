"""All measures at once: what must not change a rate does not (A5), every figure has its n (A1), what a measure lacks
it says, and how to read it is there in both languages.
"""

from __future__ import annotations

import functools
import math

import pytest

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import INPUTS
from koudai.audit.measures import MEASURES
from tests.audit.table import KEYS, RENAMED, table

SHARES = ("coverage", "overlap", "reported_mix", "calibration", "overreach")
ORDERLESS = (
    *(*SHARES, "terms", "definition", "agreement", "crosswalk", "label_disagreement", "label_noise", "drift"),
    *(
        "term_swap",
        "evasion",
        "prevalence",
        "prevalence_corrected",
        "prevalence_by_group",
        "prevalence_over_time",
        "prevalence_around_event",
        "prevalence_regression",
    ),
)
ORDERS = (tuple(range(12))[::-1], (7, 2, 11, 0, 5, 9, 1, 10, 4, 8, 3, 6))

Values = dict[tuple[str, str, str], float | None]


def values(frame: AuditFrame) -> Values:
    found = {(f.category, f.group, f.statistic): f.value for f in frame.figures}
    assert len(found) == len(frame.figures), "two figures of one name"
    return found


@functools.cache
def in_order(name: str) -> AuditFrame:
    """Take a measure of the table as it is, once."""
    return MEASURES[name].taken(table())


def same(found: Values, expected: Values) -> None:
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name] == (None if value is None else pytest.approx(value, abs=1e-6)), name


@pytest.mark.slow
@pytest.mark.parametrize("name", ORDERLESS)
def test_A5_the_order_of_posts_changes_nothing(name: str) -> None:
    expected = values(in_order(name))
    for order in ORDERS:
        found = values(MEASURES[name].taken(table(order=order)))
        same({key: found[key] for key in expected}, expected)
        assert set(found) == set(expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SHARES, "term_swap", "evasion"])
@pytest.mark.parametrize("order", ORDERS, ids=["backwards", "shuffled"])
def test_A5_not_even_the_intervals(name: str, order: tuple[int, ...]) -> None:
    found = MEASURES[name].taken(table(order=order))
    ends = {(f.category, f.group, f.statistic): (f.low, f.high, f.n) for f in found.figures}
    for f in in_order(name).figures:
        low, high, n = ends[f.category, f.group, f.statistic]
        assert n == f.n
        assert (low is None, high is None) == (f.low is None, f.high is None)
        if f.low is not None:
            assert (low, high) == (pytest.approx(f.low, abs=1e-6), pytest.approx(f.high, abs=1e-6))


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES.names())
def test_A5_other_names_for_the_categories_change_nothing_but_the_names(name: str) -> None:
    called = {**{key: key for key in KEYS}, ALL: ALL, **RENAMED}
    expected = {(called[c], called.get(g, g), s): v for (c, g, s), v in values(in_order(name)).items()}
    same(values(MEASURES[name].taken(table(names=RENAMED))), expected)


@pytest.mark.parametrize("name", SHARES)
def test_A5_every_row_twice_leaves_every_rate(name: str) -> None:
    once = in_order(name)
    twice = MEASURES[name].taken(table(order=[*range(12), *range(12)], copies=2))
    same(values(twice), values(once))
    counted = {(f.category, f.group, f.statistic): f.n for f in once.figures if f.statistic != "announced"}
    for f in twice.figures:
        if f.statistic != "announced":
            assert f.n == 2 * counted[f.category, f.group, f.statistic]


def test_A5_every_row_twice_in_one_group_leaves_the_bootstrap_interval() -> None:
    """Of labelled posts: twice as many posts of a sample are another sample."""
    rows = range(12)
    once, twice = (MEASURES["calibration"].taken(table(order=order, sample=None)) for order in (rows, [*rows, *rows]))
    for a, b in zip(once.figures, twice.figures, strict=True):
        if a.statistic in ("ece", "brier"):
            assert (b.low, b.high) == (pytest.approx(a.low, abs=1e-6), pytest.approx(a.high, abs=1e-6))


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES.names())
@pytest.mark.parametrize("rows", [(), (11,), (8,), (0, 0, 0), tuple(range(12))], ids=str)
def test_A1_every_figure_has_an_n_and_nothing_rests_on_nothing(name: str, rows: tuple[int, ...]) -> None:
    frame = MEASURES[name].taken(table(order=rows, quarantined=0))
    assert frame.measure == name
    for figure in frame.figures:
        assert figure.n >= 0
        assert figure.category in (*KEYS, ALL)
        if figure.n == 0:
            assert (figure.value, figure.low, figure.high) == (None, None, None)
        for end in (figure.value, figure.low, figure.high):
            assert end is None or math.isfinite(end)
        if figure.value is not None and figure.low is not None and figure.statistic != "z":
            assert figure.high is not None
            assert figure.low <= figure.high


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES.names())
def test_same_seed_same_frame(name: str) -> None:
    assert MEASURES[name].taken(table()) == in_order(name)
    one, other = (MEASURES[name].taken(table(seed=2**31 - 1)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("name", ["coverage", "overlap", "reported_mix", "terms", "themes"])
def test_measures_of_scores_need_neither_labels_nor_model(name: str) -> None:
    bare = table(labelled=None, model=None, casebook=None)
    assert MEASURES[name].taken(bare) == in_order(name)


@pytest.mark.parametrize("name", MEASURES.names())
def test_needs_are_inputs_and_how_to_read_is_in_both_languages(name: str) -> None:
    measure = MEASURES[name]
    assert set(measure.needs) <= set(INPUTS)
    read = measure.how_to_read
    assert len(read.en) > 200
    assert "中文" not in read.en
    assert sum("\u4e00" <= character <= "\u9fff" for character in read.zh) > 60
    assert "\n\n" not in read.zh
    assert measure.title.zh
    assert measure.title.en
