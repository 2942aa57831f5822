"""Prevalence: how many posts are in a category really, estimated from a probability sample that people labelled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput, majority
from koudai.audit.measures import measure
from koudai.audit.sample.estimate import ESTIMATORS, Population, estimate


@measure(
    "prevalence",
    needs=("scores", "sample"),
    zh="这类内容究竟有多少？",
    en="How much of it is really there?",
    place=75,
    declares=Declaration(
        statistics=(
            named("prevalence", zh="实际占比", en="prevalence", unit="share", interval="design-based"),
            named(
                "half_width",
                zh="区间半宽",
                en="half-width",
                unit="share",
                why=phrase(zh="它本身就是区间的宽度。", en="It is the width of an interval."),
            ),
            named("labels_to_halve", zh="区间减半还需标注的条数", en="labels to halve it", unit="count"),
            named(
                "lambda",
                zh="系数 λ",
                en="λ",
                unit="coefficient",
                why=phrase(
                    zh="它是估计时所用的权重，不是要测的量。",
                    en="A weight that the estimate uses, not a thing measured.",
                ),
            ),
            named(
                "labelled",
                zh="标注回收率",
                en="labels returned",
                unit="share",
                why=phrase(zh="这是对整个样本的清点。", en="A count of the whole sample."),
            ),
            named(
                "range",
                zh="标注者之间相差",
                en="between annotators",
                unit="share",
                why=phrase(
                    zh="最高与最低之差；标注者不是从更多人中抽出来的。",
                    en="Highest less lowest; these annotators are not drawn from more.",
                ),
            ),
        ),
        components=(
            Component(
                "prevalence",
                name=phrase(zh="实际占比", en="Prevalence"),
                brief=phrase(zh="按人工样本估计；竖线为涉嫌占比", en="from labels; tick: share alleged"),
                explanation=phrase(
                    zh="由人工标注的概率样本估计的实际占比（PPI++）；竖线是 koudai 标为涉嫌的占比。",
                    en="The share that people put there, estimated from a labelled probability sample (PPI++); the "
                    "tick is the share alleged.",
                ),
                section="how-much",
                place=20,
                pick=Pick("prevalence", "ppi++"),
                reference=Pick("alleged", measure="coverage"),
                whole=False,
            ),
        ),
        charts=(
            Chart(
                "estimates",
                kind="bars",
                name=phrase(zh="实际占比估计", en="How much is really there"),
                explanation=phrase(
                    zh="同一份人工样本的三种估计；区间互不重叠时，先怀疑标注。",
                    en="Three estimates from one labelled sample; where they do not overlap, suspect the labels.",
                ),
                statistics=("prevalence",),
                place=80,
                groups=("design", "difference", "ppi++"),
                axis=phrase(zh="实际占比", en="Prevalence"),
            ),
        ),
        groups={
            "design": phrase(zh="只用标注", en="labels alone"),
            "difference": phrase(zh="差值估计", en="difference"),
            "annotators": phrase(zh="各标注者", en="annotators"),
        },
    ),
)
def prevalence(given: AuditInput) -> AuditFrame:
    """Share of all scored and abstained posts that people put into a category (0 to 1), estimated from a sample drawn
    by `koudai sample`, with a 95 % interval; in three ways, and with what it would take to be twice as sure.

    "design": Σ W_h·ȳ_h, the labels alone, each standing for 1/π posts (W_h is a stratum's share of all posts, π the
    recorded probability of being drawn). "difference": mean of f + (R/π)(Y − f), where f is the model's probability and
    R says which posts are labelled. "ppi++": the same with λ·f, λ tuned from the data, 0 where the model is of no use;
    shown as "lambda". None of them needs the model to be right; a good one makes the interval narrower. Where they
    disagree beyond their intervals, suspect the labels. Intervals: the score test, inverted. A share is in if the
    estimate is no more than t standard errors away, those that there would be if it were true, each stratum's rate
    being the most likely one under it. In 150 simulated settings (50 to 1,000 labels, shares of 1 to 50 %, good, bad
    and useless models) 93.4 to 97.3 % of them held the truth; 440 of 450 figures lie within 93 to 97. The worst: 93.4
    (10 %, 200 labels, a fair model) and 97.3 (1 %, 1,000 labels, a good one). Without strata, 50 labels and a share of
    1 % give 91 %: one positive more or less is a step of 7 points. Intervals are wide for rare categories, and have to
    be: one stray positive among a hundred thousand unlabelled posts counts. They take labels for right, which
    `prevalence_corrected` does not: where people miss a tenth of a category and take one post in fifty for it that is
    not, and it holds 1 % of the posts, 10 % of intervals hold the truth, and more labels make it worse. "half_width" is
    half the interval; "labels_to_halve" is how many more labels, divided in the best way among strata, would halve it.
    Several annotators: the majority counts, a tie as one half; below, each annotator apart (A1, A2, …) and the distance
    between the highest and the lowest of them. "labelled" is the share of the sample that came back with a label; what
    did not is taken to be like the rest of its stratum. If a stratum has no label there is no estimate. A simple random
    sample (`design` = "srs") is one stratum; drawn from more posts than were scored, it has the first estimate alone.

    Source: Horvitz & Thompson 1952. Source: Egami et al. 2023. Source: Angelopoulos, Duchi & Zrnic 2023. Source: Wilson
    1927 (the score test). Source: Korn & Graubard 1998 (Student's t, labels less strata).

    中文
    在全部已打分和拒判的帖子里，人工认为属于某类别的占多少（0 到 1）。依据是用 koudai sample 抽取、再由人标注的概率样
    本，给出三种估计及其 95% 置信区间，并说明要把区间缩短一半还得再标多少条。“只用标注”（design）：每条标注代表 1/π 条
    帖子，π 是抽样时记下的入样概率，各层按规模加权。“差值估计”（difference）是 f + (R/π)(Y − f) 的均值：先取模型概率 f，
    再用标注纠正它的偏差。“ppi++”与之相同，只是给 f 乘上从数据中定出的系数 λ（见表），模型没用时 λ 为 0。三者都不要求
    模型准确；模型好，区间就窄。如果三者之差大过各自的区间，应先检查标注。区间由得分检验反推：如果某个占比属实，估计值
    偏离它不超过 t 个标准误，它就落在区间内；标准误按该占比属实时计算，各层比例取此时最可能的值。在 150 种模拟情形下
    （标注 50 到 1000 条，占比 1% 到 50%，模型有好有坏），覆盖率为 93.4% 到 97.3%，450 个数中有 440 个在 93% 到 97% 之
    间；最低的是占比 10%、标注 200 条、模型尚可时的 93.4%，最高的是占比 1%、标注 1000 条、模型较好时的 97.3%。若不分层，
    只标 50 条而占比仅 1%，覆盖率约为 91%，因为多一条或少一条就差 7 个百分点。少见的类别区间必然很宽，因为没标过的帖子里
    只要混进零星几条，结果就会变。区间以标注无误为前提：若某类只占 1%，而标注者漏掉其中十分之一、又把五十条无关帖中的
    一条误算进来，就只有 10% 的区间包含真值，标得再多也无济于事；对此加以校正的，见“标注者会出错，实际占比又是多少？”。
    区间半宽是区间的一半；“区间减半还需标注的条数”是按最优方式分到各层后，把区间缩短一半还需标注的条数。有多名标注者时
    以多数为准，票数相同算半条；另外单列每名标注者（A1、A2……）各自的结果，以及最高与最低之差。“标注回收率”是样本中收回
    标注的比例，没收回的视同与本层其余帖子一样。若有一层完全没有标注，则不作估计。简单随机样本（srs）只有一层；如果它
    是从比已打分帖子更多的帖子里抽的，就只给第一种估计。
    """
    sample = given.sample
    if sample is None:
        return AuditFrame("prevalence", ())
    figures: list[Figure] = []
    people = len(sample.labels)
    beyond = sample.population is not None and sample.population != len(given.ids)
    for column, key in enumerate(sample.categories):
        f = np.nan_to_num(given.proba[:, given.categories.index(key)].astype(np.float64), nan=0.0)
        population = Population(sample.stratum, f, sample.population if beyond else None)
        labels = sample.labels[:, :, column]
        together = majority(labels)
        known = np.isfinite(together)
        n = int(known.sum())
        found = estimate(population, sample.post[known], together[known], power_table=True)
        for name in ESTIMATORS[:1] if beyond else ESTIMATORS:
            one = found.get(name)
            if one is None:
                figures.append(Figure(key, name, "prevalence", None, n))
                continue
            figures.append(Figure(key, name, "prevalence", one.value, n, one.low, one.high))
            figures.append(Figure(key, name, "half_width", one.half_width, n))
            figures.append(Figure(key, name, "labels_to_halve", one.to_halve, n))
            if name == "ppi++":
                figures.append(Figure(key, name, "lambda", one.power, n))
        figures.append(Figure(key, ALL, "labelled", n / max(len(known), 1), len(known)))
        if people > 1:
            figures += _apart(key, population, sample.post, labels)
    return AuditFrame("prevalence", tuple(figures))


def _apart(key: str, population: Population, post: NDArray[np.int64], labels: NDArray[np.int8]) -> list[Figure]:
    figures, values = [], []
    for person, own in enumerate(labels, 1):
        known = own >= 0
        n = int(known.sum())
        one = estimate(population, post[known], own[known].astype(np.float64)).get("design")
        figures.append(
            Figure(key, f"A{person}", "prevalence", one.value, n, one.low, one.high)
            if one
            else Figure(key, f"A{person}", "prevalence", None, n)
        )
        if one:
            values.append(one.value)
    between = max(values) - min(values) if len(values) > 1 else None
    return [*figures, Figure(key, "annotators", "range", between, len(values))]
