"""Reading: all that readers say of a file, to be compared with what they say when they read it another way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from koudai.config.source import Columns
from koudai.corpus.reading.readers import read_post_ids, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError


def said(path: Path, **options: Any) -> list[object]:
    """Return what is read, batch by batch, and the error that ends it."""
    found: list[object] = []
    reading = Reading(bad_bytes=options.pop("bad_bytes"), quoting=options.pop("quoting", None))
    try:
        for batch in read_posts(path, replace(reading, columns=Columns(split="side"), keep=("topic",)), **options):
            columns = [batch.ids, batch.kept["topic"]]
            posts = [column.to_pylist() for column in columns] + [batch.texts.texts(), batch.lines.tolist()]
            kinds = [type(one) for one in batch.fields["side"]]
            found.append((posts, batch.fields, kinds, batch.quarantined, batch.noticed, batch.file))
        for ids in read_post_ids(path, reading, exact=True, mark_rows=3):
            found.append((ids.ids.to_pylist(), ids.lines.tolist(), ids.read, ids.marks))
    except ReadError as error:
        found.append(error.message())
    return found
