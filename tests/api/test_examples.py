"""Every verb has an example; pytest runs them as it runs all, in the working directory that conftest.py lays out."""

from __future__ import annotations

from koudai import api

WITHOUT = {"fetch", "fetchable", "promote", "track"}
"""They need a server, or a registry."""


def test_every_verb_has_an_example() -> None:
    bare = {name for name in api.__all__ if ">>>" not in (getattr(api, name).__doc__ or "")}
    assert bare <= WITHOUT | {"Columns", "Sink"}
