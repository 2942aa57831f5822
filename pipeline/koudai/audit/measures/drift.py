"""Drift: whether what is posted, and what a category takes, changes from one period to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Declaration, Overall, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share, share_among
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.inputs.kept_columns import Periods
from koudai.audit.judging.measured import measured
from koudai.audit.measures import measure
from koudai.audit.trying.two_sample import ToldApart, holm, two_sample_test
from koudai.audit.word_contrast import contrast_words
from koudai.config.train import DEFAULT_STEPS, FeaturesSection
from koudai.cores import side_by_side
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.counted_posts import count_posts
from koudai.training.intervals import PostClusters
from koudai.training.judging.judged import JudgedPosts

MOST_POSTS = 500
MOST_PERIODS = 12
FEWEST_POSTS = 20
SHOWN = 10
HALF = 0.5


@measure(
    "drift",
    needs=("scores", "texts", "period"),
    zh="这个类别随时间变化吗？",
    en="Does the category move?",
    place=82,
    declares=Declaration(
        statistics=(
            named("dated", zh="日期可读的比例", en="dated", unit="share", interval="wilson, effective n"),
            named("alleged", zh="涉嫌帖占比", en="share alleged", unit="share", interval="wilson, effective n"),
            named("auc", zh="AUC", en="AUC", unit="AUC", interval="jackknife with refits"),
            named(
                "auc_of_all",
                zh="全部帖子取同样条数的 AUC",
                en="AUC of as many of all posts",
                unit="AUC",
                interval="jackknife with refits",
            ),
            named(
                "p",
                zh="p 值（Holm 校正）",
                en="p (Holm)",
                unit="probability",
                why=phrase(zh="本身就是检验的结果。", en="It is the result of a test itself."),
            ),
            named("rises", zh="渐多的词（z 值）", en="rises (z)", unit="z"),
            named("falls", zh="渐少的词（z 值）", en="falls (z)", unit="z"),
            named("prevalence", zh="正例占比", en="prevalence", unit="share", interval="wilson, effective n"),
            named(
                "average_precision",
                zh="平均精确率",
                en="average precision",
                unit="score",
                interval="wilson, effective n",
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

    0.5: the periods cannot be told apart; 1: everything is new; below 0.5 is chance as well. For all posts and for
    those alleged of each category, as many of the one period as of the other, at most 500 of each, one of each
    near-duplicate group, in five folds; terms and idf come from the posts fitted on. The classifier is the nearest of
    two means, which is cheap enough to be fitted hundreds of times. An AUC grows with the number of posts: *auc_of_all*
    is that of as many posts of all, and only an AUC above it says that the category takes other things than before
    while all posts do so less; a threshold chosen then may not hold now. *p* is that of such an AUC if posts are dealt
    to the periods at random, with refits, adjusted for all categories and periods (Holm). Intervals include the draw of
    the posts fitted on. *alleged* is the share of a period's posts alleged of the category. *average_precision* and
    *prevalence* are those of the audited model on labelled posts of the period, where labels have dates: a fall of the
    one that the other does not explain means that the model ages. *rises* and *falls* give the words that set the
    latest period apart from the earliest, and the reverse, as under terms, at most ten; n is the number of different
    posts with the word on that side. *dated* is the share of posts with a date that could be read. The twelve latest
    periods are compared; one with fewer than 20 different posts has no AUC. What is new may be the events and not the
    category: read the words.

    Source: Rabanser, Günnemann & Lipton 2019, "Failing loudly: an empirical study of methods for detecting dataset
    shift"; Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample tests"; Kim et al. 2021, "Classification accuracy
    as a proxy for two-sample testing"; Holm 1979; Monroe, Colaresi & Quinn 2008.

    中文
    只凭文字，分不分得出一条帖子属于相邻两个时段中的哪一个：以分类器的 AUC 衡量，0.5 到 1。0.5 表示两个时段没有差别，1
    表示内容全换了；低于 0.5 也只是随机波动。分别对全部帖子和各涉嫌类别计算：两个时段取同样多的帖子，各至多 500 条，近
    重复的只取一条，五折，词表和 idf 只从训练帖里学。分类器是“离哪边的平均更近”，用词和一到三个字的片段，便宜到可以重
    新训练几百次。AUC 会随条数增大，所以另给 “全部帖子取同样条数的 AUC”，即从全部帖子里取同样条数时的 AUC：只有类别的
    AUC 高出它，才说明这个类别装的东西变了，而全部帖子变得没那么多，当初定的阈值未必还适用。p 是把帖子随机分到两个时段
    （并重新训练）时出现这么大的 AUC 的概率，已对所有类别和时段作 Holm 校正。区间计入训练帖的抽样。“涉嫌帖占比”是该时
    段帖子里涉嫌某类别的比例。平均精确率与正例占比是受审模型在该时段有人工标注的帖子上的数值（标注须有日期）：前者下降
    而后者不足以解释，说明模型老化了。“渐多的词”列出最近一期区别于最早一期的词，“渐少的词”反之，算法同“哪些词撑起了这
    个类别”，至多 10 个；n 为该期含该词的、互不重复的帖子数。“日期可读的比例”即日期能读出的帖子所占比例。只比较最近的
    12 个时段；互不重复的帖子不足 20 条的时段没有 AUC。新出现的可能只是事件，而不是类别本身变了，要看具体的词。
    """
    if given.period is None or given.texts is None:
        return AuditFrame("drift", ())
    names, place = given.period.cut()
    figures = [clustered_share(ALL, ALL, "dated", place >= 0, given.clusters)]
    if not names:
        return AuditFrame("drift", tuple(figures))
    first = max(0, len(names) - MOST_PERIODS)
    pairs = [(at, f"{names[at]} / {names[at + 1]}") for at in range(first, len(names) - 1)]
    parts = [(ALL, np.ones(len(place), dtype=bool))]
    parts += [(key, given.alleged[:, column]) for column, key in enumerate(given.categories)]
    told = _told(parts, pairs, place, given)
    of_period = {at: np.flatnonzero(place == at) for at in range(first, len(names))}
    posts = {
        at: PostClusters.of(None if given.clusters is None else given.clusters[some], n=len(some))
        for at, some in of_period.items()
    }
    for key, rows in parts:
        if key != ALL:
            figures += [share_among(key, names[at], "alleged", rows[some], posts[at]) for at, some in of_period.items()]
        for _, group in pairs:
            figures += told[key, group]
        if len(names) > 1:
            figures += _words(key, rows & (place == first), rows & (place == len(names) - 1), given)
    if given.labelled is not None:
        figures += _by_period(given.labelled, given.period, given)
    return AuditFrame("drift", tuple(figures))


def _told(
    parts: list[tuple[str, NDArray[np.bool_]]],
    pairs: list[tuple[int, str]],
    place: NDArray[np.int64],
    given: AuditInput,
) -> dict[tuple[str, str], list[Figure]]:
    """Return for each part of the posts and each pair of periods how well the two are told apart."""
    in_order = {group: _in_order((place == at) | (place == at + 1), place, given) for at, group in pairs}
    sides = {
        (key, group): _sides(posts[rows[posts]], place, given)
        for key, rows in parts
        for group, posts in in_order.items()
    }
    used = [np.concatenate([side[:MOST_POSTS] for side in two]) for two in sides.values() if _enough(two)]
    union = np.unique(np.concatenate([np.empty(0, np.intp), *used]))
    posts = Normalizer(DEFAULT_STEPS).many(of_texts([(given.texts or [])[i] for i in union]))
    counted = count_posts(posts, FeaturesSection(chars=(1, 3)), Segmenter()).merged()
    sizes = {name: min(MOST_POSTS, *map(len, two)) for name, two in sides.items() if _enough(two)}
    of_all = [(ALL, group, size) for (_, group), size in sizes.items()]
    asked = list(dict.fromkeys([*of_all, *((*name, size) for name, size in sizes.items())]))

    def told(one: tuple[NDArray[np.intp], np.random.Generator]) -> ToldApart:
        rows, random = one
        return two_sample_test(counted.take(rows), np.arange(len(rows)) >= len(rows) // 2, generator=random)

    tests = [
        (
            np.searchsorted(union, np.concatenate([side[:size] for side in sides[key, group]])),
            given.generator(f"drift {group} {size}"),
        )
        for key, group, size in asked
    ]
    known = dict(zip(asked, side_by_side(told, tests), strict=True))
    found: dict[tuple[str, str], list[Figure]] = {}
    p: dict[tuple[str, str], tuple[float, int]] = {}
    for (key, group), two in sides.items():
        if (key, group) not in sizes:
            found[key, group] = [Figure(key, group, "auc", None, sum(map(len, two)))]
            continue
        size = sizes[key, group]
        mine, every = known[key, group, size], known[ALL, group, size]
        found[key, group] = [Figure(key, group, "auc", mine.auc, 2 * size, mine.low, mine.high)]
        if key != ALL:
            found[key, group].append(Figure(key, group, "auc_of_all", every.auc, 2 * size, every.low, every.high))
        p[key, group] = mine.p, 2 * size
    for name, value in zip(p, holm(np.array([one for one, _ in p.values()])), strict=True):
        found[name].append(Figure(*name, "p", float(value), p[name][1]))
    return found


def _in_order(rows: NDArray[np.bool_], place: NDArray[np.int64], given: AuditInput) -> NDArray[np.intp]:
    """Return the posts at `rows` by near-duplicate group, in each that one first of whose period the group is: one that
    is drawn at random.
    """
    texts = given.scored_texts
    posts = np.flatnonzero(rows)
    rank = texts.trial_rank[posts]
    turn = np.where(rank % 2, place[posts], -place[posts])
    return posts[np.lexsort((turn, rank, texts.groups[posts]))]


def _sides(posts: NDArray[np.intp], place: NDArray[np.int64], given: AuditInput) -> list[NDArray[np.intp]]:
    """Return the different posts of the earlier and of the later period among posts in the order of `_in_order`, in the
    order to take them in.
    """
    if not len(posts):
        return [posts, posts]
    first, last = place[posts].min(), place[posts].max()
    group, texts = given.scored_texts.groups[posts], given.scored_texts
    posts = posts[np.append(True, group[1:] != group[:-1])]
    posts = posts[np.argsort(texts.trial_rank[posts])]
    if first == last:
        return [posts, posts[:0]]
    early = place[posts] == first
    return [posts[early], posts[~early]]


def _enough(sides: list[NDArray[np.intp]]) -> bool:
    return min(map(len, sides)) >= FEWEST_POSTS


def _words(key: str, early: NDArray[np.bool_], late: NDArray[np.bool_], given: AuditInput) -> list[Figure]:
    if not given.words or min(int(early.sum()), int(late.sum())) < FEWEST_POSTS:
        return []
    contrast = contrast_words(given.scored_texts, late, early)
    return contrast.figures(key, "rises", most=SHOWN) + contrast.reversed().figures(key, "falls", most=SHOWN)


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
            figures.append(clustered_share(key, f"labelled {names[at]}", "prevalence", y == 1, labelled.cluster[rows]))
            p = labelled.proba[rows, column].astype(np.float64)
            places = np.arange(len(y))
            posts = JudgedPosts(y.astype(np.float64), p, p >= HALF, places, labelled.cluster[rows])
            found = measured(posts, "average_precision")
            figures.append(
                Figure(key, f"labelled {names[at]}", "average_precision", found.value, found.n, found.low, found.high)
            )
    return figures
