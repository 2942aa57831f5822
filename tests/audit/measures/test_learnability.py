"""Learnability: the same figures as scikit-learn's own vectoriser, folds, SVM and metrics give (A4); planted words are
learnt and noise is not; too few different posts give the prevalence alone, nothing gives nothing (A1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import average_precision_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.measures import learnability as module
from koudai.audit.measures.learnability import learnability
from koudai.text.jieba.segment import Segmenter
from koudai.training.intervals import clustered_wilson
from tests.audit.table import KEYS, figures, one, table
from tests.training.test_cross_validation import world

R, P, A, N = KEYS
SUBJECTS = ["水厂", "邻居", "老师", "司机", "店主", "医生", "学生", "同事"]
PLACES = ["河边", "车站", "菜场", "楼下", "公园", "学校"]
ENDINGS = ["今天很忙", "刚刚走了", "说得不错", "又来了", "没有回话"]


def posts(n: int, *, seed: int, mark: str = "") -> tuple[list[str], np.ndarray]:
    """Return posts of everyday words; the odd ones hold `mark`."""
    random = np.random.default_rng(seed)
    y = (np.arange(n) % 2).astype(np.int8)
    texts = [
        f"{random.choice(SUBJECTS)}在{random.choice(PLACES)}{random.choice(ENDINGS)}{i}{mark if y[i] else ''}"
        for i in range(n)
    ]
    return texts, y


def given_labels(
    texts: list[str], labels: np.ndarray, group: np.ndarray | None = None, source: str = "street"
) -> AuditInput:
    n = len(texts)
    return table(
        labelled=Labelled(
            ids=[f"p{i}" for i in range(n)],
            texts=texts,
            labels=labels.reshape(n, 4).astype(np.int8),
            proba=np.full((n, 4), 0.5, dtype=np.float32),
            alleged=np.zeros((n, 4), dtype=bool),
            source=np.full(n, source, dtype=object),
            group=np.arange(n) if group is None else group,
        )
    )


def by_scikit_learn(texts: list[str], y: np.ndarray, groups: np.ndarray, seed: int) -> tuple[float, float]:
    words = TfidfVectorizer(
        tokenizer=Segmenter().cut, token_pattern=None, ngram_range=(1, 2), min_df=2, sublinear_tf=True
    )
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    found = []
    for dealing in (seed, seed + 1):
        decision = np.empty(len(y))
        for fit, held in StratifiedGroupKFold(5, shuffle=True, random_state=dealing).split(texts, y, groups):
            train, test = ([texts[i] for i in rows] for rows in (fit, held))
            features = hstack([words.fit_transform(train), characters.fit_transform(train)]).tocsr()
            svm = LinearSVC(C=0.5, class_weight="balanced", random_state=seed, max_iter=10_000)
            svm.fit(features, y[fit])
            decision[held] = svm.decision_function(hstack([words.transform(test), characters.transform(test)]).tocsr())
        found.append((average_precision_score(y, decision), f1_score(y, decision >= 0)))
    precision, f1 = np.mean(found, axis=0)
    return float(precision), float(f1)


def test_A4_the_12_row_table_against_scikit_learn() -> None:
    given = table()
    assert given.labelled is not None
    known = [i for i in range(12) if given.labelled.labels[i, 0] >= 0]
    y = given.labelled.labels[known, 0]
    expected = by_scikit_learn([given.labelled.texts[i] for i in known], y, given.labelled.group[known], seed=7)
    frame = learnability(given)
    precision, f1 = one(frame, R, ALL, "average_precision"), one(frame, R, ALL, "f1")
    assert (precision.value, f1.value) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    assert (precision.n, f1.n) == (11, 11)


@pytest.mark.parametrize(("key", "hits", "n"), [(R, 6, 11), (P, 5, 11), (A, 4, 11), (N, 2, 9)])
def test_A4_prevalence_by_hand(key: str, hits: int, n: int) -> None:
    figure = one(learnability(table()), key, ALL, "prevalence")
    labelled = table().labelled
    assert labelled is not None
    labels = labelled.labels[:, KEYS.index(key)]
    expected = clustered_wilson(labels[labels >= 0] == 1, labelled.cluster[labels >= 0])
    assert (figure.value, figure.low, figure.high, figure.n) == (expected.value, expected.low, expected.high, n)
    assert figure.value == hits / n


def test_A4_sixty_posts_against_scikit_learn_and_the_curve() -> None:
    texts, y = posts(60, seed=2, mark="停水")
    y = np.where(np.arange(60) % 7 == 0, 1 - y, y)  # some labels contradict the words
    groups = np.arange(60) // 2 * 2
    frame = learnability(given_labels(texts, np.repeat(y[:, None], 4, axis=1), groups))
    expected = by_scikit_learn(texts, y, groups, seed=7)
    assert one(frame, R, ALL, "average_precision").value == pytest.approx(expected[0])
    assert one(frame, R, ALL, "f1").value == pytest.approx(expected[1])
    curve = [f.group for f in figures(frame, category=R, statistic="average_precision")]
    assert curve == ["n=12", "n=24", ALL, "n=48"]
    assert one(frame, R, "n=48", "average_precision").value == one(frame, R, ALL, "average_precision").value


def test_a_planted_word_is_learnt_and_noise_is_not() -> None:
    texts, y = posts(120, seed=4, mark="内部消息")
    noise = np.random.default_rng(9).integers(0, 2, 120)
    frame = learnability(given_labels(texts, np.stack([y, noise, y, noise], axis=1)))
    learnt, not_learnt = one(frame, R, ALL, "average_precision"), one(frame, P, ALL, "average_precision")
    prevalence = one(frame, P, ALL, "prevalence")
    assert learnt.value == pytest.approx(1.0)
    assert not_learnt.low is not None
    assert prevalence.value is not None
    assert not_learnt.high is not None
    assert not_learnt.low < prevalence.value + 0.1
    assert not_learnt.high < 0.8


@pytest.mark.slow
def test_a_post_and_its_copies_stay_in_one_fold() -> None:
    random = np.random.default_rng(0)
    texts, _ = posts(30, seed=6)
    y = np.repeat(random.integers(0, 2, 30), 3)  # labels without meaning, each post three times over
    copies = [text for text in texts for _ in range(3)]
    labels = np.repeat(y[:, None], 4, axis=1)
    apart = learnability(given_labels(copies, labels, np.repeat(np.arange(30), 3)))
    leaking = learnability(given_labels(copies, labels, np.arange(90)))
    kept, leaked = (one(frame, R, ALL, "average_precision").value for frame in (apart, leaking))
    assert kept is not None
    assert leaked == pytest.approx(1.0)  # a copy of the post was in the other folds
    assert kept < 0.8


def test_contradicting_labels_on_the_same_words_cannot_be_learnt() -> None:
    texts = ["今天停水"] * 20
    y = np.arange(20) % 2
    frame = learnability(given_labels(texts, np.repeat(y[:, None], 4, axis=1)))
    found = one(frame, R, ALL, "average_precision")
    assert found.value is not None
    assert found.value < 0.75


def test_same_input_same_figures_whatever_the_threads() -> None:
    assert learnability(table()) == learnability(table())


def test_too_few_different_posts_give_prevalence_alone() -> None:
    texts, y = posts(40, seed=1, mark="停水")
    few = np.where(np.arange(40) < 8, y, 0)  # four posts in it
    twice = np.where(np.arange(40) < 12, y, 0)  # six posts in it, of three groups
    groups = np.array([i // 4 if i < 12 else i for i in range(40)])
    for labels in (few, twice):
        frame = learnability(given_labels(texts, np.repeat(labels[:, None], 4, axis=1), groups))
        assert {figure.statistic for figure in frame.figures} == {"prevalence"}
        assert one(frame, R, ALL, "prevalence").n == 40


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_gives_prevalence_alone(label: int) -> None:
    frame = learnability(given_labels(posts(30, seed=1)[0], np.full((30, 4), label)))
    assert [(f.statistic, f.value, f.n) for f in frame.figures] == [("prevalence", float(label), 30)] * 4


def test_A1_no_label_known_and_no_posts() -> None:
    for given in (given_labels(posts(30, seed=1)[0], np.full((30, 4), -1)), table(order=())):
        assert {(f.statistic, f.value, f.n) for f in learnability(given).figures} == {("prevalence", None, 0)}
    assert learnability(table(labelled=None)).figures == ()


@pytest.mark.parametrize("text", ["", "🙂🙂"], ids=["empty", "emoji"])
def test_posts_without_words_still_have_a_prevalence(text: str) -> None:
    y = np.arange(20) % 2
    frame = learnability(given_labels([text] * 20, np.repeat(y[:, None], 4, axis=1)))
    assert one(frame, R, ALL, "prevalence").value == 0.5
    for found in figures(frame, category=R, statistic="average_precision"):
        assert found.value is not None
        assert found.value < 0.75


@pytest.mark.slow
def test_at_most_so_many_posts_and_the_same_ones_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_POSTS", 30)
    texts, y = posts(80, seed=8, mark="停水")
    given = given_labels(texts, np.repeat(y[:, None], 4, axis=1))
    frame = learnability(given)
    assert one(frame, R, ALL, "prevalence").n == 30
    assert learnability(given) == frame
    assert learnability(replace(given, seed=8)) != frame


def test_progress_counts_every_category() -> None:
    done: list[int] = []
    learnability(table(advance=done.append))
    assert sum(done) == 4


def test_where_no_part_has_both_classes_only_all_posts_have_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    data = world(60, 1, signal=0.5)
    whole = module._curve(data, R)
    monkeypatch.setattr(module, "SHARES", ())
    found = module._curve(data, R)
    assert {figure.group for figure in found} == {ALL, "n=48"}
    assert found == [figure for figure in whole if figure.group in (ALL, "n=48")]
