"""Agreement: whether people who read the same posts say the same of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.annotations import MISSING
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.measures import measure
from koudai.training.bootstrap import (
    RESAMPLES,
    Weighted,
    cluster_bootstrap,
    percentile_interval,
    symmetric_interval,
)
from koudai.training.intervals import ONE_CLUSTER, IntervalKind

MOST_PAIRS = 45
MOST_GROUPS = 20
SHEETS = "sample"
"""The group of figures on a returned sample that several people labelled, where there are annotations beside it."""
BOOTSTRAP: IntervalKind = "bootstrap over posts"


@measure(
    "agreement",
    needs=("annotations",),
    zh="人们能达成一致吗？",
    en="Can people code it at all?",
    place=12,
    declares=Declaration(
        statistics=(
            named(
                "alpha", zh="α 系数", en="α", unit="coefficient", interval="bootstrap over clusters", sampled=BOOTSTRAP
            ),
            named(
                "observed_agreement",
                zh="实际一致率",
                en="observed agreement",
                unit="share",
                interval="bootstrap over clusters",
                sampled=BOOTSTRAP,
            ),
            named(
                "kappa", zh="κ 系数", en="κ", unit="coefficient", interval="bootstrap over clusters", sampled=BOOTSTRAP
            ),
        ),
        components=(
            Component(
                "agreement",
                name=phrase(zh="标注者一致性", en="Agreement"),
                brief=phrase(zh="Krippendorff α", en="Krippendorff’s α"),
                explanation=phrase(
                    zh="多位标注者的一致程度：1 为完全一致，0 为随机水平，负值画在 0 处。",
                    en="How far annotators agree: 1 entirely, 0 as by chance; what is below 0 is drawn at 0.",
                ),
                section="told-apart",
                place=10,
                pick=Pick("alpha"),
            ),
        ),
        charts=(
            Chart(
                "agreement-by-group",
                kind="bars",
                name=phrase(zh="各组的标注者一致性", en="Agreement by group"),
                explanation=phrase(
                    zh="各组标注的 Krippendorff α；0 是随机水平。",
                    en="Krippendorff’s α in each group; 0 is as by chance.",
                ),
                statistics=("alpha",),
                place=110,
            ),
        ),
    ),
)
def agreement(given: AuditInput) -> AuditFrame:
    """Krippendorff's α of what several people said of the same posts: 1 − Dₒ/Dₑ, from below 0 to 1.

    Dₒ is the observed disagreement, the share of pairs of labels of one post that differ; Dₑ the one expected if the
    same labels were dealt out to posts at random. 1: all agree; 0: as chance would have it; below 0: they disagree
    systematically. Labels are nominal, and a post counts with the labels it has, two at least; n is the number of such
    posts. Krippendorff asks for 0.8, and for 0.667 where tentative conclusions will do. *observed_agreement* is 1 − Dₒ.
    *kappa* is Cohen's, for each two annotators, on the posts that both labelled. Groups are those of the annotated
    table, the 20 largest. Missing where only one label is in use: then there is nothing to agree on. A low α is a
    finding about the category, not a fault of the annotators: no model can be more certain than the people who were
    asked. Annotators are numbered; nobody is named. A returned sample that several people labelled gives the same, each
    label standing for 1/π posts, so that it speaks of all scored posts (group "sample" where there are annotations too;
    there a bootstrap over posts within strata). Intervals: bootstrap over clusters of posts, such as events, whose
    posts are alike; near-duplicates where nothing else is named.

    Source: Krippendorff 2018, "Content analysis"; Cohen 1960, "A coefficient of agreement for nominal scales".

    中文
    多名标注者读同样的帖子，判断是否一致：Krippendorff 的 α = 1 − Dₒ/Dₑ，最高为 1，可以低于 0。Dₒ 是实际的不一致，即同
    一帖的标注两两配对时不同的比例；Dₑ 是把同样这些标注随机分给帖子时预期的不一致。1 表示完全一致，0 表示与随机标注无
    异，低于 0 表示系统性地相反。标注按名义尺度处理；一条帖子有几份标注就用几份，至少两个才计入，n 即这样的帖子数。
    Krippendorff 要求达到 0.8，只作初步结论时不低于 0.667。实际一致率为 1 − Dₒ。κ 系数是 Cohen 的 κ，对每两名标注者，
    在两人都标过的帖子上计算。分组取自标注表，只列最大的 20 组。如果从头到尾只有一种标注，就谈不上是否一致，不给数值。
    α 低，说明问题在类别本身，而不是标注者不认真：人都说不准的事，模型不可能更有把握。标注者只有编号，没有姓名。收回的
    样本如果由多人标注，也给出同样的数值，每条标注代表 1/π 条帖子，说的是全部已打分的帖子（另有标注表时列为“抽样”
    （sample）一组，区间在层内按帖子抽样）。区间用自助法求得，按簇抽样：同属一簇（比如同一事件）的帖子彼此相像；没有指
    定时以近重复组为簇。
    """
    figures = [] if given.sheets is None else _of_sheets(given, given.sheets)
    found = given.annotations
    if found is None:
        return AuditFrame("agreement", tuple(figures))
    clusters = found.clusters(given.clusters_of(found.ids))
    for key, coded in found.coded.items():
        figures += _figures(key, ALL, coded, clusters, given)
        figures += _pairs(key, found.annotators, coded, clusters, given)
        names, sizes = np.unique(found.group[found.group != ""].astype(str), return_counts=True)
        for name in sorted(names[np.argsort(-sizes, kind="stable")][:MOST_GROUPS]):
            inside = found.group == name
            figures += _figures(key, str(name), coded[inside], clusters[inside], given)
    return AuditFrame("agreement", tuple(figures))


def alpha(coded: NDArray[np.int32], values: int) -> float:
    """Return Krippendorff's α for nominal labels; NaN where it is not defined.

    Parameters
    ----------
    coded : ndarray of int32, shape (n_posts, n_annotators)
        Labels, 0 to ``values - 1``, or -1 where there is none.
    values
        How many labels there are.

    Examples
    --------
    >>> alpha(np.array([[0, 0], [1, 1], [0, 1], [0, 0]], dtype=np.int32), values=2)
    0.5333333333333333
    """
    return float(_alpha(_sums(coded, values).sum(axis=0, keepdims=True))[0])


def agreement_interval(
    coded: NDArray[np.int32],
    clusters: NDArray[np.int64],
    *,
    statistic: str,
    values: int,
    generator: np.random.Generator,
) -> tuple[float | None, float | None]:
    """Return the bootstrap interval of ``alpha`` or ``observed_agreement`` over clusters of posts.

    That of α is α ± Student's quantile times the standard deviation of the samples: α is biased downwards on a sample
    of a sample, and percentiles would follow it. Parameters as of `alpha`, with each post's cluster.

    Examples
    --------
    >>> coded = np.array([[0, 0], [1, 1], [0, 1], [0, 0]] * 20, dtype=np.int32)
    >>> random = np.random.default_rng(1)
    >>> low, high = agreement_interval(coded, np.arange(80), statistic="alpha", values=2, generator=random)
    >>> low < alpha(coded, 2) < high
    True
    """
    labelled = (coded >= 0).sum(axis=1) >= 2
    found = sums_by_cluster(_sums(coded[labelled], values), clusters[labelled])
    return _interval(statistic, found[:, :-1], found[:, -1].astype(np.int64), generator)


def kappa_interval(
    both: NDArray[np.int32], clusters: NDArray[np.int64], *, values: int, generator: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the bootstrap interval of κ over clusters, of what two annotators say of posts, shape (n_posts, 2).

    Examples
    --------
    >>> both, random = np.array([[0, 0], [1, 1], [0, 1], [0, 0]] * 20, dtype=np.int32), np.random.default_rng(1)
    >>> low, high = kappa_interval(both, np.arange(80), values=2, generator=random)
    >>> low < 0.5 < high
    True
    """
    found = sums_by_cluster(np.eye(values * values)[both[:, 0] * values + both[:, 1]], clusters)
    cells, sizes = found[:, :-1], found[:, -1].astype(np.int64)

    def on_samples(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return kappa((times @ cells).reshape(-1, values, values))

    return at_most_1(cluster_bootstrap(on_samples, sizes, generator=generator, symmetric=True))


def sheet_interval(
    coded: NDArray[np.int32], stratum: NDArray[np.int64], size: NDArray[np.float64], *, statistic: str, seed: int
) -> tuple[float, float | None, float | None]:
    """Return ``alpha`` or ``observed_agreement`` of a sample, or ``kappa`` of two annotators, and its interval.

    Parameters
    ----------
    coded : ndarray of int32, shape (n_posts, n_annotators)
        Labels, 0 or 1, or -1 where there is none.
    stratum : ndarray of int64, shape (n_posts,)
    size : ndarray of float64, shape (n_strata,)
        Posts that were sampled from.
    statistic
        Which.
    seed
        Of the samples.

    Source: Rao & Wu 1988, "Resampling inference with complex survey data".

    Examples
    --------
    >>> coded = np.array([[0, 0], [1, 1], [0, 1], [0, 0]] * 20, dtype=np.int32)
    >>> stratum, size = np.arange(80) % 2, np.array([900.0, 100.0])
    >>> value, low, high = sheet_interval(coded, stratum, size, statistic="observed_agreement", seed=1)
    >>> low < value < high
    True
    """
    if not len(coded):
        return float("nan"), None, None
    drawn = redrawn(stratum, size, np.random.default_rng(seed))
    if statistic == "kappa":
        cells = np.eye(4)[coded[:, 0] * 2 + coded[:, 1]]
        whole, again = (kappa((times @ cells).reshape(-1, 2, 2)) for times in drawn)
    else:
        sums = _sums(coded, 2)
        whole, again = (_OF_SUMS[statistic](times @ sums) for times in drawn)
    value = float(whole[0])
    if len(coded) < 2:
        return value, None, None
    if statistic == "observed_agreement":
        return value, *percentile_interval(again, clusters=len(coded))
    return value, *at_most_1(symmetric_interval(value, again, clusters=len(coded)))


def kappa(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Cohen's κ of contingency tables, shape (..., n_values, n_values); NaN where it is not defined.

    Examples
    --------
    >>> float(kappa(np.array([[20.0, 5.0], [10.0, 15.0]])).round(3))
    0.4
    """
    n = table.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        agreed = np.trace(table, axis1=-2, axis2=-1) / n
        expected = (table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1) / n**2
        return np.asarray(np.where(expected < 1, (agreed - expected) / (1 - expected), np.nan))


def _sums(coded: NDArray[np.int32], values: int) -> NDArray[np.float64]:
    """Return for each post of two labels or more: its disagreement, and how often it has each label."""
    counts = np.stack([(coded == value).sum(axis=1) for value in range(values)], axis=1).astype(np.float64)
    counts = counts.reshape(len(coded), values)
    labels = counts.sum(axis=1)
    counts, labels = counts[labels >= 2], labels[labels >= 2]
    differ = (counts * (labels[:, None] - counts)).sum(axis=1) / (labels - 1)
    return np.column_stack([differ, counts])


def _disagreement(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    n = sums[:, 1:].sum(axis=1)
    return np.asarray(np.divide(sums[:, 0], n, out=np.full(len(sums), np.nan), where=n > 0))


def _agreed(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 - _disagreement(sums)


def _alpha(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    counts = sums[:, 1:]
    n = counts.sum(axis=1)
    pairs = (counts * (n[:, None] - counts)).sum(axis=1)
    expected = np.divide(pairs, n * (n - 1), out=np.zeros(len(sums)), where=n > 1)
    share = np.divide(_disagreement(sums), expected, out=np.full(len(sums), np.nan), where=expected > 0)
    return np.asarray(1 - share)


_OF_SUMS: dict[str, Weighted] = {"alpha": _alpha, "observed_agreement": _agreed}


def _interval(
    statistic: str, sums: NDArray[np.float64], sizes: NDArray[np.int64], generator: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the interval of a statistic from the sums of clusters and their numbers of posts."""
    of = _OF_SUMS[statistic]
    symmetric = statistic == "alpha"
    return at_most_1(cluster_bootstrap(lambda times: of(times @ sums), sizes, generator=generator, symmetric=symmetric))


def at_most_1(ends: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    """Return the ends of an interval of a coefficient that is never above 1."""
    return ends[0], None if ends[1] is None else min(ends[1], 1.0)


def sums_by_cluster(sums: NDArray[np.float64], clusters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sums of each cluster's posts and how many these are, sorted: the order of posts does not matter."""
    names, place = np.unique(clusters, return_inverse=True)
    columns = [*sums.T, np.ones(len(sums))]
    found = np.stack([np.bincount(place, weights=column, minlength=len(names)) for column in columns], axis=1)
    return np.asarray(found[np.lexsort(found.T)], dtype=np.float64)


def _figures(
    key: str, group: str, coded: NDArray[np.int32], clusters: NDArray[np.int64], given: AuditInput
) -> list[Figure]:
    values = int(coded.max(initial=0)) + 1
    labelled = (coded >= 0).sum(axis=1) >= 2
    found = sums_by_cluster(_sums(coded[labelled], values), clusters[labelled])
    sums, sizes = found[:, :-1], found[:, -1].astype(np.int64)
    whole, n = sums.sum(axis=0, keepdims=True), int(sizes.sum())
    figures = []
    for name, statistic in _OF_SUMS.items():
        low, high = _interval(name, sums, sizes, given.generator(f"agreement {group}"))
        why = ONE_CLUSTER if len(sizes) == 1 else None
        figures.append(Figure(key, group, name, float(statistic(whole)[0]), n, low, high, why))
    return figures


def _of_sheets(given: AuditInput, sample: LabelledSample) -> list[Figure]:
    """Return how far the annotators of a sample agree on all posts: each label stands for 1/π posts.

    Intervals: posts of each stratum are drawn anew, one fewer than it has, and weighted up; see `sheet_interval`.
    """
    stratum = sample.stratum[sample.post]
    size = np.bincount(sample.stratum).astype(np.float64)
    people = tuple(f"A{person + 1}" for person in range(len(sample.labels)))
    whole_group, prefix = (ALL, "") if given.annotations is None else (SHEETS, f"{SHEETS}: ")
    figures = []
    for column, key in enumerate(sample.categories):
        coded = sample.labels[:, :, column].T.astype(np.int32)
        rows = np.flatnonzero((coded >= 0).sum(axis=1) >= 2)
        seed = given.generator(f"agreement {SHEETS} {key}").integers(2**31)
        for name in _OF_SUMS:
            found = sheet_interval(coded[rows], stratum[rows], size, statistic=name, seed=int(seed))
            figures.append(Figure(key, whole_group, name, found[0], len(rows), *found[1:], BOOTSTRAP))
        for a, b in list(combinations(range(len(people)), 2))[:MOST_PAIRS]:
            rows = np.flatnonzero((coded[:, a] >= 0) & (coded[:, b] >= 0))
            if not len(rows):
                continue
            seed = given.generator(f"kappa {SHEETS} {key} {a} {b}").integers(2**31)
            found = sheet_interval(coded[rows][:, [a, b]], stratum[rows], size, statistic="kappa", seed=int(seed))
            group = f"{prefix}{people[a]} / {people[b]}"
            figures.append(Figure(key, group, "kappa", found[0], len(rows), *found[1:], BOOTSTRAP))
    return figures


def redrawn(
    stratum: NDArray[np.int64], size: NDArray[np.float64], random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights of a sample's posts, shape (1, n_posts), and of samples of it, shape (n_samples, n_posts);
    both add up to the number of posts.
    """
    n = len(stratum)
    labelled = np.bincount(stratum, minlength=len(size)).astype(np.float64)
    weight = (size / np.maximum(labelled, 1))[stratum]
    weight *= n / weight.sum() if n else 1.0
    times = np.ones((RESAMPLES, n))
    for one in np.flatnonzero(labelled > 1):
        rows = np.flatnonzero(stratum == one)
        drawn = random.multinomial(len(rows) - 1, np.full(len(rows), 1 / len(rows)), size=RESAMPLES)
        times[:, rows] = drawn * (len(rows) / (len(rows) - 1))
    return weight[None], times * weight


def _pairs(
    key: str, annotators: tuple[str, ...], coded: NDArray[np.int32], clusters: NDArray[np.int64], given: AuditInput
) -> list[Figure]:
    labelled, values = coded != MISSING, int(coded.max(initial=0)) + 1
    shared = {(a, b): int((labelled[:, a] & labelled[:, b]).sum()) for a, b in combinations(range(len(annotators)), 2)}
    kept = sorted((pair for pair in shared if shared[pair]), key=lambda pair: (-shared[pair], pair))[:MOST_PAIRS]
    figures = []
    for a, b in sorted(kept):
        both = labelled[:, a] & labelled[:, b]
        said, of_posts = coded[both][:, [a, b]], clusters[both]
        random = given.generator(f"kappa {annotators[a]} {annotators[b]}")
        low, high = kappa_interval(said, of_posts, values=values, generator=random)
        table = np.bincount(said[:, 0] * values + said[:, 1], minlength=values * values).reshape(values, values)
        value, group = float(kappa(table.astype(np.float64))), f"{annotators[a]} / {annotators[b]}"
        why = ONE_CLUSTER if len(np.unique(of_posts)) == 1 else None
        figures.append(Figure(key, group, "kappa", value, shared[a, b], low, high, why))
    return figures
