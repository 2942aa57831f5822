"""Drawing texts on which a model is tried out: which of many posts, by seed, each text once.

Promises: which texts are drawn, and in which order, depends on the seed and the texts alone, not on the order of the
posts, their ids or how often a text is there: what a model does to a text it does every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from koudai.audit.inputs.given import AuditInput


def drawn(texts: Sequence[str], *, seed: int) -> list[int]:
    """Return the place of each different text (the first where there are several), in an order set by `seed`."""
    key = seed.to_bytes(16, "little", signed=True)
    marks = {text: place for place, text in reversed(list(enumerate(texts)))}

    def rank(text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=16).digest()

    return [marks[text] for text in sorted(marks, key=rank)]


def drawn_posts(given: AuditInput) -> list[int]:
    """Return places among the scored posts as `drawn` does, worked out once per audit; none without texts."""
    if "drawn" not in given.made:
        given.made["drawn"] = drawn(given.texts or [], seed=given.seed)
    found: list[int] = given.made["drawn"]
    return found
