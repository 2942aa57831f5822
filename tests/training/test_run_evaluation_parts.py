"""Parts of an evaluation: counts that add up to the posts, and the matrix of an exclusive taxonomy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.audit.table import KEYS, tiny_model
from tests.training.test_run_evaluation import described, sides, world


@pytest.mark.parametrize("column", range(4))
def test_A4_A6_the_confusion_counts_every_post_that_has_a_label(column: int) -> None:
    given = world()
    entry = described(given).categories[KEYS[column]]
    y, p = sides(given, column)
    expected = [[int(((y == label) & ((p >= 0.5) == tag)).sum()) for tag in (False, True)] for label in (0, 1)]
    assert [list(row) for row in entry.confusion] == expected
    for kind in ("length", "script"):
        of = {one.name: one.n for one in entry.slices if one.kind == kind}
        assert sum(of.values()) == len(y)


def test_topics_are_sliced_where_the_corpus_has_them() -> None:
    given = world()
    topic = np.array([f"topic {i % 3}" if i % 4 else "" for i in range(80)], dtype=object)
    entry = described({**given, "corpus": replace(given["corpus"], topic=topic)}).categories[KEYS[0]]
    test = given["split"].test & (given["corpus"].labels[:, 0] >= 0)
    of = {one.name: one.n for one in entry.slices if one.kind == "topic"}
    assert of == {name: int((test & (topic == name)).sum()) for name in ("topic 0", "topic 1", "topic 2")}


def test_A7_the_test_side_has_a_digest_of_its_own() -> None:
    given = world()
    found = described(given)
    assert found.test_digest == given["corpus"].take(given["split"].test).digest
    labels = given["corpus"].labels.copy()
    labels[79, 0] = (labels[79, 0] + 2) % 3 - 1
    other = described({**given, "corpus": replace(given["corpus"], labels=labels)})
    assert other.test_digest != found.test_digest


def test_the_matrix_of_an_exclusive_taxonomy_has_a_row_per_category_and_a_column_for_no_features() -> None:
    given = world()
    labels = np.zeros((80, 4), dtype=np.int8)
    labels[np.arange(80), np.arange(80) % 4] = 1
    labels[79] = -1
    model = tiny_model()
    exclusive = model.taxonomy.model_copy(update={"exclusive": True})
    given["corpus"] = replace(given["corpus"], labels=labels)
    found = described(given, replace(model, taxonomy=exclusive)).matrix
    counts = np.zeros((4, 5), dtype=int)
    for place, post in enumerate(np.flatnonzero(given["split"].test)):
        if post != 79:
            row = given["proba"][place]
            counts[post % 4, 4 if np.isnan(row).any() else int(np.argmax(row))] += 1
    assert found is not None
    assert (found.categories, [list(row) for row in found.counts]) == (KEYS, counts.tolist())
    assert described(given, model).matrix is None
