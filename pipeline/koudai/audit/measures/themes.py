"""Themes: how many different things sit in one pocket."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import KEPT, REMOVED
from koudai.audit.measures import measure

THEMES = 8
FEWEST_POSTS = 20
MOST_POSTS = 3000
DRAWS = 20
BOOTS = 200
WORDS_SHOWN = 5


@measure(
    "themes",
    needs=("scores", "texts"),
    zh="一个口袋里装了几样东西？",
    en="How many different things sit in one pocket?",
    place=60,
    declares=Declaration(
        statistics=(
            named(
                "effective_number",
                zh="有效主题数",
                en="effective number",
                unit="number",
                interval="bootstrap over posts",
            ),
            named(
                "effective_number_of_random_draws",
                zh="随机抽样的有效主题数",
                en="effective number of random draws",
                unit="number",
                interval="by chance",
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
                brief=phrase(zh="有效主题数；竖线为随机", en="effective number; tick: random"),
                explanation=phrase(
                    zh="一个类别里装了多少种不同的内容；竖线是随机抽取同样多帖子的结果。",
                    en="How many different things sit in the category; the tick is an equally large random draw of all "
                    "posts.",
                ),
                section="in-the-pocket",
                place=60,
                pick=Pick("effective_number"),
                reference=Pick("effective_number_of_random_draws"),
                whole=False,
            ),
        ),
        charts=(
            Chart(
                "theme-shares",
                kind="bars",
                name=phrase(zh="内容主题构成", en="What is in the pocket"),
                explanation=phrase(
                    zh="各主题在涉嫌帖中的占比。有效主题数 {effective_number}，"
                    "同样多的随机帖为 {effective_number_of_random_draws}。",
                    en="Each theme's share of the alleged posts. Effective number {effective_number}; an equally large "
                    "random draw has {effective_number_of_random_draws}.",
                ),
                statistics=("share",),
                place=60,
                of=phrase(zh="主题", en="theme"),
                axis=phrase(zh="占涉嫌帖", en="share of alleged posts"),
            ),
        ),
        groups={"removed": phrase(zh="被平台删除", en="removed"), "kept": phrase(zh="保留", en="kept")},
    ),
)
def themes(given: AuditInput) -> AuditFrame:
    """Effective number of themes among the posts under a category, from 1 to 8.

    Eight themes are found once, in all posts, by non-negative matrix factorisation of TF-IDF; each post spreads a
    mass of 1 over them. With pₖ the share of a category's mass in theme k, the effective number is exp(H) = exp(−Σ
    pₖ ln pₖ), the Hill number of order 1: 1 if everything is one theme, 8 if all weigh the same. Beside it stands
    the same figure for 20 equally large random draws of all posts (mean, 2.5 % and 97.5 %). As many themes as a
    random draw means that the category is as mixed as everything. The figure's own interval is a bootstrap over
    posts. Posts without a word have no theme; categories with fewer than 20 other posts are not measured. Where
    outcomes are recorded, the same is told of the posts that the platform removed, and of those it kept.

    Source: Hill 1973; Lee & Seung 1999.

    中文
    某类别帖子里主题的有效个数，1 到 8。先在全部帖子上用非负矩阵分解（TF-IDF）找出 8 个主题，每条帖子把总量 1 分配给各
    主题。设 pₖ 为该类别在主题 k 上的份额，有效个数为 exp(−Σ pₖ ln pₖ)，即一阶 Hill 数：全是一个主题时为 1，八个主题均
    等时为 8。旁边给出从全部帖子里随机抽同样多条、重复 20 次的结果（均值与 2.5%、97.5% 分位数）。如果和随机抽取一样
    杂，说明这个口袋什么都装。没有词的帖子不属于任何主题；其余帖子少于 20 条的类别不计算。如果记录了处置结果，另外给出
    平台删除的帖子和保留的帖子各自的主题。
    """
    figures: list[Figure] = []
    counts, vocabulary = given.scored_texts.word_counts
    mixed = _mixtures(counts, given)
    if mixed is None:
        return AuditFrame("themes", ())
    weights, parts = mixed
    usable = weights.sum(axis=1) > 0
    names = [_name(part, vocabulary) if given.words else f"theme {number}" for number, part in enumerate(parts, 1)]
    for key, group, rows in _pockets(given):
        inside = np.flatnonzero(rows & usable)
        if len(inside) < FEWEST_POSTS:
            continue
        random = given.generator(f"themes {group if key == ALL else key}")
        own = weights[inside]
        value = effective_number(own.mean(axis=0))
        boots = [effective_number(_resampled(own, random)) for _ in range(BOOTS)]
        low, high = np.percentile(boots, [2.5, 97.5])
        figures.append(Figure(key, group, "effective_number", value, len(inside), float(low), float(high)))
        pool = np.flatnonzero(usable)
        draws = [
            effective_number(weights[random.choice(pool, len(inside), replace=False)].mean(axis=0))
            for _ in range(DRAWS)
        ]
        low, high = np.percentile(draws, [2.5, 97.5])
        figures.append(
            Figure(
                key,
                group,
                "effective_number_of_random_draws",
                float(np.mean(draws)),
                len(inside),
                float(low),
                float(high),
            )
        )
        shares = own.mean(axis=0)
        for place in np.argsort(-shares, kind="stable"):
            name = names[place] if group == ALL else f"{group}: {names[place]}"
            figures.append(Figure(key, name, "share", float(shares[place]), len(inside)))
    return AuditFrame("themes", tuple(figures))


def _resampled(own: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Return the sum over as many posts as there are, drawn from them with replacement."""
    n = len(own)
    times: NDArray[np.float64] = np.bincount(random.integers(0, n, n), minlength=n) @ own
    return times


def _pockets(given: AuditInput) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """Return whose themes are told: each category's alleged posts, and those removed or kept where outcomes are."""
    pockets = [(key, ALL, given.alleged[:, column]) for column, key in enumerate(given.categories)]
    if given.outcome is not None:
        fate = given.outcome.fate
        pockets += [(ALL, "removed", np.asarray(fate == REMOVED)), (ALL, "kept", np.asarray(fate == KEPT))]
    return pockets


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


def _mixtures(counts: sp.csr_matrix, given: AuditInput) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return each post's shares of the themes, rows summing to 1 or 0, and the themes' weights of words."""
    worded = np.flatnonzero(np.diff(counts.indptr) > 0)
    if counts.shape[1] < THEMES or len(worded) < FEWEST_POSTS:
        return None
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfTransformer

    tfidf = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    random = given.generator("themes")
    learnt = worded if len(worded) <= MOST_POSTS else np.sort(random.choice(worded, MOST_POSTS, replace=False))
    model: Any = NMF(THEMES, init="nndsvd", max_iter=200, random_state=given.seed, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the iteration limit: themes are a description, not an optimum
        model.fit(tfidf[learnt])
        weights = model.transform(tfidf)
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0), model.components_


def _name(part: NDArray[np.float64], vocabulary: list[str]) -> str:
    return " ".join(vocabulary[i] for i in np.argsort(-part, kind="stable")[:WORDS_SHOWN])
