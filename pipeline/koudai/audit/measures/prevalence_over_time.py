"""Prevalence over time: how much of a category is in each period, from one sample, and whether it rises or falls."""

from __future__ import annotations

import itertools

import numpy as np

from koudai.audit.declaration import Chart, Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import Periods
from koudai.audit.measures import measure
from koudai.audit.sample.domain_figures import (
    COMPARISONS,
    LESS,
    SHARES,
    SampledCategory,
    adjusted,
    contrast_figures,
    difference_figures,
    sampled_categories,
    share_figures,
)

MOST_PERIODS = 60


@measure(
    "prevalence_over_time",
    needs=("scores", "period", "sample"),
    zh="实际占比随时间升降吗？",
    en="Is there more of it over time?",
    place=78,
    declares=Declaration(
        statistics=(
            *SHARES,
            named("trend", zh="每时段的变化", en="change per period", unit="difference", interval="design-based"),
            *COMPARISONS,
        ),
        charts=(
            Chart(
                "prevalence-over-time",
                kind="series",
                name=phrase(zh="各时段的实际占比", en="Prevalence over time"),
                explanation=phrase(
                    zh="由同一份样本估计，竖线为区间；空心点的标注较少，没有标注的时段断开。平均每个时段变化 {trend}。",
                    en="From one sample, with intervals; hollow points rest on few labels, and the line breaks where "
                    "there are none. Change per period, on average: {trend}.",
                ),
                statistics=("prevalence",),
                place=84,
                of=phrase(zh="时段", en="Period"),
                axis=phrase(zh="实际占比", en="Prevalence"),
            ),
        ),
    ),
)
def prevalence_over_time(given: AuditInput) -> AuditFrame:
    """Share of the posts of each period that people put into a category (0 to 1), estimated from one sample.

    Estimated as in `prevalence_by_group`, a period being a part of the posts: "prevalence" with as much of the model as
    helps, "labels_alone" without. n is the number of labels in the period; one with few has a wide interval, one with
    none is listed without a value. "trend" is the slope of a straight line through the shares of all periods with
    labels, each weighted by its posts: the change per period, periods in between that have no posts counted; its
    interval (± t linearised standard errors; none below 10 labels in the category) and its p-value are a test for
    trend. "difference" is a period's share less that of the one before in the
    list. "p" is adjusted for all comparisons here (Holm). "without": posts without a date that could be read. Of more
    than 60 periods the latest are told.

    A share that rises need not mean that anybody posts more of it: see "posts", and `drift` for whether the category
    still takes the same things. Labels are taken for right.

    Source: Cochran 1977, section 5A.14. Source: Angelopoulos, Duchi & Zrnic 2023. Source: Cochran 1954, "Some methods
    for strengthening the common χ² tests" (linear trend). Source: Zou & Donner 2008. Source: Holm 1979.

    中文
    每个时段的帖子里，人工认为属于某类别的占多少（0 到 1），由同一份样本估计，方法与“哪里的占比更高？”相同，只是把时
    段当作部分：“实际占比”在模型有用时借助模型，“只用标注”不借助。n 是落在该时段的标注条数；条数少，区间就宽，一条也
    没有的时段照样列出，只是没有数值。“每时段的变化”（trend）是对所有有标注的时段按帖子数加权所作直线的斜率，中间没
    有帖子的时段也计入间隔；它的区间（± t 倍线性化标准误，属于该类的标注不足 10 条时不给）和 p 值就是趋势检验。“占比
    之差”是该时段减去表中前一个时段。p 值对本表全部比较作了 Holm 校正。“无法归入的帖子”没有可读的日期；超过 60 个时
    段时只列最近的。占比上升不一定是发得更多，请对照“帖子数”；类别装的东西是否变了，见“这个类别随时间变化吗？”。以标
    注无误为前提。
    """
    figures: list[Figure] = []
    if given.sample is not None and given.period is not None:
        for of in sampled_categories(given, given.sample):
            figures += _figures(of, given, given.period)
    return AuditFrame("prevalence_over_time", adjusted(figures))


def _figures(of: SampledCategory, given: AuditInput, period: Periods) -> list[Figure]:
    names, place = given.period_numbers
    left = max(len(names) - MOST_PERIODS, 0)
    names, times, place = names[left:], period.times[left:], np.where(place >= left, place - left, -1)
    shares = of.shares(place, len(names))
    figures = share_figures(of, place, names, shares)
    labelled = of.labelled(place, len(names))
    trend = None
    if shares is not None and np.count_nonzero(shares.told) > 1:
        weight = shares.posts * shares.told / (shares.posts @ shares.told)
        off = np.where(shares.told, times - weight @ times, 0.0)
        trend = shares.slope(weight * off / float(weight @ off**2))
    figures += contrast_figures(of.key, ALL, "trend", trend, int(labelled.sum()))
    for before, at in itertools.pairwise(range(len(names))):
        group = f"{names[at]}{LESS}{names[before]}"
        figures += difference_figures(of, group, shares, (at, before), int(labelled[[before, at]].sum()))
    undated = int((given.period_numbers[1] < 0).sum())
    return [*figures, *([Figure(of.key, ALL, "without", float(undated), undated)] if undated else [])]
