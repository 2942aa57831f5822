"""Figures of domains: labels that annotators are divided on, samples of more posts, and p-values adjusted together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import Figure
from koudai.audit.inputs.audit_input import LabelledSample
from koudai.audit.sample.domain_figures import adjusted, contrast_figures, sampled_categories, share_figures
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS

KEY = KEYS[0]


def test_half_a_label_the_model_and_posts_beyond_the_scored_ones() -> None:
    posts = many(60)
    labels = np.array([[1, 0, 1, 0] * 5, [1, 0, 0, -1] * 5], dtype=np.int8)[:, :, None]
    sample = LabelledSample((KEY,), np.zeros(60, int), np.arange(20), labels)
    (one,) = sampled_categories(posts, sample)
    assert set(one.labels.y) == {0.0, 0.5, 1.0}
    assert one.power is not None
    found = share_figures(one, np.zeros(60, int), ["all"], one.shares(np.zeros(60, int), 1))
    assert [(figure.statistic, figure.n) for figure in found] == [
        ("prevalence", 20),
        ("labels_alone", 20),
        ("posts", 60),
    ]
    assert found[1].value == pytest.approx(0.375)
    (beyond,) = sampled_categories(posts, replace(sample, population=6000))
    assert (beyond.power, beyond.population.size.tolist()) == (0.0, [6000.0])


def test_what_was_not_compared_has_no_p_value() -> None:
    assert contrast_figures(KEY, "a", "difference", None, 3) == [Figure(KEY, "a", "difference", None, 3)]
    plain = (Figure(KEY, "a", "difference", 0.1, 30), Figure(KEY, "a", "p", 0.03, 30), Figure(KEY, "b", "p", 0.2, 30))
    assert [one.value for one in adjusted(plain)] == [0.1, 0.06, 0.2]
