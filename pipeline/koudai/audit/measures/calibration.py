"""Calibration: whether a probability can be believed."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.training.evaluate import bin_of, evaluate


@measure(
    "calibration",
    needs=("scores", "labels"),
    zh="概率可信吗？",
    en="Can the probability be believed?",
    place=30,
    declares=Declaration(
        judges_model=True,
        statistics=(
            named("ece", zh="期望校准误差（ECE）", en="ECE", unit="score", interval="bootstrap over groups"),
            named("brier", zh="Brier 分数", en="Brier score", unit="score", interval="bootstrap over groups"),
            named("observed", zh="实际比例", en="observed", unit="share", interval="wilson"),
            named(
                "predicted",
                zh="预测概率",
                en="predicted",
                unit="share",
                why=phrase(
                    zh="它是本箱帖子所得概率的平均，不是估计。",
                    en="The mean of probabilities that are known; nothing is estimated.",
                ),
            ),
        ),
        components=(
            Component(
                "calibration",
                name=phrase(zh="校准", en="Calibration"),
                brief=phrase(zh="ECE，越小越可信；仅限本源", en="ECE, smaller is better; home only"),
                explanation=phrase(
                    zh="概率与实际相差多少；有多个来源时取帖数最多的一个。仅限本源：换一批来源不同的帖子，不能照搬。",
                    en="How far the probability is from what was observed; of several sources, the one with the "
                    "most posts. Home only: it holds for posts of that source, not for others.",
                ),
                section="told-apart",
                place=50,
                pick=Pick("ece", choose="most posts"),
                whole=False,
                note="source",
            ),
        ),
        charts=(
            Chart(
                "reliability",
                kind="reliability",
                name=phrase(zh="可靠性", en="Reliability"),
                explanation=phrase(
                    zh="预测概率与实际比例；落在虚线上才可信，空心点表示 n 少于 30。",
                    en="Predicted probability against what was observed; on the dashed line it can be believed; "
                    "hollow: n below 30.",
                ),
                statistics=("observed",),
                place=40,
                beside="predicted",
                prefix="bin ",
                of=phrase(zh="分箱", en="bin"),
            ),
        ),
    ),
)
def calibration(given: AuditInput) -> AuditFrame:
    """Expected calibration error and Brier score on labelled posts, by corpus, and the reliability curve over ten bins.

    ECE = Σ_b |mean probability − share in the category| · share of posts in bin b, from 0 (believable) to 1. Brier
    = mean of (p − y)², from 0 to 1; guessing the prevalence π everywhere gives π(1 − π). Intervals: bootstrap over
    near-duplicate groups; the curve has Wilson intervals. Posts without features have no probability and are left out
    of n. A model calibrated on one corpus is seldom calibrated on another: read each corpus alone.

    Source: Brier 1950; Naeini et al. 2015.

    中文
    在有标签的帖子上，按语料分别给出期望校准误差（ECE）和 Brier 分数，以及分为十箱的可靠性曲线。ECE 是各箱内平均概率与
    实际比例之差的绝对值，按帖数加权求和，0 为完全可信；Brier 是 (p − y)² 的均值，处处猜基础比例 π 时为 π(1 − π)。两
    者的区间用自助法求得，按近重复组抽样；曲线为 Wilson 区间。没有特征的帖子没有概率，不计入 n。在一个语料上校准好的模
    型，换个语料往往不准，请分开看。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("calibration", ())
    figures = []
    for column, key in enumerate(given.categories):
        known = (labelled.labels[:, column] >= 0) & np.isfinite(labelled.proba[:, column])
        for source in dict.fromkeys(labelled.source):
            rows = known & (labelled.source == source)
            if not rows.any():
                continue
            y = labelled.labels[rows, column]
            p = labelled.proba[rows, column].astype(np.float64)
            for found in evaluate(
                y,
                p,
                threshold=0.5,
                groups=labelled.group[rows],
                seed=given.seed,
                metrics=("ece", "brier"),
                resamples=200,
            ):
                figures.append(Figure(key, str(source), found.metric, found.value, found.n, found.low, found.high))
        y, p = labelled.labels[known, column], labelled.proba[known, column].astype(np.float64)
        place = bin_of(p)
        for b in range(10):
            inside = place == b
            if inside.any():
                name = f"bin {b / 10:.1f}-{(b + 1) / 10:.1f}"
                figures.append(share(key, name, "observed", int((y[inside] == 1).sum()), int(inside.sum())))
                figures.append(Figure(key, name, "predicted", float(p[inside].mean()), int(inside.sum())))
    return AuditFrame("calibration", tuple(figures))
