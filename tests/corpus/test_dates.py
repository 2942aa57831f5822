"""Dates: every form of ISO 8601 that a corpus may hold, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.corpus.dates import dates_of
from pipeline.errors import ReadError


def read(*values: object) -> list[object]:
    return dates_of(list(values), source="own", column="when").tolist()


def test_dates_times_and_what_parquet_gives_are_read() -> None:
    noon = datetime(2020, 1, 31, 12)
    assert read("2020-01-31", " 2020-01-31 12:00 ", "2020-01-31T12:00:00", date(2020, 1, 31), noon) == [
        datetime(2020, 1, 31),
        noon,
        noon,
        datetime(2020, 1, 31),
        noon,
    ]


def test_an_offset_is_turned_to_utc() -> None:
    east = timezone(timedelta(hours=8))
    assert read("2020-01-31T08:30:00+08:00", datetime(2020, 2, 1, 1, tzinfo=east)) == [
        datetime(2020, 1, 31, 0, 30),
        datetime(2020, 1, 31, 17),
    ]


def test_nothing_is_no_date() -> None:
    assert np.isnat(dates_of([None, ""], source="own", column="when")).all()


@settings(max_examples=100, deadline=None)
@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_what_is_written_is_read_to_the_second(when: datetime) -> None:
    assert read(when.isoformat(), when) == [when.replace(microsecond=0)] * 2


def test_what_is_no_date_is_listed_with_its_count() -> None:
    with pytest.raises(ReadError, match="4 posts of corpus 'own' have a date that cannot be read") as caught:
        read("2020-01-31", "31/1/2020", "31/1/2020", 7.5, "昨天")
    assert caught.value.got == "'31/1/2020' (2 posts)\n7.5 (1 posts)\n'昨天' (1 posts)"
    assert caught.value.where == "column 'when'"
    assert caught.value.todo


def test_a_long_list_is_cut() -> None:
    with pytest.raises(ReadError) as caught:
        read(*(f"day {n}" for n in range(30)))
    assert str(caught.value.got).count("\n") == 10
    assert str(caught.value.got).endswith("and 20 more")
