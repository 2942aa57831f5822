"""Readers: files into batches of posts, and everything that is not a post into quarantine with its line and reason.

Promises: every row is a post or is quarantined (``read = posts + quarantined``); ids leave as the text that came in;
no column that names an account passes; memory is bounded by one batch. Text is not changed here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config import Columns
from pipeline.corpus.rows import Row, rows
from pipeline.errors import ConfigError, ReadError, printable
from pipeline.limits import ID_CHARACTERS, POST_BYTES, QUARANTINE_EXCERPT
from pipeline.strict_json import NumberText

ACCOUNT_COLUMN = re.compile(
    r"(^|_)(user|uid|userid|screen_?name|nick|nick_?name|author|blogger|account|open_?id|handle|avatar|profile)\d*(_|$)"
    r"|(user|screen|nick|author|account)_?(id|name)"
    r"|用[户戶]|昵称|暱稱|作者|[账帐賬帳][号號户戶]|博主|[头頭]像|[网網]名|微信号|公众号|发布者|發布者|[发發]帖人",
    re.IGNORECASE,
)
"""Names of columns that hold accounts; such a column is never read, whatever a config asks for."""
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")
_KEY = re.compile(r'"([^"\n]{1,64})"\s*:')
_LAYOUT_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row set aside: ``file:line``, the reason in one word, what exactly, and the beginning of it, escaped."""

    where: str
    reason: str
    detail: str
    excerpt: str

    def to_dict(self) -> dict[str, str]:
        """Return the four fields as plain data."""
        return {"where": self.where, "reason": self.reason, "detail": self.detail, "excerpt": self.excerpt}


@dataclass(slots=True)
class PostBatch:
    """Posts in file order: ids, texts, ``file:line`` of each, other fields by column; and what was quarantined."""

    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    fields: dict[str, list[Any]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Rows read: posts and quarantined."""
        return len(self.ids) + len(self.quarantined)


def read_posts(
    path: Path,
    *,
    columns: Columns | None = None,
    encoding: str = "utf-8",
    bad_bytes: str = "refuse",
    batch_rows: int = 4096,
) -> Iterator[PostBatch]:
    """Yield a file's posts in batches of `batch_rows` rows, the last one shorter.

    Parameters
    ----------
    path
        Parquet, CSV, TSV or JSON lines, also gzipped.
    columns
        Which columns hold what; by default ``post_id`` and ``text``.
    encoding, bad_bytes
        As for `pipeline.corpus.rows.rows`.
    batch_rows
        Rows per batch; a batch's boundaries depend on nothing else.

    Raises
    ------
    ReadError
        If the file as a whole cannot be read, or its first 4,096 rows all lack a field wanted.
    ConfigError
        If a column names accounts.
    """
    columns = columns or Columns()
    named = (columns.label, columns.labels, columns.split, *columns.keep)
    extra = list(dict.fromkeys(name for name in named if name is not None))
    wanted = list(dict.fromkeys([columns.id, columns.text, *extra]))
    refuse_accounts(tuple(wanted))
    batch = PostBatch(fields={name: [] for name in extra})
    read, lacking = 0, ""
    for row in rows(path, columns=wanted, encoding=encoding, bad_bytes=bad_bytes):
        where = f"{path.name}:{row.line}"
        wrong = (row.wrong, row.detail) if row.wrong else _wrong(row, columns)
        lacking = row.detail if row.wrong == "missing-field" and (lacking or not read) else ""
        read += 1
        if lacking and read == _LAYOUT_ROWS:
            raise _unknown_layout(path, wanted, read=read, lacking=lacking)
        if wrong is None:
            batch.ids.append(str(row.fields[columns.id]))
            batch.texts.append(row.fields[columns.text])
            batch.places.append(where)
            for name in extra:
                batch.fields[name].append(row.fields[name])
        else:
            detail = printable(wrong[1], limit=QUARANTINE_EXCERPT.value)
            batch.quarantined.append(Quarantined(where, wrong[0], detail, _excerpt(row)))
        if batch.read == batch_rows:
            yield batch
            batch = PostBatch(fields={name: [] for name in extra})
    if lacking:
        raise _unknown_layout(path, wanted, read=read, lacking=lacking)
    if batch.read:
        yield batch


def names_account(column: str) -> bool:
    """Return whether `column` is the name of a column of accounts, in any case, width and way of joining words."""
    return bool(ACCOUNT_COLUMN.search(_WORD_BREAK.sub("_", unicodedata.normalize("NFKC", column))))


def refuse_accounts(names: tuple[str, ...]) -> None:
    """Raise `ConfigError` if any of `names` is the name of a column of accounts."""
    accounts = [name for name in names if names_account(name)]
    if accounts:
        raise ConfigError(
            what=f"column(s) that name accounts are never read: {', '.join(accounts)}",
            where="columns",
            happened="nothing was read",
            todo="leave them out; koudai measures posts, not people",
        )


class SeenIds:
    """Remembers ids and where each was first seen, to find the second."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def second(self, post_id: str, place: str) -> str | None:
        """Return where `post_id` was first seen, or None if this is the first time."""
        first = self._first.get(post_id)
        if first is None:
            self._first[post_id] = place
        return first

    def refuse(self, ids: list[str], places: list[str]) -> None:
        """Raise `ReadError` at the first id that was seen before."""
        for post_id, place in zip(ids, places, strict=True):
            first = self.second(post_id, place)
            if first is not None:
                raise ReadError(
                    what=f"the id {post_id!r} is there twice",
                    where=place,
                    expected="every post once",
                    got=f"first seen at {first}",
                    happened="nothing was scored or trained on",
                    todo="remove one of them, or let `koudai score --duplicates first` keep the first",
                )


def _unknown_layout(path: Path, wanted: list[str], *, read: int, lacking: str) -> ReadError:
    return ReadError(
        what=f"none of the first {read} rows has the fields wanted",
        where=path,
        expected=", ".join(wanted),
        got=lacking,
        happened="nothing was scored or trained on",
        todo="name the fields with --id-column and --text-column, or under [corpus.source.columns]",
    )


def _excerpt(row: Row) -> str:
    if any(names_account(key) for key in _KEY.findall(row.raw)):
        return "(withheld: the line names an account)"
    return printable(row.raw or row.fields or "", limit=QUARANTINE_EXCERPT.value)


def _wrong(row: Row, columns: Columns) -> tuple[str, str] | None:
    post_id, text = row.fields[columns.id], row.fields[columns.text]
    if not isinstance(post_id, str) or not post_id.strip():
        return "bad-id", f"expected text or a whole number, got {printable(repr(post_id), limit=60)}"
    if len(post_id) > ID_CHARACTERS.value:
        return "bad-id", f"longer than {ID_CHARACTERS.value} characters"
    if any("\ud800" <= character <= "\udfff" for character in post_id):
        return "bad-id", "a lone surrogate cannot be written as UTF-8"
    if text is None:
        return "missing-text", "the text is null"
    if not isinstance(text, str) or isinstance(text, NumberText):
        return "bad-text", f"expected text, got {printable(repr(text), limit=60)}"
    if len(text) > POST_BYTES.value or len(text.encode("utf-8", "surrogatepass")) > POST_BYTES.value:
        return "too-long", f"longer than {POST_BYTES.value} {POST_BYTES.unit}"
    return None
