"""The evaluation of a run: every figure from masks over the corpus and scikit-learn's curves (A4), all test posts
beside those unlike any post fitted on (A3), abstentions counted beside (A6), and on what a category was validated.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

from koudai.config.load import parse_config
from koudai.config.source import Source
from koudai.corpus.corpus import Corpus
from koudai.corpus.split import Split
from koudai.model.evaluation import Evaluation
from koudai.model.model import Model
from koudai.training.judging.linear import RANKED
from koudai.training.judging.measured import FEWEST
from koudai.training.run_evaluation import ScoredRun, _precision_recall, describe
from tests.audit.table import KEYS, tiny_model

N = 80
R, P, A, W = KEYS


def source(name: str, kind: str, rules: list[dict[str, Any]]) -> Source:
    values: dict[str, Any] = {"name": name, "title": name, "kind": kind, "file": f"{name}.csv", "licence": "none"}
    columns = {"label": "label"} if rules else {"labels": "labels"}
    return parse_config(Source, {**values, "columns": columns, "label": rules}, where="test")


def rule(category: str, fit: str, says: int = 1) -> dict[str, Any]:
    return {"source": f"{category}-{says}", "category": category, "says": says, "fit": fit, "reason": "for the test"}


SOURCES = {
    "street": source("street", "real", [rule(R, "direct"), rule(A, "proxy"), rule(W, "control", 0)]),
    "wire": source("wire", "written", []),
}


def world(**changes: Any) -> dict[str, Any]:
    """Eighty posts, half of them of each source; the second half of each is the test side; posts 60-63 leak."""
    random = np.random.default_rng(4)
    labels = random.integers(-1, 2, (N, 4)).astype(np.int8)
    test = np.arange(N) % 40 >= 20
    groups = np.arange(N)
    groups[60:64] = np.arange(40, 44)
    leaked = np.zeros(N, dtype=bool)
    leaked[60:64] = True
    corpus = Corpus(
        ids=[f"e{i}" for i in range(N)],
        texts=[f"第{i}条" for i in range(N)],
        labels=labels,
        split=np.where(test, "test", "train").astype(object),
        source=np.array(["street"] * 40 + ["wire"] * 40, dtype=object),
        weight=np.ones(N),
        sources=SOURCES,
        dropped=5,
    )
    proba = (random.integers(0, 25, (40, 4)) / 25 + 0.003).astype(np.float32)  # ties, but none on the edge of a bin
    proba[3] = np.nan
    return {
        "corpus": corpus,
        "split": Split(fit=~test, test=test, leaked=leaked),
        "groups": groups,
        "proba": proba,
        "abstained": np.isnan(proba[:, 0]) | (np.arange(40) % 9 == 0),
        "seed": 3,
        **changes,
    }


def described(given: dict[str, Any], model: Model | None = None, **more: Any) -> Evaluation:
    """Return what is measured of a world."""
    parts = {name: value for name, value in given.items() if name != "seed"}
    return describe(model or tiny_model(), ScoredRun(**parts), seed=given["seed"], **more)


def sides(given: dict[str, Any], column: int, *, fresh: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of the known test posts, by a loop; a post without features has 0."""
    places = [i for i in range(N) if given["split"].test[i]]
    rows = [
        (int(given["corpus"].labels[i, column]), float(np.nan_to_num(given["proba"][k, column])))
        for k, i in enumerate(places)
        if given["corpus"].labels[i, column] >= 0 and not (fresh and given["split"].leaked[i])
    ]
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


@pytest.mark.slow
@pytest.mark.parametrize("column", range(4))
@pytest.mark.parametrize("part", ["all", "unseen"])
def test_A3_A4_figures_on_all_and_on_unseen_posts(column: int, part: str) -> None:
    given = world()
    found = described(given)
    y, p = sides(given, column, fresh=part == "unseen")
    key = KEYS[column]
    for metric, expected in (
        ("average_precision", average_precision_score(y, p)),
        ("auc", roc_auc_score(y, p)),
        ("precision", (y[p >= 0.5] == 1).mean()),
        ("recall", (p[y == 1] >= 0.5).mean()),
        ("accuracy", ((p >= 0.5) == (y == 1)).mean()),
        ("brier", ((p - y) ** 2).mean()),
    ):
        one = found.categories[key].figure(metric, unseen=part == "unseen")
        assert (one.value, one.n) == (pytest.approx(expected, abs=1e-6), len(y))
        if one.low is None:
            assert metric in RANKED
            assert min(y.sum(), len(y) - y.sum()) <= FEWEST
        else:
            assert one.low <= one.value <= one.high


def test_A3_what_leaked_is_left_out_of_unseen_and_counted() -> None:
    given = world()
    found = described(given)
    assert vars(found.split).items() >= {"fit": 40, "test": 40, "unused": 0, "leaked": 4}.items()
    known_leaks = int((given["corpus"].labels[60:64, 0] >= 0).sum())
    assert known_leaks > 0
    assert found.categories[R].figure("auc").n - found.categories[R].figure("auc", unseen=True).n == known_leaks


def test_without_leaks_both_parts_are_the_same() -> None:
    given = world()
    clean = replace(given["split"], leaked=np.zeros(N, dtype=bool))
    found = described({**given, "split": clean})
    for key in KEYS:
        assert found.categories[key].all == found.categories[key].unseen


def test_A4_rows_per_source_by_masks() -> None:
    given = world()
    found = described(given)
    labels, where, test = given["corpus"].labels, given["corpus"].source, given["split"].test
    for column, key in enumerate(KEYS):
        for name, side in (("fit_rows", ~test), ("test_rows", test)):
            assert getattr(found.categories[key], name) == {
                s: tuple(int(((labels[:, column] == says) & (where == s) & side).sum()) for says in (1, 0))
                for s in ("street", "wire")
            }


def test_A6_abstentions_are_counted_beside_and_stay_in_n() -> None:
    given = world()
    found = described(given)
    test = np.flatnonzero(given["split"].test)
    for column, key in enumerate(KEYS):
        known = given["corpus"].labels[test, column] >= 0
        assert found.categories[key].abstained == (known & given["abstained"]).sum()
        assert found.categories[key].figure("recall").n == known.sum()


@pytest.mark.parametrize("column", range(4))
def test_A4_curves_are_scikit_learns(column: int) -> None:
    given = world()
    entry = described(given).categories[KEYS[column]]
    y, p = sides(given, column)
    precision, recall, _ = precision_recall_curve(y, p)
    drawn = {(round(r, 6), round(q, 6)) for r, q in entry.precision_recall}
    assert drawn == {(round(float(r), 6), round(float(q), 6)) for r, q in zip(recall[:-1], precision[:-1], strict=True)}
    assert entry.precision_recall[-1] == (1.0, pytest.approx(y.mean()))
    observed, predicted = calibration_curve(y, p, n_bins=10)
    assert [row[1] for row in entry.reliability] == pytest.approx(observed)
    assert [row[0] for row in entry.reliability] == pytest.approx(predicted)
    assert sum(row[2] for row in entry.reliability) == len(y)


def test_A5_ties_are_one_point_of_the_curve_whatever_the_order_of_posts() -> None:
    given = world(proba=np.full((40, 4), 0.5, dtype=np.float32))
    entry = described(given).categories[R]
    assert entry.precision_recall == ((1.0, pytest.approx(sides(given, 0)[0].mean())),)


def test_a_long_curve_is_thinned_but_keeps_its_ends() -> None:
    random = np.random.default_rng(8)
    y, p = random.integers(0, 2, 500).astype(np.int8), random.random(500)
    points = _precision_recall(y, p)
    precision, recall, _ = precision_recall_curve(y, p)
    every = {(round(float(r), 9), round(float(q), 9)) for r, q in zip(recall, precision, strict=True)}
    assert len(points) == 60
    assert {(round(r, 9), round(q, 9)) for r, q in points} <= every
    assert points[0] == (float(y[p.argmax()]) / y.sum(), float(y[p.argmax()]))
    assert points[-1] == (1.0, pytest.approx(y.mean()))


def test_validated_on_is_the_best_source_with_posts_in_the_category_on_the_test_side() -> None:
    given = world()
    both = described(given).categories
    assert {key: both[key].validated_on for key in KEYS} == {R: "real", P: "proxy", A: "proxy", W: "written"}


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("street positives", "written"),
        ("all positives", "none"),
        ("all negatives", "none"),
        ("all labels", "none"),
    ],
)
def test_validated_on_needs_posts_in_and_posts_out(gone: str, expected: str) -> None:
    given = world()
    labels = given["corpus"].labels.copy()
    street = given["corpus"].source == "street"
    lost = {
        "street positives": (labels[:, 0] == 1) & street,
        "all positives": labels[:, 0] == 1,
        "all negatives": labels[:, 0] == 0,
        "all labels": labels[:, 0] >= 0,
    }[gone]
    labels[lost, 0] = -1
    found = described({**given, "corpus": replace(given["corpus"], labels=labels)})
    assert found.categories[R].validated_on == expected


def test_A1_no_label_on_the_test_side_gives_no_value_and_no_curve() -> None:
    given = world()
    labels = np.where(given["split"].test[:, None], -1, given["corpus"].labels).astype(np.int8)
    entry = described({**given, "corpus": replace(given["corpus"], labels=labels)}).categories[R]
    assert {(f.value, f.n, f.low, f.high) for f in entry.all} == {(None, 0, None, None)}
    assert entry.precision_recall == ()
    assert entry.reliability == ()


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_and_no_probability_at_all(label: int) -> None:
    given = world()
    labels = np.full((N, 4), label, dtype=np.int8)
    proba = np.full((40, 4), np.nan, dtype=np.float32)
    found = described({**given, "corpus": replace(given["corpus"], labels=labels), "proba": proba})
    assert found.categories[R].figure("auc").value is None
    assert found.categories[R].figure("accuracy").value == 1.0 - label
    assert found.categories[R].figure("recall").value == (0.0 if label else None)


def test_it_is_plain_data_without_posts_and_the_same_again() -> None:
    found = described(world())
    text = json.dumps(found.to_json(), ensure_ascii=False, allow_nan=False)
    assert Evaluation.from_json(json.loads(text)) == found
    assert described(world()) == found
    assert "第" not in text
    assert '"e3' not in text
    assert found.dropped == 5
    assert found.corpora["street"].rows == 40
    assert found.seed == 3


def test_progress_counts_categories() -> None:
    steps: list[int] = []
    described(world(), advance=steps.append)
    assert steps == [1, 1, 1, 1]
