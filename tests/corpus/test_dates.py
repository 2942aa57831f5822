"""Dates: every form of ISO 8601 that a corpus may hold, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.dates import FORMS, dates_of, readable_dates
from koudai.errors import ReadError


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


FIVE = ["2020-01-02T08:30:00+08:00", "2020年1月2日", "2020/1/2", "1577923200", "20200102"]
MORE = [
    "２０２０年０１月０２日 8时30分15秒",
    "2020.1.2 08:30",
    "1577923200.0",
    "1577923200123",
    "2020-1-2",
    "2020年1月2号8点",
]


def test_five_forms_and_their_kin_are_read_as_one_day() -> None:
    found, wrong = readable_dates([*FIVE, *MORE, *FORMS])
    assert not wrong
    assert set(found.astype("datetime64[D]").tolist()) == {date(2020, 1, 2)}


@settings(max_examples=100, deadline=None)
@given(st.datetimes(min_value=datetime(1974, 1, 1), max_value=datetime(2200, 1, 1)))
def test_every_form_is_read_as_written(when: datetime) -> None:
    whole = when.replace(microsecond=0)
    day = datetime(when.year, when.month, when.day)
    seconds = int((whole - datetime(1970, 1, 1)).total_seconds())
    forms = {
        whole.isoformat(): whole,
        f"{when.year}年{when.month}月{when.day}日": day,
        f"{when.year}年{when.month}月{when.day}日{when.hour}时{when.minute}分{when.second}秒": whole,
        f"{when.year}/{when.month}/{when.day} {when.hour}:{when.minute:02d}:{when.second:02d}": whole,
        str(seconds): whole,
        f"{seconds}000": whole,
        f"{when:%Y%m%d}": day,
    }
    found, wrong = readable_dates(list(forms))
    assert not wrong
    assert found.tolist() == list(forms.values())


def test_what_might_be_another_day_is_not_guessed() -> None:
    bad = [
        "31/1/2020",
        "1/2/2020",
        "昨天",
        "2020-13-01",
        "2020/1-2",
        "12345678901",
        "2020",
        "20201",
        "20209999",
        "٢٠٢٠x",
    ]
    found, wrong = readable_dates([*bad, None, "", "  "])
    assert np.isnat(found).all()
    assert sorted(wrong.elements()) == sorted(repr(value) for value in bad)


def test_T3_a_long_value_takes_no_time_and_is_cut() -> None:
    found, wrong = readable_dates(["2020-" + "1" * 100_000, "9" * 5000])
    assert np.isnat(found).all()
    assert all(len(value) <= 60 for value in wrong)
