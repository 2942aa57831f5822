"""Reported mix: what was measured beside what was announced, without pretending that they count the same thing."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Declaration, named
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure


@measure(
    "reported_mix",
    needs=("scores", "announced"),
    zh="与公布的数字摆在一起看",
    en="How does it compare with what was announced?",
    place=84,
    declares=Declaration(
        statistics=(
            named("measured_share", zh="实测占比", en="measured share", unit="share", interval="wilson, effective n"),
            named("announced", zh="官方公布数", en="announced", unit="tally"),
        ),
    ),
)
def reported_mix(given: AuditInput) -> AuditFrame:
    """Measured share of a category among all tagged posts (0 to 1), beside the announced tallies.

    The population is the tagged posts of this job: no interval, or with `run.superpopulation` Wilson's, with an
    effective n of clusters.

    The announced figures count *accounts*, the measured ones *posts*: one account writes many posts, and what was
    punished is not what was written. They stand side by side so that nobody divides one by the other. An announced
    figure has no n and no interval, because none was published; its n here is 1, one announcement.

    中文
    某类别在全部被标记帖子中所占的比例（0 到 1），旁边是公布的数字。总体就是本次被标记的帖子，没有区间；声明了
    run.superpopulation 时为按簇折算的 Wilson 区间。公布的单位是“账号”，这里测的是“帖子”：一个账号可以发很多
    帖，被处置的内容也不等于写出的内容。两者并列，是为了提醒读者不要相除。公布的数字没有样本量和区间，这里的 n 记
    为 1，即一次公布。
    """
    tagged = np.asarray(given.alleged.any(axis=1))
    figures = []
    for column, key in enumerate(given.categories):
        figures.append(given.share_of_job((key, ALL, "measured_share"), given.alleged[:, column], tagged))
        for tally in given.taxonomy[key].tallies:
            name = f"announced: {tally.qualifier} {tally.value:,} {tally.unit}"
            figures.append(Figure(key, name, "announced", float(tally.value), 1))
    return AuditFrame("reported_mix", tuple(figures))
