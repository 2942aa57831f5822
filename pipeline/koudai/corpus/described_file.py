"""A file of posts that nobody has described yet: what its columns seem to hold, by their names and their cells.

Promises: says what it saw and decides nothing that loses a row; a column that may name accounts is never taken for
anything; where two columns could be the same thing, the one with the plainer name is taken, and the other is still
listed. Reads the first rows alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from koudai.config.layouts import Layout, layout_of
from koudai.config.source import Columns
from koudai.corpus.dates import readable_dates
from koudai.corpus.reading.accounts import names_account
from koudai.corpus.reading.encodings import likely_encoding
from koudai.corpus.reading.files import first_bytes
from koudai.corpus.reading.kinds import settled
from koudai.corpus.reading.locations import COLUMNAR, location_of
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names, rows
from koudai.errors import ReadError

LOOKED_AT = 2000
"""Rows that are looked at."""
MOST_LABELS = 20
"""A column with more different values is taken for none of labels."""
_HEAD = 1 << 19
_ID = re.compile(
    r"(post|weibo|note|item|doc|msg|message|comment|article|微博|帖子|文章|评论)?[_ ]?(id|mid|bid|编号|序号|號)", re.I
)
_TEXT = re.compile(r"(full_?)?text|content|body|post|正文|内容|微博正文|文本|全文|标题|title|评论(内容)?|comment", re.I)
_DATE = re.compile(r"(created?|publish(ed)?|post(ed)?)?_?(at|date|time|day)|.*(日期|时间|時間)", re.I)
_LABEL = re.compile(r"label|class|category|tag|y|target|verdict|sort|标签|类别|分类|是否.*|.*标注", re.I)
_SPLIT = re.compile(r"split|set|fold|subset|数据集|划分", re.I)
_OTHER_DELIMITER = re.compile("[;|\t，；]")
_WORDS = re.compile(r"[^\W\d_]{2}")
_SHORTEST = 4
_SIDES = {"train", "test", "val", "dev", "valid", "validation"}


@dataclass(frozen=True)
class DescribedFile:
    r"""What the first rows of a file seem to hold.

    Parameters
    ----------
    rows
        How many were looked at, and whether that is all of them.
    names
        Of the columns, in order.
    kind, encoding, layout
        Of the file; the encoding is ``utf-8`` where it has none, the layout None where no tool is known to write so.
    columns
        Of id, text, date and split, as far as they were found.
    number_rows
        Whether no column can be the id.
    labels
        By column, each that may hold labels: its values with their counts.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "weibo.csv"
    ...     _ = path.write_text("微博ID,正文,是否谣言\n1,听说要停水,是\n2,今天下雨,否\n", encoding="gb18030")
    ...     found = describe_file(path)
    >>> found.encoding, found.columns.id, found.columns.text, list(found.labels)
    ('gb18030', '微博ID', '正文', ['是否谣言'])
    """

    rows: int
    whole: bool
    names: tuple[str, ...]
    kind: str
    encoding: str
    layout: Layout | None
    columns: Columns
    number_rows: bool
    labels: dict[str, Counter[str]]


def describe_file(path: Path, *, label: str | None = None) -> DescribedFile:
    """Look at the first rows of a file.

    Parameters
    ----------
    path
        A file of posts, of a kind that koudai reads.
    label
        The column of labels, if that is known; it is among `labels` whatever it holds.

    Raises
    ------
    ReadError
        If it is no file of posts: of no known kind or encoding, without rows, or without a column of texts.
    """
    reading = Reading(encoding=_encoding_of(path), bad_bytes="quarantine")
    location = settled(location_of(path), reading)
    names = column_names(location, encoding=reading.encoding)
    if label is not None and label not in names:
        raise _unlike(path, what="there is no such column", expected=", ".join(names), got=label)
    open_names = [name for name in names if name and not names_account(name) and names.count(name) == 1]
    if len(names) == 1 and location.kind in ("csv", "tsv") and (mark := _OTHER_DELIMITER.search(names[0])):
        raise _unlike(
            path,
            what=f"cells are separated by {mark[0]!r}",
            expected="commas",
            todo="save it with commas, or as .xlsx",
        )
    head = list(islice(rows(location, replace(reading, keep=tuple(open_names)), columns=[]), LOOKED_AT + 1))
    read = [row.fields for row in head[:LOOKED_AT] if row.wrong is None]
    if not read or not open_names:
        raise _unlike(path, what="this file holds no rows", got=f"{len(head):,} that cannot be read")
    cells = {name: [_text(one.get(name)) for one in read] for name in open_names}
    layout = layout_of(names)
    columns = Columns() if layout is None else layout.apply(Columns())
    free = [name for name in open_names if name != label]
    if layout is None:
        text = _text_column(cells, free)
        if text is None:
            raise _unlike(path, what="no column of this file holds texts", got=", ".join(names))
        free.remove(text)
        post_id = _best(free, _ID, lambda name: _is_id(cells[name]))
        dated = _best(free, _DATE, lambda name: name != post_id and _is_date(cells[name], all_of_them=True))
        columns = columns.model_copy(update={"id": post_id or columns.id, "text": text, "date": dated})
    else:
        post_id = columns.id
    split = _best(free, _SPLIT, lambda name: set(filter(None, cells[name])) <= _SIDES and len({*cells[name]}) > 1)
    columns = columns.model_copy(update={"split": split})
    taken = {post_id, *columns.texts, columns.date, split}
    labels = {
        name: Counter(filter(None, cells[name]))
        for name in open_names
        if name == label or (name not in taken and _LABEL.fullmatch(name))
    }
    return DescribedFile(
        rows=len(read),
        whole=len(head) <= LOOKED_AT,
        names=tuple(names),
        kind=location.kind,
        encoding=reading.encoding,
        layout=layout,
        columns=columns,
        number_rows=post_id is None,
        labels={name: values for name, values in labels.items() if name == label or 2 <= len(values) <= MOST_LABELS},
    )


def _encoding_of(path: Path) -> str:
    """Return the encoding of a file of text, ``utf-8`` for one of another kind."""
    location = location_of(path)
    if location.kind in COLUMNAR or location.kind == "xlsx":
        return "utf-8"
    begin = first_bytes(location, _HEAD)
    found = likely_encoding(begin, whole=len(begin) < _HEAD)
    if found is None or b"\x00" in begin or found == "utf-16":
        raise _unlike(
            path,
            what="this is no text in an encoding that is read" if found != "utf-16" else "this file is in UTF-16",
            expected="UTF-8, GB 18030 or Big5",
            todo="save it as CSV in UTF-8, or as .xlsx",
        )
    return found


def _best(names: Sequence[str], plain: re.Pattern[str], fits: Callable[[str], bool]) -> str | None:
    """Return the first of the columns with a plain name that fits."""
    return next((name for name in names if plain.fullmatch(name.strip()) and fits(name)), None)


def _text_column(cells: dict[str, list[str]], names: Sequence[str]) -> str | None:
    """Return the column with the longest texts, of those with a plain name if one of them has texts at all."""
    length = {name: sum(map(len, cells[name])) / len(cells[name]) for name in names}
    wordy = [
        name
        for name in names
        if length[name] >= _SHORTEST and not _is_date(cells[name]) and any(_WORDS.search(one) for one in cells[name])
    ]
    named = [name for name in wordy if _TEXT.fullmatch(name.strip())]
    return max(named or wordy, key=length.__getitem__, default=None)


def _is_id(values: list[str]) -> bool:
    return all(values) and len(set(values)) == len(values) and max(map(len, values)) <= 100


def _is_date(values: list[str], *, all_of_them: bool = False) -> bool:
    there = list(filter(None, values))
    return bool(there) and readable_dates(there)[1].total() <= (0 if all_of_them else len(there) / 10)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()


def _unlike(path: Path, **parts: str) -> ReadError:
    return ReadError(where=path, happened="nothing was written", **parts)
