"""Prevalence where annotators err: corrected by what is known of their errors, or shown for errors that people make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample, majority
from koudai.audit.measures import measure
from koudai.audit.sample.corrected import (
    DAWID_SKENE,
    GOLD,
    HUI_WALTER,
    Corrected,
    by_gold,
    by_overlap,
    rogan_gladen,
)
from koudai.audit.sample.estimate import Population, estimate

NEVER = "never"
BANDS = {f"{se:g}, {sp:g}": (se, sp) for se in (0.95, 0.8) for sp in (0.99, 0.95)}
"""Sensitivities and specificities that the share is shown for where nothing is known of them."""


@measure(
    "prevalence_corrected",
    needs=("scores", "sample"),
    zh="标注者会出错，实际占比又是多少？",
    en="How much is there, if annotators err?",
    place=76,
    declares=Declaration(
        statistics=(
            named(
                "prevalence",
                zh="实际占比",
                en="prevalence",
                unit="share",
                interval="likelihood ratio",
                sampled="design-based",
            ),
            named(
                "sensitivity",
                zh="灵敏度",
                en="sensitivity",
                unit="share",
                why=phrase(
                    zh="它的不确定性已计入占比的区间。",
                    en="Its uncertainty is part of the interval of the share.",
                ),
            ),
            named(
                "specificity",
                zh="特异度",
                en="specificity",
                unit="share",
                why=phrase(
                    zh="它的不确定性已计入占比的区间。",
                    en="Its uncertainty is part of the interval of the share.",
                ),
            ),
            named("labelled_again", zh="两人以上标过的帖子", en="posts that two or more labelled", unit="count"),
            named("adjudicated", zh="经裁定的帖子", en="posts adjudicated", unit="count"),
        ),
        charts=(
            Chart(
                "if-people-err",
                kind="bars",
                name=phrase(zh="如果标注者会出错", en="If annotators err"),
                explanation=phrase(
                    zh="依次是：假定标注无误的估计；用裁定或重叠标注校正后的估计；按给定的灵敏度和特异度换算的结果。",
                    en="The estimate that takes labels for right; corrected by what was adjudicated, or by how "
                    "annotators agree; and as it would be at a sensitivity and a specificity.",
                ),
                statistics=("prevalence",),
                place=81,
                groups=(NEVER, GOLD, DAWID_SKENE, HUI_WALTER, *BANDS),
                order="given",
                axis=phrase(zh="实际占比", en="Prevalence"),
            ),
        ),
        groups={
            NEVER: phrase(zh="假定标注无误", en="labels taken for right"),
            GOLD: phrase(zh="按裁定校正", en="by what was adjudicated"),
            DAWID_SKENE: phrase(zh="按三人以上的重叠校正", en="by three who overlap (Dawid & Skene)"),
            HUI_WALTER: phrase(zh="按两人的重叠分层校正", en="by two, over strata (Hui & Walter)"),
            **{
                name: phrase(zh=f"灵敏度 {se:g}、特异度 {sp:g}", en=f"sensitivity {se:g}, specificity {sp:g}")
                for name, (se, sp) in BANDS.items()
            },
        },
    ),
)
def prevalence_corrected(given: AuditInput) -> AuditFrame:
    """Share of all posts that are in a category (0 to 1), estimated from the sample of `prevalence`, if those who
    labelled it err; with a 95 % interval. The group says what the errors are known by.

    "never": as if nobody erred, the labels alone (`design` of `prevalence`). "gold": some posts of the sample were
    adjudicated, drawn by lot; they tell how often people say yes of posts that are in and of others. Several people:
    what most of them say is one answer, yes, no or divided, so that errors they share do no harm. "dawid-skene": three
    annotators or more labelled the same posts, and from how they agree follow the share and what each misses
    ("sensitivity", of posts that are in the share that a person calls in; "specificity", of the others the share called
    out). "hui-walter": two did. Two alone do not tell it; the strata of the sample do, if their shares differ and
    people err alike in all of them. Both take it that errors are independent: where people are misled by the same
    posts the share comes out wrong, and nothing in the labels says so; adjudicate then. No value: not identified. No
    post has two labels, strata are alike, or several starts of EM come to different shares.

    Nothing known: groups such as "0.8, 0.95" are what the labels would mean if people had that sensitivity and that
    specificity: (p + specificity − 1) / (sensitivity + specificity − 1), ends of the interval likewise. No value: the
    labels are too few to be of people who err so much. Of a rare category specificity matters most: at 0.95, of
    a hundred posts that are out five are called in.

    n is the number of posts with a label, of a sensitivity and a specificity that of the posts which this annotator
    labelled, or, by what was adjudicated, of the posts adjudicated.

    Intervals of the three: shares whose likelihood, other rates at their most likely, is not less than the largest by
    more than chance allows; they hold how uncertain sensitivity and specificity are. Ends are a little wide where much
    of all posts was labelled. A stratum without a label: no estimate.

    Source: Dawid & Skene 1979. Source: Hui & Walter 1980. Source: Tenenbein 1970 (double sampling). Source: Rogan &
    Gladen 1978.

    中文
    某类别在全部帖子中实际占多少（0 到 1）：用的是“实际占比”的那份样本，但承认标注者会出错，并给出 95% 置信区间。分组名
    说明对出错情况的了解从何而来。“假定标注无误”（never）只用标注，当作谁都没出错。“按裁定校正”（gold）：从样本里随机抽
    出一部分帖子请人裁定，由此得知属于该类的帖子和不属于的帖子，各有多大比例被标注者答“是”。有几名标注者时，把多数意见
    看作一个回答（是、否，或票数相同），所以大家犯同样的错也不影响结果。“按三人以上的重叠校正”（dawid-skene）：三名以上标
    注者标过相同的帖子，从他们的一致程度推出占比，以及每人的灵敏度（属于该类的帖子中答“是”的比例）和特异度（其余帖子中
    答“否”的比例）。“按两人的重叠分层校正”（hui-walter）：单凭两人推不出来，要靠样本各层占比不同，并假定每人在各层的出错
    率都一样。后两种方法都假定各人出错互不相关；如果大家都被同一批帖子误导，结果就会偏，而从标注里看不出来，这时应当请
    人裁定。没有数值表示无法识别：没有一条帖子有两人标过，各层占比没有差别，或者 EM 从不同起点出发得到不同的占比。

    什么都不知道时，“灵敏度 0.8、特异度 0.95”这样的分组给出：假如标注者的灵敏度和特异度就是这两个数，这些标注意味着多
    少。算法是 (p + 特异度 − 1) / (灵敏度 + 特异度 − 1)，区间两端同样换算。没有数值，说明答“是”的太少，标注者不可能错得
    这么多。类别少见时特异度最要紧：特异度为 0.95，一百条无关的帖子里就有五条被误标为“是”。

    前三种校正的区间由似然比检验反推：给定一个占比，其余参数取最可能的值，如果似然比最大值低得不超出随机波动，这个占比
    就在区间内；灵敏度和特异度本身的不确定性也算在里面。如果全部帖子有很大一部分标过，区间会略宽。有一层完全没有标注，
    则不作估计。
    """
    sample = given.sample
    if sample is None:
        return AuditFrame("prevalence_corrected", ())
    figures: list[Figure] = []
    for column, key in enumerate(sample.categories):
        labels = sample.labels[:, :, column]
        gold = None if sample.gold is None else sample.gold[:, column]
        figures += _as_labelled(key, sample, majority(labels))
        stratum, size = sample.stratum[sample.post], np.bincount(sample.stratum).astype(np.float64)
        answered = (labels >= 0).sum(axis=0)
        if gold is not None:
            figures += _corrected(
                key, by_gold(stratum, labels, gold, size), [int(((gold >= 0) & (answered > 0)).sum())]
            )
        figures += _corrected(key, by_overlap(stratum, labels, size), (labels >= 0).sum(axis=1).tolist())
        figures.append(Figure(key, ALL, "labelled_again", int((answered > 1).sum()), int((answered > 0).sum())))
        if gold is not None:
            figures.append(Figure(key, ALL, "adjudicated", int((gold >= 0).sum()), len(gold)))
    return AuditFrame("prevalence_corrected", tuple(figures))


def _as_labelled(key: str, sample: LabelledSample, together: NDArray[np.float64]) -> list[Figure]:
    """Return the share with labels taken for right, and as it would be if people erred as often as that."""
    known = np.isfinite(together)
    n = int(known.sum())
    population = Population(sample.stratum, np.zeros(len(sample.stratum)), sample.population)
    one = estimate(population, sample.post[known], together[known]).get("design")
    if one is None:
        return [Figure(key, name, "prevalence", None, n) for name in (NEVER, *BANDS)]
    figures = [Figure(key, NEVER, "prevalence", one.value, n, one.low, one.high, "design-based")]
    for name, rates in BANDS.items():
        if one.high < 1 - rates[1]:
            figures.append(Figure(key, name, "prevalence", None, n))
            continue
        value, low, high = (rogan_gladen(end, *rates) for end in (one.value, one.low, one.high))
        figures.append(Figure(key, name, "prevalence", value, n, low, high, "design-based"))
    return figures


def _corrected(key: str, found: Corrected | None, labelled: list[int]) -> list[Figure]:
    """Return the share, and the rates of each annotator or of all together, with how many posts these `labelled`."""
    if found is None:
        return []
    if found.share is None:
        return [Figure(key, found.how, "prevalence", None, found.posts)]
    value, low, high, answer = found.share
    figures = [Figure(key, found.how, "prevalence", value, found.posts, low, high, "likelihood ratio")]
    for at in range(answer.shape[1]):
        person = found.people[at] if found.people else 0
        group, n = f"A{person + 1}" if found.people else found.how, labelled[person]
        figures.append(Figure(key, group, "sensitivity", float(answer[1, at, -1]), n))
        figures.append(Figure(key, group, "specificity", float(answer[0, at, 0]), n))
    return figures
