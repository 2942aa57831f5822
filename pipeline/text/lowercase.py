"""Lower case of many posts as bytes."""

from __future__ import annotations

from pipeline.text.utf8 import Utf8, of_texts


def lowercase(posts: Utf8) -> Utf8:
    """Return the posts in lower case."""
    return of_texts([text.lower() for text in posts.texts()])
