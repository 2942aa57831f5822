"""Contributions: what each term adds sums to the log-odds, whatever the classifier and whatever the post."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.special import logit

from koudai.model.explanation import contributions
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.model.model import Model
from koudai.model.ngrams.blocks import block_features
from koudai.model.scorer import decisions, probabilities
from koudai.text.utf8 import of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.model.test_scorer import POSTS, TEXTS
from tests.model.tiny import CATEGORIES, tiny_model


def check(model: Model, text: str) -> None:
    decision, known = decisions(model, [text])
    log_odds = model.slope * decision[0] + model.offset
    features = block_features(model.blocks, of_texts([model.normalizer(text)]), model.segmenter)
    for column, entry in enumerate(contributions(model, text)):
        assert entry.category == model.categories[column]
        total = entry.base + sum(added for _, added in entry.terms)
        assert total == pytest.approx(log_odds[column], rel=1e-12, abs=1e-9)
        assert len(entry.terms) == features.nnz
        sizes = [abs(added) for _, added in entry.terms]
        assert sizes == sorted(sizes, reverse=True)
        assert (entry.probability is None) == (not known[0])
        if known[0] and 1e-6 < entry.probability < 1 - 1e-6:
            assert logit(entry.probability) == pytest.approx(total, abs=1e-7)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=60)
@given(TEXTS)
def test_contributions_sum_to_the_log_odds(tiny: Model, text: str) -> None:
    check(tiny, text)


@pytest.mark.slow
def test_contributions_of_hostile_strings_sum_to_the_log_odds(tiny: Model, subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            check(tiny, text)


@pytest.mark.parametrize("name", CLASSIFIERS.names())
def test_contributions_of_every_classifier_sum_to_the_log_odds(name: str) -> None:
    model = tiny_model(classifier=name)
    for post in POSTS:
        check(model, post)


def test_the_probability_is_the_one_that_is_scored_but_for_parents(tiny: Model) -> None:
    explained = contributions(tiny, POSTS[0])
    scored = probabilities(tiny, [POSTS[0]])[0]
    own = np.array([entry.probability for entry in explained])
    assert np.abs(scored - [max(own[0], own[1]), own[1], own[2]]).max() < 1e-6


def test_taking_a_term_s_contribution_away_is_what_a_model_without_its_weight_says(tiny: Model) -> None:
    """Independent of the sum: set one weight to zero and score again."""
    from tests.model.tiny import changed

    names = tiny.terms()
    for column, entry in enumerate(contributions(tiny, POSTS[0])):
        for term, added in entry.terms[:3]:
            weights = tiny.weights.copy()
            weights[names.index(term), column] = 0.0
            before, _ = decisions(tiny, [POSTS[0]])
            after, _ = decisions(changed(tiny, weights=weights), [POSTS[0]])
            fall = tiny.slope[column] * (before - after)[0, column]
            assert fall == pytest.approx(added, rel=1e-9, abs=1e-12)


def test_words_and_characters_are_told_apart_in_what_is_shown(tiny: Model) -> None:
    shown = [term for term, _ in contributions(tiny, POSTS[0])[CATEGORIES.index("posing.police")].terms]
    assert "民警" in shown
    assert "‹民警›" in shown
    assert len(set(tiny.terms())) == tiny.n_features
