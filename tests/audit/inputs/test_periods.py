"""Periods: dates in five forms, cut as a loop cuts them; what is no date is counted, told, and can be too much."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.inputs.periods import Periods, periods_of
from koudai.config.audit import PeriodSection
from koudai.errors import ReadError
from tests.audit.kept_scores import scores

FIVE = ["2020-01-02T08:30:00+08:00", "2020年1月2日", "2020/1/2", "1577923200", "20200102"]


def section(**changes: object) -> PeriodSection:
    return PeriodSection.model_validate({"column": "created_at", **changes})


def test_five_forms_are_one_day() -> None:
    found = periods_of(scores(5, created_at=FIVE), section(every="month"))
    assert set(found.date.astype("datetime64[D]").tolist()) == {datetime(2020, 1, 2).date()}
    names, place = found.cut()
    assert (names, place.tolist()) == (("2020-01",), [0] * 5)
    assert found.unreadable == 0


def test_what_is_no_date_is_counted_and_told() -> None:
    found = periods_of(scores(7, created_at=[*FIVE, "昨天", None]), section(unreadable=0.5))
    assert found.unreadable == 1
    assert found.told == "'昨天' (1 posts)"
    assert found.cut()[1].tolist() == [0] * 5 + [-1, -1]


def test_too_much_that_is_no_date_is_refused() -> None:
    with pytest.raises(ReadError) as caught:
        periods_of(scores(8, created_at=[*FIVE, "昨天", "31/1/2020", "31/1/2020"]), section())
    error = caught.value
    assert error.what == "3 of 8 dates cannot be read"
    assert error.got == "'31/1/2020' (2 posts), '昨天' (1 posts)"
    assert "2020年1月2日" in str(error.expected)
    with pytest.raises(ReadError, match="no date at all"):
        periods_of(scores(2, created_at=["", None]), section(unreadable=1))


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["year", "half", "quarter", "month"]),
)
def test_periods_are_those_of_a_loop_and_in_order(dates: list[datetime], every: str) -> None:
    def named(when: datetime) -> str:
        month = when.month - 1
        return {
            "year": f"{when.year}",
            "half": f"{when.year}H{month // 6 + 1}",
            "quarter": f"{when.year}Q{month // 3 + 1}",
            "month": f"{when.year}-{when.month:02d}",
        }[every]

    names, place = Periods(every, np.array(dates, dtype="datetime64[s]")).cut()
    assert [names[at] for at in place] == [named(when) for when in dates]
    assert list(names) == sorted(set(names))


def test_A1_no_posts_have_no_periods() -> None:
    names, place = Periods("year", np.empty(0, dtype="datetime64[s]")).cut()
    assert (names, len(place)) == ((), 0)
