"""Outcome: whether identical posts met identical fates, and what became of posts under each category."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Component, Declaration, Overall, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, SILENT, Outcomes
from koudai.audit.measures import measure
from koudai.audit.measures.terms import SHOWN, significant, weighted_log_odds
from koudai.audit.trying.content import content_of
from koudai.corpus.near_duplicates.groups import identical_groups, near_duplicate_groups
from koudai.text.utf8 import of_texts

PERMUTATIONS = 500
MOST_POSTS = 6000
MOST_PAIRS = 20
NOT_ALLEGED = "(nothing alleged)"


@measure(
    "outcome",
    needs=("scores", "texts", "outcome"),
    zh="同样的帖子，下场一样吗？",
    en="Do identical posts meet identical fates?",
    place=73,
    declares=Declaration(
        statistics=(
            named("different", zh="下场不同的比例", en="different outcomes", unit="share", interval="wilson"),
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
            named("removed", zh="被平台删除或屏蔽", en="removed by the platform", unit="share", interval="wilson"),
            named("kept", zh="保留", en="kept", unit="share", interval="wilson"),
            named("not_moderation", zh="非平台处置", en="not moderation", unit="share", interval="wilson"),
            named("auc", zh="AUC", en="AUC", unit="AUC", interval="bootstrap over groups"),
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
                phrase(zh="相同的帖子下场不同；竖线为随机", en="Same post, different fate; tick: by chance"),
                statistic="different",
                place=20,
                groups=("identical", "near-identical"),
                reference="different_by_chance",
            ),
        ),
        groups={
            NOT_ALLEGED: phrase(zh="（没有标签）", en="(nothing alleged)"),
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
    was not removed; *different_moderation* looks only at what the platform did. *different_by_chance* is the mean share
    when outcomes are dealt out at random to the same posts (500 times; 2.5 % and 97.5 %): an observed share inside that
    range means that what a post says did not decide its fate. Pairs of outcomes that met in one post follow.
    *removed*, *kept* and *not_moderation* are shares of the posts with a recorded outcome, by category alleged, and add
    up to 1. What an author took down is never counted as moderation. *auc* says how well words alone tell removed posts
    from kept ones, or from those of another outcome named there: 0.5 as a coin, 1 surely; five folds, near-duplicates
    in one, at most 6,000 posts, bootstrap over near-duplicate groups. *z* gives the words that set removed posts apart
    from all others with an outcome, as under terms; n the removed posts with the word. A rule applied to words alone
    would treat copies alike: a difference shows that something else decided, such as time, account, complaint or luck.

    Source: Bamman, O'Connor & Smith 2012, "Censorship and deletion practices in Chinese social media"; Wilson 1927;
    Monroe, Colaresi & Quinn 2008; Benjamini & Hochberg 1995.

    中文
    重复出现的帖子里，各份下场不同的比例（0 到 1），旁边是纯属随机时会有的比例。identical：去掉链接、空白、标点、大小
    写和全半角差别后完全相同；near-identical：由字符 5 元组 Jaccard 相似度不低于 0.7 的帖子对连成的一组。n 是至少有两
    份记录了结果的重复帖数，每种只算一次，区间是在这些帖子上的 Wilson 区间。different 计入所有记录的结果，作者自己删除
    也算一种，因为留给作者自己去删的那一份并没有被平台删掉；different_moderation 只看平台做了什
    么。different_by_chance 是把结果随机分给同样这些帖子时的平均比例（500 次；2.5% 与 97.5% 分位数）：实际比例落在这个
    范围里，说明帖子写了什么并不决定它的下场。随后列出在同一帖上相遇的结果组合。removed、kept、not_moderation 是有记录
    的帖子中各种结果的比例，按涉嫌类别分列，三者之和为 1。作者自己删除的，任何时候都不算平台处置。auc 表示只凭文字能不
    能分出被删的帖子与保留的（或所写的另一种结果的）帖子：0.5 等于抛硬币，1 为完全分得出；五折，近重复不跨折，至
    多 6000 条，区间用自助法求得，按近重复组抽样。z 列出被删帖子区别于其他有结果帖子的词，算法同“哪些词撑起了这个类
    别”，n 为含该词的被删帖子数。只看文字的规则会一视同仁；下场不同，说明起作用的是别的东西：时间、账号、投诉，或者运
    气。
    """
    found = given.outcome
    if found is None or given.texts is None:
        return AuditFrame("outcome", ())
    posts = of_texts(given.texts)
    near = near_duplicate_groups(posts)
    figures = [
        *_fates("identical", identical_groups(posts), found, given),
        *_fates("near-identical", near, found, given),
        *_rates(found, given),
        *_content(near, found, given),
        *_words(found, given),
    ]
    return AuditFrame("outcome", tuple(figures))


def differing(value: NDArray[np.int64], group: NDArray[np.int64]) -> tuple[int, int]:
    """Return how many groups of two posts or more hold more than one value, and how many such groups there are.

    Parameters
    ----------
    value, group : ndarray of int64, shape (n_posts,)
        The outcome of each post and the group it is in, each 0 and up.

    Examples
    --------
    >>> differing(np.array([0, 1, 0, 0]), np.array([0, 0, 1, 1]))
    (1, 2)
    """
    if not len(value):
        return 0, 0
    repeated = np.bincount(group) >= 2
    least = np.full(len(repeated), np.iinfo(np.int64).max)
    most = np.full(len(repeated), -1)
    np.minimum.at(least, group, value)
    np.maximum.at(most, group, value)
    return int((repeated & (most != least)).sum()), int(repeated.sum())


def _repeated(group: NDArray[np.int64], rows: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the posts among `rows` of groups that have two of them or more, and the number of each one's group."""
    places = np.flatnonzero(rows)
    _, number, counts = np.unique(group[places], return_inverse=True, return_counts=True)
    places = places[counts[number] >= 2]
    return places, np.unique(group[places], return_inverse=True)[1].astype(np.int64)


def _fates(name: str, group: NDArray[np.int64], found: Outcomes, given: AuditInput) -> list[Figure]:
    places, number = _repeated(group, found.recorded)
    values, value = np.unique(found.value[places].astype(str), return_inverse=True)
    names = [str(one) for one in values]
    moderated, its_number = _repeated(group, (found.fate == REMOVED) | (found.fate == KEPT))
    its_value = np.unique(found.value[moderated].astype(str), return_inverse=True)[1]
    hits, n = differing(value, number)
    figures = [
        share(ALL, name, "different", hits, n),
        share(ALL, name, "different_moderation", *differing(its_value, its_number)),
    ]
    pool = np.unique(found.value[found.recorded].astype(str), return_inverse=True)[1]
    random = given.generator("outcome")
    shares = [
        differing(random.choice(pool, len(places), replace=False), number)[0] / n
        for _ in range(PERMUTATIONS if n else 0)
    ]
    if n:
        low, high = np.percentile(shares, [2.5, 97.5])
        figures.append(Figure(ALL, name, "different_by_chance", float(np.mean(shares)), n, float(low), float(high)))
    met = np.zeros((n, len(names)), dtype=bool)
    met[number, value] = True
    pairs = [(a, b, int((met[:, a] & met[:, b]).sum())) for a in range(len(names)) for b in range(a + 1, len(names))]
    shown = sorted((pair for pair in pairs if pair[2]), key=lambda pair: (-pair[2], pair[:2]))[:MOST_PAIRS]
    return figures + [share(ALL, f"{name}: {names[a]} / {names[b]}", "different", count, n) for a, b, count in shown]


def _rates(found: Outcomes, given: AuditInput) -> list[Figure]:
    alleged: NDArray[np.bool_] = np.asarray(given.alleged.any(axis=1))
    parts: list[tuple[str, str, NDArray[np.bool_]]] = [
        (ALL, ALL, np.ones_like(alleged)),
        (ALL, NOT_ALLEGED, ~alleged),
    ]
    parts += [(key, ALL, given.alleged[:, column]) for column, key in enumerate(given.categories)]
    figures = []
    for key, group, rows in parts:
        n = int((rows & found.recorded).sum())
        for name, fate in (("removed", REMOVED), ("kept", KEPT), ("not_moderation", SILENT)):
            figures.append(share(key, group, name, int((rows & (found.fate == fate)).sum()), n))
    return figures


def _content(near: NDArray[np.int64], found: Outcomes, given: AuditInput) -> list[Figure]:
    sides = [("kept", found.fate == KEPT)]
    sides += [(value, found.value == value) for value in sorted(set(found.value[found.fate == SILENT].astype(str)))]
    removed = found.fate == REMOVED
    figures = []
    for name, others in sides:
        if not removed.any() or not others.any():
            continue
        rows = np.flatnonzero(removed | others)
        if len(rows) > MOST_POSTS:
            rows = np.sort(given.generator("outcome content").choice(rows, MOST_POSTS, replace=False))
        content = content_of([(given.texts or [])[i] for i in rows], near[rows])
        y = removed[rows].astype(np.int8)
        figures.append(content.auc(y, ALL, f"removed / {name}", "auc", seed=given.seed))
    return figures


def _words(found: Outcomes, given: AuditInput) -> list[Figure]:
    removed = found.fate == REMOVED
    others = found.recorded & ~removed
    if not given.words or not removed.any() or not others.any():
        return []
    counts, vocabulary = given.scored_texts.word_counts
    inside, outside = (np.asarray(counts[rows].sum(axis=0)).ravel().astype(np.float64) for rows in (removed, others))
    z = weighted_log_odds(inside, outside)
    posts = np.bincount(counts[removed].indices, minlength=len(vocabulary))
    kept = sorted(np.flatnonzero(significant(z)), key=lambda i: (-z[i], vocabulary[i]))[:SHOWN]
    return [Figure(ALL, vocabulary[place], "z", float(z[place]), int(posts[place])) for place in kept]
