"""The first rows of a file: what is wrong with all of them is wrong with the file, and is said before the rest is read.

Promises: a file is refused with the cause and what to do if none of its first FIRST_ROWS rows is a post, and all for
one reason; a shorter one is refused for fields that all its rows lack. Quotes no post.
"""

from __future__ import annotations

from koudai.corpus.reading.ids import RECOVER, ROUNDED, are_rounded
from koudai.corpus.reading.named_columns import layout_hint
from koudai.corpus.reading.posts import MOVED, PostBatch, Quarantined
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from koudai.text.characters.contacts.masking import masked_name

FIRST_ROWS = 1000
"""Rows of a file that are looked at before the file is refused for what is wrong with all of them."""
_COLUMNS = "name the columns with `id_column` and `text_column`, or under [corpus.source.columns]"
_QUOTES = (
    "mend the quotes, or give `quoting` none if they are letters in this file, or backslash if they stand behind one"
)
_CAUSES = {
    "ragged": (
        "its rows do not have the cells that its header names",
        "add the name that is missing to the header, or put cells that hold the delimiter in quotes",
    ),
    "bad-csv": ("its quotes are not those of CSV", _QUOTES),
    "stray-quote": ("its quotes are letters", _QUOTES),
    "bad-json": (
        "its lines are not JSON objects",
        'write one object on each line, e.g. jq -c ., or jq -c ".[]" if they are arrays, or pandas\' '
        'to_json(orient="records", lines=True)',
    ),
    "bad-bytes": ("it is in another encoding", "give its `encoding`, e.g. gb18030 or big5"),
    "bad-id": ("what was taken for the id is none", _COLUMNS),
    "rounded-id": (ROUNDED, RECOVER),
    "missing-field": (
        "none has the fields wanted",
        "name the fields with `id_column` and `text_column`, or under [corpus.source.columns]",
    ),
    "missing-text": ("its texts are null", _COLUMNS),
    "bad-text": ("what was taken for the text is none", _COLUMNS),
}
"""By reason, what is wrong with a file all of whose rows are quarantined for it, and what to do."""
_ONE_OBJECT = "; if the posts are a list in this one object, write each into a line, e.g. by jq -c '.data[]'"
_ENOUGH_IDS = 20
_PRIVATE = ("bad-text",)
"""Reasons whose details quote what may be a post."""


class FirstRows:
    """What is known of the first rows of a file.

    Parameters
    ----------
    path
        The file, for messages.
    reading
        How it is read.
    whole
        Whether it is read from its start; if not, nothing is said of it.
    """

    def __init__(self, path: object, reading: Reading, *, whole: bool = True) -> None:
        self._path = path
        self._reading = reading
        self._settled = not whole
        self._ids: list[str] | None = [] if whole and not reading.number_rows else None
        self._first: Quarantined | None = None
        self._rows = 0

    def see(self, batch: PostBatch) -> None:
        """Look at the next rows; raises `ReadError` once there are enough and none is a post, if ids are rounded, or if
        the columns change their order.
        """
        if self._ids is not None:
            self._ids += batch.ids.slice(0, FIRST_ROWS - len(self._ids)).to_pylist()
            if len(self._ids) >= _ENOUGH_IDS:
                self._require_whole_ids()
            if len(self._ids) >= FIRST_ROWS:
                self._ids = None
        self._require_one_order(batch)
        if self._settled:
            return
        first_post = int(batch.lines[0]) if len(batch.lines) else None
        for row in batch.quarantined:
            if first_post is not None and row.line > first_post:
                break
            self._first = self._first or row
            if row.reason != self._first.reason:
                self._settled = True
                return
            self._rows += 1
            if self._rows >= FIRST_ROWS:
                raise self._refusal(self._first)
        self._settled = first_post is not None

    def end(self) -> None:
        """Say that there are no more rows; raises `ReadError` if all of them lack a field, or their ids are rounded."""
        self._require_whole_ids()
        if not self._settled and self._first is not None and self._first.reason == "missing-field":
            raise self._refusal(self._first)

    def _require_one_order(self, batch: PostBatch) -> None:
        """Raise `ReadError` if the columns change their order within a file: what follows is in other columns."""
        moved = next((row for row in batch.quarantined if row.reason == MOVED), None)
        if moved is not None:
            raise ReadError(
                what="a second header names the columns in another order: files of two layouts were joined",
                where=f"{self._path}:{moved.line}",
                expected=", ".join(self._reading.names),
                got=moved.detail,
                happened="nothing was scored or trained on",
                todo="cut the file in two before this line",
            )

    def _require_whole_ids(self) -> None:
        if self._ids and are_rounded(self._ids):
            raise ReadError(
                what="the long ids of this file end in zeros",
                where=self._path,
                expected="ids of which every digit is there",
                got=ROUNDED,
                happened="nothing was scored or trained on",
                todo=RECOVER,
            )

    def _refusal(self, first: Quarantined) -> ReadError:
        missing = first.reason == "missing-field"
        what = "has the fields wanted" if missing else f"is a post: {cause_of(first.reason)}"
        detail = "" if first.reason in _PRIVATE else f", {masked_name(first.detail)}"
        return ReadError(
            what=f"none of the first {self._rows} rows {what}",
            where=self._path,
            expected=", ".join(self._reading.names) if missing else None,
            got=masked_name(first.detail) if missing else f"{first.where}: {first.reason}{detail}",
            happened="nothing was scored or trained on",
            todo=(layout_hint(first.detail.partition("there is ")[2].split(", ")) if missing else "")
            + remedy_of(first.reason, first.detail)
            + (_ONE_OBJECT if missing and self._rows == 1 else ""),
        )


def cause_of(reason: str) -> str:
    """Return what is wrong with a file all of whose rows are quarantined for one reason.

    Examples
    --------
    >>> cause_of("ragged"), cause_of("too-long")
    ('its rows do not have the cells that its header names', 'too-long')
    """
    return _CAUSES.get(reason, (reason, ""))[0]


def remedy_of(reason: str, detail: str = "") -> str:
    """Return what to do about a file all of whose rows are quarantined for one reason.

    Examples
    --------
    >>> remedy_of("bad-bytes")
    'give its `encoding`, e.g. gb18030 or big5'
    """
    if reason == "bad-id" and "got {" in detail:
        return 'these are columns, not rows: write them by pandas\' to_json(orient="records", lines=True)'
    return _CAUSES.get(reason, ("", "correct these rows, or bring another file"))[1]
