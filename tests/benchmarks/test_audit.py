"""The benchmark of audits: every measure is taken on inputs that are all there, and its table is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit.measures import measures_in_order
from tests.benchmarks import audit
from tests.benchmarks.posts import BUNDLED

pytestmark = pytest.mark.benchmark


def test_every_measure_has_its_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = audit.made_up(
        audit.demo_model(tmp_path / "model"), posts=300, labelled=120, refits=2, seed=1, corpora=[BUNDLED]
    )
    assert len(given.ids) == 300
    rows = audit.timed(given, measures_in_order(), told=True)
    assert [row[0] for row in rows] == [*measures_in_order(), "quoted posts"]
    assert all(row[1] >= 0 and row[2] > 0 for row in rows)
    assert capsys.readouterr().out.count("\n") == len(rows)
