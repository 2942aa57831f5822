"""Overlap: which categories cannot be told apart, because the same posts fall under both."""

from __future__ import annotations

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure


@measure(
    "overlap",
    needs=("scores",),
    zh="哪些类别分不开？",
    en="Which categories cannot be told apart?",
    place=40,
    declares=Declaration(
        statistics=(
            named("jaccard", zh="Jaccard 系数", en="Jaccard", unit="coefficient", interval="wilson, effective n"),
            named(
                "given",
                zh="条件概率 P(另一类｜本类)",
                en="P(other | this)",
                unit="share",
                interval="wilson, effective n",
            ),
        ),
        components=(
            Component(
                "overlap",
                name=phrase(zh="重叠", en="Overlap"),
                brief=phrase(zh="与最近类别的 Jaccard", en="Jaccard with the nearest"),
                explanation=phrase(
                    zh="与最难分开的另一类之间的 Jaccard 系数；父类与子类本来就重叠，不计在内。",
                    en="Jaccard with the other category it is hardest to tell from; parents and children overlap by "
                    "definition and are left out.",
                ),
                section="in-the-pocket",
                place=10,
                pick=Pick("jaccard", choose="nearest other"),
                whole=False,
                note="category",
            ),
        ),
        charts=(
            Chart(
                "overlaps",
                kind="bars",
                name=phrase(zh="与其他类别的重叠", en="Overlap with other categories"),
                explanation=phrase(
                    zh="Jaccard 系数，父类与子类不计；竖线是“标了这一类，也标了那一类”的比例。",
                    en="Jaccard, parents and children left out; the tick is the share of this category's posts "
                    "alleged of the other too.",
                ),
                statistics=("jaccard",),
                place=70,
                beside="given",
                categories=True,
                of=phrase(zh="另一类别", en="other category"),
                compared_with=phrase(zh="条件概率 P(另一类｜本类)", en="P(other | this)"),
            ),
        ),
    ),
)
def overlap(given: AuditInput) -> AuditFrame:
    """Of two categories a and b: Jaccard similarity |a∩b| / |a∪b|, and P(b alleged given a alleged), each from 0 to 1.

    A Jaccard near 1 means that two names take the same posts. A high P(b|a) with a low P(a|b) means that a lies inside
    b, as a child lies inside its parent by construction; pairs of a category and its own parent are left out. The
    population is the posts of this job: no interval, or with `run.superpopulation` Wilson's, with an effective n of
    clusters. n is the union for Jaccard, and the posts under a for P(b|a). Where no post falls under a there is no
    figure.

    中文
    对类别 a 与 b：Jaccard 相似度 |a∩b| ÷ |a∪b|，以及标了 a 的帖子中同时标了 b 的比例 P(b|a)，均在 0 到 1 之间。
    Jaccard 接近 1，说明两个名目装的是同一批帖子；P(b|a) 高而 P(a|b) 低，说明 a 包含在 b 里。子类与其父类天然包含，不
    列入。总体就是本次打分的帖子，没有区间；声明了 run.superpopulation 时为按簇折算的 Wilson 区间。Jaccard 的 n 是并
    集，P(b|a) 的 n 是标了 a 的帖子数。没有帖子标为 a 时不给数值。
    """
    figures = []
    for a, key in enumerate(given.categories):
        for b, other in enumerate(given.categories):
            if a == b or other in given.taxonomy.ancestors(key) or key in given.taxonomy.ancestors(other):
                continue
            here, there = given.alleged[:, a], given.alleged[:, b]
            figures.append(given.share_of_job((key, other, "jaccard"), here & there, here | there))
            figures.append(given.share_of_job((key, other, "given"), here & there, here))
    return AuditFrame("overlap", tuple(figures))
