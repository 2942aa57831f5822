"""Transfer: planted words carry over, opposite ones go below chance, copies elsewhere are not tested on (A3); one
class, one corpus and no posts give what they can (A1); what is known of the real rumour corpora.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import roc_auc_score

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.measures import transfer as module
from koudai.audit.measures.transfer import transfer
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.counted_posts import CountedPosts
from koudai.training.cross_validation import CrossData
from koudai.training.transfer import across
from tests.audit.table import KEYS, figures, one, table

R, P = KEYS[:2]
WORDS = ["公园", "菜场", "楼下", "车站", "河边", "学校", "今天", "昨天", "刚刚", "邻居", "老师", "司机"]


def given_corpora(*, n: int = 120, copies: int = 0) -> AuditInput:
    """Return three corpora: in the second the planted word says the same as in the first, in the third the opposite."""
    random = np.random.default_rng(4)
    texts, labels, source, group = [], [], [], []
    for number, name in enumerate(("a", "b", "c")):
        for i in range(n):
            y = i % 2
            planted = (1 - y) if name == "c" else y
            words = "，".join(random.choice(WORDS, 5))
            texts.append(f"{words}{number}{i}{'内部消息' if planted else '晴天'}")
            labels.append([y, y if name == "a" else -1, -1, 1])
            source.append(name)
            group.append(len(group))
    for i in range(copies):
        group[n + i] = group[i]
    return table(labelled=labelled(texts, np.array(labels), np.array(source, object), np.array(group)))


def labelled(texts: list[str], labels: np.ndarray, source: np.ndarray, group: np.ndarray) -> Labelled:
    n = len(texts)
    return Labelled(
        ids=[f"p{i}" for i in range(n)],
        texts=texts,
        labels=labels.astype(np.int8),
        proba=np.full((n, 4), 0.5, dtype=np.float32),
        alleged=np.zeros((n, 4), dtype=bool),
        source=source,
        group=group.astype(np.int64),
    )


def auc(frame: AuditFrame, key: str, cell: str) -> float:
    value = one(frame, key, cell, "auc").value
    assert value is not None
    return value


@pytest.mark.slow
def test_what_means_the_same_carries_over_and_what_means_the_opposite_is_below_chance() -> None:
    frame = transfer(given_corpora())
    assert auc(frame, R, "a → a") > 0.95
    assert auc(frame, R, "a → b") > 0.95
    assert auc(frame, R, "a → c") < 0.1
    assert [f.group for f in figures(frame, category=R)] == [f"{x} → {y}" for x in "abc" for y in "abc"]
    assert {f.n for f in figures(frame, category=R)} == {120}
    for figure in figures(frame, category=R):
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= (figure.value or 0) <= figure.high


@pytest.mark.slow
def test_a_category_of_one_corpus_has_its_diagonal_and_one_of_one_class_nothing() -> None:
    frame = transfer(given_corpora())
    assert [f.group for f in figures(frame, category=P)] == ["a → a"]
    assert figures(frame, category=KEYS[2]) == []
    assert figures(frame, category=KEYS[3]) == []


def test_A3_posts_with_a_copy_in_another_corpus_are_not_tested_on_and_counted() -> None:
    frame = transfer(given_corpora(copies=30))
    assert one(frame, R, "a → b", "auc").n == 90
    assert one(frame, R, "b → a", "auc").n == 90
    assert one(frame, R, "a → c", "auc").n == 120
    left_out = one(frame, ALL, ALL, "in_several_corpora")
    assert (left_out.value, left_out.n) == (pytest.approx(60 / 360), 360)


@pytest.mark.slow
def test_A5_order_of_posts_and_names_of_corpora_change_nothing() -> None:
    given = given_corpora(n=40)
    first = given.labelled
    assert first is not None
    turn = np.random.default_rng(1).permutation(120)
    other = replace(
        labelled([first.texts[i] for i in turn], first.labels[turn], first.source[turn], first.group[turn]),
        ids=[first.ids[i] for i in turn],
    )
    assert transfer(replace(given, labelled=other)) == transfer(given)


def test_A1_a_corpus_of_one_class_is_tested_on_without_a_value() -> None:
    given = given_corpora(n=40)
    assert given.labelled is not None
    given.labelled.labels[80:, 0] = 1
    frame = transfer(given)
    found = one(frame, R, "a → c", "auc")
    assert (found.value, found.low, found.n) == (None, None, 40)
    assert not [f for f in figures(frame, category=R) if f.group.startswith("c →")]


def test_A1_no_posts_no_labels_no_words() -> None:
    assert transfer(table(labelled=None)).figures == ()
    empty = transfer(table(order=()))
    assert [(f.statistic, f.value, f.n) for f in empty.figures] == [("in_several_corpora", None, 0)]
    given = given_corpora(n=20)
    assert given.labelled is not None
    silent = replace(given.labelled, texts=["🙂"] * 60)
    assert {f.statistic for f in transfer(replace(given, labelled=silent)).figures} <= {"in_several_corpora", "auc"}


@pytest.mark.slow
def test_at_most_so_many_posts_of_a_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_POSTS", 50)
    frame = transfer(given_corpora())
    assert {f.n for f in figures(frame, category=R)} == {50}
    assert transfer(given_corpora()) == frame


def test_progress_counts_every_category() -> None:
    done: list[int] = []
    transfer(replace(given_corpora(n=20), advance=lambda steps, told=None: done.append(steps)))
    assert sum(done) == 4


def test_A4_a_cell_is_the_auc_of_scikit_learn_on_the_same_decisions() -> None:
    random = np.random.default_rng(3)
    counts = random.poisson(1.5, (90, 12))
    y = (counts[:, 0] + 2 * random.random(90) > 2.5).astype(np.int8)
    source = np.array(["a"] * 50 + ["b"] * 40, dtype=object)
    classifier = make_classifier("DualLinearSVC", {"C": 0.5})
    counted = CountedPosts((sp.csr_matrix(counts.astype(np.int32)),), (np.ones(12),), 2, sublinear_tf=True)
    cells = across(CrossData(counted, y, np.arange(90), classifier, seed=1), source, category="rumour")
    tfidf = TfidfTransformer(sublinear_tf=True).fit(counts[:50])
    x = tfidf.transform(counts)
    weights, intercept = classifier.fit(x[:50], y[:50], np.ones(50), seed=1)
    (cell,) = [one for one in cells if (one.fitted_on, one.tested_on) == ("a", "b")]
    assert cell.value == pytest.approx(roc_auc_score(y[50:], x[50:] @ weights + intercept), abs=0.01)
    assert cell.n == 40


def test_rumour_is_learnt_within_corpora_and_hardly_carried_over_to_wechat_titles() -> None:
    """The intervals of 2,500 posts of each corpus hold the figures that docs/results publishes for 3,000."""
    folder = Path(os.environ.get("KOUDAI_DATA", ""))
    wanted = {"weibo21": "weibo21.parquet", "wefend": "wefend_wechat_titles.parquet"}
    if not os.environ.get("KOUDAI_DATA") or not all((folder / file).exists() for file in wanted.values()):
        pytest.skip("the corpora are not at hand")
    import pyarrow.parquet as pq

    texts, labels, source = [], [], []
    for name, file in wanted.items():
        rows = pq.read_table(folder / file, columns=["text", "source_label"]).to_pylist()
        rows = [row for row in rows if row["source_label"] in ("real", "fake")]
        for i in np.random.default_rng(1).choice(len(rows), 2500, replace=False):
            texts.append(rows[i]["text"])
            labels.append([int(rows[i]["source_label"] == "fake"), -1, -1, -1])
            source.append(name)
    given = labelled(texts, np.array(labels), np.array(source, object), near_duplicate_groups(texts))
    frame = transfer(table(labelled=given))
    for cell, published in (("weibo21 → weibo21", 0.942), ("wefend → wefend", 0.879), ("weibo21 → wefend", 0.484)):
        figure = one(frame, R, cell, "auc")
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < published < figure.high < figure.low + 0.25
