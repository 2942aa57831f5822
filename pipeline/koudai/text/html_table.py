"""A table as HTML, as notebooks show what a call returned.

Promises: every cell is escaped, so that no text of a post is markup; no style but alignment, no script, nothing that is
fetched. Knows nothing of what the cells mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def html_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[object]], *, notes: Sequence[str] = ()
) -> str:
    """Return a table with a title above it and notes below it.

    Examples
    --------
    >>> html_table("<posts>", ["id"], [["a&b"]]).count("&lt;posts&gt;")
    1
    """
    head = "".join(f'<th style="text-align:left">{escape(name)}</th>' for name in header)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(str(cell))}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    below = "".join(f"<div>{escape(note)}</div>" for note in notes)
    return f"<div><b>{escape(title)}</b></div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"
