"""The program of words where tags mean nothing: a row per corpus and share, whatever the corpus."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.benchmarks import null_words

pytestmark = pytest.mark.benchmark


def test_a_row_for_each_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "street.parquet"
    pd.DataFrame({"text": [f"停水{'通知' * (i % 3)}，第{i}号鸡蛋" for i in range(60)]}).to_parquet(path)
    null_words.main([str(path), "--splits", "5"])
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 2 + len(null_words.SHARES)
    assert rows[2].startswith("| street | 50% |")
