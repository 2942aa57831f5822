"""The verbs about corpora, from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai import api
from koudai.errors import ConfigError, UsageError


def test_corpora_are_listed_with_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "weibo21.parquet").write_bytes(b"")
    found = {one.source.name: one for one in api.corpora(data=tmp_path)}
    assert found["seed"].here is not None
    assert found["seed"].to_json()["kind"] == "written"
    (one,) = api.corpora(["seed"])
    assert one.datasheet().startswith("# ")
    with pytest.raises(ConfigError, match="did you mean 'seed'"):
        api.corpora(["sead"])


def test_nothing_is_fetched_without_its_licence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="licence was not accepted"):
        api.fetch("cold", accept_licence=False, into=tmp_path / "data")
    with pytest.raises(UsageError, match="`mirror` wants an address"):
        api.fetch("cold", accept_licence=True, mirror="ftp://here", into=tmp_path / "data")
    assert not (tmp_path / "data").exists()
