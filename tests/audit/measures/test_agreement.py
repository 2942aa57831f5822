"""Agreement: α by hand, against nltk's and by pairs; κ against scikit-learn's (A4); bounds, gaps and nothing (A1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from koudai.audit.frame import ALL
from koudai.audit.inputs.annotations import read_annotations
from koudai.audit.measures.agreement import agreement, alpha, kappa, sheet_interval
from koudai.config.people import AnnotationsSection
from tests.audit.table import figures, one, table, tiny_taxonomy

CODED = st.lists(st.tuples(*[st.integers(-1, 2)] * 4), min_size=1, max_size=12).map(
    lambda rows: np.array(rows, dtype=np.int32)
)
quick = settings(derandomize=True, deadline=None, max_examples=80)


def alpha_by_pairs(coded: NDArray[np.int32]) -> float:
    """Krippendorff 2018, section 12.3: every ordered pair of labels of a post weighs 1/(m − 1)."""
    weight: dict[tuple[int, int], float] = {}
    for row in coded.tolist():
        there = [label for label in row if label >= 0]
        for a, b in permutations(range(len(there)), 2):
            pair = there[a], there[b]
            weight[pair] = weight.get(pair, 0) + 1 / (len(there) - 1)
    n = sum(weight.values())
    count = {c: sum(w for (a, _), w in weight.items() if a == c) for c in range(3)}
    observed = sum(w for (a, b), w in weight.items() if a != b)
    expected = sum(count[a] * count[b] for a, b in permutations(range(3), 2))
    return 1 - (n - 1) * observed / expected if expected else float("nan")


def test_A4_alpha_of_rumour_by_hand() -> None:
    """Ten rows have two labels or more, 27 labels in all: 14 of yes, 13 of no. Rows 1 (1 1 0), 2 (0 1), 6 (0 0 1)
    and 7 (1 0) differ; by pairs 4/2 + 2/1 + 4/2 + 2/1 = 8 of 27, where 2 · 14 · 13 / 26 are expected.
    """
    rows: list[tuple[int, ...]] = [(1, 1, 1), (1, 1, 0), (0, 1), (1, 1, 1), (0, 0, 0), (0, 0), (0, 0, 1), (1, 0)]
    rows += [(0, 0, 0), (1, 1, 1)]
    labels = [label for row in rows for label in row]
    n, yes = len(labels), sum(labels)
    assert (n, yes) == (27, 14)
    expected = 1 - (8 / n) / (2 * yes * (n - yes) / (n * (n - 1)))
    found = one(agreement(table()), "rumour", ALL, "alpha")
    assert (found.value, found.n) == (pytest.approx(expected, abs=1e-12), len(rows))
    assert one(agreement(table()), "rumour", ALL, "observed_agreement").value == pytest.approx(1 - 8 / n)


@quick
@every(CODED)
def test_A4_alpha_against_every_pair_of_labels(coded: NDArray[np.int32]) -> None:
    assert alpha(coded, 3) == pytest.approx(alpha_by_pairs(coded), abs=1e-12, nan_ok=True)


@pytest.mark.slow
@quick
@every(CODED)
def test_A4_alpha_is_that_of_nltk(coded: NDArray[np.int32]) -> None:
    from nltk.metrics.agreement import AnnotationTask

    said = [(f"a{a}", f"p{p}", int(coded[p, a])) for p, a in zip(*np.nonzero(coded >= 0), strict=True)]
    found = alpha(coded, 3)
    if np.isnan(found):
        return  # one label alone: nltk says 1, koudai says nothing
    assert found == pytest.approx(AnnotationTask(data=said).alpha(), abs=1e-9)


@quick
@every(CODED)
def test_A5_people_posts_and_labels_may_change_places(coded: NDArray[np.int32]) -> None:
    expected = alpha(coded, 3)
    turned = np.where(coded >= 0, 2 - coded, -1)
    for other in (coded[::-1], coded[:, ::-1], turned, np.column_stack([coded, np.full(len(coded), -1)])):
        assert alpha(other.astype(np.int32), 3) == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_A5_the_order_of_posts_changes_not_even_the_interval() -> None:
    assert agreement(table()) == agreement(table(order=tuple(reversed(range(12)))))


@pytest.mark.slow
@quick
@every(CODED)
def test_A4_kappa_is_scikit_learns(coded: NDArray[np.int32]) -> None:
    for a, b in combinations(range(4), 2):
        both = (coded[:, a] >= 0) & (coded[:, b] >= 0)
        x, y = coded[both, a], coded[both, b]
        cells = np.zeros((3, 3))
        np.add.at(cells, (x, y), 1)
        found = float(kappa(cells))
        if len(x) == 0 or len({*x.tolist(), *y.tolist()}) < 2:
            assert np.isnan(found)
        else:
            assert found == pytest.approx(cohen_kappa_score(x, y), abs=1e-12)


def test_all_agree_and_none_do() -> None:
    assert alpha(np.array([[0, 0], [1, 1], [0, 0]], dtype=np.int32), 2) == 1
    assert alpha(np.array([[0, 1], [1, 0], [0, 1]], dtype=np.int32), 2) < 0


def test_random_labels_agree_as_chance_has_it() -> None:
    coded = np.random.default_rng(1).integers(0, 3, (4000, 3)).astype(np.int32)
    assert abs(alpha(coded, 3)) < 0.03


def test_A1_one_label_alone_or_nobody_twice_is_not_measured() -> None:
    assert np.isnan(alpha(np.zeros((5, 3), dtype=np.int32), 1))
    assert np.isnan(alpha(np.array([[0, -1], [-1, 1]], dtype=np.int32), 2))
    assert np.isnan(alpha(np.empty((0, 2), dtype=np.int32), 2))
    for figure in agreement(table(order=(9, 10))).figures:
        assert (figure.value, figure.n) == (None, 0)
    assert agreement(table(order=())).figures[0].n == 0


def test_groups_and_pairs_have_their_own_figures() -> None:
    frame = agreement(table())
    assert {figure.group for figure in figures(frame, statistic="alpha")} == {ALL, "wb", "dy"}
    pairs = {figure.group: figure.n for figure in figures(frame, statistic="kappa")}
    assert pairs == {"A1 / A2": 10, "A1 / A3": 7, "A2 / A3": 7}


@pytest.mark.slow
def test_A2_the_interval_covers_what_is_true_about_as_often_as_it_says() -> None:
    """Three people, right with probability 0.85 each: α of 200,000 posts, then 120 samples of 150."""

    def people(posts: int, random: np.random.Generator) -> NDArray[np.int32]:
        true = random.integers(0, 2, (posts, 1))
        return np.where(random.random((posts, 3)) < 0.85, true, 1 - true).astype(np.int32)

    truth = alpha(people(200_000, np.random.default_rng(0)), 2)
    within = 0
    for seed in range(120):
        given = table(order=(0,), seed=seed)
        assert given.annotations is not None
        coded = {"rumour": people(150, np.random.default_rng(seed + 1))}
        ids, group = [f"p{i}" for i in range(150)], np.full(150, "", dtype=object)
        given = replace(given, annotations=replace(given.annotations, ids=ids, group=group, coded=coded))
        found = next(figure for figure in agreement(given).figures if figure.statistic == "alpha")
        assert found.low is not None
        assert found.high is not None
        within += found.low <= truth <= found.high
    assert 0.89 <= within / 120 <= 0.99


@pytest.mark.slow
def test_A4_three_annotators_of_multilingual_hatecheck(real_corpus: Callable[[str], Path]) -> None:
    from nltk.metrics.agreement import AnnotationTask

    path = real_corpus("mhc_mandarin.parquet")
    columns = ("annotator1", "annotator2", "annotator3")
    section = AnnotationsSection(file=path.name, columns=columns)
    found = read_annotations(section, path, taxonomy=tiny_taxonomy())
    frame = pd.read_parquet(path)
    said = [
        (name, i, v) for name in columns for i, v in zip(frame.post_id, frame[name], strict=True) if isinstance(v, str)
    ]
    value = one(agreement(table(annotations=found)), ALL, ALL, "alpha")
    assert value.value == pytest.approx(AnnotationTask(data=said).alpha(), abs=1e-9)
    assert value.n == len(frame)
    for a, b in combinations(range(3), 2):
        score = cohen_kappa_score(frame[columns[a]], frame[columns[b]])
        kappas = one(agreement(table(annotations=found)), ALL, f"A{a + 1} / A{b + 1}", "kappa")
        assert kappas.value == pytest.approx(score, abs=1e-9)


def test_A1_a_sheet_of_no_post_or_of_one_has_no_interval() -> None:
    none, here = np.empty((0, 2), np.int32), np.empty(0, np.int64)
    size = np.array([50.0])
    for statistic in ("observed_agreement", "alpha", "kappa"):
        value, *ends = sheet_interval(none, here, size, statistic=statistic, seed=1)
        assert np.isnan(value)
        assert ends == [None, None]
    alone = np.array([[1, 1]], np.int32)
    assert sheet_interval(alone, np.array([0]), size, statistic="observed_agreement", seed=1) == (1.0, None, None)


def test_A3_annotated_posts_stand_in_the_clusters_that_their_table_names() -> None:
    given = table()
    assert given.annotations is not None
    n = len(given.annotations.ids)
    alone = replace(given.annotations, cluster=np.full(n, "", dtype=object))
    pairs = replace(given.annotations, cluster=np.array([f"c{i // 2}" for i in range(n)], dtype=object))
    together = replace(given.annotations, cluster=np.full(n, "one", dtype=object))
    wide, paired, whole = (
        one(agreement(replace(given, annotations=said)), "rumour", ALL, "alpha") for said in (alone, pairs, together)
    )
    assert wide.value == paired.value == whole.value
    assert (wide.low, wide.high) != (paired.low, paired.high)
    assert (whole.low, whole.high) == (None, None)
    assert alone.clusters(given.clusters_of(alone.ids)).tolist() == list(range(n, 2 * n))
    assert pairs.clusters(given.clusters_of(pairs.ids)).tolist() == [
        sorted({f"c{i // 2}" for i in range(n)}).index(f"c{i // 2}") for i in range(n)
    ]
