"""Coverage: how much each category takes, and how that depends on the threshold."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
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
            named("tagged", zh="有标签", en="tagged", unit="share", interval="wilson"),
            named("abstained", zh="弃判", en="abstained", unit="share", interval="wilson"),
            named("none", zh="无标签", en="no tag", unit="share", interval="wilson"),
            named("quarantined", zh="隔离", en="quarantined", unit="share", interval="wilson"),
            named("alleged", zh="涉嫌帖占比", en="share alleged", unit="share", interval="wilson"),
            named("share", zh="占比", en="share", unit="share", interval="wilson"),
            named(
                "alleged_in_group",
                zh="组内涉嫌帖占比",
                en="share alleged in the group",
                unit="share",
                interval="wilson",
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
    """Share of all rows read that are alleged under a category: tagged / read, from 0 to 1, with a Wilson interval.

    The rows *tagged*, *abstained*, *none* and *quarantined* add up to everything read, so nothing is lost from the
    denominator. The curve shows the share whose probability reaches each threshold: a steep curve means that the
    size of the category is a decision about the threshold, not a fact about the posts. *alleged_in_group* is the share
    within each group of posts, where the scores kept a column that says which they belong to (the 20 largest; n is the
    scored posts of the group). A large share is not evidence of violations.

    中文
    某类别被“涉嫌”标记的帖子占全部读入行的比例（标记数 ÷ 读入数，0 到 1，附 Wilson 区间）。“有标签”“弃判”“无标
    签”“隔离”四行之和等于读入总数，分母里不丢任何一行。曲线表示概率达到各阈值的比例：曲线越陡，说明这个类别有多大取
    决于阈值怎么定，而不取决于帖子本身。alleged_in_group 是各分组内的比例，分组取自打分时保留的列（只列最大
    的 20 组，n 为该组打分的帖子数）。比例高并不等于违规多。
    """
    read = given.read
    tagged = given.alleged.any(axis=1)
    figures = [
        share(ALL, ALL, "tagged", int(tagged.sum()), read),
        share(ALL, ALL, "abstained", int(given.abstained.sum()), read),
        share(ALL, ALL, "none", int((~tagged & ~given.abstained).sum()), read),
        share(ALL, ALL, "quarantined", given.quarantined, read),
    ]
    for column, key in enumerate(given.categories):
        figures.append(share(key, ALL, "alleged", int(given.alleged[:, column].sum()), read))
        proba = np.nan_to_num(given.proba[:, column], nan=-1.0)
        for threshold in THRESHOLDS:
            figures.append(share(key, f"t={threshold:.2f}", "share", int((proba >= threshold).sum()), read))
    return AuditFrame("coverage", (*figures, *_by_group(given)))


def _by_group(given: AuditInput) -> list[Figure]:
    if given.groups is None:
        return []
    names, sizes = np.unique(given.groups[given.groups != ""].astype(str), return_counts=True)
    figures = []
    for name in sorted(names[np.argsort(-sizes, kind="stable")][:MOST_GROUPS]):
        rows = given.groups == name
        for column, key in enumerate(given.categories):
            alleged = int((given.alleged[:, column] & rows).sum())
            figures.append(share(key, str(name), "alleged_in_group", alleged, int(rows.sum())))
    return figures
