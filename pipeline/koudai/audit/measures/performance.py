"""Performance: how good the audited model is, on labelled posts and on a returned sample, beside others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from koudai.audit.declaration import (
    Chart,
    Component,
    Declaration,
    Pick,
    Statistic,
    Unit,
    named,
    phrase,
)
from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.others import Other
from koudai.audit.judging.measured import all_measured
from koudai.audit.judging.sources import JudgedSource, Said, judged_sources, masked_part
from koudai.audit.measures import measure
from koudai.training.intervals import IntervalKind
from koudai.training.judging.judged import Part
from koudai.training.judging.linear import LINEAR, RANKED
from koudai.training.judging.measured import CONFUSION
from koudai.training.judging.paired import paired_difference

OTHER, LESS = "other_", "_less_other"
_NAMES = {
    "precision": ("精确率", "precision"),
    "recall": ("召回率", "recall"),
    "f1": ("F1", "F1"),
    "average_precision": ("平均精度", "average precision"),
    "auc": ("AUC", "AUC"),
    "brier": ("Brier 分数", "Brier score"),
}
_CELLS = {
    "true_positives": ("标对的占比", "tagged and in the category"),
    "false_positives": ("错标的占比", "tagged and not in it"),
    "false_negatives": ("漏标的占比", "in it and not tagged"),
    "true_negatives": ("无关且未标的占比", "neither"),
}


def _statistics() -> tuple[Statistic, ...]:
    found = []
    units: dict[str, Unit] = {"precision": "share", "recall": "share", "auc": "AUC"}
    kinds: dict[str, IntervalKind] = {"auc": "score"}
    for key, (zh, en) in _NAMES.items():
        unit, kind = units.get(key, "score"), kinds.get(key, "wilson, effective n")
        found += [
            named(key, zh=zh, en=en, unit=unit, interval=kind, sampled="design-based"),
            named(
                f"{OTHER}{key}",
                zh=f"对方：{zh}",
                en=f"{en} of the other",
                unit=unit,
                interval=kind,
                sampled="design-based",
            ),
            named(
                f"{key}{LESS}",
                zh=f"{zh}：与对方之差",
                en=f"{en}, less the other’s",
                unit="difference",
                interval="paired",
            ),
        ]
    found += [
        named(key, zh=zh, en=en, unit="share", interval="wilson, effective n", sampled="design-based")
        for key, (zh, en) in _CELLS.items()
    ]
    return tuple(found)


@measure(
    "performance",
    needs=("scores", "labels_or_sample"),
    zh="受审的模型有多准？",
    en="How good is the audited model?",
    place=15,
    declares=Declaration(
        judges_model=True,
        statistics=_statistics(),
        components=(
            Component(
                "performance",
                name=phrase(zh="模型表现", en="Performance"),
                brief=phrase(zh="受审模型的 F1", en="F1 of the audited model"),
                explanation=phrase(
                    zh="受审模型在有人工标注的帖子上的 F1，不是重新训练的模型；有多个来源时取帖数最多的一个。",
                    en="F1 of the audited model itself on labelled posts, not of a refit; of several sources, the one "
                    "with the most posts.",
                ),
                section="told-apart",
                place=20,
                pick=Pick("f1", choose="most posts"),
                note="source",
            ),
        ),
        charts=(
            Chart(
                "performance-by-part",
                kind="bars",
                name=phrase(zh="受审模型的 F1", en="F1 of the audited model"),
                explanation=phrase(
                    zh="各来源、各组、各时段上受审模型的 F1。",
                    en="F1 of the audited model, by source, group and period.",
                ),
                statistics=("f1",),
                place=15,
                order="given",
            ),
        ),
        groups={"sample": phrase(zh="抽样", en="sample")},
    ),
)
def performance(given: AuditInput) -> AuditFrame:
    """How good the audited model is: its own tags and probabilities against the labels, no model is fitted here.

    *precision*: of the posts tagged, the share that is in the category. *recall*: of the posts in it, the share that is
    tagged. *f1*: 2 TP / (2 TP + FP + FN). *average_precision* and *auc* judge the order that probabilities put posts
    in: what guessing gets is the share in the category for the one, 0.5 for the other. *brier* is the mean of (p − y)²;
    smaller is better. The four cells of the confusion are shares of all posts and add up to 1. An abstention is no tag;
    average precision, AUC and Brier score leave out posts without a probability. Each corpus stands apart, and so does
    "sample": a returned sample, or labels of a simple random one. There every label stands for 1/π posts, so that the
    figures are those of all scored posts, with intervals by the design; a post that annotators are divided on counts
    one half. Below, by group and period. Where another model's tags of the same posts are known under a category's
    name, *other_…* are its figures on the posts that both know, and *…_less_other* is the audited model's figure less
    the other's: the interval is that of the difference, post by post, so that it may leave out 0 although the intervals
    of the two figures overlap. Intervals: Wilson's, for as many posts as near-duplicates or other clusters are worth;
    for F1, that of TP among TP + FP + FN; of AUC, the values under which it is no more than t standard errors off.
    Average precision, AUC and Brier score have none below 10 posts in the category or 10 out of it; a difference has
    none if the models tag fewer than 6 posts otherwise. How often they hold the truth: docs/intervals.md. Posts that
    the model is known to have been fitted on are left out; a sample then speaks of all others.

    Source: Wilson 1927. Source: Brier 1950. Source: Lam, Gopal & Qian 2023 (F1). Source: Newcombe 2006 (AUC). Source:
    Boyd, Eng & Page 2013 (average precision). Source: Horvitz & Thompson 1952; Fieller 1954 (samples). Source: Agresti
    & Min 2005; DeLong, DeLong & Clarke-Pearson 1988 (differences).

    中文
    受审模型本身有多准：拿它的标记和概率去对照人工标注，这里不训练任何模型。精确率（precision）是标出的帖子里确实属于
    该类别的比例；召回率（recall）是属于该类别的帖子里被标出的比例；F1 是 2TP/(2TP+FP+FN)。平均精确率（AP）和 AUC 看的
    是概率排出的次序，随机水平下前者等于正例占比，后者等于 0.5；Brier 分数是 (p − y)² 的均值，越小越好。混淆矩阵的四格
    都以全部帖子为分母，相加为 1。拒判算作没有标；平均精确率、AUC 和 Brier 分数不计没有概率的帖子。每个语料单列；“抽
    样”（sample）是收回的人工样本或简单随机样本，其中每条标注代表 1/π 条帖子，得到的是全部已打分帖子上的数值，区间按抽
    样设计计算，标注者意见相持的帖子算半条。随后按组、按时段分列。如果还知道另一个模型对同一批帖子的标记，且那套标记与
    类别同名，“对方”各项（other_ 开头）是对方在双方都有结果的帖子上的数值，“与对方之差”（_less_other 结尾）是受审模型
    减去对方：区间针对差值，逐帖配对，所以即使两个数值各自的区间相交，差值的区间也可能不含 0。区间：比例用 Wilson 区
    间，样本量按近重复组或其他簇折算；F1 由 TP 在 TP+FP+FN 中的比例换算；AUC 取与之相差不超过 t 个标准误的值。正例或
    反例不足 10 条时，平均精确率、AUC 和 Brier 分数不给区间；两个模型标得不同的帖子不足 6 条时，差值不给区间。这些区间
    有多少次包含真值，见 docs/intervals.md。已知训练用过的帖子一律不计，抽样的结果也只针对其余帖子。
    """
    figures: list[Figure] = []
    for column, key in enumerate(given.categories):
        for source in judged_sources(given, column):
            for name, where in ((source.name, None), *source.parts(given)):
                figures += _figures(key, name, source, source.said, where)
            for other in given.others:
                if key in other.labels:
                    figures += _beside(key, source, other)
    return AuditFrame("performance", tuple(figures))


def _figures(
    key: str, group: str, source: JudgedSource, said: Said, where: Part | None, prefix: str = ""
) -> list[Figure]:
    """Return the figures of a model on a part of a source's posts."""
    counted = [name for name in LINEAR if name not in RANKED]
    cells = () if prefix else CONFUSION
    every, known = source.posts(said, where), np.isfinite(said.p)
    some, ranked = where, every
    if not known.all():
        some = masked_part(where, known)
        ranked = source.posts(said, some)
    found = {} if every is None else all_measured(every, [*counted, *cells])
    found |= {} if ranked is None else all_measured(ranked, RANKED)
    figures = []
    for name in (*counted, *RANKED, *cells):
        one = found.get(name)
        if one is None:
            figures.append(Figure(key, group, prefix + name, None, source.labels(some if name in RANKED else where)))
        else:
            figures.append(Figure(key, group, prefix + name, one.value, one.n, one.low, one.high, one.kind))
    return figures


def _beside(key: str, source: JudgedSource, other: Other) -> list[Figure]:
    """Return another model's figures on a source's posts, and the audited model's less these."""
    label = other.labels.index(key)
    there = source.row >= 0
    known = np.where(there, other.known[source.row], False) if len(other.known) else there
    tagged = np.where(known, other.marked[source.row, label], False) if len(other.known) else there
    p = np.full(len(known), np.nan)
    if other.proba is not None and known.any():
        p[known] = other.proba[source.row[known], label]
    said, group = Said(p, tagged), f"{source.name}: {other.name}"
    found = _figures(key, group, source, said, known, OTHER)
    for ranked in (False, True):
        part = known & np.isfinite(p) & np.isfinite(source.said.p) if ranked else known
        posts = source.posts(source.said, part)
        for name in LINEAR:
            if (name in RANKED) != ranked:
                continue
            if posts is None:
                found.append(Figure(key, group, name + LESS, None, source.labels(part)))
                continue
            rows = np.flatnonzero(part & np.isfinite(source.y))
            beside = replace(posts, p=p[rows], tagged=tagged[rows])
            one = paired_difference(posts, beside, name)
            found.append(Figure(key, group, name + LESS, one.value, one.n, one.low, one.high))
    return found
