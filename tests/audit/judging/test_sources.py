"""Sources of judged posts: cells without labels count as the nearest, weights of a part are those of its posts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import SAMPLE
from koudai.audit.judging.sources import JudgedSource, Said, _corpora
from koudai.training.judging.judged import sample_cells
from tests.audit.judging.posts import stratified
from tests.audit.table import table


def test_a_cell_without_a_label_counts_as_the_nearest_on_its_side() -> None:
    code = np.array([0, 0, 2, 2, 4, 4, 1, 1])
    p = np.array([0.1, 0.1, 0.3, 0.3, 0.35, 0.35, 0.9, 0.9])
    cells = sample_cells(code, p, np.ones(8, dtype=bool), np.array([0, 4, 6]))
    assert cells is not None
    assert cells.strata.size.tolist() == [2, 2, 4]
    assert cells.tagged.tolist() == [False, True, False]
    assert float(cells.weight.sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("labelled", [[0, 1], [6, 7]])
def test_A1_tagged_or_untagged_posts_without_any_label_say_nothing(labelled: list[int]) -> None:
    code, p = np.array([0] * 6 + [1] * 2), np.linspace(0.1, 0.9, 8)
    assert sample_cells(code, p, np.ones(8, dtype=bool), np.array(labelled)) is None


def test_a_part_of_a_sample_is_weighted_by_its_own_posts() -> None:
    source, _ = stratified()
    part = np.arange(2000) % 3 == 0
    posts = source.posts(source.said, part)
    assert posts is not None
    assert posts.cells is not None
    assert float(posts.cells.strata.size.sum()) == part.sum()
    tagged = source.said.tagged & part
    assert float(posts.weight[posts.tagged].sum()) == pytest.approx(tagged.sum() / part.sum())
    assert len(posts) == source.labels(part)


def test_A1_a_source_without_a_label_in_a_part_has_no_posts() -> None:
    nothing = JudgedSource(SAMPLE, np.full(3, np.nan), Said(np.zeros(3), np.zeros(3, bool)), np.arange(3), np.arange(3))
    assert nothing.posts(nothing.said) is None
    assert nothing.labels() == 0


def test_labelled_posts_that_have_no_score_are_judged_in_no_corpus() -> None:
    given = table()
    assert given.labelled is not None
    gone = np.arange(12) == np.flatnonzero(given.labelled.labels[:, 0] >= 0)[0]
    every = list(_corpora(given, given.labelled, 0))
    fewer = list(_corpora(given, replace(given.labelled, unscored=gone), 0))
    assert sum(len(one.y) for one in fewer) == sum(len(one.y) for one in every) - 1
    assert not list(_corpora(given, replace(given.labelled, unscored=np.ones(12, dtype=bool)), 0))
