"""Prevalence by group: how much of a category is in each platform, topic or other part, from one sample."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Declaration, named, phrase
from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.domains import Domain
from koudai.audit.measures import measure
from koudai.audit.sample.domain_figures import (
    COMPARISONS,
    LESS,
    SHARES,
    SampledCategory,
    adjusted,
    difference_figures,
    sampled_categories,
    share_figures,
)

GROUP = "group"
_TWO = 2


@measure(
    "prevalence_by_group",
    needs=("scores", "domain", "sample"),
    zh="哪里的占比更高？",
    en="Where is more of it?",
    place=77,
    declares=Declaration(
        statistics=(
            *SHARES,
            *COMPARISONS,
            named("left_out", zh="未列出的部分", en="parts not listed", unit="count"),
        ),
        charts=(
            Chart(
                "prevalence-by-group",
                kind="bars",
                name=phrase(zh="各部分的实际占比", en="Prevalence by part"),
                explanation=phrase(
                    zh="由同一份样本估计；标注少的部分区间宽。两者是否有别，看“占比之差”，不看区间是否相交。",
                    en="From one sample; parts with few labels have wide intervals. Whether two differ is what "
                    "“difference” says, not whether intervals overlap.",
                ),
                statistics=("prevalence",),
                place=82,
                axis=phrase(zh="实际占比", en="Prevalence"),
            ),
            Chart(
                "difference-by-group",
                kind="bars",
                name=phrase(zh="与其余帖子之差", en="Less all other posts"),
                explanation=phrase(
                    zh="各部分的实际占比减去其余帖子的，或减去指定的那一部分的；区间包含 0 的看不出差别。",
                    en="The share of each part less that of all others, or of the one that is named; where the "
                    "interval holds 0 no difference is seen.",
                ),
                statistics=("difference",),
                place=83,
                order="given",
                axis=phrase(zh="占比之差", en="Difference"),
            ),
        ),
        groups={GROUP: phrase(zh="组", en="group"), "period": phrase(zh="时段", en="period")},
    ),
)
def prevalence_by_group(given: AuditInput) -> AuditFrame:
    """Share of the posts of a part (a platform, a topic, a topic in a month) that people put into a category, 0 to 1.

    One sample tells of all parts: every label stands for 1/π posts, wherever it lies. "labels_alone" is their weighted
    mean, the domain mean of R's `survey`. "prevalence" corrects it by how far the model's probabilities of these posts
    are from those of all posts of the part, as far as that helps (λ of `prevalence`); that the model is too high or too
    low in a part does no harm. n is the number of labels in the part: few of them have a wide interval, one says next
    to nothing, and a part without any is listed without a value. "posts" is how many posts there are.
    "difference" is the part's share less that of all other parts listed, or of the part that `against` names. Its
    interval is made of the distances of the two shares' own ends and of their covariance: where it leaves out 0, they
    differ, although their own intervals may overlap. "p" is the p-value of that, adjusted for all comparisons here
    (Holm); of two parts the two differences are one comparison. The chance of any false one below .05 is 5 % at most.
    "without": posts that lack a value, and are in no part. "left_out": of more than 60 parts those with the fewest
    posts are not listed.

    Intervals: the score test, inverted, of strata within the part, for the variance that the estimate has over all
    samples. How often they hold the truth: docs/intervals.md. They take labels for right, as `prevalence` does. A
    difference says that parts differ, and not why.

    Source: Cochran 1977, section 5A.14. Source: Egami et al. 2023. Source: Angelopoulos, Duchi & Zrnic 2023. Source:
    Wilson 1927 (the score test). Source: Zou & Donner 2008 (differences). Source: Holm 1979.

    中文
    某一部分帖子（某个平台、某个话题、某话题在某月）里，人工认为属于某类别的占多少（0 到 1）。一份样本足以说明各个部
    分：每条标注不论落在哪里，都代表 1/π 条帖子。“只用标注”（labels_alone）是该部分标注的加权均值，与 R 的 survey 包
    算出的域均值一致；“实际占比”再按这些帖子的模型概率与该部分全部帖子的差距加以校正，校正多少由系数 λ 决定（见“这类
    内容究竟有多少？”），模型在某个部分整体偏高或偏低都不碍事。n 是落在该部分的标注条数：条数少，区间就宽；只有一条，
    几乎什么也说明不了；一条也没有的部分照样列出，只是没有数值。“帖子数”是该部分的帖子总数。“占比之差”是该部分减去列
    出的其余各部分，或减去 against 指定的那一部分；区间由两个占比各自的端点到估计值的距离和二者的协方差合成，不含 0
    就说明有差别，哪怕两者各自的区间相交。p 值对本表全部比较作了 Holm 校正（只有两个部分时，方向相反的两个差算一次比
    较）：在小于 .05 的结果中出现误报的审计不超过 5%。“无法归入的帖子”缺少取值，不属于任何部分；超过 60 个部分时，帖
    子最少的不列出。区间由得分检验反推，各层只取该部分以内的帖子，并计入估计量的方差与只用该部分标注时的不同；包含真
    值的频率见 docs/intervals.md。与“实际占比”一样，以标注无误为前提。占比之差只说明有别，不说明原因。
    """
    figures: list[Figure] = []
    mirrored: dict[tuple[str, str], tuple[str, str]] = {}
    if given.sample is not None:
        domains = _domains(given)
        for of in sampled_categories(given, given.sample):
            for one in domains:
                figures += _figures(of, one)
                if len(one.values) == _TWO and one.against is None:
                    first, second = ((of.key, _part(one, value)) for value in one.values)
                    mirrored[second] = first
    return AuditFrame("prevalence_by_group", adjusted(figures, mirrored=mirrored))


def _part(domain: Domain, value: str) -> str:
    return f"{domain.name}, {value}"


def _domains(given: AuditInput) -> list[Domain]:
    """Return the domains that the config names, and the groups that figures are given by anyway."""
    found = list(given.domains)
    if given.groups is not None and not any(one.name == GROUP for one in found):
        found.insert(0, Domain.of(GROUP, [str(one) for one in given.groups.tolist()]))
    return found


def _figures(of: SampledCategory, domain: Domain) -> list[Figure]:
    """Return the figures of the domains of one column, and of how they differ."""
    names = [_part(domain, value) for value in domain.values]
    shares = of.shares(domain.number, len(names))
    figures = share_figures(of, domain.number, names, shares)
    labelled = of.labelled(domain.number, len(names))
    for at, name in enumerate(names):
        if at == domain.against or len(names) == 1:
            continue
        if domain.against is None:
            others = np.where(domain.number == at, 0, np.where(domain.number >= 0, 1, -1))
            figures += difference_figures(of, name, of.shares(others, 2), (0, 1), int(labelled[at]))
        else:
            group = f"{name}{LESS}{domain.values[domain.against]}"
            figures += difference_figures(of, group, shares, (at, domain.against), int(labelled[at]))
    for statistic, count in (("without", domain.without), ("left_out", domain.left_out)):
        if count:
            figures.append(Figure(of.key, domain.name, statistic, float(count), count))
    return figures
