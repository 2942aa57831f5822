"""Posts: what a row must hold to be one, many of them as columns, and what becomes of the rows that are none.

Promises: every row is a post or is quarantined (``read = posts + quarantined``) with its line, the reason and an
excerpt without accounts; ids leave as the text that came in; only rows of a Parquet file that look wrong become
Python objects. Text is not changed here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from koudai.config.source import Columns
from koudai.corpus.reading.accounts import names_account
from koudai.corpus.reading.cells import Unreadable, as_ids, as_kept, as_text, cells, is_textual, not_utf8, plain_type
from koudai.corpus.reading.ids import BLANKS, ROUNDED, is_rounded, may_be_rounded
from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import rows_of_batch
from koudai.errors import printable
from koudai.limits import ID_CHARACTERS, POST_BYTES, QUARANTINE_EXCERPT
from koudai.strict_json import NumberText, json_text
from koudai.text.arrow import as_numpy, large, numbers, strings
from koudai.text.characters.contacts.masking import masked_name, masked_value
from koudai.text.characters.hazards import without_surrogates
from koudai.text.utf8 import Utf8, of_arrow, of_texts

if TYPE_CHECKING:
    import pyarrow as pa

_KEY = re.compile(r'"([^"\n]{1,64})"\s*:')
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_SURROGATE = re.compile("[\ud800-\udfff]")


MOVED = "moved-header"
"""Reason: the columns behind a row are not those of the header, and the file is refused."""
Judged: TypeAlias = tuple[Row, tuple[str, str] | None]
"""A row, and why it is not a post: in one word and exactly, or None."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A quarantined row: ``file:line``, the reason in one word, what exactly, and the beginning of it, escaped.

    Examples
    --------
    >>> row = Quarantined("posts.csv:3", "bad-id", "expected text or a whole number, got ''", "")
    >>> row.line, row.reason
    (3, 'bad-id')
    """

    where: str
    reason: str
    detail: str
    excerpt: str

    def to_dict(self) -> dict[str, str]:
        """Return the four fields as plain data, contacts masked: quarantined rows are looked at by others."""
        detail, excerpt = masked_name(self.detail), masked_name(self.excerpt)
        return {"where": self.where, "reason": self.reason, "detail": detail, "excerpt": excerpt}

    def to_line(self) -> bytes:
        """Return the four fields as one line of JSON, in UTF-8."""
        return (json.dumps(self.to_dict(), ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")

    @property
    def line(self) -> int:
        """Line or row number of `where`."""
        return int(self.where.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class PostBatch:
    """Posts in file order, and what stood between them and was quarantined.

    Parameters
    ----------
    file
        Name of the file.
    ids : pyarrow.StringArray
    texts
        Raw, as UTF-8.
    lines : ndarray of int64, shape (n_posts,)
        Line (CSV, JSON lines) or row number (Parquet) of each post, counted from 1.
    fields
        Other columns by name, one value per post.
    quarantined
        Rows that are not posts.
    kept : dict of pyarrow.StringArray
        Columns kept for the results, as text, by name.
    noticed
        What is odd about posts that are read all the same, by name in one word, and of how many.
    """

    file: str
    ids: pa.StringArray
    texts: Utf8
    lines: NDArray[np.int64]
    fields: dict[str, list[Any]]
    quarantined: list[Quarantined]
    kept: dict[str, pa.StringArray] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """Rows read: posts and quarantined."""
        return len(self.ids) + len(self.quarantined)

    def take(self, kept: NDArray[np.bool_]) -> PostBatch:
        """Return the posts where `kept`, with the same quarantine."""
        return PostBatch(
            file=self.file,
            ids=self.ids.filter(numbers(kept)),
            texts=self.texts.take(kept),
            lines=self.lines[kept],
            fields={name: [values[at] for at in np.flatnonzero(kept)] for name, values in self.fields.items()},
            quarantined=self.quarantined,
            kept={name: values.filter(numbers(kept)) for name, values in self.kept.items()},
            noticed=self.noticed,
        )

    @property
    def file_lines(self) -> list[str]:
        """``file:line`` of each post."""
        return [f"{self.file}:{line}" for line in self.lines.tolist()]


def what_is_wrong(row: Row, columns: Columns, *, numbered: bool = False) -> tuple[str, str] | None:
    """Return why a row is not a post, in one word and exactly, or None; one that is `numbered` needs no id."""
    if row.wrong is not None:
        return row.wrong, row.detail
    if not numbered and (bad_id := _bad_id(row.fields[columns.id])):
        return "bad-id", bad_id
    if not numbered and (again := _names_again(row, columns)):
        return again
    if not numbered and is_rounded(row.fields[columns.id]):
        return "rounded-id", ROUNDED
    text = _text_of(row, columns)
    if text is None:
        return "missing-text", "the text is null"
    if not isinstance(text, str) or isinstance(text, NumberText):
        return "bad-text", f"expected text, got {masked_value(text)}"
    if 4 * len(text) > POST_BYTES.value and len(text.encode("utf-8", "surrogatepass")) > POST_BYTES.value:
        return "too-long", f"longer than {POST_BYTES.value} {POST_BYTES.unit}"
    return None


def _names_again(row: Row, columns: Columns) -> tuple[str, str] | None:
    """Return that a row holds the names of its columns, in whatever case and with blanks round them, where files were
    joined, and whether in another order.
    """
    names = [columns.id, *columns.texts]
    found = [row.fields[name] for name in names]
    if not all(isinstance(one, str) for one in found):
        return None
    said, meant = ([one.strip(BLANKS).lower() for one in some] for some in (found, names))
    if said == meant:
        return "repeated-header", "the names of the columns again"
    if said[0] in meant and sorted(said) == sorted(meant):
        return MOVED, f"the names of the columns again, in another order: {', '.join(found)}"
    return None


def _bad_id(post_id: Any) -> str | None:
    if not isinstance(post_id, str) or not post_id.strip():
        return _no_id(post_id)
    if len(post_id) > ID_CHARACTERS.value:
        return f"longer than {ID_CHARACTERS.value} characters"
    if not post_id.isascii() and _SURROGATE.search(post_id):
        return "a lone surrogate cannot be written as UTF-8"
    return None


def _text_of(row: Row, columns: Columns) -> Any:
    """Return the text of a row, joined from several columns, or what stands in the place of one and is none."""
    parts = [row.fields[name] for name in columns.texts]
    if len(parts) == 1:
        return parts[0]
    there = [part for part in parts if part is not None]
    wrong = next((part for part in there if not isinstance(part, str) or isinstance(part, NumberText)), None)
    return wrong if wrong is not None else "\n".join(_not_repeated(there)) if there else None


def _no_id(value: Any) -> str:
    told = masked_value(value)
    if isinstance(value, float) and value.is_integer():
        return f"{told} is a floating-point number so large that digits of the id were lost"
    return f"expected text or a whole number, got {told}"


def posts_of_rows(batch: list[Judged], reading: Reading, file: str) -> PostBatch:
    """Return the posts among rows that come with what is wrong with them, or None."""
    columns = reading.columns
    posts = [row for row, wrong in batch if wrong is None]
    return PostBatch(
        file=file,
        ids=strings(f"{file}:{row.line}" if reading.number_rows else str(row.fields[columns.id]) for row in posts),
        texts=of_texts([_text_of(row, columns) for row in posts]),
        lines=np.array([row.line for row in posts], np.int64),
        fields={name: [row.fields[name] for row in posts] for name in reading.fields},
        quarantined=[set_aside(row, wrong, file) for row, wrong in batch if wrong is not None],
        kept={name: kept_of_values(row.fields.get(name) for row in posts) for name in reading.keep},
        noticed=dict(Counter(name for row in posts for name in row.noticed)),
    )


def posts_of_batch(
    batch: pa.RecordBatch, lines: NDArray[np.int64], reading: Reading, file: str, *, is_utf8: bool = False
) -> PostBatch:
    """Return the posts of a record batch, whose rows have the numbers `lines`; only rows that look wrong are taken
    apart. With `is_utf8` its strings are known to be UTF-8, and are not looked through again.
    """
    import pyarrow as pa

    columns = reading.columns
    ids = _numbered(file, lines) if reading.number_rows else as_ids(batch.column(columns.id))
    parts = [as_text(batch.column(name)) for name in columns.texts]
    texts = _joined(parts)
    extra = {name: cells(batch.column(name)) for name in reading.fields}
    doubtful = _doubtful_texts(texts, is_utf8=is_utf8)
    for part in parts if len(parts) > 1 else ():
        doubtful |= _doubtful_texts(part, is_utf8=is_utf8)
    if not reading.number_rows:
        doubtful |= (
            _doubtful_ids(ids, is_utf8=is_utf8) | may_be_rounded(ids) | _named(ids, [columns.id, *columns.texts])
        )
    for values in extra.values():
        if any(issubclass(kind, bytes | Unreadable) for kind in set(map(type, values))):
            doubtful |= np.fromiter((isinstance(value, bytes | Unreadable) for value in values), bool, len(batch))
    beside = {name: as_kept(batch.column(name)) for name in reading.keep}
    for strings_beside in beside.values() if not is_utf8 else ():
        doubtful |= not_utf8(strings_beside)
    kept, quarantined = np.ones(len(batch), dtype=bool), []
    for start, stop in _runs(doubtful):
        some = _beginnings(batch.slice(start, stop - start), [columns.id, *columns.texts])
        id_column = None if reading.number_rows else columns.id
        for at, row in enumerate(rows_of_batch(some, start, reading.read, id_column=id_column), start):
            wrong = what_is_wrong(row, columns, numbered=reading.number_rows)
            if wrong is not None:
                kept[at] = False
                quarantined.append(set_aside(row._replace(line=int(lines[at])), wrong, file))
    if quarantined:
        ids, texts = ids.filter(numbers(kept)), texts.filter(numbers(kept))
        beside = {name: values.filter(numbers(kept)) for name, values in beside.items()}
    return PostBatch(
        file=file,
        ids=ids.cast(pa.string()),
        texts=of_arrow(texts),
        lines=lines[kept],
        fields=extra
        if kept.all()
        else {name: [values[at] for at in np.flatnonzero(kept)] for name, values in extra.items()},
        quarantined=quarantined,
        kept={name: values.cast(pa.string()) for name, values in beside.items()},
    )


def _beginnings(batch: pa.RecordBatch, names: list[str]) -> pa.RecordBatch:
    """Return rows in which what is longer than a post may be ends soon behind that: Python would make copies of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in names:
        at = batch.schema.get_field_index(name)
        if at >= 0 and is_textual(plain_type(batch.column(at).type)):
            whole = as_text(batch.column(at)).view(pa.large_binary())
            if (pc.max(pc.binary_length(whole)).as_py() or 0) > POST_BYTES.value:
                begins = pc.binary_slice(whole, 0, POST_BYTES.value + 5).to_pylist()
                begun = pa.array(map(_begun, begins), pa.large_binary())
                batch = batch.set_column(at, name, begun.view(pa.large_string()))
    return batch


def _begun(data: bytes | None) -> bytes | None:
    """Return what a text begins with, to the end of the first character that a post has no room for."""
    if data is None or len(data) <= POST_BYTES.value + 4:
        return data
    ends = range(POST_BYTES.value + 4, POST_BYTES.value, -1)
    return data[: next((end for end in ends if data[end] & 0xC0 != 0x80), ends[0])]


def ids_of_batch(
    batch: pa.RecordBatch, first: int, reading: Reading, file: str
) -> tuple[pa.StringArray, NDArray[np.int64], int]:
    """Return the ids of a record batch that may be of posts, the numbers of their rows, and how many rows it has."""
    import pyarrow as pa

    if reading.number_rows:
        rows = first + np.arange(len(batch))
        return _numbered(file, rows).cast(pa.string()), rows, len(batch)
    ids = as_ids(batch.column(reading.columns.id))
    sound = ~_doubtful_ids(ids)
    for at in np.flatnonzero(sound & may_be_rounded(ids)).tolist():
        sound[at] = not is_rounded(ids[at].as_py())
    return ids.filter(numbers(sound)).cast(pa.string()), first + np.flatnonzero(sound), len(batch)


def _numbered(file: str, lines: NDArray[np.int64]) -> pa.LargeStringArray:
    import pyarrow as pa

    return strings(f"{file}:{line}" for line in lines.tolist()).cast(pa.large_string())


def _joined(parts: list[pa.LargeStringArray]) -> pa.LargeStringArray:
    """Return texts joined from several columns; null where all of them are."""
    import pyarrow as pa

    if len(parts) == 1:
        return parts[0]
    rows = zip(*(part.cast(pa.large_binary()).to_pylist() for part in parts), strict=True)
    joined = [None if all(part is None for part in row) else b"\n".join(_not_repeated(row)) for row in rows]
    return pa.array(joined, pa.large_binary()).cast(pa.large_string(), safe=False)


def _not_repeated(parts: Iterable[Any]) -> list[Any]:
    """Return the parts of a text, without empty ones and those that the next part begins with, as titles may be."""
    there = [part for part in parts if part]
    return [
        part for part, following in zip_longest(there, there[1:]) if not following or not following.startswith(part)
    ]


def _doubtful_ids(ids: pa.LargeStringArray, *, is_utf8: bool = False) -> NDArray[np.bool_]:
    """Return which ids are missing, not UTF-8, blank or too long."""
    import pyarrow.compute as pc

    unfit = _missing(ids) if is_utf8 else not_utf8(ids) | _missing(ids)
    if unfit.any():
        ids = pc.if_else(numbers(unfit), large(""), ids)
    length: NDArray[np.int64] = as_numpy(pc.utf8_length(ids))
    blank: NDArray[np.bool_] = as_numpy(pc.utf8_is_space(ids))
    doubtful: NDArray[np.bool_] = unfit | (length == 0) | (length > ID_CHARACTERS.value) | blank
    return doubtful


def _named(ids: pa.LargeStringArray, names: list[str]) -> NDArray[np.bool_]:
    """Return which ids are names of columns, in whatever case."""
    import pyarrow.compute as pc

    lengths = as_numpy(pc.binary_length(ids))
    if not any((lengths == len(name.encode("utf-8", "surrogatepass"))).any() for name in names):
        return np.zeros(len(ids), dtype=bool)
    written = strings(name.strip(BLANKS).lower() for name in names).cast(ids.type)
    found: NDArray[np.bool_] = as_numpy(pc.is_in(pc.ascii_lower(ids), written))
    return found


def _doubtful_texts(texts: pa.LargeStringArray, *, is_utf8: bool) -> NDArray[np.bool_]:
    """Return which texts are missing, not UTF-8 or too long."""
    import pyarrow.compute as pc

    missing = _missing(texts)
    too_long: NDArray[np.bool_] = as_numpy(pc.binary_length(texts)) > POST_BYTES.value
    return missing | too_long if is_utf8 else missing | too_long | not_utf8(texts)


def _missing(strings: pa.LargeStringArray) -> NDArray[np.bool_]:
    missing: NDArray[np.bool_] = as_numpy(strings.is_null())
    return missing


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(marked, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def set_aside(row: Row, wrong: tuple[str, str], file: str) -> Quarantined:
    """Return a row of `file` as it is quarantined, with why in one word and exactly."""
    detail = printable(wrong[1], limit=QUARANTINE_EXCERPT.value)
    return Quarantined(f"{file}:{row.line}", wrong[0], detail, _excerpt(row))


def _excerpt(row: Row) -> str:
    if any(names_account(key) for key in _KEY.findall(row.raw)):
        return "(withheld: the line names an account)"
    raw = str(row.raw or row.fields or "")
    read = _ESCAPED.sub(lambda found: str(json.loads(f'"{found[0]}"')), raw[: 5 * QUARANTINE_EXCERPT.value])
    masked = masked_name(read)
    return printable(raw if masked == read else masked, limit=QUARANTINE_EXCERPT.value)


def kept_of_values(values: Iterable[Any]) -> pa.StringArray:
    """Return a kept column of a CSV or JSON file as text, from the values that `koudai.corpus.reading.rows.rows` gives.

    Cells of CSV and strings of JSON come as they are, numbers with the digits that were written, lists and objects as
    their JSON text; what is missing is null. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.

    Examples
    --------
    >>> kept_of_values(["交通", None, ["a", "b"]]).to_pylist()
    ['交通', None, '["a","b"]']
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = [value if value is None else _as_written(value) for value in values]
    there = np.fromiter((value is not None for value in found), bool, len(found))
    return pc.if_else(numbers(there), strings(value or "" for value in found), pa.nulls(1, pa.string())[0])


def _as_written(value: Any) -> str:
    text = str(value) if isinstance(value, str) else json_text(value)
    return text if text.isascii() else without_surrogates(text)
