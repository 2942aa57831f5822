"""Partitions: columns that stand in the names of folders, ``dt=2024-01-01/``, as Hive, Spark and DuckDB write them.

Promises: such a column is read only where it is asked for and the file has none of that name; its values come as text,
with what is escaped in the name as it was. An id or a text does not stand there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.posts import PostBatch
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names
from koudai.text.arrow import strings

if TYPE_CHECKING:
    import pyarrow as pa

_MISSING = "__HIVE_DEFAULT_PARTITION__"


def partitions_of(location: Location) -> dict[str, str | None]:
    """Return what the folders of a file say, by column; None for a value that is missing.

    Examples
    --------
    >>> partitions_of(Location("/data/dt=2024-01-01/city=%E5%8C%97%E4%BA%AC/part-0.parquet"))
    {'dt': '2024-01-01', 'city': '北京'}
    """
    pairs = [part.split("=", 1) for part in str(location).split("/")[:-1] if "=" in part.strip("=")]
    return {unquote(name): None if value == _MISSING else unquote(value) for name, value in pairs}


def asked_of_folders(location: Location, reading: Reading) -> dict[str, str | None]:
    """Return the columns of a reading that stand in the names of folders and not in the file."""
    there = partitions_of(location)
    asked = {name: there[name] for name in (*reading.fields, *reading.keep) if name in there}
    if not asked:
        return {}
    names = column_names(location, encoding=reading.encoding, quoting=reading.quoting)
    return {name: value for name, value in asked.items() if name not in names}


def without_columns(reading: Reading, names: dict[str, str | None]) -> Reading:
    """Return a reading that does not ask for the columns `names`."""
    columns = reading.columns
    none = {part: None for part in ("label", "labels", "split", "date") if getattr(columns, part) in names}
    left = columns.model_copy(update={**none, "keep": tuple(name for name in columns.keep if name not in names)})
    return replace(reading, columns=left, keep=tuple(name for name in reading.keep if name not in names))


def with_columns(posts: PostBatch, reading: Reading, values: dict[str, str | None]) -> PostBatch:
    """Return posts with columns that have one value for all of them, in the order of the reading."""
    fields = {name: posts.fields.get(name, [values.get(name)] * len(posts.ids)) for name in reading.fields}
    kept = {name: posts.kept[name] if name in posts.kept else _same(values[name], posts) for name in reading.keep}
    return replace(posts, fields=fields, kept=kept)


def _same(value: str | None, posts: PostBatch) -> pa.StringArray:
    import pyarrow as pa

    return pa.nulls(len(posts.ids), pa.string()) if value is None else strings([value] * len(posts.ids))
