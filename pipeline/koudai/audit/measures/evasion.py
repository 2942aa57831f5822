"""Evasion: whether another spelling of the same post changes its tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.spellings import load_spellings
from koudai.config.places import bundled
from koudai.model.model import Model
from koudai.model.scorer import score

POSTS = 200
"""Posts per category that are tagged, and posts that are not."""


@measure(
    "evasion",
    needs=("model", "casebook"),
    zh="换个写法，标记会变吗？",
    en="Does spelling change the tag?",
    place=57,
    declares=Declaration(
        statistics=(
            named("lost", zh="标记消失", en="tags lost", unit="share", interval="wilson"),
            named("gained", zh="标记新增", en="tags gained", unit="share", interval="wilson"),
            named(
                "lost_on_posts",
                zh="标记消失（帖子）",
                en="tags lost, posts",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "gained_on_posts",
                zh="标记新增（帖子）",
                en="tags gained, posts",
                unit="share",
                interval="wilson, effective n",
            ),
        ),
        components=(
            Component(
                "evasion",
                name=phrase(zh="变体写法", en="Spelling"),
                brief=phrase(zh="换种写法标记就消失", en="tag lost under some spelling"),
                explanation=phrase(
                    zh="用例换一种写法（夹零宽字符、拆字、拼音……）后标记消失的比例，只要有一种写法能让它消失就算。",
                    en="The share of casebook tags lost when the case is spelt in some other way (zero-width "
                    "characters, split characters, pinyin …).",
                ),
                section="in-the-pocket",
                place=40,
                pick=Pick("lost"),
            ),
        ),
        charts=(
            Chart(
                "spellings",
                kind="bars",
                name=phrase(zh="换种写法之后", en="Under another spelling"),
                explanation=phrase(
                    zh="用例换一种写法后标记消失的比例；竖线是已打分帖子中的比例。",
                    en="Share of casebook tags lost under each spelling; tick: of scored posts.",
                ),
                statistics=("lost",),
                place=150,
                beside="lost_on_posts",
            ),
        ),
        groups={
            "zero-width": phrase(zh="零宽字符", en="zero-width"),
            "full-width": phrase(zh="全角", en="full width"),
            "traditional": phrase(zh="繁体", en="traditional"),
            "simplified": phrase(zh="简体", en="simplified"),
            "homophones": phrase(zh="谐音", en="homophones"),
            "pinyin": phrase(zh="拼音", en="pinyin"),
            "initials": phrase(zh="首字母", en="initials"),
            "symbols": phrase(zh="表情代字", en="emoji for words"),
            "split": phrase(zh="拆字", en="split"),
            "spaces": phrase(zh="夹空格", en="spaces"),
            "dots": phrase(zh="夹点号", en="dots"),
            "emoji": phrase(zh="夹表情", en="emoji"),
        },
    ),
)
def evasion(given: AuditInput) -> AuditFrame:
    """Share of posts whose tag comes or goes when the same post is spelt in another way, from 0 to 1, per way.

    Ways: *zero-width* characters between ideographs; *full-width* letters and digits; *traditional* and *simplified*
    script; *homophones*, *pinyin*, *initials* of the pinyin and *symbols* (emoji) for listed words; characters *split*
    into their two parts; *spaces*, *dots* and *emoji* between ideographs. Each is applied wherever it can be, which is
    more than people do. *lost*: of casebook cases that should have the tag and have it, those without it afterwards;
    *gained*: of cases without it, those with it afterwards. *lost_on_posts*, *gained_on_posts*: the same among at most
    200 tagged scored posts per category and 200 posts without the tag, drawn by seed, each text once. A post that a way
    leaves as it is counts for no figure of it; the group * asks whether any of the ways changes the tag. Wilson
    intervals, of scored posts with an effective n of clusters. *lost* near 0 means that the way gets nobody past the
    model, near 1 that it gets everybody past; a gap between *traditional* and *simplified* says that the category
    depends on the script. Nothing here is a reason to trust or to mistrust whoever writes so.

    Source: Röttger et al. 2022, "Multilingual HateCheck"; the ways and lists are this project's own.

    中文
    同一条帖子换一种写法，标记消失或新增的比例（0 到 1），按写法分列。写法有：字间夹零宽字符、全角字母数字、繁体、简
    体、谐音词、夹拼音、拼音首字母、以表情代字、拆字、字间加空格、加点、夹表情。能换的地方全换，比现实中更彻底。“标记
    消失”：应标且已标的用例中，换写法后标记消失的比例；“标记新增”：原本未标的用例中，换写法后被标的比例。“（帖子）”两
    项：在已打分帖子上同样计算，每类至多取 200 条已标帖子和 200 条未标帖子，按种子抽取，相同文字只算一次。某写法改动不
    了的帖子不计入该写法；星号一组看的是各种写法中有没有任何一种会改变标记。区间为 Wilson 区间，已打分帖子按簇折算。
    “标记消失”接近 0 说明这种写法绕不过模型，接近 1 说明一换就绕过；繁体与简体结果不同，说明这个类别依赖字形。这些数字
    不能用来判断这样写的人可不可信。
    """
    if given.model is None or given.casebook is None:
        return AuditFrame("evasion", ())
    cases = {case.text: case for case in given.casebook.cases}
    expected = np.array(
        [
            [any(key in (one, *given.taxonomy.ancestors(one)) for one in case.expected) for key in given.categories]
            for case in cases.values()
        ],
        dtype=bool,
    ).reshape(len(cases), len(given.categories))
    figures = _figures(given, given.model, _Tried(list(cases), expected, np.ones_like(expected), None, ""))
    if given.texts is not None:
        places = np.array(given.scored_texts.trial_order, dtype=np.intp)
        tagged = given.alleged[places]
        of = [np.flatnonzero(tagged[:, column])[:POSTS] for column in range(len(given.categories))]
        none = [np.flatnonzero(~tagged[:, column])[:POSTS] for column in range(len(given.categories))]
        chosen = np.unique(np.concatenate([*of, *none]).astype(np.intp))
        wanted = np.stack([np.isin(chosen, np.concatenate(both)) for both in zip(of, none, strict=True)], axis=1)
        rows = places[chosen]
        clusters = None if given.clusters is None else given.clusters[rows]
        texts = [given.texts[i] for i in rows]
        figures += _figures(given, given.model, _Tried(texts, wanted, wanted, clusters, "_on_posts"))
    return AuditFrame("evasion", tuple(figures))


class _Tried(NamedTuple):
    """Texts to spell in other ways: which of them count for the loss of a tag, and which for its gain, shape (n_texts,
    n_categories); their clusters, None where each stands alone; the end of their statistics' names.
    """

    texts: Sequence[str]
    may_lose: NDArray[np.bool_]
    may_gain: NDArray[np.bool_]
    clusters: NDArray[np.int64] | None
    suffix: str


def _figures(given: AuditInput, model: Model, tried: _Tried) -> list[Figure]:
    """Return the figures on some texts."""
    texts, clusters = tried.texts, tried.clusters
    before = tags(model, texts)
    lost = {ALL: (np.zeros_like(before), np.zeros_like(before))}
    for name, spelt in load_spellings(bundled("data/casebook") / "spellings.toml").items():
        other = [spelt(text) for text in texts]
        touched = np.array([a != b for a, b in zip(texts, other, strict=True)], dtype=bool)
        after = before.copy()
        after[touched] = tags(model, [text for text, one in zip(other, touched, strict=True) if one])
        changed = after != before
        lost[name] = (changed, np.broadcast_to(touched[:, None], before.shape))
        lost[ALL] = (lost[ALL][0] | changed, lost[ALL][1] | touched[:, None])
    figures = []
    for name, (changed, touched) in lost.items():
        for column, key in enumerate(given.categories):
            losing = before[:, column] & tried.may_lose[:, column] & touched[:, column]
            gaining = ~before[:, column] & tried.may_gain[:, column] & touched[:, column]
            for statistic, inside in (("lost", losing), ("gained", gaining)):
                some = None if clusters is None else clusters[inside]
                figures.append(clustered_share(key, name, statistic + tried.suffix, changed[inside, column], some))
    return figures


def tags(model: Model, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return what the model alleges of each text, shape (n_texts, n_categories); abstaining is not alleging."""
    batch = score(model, [""] * len(texts), texts)
    return batch.alleged[:, model.taxonomy.columns(model.categories)]
