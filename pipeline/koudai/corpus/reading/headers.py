"""Headers of separated values that lack a column: what the first line is instead, if that can be told.

Promises: a first line that is empty, tells a spreadsheet the delimiter, has another delimiter, is quoted where quotes
are letters, or looks like a post is named for what it is; what may be a post is not quoted. Guesses nothing that is
then read.
"""

from __future__ import annotations

import re

from koudai.errors import ReadError, number_of

_DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars", "，": "full-width commas"}
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)?", re.IGNORECASE)
_DATA = re.compile(r"\d+|\d+\.\d+|\d{4}[-/]\d{1,2}[-/]\d{1,2}.*|https?://.*|.*[。！？!?，].*", re.DOTALL)
_LONG = 40
NO_HEADER = "add a first line with the names of the columns: the file seems to have no header"


def explain_header(header: list[str], columns: list[str], *, delimiter: str, quoted: bool, where: object) -> None:
    """Raise `ReadError` if `columns` are not all in a header, and it can be told why.

    Parameters
    ----------
    header
        The cells of the first line.
    columns
        The columns wanted.
    delimiter
        What is taken to be between cells.
    quoted
        Whether quotes open and close cells.
    where
        The file, for the message.

    Examples
    --------
    >>> explain_header(["post_id", "text"], ["post_id"], delimiter=",", quoted=True, where="posts.csv")
    """
    if all(name in header for name in columns):
        return
    line = delimiter.join(header)
    told = _SEPARATOR_LINE.fullmatch(line) or (len(header) == 2 and header[0].lower() == "sep=" and not header[1])
    if not line.strip("\ufeff \t\r\n"):
        what, todo = "the first line is empty", "remove it: the first line holds the names of the columns"
    elif told:
        what, todo = "the first line tells a spreadsheet what is between cells", "remove it" + _other(line, delimiter)
    elif not quoted and all(cell[:1] == cell[-1:] == '"' and len(cell) > 1 for cell in header):
        what, todo = "the names of the columns are in quotes", "give `quoting` csv"
    elif len(header) == 1 and (found := _between(line, columns, delimiter)) is not None:
        what = f"{_DELIMITERS[found]} seem to be between the cells, not {_DELIMITERS[delimiter]}"
        todo = _remedy(found)
    elif looks_like_post(header):
        what, todo = "the first line looks like a post", NO_HEADER
    else:
        return
    raise ReadError(
        what=f"column(s) missing, since {what}",
        where=f"{where}:1",
        expected=", ".join(columns),
        got=number_of(len(header), "cell"),
        happened="nothing of this file was read",
        todo=todo,
    )


def _other(line: str, delimiter: str) -> str:
    found = _SEPARATOR_LINE.fullmatch(line)
    other = found[1] if found else delimiter
    return f"; {_remedy(other)}" if other in _DELIMITERS and other != delimiter else ""


def _remedy(found: str) -> str:
    if found == "\t":
        return "let the name of the file end in .tsv"
    if found == ",":
        return "let the name of the file end in .csv"
    return "convert the file to CSV with commas, or to TSV"


def _between(line: str, columns: list[str], delimiter: str) -> str | None:
    """Return which other delimiter the columns wanted stand between, or else the line may well be cut at."""
    others = [one for one in _DELIMITERS if one != delimiter and one in line]
    cut = {one: [cell.strip(' "') for cell in line.split(one)] for one in others}
    named = [one for one in others if any(name in cut[one] for name in columns)]
    likely = [one for one in others if not looks_like_post(cut[one])]
    return next(iter([*named, *likely]), None)


def looks_like_post(cells: list[str]) -> bool:
    """Return whether cells look like what a post has, and not like names of columns.

    Examples
    --------
    >>> looks_like_post(["5001", "听说停水"]), looks_like_post(["id", "正文"])
    (True, False)
    """
    return any(len(cell) > _LONG or _DATA.fullmatch(cell.strip()) is not None for cell in cells)
