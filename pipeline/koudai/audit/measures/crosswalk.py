"""Crosswalk: what a category of one taxonomy becomes in another, or under another model."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Declaration, Overall, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.others import NOTHING, Other
from koudai.audit.intervals import Z95
from koudai.audit.measures import measure
from koudai.training.bootstrap import FEWER_RESAMPLES, percentile_interval

MOST_SETS = 40
ABSTAINED = -1


@measure(
    "crosswalk",
    needs=("scores", "other"),
    zh="换一套分类，它会变成什么？",
    en="What does a category become in another taxonomy?",
    place=42,
    declares=Declaration(
        statistics=(
            named("matched", zh="对得上的帖子占比", en="posts matched", unit="share", interval="wilson"),
            named(
                "u",
                zh="不确定系数 U",
                en="uncertainty coefficient U",
                unit="coefficient",
                interval="bootstrap over posts",
            ),
            named(
                "ami",
                zh="校正互信息",
                en="adjusted mutual information",
                unit="coefficient",
                interval="bootstrap over posts",
            ),
            named("given", zh="条件占比", en="P(other | this)", unit="share", interval="wilson"),
            named("only_here", zh="只有本次标了", en="tagged here only", unit="share", interval="wilson"),
            named("only_there", zh="只有对方标了", en="tagged there only", unit="share", interval="wilson"),
            named("difference", zh="两者之差", en="difference", unit="difference", interval="paired"),
        ),
        overall=(
            Overall(
                phrase(zh="与另一套分类的互信息（校正）", en="Shared with another taxonomy (AMI)"),
                statistic="ami",
                place=40,
            ),
        ),
        charts=(
            Chart(
                "crosswalks",
                kind="bars",
                name=phrase(zh="在另一套分类里是什么", en="What another taxonomy calls it"),
                explanation=phrase(
                    zh="这一类别的涉嫌帖在另一套分类中各占多少；分得越散，口袋越大。",
                    en="What share of this category’s alleged posts has each label of the other; the more it spreads, "
                    "the larger the pocket.",
                ),
                statistics=("given",),
                place=130,
                of=phrase(zh="另一类别", en="other category"),
            ),
        ),
    ),
)
def crosswalk(given: AuditInput) -> AuditFrame:
    """How much of another taxonomy's labels B of the same posts is known from the tags A: U(B|A) = I(A;B)/H(B), 0 to 1.

    0: the tags say nothing of the other labels; 1: they say everything. For a category, A is whether it is alleged;
    for all of them together, A is the set of most specific categories alleged, with nothing alleged and abstained as
    values of their own. *ami* is the adjusted mutual information of both, 0 for what chance gives and 1 for the same
    division; it alone allows for the number of values. *given* is P(b | a): of the posts alleged of the category, the
    share that has the label b (Wilson interval). Where a post may have several labels or tags, their set counts, beyond
    the 40 most frequent sets all others as one; posts of which the other side says nothing are left out, and *matched*
    is the share of scored posts of which it says something. A category spread over many labels is a pocket; a label
    that no category takes is a gap. Where a label is called as the category is, as the tags of another model are, the
    two are compared post by post: *only_here* and *only_there* are the shares of posts that one of them alone tags
    (Wilson interval), *difference* is the first less the second, −1 to 1, with an interval for paired shares. If it
    holds 0 although both shares are large, the two take as many posts, and not the same ones. The other side is no
    truth, only another way to cut. Intervals of U and AMI: bootstrap over posts.

    Source: Theil 1970, "On the estimation of relationships involving qualitative variables"; Vinh, Epps & Bailey 2010,
    "Information theoretic measures for clusterings comparison"; Agresti & Min 2005, "Simple improved confidence
    intervals for comparing matched proportions".

    中文
    在同一批帖子上，知道了这边的标记 A，另一套分类的标签 B 就确定了多少：U(B|A) = I(A;B)/H(B)，0 到 1。0 表示毫无帮
    助，1 表示完全确定。单看一个类别时，A 是“是否被标为该类”；合起来看时，A 是所标的最细类别的组合，“无标签”和“弃
    判”各算一种。ami 是两边的校正互信息，随机时为 0，划分完全相同为 1，只有它校正了取值个数的影
    响。given 是 P(b | a)：被标为该类的帖子里带标签 b 的比例（Wilson 区间）。一条帖子可以有多个标签或标记时，按组合
    计，最常见的 40 种以外合为一种；对方没有标注的帖子不计，matched 是有标注的帖子占全部已打分帖子的比例。一个类别散落
    在许多标签上，就是口袋；没有类别对应的标签，就是空白。对方有标签与该类别同名时（比如那是另一个模型的标记），就逐帖
    比较：only_here 是只有这边标记的帖子所占比例，only_there 是只有对方标记的（Wilson 区间），difference 是前者减后
    者，−1 到 1，区间按配对比例计算。区间含 0 而两个比例都不小，说明两边标的数量相当，却不是同一批帖子。对方并不是标准
    答案，只是另一种划分。U 和 ami 的区间用自助法求得，按帖子抽样。
    """
    figures = []
    tags = _tags(given)
    for other in given.others:
        known = other.known
        b = _sets(other.marked[known])
        n = int(known.sum())
        figures.append(share(ALL, other.name, "matched", n, len(known)))
        figures += _shared(ALL, other.name, tags[known], b, ("u", "ami"), given)
        for column, key in enumerate(given.categories):
            alleged = given.alleged[known, column]
            figures += _shared(key, other.name, alleged.astype(np.int64), b, ("u",), given)
            figures += _given(key, other, given.alleged[:, column])
            if key in other.labels:
                figures += _paired(key, other.name, alleged, other.marked[known, other.labels.index(key)])
    return AuditFrame("crosswalk", tuple(figures))


def contingency(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often each value of `a` (rows) meets each of `b` (columns), values in order.

    Examples
    --------
    >>> contingency(np.array([0, 0, 1]), np.array([5, 7, 7])).tolist()
    [[1, 1], [0, 1]]
    """
    rows, row = np.unique(a, return_inverse=True)
    columns, column = np.unique(b, return_inverse=True)
    cells = np.bincount(row * len(columns) + column, minlength=len(rows) * len(columns))
    return cells.reshape(len(rows), len(columns))


def uncertainty(table: NDArray[np.int64]) -> float:
    """Return U(columns | rows) of a contingency table, NaN where the columns hold nothing to know.

    Examples
    --------
    >>> uncertainty(np.array([[5, 0], [0, 5]])), uncertainty(np.array([[5, 5], [5, 5]]))
    (1.0, 0.0)
    """
    b = _entropy(table.sum(axis=0))
    return _mutual(table) / b if b > 0 else float("nan")


def adjusted(table: NDArray[np.int64]) -> float:
    """Return the adjusted mutual information of a contingency table, that of scikit-learn; NaN where either side is
    always the same.

    Examples
    --------
    >>> round(adjusted(np.array([[5, 0], [0, 5]])), 6)
    1.0
    """
    from sklearn.metrics.cluster import expected_mutual_information

    table = table[table.any(axis=1)][:, table.any(axis=0)]
    if min(table.shape) < 2:
        return float("nan")
    chance = expected_mutual_information(np.ascontiguousarray(table), int(table.sum()))
    mean = (_entropy(table.sum(axis=0)) + _entropy(table.sum(axis=1))) / 2
    return float((_mutual(table) - chance) / (mean - chance)) if mean - chance > 1e-12 else float("nan")


def _entropy(counts: NDArray[np.int64]) -> float:
    p = counts[counts > 0] / max(int(counts.sum()), 1)
    return float(-(p * np.log(p)).sum())


def _mutual(table: NDArray[np.int64]) -> float:
    return max(0.0, _entropy(table.sum(axis=0)) + _entropy(table.sum(axis=1)) - _entropy(table.ravel()))


def _shared(
    key: str, group: str, a: NDArray[np.int64], b: NDArray[np.int64], wanted: tuple[str, ...], given: AuditInput
) -> list[Figure]:
    table = contingency(a, b)
    n = len(a)
    cells = np.sort(table.ravel())  # what is drawn depends on how often values meet, not on what they are called
    order = np.argsort(table.ravel(), kind="stable")
    drawn = []
    if n:
        random = given.generator(f"crosswalk {group}")
        for sample in random.multinomial(n, cells / n, size=FEWER_RESAMPLES):
            one = np.empty_like(table.ravel())
            one[order] = sample
            drawn.append(one.reshape(table.shape))
    figures = []
    for name, statistic in (("u", uncertainty), ("ami", adjusted)):
        if name in wanted:
            low, high = percentile_interval(np.array([statistic(one) for one in drawn]))
            figures.append(Figure(key, group, name, statistic(table) if n else None, n, low, high))
    return figures


def _tags(given: AuditInput) -> NDArray[np.int64]:
    """Return for each post a number that names the set of most specific categories alleged of it."""
    above = {parent for key in given.categories for parent in given.taxonomy.ancestors(key)}
    own = given.alleged.copy()
    for column, key in enumerate(given.categories):
        if key in above:
            below = [c for c, other in enumerate(given.categories) if key in given.taxonomy.ancestors(other)]
            own[:, column] &= ~given.alleged[:, below].any(axis=1)
    return np.where(given.abstained, ABSTAINED, _sets(own))


def _sets(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return a number for the set of marked columns of each row: the most frequent ones, 0 for all that are rarer."""
    if not marked.size:
        return np.zeros(len(marked), dtype=np.int64)
    rows = np.packbits(marked, axis=1)
    _, number, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(1, len(counts) + 1)
    rank[rank > MOST_SETS] = 0
    return np.asarray(rank[number.reshape(-1)])


def _given(key: str, other: Other, alleged: NDArray[np.bool_]) -> list[Figure]:
    """Return the share of each label, and of none at all, among posts alleged of a category."""
    inside = other.marked[alleged & other.known]
    counts = [*zip(other.labels, inside.sum(axis=0).tolist(), strict=True)]
    if not other.marked[other.known].any(axis=1).all():
        counts.append((NOTHING, int((~inside.any(axis=1)).sum())))
    return [share(key, f"{other.name}: {label}", "given", count, len(inside)) for label, count in counts]


def _paired(key: str, group: str, here: NDArray[np.bool_], there: NDArray[np.bool_]) -> list[Figure]:
    n, only_here, only_there = len(here), int((here & ~there).sum()), int((there & ~here).sum())
    figures = [share(key, group, "only_here", only_here, n), share(key, group, "only_there", only_there, n)]
    low, high = paired_interval(only_here, only_there, n)
    return [*figures, Figure(key, group, "difference", (only_here - only_there) / max(n, 1), n, low, high)]


def paired_interval(only_here: int, only_there: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two shares of the same `n` posts: half a post more in each of the
    four cells, and the normal approximation.

    Source: Agresti & Min 2005, "Simple improved confidence intervals for comparing matched proportions".

    Examples
    --------
    >>> [round(end, 3) for end in paired_interval(12, 4, 100)]
    [0.001, 0.156]
    """
    value, more = (only_here - only_there) / max(n, 1), n + 2
    differ, centre = (only_here + only_there + 1) / more, (only_here - only_there) / more
    half = Z95 * math.sqrt((differ - centre**2) / more)
    return min(value, max(-1.0, centre - half)), max(value, min(1.0, centre + half))
