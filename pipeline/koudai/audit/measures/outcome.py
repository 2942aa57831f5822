"""Outcome: whether identical posts met identical fates, and what became of posts under each category."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Component, Declaration, Overall, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share_among
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, SILENT, Outcomes
from koudai.audit.measures import measure
from koudai.audit.measures.terms import SHOWN
from koudai.audit.odds_ratio import odds_ratio
from koudai.audit.repeated_fates import RepeatedFates
from koudai.audit.trying.content import content_of
from koudai.audit.word_contrast import contrast_words
from koudai.training.intervals import PostClusters

MOST_POSTS = 3000
MOST_ON_A_SIDE = 10_000
SPANS = {"same month": "M", "same day": "D"}
NOT_ALLEGED, ABSTAINED = "(nothing alleged)", "(abstained)"


@measure(
    "outcome",
    needs=("scores", "texts", "outcome"),
    zh="相同帖子的处置一致吗？",
    en="Do identical posts meet identical fates?",
    place=73,
    declares=Declaration(
        statistics=(
            named("different", zh="处置结果不同的比例", en="different outcomes", unit="share", interval="wilson"),
            named(
                "different_moderation",
                zh="平台处置不同的比例",
                en="different moderation",
                unit="share",
                interval="wilson",
            ),
            named(
                "different_by_chance", zh="随机时的比例", en="different by chance", unit="share", interval="by chance"
            ),
            named(
                "different_moderation_by_chance",
                zh="随机时平台处置不同的比例",
                en="different moderation by chance",
                unit="share",
                interval="by chance",
            ),
            named(
                "removed",
                zh="被平台删除或屏蔽",
                en="removed by the platform",
                unit="share",
                interval="wilson, effective n",
            ),
            named("kept", zh="保留", en="kept", unit="share", interval="wilson, effective n"),
            named("not_moderation", zh="非平台处置", en="not moderation", unit="share", interval="wilson, effective n"),
            named(
                "odds_ratio", zh="被删的优势比", en="odds ratio of removal", unit="number", interval="cluster-robust"
            ),
            named(
                "odds_ratio_adjusted",
                zh="被删的优势比（控制月份、长度、分组）",
                en="odds ratio, month, length and group being equal",
                unit="number",
                interval="cluster-robust",
            ),
            named("auc", zh="AUC", en="AUC", unit="AUC", interval="jackknife with refits"),
            named(
                "auc_months_held_out",
                zh="整月留出的 AUC",
                en="AUC, whole months held out",
                unit="AUC",
                why=phrase(
                    zh="月份才是抽样单位，而月份太少。", en="Months are the unit here, and there are too few of them."
                ),
            ),
            named("z", zh="z 值", en="z", unit="z"),
        ),
        components=(
            Component(
                "outcome",
                name=phrase(zh="被删", en="Removed"),
                brief=phrase(zh="涉嫌帖中被平台处置", en="of alleged posts, by the platform"),
                explanation=phrase(
                    zh="涉嫌帖中被平台删除或屏蔽的比例；作者自己删的不算。",
                    en="The share of alleged posts that the platform removed; what authors took down is not counted.",
                ),
                section="how-much",
                place=30,
                pick=Pick("removed"),
            ),
        ),
        overall=(
            Overall(
                phrase(zh="相同的帖子处置结果不同；竖线为随机", en="Same post, different fate; tick: by chance"),
                statistic="different",
                place=20,
                groups=("identical", "near-identical"),
                reference="different_by_chance",
            ),
        ),
        groups={
            NOT_ALLEGED: phrase(zh="（未标记）", en="(nothing alleged)"),
            ABSTAINED: phrase(zh="（拒判）", en="(abstained)"),
            "any post": phrase(zh="任意帖", en="any post"),
            "repeated posts": phrase(zh="重复帖之间", en="repeated posts"),
            "same month": phrase(zh="同月", en="same month"),
            "same day": phrase(zh="同日", en="same day"),
            "identical": phrase(zh="完全相同", en="identical"),
            "near-identical": phrase(zh="近重复", en="near-identical"),
        },
    ),
)
def outcome(given: AuditInput) -> AuditFrame:
    """Share of repeated posts whose copies met different outcomes, from 0 to 1, beside what chance would give.

    *identical* posts are the same after links, white space, punctuation, case and width are taken out; *near-identical*
    ones are joined by a chain of pairs whose character 5-grams have a Jaccard similarity of 0.7 or more. n is the
    number of repeated posts with two recorded copies or more, each counted once, and the interval is Wilson's over
    them. *different* counts every recorded outcome, the author's own act among them, because a copy left to its author
    was not removed; *different_moderation* looks only at what the platform did. *different_by_chance* and
    *different_moderation_by_chance* are the mean shares when outcomes are dealt out at random, worked out exactly, with
    the range of nineteen shares in twenty: an observed share inside that range means that what a post says did not
    decide its fate. Four rules of chance are told: outcomes of *any post*, of *repeated posts* alone, of posts of the
    *same month* or of the *same day*. The one that stands beside the share is that of the same month, where there are
    dates, and else that of repeated posts. More copies leave more room to differ. Pairs of outcomes that met in one
    post follow.

    *removed*, *kept* and *not_moderation* are shares of the posts with a recorded outcome, by category alleged, of
    those of which nothing is alleged, and of those on which the model abstained. What an author took down is never
    counted as moderation. *odds_ratio* compares the odds of removal of posts alleged of the category with posts of
    which nothing is alleged (1: the same), *odds_ratio_adjusted* does so among posts of the same month, length and
    group (if any is given), by logistic regression, at most 10,000 posts on either side: what it loses against the
    first is what these explain; intervals are cluster-robust. *auc* says how well words alone tell removed posts from
    kept ones, or from those of another outcome named there: 0.5 as a coin, 1 surely; cross-validated as under
    learnability, at most 3,000 posts. *auc_months_held_out* is the same for months that were not fitted on: what is
    lost are words of the weeks. *z* gives the words that set removed posts apart from all others with an outcome, as
    under terms; n the different removed posts with the word. A rule applied to words alone would treat copies alike: a
    difference shows that something else decided, such as time, account, complaint or luck.

    Source: Bamman, O'Connor & Smith 2012, "Censorship and deletion practices in Chinese social media"; Wilson 1927;
    Liang & Zeger 1986 (cluster-robust intervals); Monroe, Colaresi & Quinn 2008.

    中文
    重复出现的帖子里，各份处置结果不同的比例（0 到 1），旁边是纯属随机时会有的比例。“完全相同”（identical）：去掉链
    接、空白、标点、大小写和全半角差别后完全相同；“近重复”（near-identical）：由字符 5 元组 Jaccard 相似度不低于 0.7
    的帖子对连成的一组。n 是至少有两份记录了结果的重复帖数，每种只算一次，区间是在这些帖子上的 Wilson 区间。“处置结果
    不同的比例”计入所有记录的结果，作者自己删除也算一种，因为留给作者自己去删的那一份并没有被平台删掉；“平台处置不同的
    比例”只看平台做了什么。两项“随机时”的比例是把结果随机分给这些帖子时的平均比例（精确计算），并给出二十次里十九次会
    落入的范围：实际比例落在这个范围里，说明帖子写了什么并不决定它的处置结果。随机的办法列出四种：从任意帖、只从重复
    帖、从同月的帖、从同日的帖里抽取结果；与实际比例并列的，有日期时用同月，没有日期时用重复帖。份数越多，越容易出现不
    同。随后列出在同一帖上相遇的结果组合。

    “被平台删除或屏蔽”“保留”“非平台处置”是有记录的帖子中各种结果的比例，按涉嫌类别分列，未标记的和模型拒判的也各自单
    列。作者自己删除的，任何时候都不算平台处置。“被删的优势比”是涉嫌该类的帖子与未标记的帖子相比被删的优势比（1 表示一
    样）；带“控制”的一项在月份、长度和分组（如有）相同的前提下比较，用逻辑回归，两边各至多 10000 条：比前者少掉的部分
    就是这些因素能解释的；区间按簇稳健估计。AUC 表示只凭文字能不能分出被删的帖子与保留的（或所写的另一种结果的）帖子：
    0.5 为随机水平，1 为完全分得出；交叉验证方法同“可学习性”，至多 3000 条。“整月留出的 AUC”把整月的帖子留出来测：少掉
    的部分来自那几周特有的词。z 值列出被删帖子区别于其他有结果帖子的词，算法同“哪些词撑起了这个类别”，n 为含该词的、互
    不重复的被删帖子数。只看文字的规则会一视同仁；处置结果不同，说明起作用的是别的东西：时间、账号、投诉，或者运气。
    """
    found = given.outcome
    if found is None or given.texts is None:
        return AuditFrame("outcome", ())
    fates = RepeatedFates(found, _same(given), given.generator("outcome"))
    figures = [
        *fates.figures("identical", given.scored_texts.identical),
        *fates.figures("near-identical", given.scored_texts.groups),
        *_rates(found, given),
        *_odds(found, given),
        *_content(found, given),
        *_words(found, given),
    ]
    return AuditFrame("outcome", tuple(figures))


def _same(given: AuditInput) -> dict[str, NDArray[np.int64]]:
    """Return the month and the day of each post, if there are dates; posts without one are of one more."""
    if given.period is None:
        return {}
    return {name: given.period.date.astype(f"datetime64[{unit}]").astype(np.int64) for name, unit in SPANS.items()}


def _rates(found: Outcomes, given: AuditInput) -> list[Figure]:
    nothing = ~given.alleged.any(axis=1)
    parts: list[tuple[str, str, NDArray[np.bool_]]] = [
        (ALL, ALL, np.ones_like(nothing)),
        (ALL, NOT_ALLEGED, nothing & ~given.abstained),
        (ALL, ABSTAINED, nothing & given.abstained),
    ]
    parts += [(key, ALL, given.alleged[:, column]) for column, key in enumerate(given.categories)]
    figures = []
    for key, group, rows in parts:
        rows = rows & found.recorded
        posts = PostClusters.of(None if given.clusters is None else given.clusters[rows], n=int(rows.sum()))
        for name, fate in (("removed", REMOVED), ("kept", KEPT), ("not_moderation", SILENT)):
            figures.append(share_among(key, group, name, found.fate[rows] == fate, posts))
    return figures


def _odds(found: Outcomes, given: AuditInput) -> list[Figure]:
    clusters = given.scored_texts.groups if given.clusters is None else given.clusters
    length = np.log1p(given.scored_texts.posts.lengths().astype(np.float64))
    levels = [*(month for name, month in _same(given).items() if name == "same month")]
    if given.groups is not None:
        levels.append(np.unique(given.groups.astype(str), return_inverse=True)[1])
    nothing = ~given.alleged.any(axis=1) & ~given.abstained
    figures = []
    for column, key in enumerate(given.categories):
        tag = given.alleged[:, column]
        rows = np.concatenate([_some(tag & found.recorded, given), _some(nothing & found.recorded, given)])
        removed = found.fate[rows] == REMOVED
        for name, covariates in (
            ("odds_ratio", {}),
            ("odds_ratio_adjusted", {"levels": tuple(one[rows] for one in levels), "numbers": (length[rows],)}),
        ):
            ratio = odds_ratio(removed, tag[rows], clusters=clusters[rows], **covariates)
            figures.append(Figure(key, ALL, name, ratio.value, ratio.n, ratio.low, ratio.high))
    return figures


def _some(rows: NDArray[np.bool_], given: AuditInput) -> NDArray[np.intp]:
    places = np.flatnonzero(rows)
    if len(places) <= MOST_ON_A_SIDE:
        return places
    return np.sort(given.generator("outcome odds").choice(places, MOST_ON_A_SIDE, replace=False))


def _content(found: Outcomes, given: AuditInput) -> list[Figure]:
    sides = [("kept", found.fate == KEPT)]
    sides += [(value, found.value == value) for value in sorted(set(found.value[found.fate == SILENT].astype(str)))]
    removed, near, months = found.fate == REMOVED, given.scored_texts.groups, _same(given).get("same month")
    figures = []
    for name, others in sides:
        if not removed.any() or not others.any():
            continue
        rows = np.flatnonzero(removed | others)
        if len(rows) > MOST_POSTS:
            rows = np.sort(given.generator("outcome content").choice(rows, MOST_POSTS, replace=False))
        clusters = None if given.clusters is None else given.clusters[rows]
        content = content_of([(given.texts or [])[i] for i in rows.tolist()], near[rows], clusters)
        y, group = removed[rows].astype(np.int8), f"removed / {name}"
        figures.append(content.auc(y, ALL, group, "auc", seed=given.seed))
        if months is not None and content.enough(y):
            value = content.auc_apart(y, months[rows], seed=given.seed)
            figures.append(Figure(ALL, group, "auc_months_held_out", value, len(rows)))
    return figures


def _words(found: Outcomes, given: AuditInput) -> list[Figure]:
    removed = found.fate == REMOVED
    others = found.recorded & ~removed
    if not given.words or not removed.any() or not others.any():
        return []
    return contrast_words(given.scored_texts, removed, others).figures(ALL, "z", most=SHOWN)
