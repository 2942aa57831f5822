"""The model: columns are the taxonomy's, shapes fit, every number is finite; poison is named by its column."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest

from koudai.errors import ScoringError, TaxonomyMismatch
from koudai.model.model import Model
from koudai.model.scorer import probabilities
from tests.model.tiny import CATEGORIES, changed

POST = "我是派出所民警，请把验证码发给我。"
ORDERS = [order for order in itertools.permutations(CATEGORIES) if order != CATEGORIES]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_M8_permuted_columns_are_refused(tiny: Model, order: tuple[str, ...]) -> None:
    with pytest.raises(TaxonomyMismatch) as caught:
        changed(tiny, categories=order)
    message = str(caught.value)
    assert caught.value.exit_code == 4
    assert f"expected: {', '.join(CATEGORIES)}" in message
    assert f"got:      {', '.join(order)}" in message
    assert "taxonomy 'tiny'" in message


@pytest.mark.parametrize("categories", [(), ("posing", "posing"), ("posing", "rumour"), ("rumour",)], ids=str)
def test_M8_columns_that_are_not_categories_are_refused(tiny: Model, categories: tuple[str, ...]) -> None:
    with pytest.raises(TaxonomyMismatch):
        changed(tiny, categories=categories)


@pytest.mark.parametrize("name", ["weights", "intercept", "slope", "offset", "threshold"])
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("column", range(3))
def test_M11_poisoned_numbers_are_refused_by_name_and_column(
    tiny: Model, name: str, poison: float, column: int
) -> None:
    array = getattr(tiny, name).copy()
    array[(3, column) if array.ndim == 2 else column] = poison
    with pytest.raises(ScoringError) as caught:
        changed(tiny, **{name: array})
    assert caught.value.exit_code == 4
    assert f"{name} holds something that is not a finite number" in str(caught.value)
    assert f"category {CATEGORIES[column]}" in str(caught.value)


@pytest.mark.parametrize("poison", [0.0, -1.0])
def test_H10_an_idf_by_which_nothing_can_be_divided_is_refused(tiny: Model, poison: float) -> None:
    idf = tiny.blocks[0].idf.copy()
    idf[0] = poison
    with pytest.raises(ScoringError, match="idf holds something that is not above 0"):
        changed(tiny, blocks=(replace(tiny.blocks[0], idf=idf), tiny.blocks[1]))


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_M11_poisoned_idf_is_refused(tiny: Model, poison: float) -> None:
    idf = tiny.blocks[0].idf.copy()
    idf[0] = poison
    with pytest.raises(ScoringError, match="idf holds something that is not a finite number"):
        changed(tiny, blocks=(replace(tiny.blocks[0], idf=idf), tiny.blocks[1]))


@pytest.mark.parametrize("name", ["weights", "intercept", "slope", "offset", "threshold"])
def test_arrays_of_another_shape_are_refused(tiny: Model, name: str) -> None:
    for array in (getattr(tiny, name)[:-1], getattr(tiny, name)[..., None], np.array(0.0)):
        with pytest.raises(ScoringError, match=f"{name} has another shape than the model"):
            changed(tiny, **{name: array})


@pytest.mark.parametrize("column", range(3))
def test_M11_a_probability_that_is_not_a_number_is_an_error_and_never_a_label(tiny: Model, column: int) -> None:
    """Poisoned after it was checked, as a damaged memory would."""
    poisoned = copy.deepcopy(tiny)
    poisoned.offset[column] = np.nan
    with pytest.raises(ScoringError) as caught:
        probabilities(poisoned, ["", POST])
    assert "a probability is not a number" in str(caught.value)
    assert f"category {CATEGORIES[column]}" in str(caught.value)
    assert np.isnan(probabilities(poisoned, [""])).all(), "a post without features abstains all the same"


def test_M11_finite_numbers_that_overflow_together_are_an_error_or_a_probability(tiny: Model) -> None:
    """Each number is finite, their product is not: inf - inf may come of it, but never a label."""
    huge = changed(
        tiny, slope=np.full(3, 1e308), weights=np.full_like(tiny.weights, 3e38), intercept=np.full(3, -1e308)
    )
    with np.errstate(all="ignore"):
        try:
            proba = probabilities(huge, [POST])
        except ScoringError:
            return
    assert np.isfinite(proba).all()


def test_terms_are_one_per_row_of_the_weights(tiny: Model) -> None:
    assert len(tiny.terms()) == tiny.n_features == len(tiny.weights)
    assert sum(term.startswith("‹") and term.endswith("›") for term in tiny.terms()) == len(tiny.blocks[1].terms)
