"""Regression of a category on what is known of the posts: what goes with being in it, all else being equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.covariates import PERIOD, Covariates
from koudai.audit.measures import measure
from koudai.audit.sample.domain_figures import P, SampledCategory, adjusted, sampled_categories
from koudai.audit.sample.domains import FEWEST
from koudai.audit.sample.sampled_regression import sampled_regression

FEWEST_EACH = 5
"""Labels of a level in the category, and out of it, below which its odds ratio has no interval."""


class Term(NamedTuple):
    """A column of the regression: its group, which posts are of the level, and which of the one compared with; None of
    a number.

    Examples
    --------
    >>> Term("length", None).group
    'length'
    """

    group: str
    inside: NDArray[np.bool_] | None
    against: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Terms:
    """The terms of one category's regression.

    Parameters
    ----------
    columns : ndarray of float64, shape (n_posts, n_terms)
        The first is 1; all are 0 of a post that takes no part.
    terms
        What the other columns are.
    compared
        Groups of the levels that others are compared with.
    left_out
        Posts that take no part.

    Examples
    --------
    >>> Terms(np.ones((2, 1)), (), (), 0).terms
    ()
    """

    columns: NDArray[np.float64]
    terms: tuple[Term, ...]
    compared: tuple[Term, ...]
    left_out: int


@measure(
    "prevalence_regression",
    needs=("scores", "regression", "sample"),
    zh="其他条件相同时，什么与它相关？",
    en="What goes with it, all else being equal?",
    place=80,
    declares=Declaration(
        statistics=(
            named("odds_ratio", zh="优势比", en="odds ratio", unit="coefficient", interval="design-based"),
            named(
                P,
                zh="p 值（Holm 校正）",
                en="p (Holm)",
                unit="probability",
                why=phrase(zh="本身就是检验的结果。", en="It is the result of a test itself."),
            ),
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
            named("left_out", zh="未参与的帖子", en="posts that take no part", unit="count"),
        ),
        charts=(
            Chart(
                "odds-ratios",
                kind="bars",
                name=phrase(zh="优势比", en="Odds ratios"),
                explanation=phrase(
                    zh="其他条件相同时，属于该类别的优势是对照取值的几倍，数值型的是每增加 1 的倍数；"
                    "区间含 1 就看不出关系。",
                    en="By how much the odds of being in the category are larger than those of the value compared "
                    "with, or for one more of a number, all else being equal; where the interval holds 1 nothing is "
                    "seen.",
                ),
                statistics=("odds_ratio",),
                place=87,
                order="given",
            ),
        ),
        groups={PERIOD: phrase(zh="时段", en="period")},
    ),
)
def prevalence_regression(given: AuditInput) -> AuditFrame:
    """By how much the odds of being in a category are larger with a value than with the most frequent one, or with one
    more of a number, all other covariates being equal: an odds ratio, 1 where there is no relation.

    A logistic regression over all scored posts, from a sample of labels. Regressing the model's tags would take the
    model's errors for facts: if it errs more on one platform, that shows as a difference. Here its probabilities are
    corrected by the labels that were drawn, each by its inclusion probability: with λ = 1 the regression is of
    f + (R/π)(Y − f) on all posts, with λ = 0 of the labels alone, weighted, as `svyglm` of R's `survey`; "lambda" is
    what makes the variances smallest. n is the number of labels with the value; of a number, of all. The value compared
    with stands there with 1 and no interval. "p" is adjusted for all coefficients and categories (Holm).

    Intervals: exp(coefficient ± t standard errors), with a variance that honours the strata. None below 10 labels of
    the rarer kind for each coefficient, nor where the value, or the one compared with, has fewer than 5 in or out.
    Values with fewer than 10 labels are left out with their posts, and so are posts that lack a covariate: "left_out".
    No value: a covariate decides, so that the odds are 0 or infinite. An odds ratio is an association and no cause.
    Labels are taken for right.

    Source: Egami, Hinck, Stewart & Wei 2023. Source: Angelopoulos, Duchi & Zrnic 2023. Source: Binder 1983, "On the
    variances of asymptotically normal estimators from complex surveys". Source: Peduzzi et al. 1996 (ten of the rarer
    kind). Source: Holm 1979.

    中文
    其他协变量相同时，取某个值的帖子属于某类别的优势是取最常见值的几倍；对数值型协变量，是每增加 1 的倍数。这就是优
    势比，1 表示没有关系。这是对全部已打分帖子的逻辑回归，依据是一份人工标注的样本。如果直接拿模型的标记去回归，模型
    的错误就会被当成事实：它在某个平台上错得多，看上去便成了平台之间的差别。这里用抽出的标注，按各自的入样概率纠正模
    型概率：λ 为 1 时，是把 f + (R/π)(Y − f) 对全部帖子作回归；λ 为 0 时，是只用标注的加权回归，与 R 的 survey 包中
    svyglm 的结果一致；实际所用的 λ 使方差最小。n 是取该值的标注条数，数值型的是全部标注条数。作为对照的取值列为 1，
    不给区间。p 值对全部系数和类别作了 Holm 校正。区间是 exp(系数 ± t 倍标准误)，方差按分层计算；平均每个系数不足 10
    条较少一方的标注时不给区间，某个取值或作为对照的取值里，属于或不属于该类别的标注不足 5 条时也不给。标注不足 10
    条的取值，连同其帖子不参与回归，缺少某个协变量的帖子也不参与，见“未参与的帖子”。没有数值，说明某个协变量足以决定
    结果，优势为 0 或无穷大。优势比只说明相关，不说明因果。以标注无误为前提。
    """
    figures: list[Figure] = []
    if given.sample is not None and given.covariates is not None:
        for of in sampled_categories(given, given.sample):
            figures += _figures(of, given.covariates)
    return AuditFrame("prevalence_regression", adjusted(figures))


def _terms(of: SampledCategory, covariates: Covariates) -> Terms:
    """Return the terms of a category's regression: of levels those with enough labels."""
    post, known = of.labels.post, covariates.known
    kept = []
    for one in covariates.levels:
        counts = np.bincount(one.number[post][known[post]], minlength=len(one.values))
        kept.append(np.flatnonzero(counts >= FEWEST))
        known = known & np.isin(one.number, kept[-1])
    columns, terms, compared = [known.astype(np.float64)], [], []
    for one, levels in zip(covariates.levels, kept, strict=True):
        for at in levels.tolist():
            inside = known & (one.number == at)
            group = f"{one.name}, {one.values[at]}"
            if at == levels[0]:
                compared.append(Term(group, inside))
            else:
                terms.append(Term(group, inside, compared[-1].inside))
                columns.append(inside.astype(np.float64))
    for name, number in covariates.numbers.items():
        terms.append(Term(name, None))
        columns.append(np.where(known, number, 0.0))
    return Terms(np.stack(columns, axis=1), tuple(terms), tuple(compared), int((~known).sum()))


def _figures(of: SampledCategory, covariates: Covariates) -> list[Figure]:
    about = _terms(of, covariates)
    post, y = of.labels
    part = about.columns[post, 0] > 0
    n, within = int(part.sum()), float(y[part].sum())
    found = sampled_regression(of.population, of.labels, about.columns) if about.terms and n else None
    enough = min(within, n - within) >= FEWEST * len(about.terms)
    figures = [
        Figure(of.key, one.group, "odds_ratio", None if found is None else 1.0, _labels(one, post))
        for one in about.compared
    ]
    for at, one in enumerate(about.terms, 1):
        labelled = n if one.inside is None else _labels(one, post)
        if found is None:
            figures.append(Figure(of.key, one.group, "odds_ratio", None, labelled))
            continue
        value = float(np.exp(found.value[at]))
        if not enough or any(_rarer(side, of) < FEWEST_EACH for side in (one.inside, one.against) if side is not None):
            figures.append(Figure(of.key, one.group, "odds_ratio", value, labelled))
            continue
        low, high = (float(np.exp(ends[at])) for ends in found.ends)
        figures.append(Figure(of.key, one.group, "odds_ratio", value, labelled, low, high))
        if found.error[at] > 0:
            figures.append(Figure(of.key, one.group, P, float(found.p[at]), labelled))
    figures.append(Figure(of.key, ALL, "lambda", None if found is None else found.power, n))
    if about.left_out:
        figures.append(Figure(of.key, ALL, "left_out", float(about.left_out), about.left_out))
    return figures


def _rarer(side: NDArray[np.bool_], of: SampledCategory) -> float:
    """Return how many labels of some posts are in the category, or out of it, whichever are fewer."""
    y = of.labels.y[side[of.labels.post]]
    return float(min(y.sum(), len(y) - y.sum()))


def _labels(term: Term, post: NDArray[np.int64]) -> int:
    return 0 if term.inside is None else int(term.inside[post].sum())
