"""Term swap: whether a name alone changes the tag."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_mean_figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.scored_texts import shuffled_texts
from koudai.audit.measures import measure
from koudai.audit.trying.swaps import SwapList, load_swaps
from koudai.config.places import bundled
from koudai.model.model import Model
from koudai.model.scorer import score

POSTS = 200
"""Posts per list."""
LOOKED_AT = 20_000
"""Different posts that are searched for listed terms."""
_TOGETHER = 1024

Changes = dict[int, NDArray[np.float64]]
"""By the place of a post, what each of its swaps did: shape (n_swaps, 2, n_categories), change and flip."""


@measure(
    "term_swap",
    needs=("model", "casebook"),
    zh="换个名称，标记会变吗？",
    en="Does a name alone change the tag?",
    place=53,
    declares=Declaration(
        statistics=(
            named(
                "mean_change",
                zh="概率平均变化",
                en="mean change",
                unit="probability",
                interval="wilson, effective n",
            ),
            named("flip_rate", zh="标记翻转率", en="flip rate", unit="share", interval="wilson, effective n"),
            named(
                "mean_change_on_posts",
                zh="概率平均变化（帖子）",
                en="mean change, posts",
                unit="probability",
                interval="wilson, effective n",
            ),
            named(
                "flip_rate_on_posts",
                zh="标记翻转率（帖子）",
                en="flip rate, posts",
                unit="share",
                interval="wilson, effective n",
            ),
        ),
        components=(
            Component(
                "term_swap",
                name=phrase(zh="词语替换", en="Term swap"),
                brief=phrase(zh="换个名称标记就变", en="a name flips the tag"),
                explanation=phrase(
                    zh="把一个不该有影响的词换成同类的另一个，标记随之改变的比例。",
                    en="How often the tag comes or goes when a term that should not matter is swapped for another "
                    "of its kind.",
                ),
                section="in-the-pocket",
                place=30,
                pick=Pick("flip_rate"),
            ),
        ),
        charts=(
            Chart(
                "term-swaps",
                kind="bars",
                name=phrase(zh="词语替换之后", en="After a swap of terms"),
                explanation=phrase(
                    zh="用例中换掉一个不该有影响的词，标记改变的比例；竖线是已打分帖子中的比例。",
                    en="Share of swaps that change the tag of casebook cases; tick: of scored posts.",
                ),
                statistics=("flip_rate",),
                place=140,
                beside="flip_rate_on_posts",
                axis=phrase(zh="标记改变", en="tags changed"),
            ),
        ),
        groups={
            "state_offices": phrase(zh="国家机关", en="state offices"),
            "public_institutions": phrase(zh="公共机构", en="public institutions"),
            "regions": phrase(zh="地区", en="regions"),
            "hot_topics": phrase(zh="热点话题", en="hot topics"),
            "professions": phrase(zh="职业", en="callings"),
            "acquaintances": phrase(zh="熟人称呼", en="acquaintances"),
        },
    ),
)
def term_swap(given: AuditInput) -> AuditFrame:
    """Mean absolute change of a category's probability when a term is swapped for another that should not matter.

    The lists (state offices, public institutions, regions, hot topics, callings, acquaintances) say of each kind why
    a swap should not matter; where a category turns on what the terms name, nothing is said about it. In each casebook
    case with a listed term, as a whole word, the term is swapped for every other of its group in turn.
    *mean_change*: |f(x) − f(x with t′ for t)|, averaged over the swaps of a case and then over cases, from 0 to 1.
    *flip_rate*: likewise the share of swaps that add or remove the tag. Near 0 is as it should be: a category whose
    tag hangs on a name has learnt where its examples came from. *mean_change_on_posts*, *flip_rate_on_posts*: the
    same on at most 200 scored posts per list, drawn by seed, each text once. n counts cases or posts, not swaps;
    intervals are Wilson's for as many of them as the variance of their means is worth, posts of one cluster counting as
    such. A swap may leave a sentence odd; compare the
    lists with one another.

    Source: Garg et al. 2019, "Counterfactual fairness in text classification through robustness".

    中文
    把帖子里的一个词换成不该影响判断的另一个词，看该类别的概率平均变多少。词表分六类：机关、公共机构、地区、热点话题、
    职业、熟人，每类都写明了为什么不该有影响；凡类别本身就取决于所换之词的，不作统计。用例中凡有表内的词作为完整的词出
    现，就逐一换成同组的其他词。概率平均变化：|f(x) − f(换词后)|，先在一个用例的各种换法上平均，再在用例间平均（0 到
    1）；标记翻转率：换词后标记出现或消失的比例。越接近 0 越好：标记跟着名称走，说明模型学到的是例子的出处，而不是违规
    本身。“（帖子）”两项：在已打分帖子上同样计算，每类词至多 200 条，按种子抽取，相同文字只算一次。n 是用例数或帖子
    数，不是换词次数；区间为 Wilson 区间，样本量由各用例或帖子均值的方差折算，同簇的帖子按簇计。换词后的句子可能不太通
    顺，宜在各词表之间比较。
    """
    if given.model is None or given.casebook is None:
        return AuditFrame("term_swap", ())
    lists = load_swaps(bundled("data/casebook") / "swaps.toml")
    cases = [case.text for case in given.casebook.cases]
    texts = [cases[i] for i in shuffled_texts(cases, seed=given.seed)]
    figures = _figures(given, lists, changes(given.model, lists, texts), None, "")
    if given.texts is not None:
        rows = given.scored_texts.trial_order[:LOOKED_AT]
        clusters = None if given.clusters is None else given.clusters[np.array(rows, dtype=np.intp)]
        found = changes(given.model, lists, [given.texts[i] for i in rows])
        figures += _figures(given, lists, found, clusters, "_on_posts")
    return AuditFrame("term_swap", tuple(figures))


def _figures(
    given: AuditInput,
    lists: tuple[SwapList, ...],
    found: dict[str, Changes],
    clusters: NDArray[np.int64] | None,
    suffix: str,
) -> list[Figure]:
    """Return the figures of what swaps did in texts whose clusters are given, None where each stands alone."""
    figures = []
    for name in [*(one.name for one in lists), ALL]:
        for column, key in enumerate(given.categories):
            of = [one for one in lists if name in (one.name, ALL) and one.covers(key)]
            if not of:
                continue
            swaps: dict[int, list[NDArray[np.float64]]] = {}
            for one in of:
                for place, some in found[one.name].items():
                    swaps.setdefault(place, []).append(some[:, :, column])
            places = sorted(swaps)
            means = np.array([np.concatenate(swaps[place]).mean(axis=0) for place in places]).reshape(-1, 2)
            of_posts = None if clusters is None else clusters[np.array(places, dtype=np.intp)]
            for statistic, values in zip(("mean_change", "flip_rate"), means.T, strict=True):
                figures.append(clustered_mean_figure(key, name, statistic + suffix, values, of_posts))
    return figures


def changes(model: Model, lists: Sequence[SwapList], texts: Sequence[str]) -> dict[str, Changes]:
    """Return by list what each swap in the first `POSTS` texts that hold one of its terms did.

    A swap between texts of which one has no probability is left out.
    """
    places: list[tuple[str, int]] = []
    after: list[str] = []
    full = {one.name: 0 for one in lists}
    for place, words in _with_a_term(model, lists, texts):
        for one in lists:
            swapped = list(one.swapped(words)) if full[one.name] < POSTS else []
            full[one.name] += bool(swapped)
            places += [(one.name, place)] * len(swapped)
            after += swapped
        if min(full.values()) >= POSTS:
            break
    before = sorted({place for _, place in places})
    a = score(model, [""] * len(before), [texts[place] for place in before])
    b = score(model, [""] * len(after), after)
    columns = model.taxonomy.columns(model.categories)
    of = np.searchsorted(before, [place for _, place in places])
    change = np.abs(a.proba[of].astype(np.float64) - b.proba)
    flip = a.alleged[of][:, columns] != b.alleged[:, columns]
    both = np.stack([change, flip.astype(np.float64)], axis=1)
    found: dict[str, Changes] = {one.name: {} for one in lists}
    start = 0
    for (name, place), run in itertools.groupby(places):
        some = both[start : (start := start + len(list(run)))]
        some = some[np.isfinite(some).all(axis=(1, 2))]
        if len(some):
            found[name][place] = some
    return found


def _with_a_term(model: Model, lists: Sequence[SwapList], texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield place and words of each text that holds a listed term, perhaps inside a longer word."""
    terms = re.compile("|".join(re.escape(term) for one in lists for group in one.groups for term in group))
    places = [place for place, text in enumerate(texts) if terms.search(text)]
    for start in range(0, len(places), _TOGETHER):
        some = places[start : start + _TOGETHER]
        yield from zip(some, model.segmenter.cut_many(texts[place] for place in some), strict=True)
