"""How a file is to be read as posts: its columns, others kept beside them, its encoding, what quotes mean, and what to
do with bad bytes.

Promises: a reading that asks for a column of accounts, or for something that cannot be done, cannot be made; written
as JSON and read back it is the same. Opens no file; the columns are looked for where one is read, in ``readers.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from koudai.config.source import Columns
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.errors import UsageError

BAD_BYTES = ("refuse", "quarantine")
"""What may be done with bytes that are not of the encoding."""
QUOTING = ("none", "csv", "backslash")
"""What quotes in CSV and TSV may be: letters, or what opens and closes cells, doubled or behind a backslash inside."""
KINDS_GIVEN = ("csv", "tsv", "jsonl", "json", "parquet", "arrow", "xlsx", "txt")
"""Kinds that files can be read as."""


@dataclass(frozen=True)
class Reading:
    """How files are read as posts. It is handed on whole.

    Parameters
    ----------
    columns
        Which columns hold what; by default ``post_id`` and ``text``.
    keep
        Columns that go with the posts into results, as text: see `koudai.corpus.reading.posts.PostBatch.kept`.
    encoding
        Of CSV, TSV and JSON lines: any that holds ASCII as it is, so not UTF-16.
    kind
        What files are read as, whatever their names say: one of `KINDS_GIVEN`. None: as each one's name says.
    number_rows
        Whether the rows have no id, and get one of the name of the file and the line: ``posts.csv:2``. `columns.id` is
        not read then.
    bad_bytes
        ``"refuse"`` a file with bytes that are not `encoding`, or ``"quarantine"`` their rows.
    quoting
        ``"csv"``: in CSV and TSV quotes open and close cells, and are doubled inside; ``"backslash"``: inside they are
        behind a backslash, as Spark writes them; ``"none"``: they are letters. None: ``"csv"`` in CSV, ``"none"`` in
        TSV.

    Raises
    ------
    ConfigError
        If a column is named like one of accounts.
    UsageError
        If `bad_bytes`, `quoting` or `kind` is anything else, or lines of text are to have ids.

    Examples
    --------
    >>> reading = Reading(columns=Columns(text="content", date="day"), keep=("topic",), encoding="gb18030")
    >>> reading.names, reading.fields
    (['post_id', 'content', 'day'], ['day'])
    >>> Reading.of_json(reading.to_json()) == reading
    True
    """

    columns: Columns = Columns()
    keep: tuple[str, ...] = ()
    encoding: str = "utf-8"
    bad_bytes: str = "refuse"
    number_rows: bool = False
    quoting: str | None = None
    kind: str | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("bad_bytes", BAD_BYTES), ("quoting", (*QUOTING, None)), ("kind", (*KINDS_GIVEN, None))):
            if getattr(self, name) not in allowed:
                raise UsageError(
                    what=f"`{name}` does not take this value",
                    got=getattr(self, name),
                    expected=" or ".join(filter(None, allowed)),
                    happened="nothing was read",
                )
        if self.kind == "txt" and not self.number_rows:
            raise UsageError(
                what="lines of text have no ids",
                got="`kind` txt",
                expected="`number_rows`, which makes one of file name and line",
                happened="nothing was read",
            )
        refuse_accounts((*self.names, *self.keep))

    @property
    def names(self) -> list[str]:
        """The columns that every row must have, each once: id unless rows are numbered, texts, then `fields`."""
        return list(dict.fromkeys([*self.required, *self.fields]))

    @property
    def fields(self) -> list[str]:
        """The columns beside id and text whose values come as they are, each once."""
        columns = self.columns
        named = (columns.label, columns.labels, columns.split, columns.date, *columns.keep)
        return list(dict.fromkeys(name for name in named if name is not None))

    @property
    def read(self) -> list[str]:
        """All columns that are read, each once: `names` and `keep`."""
        return list(dict.fromkeys([*self.names, *self.keep]))

    @property
    def required(self) -> list[str]:
        """The columns without which a row is no post, each once: id unless rows are numbered, and texts."""
        ids = () if self.number_rows else (self.columns.id,)
        return list(dict.fromkeys([*ids, *self.columns.texts]))

    def quotes(self, kind: str) -> bool:
        """Return whether quotes open and close cells in a file of this kind, ``"csv"`` or ``"tsv"``."""
        return kind == "csv" if self.quoting is None else self.quoting != "none"

    def to_json(self) -> dict[str, Any]:
        """Return the reading as plain data."""
        return {
            "columns": self.columns.model_dump(mode="json"),
            "keep": list(self.keep),
            "encoding": self.encoding,
            "bad_bytes": self.bad_bytes,
            "number_rows": self.number_rows,
            "quoting": self.quoting,
            "kind": self.kind,
        }

    @staticmethod
    def of_json(value: dict[str, Any]) -> Reading:
        """Return the reading that `to_json` was called on; raises ValueError, KeyError or TypeError if it is none.

        One that does not speak of `quoting` is older than it: quotes opened and closed cells then, in TSV, too.
        """
        return Reading(
            columns=Columns(**value["columns"]),
            keep=tuple(value["keep"]),
            encoding=value["encoding"],
            bad_bytes=value["bad_bytes"],
            number_rows=value.get("number_rows", False),
            quoting=value.get("quoting", "csv"),
            kind=value.get("kind"),
        )


DEFAULT_READING = Reading()
"""``post_id`` and ``text``, in UTF-8, and bytes that are not are refused."""
