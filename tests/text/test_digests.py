"""Digests of many posts: each that of its bytes alone, ordered as the bytes are."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.digests import digests_of, in_order, keyed
from koudai.text.utf8 import of_texts

TEXTS = st.lists(st.text(st.characters(codec=None), max_size=6), max_size=12)


@settings(max_examples=30)
@given(TEXTS, st.binary(max_size=64))
def test_digests_are_those_of_each_text_and_in_the_order_of_their_bytes(texts: list[str], key: bytes) -> None:
    posts = of_texts(["before", *texts]).part(1, len(texts) + 1)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    expected = {size: [hashlib.blake2b(one, key=key, digest_size=size).digest() for one in encoded] for size in (8, 16)}
    for size, digests in expected.items():
        found = digests_of(posts, keyed(key, size=size))
        assert [row.astype(">u8").tobytes() for row in found] == digests
        assert in_order(found).tolist() == sorted(range(len(texts)), key=lambda row: (digests[row], row))
