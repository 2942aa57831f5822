"""What was quarantined, counted by reason: in words, and refused where it is more than is allowed.

Promises: the same words for a job, a corpus, a card and a page; no row of a file is named here but the first of a kind.
What is wrong with a row is judged in ``posts.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from koudai.corpus.reading.first_rows import cause_of, remedy_of
from koudai.corpus.reading.posts import Quarantined
from koudai.errors import TooManyQuarantined, number_of

MOST = 0.1
"""Share of rows that may be quarantined unless a config or an option says otherwise."""
HARMLESS = ("duplicate-id", "repeated-header")
"""Reasons for which no post is lost: a repeat that was to be left out, and a header among the rows."""
_NOTICES = {
    "short-row": "lacked cells at their end, which were read as empty",
    "inner-bom": "had a byte order mark before them, which was left out",
    "trimmed-id": "had blanks, tabs or a byte order mark round their id, which were left out",
    "guarded-id": "had their id as a formula or behind an apostrophe, as spreadsheets keep it, and were read without",
}


def reasons_of(rows: Iterable[Quarantined]) -> dict[str, int]:
    """Return how many rows were quarantined for each reason, the most first.

    Examples
    --------
    >>> reasons_of([Quarantined("a.csv:2", "ragged", "", ""), Quarantined("a.csv:3", "ragged", "", "")])
    {'ragged': 2}
    """
    return dict(Counter(row.reason for row in rows).most_common())


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Return counts by name, added up, in the order of names.

    Examples
    --------
    >>> added({"ragged": 1}, {"ragged": 2, "bad-id": 1})
    {'bad-id': 1, 'ragged': 3}
    """
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}


def in_words(reasons: Mapping[str, int]) -> str:
    """Return counts by reason in words, the most first.

    Examples
    --------
    >>> in_words({"bad-id": 1, "ragged": 1240})
    'ragged 1,240, bad-id 1'
    """
    return ", ".join(f"{name} {count:,}" for name, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0])))


def noticed_in_words(noticed: Mapping[str, int]) -> list[str]:
    """Return a sentence for each thing that is odd about rows that were read all the same.

    Examples
    --------
    >>> noticed_in_words({"short-row": 2})
    ['2 rows lacked cells at their end, which were read as empty']
    """
    return [f"{number_of(count, 'row')} {_NOTICES.get(name, name)}" for name, count in sorted(noticed.items()) if count]


def require_few(reasons: Mapping[str, int], *, read: int, most: float, where: object, happened: str, todo: str) -> None:
    """Refuse rows of which too many were quarantined.

    Parameters
    ----------
    reasons
        Quarantined rows, by reason; those for which no post is lost do not count.
    read
        Rows read.
    most
        Share of them that may be quarantined.
    where, happened
        For the message.
    todo
        How more may be allowed.

    Raises
    ------
    TooManyQuarantined
        If it is more.

    Examples
    --------
    >>> require_few({"ragged": 1}, read=10, most=0.1, where="a.csv", happened="", todo="")
    """
    aside = {name: count for name, count in reasons.items() if name not in HARMLESS}
    n = sum(aside.values())
    if n > most * read:
        alone = next(iter(aside)) if n == read and len(aside) == 1 else None
        raise TooManyQuarantined(
            what=f"{n:,} of {read:,} rows were quarantined" + (f": {cause_of(alone)}" if alone else ""),
            where=where,
            expected=f"at most {most:.0%} of them",
            got=in_words(aside),
            happened=happened,
            todo=f"{remedy_of(alone)}, or {todo}" if alone else f"correct them, or {todo}",
        )
