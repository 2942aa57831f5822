"""Drift: periods that can and cannot be told apart, words that rise and fall; shares and figures by hand (A4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.kept_columns import Periods
from koudai.audit.measures.drift import MOST_PERIODS, _by_period, drift
from koudai.training.intervals import clustered_wilson
from tests.audit.table import KEYS, figures, one, table

OLD = ("停水", "水管", "水厂")
NEW = ("鸡蛋", "涨价", "菜场")


def posts(n: int, words: tuple[str, ...], seed: int) -> list[str]:
    random = np.random.default_rng(seed)
    return [
        f"{words[i % 3]}{''.join(map(chr, random.integers(0x4E00, 0x9000, 12)))}{words[i // 3 % 3]}天气"
        for i in range(n)
    ]


def frame_of(texts: list[str], years: list[str], every: str = "year", **changes: Any) -> AuditFrame:
    period = Periods(every, np.array(years, dtype="datetime64[s]"))
    return drift(table(order=[8] * len(texts), texts=texts, period=period, labelled=None, **changes))


def test_periods_of_other_words_are_told_apart_and_those_of_the_same_are_not() -> None:
    texts = posts(90, OLD, 1) + posts(90, OLD, 2) + posts(90, NEW, 3)
    frame = frame_of(texts, ["2018"] * 90 + ["2019"] * 90 + ["2020"] * 90)
    same, other = (one(frame, ALL, group, "auc") for group in ("2018 / 2019", "2019 / 2020"))
    assert (same.n, other.n) == (180, 180)
    assert (same.low or 0) < 0.5 < (same.high or 0) + 0.02
    assert (other.value or 0) > 0.99


def test_words_rise_and_fall() -> None:
    frame = frame_of(posts(90, OLD, 1) + posts(90, NEW, 3), ["2019"] * 90 + ["2020"] * 90)
    rises, falls = ({f.group: f for f in figures(frame, category=ALL, statistic=name)} for name in ("rises", "falls"))
    assert any(word in text for word in NEW for text in rises)
    assert any(word in text for word in OLD for text in falls)
    assert not set(rises) & set(falls)
    assert all((figure.value or 0) > 0 and 0 < figure.n <= 90 for figure in [*rises.values(), *falls.values()])


def test_R6_words_that_may_not_be_named_are_not() -> None:
    frame = frame_of(posts(90, OLD, 1) + posts(90, NEW, 3), ["2019"] * 90 + ["2020"] * 90, words=False)
    assert not {figure.statistic for figure in frame.figures} & {"rises", "falls"}
    assert (one(frame, ALL, "2019 / 2020", "auc").value or 0) > 0.99


def test_A3_copies_in_both_periods_are_not_counted_as_knowledge() -> None:
    """Each post is there twice, in its own year: with copies in one fold words still cannot tell years apart."""
    once = posts(60, OLD, 5)
    frame = frame_of(once + once, ["2019"] * 60 + ["2020"] * 60)
    assert (one(frame, ALL, "2019 / 2020", "auc").low or 0) <= 0.5


def test_a_category_may_move_where_all_posts_do_not() -> None:
    texts = posts(60, OLD, 1) + posts(60, NEW, 2) + posts(60, NEW, 3) + posts(60, OLD, 4)
    alleged = np.zeros((240, 4), dtype=bool)
    alleged[:60, 0] = alleged[120:180, 0] = True
    frame = frame_of(texts, ["2019"] * 120 + ["2020"] * 120, alleged=alleged)
    assert (one(frame, "rumour", "2019 / 2020", "auc").value or 0) > 0.99
    assert (one(frame, ALL, "2019 / 2020", "auc").value or 0) < 0.7


def test_A4_shares_and_figures_of_periods_by_hand() -> None:
    """Rows 0-3 and 8 are of 2019, 4-7 and 9 of 2020; rumour is alleged of 0-3; two rows have no date."""
    frame = drift(table())
    dated = one(frame, ALL, ALL, "dated")
    dated_rows = np.arange(12) < 10
    assert (dated.value, dated.n, dated.low) == (10 / 12, 12, clustered_wilson(dated_rows, table().clusters).low)
    early, late = (one(frame, "rumour", year, "alleged") for year in ("2019", "2020"))
    assert (early.value, early.n, late.value, late.n) == (4 / 5, 5, 0.0, 5)
    prevalence = one(frame, "rumour", "labelled 2019", "prevalence")
    assert (prevalence.value, prevalence.n) == (3 / 5, 5)
    expected = average_precision_score([1, 1, 0, 1, 0], [0.92, 0.80, 0.75, 0.60, 0.05])
    assert one(frame, "rumour", "labelled 2019", "average_precision").value == pytest.approx(expected)


def test_A1_too_few_posts_one_period_or_no_date() -> None:
    assert one(drift(table()), ALL, "2019 / 2020", "auc").value is None
    assert figures(drift(table(order=(0, 1, 2))), statistic="auc") == []
    none = drift(table(order=(10, 11)))
    assert [(f.statistic, f.value, f.n) for f in none.figures] == [("dated", 0.0, 2)]
    assert [f.value for f in drift(table(order=())).figures] == [None]


def test_only_the_latest_periods_are_compared() -> None:
    years = [str(2000 + i % 15) for i in range(30)]
    frame = frame_of(posts(30, OLD, 1), years)
    assert len(figures(frame, category="rumour", statistic="alleged")) == MOST_PERIODS
    assert {f.group for f in figures(frame, category=ALL, statistic="auc")} == {
        f"{year} / {year + 1}" for year in range(2003, 2014)
    }


def test_months_are_periods_too_and_labels_without_dates_have_no_figures() -> None:
    frame = frame_of(posts(40, OLD, 1), ["2020-01-05"] * 20 + ["2020-02-01"] * 20, every="month")
    assert one(frame, ALL, "2020-01 / 2020-02", "auc").n == 40
    given = table()
    assert given.labelled is not None
    bare = drift(replace(given, labelled=replace(given.labelled, date=None)))
    assert figures(bare, statistic="average_precision") == []


def test_A1_without_dates_or_texts_there_is_nothing_and_periods_without_labels_have_no_figure() -> None:
    assert drift(table(period=None)).figures == ()
    assert drift(table(texts=None)).figures == ()
    given = table()
    assert given.labelled is not None
    assert given.period is not None
    labels = given.labelled.labels.copy()
    names, place = given.period.cut(given.labelled.date)
    labels[place == 0] = -1
    found = _by_period(replace(given.labelled, labels=labels), given.period, given)
    told = {figure.group for figure in found if figure.statistic == "prevalence"}
    assert told
    assert told <= {f"labelled {name}" for name in names[1:]}


def test_every_category_is_set_beside_all_posts_of_as_many() -> None:
    texts = posts(60, OLD, 1) + posts(60, NEW, 3)
    alleged = np.zeros((120, 4), dtype=bool)
    alleged[:, :2] = True
    frame = frame_of(texts, ["2019"] * 60 + ["2020"] * 60, alleged=alleged)
    group = "2019 / 2020"
    every = one(frame, ALL, group, "auc")
    for key in KEYS[:2]:
        mine, beside = (one(frame, key, group, name) for name in ("auc", "auc_of_all"))
        assert (mine.value, mine.n) == (every.value, every.n)
        assert beside.value == every.value
