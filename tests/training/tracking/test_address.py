"""Where a bundle is tracked: as it says, unless the command line says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.train import TrackSection
from koudai.errors import ModelFormatError, UsageError
from koudai.training.tracking.address import section_of
from tests.training.tracking.bundles import altered, member


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
