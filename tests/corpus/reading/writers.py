"""Independent writers: posts into files of every kind by the csv module, json and pyarrow, no code of koudai."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FORMATS = ("csv", "tsv", "jsonl", "ndjson", "parquet")
FILES = tuple(
    f"posts.{kind}{zipped}"
    for kind in FORMATS
    for zipped in ("", ".gz", ".zst")
    if (kind, zipped) != ("parquet", ".zst")
)


def write_posts(
    path: Path, columns: dict[str, Sequence[object]], *, quoting: int = csv.QUOTE_MINIMAL, mark: str = ""
) -> Path:
    """Write columns of equal length into `path`, of the kind and zipped as its name says, lines behind `mark`."""
    kind = path.name.removesuffix(".gz").removesuffix(".zst").rsplit(".", 1)[1]
    if kind == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), sink)
        content = sink.getvalue()
    elif kind in ("csv", "tsv"):
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter="\t" if kind == "tsv" else ",", quoting=quoting)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        content = (mark + text.getvalue()).encode()
    else:
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        escape = kind == "jsonl"
        content = (mark + "".join(json.dumps(row, ensure_ascii=escape) + "\n" for row in rows)).encode()
    if path.name.endswith(".gz"):
        content = gzip.compress(content)
    elif path.name.endswith(".zst"):
        content = pa.compress(content, "zstd", asbytes=True)
    path.write_bytes(content)
    return path
