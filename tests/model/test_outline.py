"""Outlines: what each trait counts, and that parts add up to the whole whoever counted them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.model.model import Model
from koudai.model.outline import LENGTH, OF_POSTS, PROBABILITY, SCRIPT, TERMS, Outline, Traits, bins_of, counted
from koudai.model.scorer import score
from koudai.text.utf8 import of_texts
from tests.model.tiny import CATEGORIES, tiny_posts


def bins(text: str, size: int = 1, found: int = 0) -> dict[str, int]:
    traits = Traits(of_texts([text]), np.array([size]), np.array([found]))
    return {name: int(some[0]) for name, some in traits.bins().items()}


def test_length_counts_bytes_in_quarters_of_an_octave() -> None:
    assert [bins("a" * n)[LENGTH] for n in (0, 1, 16, 19, 20, 32, 10**6)] == [0, 0, 16, 16, 17, 20, bins_of(LENGTH) - 1]


def test_terms_are_known_ones_per_byte() -> None:
    assert [bins("一", size, found)[TERMS] for size, found in ((100, 0), (100, 50), (100, 99), (10, 1000), (0, 0))] == [
        0,
        20,
        39,
        bins_of(TERMS) - 1,
        0,
    ]


def test_script_is_how_much_is_ascii() -> None:
    assert [bins(text)[SCRIPT] for text in ("", "今天下雨了吗", "abcdefgh", "今天下雨abcdefghijkl")] == [0, 0, 8, 4]


@settings(derandomize=True, deadline=None, max_examples=12)
@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_posts_have_bins_that_there_are(texts: list[str]) -> None:
    n = len(texts)
    found = Traits(of_texts(texts), np.arange(n), np.arange(n) * 7).bins()
    assert tuple(found) == OF_POSTS
    for name, some in found.items():
        assert len(counted(name, some)) == bins_of(name)
        assert sum(counted(name, some)) == n


def test_a_batch_outlines_its_posts_and_parts_add_up(tiny: Model) -> None:
    texts = [*tiny_posts()[0][:40], "", "🙂🙂"]
    ids = [str(place) for place in range(len(texts))]
    whole = score(tiny, ids, texts).outline
    assert set(whole.counts) == {*OF_POSTS, *(f"{PROBABILITY} {key}" for key in CATEGORIES)}
    assert all(sum(counts) == len(texts) for counts in whole.counts.values())
    assert whole.counts[f"{PROBABILITY} {CATEGORIES[0]}"][-1] >= 2
    parts = [score(tiny, ids[at : at + 9], texts[at : at + 9]).outline for at in range(0, len(texts), 9)]
    assert sum(parts, Outline()) == sum(reversed(parts), Outline()) == whole
