"""The benchmark of audits as a whole: this checkout beside itself, on a few posts, with every cell of its table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import audit_job
from tests.benchmarks.posts import BUNDLED, ROOT

pytestmark = pytest.mark.benchmark


def test_both_checkouts_are_audited_in_turns(tmp_path: Path) -> None:
    report = audit_job.audited([BUNDLED], sizes=[400], other=ROOT, rounds=1, seed=1, folder=tmp_path)
    assert [row[:2] for row in report.table] == [["400", audit_job.OTHER], ["400", audit_job.THIS]]
    assert all(len(row) == len(audit_job.HEADER) and audit_job.NONE not in row for row in report.table)
    assert all(bar.got is not None and bar.got > 0 for bar in report.bars)
    assert {path.name for path in tmp_path.iterdir()} == {"400.parquet", "400-this", "400-the-other"}
