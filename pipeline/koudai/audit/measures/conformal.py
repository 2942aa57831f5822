"""Conformal sets: when the model should stay silent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import AuditFrame, Figure, clustered_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.selection import renumbered, sorted_rows
from koudai.model.deciding.calibration import different
from koudai.model.deciding.conformal import fit_sets, possible
from koudai.training.folds import deal_folds

COVERAGES = (0.8, 0.9, 0.95)


@measure(
    "conformal",
    needs=("scores", "labels"),
    zh="模型何时应当拒判？",
    en="When should the model stay silent?",
    place=33,
    declares=Declaration(
        judges_model=True,
        statistics=(
            named("coverage", zh="覆盖率", en="coverage", unit="share", interval="wilson, effective n"),
            named("size", zh="预测集大小", en="size of the set", unit="count"),
            named("both", zh="两者都不能排除", en="neither ruled out", unit="share", interval="wilson, effective n"),
            named("empty", zh="两者都被排除", en="both ruled out", unit="share", interval="wilson, effective n"),
            named("no_probability", zh="没有概率", en="no probability", unit="share", interval="wilson, effective n"),
        ),
        components=(
            Component(
                "conformal",
                name=phrase(zh="无法判定", en="Cannot tell"),
                brief=phrase(zh="90% 覆盖率下两种答案都不能排除", en="both answers at 90 %"),
                explanation=phrase(
                    zh="覆盖率取 90% 时，“是”“否”都不能排除的帖子占多少（保形预测）。",
                    en="The share of posts on which only “in or out” is right nine times in ten.",
                ),
                section="told-apart",
                place=60,
                pick=Pick("both", "1−α=0.9"),
            ),
        ),
        charts=(
            Chart(
                "silence",
                kind="bars",
                name=phrase(zh="何时应当拒判", en="When to stay silent"),
                explanation=phrase(
                    zh="在每一档覆盖率下，“是”“否”都不能排除的帖子占比；竖线是两者都被排除的占比。",
                    en="At each promised coverage, the share of posts where neither answer can be ruled out; "
                    "tick: where both are.",
                ),
                statistics=("both",),
                place=120,
                beside="empty",
                groups=("1−α=0.8", "1−α=0.9", "1−α=0.95"),
                order="given",
            ),
        ),
        groups={"in": phrase(zh="类内", en="in"), "out": phrase(zh="类外", en="out")},
    ),
)
def conformal(given: AuditInput) -> AuditFrame:
    """Prediction sets, "in", "out", both or neither, that hold the right answer at a promised coverage 1 − α.

    Half of the labelled near-duplicate groups set the bounds, class by class: of the posts in the category, all but
    about a share α are at least so probable, and of those out of it at most so. The other half is measured, at 1 − α =
    0.8, 0.9 and 0.95, of all corpora together and of each: `coverage` of all posts, of those in and of those out should
    each be near 1 − α or above (0 to 1); `size` is the mean number of answers in a set, from 0 to 2, and 1 is best;
    `both` and `empty` are the shares of posts on which the model had better stay silent: it cannot tell, or has seen
    nothing like it. Coverage says nothing about quality: sets that always hold both cover everything. With fewer than
    1/α − 1 posts of a class for the bounds, the sets hold that class always. Posts without features have no probability
    and are counted apart under `no_probability`. Coverage is promised only for posts drawn as these were, all corpora
    together: of one corpus or one class it may be far above or below. Intervals: Wilson's with an effective n of
    clusters; for size none.

    Source: Vovk, Gammerman & Shafer 2005; Angelopoulos & Bates 2023; Wilson 1927.

    中文
    给每条帖子一个预测集：“属于”“不属于”、两者都有、或两者都没有，使正确答案以约定的概率 1 − α 落在其中。有人工标注的
    近重复组分成两半，一半按类内、类外分别校准界限：属于该类的帖子，除去约 α 的一部分，概率都不低于下限；不属于的都不
    高于上限。另一半用来检验，1 − α 取 0.8、0.9、0.95，所有语料合计，并按语料分列。覆盖率（0 到 1），全部、属于、不属
    于三者都应接近或高于 1 − α；预测集大小是预测集里答案的平均个数，0 到 2 之间，1 最好；“两者都不能排除”和“两者都被排
    除”是模型应当拒判的帖子所占比例，前者分不清，后者没见过类似的。覆盖率高不等于模型好：预测集总是两者都有，覆盖率就
    是 1。某一类用来校准的帖子少于 1/α − 1 条时，预测集里总有这一类。没有特征的帖子没有概率，另计入“没有概率”。只有来
    源与这些相同的帖子，覆盖率才有保证，而且只保证合计；单看一个语料或一个类，可能高出或低出很多。区间为按簇折算的
    Wilson 区间，预测集大小没有区间。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("conformal", ())
    rows = sorted_rows(labelled)
    groups = renumbered(labelled.group[rows])
    figures = []
    for column, key in enumerate(given.categories):
        y, p = labelled.labels[rows, column], labelled.proba[rows, column].astype(np.float64)
        known = y >= 0
        with_proba = known & np.isfinite(p)
        silent = (known & ~with_proba)[known]
        figures.append(clustered_share(key, "*", "no_probability", silent, labelled.cluster[rows][known]))
        y, p, of = y[with_proba], p[with_proba], groups[with_proba]
        cluster, source = labelled.cluster[rows][with_proba], labelled.source[rows][with_proba]
        if not len(y) or min(different(y, of)) < 2:
            figures += [Figure(key, _named(level), "coverage", None, 0) for level in COVERAGES]
            continue
        test = deal_folds(y, of, 2, seed=given.seed) == 1
        for level in COVERAGES:
            sets = fit_sets(p[~test, None], y[~test, None], coverage=level)
            found = _Tested(sets, p[test], y[test] == 1, cluster[test])
            figures += _figures(key, _named(level), found, np.ones(int(test.sum()), dtype=bool))
            for name in dict.fromkeys(source):
                figures += _figures(key, f"{_named(level)}, {name}", found, source[test] == name)[:3]
    return AuditFrame("conformal", tuple(figures))


class _Tested(NamedTuple):
    """Sets, and posts they are tested on: probability, whether in the category, cluster."""

    sets: NDArray[np.float64]
    p: NDArray[np.float64]
    is_in: NDArray[np.bool_]
    cluster: NDArray[np.int64]


def _figures(key: str, name: str, tested: _Tested, rows: NDArray[np.bool_]) -> list[Figure]:
    inside, outside = (some[:, 0] for some in possible(tested.p[rows, None], tested.sets))
    is_in, cluster, n = tested.is_in[rows], tested.cluster[rows], int(rows.sum())
    right = np.where(is_in, inside, outside)
    size = inside.astype(np.int64) + outside
    return [
        clustered_share(key, name, "coverage", right, cluster),
        clustered_share(key, f"{name}, in", "coverage", right[is_in], cluster[is_in]),
        clustered_share(key, f"{name}, out", "coverage", right[~is_in], cluster[~is_in]),
        Figure(key, name, "size", float(size.mean()) if n else None, n),
        clustered_share(key, name, "empty", size == 0, cluster),
        clustered_share(key, name, "both", size == 2, cluster),
    ]


def _named(level: float) -> str:
    return f"1−α={level:g}"
