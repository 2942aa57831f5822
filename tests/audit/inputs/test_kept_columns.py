"""Kept columns: text, nothing for null; outcomes all have a meaning; dates in five forms; values by group."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.inputs.kept_columns import (
    KEPT,
    REMOVED,
    SILENT,
    UNRECORDED,
    Periods,
    read_groups,
    read_kept_values,
    read_outcomes,
    read_periods,
)
from koudai.config.columns import GroupSection, OutcomeSection, PeriodSection
from koudai.errors import ConfigError, LabelError, ReadError
from tests.audit.kept_scores import scores


def test_null_is_nothing() -> None:
    assert read_kept_values(scores(3, topic=["a", None, ""]), "topic", section="group") == ["a", "", ""]


def test_a_column_that_was_not_kept_is_named_with_those_that_were() -> None:
    with pytest.raises(ConfigError) as caught:
        read_kept_values(scores(1, created_at=["2020"], topic=["a"]), "create_at", section="period")
    assert caught.value.what == "the scores keep no column 'create_at'"
    assert caught.value.where == "[period] column"
    assert caught.value.expected == "created_at, topic"
    assert caught.value.todo == "did you mean 'created_at'?"
    with pytest.raises(ConfigError, match="score again and keep column 'outcome'"):
        read_kept_values(scores(1), "outcome", section="outcome")


def test_a_column_of_accounts_is_never_asked_for() -> None:
    with pytest.raises(ConfigError, match="accounts are never read"):
        read_kept_values(scores(1, user_id=["x"]), "user_id", section="group")


SECTION = OutcomeSection(
    column="outcome", removed=("violation", "blocked"), kept=("there",), silent={"author_deleted": "the author's own"}
)


def test_each_value_means_what_the_config_says() -> None:
    values = ["violation", "there", "author_deleted", "", None, "blocked"]
    found = read_outcomes(scores(6, outcome=values), SECTION)
    assert found.fate.tolist() == [REMOVED, KEPT, SILENT, UNRECORDED, UNRECORDED, REMOVED]
    assert found.value.tolist() == ["violation", "there", "author_deleted", "", "", "blocked"]
    assert found.recorded.tolist() == [True, True, True, False, False, True]


def test_I17_I18_a_value_without_meaning_is_listed_with_its_count_and_the_near_match() -> None:
    with pytest.raises(LabelError) as caught:
        read_outcomes(scores(4, outcome=["violation", "Violation ", "Violation ", "gone\x1b[2J"]), SECTION)
    error = caught.value
    assert error.what == "2 outcomes have no meaning"
    assert "'Violation ' (2 posts), did you mean 'violation'?" in str(error.got)
    assert "\x1b" not in str(error)
    assert "author" in str(error.todo)


def test_A1_nothing_recorded_at_all_is_refused() -> None:
    with pytest.raises(LabelError, match="no outcome is recorded of any post"):
        read_outcomes(scores(2, outcome=["", None]), SECTION)


FIVE = ["2020-01-02T08:30:00+08:00", "2020年1月2日", "2020/1/2", "1577923200", "20200102"]


def section(**changes: object) -> PeriodSection:
    return PeriodSection.model_validate({"column": "created_at", **changes})


def test_five_forms_are_one_day() -> None:
    found = read_periods(scores(5, created_at=FIVE), section(every="month"))
    assert set(found.date.astype("datetime64[D]").tolist()) == {datetime(2020, 1, 2).date()}
    names, place = found.cut()
    assert (names, place.tolist()) == (("2020-01",), [0] * 5)
    assert found.unreadable == 0


def test_one_instant_is_in_one_period_however_crawlers_write_it() -> None:
    four = ["2024-01-01 00:05:00", "2024-01-01 00:05:00+08:00", "1704038700", "Mon Jan 01 00:05:00 +0800 2024"]
    assert read_periods(scores(4, created_at=four), section()).cut()[0] == ("2024",)
    abroad = read_periods(scores(4, created_at=four), section(), timezone="UTC")
    names, place = abroad.cut()
    assert (names, place.tolist()) == (("2023", "2024"), [1, 0, 0, 0])


def test_what_is_no_date_is_counted_and_told() -> None:
    found = read_periods(scores(7, created_at=[*FIVE, "昨天", None]), section(unreadable=0.5))
    assert found.unreadable == 1
    assert found.told == "'昨天' (1 post)"
    assert found.cut()[1].tolist() == [0] * 5 + [-1, -1]


def test_too_much_that_is_no_date_is_refused() -> None:
    with pytest.raises(ReadError) as caught:
        read_periods(scores(8, created_at=[*FIVE, "昨天", "31/1/2020", "31/1/2020"]), section())
    error = caught.value
    assert error.what == "3 of 8 dates cannot be read"
    assert error.got == "'31/1/2020' (2 posts), '昨天' (1 post)"
    assert "2020年1月2日" in str(error.expected)
    with pytest.raises(ReadError, match="no date at all"):
        read_periods(scores(2, created_at=["", None]), section(unreadable=1))


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


def test_values_go_under_one_name_and_others_keep_their_own() -> None:
    section = GroupSection(column="topic", called={"money": ("stocks", "finance"), "school": ("education",)})
    values = ["stocks", "education", None, "sports", "finance"]
    assert read_groups(scores(5, topic=values), section).tolist() == ["money", "school", "", "sports", "money"]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=20))
def test_names_change_no_count(values: list[str]) -> None:
    column = [*values, "a", "b"]
    found = read_groups(scores(len(column), topic=column), GroupSection(column="topic", called={"ab": ("a", "b")}))
    assert (found == "ab").sum() == sum(value in "ab" for value in column)
    assert (found == "c").sum() == column.count("c")


def test_a_group_without_a_post_is_refused() -> None:
    called = {"money": ("stock",), "school": ("education", "schools")}
    with pytest.raises(LabelError) as caught:
        read_groups(scores(2, topic=["stocks", "education"]), GroupSection(column="topic", called=called))
    assert caught.value.got == "'money': 'stock', did you mean 'stocks'?"
    assert caught.value.expected == "'education', 'stocks'"


def test_groups_of_a_column_that_was_not_kept_are_refused() -> None:
    with pytest.raises(ConfigError, match="keep no column"):
        read_groups(scores(1), GroupSection(column="topic"))
