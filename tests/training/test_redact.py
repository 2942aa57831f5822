"""Addresses without their credentials, however they were written."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.training.redact import was_redacted, without_password, without_secrets_of

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
