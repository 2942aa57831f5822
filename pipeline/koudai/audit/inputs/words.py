"""The words in which people answer whether a post is in a category.

Promises: yes, no and nothing are told apart whatever their case and width; any other word is no answer and is never
guessed at.
"""

from __future__ import annotations

import unicodedata

ANSWERS = {
    **dict.fromkeys(("1", "1.0", "是", "yes", "y", "true", "是 yes"), 1),
    **dict.fromkeys(("0", "0.0", "否", "no", "n", "false", "否 no"), 0),
    "": -1,
}
SAID = "1, 0, 是, 否, yes, no, or nothing"
"""What is expected of an answer, for messages."""


def answer(said: str) -> int | None:
    """Return 1, 0, -1 for nothing, or None for what is no answer.

    Examples
    --------
    >>> [answer(one) for one in ("是", " NO ", "", "maybe")]
    [1, 0, -1, None]
    """
    return ANSWERS.get(unicodedata.normalize("NFKC", said).strip().lower())
