"""Conformal sets: when the model should stay silent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import AuditFrame, Figure, share
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
    zh="模型什么时候该沉默？",
    en="When should the model stay silent?",
    place=33,
    declares=Declaration(
        judges_model=True,
        statistics=(
            named("coverage", zh="覆盖率", en="coverage", unit="share", interval="wilson"),
            named("size", zh="预测集大小", en="size of the set", unit="count"),
            named("both", zh="两者都不能排除", en="neither ruled out", unit="share", interval="wilson"),
            named("empty", zh="两者都被排除", en="both ruled out", unit="share", interval="wilson"),
            named("no_probability", zh="没有概率", en="no probability", unit="share", interval="wilson"),
        ),
        components=(
            Component(
                "conformal",
                name=phrase(zh="该沉默", en="Cannot tell"),
                brief=phrase(zh="90% 把握下两可", en="both answers at 90 %"),
                explanation=phrase(
                    zh="要有 90% 的把握，就只能同时回答“是”和“否”的帖子占多少。",
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
                name=phrase(zh="什么时候该沉默", en="When to stay silent"),
                explanation=phrase(
                    zh="在每一档把握下，“是”“否”都不能排除的帖子占比；竖线是两者都被排除的占比。",
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
    about a share α are at least so probable, and of those out of it at most so. The other half is measured, at 1 − α
    = 0.8, 0.9 and 0.95: `coverage` of all posts, of those in and of those out should each be near 1 − α or above (0
    to 1); `size` is the mean number of answers in a set, from 0 to 2, and 1 is best; `both` and `empty` are the
    shares of posts on which the model had better stay silent: it cannot tell, or has seen nothing like it. Coverage
    says nothing about quality: sets that always hold both cover everything. With fewer than 1/α − 1 posts of a class
    for the bounds, the sets hold that class always. Posts without features have no probability and are counted apart
    under `no_probability`. Coverage is promised only for posts drawn as these were. Intervals: Wilson; for size none.

    Source: Vovk, Gammerman & Shafer 2005; Angelopoulos & Bates 2023; Wilson 1927.

    中文
    给每条帖子一个预测集：“属于”“不属于”、两者都有、或两者都没有，使正确答案以约定的概率 1 − α 落在其中。有标签的
    近重复组分成两半，一半按类内、类外分别校准界限：属于该类的帖子，除去约 α 的一部分，概率都不低于下限；不属于的都不
    高于上限。另一半用来检验，1 − α 取 0.8、0.9、0.95。coverage 是覆盖率（0 到 1），全部、属于、不属于三者都应接近或高
    于 1 − α；size 是预测集里答案的平均个数，0 到 2 之间，1 最好；both 和 empty 是模型最好不表态的帖子所占比例，前者分
    不清，后者没见过类似的。覆盖率高不等于模型好：预测集总是两者都有，覆盖率就是 1。某一类用来校准的帖子少
    于 1/α − 1 条时，预测集里总有这一类。没有特征的帖子没有概率，另计入 no_probability。只有来源与这些相同的帖子，覆盖
    率才有保证。区间为 Wilson 区间，size 没有区间。
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
        figures.append(share(key, "*", "no_probability", int((known & ~with_proba).sum()), int(known.sum())))
        y, p, of = y[with_proba], p[with_proba], groups[with_proba]
        if not len(y) or min(different(y, of)) < 2:
            figures += [Figure(key, _named(level), "coverage", None, 0) for level in COVERAGES]
            continue
        test = deal_folds(y, of, 2, seed=given.seed) == 1
        for level in COVERAGES:
            figures += _figures(key, level, p, y, test)
    return AuditFrame("conformal", tuple(figures))


def _figures(
    key: str, level: float, p: NDArray[np.float64], y: NDArray[np.int8], test: NDArray[np.bool_]
) -> list[Figure]:
    sets = fit_sets(p[~test, None], y[~test, None], coverage=level)
    inside, outside = (some[:, 0] for some in possible(p[test, None], sets))
    is_in, n = y[test] == 1, int(test.sum())
    right = np.where(is_in, inside, outside)
    size = inside.astype(np.int64) + outside
    name = _named(level)
    return [
        share(key, name, "coverage", int(right.sum()), n),
        share(key, f"{name}, in", "coverage", int(right[is_in].sum()), int(is_in.sum())),
        share(key, f"{name}, out", "coverage", int(right[~is_in].sum()), int((~is_in).sum())),
        Figure(key, name, "size", float(size.mean()) if n else None, n),
        share(key, name, "empty", int((size == 0).sum()), n),
        share(key, name, "both", int((size == 2).sum()), n),
    ]


def _named(level: float) -> str:
    return f"1−α={level:g}"
