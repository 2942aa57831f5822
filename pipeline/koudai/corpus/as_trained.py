"""How the posts that a model was trained on were read, and which files to be scored are read in the same way.

Promises: a file is read so only if it has the columns of the id and the text; what the caller says comes first; a file
in UTF-8 is never taken for one in the encoding of the training. Opens the first file alone, and of it the head.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from koudai.config.layouts import with_layout
from koudai.config.places import configs_folder
from koudai.config.source import Columns, Source
from koudai.config.train import TrainConfig
from koudai.corpus.reading.encodings import is_utf8
from koudai.corpus.reading.files import first_bytes
from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names
from koudai.corpus.sources import find_source
from koudai.errors import KoudaiError

SAYS = ("columns", "encoding", "quoting", "number_rows")
"""What a training says of its files."""
_HEAD = 1 << 18


def readings_of(config: TrainConfig) -> list[Reading]:
    """Return how the corpora of a training were read, each way once; a date and kept columns are kept.

    Examples
    --------
    >>> columns = {"id": "mid", "text": "正文", "date": "日期"}
    >>> source = {"name": "mine", "file": "mine.csv", "encoding": "gb18030", "columns": columns}
    >>> run = {"name": "mine", "taxonomy": "cac-2023"}
    >>> (found,) = readings_of(TrainConfig.model_validate({"run": run, "corpus": [{"source": source}]}))
    >>> found.columns.text, found.keep, found.encoding
    ('正文', ('日期',), 'gb18030')
    """
    here = configs_folder(Path("configs"))
    sources = [_source(section.source, here) for section in config.corpus]
    return list(dict.fromkeys(_reading(one) for one in sources if one is not None))


def as_trained(
    readings: Sequence[Reading], file: Location, given: Reading, *, said: Collection[str] = ()
) -> Reading | None:
    """Return how a file is read: as the first of `readings` whose columns it has.

    Parameters
    ----------
    readings
        Those of a training.
    file
        The first to be scored.
    given
        What the caller says: columns to be kept, bad bytes, kind, and what is in `said`.
    said
        Of `SAYS`.

    Returns
    -------
    Reading or None
        None if the file has the columns of none of them, cannot be read, or is a pipe, which is read once: `given`
        then holds.
    """
    if not file.stored and not Path(file.uri).is_file():
        return None
    for one in readings:
        taken = {name: getattr(one, name) for name in SAYS if name not in said}
        try:
            if "encoding" not in said and _is_utf8(file):
                taken["encoding"] = "utf-8"
            like = replace(given, **taken)
            names = column_names(file.as_kind(given.kind), encoding=like.encoding, quoting=like.quoting)
        except KoudaiError:
            continue
        if set(like.required) <= set(names):
            kept = [name for name in one.keep if name in names and name not in like.required]
            return replace(like, keep=tuple(dict.fromkeys([*given.keep, *kept])))
    return None


def _is_utf8(file: Location) -> bool:
    """Return whether the head of a file is UTF-8 and more than ASCII."""
    begin = first_bytes(file, _HEAD)
    return not begin.isascii() and is_utf8(begin, whole=len(begin) < _HEAD)


def _source(named: str | Source, configs: Path) -> Source | None:
    try:
        return find_source(named, configs=configs) if isinstance(named, str) else with_layout(named, configs=configs)
    except KoudaiError:
        return None


def _reading(source: Source) -> Reading:
    columns = source.columns
    dated = () if columns.date is None else (columns.date,)
    return Reading(
        columns=Columns(id=columns.id, text=columns.text),
        keep=tuple(dict.fromkeys([*dated, *columns.keep])),
        encoding=source.encoding,
        number_rows=source.number_rows,
        quoting=source.quoting,
    )
