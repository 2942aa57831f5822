"""Disagreement of labels with words: which labels a model of words contradicts, and how many it would where none is
wrong. How many labels really are wrong is another measure, `label_noise`, which needs people.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.confident import disagreement_by_chance, disagreement_of, flagged, probability_of_label
from koudai.audit.trying.content import Content, content_of

MOST_POSTS = 6000
DRAWS = 200
_PARTS = ("disagreement", "labelled_out_but_in", "labelled_in_but_out")
_NO_ESTIMATE = phrase(
    zh="它不是错标率的估计：标注全对时也会有这么多，见旁边的数。",
    en="It estimates no share of wrong labels: with none wrong there would be as many; see the figure beside it.",
)


@measure(
    "label_disagreement",
    needs=("labels",),
    zh="哪些标注与文字对不上？",
    en="Which labels do words contradict?",
    place=18,
    declares=Declaration(
        statistics=(
            named("disagreement", zh="与文字对不上的标注", en="labels against words", unit="share", why=_NO_ESTIMATE),
            named(
                "labelled_out_but_in",
                zh="标注为否、疑似为是",
                en="labelled out, words say in",
                unit="share",
                why=_NO_ESTIMATE,
            ),
            named(
                "labelled_in_but_out",
                zh="标注为是、疑似为否",
                en="labelled in, words say out",
                unit="share",
                why=_NO_ESTIMATE,
            ),
            named(
                "disagreement_if_none_is_wrong",
                zh="标注全对时也会有的",
                en="the same if no label is wrong",
                unit="share",
                interval="by chance",
            ),
            named("flagged", zh="存疑标注占比", en="labels flagged", unit="share", why=_NO_ESTIMATE),
        ),
    ),
)
def label_disagreement(given: AuditInput) -> AuditFrame:
    """Share of labels that a model of words contradicts, from 0 to 1; it is no estimate of how many are wrong.

    A linear model of words gives each post the probability of a category, fitted without it and its near-duplicates
    (five folds). A post labelled i counts as j if its probability of j reaches tⱼ, the mean probability of j among
    posts labelled j; of two such the more probable one. C[i][j] = #{labelled i, p_j ≥ t_j} is the confident joint;
    scaled so that each label keeps its number of posts, its off-diagonal share is *disagreement*; *labelled_out_but_in*
    is the part of posts labelled 0 that words put in, *labelled_in_but_out* the reverse. *flagged* counts the posts off
    the diagonal themselves, also by corpus. Beside it stands *disagreement_if_none_is_wrong*: the same figure where
    every post's label is drawn anew from the probability that the model gives it (mean and 2.5 to 97.5 % of 200 draws),
    so that no label is wrong and words are as uncertain as they are. Where the two are alike, words say nothing of
    wrong labels: what they contradict is what they cannot tell. Above it, labels are contradicted by a model surer than
    it is right. None has a confidence interval, because none estimates a share of wrong labels: with none wrong, 0.05
    to 0.12 came out for categories that words carry well, and 0.5 for one that they do not carry. Flagged posts are
    those to read first. How many labels are wrong is told by the measure `label_noise`, once people have looked at some
    of them again (`koudai sample --flagged`). At most 6,000 posts per category, drawn at random.

    Source: Northcutt, Jiang & Chuang 2021, "Confident learning: estimating uncertainty in dataset labels".

    中文
    与文字模型对不上的标注占多少，0 到 1；它并不是错标率的估计。先用词与字的线性模型给每条帖子一个属于该类别的概率，训
    练时不用它本身，也不用它的近重复帖（五折）。tⱼ 是标为 j 的帖子属于 j 的平均概率；一条标为 i 的帖子，如果属于 j 的
    概率不低于 tⱼ，就算作 j，两边都够得上时取概率大的。C[i][j] 就是这样的帖子数，即置信联合矩阵；按各类标注的帖子数缩
    放后，非对角线部分的比例就是“与文字对不上的标注”。“标注为否、疑似为是”是标为 0 而文字像该类别的比例，“标注为是、疑
    似为否”相反。“存疑标注”是落在非对角线上的帖子，也按语料分列。旁边“标注全对时也会有的”是同一个数，但每条帖子的标注
    改按模型给出的概率重新抽取（抽 200 次，取均值与 2.5%、97.5% 分位数）：这时没有一条标注是错的，文字能说明的程度则不
    变。两个数相近，就说明文字看不出错标，对不上的只是文字本来就说不准的；明显高于它，则是模型过于自信。这些数都没有置
    信区间，因为它们估计的不是错标率：标注全对时，文字看得出的类别也会有 0.05 到 0.12，文字看不出的类别可达 0.5。存疑
    的帖子应当先读。究竟错了多少，要请人复看一部分标注（koudai sample --flagged），由“标注错了多少？”一项给出。每个类
    别至多随机取 6000 条。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("label_disagreement", ())
    figures: list[Figure] = []
    contents: dict[bytes, Content] = {}
    for column, key in enumerate(given.categories):
        known = np.flatnonzero(labelled.labels[:, column] >= 0)
        if len(known) > MOST_POSTS:
            known = np.sort(given.generator("label_disagreement").choice(known, MOST_POSTS, replace=False))
        y, groups = labelled.labels[known, column], labelled.group[known]
        if not len(known):
            continue
        name = known.tobytes()
        if name not in contents:
            contents = {name: content_of([labelled.texts[i] for i in known], groups)}
        content = contents[name]
        if not content.enough(y):
            figures.append(Figure(key, ALL, "disagreement", None, len(y)))
            continue
        p = probability_of_label(content, y, seed=given.seed)
        figures += _figures(key, y, p, groups, given.generator("label_disagreement draws"))
        wrong = flagged(y, p)
        figures.append(Figure(key, ALL, "flagged", float(wrong.mean()), len(wrong)))
        source = labelled.source[known]
        if len(set(source)) > 1:
            figures += [
                Figure(key, str(name), "flagged", float(wrong[source == name].mean()), int((source == name).sum()))
                for name in dict.fromkeys(source)
            ]
    return AuditFrame("label_disagreement", tuple(figures))


def _figures(
    key: str, y: NDArray[np.int8], p: NDArray[np.float64], groups: NDArray[np.int64], random: np.random.Generator
) -> list[Figure]:
    values = disagreement_of(y, p)
    drawn = disagreement_by_chance(p, groups, random, draws=DRAWS)[:, 0]
    low, high = np.percentile(drawn, [2.5, 97.5])
    sizes = (len(y), int((y == 0).sum()), int((y == 1).sum()))
    return [
        *(Figure(key, ALL, name, value, n) for name, value, n in zip(_PARTS, values.tolist(), sizes, strict=True)),
        Figure(key, ALL, "disagreement_if_none_is_wrong", float(drawn.mean()), len(y), float(low), float(high)),
    ]
