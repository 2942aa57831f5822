"""Originals of Multilingual HateCheck: a CSV in which one cell holds the labels of the three annotators.

Promises: each row has exactly three annotators, as fields ``annotator1``, ``annotator2`` and ``annotator3``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koudai.corpus.fetching.originals import Row, decode_original, parser, unlike
from koudai.corpus.fetching.originals.tables import csv_rows

_ANNOTATORS = 3
_QUOTED = re.compile(r"'([^']*)'")


@parser("hatecheck")
def hatecheck(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield the rows of the CSV, the cell ``label_annotated`` taken apart."""
    for path, data in originals.items():
        for row in csv_rows(decode_original(data, path=path, encodings=encodings), path=path):
            labels = _QUOTED.findall(row.get("label_annotated") or "")
            if len(labels) != _ANNOTATORS:
                raise unlike(path, expected=f"{_ANNOTATORS} labels in label_annotated", got=len(labels))
            yield path, row | {f"annotator{number}": label for number, label in enumerate(labels, 1)}
