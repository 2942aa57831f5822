"""Crosswalk: what a category of one taxonomy becomes in another, or under another model."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from koudai.audit.association import Association
from koudai.audit.declaration import Chart, Declaration, Overall, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share, share_among
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.others import NOTHING, Other
from koudai.audit.measures import measure
from koudai.training.intervals import ONE_CLUSTER, Z95, IntervalKind, PostClusters

MOST_SETS = 40
_BYTES = 8
ABSTAINED = -1


@measure(
    "crosswalk",
    needs=("scores", "other"),
    zh="换一套分类，它会变成什么？",
    en="What does a category become in another taxonomy?",
    place=42,
    declares=Declaration(
        statistics=(
            named("matched", zh="对得上的帖子占比", en="posts matched", unit="share", interval="wilson, effective n"),
            named(
                "u",
                zh="不确定系数 U",
                en="uncertainty coefficient U",
                unit="coefficient",
                interval="score",
            ),
            named(
                "ami",
                zh="调整互信息（AMI）",
                en="adjusted mutual information",
                unit="coefficient",
                interval="score",
            ),
            named(
                "given",
                zh="条件概率 P(另一类｜本类)",
                en="P(other | this)",
                unit="share",
                interval="wilson, effective n",
            ),
            named("only_here", zh="仅本方标记", en="tagged here only", unit="share", interval="wilson, effective n"),
            named("only_there", zh="仅对方标记", en="tagged there only", unit="share", interval="wilson, effective n"),
            named("difference", zh="两者之差", en="difference", unit="difference", interval="paired"),
        ),
        overall=(
            Overall(
                phrase(zh="与另一套分类的调整互信息（AMI）", en="Shared with another taxonomy (AMI)"),
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
    """How much of another taxonomy's labels B of the same posts is known from the tags A: U(B|A) = (I − E)/(H(B) − E).

    I = I(A;B) is the mutual information of A and B, and E what is expected of it where one of them is dealt out anew.
    0: the tags say no more of the other labels than chance; 1: they say everything; below 0: less than chance. For a
    category, A is whether it is alleged; for all of them together, A is the set of most specific categories alleged,
    with nothing alleged and abstained as values of their own. *ami* is the adjusted mutual information of both, 0 for
    what chance gives and 1 for the same division. *given* is P(b | a): of the posts alleged of the category, the share
    that has the label b (Wilson interval). Where a post may have several labels or tags, their set counts, beyond the
    40 most frequent sets all others as one; posts of which the other side says nothing are left out, and *matched* is
    the share of scored posts of which it says something. A category spread over many labels is a pocket; a label that
    no category takes is a gap. Where a label is called as the category is, as the tags of another model are, the two
    are compared post by post: *only_here* and *only_there* are the shares of posts that one of them alone tags (Wilson
    interval), *difference* is the first less the second, −1 to 1, with an interval for paired shares. If it holds 0
    although both shares are large, the two take as many posts, and not the same ones. The other side is no truth, only
    another way to cut. Intervals of U and AMI: the values that a test does not reject whose variance is that of tables
    dealt anew where there is no association, and that of the delta method beyond; none where the table is too sparse.
    Posts of one cluster count as such.

    Source: Theil 1970, "On the estimation of relationships involving qualitative variables"; Goodman & Kruskal 1972,
    "Measures of association for cross classifications IV"; Rao & Scott 1984 (clusters); Vinh, Epps & Bailey 2010,
    "Information theoretic measures for clusterings comparison"; Agresti & Min 2005, "Simple improved confidence
    intervals for comparing matched proportions".

    中文
    在同一批帖子上，知道了这边的标记 A，另一套分类的标注 B 就确定了多少：U(B|A) = (I − E)/(H(B) − E)，I 是两边的互信
    息，E 是把一边随机重排后互信息的期望。0 表示与随机无异，1 表示完全确定，负值表示还不如随机。单看一个类别时，A 是
    “是否被标为该类”；合起来看时，A 是所标的最细类别的组合，“无标记”和“拒判”各算一种。调整互信息（AMI），随机时为 0，
    划分完全相同为 1。条件概率 P(b | a)：被标为该类的帖子里另一套分类标为 b 的比例（Wilson 区间）。一条帖子可以有多个
    标注或标记时，按组合计，最常见的 40 种以外合为一种；对方没有标注的帖子不计，“对得上的帖子占比”是有标注的帖子占全部
    已打分帖子的比例。一个类别散落在另一套的许多类别上，就是口袋；另一套有而这边没有对应的，就是空白。对方有同名的类别
    时（比如那是另一个模型的标记），就逐帖比较：“仅本方标记”是只有这边标记的帖子所占比例，“仅对方标记”是只有对方标记的
    （Wilson 区间），两者之差是前者减后者，−1 到 1，区间按配对比例计算。区间含 0 而两个比例都不小，说明两边标的数量相
    当，却不是同一批帖子。对方并不是标准答案，只是另一种划分。U 和 AMI 的区间由检验反推：没有关联时的方差取自随机重排
    的列联表，有关联时按德尔塔法（delta method）递增；表太稀疏时不给区间。同簇的帖子按簇折算。
    """
    figures = []
    tags = _tags(given)
    for other in given.others:
        known = other.known
        b = _sets(other.marked[known])
        clusters = None if given.clusters is None else given.clusters[known]
        figures.append(clustered_share(ALL, other.name, "matched", known, given.clusters))
        figures += _shared(ALL, other.name, Association.of(tags[known], b, clusters), ("u", "ami"), given)
        for column, key in enumerate(given.categories):
            alleged = given.alleged[known, column]
            figures += _shared(key, other.name, Association.of(alleged.astype(np.int64), b, clusters), ("u",), given)
            figures += _given(key, other, given.alleged[:, column], given.clusters)
            if key in other.labels:
                figures += _paired(key, other.name, (alleged, other.marked[known, other.labels.index(key)]), clusters)
    return AuditFrame("crosswalk", tuple(figures))


def _shared(key: str, group: str, found: Association, wanted: tuple[str, ...], given: AuditInput) -> list[Figure]:
    n, seed = len(found.cell), int(given.generator(f"crosswalk {group}").integers(2**31))
    figures = []
    for name, coefficient in (("u", Association.uncertainty), ("ami", Association.adjusted)):
        if name in wanted:
            value, low, high, kind = coefficient(found, seed=seed)
            figures.append(Figure(key, group, name, value, n, low, high, kind))
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
    if rows.shape[1] <= _BYTES:
        padded = np.zeros((len(rows), _BYTES), dtype=np.uint8)
        padded[:, : rows.shape[1]] = rows
        rows = padded.view(">u8")[:, 0].astype(np.uint64)
    _, number, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), dtype=np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(1, len(counts) + 1)
    rank[rank > MOST_SETS] = 0
    return np.asarray(rank[number.reshape(-1)])


def _given(key: str, other: Other, alleged: NDArray[np.bool_], clusters: NDArray[np.int64] | None) -> list[Figure]:
    """Return the share of each label, and of none at all, among posts alleged of a category."""
    rows = alleged & other.known
    inside = other.marked[rows]
    posts = PostClusters.of(None if clusters is None else clusters[rows], n=len(inside))
    named = [*zip(other.labels, inside.T, strict=True)]
    if not other.marked[other.known].any(axis=1).all():
        named.append((NOTHING, ~inside.any(axis=1)))
    return [share_among(key, f"{other.name}: {label}", "given", hits, posts) for label, hits in named]


def _paired(
    key: str, group: str, tagged: tuple[NDArray[np.bool_], NDArray[np.bool_]], clusters: NDArray[np.int64] | None
) -> list[Figure]:
    here, there = tagged
    only_here, only_there = here & ~there, there & ~here
    figures = [
        clustered_share(key, group, name, hits, clusters)
        for name, hits in (("only_here", only_here), ("only_there", only_there))
    ]
    difference = clustered_difference(only_here, only_there, clusters)
    return [*figures, Figure(key, group, "difference", *difference)]


def clustered_difference(
    only_here: NDArray[np.bool_], only_there: NDArray[np.bool_], clusters: NDArray[np.int64] | None
) -> tuple[float | None, int, float | None, float | None, IntervalKind | None]:
    """Return the difference of two shares of the same posts, their number, its 95 % interval and why there is none: the
    interval of `paired_interval` with as many posts as the clusters are worth for the difference.
    """
    n, here, there = len(only_here), float(only_here.sum()), float(only_there.sum())
    if not n:
        return None, 0, None, None, None
    effect = 1.0
    if clusters is not None:
        off = only_here.astype(np.float64) - only_there - (here - there) / n
        sums = np.bincount(np.unique(clusters, return_inverse=True)[1], weights=off)
        if len(sums) == 1 and n > 1:
            return (here - there) / n, n, None, None, ONE_CLUSTER
        alone = float(off @ off)
        if alone > 0 and len(sums) > 1:
            effect = max(1.0, len(sums) / (len(sums) - 1) * float(sums @ sums) / alone)
    low, high = paired_interval(here / effect, there / effect, n / effect)
    return (here - there) / n, n, low, high, None


def paired_interval(only_here: float, only_there: float, n: float) -> tuple[float, float]:
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
