"""Performance: the audited model's own figures by hand and against scikit-learn (A4), on corpora and on a sample, by
group and period, beside another model; nothing is nothing (A1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, roc_auc_score

from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.inputs.others import Other
from koudai.audit.measures import MEASURES
from koudai.audit.measures.performance import performance
from koudai.audit.sample.estimate import Population, estimate
from tests.audit.table import KEYS, figures, one, table

R = KEYS[0]


def many(n: int = 400, seed: int = 5, **changes: object) -> AuditInput:
    """Return an audit of posts of which every other one has a label, in two corpora and two groups."""
    random = np.random.default_rng(seed)
    p = np.repeat(random.random(n)[:, None], 4, axis=1).astype(np.float32)
    y = (random.random((n, 4)) < p).astype(np.int8)
    labelled = table().labelled
    assert labelled is not None
    ids = [f"p{i}" for i in range(n)]
    rows = np.arange(0, n, 2)
    own = replace(
        labelled,
        ids=[ids[i] for i in rows],
        texts=[f"t{i}" for i in rows],
        labels=y[rows],
        proba=p[rows],
        alleged=p[rows] >= 0.5,
        source=np.where(rows < n // 2, "a", "b").astype(object),
        group=rows,
        named_cluster=rows,
        date=None,
    )
    sample = LabelledSample(KEYS, (p[:, 0] >= 0.5).astype(np.int64), rows, y[rows][None])
    fields = {
        "ids": ids,
        "proba": p,
        "alleged": p >= 0.5,
        "abstained": np.zeros(n, dtype=bool),
        "texts": None,
        "labelled": own,
        "sample": sample,
        "groups": np.where(np.arange(n) % 4 < 2, "weibo", "wechat").astype(object),
        "others": (),
        "period": None,
    }
    return replace(table(), **{**fields, **changes})  # type: ignore[arg-type]


def test_A4_each_corpus_is_as_scikit_learn_says() -> None:
    given = many()
    frame, labelled = MEASURES["performance"].taken(given), given.labelled
    assert labelled is not None
    for source in ("a", "b"):
        here = labelled.source == source
        y, p, tag = labelled.labels[here, 0], labelled.proba[here, 0], labelled.alleged[here, 0]
        expected = {
            "precision": precision_score(y, tag),
            "f1": f1_score(y, tag),
            "auc": roc_auc_score(y, p),
            "average_precision": average_precision_score(y, p),
        }
        for name, value in expected.items():
            found = one(frame, R, source, name)
            assert found.value == pytest.approx(value, abs=1e-6)
            assert found.low is not None


@pytest.mark.slow
def test_A4_a_sample_is_weighted_and_its_positives_are_the_prevalence() -> None:
    given = many()
    assert given.sample is not None
    frame = performance(given)
    tp, fn = (one(frame, R, "sample", name).value or 0 for name in ("true_positives", "false_negatives"))
    population = Population(given.sample.stratum, given.proba[:, 0].astype(float))
    design = estimate(population, given.sample.post, given.sample.majority[:, 0])["design"]
    assert tp + fn == pytest.approx(design.value)
    precision = one(MEASURES["performance"].taken(given), R, "sample", "precision")
    assert precision.interval == "design-based"
    assert precision.value == pytest.approx(tp / float(given.alleged[:, 0].mean()))


def test_by_group_and_by_period() -> None:
    given = many()
    frame = performance(given)
    names = {figure.group for figure in figures(frame, category=R, statistic="f1")}
    assert names == {
        "a",
        "a, wechat",
        "a, weibo",
        "b",
        "b, wechat",
        "b, weibo",
        *("sample", "sample, wechat", "sample, weibo"),
    }
    parts = [one(frame, R, f"a, {name}", "true_negatives").n for name in ("weibo", "wechat")]
    assert sum(parts) == one(frame, R, "a", "true_negatives").n
    dated = performance(table())
    assert {"street, 2019", "street, 2020"} <= {figure.group for figure in dated.figures} or any(
        ", 20" in figure.group for figure in dated.figures
    )


def other(given: AuditInput, proba: np.ndarray | None, tags: np.ndarray) -> Other:
    known = np.arange(len(given.ids)) % 10 > 0
    return Other("llm", (R,), tags[:, None], known, proba=None if proba is None else proba[:, None])


def test_beside_another_model_the_difference_is_that_of_the_posts_both_know() -> None:
    given = many(1200)
    p = np.clip(given.proba[:, 0] + np.random.default_rng(3).normal(0, 0.3, 1200), 0, 1).astype(np.float32)
    given = replace(given, others=(other(given, p, p >= 0.5),))
    frame = MEASURES["performance"].taken(given)
    for source in ("a", "b", "sample"):
        for name in ("precision", "recall", "f1", "average_precision", "auc", "brier"):
            there, less = (one(frame, R, f"{source}: llm", key) for key in (f"other_{name}", f"{name}_less_other"))
            assert there.value is not None
            assert less.value is not None
            assert less.low is not None
            assert less.interval == "paired"
            assert less.n <= (540 if source == "sample" else 300)
    labelled = given.labelled
    assert labelled is not None
    rows = np.array([int(one_id[1:]) for one_id in labelled.ids])
    here = (labelled.source == "a") & given.others[0].known[rows]
    y = labelled.labels[here, 0]
    expected = f1_score(y, labelled.alleged[here, 0]) - f1_score(y, p[rows[here]] >= 0.5)
    assert one(frame, R, "a: llm", "f1_less_other").value == pytest.approx(expected, abs=1e-6)


def test_labels_without_probabilities_have_no_figures_of_ranking() -> None:
    given = many()
    given = replace(given, others=(other(given, None, given.alleged[:, 1] | (given.proba[:, 0] > 0.8)),))
    frame = performance(given)
    assert one(frame, R, "a: llm", "precision_less_other").value is not None
    assert one(frame, R, "a: llm", "auc_less_other").value is None


def test_abstentions_are_no_tags_and_have_no_place_in_an_order() -> None:
    given = many()
    labelled = given.labelled
    assert labelled is not None
    proba, alleged = labelled.proba.copy(), labelled.alleged.copy()
    proba[:40], alleged[:40] = np.nan, False
    frame = performance(replace(given, labelled=replace(labelled, proba=proba, alleged=alleged)))
    before = performance(given)
    assert one(frame, R, "a", "true_negatives").n == one(before, R, "a", "true_negatives").n
    assert one(frame, R, "a", "brier").n == one(before, R, "a", "brier").n - 40
    assert (one(frame, R, "a", "recall").value or 0) < (one(before, R, "a", "recall").value or 0)


def test_a_stratum_without_labels_on_one_side_gives_nothing_of_the_sample() -> None:
    given = many()
    assert given.sample is not None
    tagged = given.alleged[given.sample.post, 0]
    labels = np.where(tagged[None, :, None], np.int8(-1), given.sample.labels)
    frame = performance(replace(given, sample=replace(given.sample, labels=labels), labelled=None))
    found = figures(frame, category=R, group="sample")
    assert found
    assert all(figure.value is None for figure in found)


def nothing(frame: AuditFrame) -> bool:
    return all(figure.value is None for figure in frame.figures)


def test_A1_no_label_gives_no_figure() -> None:
    given = table(sample=None)
    assert given.labelled is not None
    unknown = replace(given.labelled, labels=np.full((12, 4), -1, dtype=np.int8))
    assert nothing(performance(replace(given, labelled=unknown)))
    assert nothing(performance(table(labelled=None, sample=None)))
    assert nothing(performance(table(order=())))
