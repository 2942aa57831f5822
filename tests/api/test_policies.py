"""The verb policy as a function: a taxonomy by its name, its file, or as it was loaded."""

from __future__ import annotations

from pathlib import Path

from koudai import api
from koudai.config.places import bundled, find_taxonomy


def test_a_taxonomy_by_name_by_file_and_as_loaded(tmp_path: Path) -> None:
    file = bundled("configs") / "taxonomies" / "offence.toml"
    given = ("offence", file, find_taxonomy("offence", configs=bundled("configs")))
    found = [api.policy(one, out=tmp_path / str(place)) for place, one in enumerate(given)]
    assert found[0].documents == found[1].documents == found[2].documents
    assert len(found[0].documents) == 16
    assert found[0].listed.is_file()
