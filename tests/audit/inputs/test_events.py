"""An event: before, during, after; windows beside it that are as long and do not overlap; days outside the data."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.inputs.events import MOST_WINDOWS, NO_DAY, Event, read_event
from koudai.audit.inputs.kept_columns import Periods
from koudai.config.audit import AuditConfig
from koudai.config.columns import EventSection
from koudai.config.load import parse_config
from koudai.errors import ConfigError, ReadError

DAYS = Periods("month", np.array(["2021-03-01T23:59:59", "2021-03-14", "2021-03-15", "2021-02-28", "NaT"], "M8[s]"))
DATES = {"from": "2021-03-01", "to": "2021-03-14"}


def section(**values: object) -> EventSection:
    return EventSection.model_validate({**DATES, **values})


def test_days_are_whole_and_both_ends_are_of_the_event() -> None:
    event = read_event(section(), DAYS)
    assert event.parts().tolist() == [1, 1, 2, 0, -1]
    assert (event.name, section().days) == ("2021-03-01 – 2021-03-14", 14)
    one_day = section(**{"from": "2021-03-14"})
    assert read_event(one_day, DAYS).name == "2021-03-14"


def test_around_leaves_out_what_is_further_away() -> None:
    event = Event(10, 12, np.array([1, 7, 11, 13, 16, NO_DAY]), around=3)
    assert event.parts().tolist() == [-1, 0, 1, 2, -1, -1]
    assert event.window((4, 6)).tolist() == [1, 1, -1, -1, -1, -1]


def test_windows_lie_side_by_side_within_the_data_and_none_is_compared_with_the_event() -> None:
    event = Event(10, 12, np.array([2, 5, 8, 11, 17, 19, NO_DAY]))
    assert event.windows() == [(4, 6), (7, 9), (10, 12), (13, 15), (16, 18)]
    assert event.window((7, 9)).tolist() == [1, 1, 0, -1, 1, 1, -1]
    assert event.window((10, 12)).tolist() == [1, 1, 1, 0, 1, 1, -1]
    long = Event(500, 500, np.arange(2000))
    assert len(long.windows()) == MOST_WINDOWS + 1
    assert long.windows()[0] == (470, 470)


@pytest.mark.parametrize(
    ("days", "what"),
    [
        ({"from": "2022-01-01", "to": "2022-01-05"}, "no scored post is from the event"),
        ({"from": "2021-02-01", "to": "2021-04-01"}, "no scored post is from before or after the event"),
    ],
)
def test_an_event_outside_the_data_or_that_is_all_of_it_is_refused(days: dict[str, str], what: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_event(section(**days), DAYS)
    assert caught.value.what == what
    assert caught.value.expected == "days between 2021-02-28 and 2021-03-15, which posts are from"


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"from": "2021-03-02", "to": "2021-03-01"}, "`to` is a day before `from`"),
        (DATES, "[event] needs [period]"),
        ({"from": "2021-03-01"}, "event.to: Field required"),
        ({**DATES, "form": 3}, "unknown key, expected one of from, to, around"),
        ({**DATES, "around": 0}, "event.around"),
    ],
)
def test_a_section_says_what_is_wrong_with_it(event: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(AuditConfig, {"run": {"name": "a"}, "event": event}, where="a.toml")
    assert problem in str(caught.value.got)


def test_a_config_that_was_filled_in_can_be_read_again() -> None:
    values = {"run": {"name": "a"}, "event": DATES, "period": {"column": "day"}}
    config = parse_config(AuditConfig, values, where="a.toml")
    again = config.model_dump(mode="json", exclude_unset=True)
    assert again["event"] == DATES
    assert parse_config(AuditConfig, again, where="a.toml") == config
