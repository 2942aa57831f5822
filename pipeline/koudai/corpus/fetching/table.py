"""The table of a corpus, made from its originals as its corpus file says.

Promises: no column of accounts is taken over, and contacts in texts are masked, but for links and long numbers that are
no known kind of contact; each row has an id; the same originals give the same table; a table with other labels or
another number of rows than the corpus file knows is refused, as is one that leaves out another number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from koudai.config.source import Fetch, Source
from koudai.corpus.fetching.originals import PARSERS, Row, unlike
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.errors import ConfigError, LabelError, ReadError
from koudai.text.characters.contacts.masking import FETCHED, mask, masked_name

JOINED_BY = "|"
"""What stands between the values of a list in one cell."""


def make_table(source: Source, originals: dict[str, bytes]) -> Any:
    """Return the table of a corpus.

    Parameters
    ----------
    source
        Its `fetch` says how the originals are read.
    originals
        The content of each by its path.

    Returns
    -------
    pyarrow.Table
        ``post_id`` and the columns that `Fetch.table` names: text, save columns of numbers or of truth values.

    Raises
    ------
    ReadError
        If an original does not have the layout expected, or the number of rows is not the one known.
    LabelError
        If a label is found that the corpus file does not speak of.
    ConfigError
        If a column of accounts is asked for.
    """
    import pyarrow as pa

    fetch = _fetch_of(source)
    columns: dict[str, list[Any]] = {name: [] for name in fetch.table}
    left_out = 0
    for row in _rows(source, fetch, originals):
        if fetch.needed and not any(str(row.get(name) or "").strip() for name in fetch.needed):
            left_out += 1
            continue
        for name, values in columns.items():
            values.append(row.get(name))
    n = len(columns["text"])
    if source.rows is not None and (source.rows, fetch.left_out) != (n, left_out):
        raise ReadError(
            what="these originals give another number of rows than is known of this corpus",
            where=source.name,
            expected=_counted(source.rows, fetch.left_out),
            got=_counted(n, left_out),
            happened="nothing was written",
            todo="correct [fetch] or rows in the corpus file",
        )
    _require_known_labels(source, columns)
    stem = PurePath(source.file).stem
    try:
        arrays = {name: pa.array(values, type=_type(pa, name, values, fetch)) for name, values in columns.items()}
    except UnicodeEncodeError as error:
        raise unlike(source.name, expected="text that can be written as UTF-8", got=error.reason) from error
    return pa.table({"post_id": pa.array([f"{stem}-{i:06d}" for i in range(n)], type=pa.large_string()), **arrays})


def _counted(rows: int, left_out: int) -> str:
    return f"{rows}, and {left_out} left out" if left_out else str(rows)


def _fetch_of(source: Source) -> Fetch:
    if source.fetch is None:
        raise ConfigError(what=f"corpus {source.name!r} has no [fetch]", where=source.name)
    fields = [source.fetch.columns, *source.fetch.own.values()]
    asked = [field for part in fields for named in part.values() for field in _several(named)]
    refuse_accounts((*asked, *source.fetch.table))
    return source.fetch


def _several(named: str | tuple[str, ...]) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else named


def _rows(source: Source, fetch: Fetch, originals: dict[str, bytes]) -> Iterator[Row]:
    in_order = {path: originals[path] for path in source.sha256}
    for path, fields in PARSERS[fetch.parser](in_order, fetch.encodings):
        row: Row = {}
        for name, named in (fetch.columns | fetch.own.get(path, {})).items():
            missing = [field for field in _several(named) if field not in fields]
            if missing:
                raise unlike(path, expected=f"a field {missing[0]!r}", got=", ".join(fields))
            value = _cell([fields[field] for field in _several(named)], path)
            row[name] = _finished(value, name, source, fetch)
        yield row | fetch.each.get(path, {})


def _cell(values: list[Any], path: str) -> Any:
    """Return one value: text, a truth value or None; several texts joined by a blank."""
    texts = [_text(value, path) for value in values]
    if len(texts) == 1:
        return texts[0]
    return " ".join(str(text) for text in texts if text not in (None, "")) or None


def _text(value: Any, path: str) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return JOINED_BY.join(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return None if value != value else str(int(value)) if value.is_integer() else repr(value)
    raise unlike(path, expected="text, a number, or a list of texts in each field", got=type(value).__name__)


def _finished(value: Any, name: str, source: Source, fetch: Fetch) -> Any:
    if isinstance(value, bool):
        return value
    if value in (None, ""):
        return "" if name in source.columns.texts else None
    value = fetch.values.get(name, {}).get(value, value)
    if name in fetch.squeeze:
        value = " ".join(value.split())[: fetch.squeeze[name]]
    return value if name == source.columns.label else mask(value, signs=FETCHED)


def _type(pa: Any, name: str, values: list[Any], fetch: Fetch) -> Any:
    if name in fetch.numbers:
        values[:] = [None if value is None else float(value) for value in values]
        return pa.float64()
    return pa.bool_() if values and all(isinstance(value, bool) for value in values) else pa.large_string()


def _require_known_labels(source: Source, columns: dict[str, list[Any]]) -> None:
    if source.columns.label is None:
        return
    spoken = {rule.value for rule in source.all_rules} | set(source.silent)
    unknown = sorted(set(columns[source.columns.label]) - spoken - {None})
    if unknown:
        raise LabelError(
            what=f"the originals of corpus {source.name!r} hold labels that its file does not speak of",
            where=f"column {source.columns.label!r}",
            expected=", ".join(masked_name(value) for value in sorted(spoken)),
            got=", ".join(masked_name(value) for value in unknown),
            happened="nothing was written",
            todo="correct [fetch.values], or say what the labels mean",
        )
