"""Wording: how much of a category is its text, and how much is whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import ARROW, Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.wording_runs import Pair, Runs, again, between, rate
from koudai.training.bootstrap import cluster_bootstrap
from koudai.training.intervals import ONE_CLUSTER, clustered_ratio

TOLD = {
    "full": phrase(zh="全文", en="full text"),
    "regulator": phrase(zh="监管部门的话", en="regulator’s words"),
    "name": phrase(zh="仅名称", en="name alone"),
    "withheld": phrase(zh="不给定义", en="withheld"),
}
"""Wordings that koudai itself writes."""


@measure(
    "wording",
    needs=("wording",),
    zh="换一种写法，标记还在吗？",
    en="Does the wording matter?",
    place=69,
    declares=Declaration(
        statistics=(
            named("tagged", zh="标记占比", en="tagged", unit="share", interval="wilson, effective n"),
            named(
                "agreement",
                zh="两次回答一致",
                en="two answers agree",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "wording_adds",
                zh="措辞增加的分歧",
                en="disagreement that the wording adds",
                unit="difference",
                interval="bootstrap over clusters",
            ),
            named("turned", zh="翻转的标记", en="tags that turn", unit="share", interval="wilson, effective n"),
            named("tags_left", zh="剩下的标记", en="tags left", unit="share", interval="wilson, effective n"),
            named(
                "asked_again",
                zh="同样的写法再问一次，剩下的标记",
                en="tags left when asked again",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "tag_difference",
                zh="标记占比之差",
                en="difference of the share tagged",
                unit="difference",
                interval="bootstrap over clusters",
            ),
        ),
        components=(
            Component(
                "wording",
                name=phrase(zh="措辞", en="Wording"),
                brief=phrase(zh="不给定义时剩下的标记", en="tags left with the definition withheld"),
                explanation=phrase(
                    zh="第一种写法下的标记，不给定义时（withheld；没有这种写法就看最末一种）还剩多少；◇ 为同样的写法"
                    "再问一次所剩。剩下很多，说明标记与类别的文字关系不大，是读者心里原有的看法。",
                    en="What is left of the tags under the first wording where the definition is withheld (under the "
                    "last wording where none is called withheld); ◇ is what is left when the same wording is asked "
                    "again. Where much is left, the tags owe little to the text of the category.",
                ),
                section="told-apart",
                place=35,
                pick=Pick("tags_left", group="withheld", choose="group, else last"),
                reference=Pick("asked_again", group="withheld", choose="group, else last"),
                note="group",
            ),
        ),
        charts=(
            Chart(
                "vagueness-curve",
                kind="bars",
                name=phrase(zh="含糊曲线", en="Vagueness curve"),
                explanation=phrase(
                    zh="定义一步步拿掉，第一种写法下的标记还剩多少；竖线是同样的写法再问一次所剩。",
                    en="How many of the tags under the first wording are left as more of the definition is taken away; "
                    "the tick is what is left when the first is asked again.",
                ),
                statistics=("tags_left",),
                place=116,
                beside="asked_again",
                order="given",
                of=phrase(zh="写法", en="wording"),
                compared_with=phrase(zh="再问一次", en="asked again"),
            ),
            Chart(
                "agreement-of-wordings",
                kind="grid",
                name=phrase(zh="各种写法之间的一致", en="Agreement of the wordings"),
                explanation=phrase(
                    zh="两种写法下的回答一致的比例；对角线是同一种写法问两次。",
                    en="How often answers under two wordings agree; the diagonal is one wording asked twice.",
                ),
                statistics=("agreement",),
                place=117,
                across=phrase(zh="写法", en="wording"),
                down=phrase(zh="写法", en="wording"),
            ),
        ),
        groups=dict(TOLD),
    ),
)
def wording(given: AuditInput) -> AuditFrame:
    """What changes when the same posts are read under another wording of the category, beside what changes when the
    same wording is asked twice.

    The first wording of the config is compared with each other one. *tagged* is the share of answers that say yes under
    a wording, on the posts that all wordings share. *agreement* of ``a → b`` is the chance that an answer under a and
    one under b are the same; of ``a → a``, that two runs (or two people) under a are: that is the most that can be
    asked of ``a → b``. *wording_adds* is the difference: the disagreement between wordings less that between runs of
    one, 0 where the wording does not matter; it is the mean square of how far the wording moves the chance of a tag. A
    rare category agrees on nearly all posts whatever is asked, so *turned* is of tags alone: of the posts that at least
    one of two answers tags, the share that only one does. *tags_left* is the vagueness curve: the chance that a tag
    under the first wording is there under the other; *asked_again*, that it is there when the first is asked again.
    Where tags stay though the definition is withheld, they owe little to its text: the category is what its readers
    already think. Where they go, the text decides, and with paraphrases one sees how much hangs on its words.
    *tag_difference* is the share tagged under the other wording less that under the first.

    What was asked once has no ``a → a`` and no *asked_again*, and *wording_adds* is missing unless one of the two was
    asked twice. n is the number of posts. All categories together stand under “all categories”. Runs must be of equal
    settings and at a temperature above 0: runs that cannot differ make every change look like the wording's. Intervals
    of differences: bootstrap over clusters of posts, near-duplicates where nothing else is named; of shares: Wilson's,
    for as many posts as these are worth.

    Source: Székely & Rizzo 2013, "Energy statistics" (the form of *wording_adds*); on tags that hang on a prompt,
    Baumann et al. 2025, "Large language model hacking".

    中文
    同样的帖子，换一种写法来定义类别，回答会变多少；旁边列出同样的写法问两次会变多少。配置里的第一种写法与其余各种相
    比。“标记占比”是某种写法下答“是”的比例，只算各种写法共有的帖子。“两次回答一致”在“a → b”一组，是 a 写法下的一次回
    答与 b 写法下的一次回答相同的概率；在“a → a”一组，是同一种写法问两次（或两个人）回答相同的概率，“a → b”至多也就这
    么高。“措辞增加的分歧”是两者之差：不同写法之间的分歧，减去同一写法两次之间的分歧，措辞无关紧要时为 0；它等于措辞
    使标记概率移动的均方。类别罕见时，无论怎么问，绝大多数帖子上都一致，所以“翻转的标记”只看标记：两次回答至少一次标
    记的帖子里，只有一次标记的占多少。“剩下的标记”就是含糊曲线：第一种写法下的标记，换了写法还在的概率；“再问一次”则
    是第一种写法再问一次还在的概率。定义拿掉了标记还在，说明标记与定义的文字没有多大关系，这个类别就是读者心里原有的
    东西；标记没有了，说明起作用的是文字，再看改写的版本，就知道有多少取决于字眼。“标记占比之差”是另一种写法减第一种
    写法。只问过一次的写法，没有“a → a”，也没有“再问一次”；两种写法都只问过一次，就算不出“措辞增加的分歧”。n 是帖子
    数。全部类别合在一起列在“全部类别”下。各次运行的设置须相同，温度须大于 0：不可能有差别的运行，会把一切变化都算到
    措辞头上。区间按簇自助抽样，没有指定时以近重复组为簇。
    """
    found = given.wordings
    assert found is not None
    clusters = given.clusters_of(found.ids)
    figures = []
    every = [(key, runs, clusters) for key, runs in found.said.items()]
    for key, runs, of in every:
        figures += list(_figures(given, key, _Read(found.names, runs, of)))
    if len(every) > 1:
        together = tuple(_stacked([runs[at] for _, runs, _ in every]) for at in range(len(found.names)))
        figures += list(
            _figures(given, ALL, _Read(found.names, together, np.tile(clusters, len(every)), len(found.ids)))
        )
    return AuditFrame("wording", tuple(figures))


def mean_interval(
    values: NDArray[np.float64], clusters: NDArray[np.int64], generator: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the bootstrap interval over clusters of a mean over posts; both of shape (n_posts,).

    Examples
    --------
    >>> low, high = mean_interval(np.tile([0.5, -0.5], 100), np.arange(200), np.random.default_rng(1))
    >>> low < 0 < high
    True
    """
    place = np.unique(clusters, return_inverse=True)[1]
    sums = np.stack([np.bincount(place, values), np.bincount(place).astype(np.float64)], axis=1)
    sums = sums[np.lexsort(sums.T)]

    def of(times: NDArray[np.float64]) -> NDArray[np.float64]:
        total, posts = (times @ sums).T
        return np.asarray(total / posts)

    return cluster_bootstrap(of, sums[:, 1].astype(np.int64), generator=generator)


class _Read(NamedTuple):
    """Answers of one category under each wording, and the cluster of each row; rows of several categories may be of one
    post, of which there are `posts` then.
    """

    names: tuple[str, ...]
    runs: tuple[Runs, ...]
    clusters: NDArray[np.int64]
    posts: int | None = None

    def n(self, counted: NDArray[np.bool_]) -> int:
        """Return how many posts these rows are of."""
        return len(np.unique(np.flatnonzero(counted) % (self.posts or len(counted))))


def _stacked(runs: list[Runs]) -> Runs:
    """Return answers about several categories below each other."""
    most = max(one.shape[1] for one in runs)
    wide = [np.pad(one, ((0, 0), (0, most - one.shape[1])), constant_values=-1) for one in runs]
    return np.concatenate(wide)


def _figures(given: AuditInput, key: str, read: _Read) -> Iterator[Figure]:
    names, asked = read.names, [at for at, runs in enumerate(read.runs) if (runs >= 0).any()]
    if not asked:
        return
    twice = [again(runs) for runs in read.runs]
    shared = np.all([(read.runs[at] >= 0).any(axis=1) for at in asked], axis=0)
    for at in asked:
        share = np.where(shared, rate(read.runs[at]), np.nan)
        yield from _ratio(read, (key, names[at], "tagged"), share, np.ones(len(share)))
    first, *others = asked
    for at in others:
        pair, own = between(read.runs[first], read.runs[at]), twice[first]
        yield from _ratio(read, (key, names[at], "tags_left"), pair.both, pair.first)
        yield from _ratio(read, (key, names[at], "asked_again"), own.both, own.first)
    for at in asked:
        yield from _agreement(read, (key, f"{names[at]}{ARROW}{names[at]}"), twice[at])
    for a, b in combinations(asked, 2):
        pair, group = between(read.runs[a], read.runs[b]), f"{names[a]}{ARROW}{names[b]}"
        yield from _agreement(read, (key, group), pair)
        if a == first:
            yield from _mean(given, read, (key, group, "wording_adds"), pair.added)
            yield from _mean(given, read, (key, group, "tag_difference"), pair.second - pair.first)


def _agreement(read: _Read, about: tuple[str, str], pair: Pair) -> Iterator[Figure]:
    yield from _ratio(read, (*about, "agreement"), pair.agree, np.ones(len(pair.agree)))
    yield from _ratio(read, (*about, "turned"), pair.either - pair.both, pair.either)


def _ratio(
    read: _Read, about: tuple[str, str, str], above: NDArray[np.float64], below: NDArray[np.float64]
) -> Iterator[Figure]:
    """Yield the figure of a ratio of sums over posts, if any post says something of it."""
    known = np.isfinite(above)
    if known.any():
        found = clustered_ratio(above[known], below[known], read.clusters[known])
        yield Figure(*about, found.value, read.n(known), found.low, found.high, found.kind)


def _mean(given: AuditInput, read: _Read, about: tuple[str, str, str], values: NDArray[np.float64]) -> Iterator[Figure]:
    known = np.isfinite(values)
    if known.any():
        clusters = read.clusters[known]
        low, high = mean_interval(values[known], clusters, given.generator(" ".join(("wording", *about))))
        why = ONE_CLUSTER if len(np.unique(clusters)) == 1 else None
        yield Figure(*about, float(values[known].mean()), read.n(known), low, high, why)
