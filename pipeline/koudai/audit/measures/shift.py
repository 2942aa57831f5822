"""Shift: whether the scored posts look like those that the model was fitted on, and which words tell them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Declaration, Overall, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.model.bundle.vocabulary import contacts_of_terms
from koudai.model.model import Model
from koudai.model.ngrams.blocks import document_frequencies
from koudai.model.ngrams.counting import WORDS
from koudai.model.outline import LENGTH, PROBABILITY, SCRIPT, TERMS

SHOWN = 10
"""Words shown of each side."""
_MOST = 20_000
_HALF = 0.5


@measure(
    "shift",
    needs=("scores", "profile"),
    zh="打分的帖子和训练时用的像不像？",
    en="Do the scored posts look like those fitted on?",
    place=31,
    declares=Declaration(
        statistics=(
            named(
                "distance",
                zh="分布距离",
                en="distance",
                unit="coefficient",
                why=phrase(
                    zh="与容限相比较：容限就是训练帖自身各部分之间的距离。",
                    en="It is held against the tolerance, which is how far parts of the fitted posts come apart.",
                ),
            ),
            named(
                "tolerance",
                zh="容限",
                en="tolerance",
                unit="coefficient",
                why=phrase(
                    zh="它是多次对半分组中的最大值，训练时算好，存在模型里。",
                    en="The largest of many halves, computed when the model was fitted and kept with it.",
                ),
            ),
            named(
                "here",
                zh="打分帖中含此词的比例",
                en="scored posts with the word",
                unit="share",
                why=phrase(zh="描述这批帖子，不作推断。", en="Describes these posts; nothing is inferred."),
            ),
            named(
                "there",
                zh="训练帖中含此词的比例",
                en="fitted posts with the word",
                unit="share",
                why=phrase(zh="描述训练帖，不作推断。", en="Describes the fitted posts; nothing is inferred."),
            ),
            named(
                "z",
                zh="z 值",
                en="z",
                unit="z",
                why=phrase(
                    zh="用来排序，本身就以标准误为单位。", en="It orders the words, in units of its standard error."
                ),
            ),
        ),
        overall=(
            Overall(
                phrase(zh="打分帖与训练帖的距离（竖线为容限）", en="Distance from the fitted posts (tick: tolerance)"),
                statistic="distance",
                place=90,
                groups=(LENGTH, TERMS, SCRIPT),
                reference="tolerance",
            ),
        ),
        groups={
            LENGTH: phrase(zh="长度", en="length"),
            TERMS: phrase(zh="认识的词", en="known terms"),
            SCRIPT: phrase(zh="西文字符", en="Latin script"),
            PROBABILITY: phrase(zh="概率", en="probability"),
        },
    ),
)
def shift(given: AuditInput) -> AuditFrame:
    """Kolmogorov-Smirnov distance between the scored posts and those that the model was fitted on, trait by trait.

    The distance is the greatest difference of the two cumulative shares, from 0 (alike) to 1. Traits: `length` in
    bytes; `terms`, known terms per byte, each fitted post counted as if its near-duplicates had not been there;
    `script`, how much of a post is Latin letters, digits and links; and the `probability` of each category beside that
    of the unseen test posts. `tolerance` is what no trait goes beyond in any of 200 deals of the model's own posts into
    halves, and as much more as so few posts vary; n is the number of scored posts. A distance above its
    tolerance says that these are other posts: what was measured on the model's own (calibration, thresholds, sets) need
    not hold here. One below says only that these traits do not tell them apart. Below, where words may be named: those
    that are more and less frequent here than there, at most 10 of each, by the z of the difference of the two shares,
    one post per near-duplicate group; a word that is not in the vocabulary counts as absent there. A word that no
    scored post has is named only if the model itself hides contacts and links: else it may be a piece of one.

    Source: Rabanser, Günnemann & Lipton 2019, "Failing loudly"; Kolmogorov 1933; Smirnov 1948.

    中文
    逐项比较打分的帖子与训练时用的帖子，给出柯尔莫哥洛夫–斯米尔诺夫距离，即两条累积分布之差的最大值，0 为一样，1 为全
    然不同。比较的项目：“长度”是字节长度；“认识的词”是每字节里认识的词数，训练帖按“自己和近重复都不在训练集里”来算；
    “西文字符”是西文字母、数字和链接所占的分量；“概率”是各类别的概率，与没有用于训练的测试帖相比。容限：模型自己的帖子
    对半分 200 次，各项距离从未超过它，帖子少时相应放宽；n 是打分的帖子数。距离超过容限，说明这是另一类帖子，在模型自
    己的帖子上测得的校准、阈值、预测集在这里未必成立；没有超过，只说明这几项看不出差别。允许列词时，下面还给出这里比训
    练帖里更常见和更少见的词，各至多 10 个，按两个比例之差的 z 值排序，每个近重复组只算一条；词表里没有的词，按训练帖
    里没有计。打分的帖子里没有的词，只在模型自己就隐去联系方式和链接时才列出，否则它可能正是某个联系方式的一截。
    """
    found = given.shift
    if found is None:
        return AuditFrame("shift", ())
    figures = []
    for trait, one in found.traits.items():
        group, _, key = trait.partition(" ")
        figures += [
            Figure(key or ALL, group, "distance", one.distance, found.posts),
            Figure(key or ALL, group, "tolerance", one.tolerance, found.posts),
        ]
    if given.model is not None and given.texts and given.words:
        figures += _words(given, given.model)
    return AuditFrame("shift", tuple(figures))


def _words(given: AuditInput, model: Model) -> list[Figure]:
    """Return the words that tell the two apart: those of the scored posts once contacts are masked, and words that only
    the vocabulary holds if that is of masked posts, too: a part of an address, alone, can no longer be told.
    """
    rows = 0 if model.profile is None else model.profile.fitted
    block = next((one for one in model.blocks if one.kind == WORDS), None)
    if block is None or not rows:
        return []
    counts, words = given.scored_texts.word_counts
    chosen = _one_per_group(given)
    here = np.bincount(counts[chosen].indices, minlength=len(words)).astype(np.float64)
    place = {word: at for at, word in enumerate(words)}
    frequency = document_frequencies(block, rows)
    there, absent, hides = np.zeros(len(words)), {}, model.normalizer.hides
    for term, count in zip(block.terms, frequency.tolist(), strict=True):
        at = place.get(term)
        if at is not None:
            there[at] = count
        elif hides and len(term) > 1 and term.isalnum():
            absent[term] = count
    missing = sorted(absent, key=lambda term: (-absent[term], term))[: 5 * SHOWN]
    hidden = {term for term, _ in contacts_of_terms(missing)}
    missing = [term for term in missing if term not in hidden]
    names = [*words, *missing]
    a = np.concatenate([here, np.zeros(len(missing))])
    b = np.concatenate([there, [absent[term] for term in missing]])
    z = z_of_difference(a, len(chosen), b, rows)
    order = sorted(range(len(names)), key=lambda at: (-z[at], names[at]))
    more = [at for at in order if z[at] > 0][:SHOWN]
    less = [at for at in reversed(order) if z[at] < 0][:SHOWN]
    figures = []
    for at in [*more, *less]:
        figures += [
            Figure(ALL, names[at], "z", float(z[at]), len(chosen)),
            Figure(ALL, names[at], "here", a[at] / len(chosen), len(chosen)),
            Figure(ALL, names[at], "there", b[at] / rows, rows),
        ]
    return figures


def z_of_difference(a: NDArray[np.float64], m: int, b: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return z of the difference of the shares ``a/m`` and ``b/n``, half a post added to either count.

    Parameters
    ----------
    a, b : ndarray of float64, shape (n_words,)
        Posts with each word.
    m, n
        Posts.

    Source: Agresti 2013, "Categorical data analysis", section 3.2 (pooled test of two proportions).

    Examples
    --------
    >>> z_of_difference(np.array([30.0, 10.0]), 100, np.array([10.0, 30.0]), 100).round(2).tolist()
    [3.48, -3.48]
    """
    p, q = (a + _HALF) / (m + 1), (b + _HALF) / (n + 1)
    pooled = (a + b + 2 * _HALF) / (m + n + 2)
    return np.asarray((p - q) / np.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n)))


def _one_per_group(given: AuditInput) -> NDArray[np.intp]:
    """Return the first post of each near-duplicate group, a sample of them if there are many."""
    first = np.flatnonzero(given.scored_texts.groups == np.arange(len(given.ids)))
    if len(first) <= _MOST:
        return first
    return np.sort(given.generator("shift").choice(first, _MOST, replace=False))
