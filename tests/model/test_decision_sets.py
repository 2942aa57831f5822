"""Decisions by conformal sets: what a loop over posts says of sets of one answer, of both and of none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.deciding.isotonic import Curve
from koudai.model.decision import NO_FEATURES, REASONS, UNCERTAIN, decide
from koudai.model.explanation import contributions
from koudai.model.model import Model
from koudai.model.scorer import decisions, probabilities, score
from koudai.taxonomy import Taxonomy
from tests.model.bundle.test_bundle import same_scores
from tests.model.test_decision import EIGHTHS, cases
from tests.model.tiny import EVALUATION, changed, tiny_model, tiny_posts

Case = tuple[Taxonomy, tuple[str, ...], Any, Any, float]


def decided_by_a_loop(taxonomy: Taxonomy, row: list[float], threshold: Any, sets: Any) -> tuple[list[bool], bool]:
    """Return which categories are surely alleged, and whether any is undecided."""
    if taxonomy.exclusive:
        best = max(range(len(row)), key=lambda k: row[k])
        held = [k for k, p in enumerate(row) if p >= sets[0][k]]
        return [k == best and held == [best] for k in range(len(row))], held != [best]
    sure, unsure = [], False
    for k, p in enumerate(row):
        answers = [name for name, held in (("in", p >= sets[0][k]), ("out", p <= sets[1][k])) if held]
        by_threshold = "in" if p >= threshold[k] else "out"
        sure.append(answers == ["in"] == [by_threshold])
        unsure |= answers != [by_threshold]
    return sure, unsure


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(cases(), st.data())
def test_A4_a_category_is_alleged_where_in_is_the_only_answer(case: Case, data: st.DataObject) -> None:
    taxonomy, categories, proba, threshold, _ = case
    width = len(categories)
    sets = np.array([data.draw(st.lists(EIGHTHS, min_size=width, max_size=width)) for _ in range(2)])
    alleged, reason = decide(proba, taxonomy, categories, threshold, 0.5, sets)
    for row, tags, why in zip(proba.tolist(), alleged, reason, strict=True):
        if np.isnan(row).any():
            assert REASONS[why] == NO_FEATURES
            continue
        sure, unsure = decided_by_a_loop(taxonomy, row, threshold, sets)
        direct = {key for key, is_sure in zip(categories, sure, strict=True) if is_sure}
        expected = direct | {above for key in direct for above in taxonomy.ancestors(key)}
        assert {key for key, tag in zip(taxonomy.keys, tags, strict=True) if tag} == expected
        assert REASONS[why] == (UNCERTAIN if unsure and not direct else "")


def curved(model: Model) -> Model:
    """Return `model` with a curve for two categories, one of them level at its ends, and sets."""
    steep = Curve(np.array([0.3, 0.5, 0.6]), np.array([0.0, 0.4, 1.0]))
    bent = Curve(np.array([0.0, 0.9, 1.0]), np.array([0.1, 0.2, 0.95]))
    sets = np.array([[0.4, 0.3, 0.15], [0.6, 0.2, 0.5]])
    return changed(model, curves=(steep, None, bent), sets=sets, abstain=0.0)


def test_curves_act_on_the_sigmoid_of_each_category_alone(tiny: Model) -> None:
    texts = tiny_posts()[0]
    model = curved(tiny)
    plain = changed(tiny, taxonomy=tiny.taxonomy.model_copy(update={"category": tiny.taxonomy.category}))
    raw = 1 / (1 + np.exp(-(plain.slope * decisions(plain, texts)[0] + plain.offset)))
    expected = raw.copy()
    for column, curve in ((0, model.curves[0]), (2, model.curves[2])):
        assert curve is not None
        expected[:, column] = np.interp(raw[:, column], curve.x, curve.y)
    expected[:, 0] = np.maximum(expected[:, 0], expected[:, 1])  # posing.police is under posing
    assert np.allclose(probabilities(model, texts), expected, atol=1e-6)
    explained = contributions(model, texts[0])
    assert explained[2].probability == pytest.approx(expected[0, 2], abs=1e-6)
    for one, column in zip(explained, range(3), strict=True):
        total = one.base + sum(added for _, added in one.terms)
        assert 1 / (1 + np.exp(-total)) == pytest.approx(raw[0, column], abs=1e-6)


@pytest.mark.parametrize("exclusive", [False, True])
def test_curves_and_sets_come_back_from_a_bundle(exclusive: bool, tmp_path: Any) -> None:
    model = curved(tiny_model(exclusive=exclusive))
    digest = save_bundle(model, tmp_path / "b", card="", evaluation=EVALUATION)
    loaded = load_bundle(tmp_path / "b")
    same_scores(loaded, model)
    assert save_bundle(loaded, tmp_path / "again", card="", evaluation=EVALUATION) == digest
    assert np.array_equal(loaded.sets, model.sets)


def test_posts_that_all_curves_put_at_0_are_alleged_of_nothing() -> None:
    model = tiny_model(exclusive=True)
    zero = Curve(np.array([0.5]), np.array([0.0]))
    batch = score(replace(model, curves=(zero,) * 3, abstain=0.0), ["a"], [tiny_posts()[0][0]])
    assert batch.tags() == [()]
