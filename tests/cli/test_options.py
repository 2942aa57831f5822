"""What the verbs share: where corpora are looked for, the languages of the page, the form of the time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from koudai.cli.options import folders, language, now
from koudai.errors import UsageError


def test_data_comes_before_the_environment_and_that_before_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUDAI_DATA", "/env")
    assert folders(Path("given")) == (Path("given"), Path("/env"), Path("data"))
    monkeypatch.delenv("KOUDAI_DATA")
    assert folders(None) == (Path("data"),)


def test_languages_of_the_page() -> None:
    assert [language(lang) for lang in ("en", "zh")] == ["en", "zh"]
    with pytest.raises(UsageError, match="en or zh"):
        language("fr")


def test_the_time_is_utc_to_the_second() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
