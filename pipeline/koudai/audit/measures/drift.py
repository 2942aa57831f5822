"""Drift: whether what is posted, and what a category takes, changes from one period to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Declaration, Overall, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.inputs.kept_columns import Periods
from koudai.audit.measures import measure
from koudai.audit.measures.terms import significant, weighted_log_odds
from koudai.audit.trying.content import content_of
from koudai.training.evaluate import evaluate

MOST_POSTS = 2000
MOST_PERIODS = 12
FEWEST_POSTS = 20
SHOWN = 10


@measure(
    "drift",
    needs=("scores", "texts", "period"),
    zh="这个类别随时间变化吗？",
    en="Does the category move?",
    place=78,
    declares=Declaration(
        statistics=(
            named("dated", zh="日期可读的比例", en="dated", unit="share", interval="wilson"),
            named("alleged", zh="涉嫌帖占比", en="share alleged", unit="share", interval="wilson"),
            named("auc", zh="AUC", en="AUC", unit="AUC", interval="bootstrap over groups"),
            named("rises", zh="渐多的词（z 值）", en="rises (z)", unit="z"),
            named("falls", zh="渐少的词（z 值）", en="falls (z)", unit="z"),
            named("prevalence", zh="正例占比", en="prevalence", unit="share", interval="wilson"),
            named(
                "average_precision",
                zh="平均精度",
                en="average precision",
                unit="score",
                interval="bootstrap over groups",
            ),
        ),
        overall=(
            Overall(
                phrase(zh="最近两个时段能否分开（AUC）", en="Latest two periods told apart (AUC)"),
                statistic="auc",
                place=30,
                last=True,
            ),
        ),
        charts=(
            Chart(
                "shares-by-period",
                kind="bars",
                name=phrase(zh="各时段的涉嫌占比", en="Share alleged by period"),
                explanation=phrase(zh="按时间先后；只画最近的时段。", en="In order of time; the latest periods only."),
                statistics=("alleged",),
                place=100,
                order="given",
                of=phrase(zh="时段", en="period"),
                axis=phrase(zh="涉嫌占比", en="share alleged"),
            ),
        ),
    ),
)
def drift(given: AuditInput) -> AuditFrame:
    """How well words alone tell which of two neighbouring periods a post is from: the AUC of a classifier, 0.5 to 1.

    0.5: the periods cannot be told apart; 1: everything is new. For all posts and for those alleged of each category,
    by five-fold cross-validation with near-duplicates in one fold, on at most 2,000 posts of each period; below 0.5 is
    chance as well. If a category's AUC is above that of all posts, it takes other things than before, and a threshold
    chosen then may not hold now. *alleged* is the share of a period's posts alleged of the category (Wilson interval).
    *average_precision* and *prevalence* are those of the audited model on labelled posts of the period, where labels
    have dates: a fall of the one that the other does not explain means that the model ages. *rises* and *falls* give
    the words that set the latest period apart from the earliest, and the reverse, by the z of weighted log-odds at a
    false discovery rate of 5 % each, at most ten; n is the number of posts with the word on that side. *dated* is the
    share of posts with a date that could be read. The twelve latest periods are compared. What is new may be the
    events and not the category: read the words. Intervals of AUC and average precision: bootstrap over near-duplicate
    groups.

    Source: Rabanser, Günnemann & Lipton 2019, "Failing loudly: an empirical study of methods for detecting dataset
    shift"; Monroe, Colaresi & Quinn 2008; Benjamini & Hochberg 1995.

    中文
    只凭文字，分不分得出一条帖子属于相邻两个时段中的哪一个：以分类器的 AUC 衡量，0.5 到 1。0.5 表示两个时段没有差
    别，1 表示内容全换了；低于 0.5 也只是随机波动。分别对全部帖子和各涉嫌类别计算，五折交叉验证，近重复不跨折，每个时
    段至多 2000 条。如果某类别的 AUC 高于全部帖子的，说明它装的东西变了，当初定的阈值未必还适用。alleged 是该时段帖子
    里涉嫌某类别的比例（Wilson 区间）。average_precision 和 prevalence 是受审模型在该时段有标签帖子上的平均精度与正例
    占比（标签须有日期）：前者下降而后者不足以解释，说明模型老化了。rises 与 falls 列出最近一期区别于最早一期的词，以
    及反过来的词，按加权对数几率的 z 值，错误发现率各控制在 5%，至多 10 个；n 为该期含该词的帖子数。dated 是日期可读的
    帖子所占比例。只比较最近的 12 个时段。新出现的可能只是事件，而不是类别本身变了，要看具体的词。AUC 与平均精度的区间
    用自助法求得，按近重复组抽样。
    """
    if given.period is None or given.texts is None:
        return AuditFrame("drift", ())
    names, place = given.period.cut()
    figures = [share(ALL, ALL, "dated", int((place >= 0).sum()), len(place))]
    if not names:
        return AuditFrame("drift", tuple(figures))
    first = max(0, len(names) - MOST_PERIODS)
    parts = [(ALL, np.ones(len(place), dtype=bool))]
    parts += [(key, given.alleged[:, column]) for column, key in enumerate(given.categories)]
    for key, rows in parts:
        if key != ALL:
            figures += [
                share(key, names[at], "alleged", int((rows & (place == at)).sum()), int((place == at).sum()))
                for at in range(first, len(names))
            ]
        for at in range(first, len(names) - 1):
            before, after = (np.flatnonzero(rows & (place == one)) for one in (at, at + 1))
            figures.append(_told_apart(key, f"{names[at]} / {names[at + 1]}", before, after, given))
        if len(names) > 1:
            figures += _words(key, rows & (place == first), rows & (place == len(names) - 1), given)
    if given.labelled is not None:
        figures += _by_period(given.labelled, given.period, given)
    return AuditFrame("drift", tuple(figures))


def _told_apart(key: str, group: str, before: NDArray[np.intp], after: NDArray[np.intp], given: AuditInput) -> Figure:
    random = given.generator(f"drift {group}")
    sides = [
        np.sort(random.choice(rows, MOST_POSTS, replace=False)) if len(rows) > MOST_POSTS else rows
        for rows in (before, after)
    ]
    rows = np.concatenate(sides)
    y = np.repeat(np.array([0, 1], dtype=np.int8), [len(side) for side in sides])
    if min(map(len, sides)) < FEWEST_POSTS:
        return Figure(key, group, "auc", None, len(y))
    content = content_of([(given.texts or [])[i] for i in rows])
    return content.auc(y, key, group, "auc", seed=given.seed)


def _words(key: str, early: NDArray[np.bool_], late: NDArray[np.bool_], given: AuditInput) -> list[Figure]:
    if not given.words or min(int(early.sum()), int(late.sum())) < FEWEST_POSTS:
        return []
    counts, vocabulary = given.scored_texts.word_counts
    before, after = (np.asarray(counts[rows].sum(axis=0)).ravel().astype(np.float64) for rows in (early, late))
    here = before + after > 0
    z = np.zeros(len(vocabulary))
    z[here] = weighted_log_odds(after[here], before[here])
    figures = []
    for name, side, rows in (("rises", z, late), ("falls", -z, early)):
        posts = np.bincount(counts[rows].indices, minlength=len(vocabulary))
        kept = np.flatnonzero(here)[significant(side[here])]
        shown = sorted(kept, key=lambda i: (-side[i], vocabulary[i]))[:SHOWN]  # noqa: B023
        figures += [Figure(key, vocabulary[i], name, float(side[i]), int(posts[i])) for i in shown]
    return figures


def _by_period(labelled: Labelled, period: Periods, given: AuditInput) -> list[Figure]:
    if labelled.date is None:
        return []
    names, place = period.cut(labelled.date)
    figures = []
    for column, key in enumerate(given.categories):
        known = (labelled.labels[:, column] >= 0) & np.isfinite(labelled.proba[:, column])
        for at in range(max(0, len(names) - MOST_PERIODS), len(names)):
            rows = known & (place == at)
            y = labelled.labels[rows, column]
            if not len(y):
                continue
            figures.append(share(key, f"labelled {names[at]}", "prevalence", int((y == 1).sum()), len(y)))
            (found,) = evaluate(
                y,
                labelled.proba[rows, column].astype(np.float64),
                threshold=0.5,
                groups=labelled.group[rows],
                seed=given.seed,
                metrics=("average_precision",),
                resamples=200,
            )
            figures.append(
                Figure(key, f"labelled {names[at]}", found.metric, found.value, found.n, found.low, found.high)
            )
    return figures
