"""Hazards: what is noticed on the raw posts of each tag, and whether taking out markup changes tags."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Overall, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share_among
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.text.characters.hazards import HAZARDS, hazard_flags
from koudai.text.characters.normalize import MARKUP_OPENINGS, Normalizer
from koudai.text.utf8 import Utf8
from koudai.training.intervals import PostClusters

STEP = "html"
"""The step of normalisation that is taken and left out; also the group of posts whose text it changes."""


@measure(
    "hazards",
    needs=("scores", "texts"),
    zh="原文干净吗？不干净会改变标记吗？",
    en="Are the texts clean, and does it change tags?",
    place=16,
    declares=Declaration(
        statistics=(
            named("flagged", zh="有异常的比例", en="with a hazard", unit="share", interval="wilson, effective n"),
            named(
                "flagged_elsewhere",
                zh="无此标记者中的比例",
                en="of posts without the tag",
                unit="share",
                interval="wilson, effective n",
            ),
            named("changed", zh="标记改变", en="tags changed", unit="share", interval="wilson, effective n"),
            named("to_abstained", zh="转为拒判", en="to abstained", unit="share", interval="wilson, effective n"),
            named("from_abstained", zh="不再拒判", en="from abstained", unit="share", interval="wilson, effective n"),
        ),
        components=(
            Component(
                "hazards",
                name=phrase(zh="原文异常", en="Hazards"),
                brief=phrase(zh="原文有异常的比例；竖线为无此标记者", en="texts with a hazard; tick: without the tag"),
                explanation=phrase(
                    zh="有此标记的帖子中，原文有异常（残留网页标记、被截断、乱码……）的比例；竖线为没有此标记的帖子。",
                    en="The share of tagged posts whose raw text has a hazard (markup, cut off, mojibake …); the tick "
                    "is the share among posts without the tag.",
                ),
                section="in-the-pocket",
                place=70,
                pick=Pick("flagged"),
                reference=Pick("flagged_elsewhere"),
                whole=False,
            ),
        ),
        overall=(
            Overall(
                phrase(zh="原文有异常的帖子", en="Posts with a hazard"), statistic="flagged", place=60, groups=(ALL,)
            ),
        ),
        charts=(
            Chart(
                "hazards",
                kind="bars",
                name=phrase(zh="原文的异常", en="Hazards of the raw texts"),
                explanation=phrase(
                    zh="有此标记的帖子中，原文有各种异常的比例；竖线是没有此标记的帖子中的比例。",
                    en="Share of tagged posts with each hazard; tick: of posts without the tag.",
                ),
                statistics=("flagged",),
                place=170,
                beside="flagged_elsewhere",
                groups=HAZARDS,
                axis=phrase(zh="比例", en="share"),
            ),
        ),
        groups={
            "bidi": phrase(zh="改变书写方向的字符", en="direction marks"),
            "control": phrase(zh="控制字符", en="control characters"),
            "cut-off": phrase(zh="正文被截断", en="cut off"),
            "escaped": phrase(zh="转义符未还原", en="escapes"),
            "invisible": phrase(zh="不可见字符", en="invisible characters"),
            "lone-surrogate": phrase(zh="半个字符", en="half a character"),
            "markup": phrase(zh="残留网页标记", en="markup"),
            "mojibake": phrase(zh="乱码", en="mojibake"),
            "no-words": phrase(zh="没有文字", en="no words"),
            "placeholder": phrase(zh="平台提示语", en="placeholder"),
            "replacement": phrase(zh="替换符（字节已丢失）", en="replacement character"),
            "stacked-marks": phrase(zh="堆叠的附加符号", en="stacked marks"),
            STEP: phrase(zh="清除标记后文字有变的帖子", en="posts that the step html changes"),
        },
    ),
)
def hazard_shares(given: AuditInput) -> AuditFrame:
    """Share of posts whose raw text has a hazard, of all and of each tag, from 0 to 1, with Wilson intervals
    (effective n of clusters).

    Hazards are noticed on the text as it was read: markup, texts that were cut off, escaped or decoded wrongly, notices
    in the place of a post, invisible characters and others; * is any of them. *flagged*: of all scored posts, or of the
    posts with a tag; *flagged_elsewhere*: of the scored posts without that tag. A hazard is a flag, not a verdict. One
    that is frequent under a tag and rare elsewhere says that the category may have learnt how files were collected,
    not what was written. *changed*: the share of posts whose tag differs when the model normalises with the step
    ``html``, which takes out markup, and without it; of all categories together, any tag. *to_abstained* and
    *from_abstained*: the share of posts on which the model abstains only with the step, or only without it. Group
    ``html``: of the posts whose text the step changes; *: of all scored posts. These need the model. Where they are not
    0, train with the step, or clean the texts first.

    中文
    原文有异常的帖子所占比例（0 到 1，附按簇折算的 Wilson 区间），分全部帖子和各类标记两种。异常按读入时的原文判断：残
    留的网页标记、正文被截断、转义符未还原、解码错误（乱码）、平台提示语、不可见字符等；星号表示至少有其中一种。“有异
    常的比例”（flagged）：在全部已打分帖子中，或在有某一标记的帖子中；“无此标记者中的比例”（flagged_elsewhere）：在没
    有该标记的已打分帖子中。异常只是提示，不是结论。如果某种异常在某一标记下常见、在别处少见，那么这个类别学到的可能是
    数据怎么采集来的，而不是帖子写了什么。“标记改变”（changed）：同一模型在规范化时加上清除网页标记的步骤（html）与不
    加这一步相比，标记不同的帖子所占比例；不分类别时，任一标记不同即算。“转为拒判”与“不再拒判”：加上这一步才拒判、不加
    这一步才拒判的帖子所占比例。“残留网页标记”（html）一组以文字会被这一步改动的帖子为分母，星号一组以全部已打分帖子为
    分母。后三项需要模型。若不为 0，训练时应加上这一步，或先把文本清理干净。
    """
    if given.texts is None:
        return AuditFrame("hazards", ())
    flags = hazard_flags(given.scored_texts.posts)
    of = {ALL: flags != 0, **{name: (flags >> bit & 1).astype(bool) for bit, name in enumerate(HAZARDS)}}
    clusters = given.clusters
    every = PostClusters.of(clusters, n=len(flags))
    figures = [share_among(ALL, name, "flagged", found, every) for name, found in of.items()]
    of = {name: found for name, found in of.items() if found.any() or name == ALL}
    for column, key in enumerate(given.categories):
        sides = (("flagged", given.alleged[:, column]), ("flagged_elsewhere", ~given.alleged[:, column]))
        of_side = [
            (statistic, rows, PostClusters.of(None if clusters is None else clusters[rows], n=int(rows.sum())))
            for statistic, rows in sides
        ]
        for name, found in of.items():
            figures += [share_among(key, name, statistic, found[rows], posts) for statistic, rows, posts in of_side]
    if given.model is not None:
        figures += _changes(given.model, given.scored_texts.posts, clusters, every)
    return AuditFrame("hazards", tuple(figures))


def _changes(model: Model, posts: Utf8, clusters: NDArray[np.int64] | None, every: PostClusters) -> list[Figure]:
    """Return what the step changes, of the posts whose text it changes and of all."""
    plain = tuple(step for step in model.normalizer.steps if step != STEP)
    ways = [replace(model, normalizer=Normalizer(steps)) for steps in (plain, (STEP, *plain))]
    touched = posts.holding(MARKUP_OPENINGS)
    possible = posts.take(touched)
    without, with_step = (one.normalizer.many(possible).texts() for one in ways)
    changes = np.array([a != b for a, b in zip(without, with_step, strict=True)], dtype=bool)
    touched[touched] = changes
    some = possible.take(changes).texts()
    (before, silent_before), (after, silent_after) = (_said(one, some) for one in ways)
    changed = before != after
    told = [
        (ALL, "changed", changed.any(axis=1)),
        (ALL, "to_abstained", silent_after & ~silent_before),
        (ALL, "from_abstained", silent_before & ~silent_after),
        *((key, "changed", changed[:, column]) for column, key in enumerate(model.categories)),
    ]
    inside = PostClusters.of(None if clusters is None else clusters[touched], n=len(some))
    figures = [share_among(key, STEP, statistic, hits, inside) for key, statistic, hits in told]
    for key, statistic, of_touched in told:
        hits = np.zeros(posts.posts, dtype=bool)
        hits[touched] = of_touched
        figures.append(share_among(key, ALL, statistic, hits, every))
    return figures


def _said(model: Model, texts: list[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    batch = score(model, [""] * len(texts), texts)
    return batch.alleged[:, model.taxonomy.columns(model.categories)], batch.abstained
