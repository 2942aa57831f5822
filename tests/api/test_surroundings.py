"""What the verbs take from where they run: where corpora are looked for, the form of the time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from koudai.api.surroundings import data_folders, now


def test_data_comes_before_the_environment_and_that_before_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUDAI_DATA", "/env")
    assert data_folders("given") == (Path("given"), Path("/env"), Path("data"))
    monkeypatch.delenv("KOUDAI_DATA")
    assert data_folders(None) == (Path("data"),)


def test_the_time_is_utc_to_the_second() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
