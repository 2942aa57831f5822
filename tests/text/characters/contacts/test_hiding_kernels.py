"""Hiding as bytes: what the kernels let pass holds no contact but mentions, and real posts are seldom refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.train import DEFAULT_STEPS
from koudai.text.characters import characters, characters_kernels
from koudai.text.characters.contacts import hiding
from koudai.text.characters.contacts.masking import contacts
from koudai.text.characters.normalize import Normalizer
from koudai.text.utf8 import Utf8, of_texts
from tests.text.characters.contacts.test_hiding import PARTS
from tests.text.characters.test_normalize_kernels import padded
from tests.text.posts import random_bytes, real_posts

CLEAN = Normalizer(("nfkc", "drop-invisible", "links"))


def refused(posts: Utf8) -> list[int]:
    data, offsets = characters.checked(posts)
    left = np.empty(posts.posts, np.int64)
    out = np.empty(2 * len(data) + 99, np.uint8)
    number = hiding._kernels().hide_all(data, offsets, out, np.zeros(len(offsets), np.int64), left, hiding._table())
    return [int(one) for one in left[:number]]


@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
def test_R7_what_may_hold_a_contact_is_refused(text: str) -> None:
    clean = CLEAN(text)
    kinds = {one.kind for one in contacts(clean, kinds=hiding.HIDDEN)}
    spaced = any(clean[one.start + 1].isspace() for one in contacts(clean, kinds=("mention",)))
    if kinds - {"mention"} or spaced:
        assert refused(of_texts([clean])) == [0]


def test_the_longest_name_is_that_of_the_forms() -> None:
    from koudai.text.characters.contacts import forms

    assert characters_kernels.NAME_LENGTH == forms.NAME_LENGTH
    assert forms.PLACEHOLDERS["phone"] == "1" + "X" * 10


def test_hardly_a_real_post_is_left_to_python(real_corpus: Callable[[str], Path]) -> None:
    posts = CLEAN.many(of_texts(real_posts(real_corpus, 5000)))
    assert len(refused(posts)) < 0.03 * posts.posts


def test_every_real_post_of_a_sample(real_corpus: Callable[[str], Path]) -> None:
    texts = real_posts(real_corpus, 3000)
    normalizer = Normalizer(DEFAULT_STEPS)
    assert normalizer.many(of_texts(texts)).texts() == [normalizer(text) for text in texts]


def test_any_bytes_are_read_without_going_beyond_them() -> None:
    """A post is refused, or not, whatever lies behind it."""
    for seed in range(10):
        posts = random_bytes(seed, 30)
        apart = [refused(padded([post], 0)) for post in posts]
        assert refused(padded(posts, 0)) == [number for number, one in enumerate(apart) if one]
