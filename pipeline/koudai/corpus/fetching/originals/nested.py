"""Originals that are one JSON array of objects.

Promises: every element is an object, or the file is refused; numbers come as they were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from koudai.corpus.fetching.originals import Row, decode, parser, unlike
from koudai.strict_json import NumberText


@parser("json-array")
def json_array(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield the objects of JSON arrays."""
    for path, data in originals.items():
        text = decode(data, path=path, encodings=encodings)
        try:
            rows = json.loads(text, parse_int=NumberText, parse_float=NumberText)
        except (ValueError, RecursionError) as error:
            raise unlike(path, expected="JSON", got=error) from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise unlike(path, expected="an array of objects", got=type(rows).__name__)
        for row in rows:
            yield path, row
