"""Time zones by name: those of the database and offsets, a default that needs none, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

import pytest

from koudai.config import timezone as timezone_module
from koudai.config.load import parse_config
from koudai.config.timezone import zone_of
from koudai.config.train import RunSection
from koudai.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "hours"), [("Asia/Shanghai", 8), ("UTC", 0), ("+08:00", 8), ("-0330", -3.5), ("Asia/Taipei", 8)]
)
def test_a_zone_is_found_by_name_or_offset(name: str, hours: float) -> None:
    assert zone_of(name).utcoffset(datetime(2024, 1, 1)) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "../../etc/passwd", "/etc/localtime", "+25:00", "CST8"])
def test_what_is_no_zone_is_refused_where_the_config_is_read(name: str) -> None:
    run = {"name": "a", "taxonomy": "cac-2023", "timezone": name}
    with pytest.raises(ConfigError, match="timezone"):
        parse_config(RunSection, run, where="here")


def test_the_default_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_here(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(timezone_module, "ZoneInfo", none_here)
    found = zone_of("Asia/Shanghai")
    assert (found.utcoffset(None), found.tzname(None)) == (timedelta(hours=8), "CST")
    with pytest.raises(ValueError, match="no time zone 'Asia/Taipei'"):
        zone_of("Asia/Taipei")
