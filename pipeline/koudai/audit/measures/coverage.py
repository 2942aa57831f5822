"""Coverage: how much each category takes, and how that depends on the threshold."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share, whole_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure

MOST_GROUPS = 20
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))


@measure(
    "coverage",
    needs=("scores",),
    zh="每个类别装进了多少帖子？",
    en="How much does each category take?",
    place=10,
    declares=Declaration(
        statistics=(
            named("tagged", zh="有标记", en="tagged", unit="share", interval="wilson, effective n"),
            named("abstained", zh="拒判", en="abstained", unit="share", interval="wilson, effective n"),
            named("none", zh="无标记", en="no tag", unit="share", interval="wilson, effective n"),
            named("quarantined", zh="隔离", en="quarantined", unit="share", interval="wilson, effective n"),
            named("alleged", zh="涉嫌帖占比", en="share alleged", unit="share", interval="wilson, effective n"),
            named("share", zh="占比", en="share", unit="share", interval="wilson, effective n"),
            named(
                "alleged_in_group",
                zh="组内涉嫌帖占比",
                en="share alleged in the group",
                unit="share",
                interval="wilson, effective n",
            ),
        ),
        components=(
            Component(
                "coverage",
                name=phrase(zh="覆盖面", en="Coverage"),
                brief=phrase(zh="涉嫌帖占比", en="share of posts alleged"),
                explanation=phrase(
                    zh="所选阈值下，被标为涉嫌的帖子占全部读入的多少。",
                    en="The share of all posts read that is alleged at the chosen threshold.",
                ),
                section="how-much",
                place=10,
                pick=Pick("alleged"),
                whole=False,
            ),
        ),
        charts=(
            Chart(
                "coverage-curve",
                kind="curve",
                name=phrase(zh="覆盖曲线", en="Coverage curve"),
                explanation=phrase(
                    zh="阈值从低到高，涉嫌帖占比怎样变化；虚线是所选阈值下的占比。",
                    en="The share alleged as the threshold rises; dashed: the share at the chosen threshold.",
                ),
                statistics=("share",),
                place=10,
                beside="alleged",
                prefix="t=",
                of=phrase(zh="阈值", en="threshold"),
                axis=phrase(zh="涉嫌占比", en="share alleged"),
            ),
            Chart(
                "shares-by-group",
                kind="bars",
                name=phrase(zh="各组的涉嫌占比", en="Share alleged by group"),
                explanation=phrase(
                    zh="帖子所属各组中，被标为涉嫌的比例。", en="The share alleged within each group of posts."
                ),
                statistics=("alleged_in_group",),
                place=90,
                axis=phrase(zh="涉嫌占比", en="share alleged"),
            ),
        ),
    ),
)
def coverage(given: AuditInput) -> AuditFrame:
    """Share of all rows read that are alleged under a category: tagged / read, from 0 to 1.

    The population is these rows, all of them, so that nothing is inferred and there is no interval. Where the config
    takes them for a sample of more posts like them (`run.superpopulation`), Wilson's, with an effective n of clusters.

    The rows *tagged*, *abstained*, *none* and *quarantined* add up to everything read, so nothing is lost from the
    denominator. The curve shows the share whose probability reaches each threshold: a steep curve means that the size
    of the category is a decision about the threshold, not a fact about the posts. *alleged_in_group* is the share
    within each group of posts, where the scores kept a column that says which they belong to (the 20 largest; n is the
    scored posts of the group). A large share is not evidence of violations.

    中文
    某类别被“涉嫌”标记的帖子占全部读入行的比例（标记数 ÷ 读入数，0 到 1）。总体就是读入的全部行，不作推断，所以没有区
    间；如果配置声明这些帖子只是更多同类帖子的样本（run.superpopulation），则附按簇折算的 Wilson 区间。“有标记”“拒判”
    “无标记”“隔离”四行之和等于读入总数，分母里不丢任何一行。曲线表示概率达到各阈值的比例：曲线越陡，说明这个类别有多大
    取决于阈值怎么定，而不取决于帖子本身。“组内涉嫌帖占比”是各分组内的比例，分组取自打分时保留的列（只列最大的 20 组，
    n 为该组打分的帖子数）。比例高并不等于违规多。
    """
    tagged = np.asarray(given.alleged.any(axis=1))
    quarantined = (share if given.superpopulation else whole_share)(
        ALL, ALL, "quarantined", given.quarantined, given.read
    )
    figures = [
        given.share_of_job((ALL, ALL, "tagged"), tagged),
        given.share_of_job((ALL, ALL, "abstained"), given.abstained),
        given.share_of_job((ALL, ALL, "none"), ~tagged & ~given.abstained),
        quarantined,
    ]
    for column, key in enumerate(given.categories):
        figures.append(given.share_of_job((key, ALL, "alleged"), given.alleged[:, column]))
        proba = np.nan_to_num(given.proba[:, column], nan=-1.0)
        for threshold in THRESHOLDS:
            figures.append(given.share_of_job((key, f"t={threshold:.2f}", "share"), np.asarray(proba >= threshold)))
    return AuditFrame("coverage", (*figures, *_by_group(given)))


def _by_group(given: AuditInput) -> list[Figure]:
    if given.groups is None:
        return []
    names, sizes = np.unique(given.groups[given.groups != ""].astype(str), return_counts=True)
    figures = []
    for name in sorted(names[np.argsort(-sizes, kind="stable")][:MOST_GROUPS]):
        rows = np.asarray(given.groups == name, dtype=bool)
        for column, key in enumerate(given.categories):
            figures.append(given.share_of_job((key, str(name), "alleged_in_group"), given.alleged[:, column], rows))
    return figures
