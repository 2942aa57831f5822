"""Kinds: told by the end of a name, zipped or not, in any case of letters."""

from __future__ import annotations

import pytest

from koudai.corpus.reading.kinds import kind_named


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(("a.parquet", "parquet"), ("a.parquet.gz", "parquet"), ("a.csv", "csv"), ("a.CSV.GZ", "csv")),
        *(("a.tsv.zst", "tsv"), ("a.jsonl.zst", "jsonl"), ("a.ndjson", "jsonl"), ("posts.2023.csv", "csv")),
        *(("a.parquet.zst", None), ("a.csv.zip", None), ("a.gz", None), ("csv", None), (".csv", None), ("", None)),
        *(("a.txt", None), ("a.csv.gz.gz", None), ("a.csv~", None), ("_SUCCESS", None)),
    ],
)
def test_a_name_tells_its_kind(name: str, kind: str | None) -> None:
    assert kind_named(name) == kind
