"""Kinds of files of posts, told by their names alone.

Promises: the same name gives the same kind, in any case of letters. Whether a file is zipped is not told here: its
first bytes say that, in ``files.py``.
"""

from __future__ import annotations

KINDS = {".parquet": "parquet", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""What names end in, and the kind that says."""


def kind_named(name: str) -> str | None:
    """Return ``"parquet"``, ``"csv"``, ``"tsv"``, ``"jsonl"`` or None; ``.gz`` may stand behind each, ``.zst`` behind
    those of lines.
    """
    name = name.lower()
    zipped = next((ending for ending in (".gz", ".zst") if name.endswith(ending)), "")
    stem, dot, last = name.removesuffix(zipped).rpartition(".")
    kind = KINDS.get(dot + last) if stem else None
    return None if kind == "parquet" and zipped == ".zst" else kind
