"""Themes: how many different things sit in one pocket, beside what is not in it, over several seeds and numbers of
themes.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import KEPT, REMOVED
from koudai.audit.measures import measure
from koudai.cores import side_by_side
from koudai.training.intervals import IntervalKind

NUMBERS = (8, 20)
"""Numbers of themes; the first is that of the figures over all."""
SEEDS = 5
FEWEST_POSTS = 20
MOST_POSTS = 2000
"""Posts that themes are found in, and posts of a pocket that are looked at, at most."""
ITERATIONS = 20
_LOOKED_THROUGH = 16_384
"""Posts of a draw that are looked through at a time."""
RESAMPLES, AGREE = 10, 0.975
"""Samples of posts for each run, and the share of them that have to have the sign of a difference."""
WORDS_SHOWN = 5
_RANGE: IntervalKind = "range over runs"
HOLDS, CHANGES = "same sign in every run", "sign changes from run to run"


@measure(
    "themes",
    needs=("scores", "texts"),
    zh="一个类别里有多少种主题？",
    en="How many different things sit in one pocket?",
    place=60,
    declares=Declaration(
        statistics=(
            named("effective_number", zh="有效主题数", en="effective number", unit="number", interval=_RANGE),
            named(
                "effective_number_of_complement",
                zh="其余帖子的有效主题数",
                en="effective number of the complement",
                unit="number",
                interval=_RANGE,
            ),
            named(
                "difference",
                zh="与其余帖子之差",
                en="less that of the complement",
                unit="difference",
                interval=_RANGE,
            ),
            named(
                "stability",
                zh="主题词的稳定性",
                en="stability of top words",
                unit="coefficient",
                interval=_RANGE,
            ),
            named(
                "share",
                zh="占比",
                en="share",
                unit="share",
                why=phrase(
                    zh="主题随种子而变，单个主题的占比没有可以重复抽样的对象。",
                    en="Themes change with the seed: there is no one theme whose share other draws would estimate.",
                ),
            ),
        ),
        components=(
            Component(
                "themes",
                name=phrase(zh="内容主题", en="Themes"),
                brief=phrase(zh="有效主题数；竖线为其余帖子", en="effective number; tick: all other posts"),
                explanation=phrase(
                    zh="一个类别里装了多少种不同的内容；竖线是不在其中的帖子，细线是换种子后的范围。",
                    en="How many different things sit in the category; the tick is of posts that are not in it, the "
                    "thin line the range over seeds.",
                ),
                section="in-the-pocket",
                place=60,
                pick=Pick("effective_number"),
                reference=Pick("effective_number_of_complement"),
                whole=False,
            ),
        ),
        charts=(
            Chart(
                "theme-shares",
                kind="bars",
                name=phrase(zh="内容主题构成", en="What is in the pocket"),
                explanation=phrase(
                    zh="第一个种子下各主题在涉嫌帖中的占比。有效主题数 {effective_number}，"
                    "其余帖子为 {effective_number_of_complement}。",
                    en="Each theme's share of the alleged posts, with the first seed. Effective number "
                    "{effective_number}; that of all other posts is {effective_number_of_complement}.",
                ),
                statistics=("share",),
                place=60,
                of=phrase(zh="主题", en="theme"),
                axis=phrase(zh="占涉嫌帖", en="share of alleged posts"),
            ),
        ),
        groups={
            "removed": phrase(zh="被平台删除", en="removed"),
            "kept": phrase(zh="保留", en="kept"),
            HOLDS: phrase(zh="各次运行符号相同", en=HOLDS),
            CHANGES: phrase(zh="符号随运行而变", en=CHANGES),
        },
    ),
)
def themes(given: AuditInput) -> AuditFrame:
    """Effective number of themes among the posts under a category, from 1 to the number of themes looked for.

    Themes are found in up to 2,000 of all posts by non-negative matrix factorisation of TF-IDF; each post spreads a
    mass of 1 over them. With pₖ the share of a category's mass in theme k, the effective number is exp(H) = exp(−Σ pₖ
    ln pₖ), the Hill number of order 1: 1 if everything is one theme, 8 if eight weigh the same. What themes are found
    depends on the draw of posts, on the seed and on how many are looked for, so there are ten runs: five seeds, each
    with a draw of its own, with 8 and with 20 themes. Figures over all posts are the median over seeds with 8 themes,
    "K=8" and "K=20" stand beside them; low and high are the least and the greatest over seeds: *no* confidence
    interval. The *complement* are the posts that are not in the category (of those removed, those kept, and the
    reverse), as many as the category has, or as many of the category as there are others; *difference* is the effective
    number of equally many posts of the category less theirs. It is said in words whether all runs agree on its sign:
    where "sign changes from run to run", nothing is known of which is more mixed. *stability* is, over pairs of seeds,
    the mean Jaccard coefficient of the five top words of each theme with those of its best match, 1 if seeds find the
    same themes; where it is low, names and shares of themes are those of the first seed and of no other. Posts without
    a word have no theme; categories with fewer than 20 other posts are not measured. Where outcomes are recorded, the
    same is told of the posts that the platform removed, and of those it kept.

    Source: Hill 1973; Lee & Seung 1999; Greene, O'Callaghan & Cunningham 2014 (stability of top words); Roberts,
    Stewart & Tingley 2016 (several runs).

    中文
    某类别帖子里主题的有效个数，从 1 到所找的主题数。先在至多 2000 条帖子上用非负矩阵分解（TF-IDF）找出主题，每条帖子
    把总量 1 分配给各主题。设 pₖ 为该类别在主题 k 上的份额，有效个数为 exp(−Σ pₖ ln pₖ)，即一阶 Hill 数：全是一个主题
    时为 1，八个主题均等时为 8。找出什么主题，取决于抽到的帖子、种子和主题个数，所以共运行十次：五个种子，各抽一批帖
    子，分别找 8 个和 20 个主题。不分组的数是 8 个主题时各种子的中位数，旁边列出“K=8”和“K=20”；所附的两端是各种子的最
    小值与最大值，不是置信区间。其余帖子指不在该类别中的帖子（对“被平台删除”是保留的帖子，反之亦然；不足 20 条时为其余
    全部帖子），取与该类别同样多条；其余帖子较少时，该类别也只取那么多。“与其余帖子之差”是同样多条时该类别与其余帖子的
    有效个数之差，并用文字说明各次运行的符号是否一致：“符号随运行而变”就是说，哪一边更杂不得而知。“主题词的稳定性”是两
    两种子之间，每个主题的前五个词与最相近主题的前五个词的 Jaccard 系数的平均，各种子找到同样的主题时为 1；数值低时，
    主题的名称和占比只代表第一个种子。没有词的帖子不属于任何主题；其余帖子少于 20 条的类别不计算。如果记录了处置结果，
    另外给出平台删除的帖子和保留的帖子各自的主题。
    """
    counts, vocabulary = given.scored_texts.word_counts
    pockets = [one for one in _pockets(given, np.diff(counts.indptr) > 0) if one.posts[0] >= FEWEST_POSTS]
    runs = _runs(counts, given, pockets) if pockets else []
    if not runs:
        return AuditFrame("themes", ())
    figures: list[Figure] = []
    for at, pocket in enumerate(pockets):
        figures += _of_pocket(pocket, [(run, run.drawn[at]) for run in runs])
        first, shares = runs[0], _mean(runs[0].drawn[at][0])
        for place in np.argsort(-shares, kind="stable"):
            name = _name(first.parts[place], vocabulary) if given.words else f"theme {place + 1}"
            label = name if pocket.group == ALL else f"{pocket.group}: {name}"
            figures.append(Figure(pocket.key, label, "share", float(shares[place]), pocket.posts[0]))
    for number in dict.fromkeys(run.number for run in runs):
        told = _stability([run.parts for run in runs if run.number == number])
        figures.append(_median(ALL, f"K={number}", "stability", told, number))
    return AuditFrame("themes", tuple(figures))


@dataclass(frozen=True, eq=False)
class _Pocket:
    """Posts whose themes are told, and those that they are compared with, as masks; and how many there are of each."""

    key: str
    group: str
    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]

    @cached_property
    def posts(self) -> tuple[int, int]:
        return int(np.count_nonzero(self.inside)), int(np.count_nonzero(self.outside))


Sides = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Shares of the themes, rows summing to 1 or 0, in the posts of either side of a pocket that a draw has first, in its
order.
"""


@dataclass(frozen=True)
class _Run:
    """One factorisation: what it says of the posts of each pocket, and the themes' weights of words."""

    number: int
    random: np.random.Generator
    drawn: list[Sides]
    parts: NDArray[np.float64]


def _mean(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean shares of posts, of those that have any."""
    return np.asarray(shares.sum(axis=0) / max(float(shares.sum()), 1e-300))


def effective_number(shares: NDArray[np.float64]) -> float:
    """Return exp of the Shannon entropy of `shares`, which are made to sum to 1; NaN if they sum to 0.

    Examples
    --------
    >>> round(effective_number(np.array([0.25, 0.25, 0.25, 0.25])), 6)
    4.0
    """
    total = shares.sum()
    if total <= 0:
        return float("nan")
    p = shares / total
    p = p[p > 0]
    return float(np.exp(-np.sum(p * np.log(p))))


def _pockets(given: AuditInput, worded: NDArray[np.bool_]) -> list[_Pocket]:
    """Return each category with its complement, and what was removed with what was kept, where outcomes are."""
    found = []
    for column, key in enumerate(given.categories):
        alleged = given.alleged[:, column]
        found.append(_Pocket(key, ALL, alleged & worded, ~alleged & worded))
    if given.outcome is not None:
        removed, kept = (np.asarray(given.outcome.fate == fate) & worded for fate in (REMOVED, KEPT))
        for name, own, other in (("removed", removed, kept), ("kept", kept, removed)):
            found.append(_Pocket(ALL, name, own, other if other.sum() >= FEWEST_POSTS else worded & ~own))
    return found


def _of_pocket(pocket: _Pocket, runs: list[tuple[_Run, Sides]]) -> list[Figure]:
    n = min(pocket.posts[0], MOST_POSTS)
    same = min(n, pocket.posts[1])
    own = [effective_number(_mean(inside)) for _, (inside, _) in runs]
    figures = _by_number(pocket, "effective_number", runs, own, n)
    if same >= FEWEST_POSTS:
        others = [effective_number(_mean(outside[:same])) for _, (_, outside) in runs]
        own = [effective_number(_mean(inside[:same])) for _, (inside, _) in runs]
        differences = [mine - its for mine, its in zip(own, others, strict=True)]
        figures += _by_number(pocket, "effective_number_of_complement", runs, others, same)
        figures += _by_number(pocket, "difference", runs, differences, same)
        label = HOLDS if _agree(differences, _resampled(runs, same)) else CHANGES
        label = label if pocket.group == ALL else f"{pocket.group}, {label}"
        figures.append(_median(pocket.key, label, "difference", differences, same))
    return figures


def _resampled(runs: list[tuple[_Run, Sides]], n: int) -> NDArray[np.float64]:
    """Return the difference in samples of the posts of either side, `RESAMPLES` of each run."""
    found = []
    for run, sides in runs:
        drawn = run.random.integers(0, n, (RESAMPLES, 2, n)) + n * np.arange(2 * RESAMPLES).reshape(RESAMPLES, 2, 1)
        times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape).astype(np.float64)
        mine, its = (times[:, at] @ side[:n] for at, side in enumerate(sides))
        found += [effective_number(a) - effective_number(b) for a, b in zip(mine, its, strict=True)]
    return np.array(found)


def _agree(differences: list[float], resampled: NDArray[np.float64]) -> bool:
    """Return whether every run has the same sign, and nearly every sample of posts has it too."""
    sign = np.sign(differences[0])
    return bool((np.sign(differences) == sign).all() and (np.sign(resampled) == sign).mean() >= AGREE)


def _by_number(
    pocket: _Pocket, statistic: str, runs: list[tuple[_Run, Sides]], values: list[float], n: int
) -> list[Figure]:
    figures = []
    for number in dict.fromkeys(run.number for run, _ in runs):
        some = [value for (run, _), value in zip(runs, values, strict=True) if run.number == number]
        if number == NUMBERS[0] and statistic != "difference":
            figures.append(_median(pocket.key, pocket.group, statistic, some, n))
        group = f"K={number}" if pocket.group == ALL else f"{pocket.group}, K={number}"
        figures.append(_median(pocket.key, group, statistic, some, n))
    return figures


def _median(category: str, group: str, statistic: str, values: list[float], n: int) -> Figure:
    return Figure(category, group, statistic, float(np.median(values)), n, min(values), max(values))


def _first(posts: NDArray[np.bool_], n: int, draw: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the `n` of some posts that a draw has first, in its order; all of them if they are no more."""
    found: list[NDArray[np.int64]] = []
    for begin in range(0, len(draw), _LOOKED_THROUGH):
        some = draw[begin : begin + _LOOKED_THROUGH]
        found.append(some[posts[some]])
        if sum(map(len, found)) >= n:
            break
    return np.concatenate([draw[:0], *found])[:n]


def _runs(counts: sp.csr_matrix, given: AuditInput, pockets: list[_Pocket]) -> list[_Run]:
    """Return a factorisation for each number of themes and seed; none where there are too few words or posts for it."""
    worded = np.diff(counts.indptr) > 0
    numbers = [
        number
        for number in NUMBERS
        if counts.shape[1] >= number
        and np.count_nonzero(worded) >= (FEWEST_POSTS if number == NUMBERS[0] else 5 * number)
    ]
    if not numbers or numbers[0] != NUMBERS[0]:
        return []
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfTransformer
    from threadpoolctl import threadpool_limits

    transformer = TfidfTransformer(sublinear_tf=True).fit(counts)

    def of_seed(random: np.random.Generator) -> list[_Run]:
        draw = np.argsort(random.permutation(len(worded)))
        learnt = transformer.transform(counts[np.sort(_first(worded, MOST_POSTS, draw))])
        words = np.unique(learnt.indices)  # others have no weight in any theme
        learnt = learnt[:, words]
        looked_at = [[_first(some, MOST_POSTS, draw) for some in (one.inside, one.outside)] for one in pockets]
        needed = np.unique(np.concatenate([posts for both in looked_at for posts in both]))
        looked_at_words = transformer.transform(counts[needed])[:, words]
        runs = []
        for number in numbers:
            model: Any = NMF(
                number, init="nndsvda", max_iter=ITERATIONS, random_state=int(random.integers(2**31)), tol=1e-3
            )
            model.fit(learnt)
            weights = model.transform(looked_at_words)
            total = weights.sum(axis=1, keepdims=True)
            shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
            drawn = [(shares[np.searchsorted(needed, a)], shares[np.searchsorted(needed, b)]) for a, b in looked_at]
            parts = np.zeros((number, counts.shape[1]))
            parts[:, words] = model.components_
            runs.append(_Run(number, random, drawn, parts))
        return runs

    seeds = [given.generator(f"themes {seed}") for seed in range(SEEDS)]
    with warnings.catch_warnings(), threadpool_limits(1):  # small products: more threads of one only wait
        warnings.simplefilter("ignore")  # the iteration limit: themes are a description, not an optimum
        of_seeds = list(side_by_side(of_seed, seeds))
    return [one[at] for at in range(len(numbers)) for one in of_seeds]


def _stability(parts: list[NDArray[np.float64]]) -> list[float]:
    """Return for each pair of runs how alike the top words of their themes are, from 0 to 1."""
    tops = [[set(_top(part)) for part in one] for one in parts]
    return [
        float(np.mean([max(len(a & b) / len(a | b) for b in second) for a in first]))
        for first, second in combinations(tops, 2)
    ]


def _top(part: NDArray[np.float64]) -> list[int]:
    return [int(i) for i in np.argsort(-part, kind="stable")[:WORDS_SHOWN]]


def _name(part: NDArray[np.float64], vocabulary: list[str]) -> str:
    return " ".join(vocabulary[i] for i in _top(part))
