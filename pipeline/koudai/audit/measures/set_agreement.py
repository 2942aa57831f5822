"""Agreement on sets: whether people put posts under the same categories, where these may be several at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.measures import measure
from koudai.audit.measures.agreement import BOOTSTRAP, SHEETS, at_most_1, redrawn, sums_by_cluster
from koudai.audit.set_labels import SetLabels
from koudai.taxonomy import Taxonomy
from koudai.training.bootstrap import cluster_bootstrap, symmetric_interval
from koudai.training.intervals import ONE_CLUSTER


@measure(
    "set_agreement",
    needs=("annotations",),
    zh="多个标签一并来看，人们一致吗？",
    en="Do people agree on all labels at once?",
    place=13,
    declares=Declaration(
        statistics=(
            named(
                "alpha_sets",
                zh="多标签 α（MASI）",
                en="α of sets (MASI)",
                unit="coefficient",
                interval="bootstrap over clusters",
                sampled=BOOTSTRAP,
            ),
        ),
        groups={SHEETS: phrase(zh="抽样", en="sample")},
    ),
)
def set_agreement(given: AuditInput) -> AuditFrame:
    """Krippendorff's α of all the categories that a person puts a post under at once: 1 − Dₒ/Dₑ, from below 0 to 1.

    Dₒ is the mean distance of the sets that two people give to one post, Dₑ that of any two sets. Two sets are apart by
    MASI, 1 − J·M: J is the share of their categories that is in both, M is 1 for equal sets, 2/3 where one is a part of
    the other, 1/3 where they share something, 0 where nothing. To put a post under nothing is a set, too. α over all
    categories that have no children stands under all categories together; that of a category is over its children, and
    says whether people can tell them apart. `agreement` asks of each category alone; where its α is higher than that of
    sets, people agree that something is there and not on what. A set counts where all its categories were answered, a
    post with two such sets or more; n is the number of posts. Returned samples and intervals as in `agreement`.

    Source: Passonneau 2006, "Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation";
    Krippendorff 2018, "Content analysis".

    中文
    把一个人给一条帖子的全部类别合起来看的 Krippendorff α = 1 − Dₒ/Dₑ，最高为 1，可以低于 0。Dₒ 是两个人给同一条帖子
    的集合之间的平均距离，Dₑ 是任意两个集合之间的平均距离。两个集合的距离用 MASI，即 1 − J·M：J 是两边都有的类别占
    比，M 在两个集合相同时为 1，一个包含另一个时为 2/3，有交集时为 1/3，毫无交集时为 0。什么类别都不归，也是一个集
    合。在所有没有子类的类别上算得的 α 列在“全部类别”下；某个类别的 α 在它的子类上计算，说明人们能不能把子类分清。
    “agreement”逐个类别来问；如果那里的 α 更高，说明人们同意有问题，却说不到一处。全部类别都有答案的集合才计入，至少
    有两个这样的集合的帖子才计入；n 是帖子数。收回的样本和区间同“agreement”。
    """
    figures = [] if given.sheets is None else list(_of_sheets(given, given.sheets))
    found = given.annotations
    if found is not None:
        clusters = found.clusters(given.clusters_of(found.ids))
        answers = {key: said for key in found.coded if key != ALL and (said := found.answers(key)) is not None}
        for key, below in set_categories(given.taxonomy, answers):
            sets = SetLabels.of(np.stack([answers[one] for one in below], axis=2))
            sums = sums_by_cluster(sets.sums, clusters[sets.rows])
            value, low, high = sets_interval(sets, sums, given.generator(f"agreement sets {key}"))
            why = ONE_CLUSTER if len(sums) == 1 else None
            figures.append(Figure(key, ALL, "alpha_sets", value, len(sets.rows), low, high, why))
    return AuditFrame("set_agreement", tuple(figures))


def set_categories(taxonomy: Taxonomy, answered: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield what sets are over: all categories answered that have no child answered, and the children of each category.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> [key for key, _ in set_categories(taxonomy, taxonomy.keys)]
    ['*', 'impersonation', 'unqualified_advice']
    """
    known = set(answered)
    above = {taxonomy.parent[key] for key in known}
    yield from _several(ALL, [key for key in taxonomy.keys if key in known and key not in above])
    for parent in taxonomy.keys:
        yield from _several(parent, [key for key in taxonomy.keys if key in known and taxonomy.parent[key] == parent])


def sets_interval(
    sets: SetLabels, sums: NDArray[np.float64], generator: np.random.Generator
) -> tuple[float, float | None, float | None]:
    """Return α of sets and its interval.

    Parameters
    ----------
    sets
        The sets.
    sums : ndarray of float64, shape (n_clusters, 2 + n_sets)
        Sums of each cluster, and how many posts it has: `sums_by_cluster` of `SetLabels.sums`.
    generator
        Draws the samples.
    """
    sizes = sums[:, -1].astype(np.int64)

    def of(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return sets.alpha(times @ sums[:, :-1])

    value = float(of(np.ones((1, len(sums))))[0])
    return value, *at_most_1(cluster_bootstrap(of, sizes, generator=generator, symmetric=True))


def weighted_sets(
    sets: SetLabels, stratum: NDArray[np.int64], size: NDArray[np.float64], *, seed: int
) -> tuple[float, float | None, float | None]:
    """Return α of sets of a sample and its interval.

    Parameters
    ----------
    sets
        The sets.
    stratum : ndarray of int64, shape (n_counted,)
        Of the posts `sets.rows`.
    size : ndarray of float64, shape (n_strata,)
        Posts that were sampled from.
    seed
        Of the samples.
    """
    if len(stratum) < 2:
        return float("nan"), None, None
    whole, again = (sets.alpha(times @ sets.sums) for times in redrawn(stratum, size, np.random.default_rng(seed)))
    return float(whole[0]), *at_most_1(symmetric_interval(float(whole[0]), again, clusters=len(stratum)))


def _several(key: str, below: list[str]) -> Iterator[tuple[str, list[str]]]:
    if len(below) > 1:
        yield key, below


def _of_sheets(given: AuditInput, sample: LabelledSample) -> Iterator[Figure]:
    stratum, size = sample.stratum[sample.post], np.bincount(sample.stratum).astype(np.float64)
    group = ALL if given.annotations is None else SHEETS
    for key, below in set_categories(given.taxonomy, sample.categories):
        columns = [sample.categories.index(one) for one in below]
        sets = SetLabels.of(sample.labels[:, :, columns].transpose(1, 0, 2))
        seed = int(given.generator(f"agreement sets {SHEETS} {key}").integers(2**31))
        value, low, high = weighted_sets(sets, stratum[sets.rows], size, seed=seed)
        yield Figure(key, group, "alpha_sets", value, len(sets.rows), low, high, BOOTSTRAP)
