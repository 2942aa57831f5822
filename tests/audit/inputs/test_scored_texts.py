"""Scored texts: their order depends on the seed and the texts alone, each text once; shared results are kept."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.inputs.scored_texts import shuffled_texts
from tests.audit.table import table

TEXTS = st.lists(st.text(st.characters(codec=None), max_size=4), max_size=20)


@settings(derandomize=True, deadline=None, max_examples=60)
@every(texts=TEXTS, seed=st.integers(-(2**63), 2**63))
def test_each_text_once_whatever_the_order(texts: list[str], seed: int) -> None:
    places = shuffled_texts(texts, seed=seed)
    order = [texts[place] for place in places]
    assert sorted(order) == sorted(set(texts))
    assert all(texts.index(texts[place]) == place for place in places)
    shuffled = [*texts, *texts]
    random.Random(1).shuffle(shuffled)
    assert [shuffled[place] for place in shuffled_texts(shuffled, seed=seed)] == order


def test_another_seed_draws_others_and_no_text_is_favoured() -> None:
    texts = [str(i) for i in range(40)]
    first = [shuffled_texts(texts, seed=seed)[:10] for seed in range(400)]
    times = [sum(i in places for places in first) for i in range(40)]
    assert min(times) > 60  # expected 100, standard deviation 8.7
    assert max(times) < 140


def test_results_are_computed_once_per_audit_and_anew_for_other_posts() -> None:
    given = table()
    order = given.scored_texts.trial_order
    assert replace(given, advance=lambda steps, told=None: None).scored_texts.trial_order is order
    assert sorted(order) == [i for i in range(12) if given.texts.index(given.texts[i]) == i]  # type: ignore[union-attr]
    assert replace(given, texts=None).scored_texts.trial_order == []
    assert replace(given, texts=["一"]).scored_texts.trial_order == [0]
    assert replace(given, seed=given.seed + 1).scored_texts.trial_order != order
