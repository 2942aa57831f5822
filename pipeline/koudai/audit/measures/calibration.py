"""Calibration: whether a probability can be believed."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import AuditFrame, Figure, clustered_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.judging.believed import believed
from koudai.audit.measures import measure
from koudai.training.calibration_error import calibrated_range
from koudai.training.evaluate import bin_of, evaluate


@measure(
    "calibration",
    needs=("scores", "labels_or_sample"),
    zh="概率可信吗？",
    en="Can the probability be believed?",
    place=30,
    declares=Declaration(
        judges_model=True,
        statistics=(
            named(
                "ece",
                zh="期望校准误差（ECE）",
                en="ECE",
                unit="score",
                why=phrase(
                    zh="分箱的 ECE 恒为正，校准良好的模型也不为 0，自助法还会把这个偏差再加一遍；看去偏的校准误差。",
                    en="Binned ECE is above 0 for a calibrated model too, and a bootstrap adds that bias once more: "
                    "see the debiased calibration error.",
                ),
            ),
            named(
                "calibration_error",
                zh="校准误差（去偏）",
                en="calibration error (debiased)",
                unit="score",
                interval="score",
            ),
            named(
                "brier",
                zh="Brier 分数",
                en="Brier score",
                unit="score",
                interval="wilson, effective n",
                sampled="design-based",
            ),
            named(
                "observed",
                zh="实际比例",
                en="observed",
                unit="share",
                interval="wilson, effective n",
                sampled="design-based",
            ),
            named("predicted", zh="预测概率", en="predicted", unit="share", interval="by chance"),
        ),
        components=(
            Component(
                "calibration",
                name=phrase(zh="校准", en="Calibration"),
                brief=phrase(zh="去偏误差，越小越好；仅限本源", en="debiased error, smaller is better; home only"),
                explanation=phrase(
                    zh="概率与实际相差多少；有多个来源时取帖数最多的一个。仅限本源：换一批来源不同的帖子，不能照搬。",
                    en="How far the probability is from what was observed; of several sources, the one with the "
                    "most posts. Home only: it holds for posts of that source, not for others.",
                ),
                section="told-apart",
                place=50,
                pick=Pick("calibration_error", choose="most posts"),
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
                    zh="预测概率与实际比例；竖条是概率准确时实际比例会落入的范围，点在条里即可信；空心点 n 少于 30。",
                    en="Predicted probability against what was observed; the bars are where 95 % of the points would "
                    "lie if the probabilities were right; hollow: n below 30.",
                ),
                statistics=("observed",),
                place=40,
                beside="predicted",
                prefix="bin ",
                of=phrase(zh="分箱", en="bin"),
            ),
        ),
        groups={
            f"bin {low / 10:.1f}-{(low + 1) / 10:.1f}": phrase(
                zh=f"{low / 10:.1f}–{(low + 1) / 10:.1f} 档", en=f"bin {low / 10:.1f}-{(low + 1) / 10:.1f}"
            )
            for low in range(10)
        },
    ),
)
def calibration(given: AuditInput) -> AuditFrame:
    """Calibration error and Brier score on labelled posts, by corpus, and the reliability curve over ten bins.

    *calibration_error* is √(Σ_b w_b·(D_b² − V_b)), from 0 (believable) to 1: D_b is mean probability − share in the
    category in each of ten bins of equally many posts, V_b its variance, w_b the bin's share of the posts. Without V_b
    a calibrated model would have an error, too. Its interval holds the values that a test does not reject; if it holds
    0 the probabilities may be right; with fewer than 50 clusters there is none. ECE, the expected calibration error,
    Σ_b |mean probability − share in the category| · share of posts in bin b, ten bins of equal width, is given as
    others give it, without an interval: it is above 0 for a calibrated model, the more so the fewer posts there are.
    Brier = mean of (p − y)², from 0 to 1; guessing the prevalence π everywhere gives π(1 − π). Intervals of Brier,
    from ten posts of either class on, and of the curve are Wilson's with an effective n; beside each point stands the
    range in which 95 % of such points would lie if the probabilities were right, near-duplicates being of one mind.
    Posts without features have no probability and are left out of n. A model calibrated on one corpus is seldom
    calibrated on another: read each corpus alone. A returned sample (group "sample") speaks of all scored posts: each
    label stands for 1/π of them, *observed* is the share that people would put into the category, of all posts and of
    those of a bin, beside the mean of their probabilities.

    Source: Brier 1950; Naeini et al. 2015 (ECE); Kumar, Liang & Ma 2019 (debiased); Bröcker & Smith 2007 (the range).

    中文
    在有人工标注的帖子上，按语料分别给出校准误差和 Brier 分数，以及分为十箱的可靠性曲线。去偏的校准误差是 √(Σ_b w_b·
    (D_b² − V_b))，0 为完全可信：按帖数等分为十箱，D_b 是箱内平均概率与实际比例之差，V_b 是它的方差，w_b 是该箱所占比
    例。不减去 V_b，校准良好的模型也会有误差。区间由检验反推；区间含 0，说明概率可能是准的；少于 50 簇时不给区间。ECE
    是等宽十箱内平均概率与实际比例之差的绝对值，按帖数加权求和，照通行的算法列出，不给区间：校准良好的模型也大于 0，帖
    子越少越大。Brier 是 (p − y)² 的均值，处处猜正例占比 π 时为 π(1 − π)，正反两类各不少于十条时给出区间；它和曲线各点
    的区间都是按簇折算的 Wilson 区间，曲线旁边标出概率全都准确时 95% 的点会落入的范围（近重复帖视为同进同退）。没有特
    征的帖子没有概率，不计入 n。在一个语料上校准好的模型，换个语料往往不准，请分开看。收回的样本（“抽样”一组）说的是全
    部已打分的帖子：每条标注代表 1/π 条，实际比例（observed）是人工会归入该类别的比例（全部帖子及各箱），旁边是这些帖
    子概率的均值。
    """
    figures = [figure for column in range(len(given.categories)) for figure in believed(given, column)]
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("calibration", tuple(figures))
    for column, key in enumerate(given.categories):
        known = (labelled.labels[:, column] >= 0) & np.isfinite(labelled.proba[:, column])
        for source in dict.fromkeys(labelled.source):
            rows = known & (labelled.source == source)
            if not rows.any():
                continue
            for found in evaluate(
                labelled.labels[rows, column],
                labelled.proba[rows, column].astype(np.float64),
                threshold=0.5,
                groups=labelled.cluster[rows],
                metrics=("ece", "calibration_error", "brier"),
            ):
                figures.append(Figure(key, str(source), found.metric, found.value, found.n, found.low, found.high))
        y, p = labelled.labels[known, column], labelled.proba[known, column].astype(np.float64)
        place, cluster, group = bin_of(p), labelled.cluster[known], labelled.group[known]
        for b in range(10):
            inside = place == b
            if inside.any():
                name = f"bin {b / 10:.1f}-{(b + 1) / 10:.1f}"
                figures.append(clustered_share(key, name, "observed", y[inside] == 1, cluster[inside]))
                low, high = calibrated_range(p[inside], groups=group[inside], seed=given.seed)
                figures.append(Figure(key, name, "predicted", float(p[inside].mean()), int(inside.sum()), low, high))
    return AuditFrame("calibration", tuple(figures))
