"""Forms: probabilities of folds and of a softmax, by hand; what are no forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from koudai.errors import ScoringError
from koudai.model.deciding.forms import LINKS, Forms


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("folds", [1, 3])
def test_probabilities_are_the_mean_over_folds(link: str, folds: int) -> None:
    random, n = np.random.default_rng(1), 4
    decision, slope, offset = (random.normal(size=shape) for shape in ((7, folds * n), folds * n, folds * n))
    wanted = []
    for fold in range(folds):
        some = slice(fold * n, fold * n + n)
        linked = slope[some] * decision[:, some] + offset[some]
        each = softmax(linked, axis=1) if link == "softmax" else expit(linked)
        wanted.append(each / each.sum(axis=1, keepdims=True) if link == "share" else each)
    found = Forms(link, np.zeros(folds * n), slope, offset).proba(decision, n)
    assert np.allclose(found, np.mean(wanted, axis=0), atol=1e-12)


def test_decisions_beyond_all_numbers_still_share_out_one() -> None:
    one = np.ones(2)
    far = np.array([[1e6, -1e6], [-1e6, -1e6]])
    assert Forms("softmax", one, one, one).proba(far, 2).tolist() == [[1.0, 0.0], [0.5, 0.5]]
    assert Forms("share", one, one, one).proba(far, 2).tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_what_are_no_forms_is_refused() -> None:
    two, weights = np.ones(2), np.ones((3, 4), np.float32)
    for wrong in (
        lambda: Forms("probit", two, two, two),
        lambda: Forms("softmax", two, np.ones(3), two),
        lambda: Forms("softmax", two, two * np.nan, two),
        lambda: Forms("softmax", two, two, two, weights * np.inf),
        lambda: Forms("softmax", two, two, two).check(3, 4),
        lambda: Forms("softmax", two, two, two, weights).check(3, 2),
        lambda: Forms("softmax", np.ones(4), np.ones(4), np.ones(4), weights).check(2, 2),
    ):
        with pytest.raises(ScoringError):
            wrong()
    Forms("softmax", np.ones(4), np.ones(4), np.ones(4), weights).check(3, 2)
