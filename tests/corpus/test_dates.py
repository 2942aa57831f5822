"""Dates: every form that a corpus may hold, all in one time zone, and nothing that might be another day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.dates import FORMS, dates_of, readable_dates
from koudai.errors import ReadError


def read(*values: object, timezone: str = "Asia/Shanghai") -> list[object]:
    return dates_of(list(values), source="own", column="when", timezone=timezone).tolist()


def test_dates_times_and_what_parquet_gives_are_read() -> None:
    noon = datetime(2020, 1, 31, 12)
    assert read("2020-01-31", " 2020-01-31 12:00 ", "2020-01-31T12:00:00", date(2020, 1, 31), noon) == [
        datetime(2020, 1, 31),
        noon,
        noon,
        datetime(2020, 1, 31),
        noon,
    ]


def test_an_offset_is_turned_to_the_time_zone_asked_for() -> None:
    east = timezone(timedelta(hours=8))
    values = ["2020-01-31T08:30:00+08:00", datetime(2020, 2, 1, 1, tzinfo=east)]
    assert read(*values, timezone="UTC") == [datetime(2020, 1, 31, 0, 30), datetime(2020, 1, 31, 17)]
    assert read(*values) == [datetime(2020, 1, 31, 8, 30), datetime(2020, 2, 1, 1)]
    assert read(*values, timezone="America/New_York") == [datetime(2020, 1, 30, 19, 30), datetime(2020, 1, 31, 12)]


INSTANT = [
    *("2024-01-01 00:05:00", "2024-01-01 00:05:00+08:00", "2024-01-01T00:05:00+0800", "2023-12-31T16:05:00Z"),
    *("2023-12-31 16:05:00 UTC", "1704038700", "1704038700.0", "1704038700000", "1.7040387e+09", "1.7040387e+12"),
    *("Mon Jan 01 00:05:00 +0800 2024", "Sun, 31 Dec 2023 16:05:00 GMT", "Mon Jan  1 00:05:00 2024"),
    *("Mon Jan 01 00:05:00 CST 2024", "Mon Jan 01 2024 00:05:00 GMT+0800 (中国标准时间)"),
    *("2024/1/1 0:05", "2024/1/1 上午 0:05:00", "2024/1/1 12:05 AM", "2024年1月1日 星期一 00:05", "20240101000500"),
    *("202401010005", "２０２４年０１月０１日 ０时５分", 1704038700.0, 1704038700000.0, Decimal(1704038700)),
    *(datetime(2023, 12, 31, 16, 5, tzinfo=UTC), datetime(2024, 1, 1, 0, 5), "2024.1.1 00:05"),
]


def test_one_instant_is_one_time_however_it_is_written() -> None:
    for found in (read(*INSTANT), readable_dates(INSTANT)[0].tolist()):
        assert found == [datetime(2024, 1, 1, 0, 5)] * len(INSTANT)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023/1/1 16:11", datetime(2023, 1, 1, 16, 11)),
        ("2023/1/1 下午 4:11", datetime(2023, 1, 1, 16, 11)),
        ("20220510001230", datetime(2022, 5, 10, 0, 12, 30)),
        ("2022年5月", datetime(2022, 5, 1)),
        ("2022-05", datetime(2022, 5, 1)),
        ("2022年5月10日", datetime(2022, 5, 10)),
        ("2022 年 5 月 10 日", datetime(2022, 5, 10)),
        ("43832", datetime(2020, 1, 2)),
        ("43832.75", datetime(2020, 1, 2, 18)),
        (43832.75, datetime(2020, 1, 2, 18)),
        ("10 May 2022", datetime(2022, 5, 10)),
        ("2022-05-10 23:30:00-05:00", datetime(2022, 5, 11, 12, 30)),
    ],
)
def test_forms_of_spreadsheets_crawlers_and_files_are_read_alike(value: object, expected: datetime) -> None:
    assert read(value) == [expected]


@pytest.mark.parametrize(
    "value",
    [
        *(
            "36525",
            "54789",
            "20201",
            "43832x",
            "202205100001230",
            "20221310000000",
            "202213100000x",
            "2020年",
            7.5,
            True,
        ),
        *("Mon Jan 01 00:05:00 XYZ 2024", "Mon Jan 01 00:05:00 EST 2024", "12 Jan 20", "1 Jan", "10月3日 12:00"),
        *("2022-05-10 上午 13:00", "2022-05-10 25:00", "1.7e+300", "2022-5/10"),
    ],
)
def test_what_might_be_anything_else_is_told(value: object) -> None:
    found, wrong = readable_dates([value])
    assert np.isnat(found).all()
    assert list(wrong) == [repr(value)]


def test_what_parquet_has_for_nothing_is_no_date() -> None:
    found, wrong = readable_dates([float("nan"), None])
    assert np.isnat(found).all()
    assert not wrong


@settings(max_examples=100, deadline=None)
@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2049, 1, 1)))
def test_days_of_a_spreadsheet_are_read_to_the_second(when: datetime) -> None:
    whole = when.replace(microsecond=0)
    days = (whole - datetime(1899, 12, 30)) / timedelta(days=1)
    assert read(f"{days:.9f}".rstrip("0").rstrip(".")) == [whole]


def test_nothing_is_no_date() -> None:
    assert np.isnat(dates_of([None, ""], source="own", column="when")).all()


@settings(max_examples=100, deadline=None)
@given(st.datetimes(min_value=datetime(1000, 1, 1)))
def test_what_is_written_is_read_to_the_second(when: datetime) -> None:
    assert read(when.isoformat(), when) == [when.replace(microsecond=0)] * 2


def test_what_is_no_date_is_listed_with_its_count() -> None:
    with pytest.raises(ReadError, match="4 posts of corpus 'own' have a date that cannot be read") as caught:
        read("2020-01-31", "31/1/2020", "31/1/2020", 7.5, "昨天")
    assert caught.value.got == "'31/1/2020' (2 posts)\n7.5 (1 post)\n'昨天' (1 post)"
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
    "1577923200123456",
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
    found, wrong = readable_dates(list(forms), timezone="UTC")
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
        "4750000000000001",
        "1700000000000000001",
        "0001-01-01 00:00:00",
        "0020-01-02",
    ]
    found, wrong = readable_dates([*bad, None, "", "  "])
    assert np.isnat(found).all()
    assert sorted(wrong.elements()) == sorted(repr(value) for value in bad)


def test_T3_a_long_value_takes_no_time_and_is_cut() -> None:
    found, wrong = readable_dates(["2020-" + "1" * 100_000, "9" * 5000])
    assert np.isnat(found).all()
    assert all(len(value) <= 60 for value in wrong)


def test_A4_plain_dates_all_at_once_are_what_each_is_alone() -> None:
    """First and last days of all months in three years, with and without a time, and days that there are none of."""
    days = [f"{y}-{m:02d}-{d:02d}" for y in (1900, 2023, 2024) for m in range(14) for d in (0, 1, 28, 29, 30, 31, 32)]
    texts = [f"{day}{clock}" for day in days for clock in ("", " 23:59:59", "T24:00:00")]
    found, wrong = readable_dates([*texts, *texts, 1, 1.0, True])
    alone = [readable_dates([f"{text} "]) for text in texts]
    assert found.astype(str).tolist() == 2 * [one.astype(str)[0] for one, _ in alone] + 3 * ["NaT"]
    assert wrong.total() == 2 * sum(count.total() for _, count in alone) + 3
