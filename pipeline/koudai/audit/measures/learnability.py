"""Learnability: whether the text carries the category at all."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.config.train import DEFAULT_STEPS, FeaturesSection
from koudai.errors import TooFewPosts
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.fitting.equal_columns import merge_equal
from koudai.model.ngrams.blocks import fit_blocks
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.bootstrap import FEWER_RESAMPLES
from koudai.training.evaluate import evaluate
from koudai.training.fit import FitData
from koudai.training.learning_curve import decisions_by_share

FOLDS = 5
STEPS = (0.25, 0.5, 1.0)
MOST_POSTS = 6000
FEWEST_GROUPS = 5


@measure(
    "learnability",
    needs=("labels",),
    zh="文字本身撑得起这个类别吗？",
    en="Does the text carry it?",
    place=20,
    declares=Declaration(
        statistics=(
            named("prevalence", zh="正例占比", en="prevalence", unit="share", interval="wilson"),
            named(
                "average_precision",
                zh="重新训练的平均精度",
                en="average precision of a refit",
                unit="score",
                interval="bootstrap over groups",
            ),
            named("f1", zh="重新训练的 F1", en="F1 of a refit", unit="score", interval="bootstrap over groups"),
        ),
        components=(
            Component(
                "learnability",
                name=phrase(zh="可学性（重新训练）", en="Learnability (refit)"),
                brief=phrase(zh="平均精度；竖线为基线", en="average precision; tick: base rate"),
                explanation=phrase(
                    zh="只看文字能学到多少：平均精度。竖线是正例占比，即瞎猜的水平。",
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
                    zh="训练帖增加时的平均精度；虚线是正例占比。",
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

    Near-duplicates stay in one fold. Average precision lies between 0 and 1, and a model that knows nothing reaches
    the prevalence: only what is above it is learnt. The curve gives both when only part of the other folds is fitted
    on: still rising means that more labels would help; flat and low means that the words do not carry the category,
    or its labels contradict each other. Fitted anew on the audited labels, whatever model scored the posts. At most
    6,000 posts per category, drawn at random. Intervals: bootstrap over near-duplicate groups.

    中文
    用词与字的线性模型做五折交叉验证，给出平均精度和 F1，并与正例占比对照。近重复的帖子不跨折。平均精度在 0 到 1 之
    间，什么都没学到时等于正例占比，高出的部分才算学到。曲线表示只用一部分数据训练时的平均精度和 F1：还在上升，说明多
    标注有用；又平又低，说明文字撑不起这个类别，或者标签自相矛盾。这里在受审标签上重新训练，与给帖子打分的模型无关。每
    个类别至多随机取 6000 条。区间用自助法求得，按近重复组抽样。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("learnability", ())
    chosen = [_rows(labelled.labels[:, column], given, key) for column, key in enumerate(given.categories)]
    union = np.unique(np.concatenate(chosen))
    normalizer = Normalizer(DEFAULT_STEPS)
    try:
        posts = normalizer.many(of_texts([labelled.texts[i] for i in union]))
        features, _ = merge_equal(fit_blocks(posts, FeaturesSection(chars=(1, 3)), Segmenter())[1])
    except TooFewPosts:
        features = None

    figures = []
    for column, key in enumerate(given.categories):
        rows = chosen[column]
        y, groups = labelled.labels[rows, column], labelled.group[rows]
        figures.append(share(key, ALL, "prevalence", int((y == 1).sum()), len(y)))
        if features is not None and _groups(y, groups) >= FEWEST_GROUPS:
            figures += _curve(features[np.searchsorted(union, rows)], y, groups, key, given.seed)
        given.advance(1)
    return AuditFrame("learnability", tuple(figures))


def _curve(
    features: sp.csr_matrix, y: NDArray[np.int8], groups: NDArray[np.int64], key: str, seed: int
) -> list[Figure]:
    classifier = make_classifier("linear_svc", {"balanced": True})
    figures = []
    data = FitData(features, y, np.ones(len(y)), groups, classifier, seed).dealt(FOLDS)
    for part in decisions_by_share(data, shares=STEPS):
        name = f"n={round(len(y) * (FOLDS - 1) / FOLDS * part.share)}"
        for found in evaluate(
            y,
            part.decision,
            threshold=0.0,
            groups=groups,
            seed=seed,
            metrics=("average_precision", "f1"),
            resamples=FEWER_RESAMPLES,
        ):
            if part.share == STEPS[-1]:
                figures.append(Figure(key, ALL, found.metric, found.value, found.n, found.low, found.high))
            figures.append(Figure(key, name, found.metric, found.value, found.n, found.low, found.high))
    return figures


def _groups(y: NDArray[np.int8], groups: NDArray[np.int64]) -> int:
    return min(len(np.unique(groups[y == 1])), len(np.unique(groups[y == 0])))


def _rows(labels: NDArray[np.int8], given: AuditInput, key: str) -> NDArray[np.intp]:
    known = np.flatnonzero(labels >= 0)
    if len(known) > MOST_POSTS:
        known = np.sort(given.generator(f"learnability {key}").choice(known, MOST_POSTS, replace=False))
    return known
