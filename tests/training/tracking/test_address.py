"""Addresses without their credentials, however they were written; where a bundle is tracked: as it says, unless told
otherwise.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.config.train import TrackSection
from koudai.errors import ModelFormatError, UsageError
from koudai.training.tracking.address import section_of, was_redacted, without_password, without_secrets_of
from tests.training.tracking.bundles import altered, member

PASSWORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=6, max_size=20).map(
    lambda text: f"pw{text}"
)


@given(PASSWORDS)
def test_K3_no_password_survives_escaped_or_not(password: str) -> None:
    for written in (password, quote(password, safe="")):
        for address in (f"http://me:{written}@host:5000/x", f"postgresql+psycopg2://me:{written}@host/db"):
            message = f"OperationalError: {address} refused {written} for user me ({password})"
            hidden = without_secrets_of(address, message)
            assert written not in without_password(address)
            assert password not in hidden
            assert written not in hidden
            assert was_redacted(without_password(address))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("https://me@x.example/a", "https://***@x.example/a"),
        (
            "postgresql:///db?user=me&password=hunter2&sslmode=require",
            "postgresql:///db?user=***&password=***&sslmode=require",
        ),
        ("a https://u:p@x.example b postgresql://u:p@h/d", "a https://***@x.example b postgresql://***@h/d"),
        ("https://:token@x.example", "https://***@x.example"),
    ],
)
def test_K3_what_is_hidden(text: str, hidden: str) -> None:
    assert without_password(text) == hidden
    assert was_redacted(hidden)


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///mlflow.db",
        "sqlite:////data/me@lab/mlflow.db",
        "http://127.0.0.1:5000",
        "file:///data/mlruns",
        "https://x.example/?page=2",
        "mail me@x.example",
    ],
)
def test_an_address_without_credentials_stays_as_it_is(text: str) -> None:
    assert without_password(text) == without_secrets_of(text, text) == text
    assert not was_redacted(text)


def saying(bundle: Path, folder: Path, track: object) -> Path:
    return altered(bundle, folder, config={**member(bundle, "config.json"), "track": track})


def test_the_command_line_goes_before_the_bundle(bundle: Path, tmp_path: Path) -> None:
    here = saying(bundle, tmp_path / "b", {"uri": "http://a", "experiment": "e", "registered_model": "m"})
    assert section_of(here) == TrackSection(uri="http://a", experiment="e", registered_model="m")
    assert section_of(here, uri="http://b", model="n") == TrackSection(
        uri="http://b", experiment="e", registered_model="n"
    )
    assert section_of(None) == TrackSection()


def test_K3_an_address_without_its_password_is_not_used(bundle: Path, tmp_path: Path) -> None:
    here = saying(bundle, tmp_path / "b", {"uri": "https://***@x.example"})
    with pytest.raises(UsageError, match="give the address as `uri`"):
        section_of(here)
    assert section_of(here, uri="https://me:p@x.example").uri == "https://me:p@x.example"


@pytest.mark.parametrize("track", [{"uri": 5}, {"other": 1}, [], None])
def test_a_bundle_that_says_something_else_is_named(bundle: Path, tmp_path: Path, track: object) -> None:
    with pytest.raises(ModelFormatError, match="tracked"):
        section_of(saying(bundle, tmp_path / "b", track))
