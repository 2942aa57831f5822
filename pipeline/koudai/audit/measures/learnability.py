"""Learnability: whether the text carries the category at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.content import content_of
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.cross_validation import CrossData, cross_validated
from koudai.training.folds import Folds

SHARES = (0.25, 0.5)
METRICS = ("average_precision", "f1")
MOST_POSTS = 3000
FEWEST_GROUPS = 5


@measure(
    "learnability",
    needs=("labels",),
    zh="文字本身撑得起这个类别吗？",
    en="Does the text carry it?",
    place=20,
    declares=Declaration(
        statistics=(
            named("prevalence", zh="正例占比", en="prevalence", unit="share", interval="wilson, effective n"),
            named(
                "average_precision",
                zh="重新训练的平均精确率",
                en="average precision of a refit",
                unit="score",
                interval="jackknife with refits",
            ),
            named("f1", zh="重新训练的 F1", en="F1 of a refit", unit="score", interval="jackknife with refits"),
        ),
        components=(
            Component(
                "learnability",
                name=phrase(zh="可学习性（重新训练）", en="Learnability (refit)"),
                brief=phrase(zh="平均精确率；竖线为正例占比", en="average precision; tick: base rate"),
                explanation=phrase(
                    zh="只看文字能学到多少：平均精确率。竖线是正例占比，即随机水平。",
                    en="How much the text carries: average precision. The tick is the prevalence, which is what "
                    "guessing gets.",
                ),
                section="told-apart",
                place=25,
                pick=Pick("average_precision"),
                reference=Pick("prevalence"),
            ),
        ),
        charts=(
            Chart(
                "learning-curve",
                kind="curve",
                name=phrase(zh="学习曲线", en="Learning curve"),
                explanation=phrase(
                    zh="训练帖增加时的平均精确率；虚线是正例占比。",
                    en="Average precision as training posts are added; dashed: the prevalence.",
                ),
                statistics=("average_precision",),
                place=20,
                beside="prevalence",
                prefix="n=",
                of=phrase(zh="训练帖数", en="training posts"),
            ),
        ),
    ),
    steps=lambda given: len(given.categories),
)
def learnability(given: AuditInput) -> AuditFrame:
    """Average precision and F1 of a linear model of words, by five-fold cross-validation, against prevalence.

    Near-duplicates stay in one fold; terms and idf are learnt from the posts fitted on, never from those tested on.
    Folds are dealt twice, and the two results averaged. Average precision lies between 0 and 1, and a model that knows
    nothing reaches the prevalence: only what is above it is learnt. The curve gives both when only part of the other
    folds is fitted on: still rising means that more labels would help; flat and low means that the words do not carry
    the category, or its labels contradict each other. These are figures of a refit on the audited labels, whatever
    model scored the posts. At most 3,000 posts per category, drawn at random. Intervals include the draw of the posts
    fitted on and of those tested on: clusters are weighted up and down and the models fitted anew. There
    is none below 50 clusters of either class, and none at the points of the curve below all posts, which are fitted
    once.

    Source: Kapoor & Narayanan 2023, "Leakage and the reproducibility crisis in machine-learning-based science"; Jaeckel
    1972, "The infinitesimal jackknife".

    中文
    用词与字的线性模型做五折交叉验证，给出平均精确率和 F1，并与正例占比对照。近重复的帖子不跨折；词表和 idf 只从训练的
    几折里学，被测的帖子不参与。折重新划分两次，取两次结果的平均。平均精确率在 0 到 1 之间，什么都没学到时等于正例占
    比，高出的部分才算学到。曲线表示只用一部分数据训练时的平均精确率和 F1：还在上升，说明多标注有用；又平又低，说明文
    字撑不起这个类别，或者标注自相矛盾。这里是在受审标注上重新训练的模型，与给帖子打分的模型无关。每个类别至多随机取
    3000 条。区间同时计入训练帖与测试帖的抽样：把各簇的权重调高或调低，重新训练，看结果变动多少；正反两类有一类不足 50
    簇时不给区间，曲线上未用全部数据的点只训练一次，也不给区间。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("learnability", ())
    chosen = [_rows(labelled.labels[:, column], given, key) for column, key in enumerate(given.categories)]
    union = np.unique(np.concatenate(chosen))
    counted = content_of([labelled.texts[i] for i in union], labelled.group[union]).counted

    figures = []
    for column, key in enumerate(given.categories):
        rows = chosen[column]
        y, groups = labelled.labels[rows, column], labelled.group[rows]
        figures.append(clustered_share(key, ALL, "prevalence", y == 1, labelled.cluster[rows]))
        if _groups(y, groups) >= FEWEST_GROUPS:
            classifier = make_classifier("DualLinearSVC", {"C": 0.5, "class_weight": "balanced"})
            some = counted.take(np.searchsorted(union, rows))
            figures += _curve(CrossData(some, y, groups, classifier, given.seed, labelled.cluster[rows]), key)
        given.advance(1)
    return AuditFrame("learnability", tuple(figures))


def _curve(data: CrossData, key: str) -> list[Figure]:
    n, folds = len(data.labels), data.dealt(0)
    figures = []
    kept = [(part, rows) for part, rows in _parts(data) if _both_classes(data, folds, rows)]
    if kept:
        decision = data.decisions(folds, np.stack([rows for _, rows in kept], axis=1).astype(np.float64))
        for at, (part, _) in enumerate(kept):
            values = data.measured(decision[:, at], np.ones((n, 1)), METRICS)[0]
            name = f"n={round(n * (folds.count - 1) / folds.count * part)}"
            figures += [
                Figure(key, name, metric, float(value), n) for metric, value in zip(METRICS, values, strict=True)
            ]
    for found in cross_validated(data, metrics=METRICS):
        for name in (ALL, f"n={round(n * (folds.count - 1) / folds.count)}"):
            figures.append(Figure(key, name, found.metric, found.value, found.n, found.low, found.high))
    return figures


def _parts(data: CrossData) -> list[tuple[float, NDArray[np.bool_]]]:
    """Return shares of the groups with the posts of each; smaller ones are part of larger ones."""
    names, place = np.unique(data.groups, return_inverse=True)
    turn = np.random.default_rng(data.seed).permutation(len(names))[place]
    return [(part, turn < round(part * len(names))) for part in SHARES]


def _both_classes(data: CrossData, folds: Folds, rows: NDArray[np.bool_]) -> bool:
    """Return whether posts of both classes are left to fit on, whichever fold is left out."""
    return all(len(np.unique(data.labels[rows & (folds.fold != fold)])) == 2 for fold in range(folds.count))


def _groups(y: NDArray[np.int8], groups: NDArray[np.int64]) -> int:
    return min(len(np.unique(groups[y == 1])), len(np.unique(groups[y == 0])))


def _rows(labels: NDArray[np.int8], given: AuditInput, key: str) -> NDArray[np.intp]:
    known = np.flatnonzero(labels >= 0)
    if len(known) > MOST_POSTS:
        known = np.sort(given.generator(f"learnability {key}").choice(known, MOST_POSTS, replace=False))
    return known
