"""Multiplicity: whether a tag is an accident of modelling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.rashomon import STATISTICS, SplitPosts, Verdicts, as_good, disagreement, f1_loss, furthest
from koudai.audit.trying.selection import renumbered, sample_groups, sorted_rows
from koudai.config.decide import DecideSection
from koudai.config.train import FeaturesSection, ModelSection, TextSection
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.model.model import Model
from koudai.training.folds import deal_folds
from koudai.training.intervals import IntervalKind
from koudai.training.refitting.kept_refits import KeptRefits
from koudai.training.refitting.refit_batches import RefitPosts, Refitted, Ways
from koudai.training.refitting.refits import refit

HELD, SCORED = "held-out posts", "scored posts"
HELD_TAGGED = f"{HELD}, tagged"
ALL_REFITS = "all refits"
_SHARE: IntervalKind = "wilson, effective n"


@measure(
    "multiplicity",
    needs=("labels", "model"),
    zh="换个模型，标记还在吗？",
    en="Is the tag an accident?",
    place=36,
    declares=Declaration(
        judges_model=True,
        statistics=(
            named(
                "left_out_as_near_duplicate",
                zh="因近重复而剔除",
                en="left out as near-duplicates",
                unit="share",
                why=phrase(zh="这是对抽出的帖子的清点。", en="A count of the posts that were drawn."),
            ),
            named(
                "loss",
                zh="损失（1 − F1）",
                en="loss (1 − F1)",
                unit="score",
                why=phrase(
                    zh="只用来比较各次重训，不是对别的帖子的估计。",
                    en="It orders refits on the same posts; it says nothing of other posts.",
                ),
            ),
            named(
                "in_rashomon_set",
                zh="罗生门集（同等好的模型）占比",
                en="share of refits as good",
                unit="share",
                why=phrase(
                    zh="这是对这些重训模型的清点。", en="A count of these refits; it says nothing of other models."
                ),
            ),
            named("self_consistency", zh="自洽性", en="self-consistency", unit="probability", interval=_SHARE),
            named("ambiguity", zh="与基准模型不同的比例", en="ambiguity", unit="share", interval=_SHARE),
            named("discrepancy", zh="差异最大的模型", en="discrepancy", unit="share", interval=_SHARE),
            named("arbitrariness", zh="同等好的模型彼此不一致", en="arbitrariness", unit="share", interval=_SHARE),
            named("flip_rate", zh="标记翻转率", en="flip rate", unit="share", interval=_SHARE),
            named(
                "prediction_range", zh="概率极差的平均值", en="prediction range", unit="probability", interval=_SHARE
            ),
        ),
        components=(
            Component(
                "multiplicity",
                name=phrase(zh="预测多重性", en="Arbitrariness"),
                brief=phrase(zh="同等好的模型意见不一", en="equally good models differ"),
                explanation=phrase(
                    zh="被标记的留出帖中，同样好的几个模型彼此判断不一致的比例（取最宽的 ε）。",
                    en="Of held-out posts that are tagged, the share on which equally good models contradict each "
                    "other (at the widest ε).",
                ),
                section="told-apart",
                place=40,
                pick=Pick("arbitrariness", HELD_TAGGED, choose="last"),
            ),
        ),
        charts=(
            Chart(
                "arbitrariness",
                kind="statistics",
                name=phrase(zh="标记是否出于偶然", en="Is the tag an accident?"),
                explanation=phrase(
                    zh="同样好的模型在被标记的帖子上分歧有多大（{group}）。",
                    en="How far equally good models disagree about the posts tagged ({group}).",
                ),
                statistics=("ambiguity", "discrepancy", "arbitrariness", "flip_rate"),
                place=50,
                prefix=HELD_TAGGED,
                axis=phrase(zh="占涉嫌帖", en="of alleged posts"),
            ),
        ),
        groups={
            "held-out posts": phrase(zh="留出帖", en="held-out posts"),
            "scored posts": phrase(zh="已打分帖子", en="scored posts"),
            "tagged": phrase(zh="被标记的", en="tagged"),
            ALL_REFITS: phrase(zh="全部重训模型", en=ALL_REFITS),
            "ambiguity": phrase(zh="与基准不同", en="unlike the first"),
            "discrepancy": phrase(zh="差异最大的那个模型", en="by the furthest one"),
            "arbitrariness": phrase(zh="彼此不一致", en="among themselves"),
            "flip_rate": phrase(zh="平均翻转率", en="mean flip rate"),
        },
    ),
    steps=lambda given: given.multiplicity.refits,
)
def multiplicity(given: AuditInput) -> AuditFrame:
    """How far models that are about as good disagree about single posts: refits beside references h₀.

    The labelled near-duplicate groups are divided into four parts. For each there is an h₀, fitted on the other three
    as the audited model was (vectors left out), and a quarter of the refits (100 in all unless the config says
    otherwise), fitted on bootstrap samples of the same three. Refits also vary C (from a quarter of it to four times),
    the features (words or characters alone, other n-grams, min_df, sublinear counts) and the order of posts. All of
    them judge the part that they have not seen and, where posts are read, a sample of scored posts. L is 1 − F1. R(ε)
    are the refits that a paired test on the same posts does not find worse than h₀ by more than ε (one-sided, 5 %); how
    many they are stands under *in_rashomon_set*. The held-out part is halved: models are chosen on either half and
    measured on the other. Of each post, over R(ε): *ambiguity* says whether some refit judges it unlike h₀;
    *discrepancy* whether that refit does which differs most from h₀ on the other half; *arbitrariness* whether refits
    disagree among themselves, h₀ left out; *flip_rate* is the share of refits unlike h₀; *prediction_range* max − min
    of the probability; *self_consistency* the probability that two refits drawn from them say the same, 1 − 2k(m −
    k)/(m(m − 1)) where k of m tag it. Figures are means over posts. Self-consistency does not depend on the number of
    refits and stands also over all refits, whether as good or not: 1 where training data decide nothing, 0.5 where a
    tag is a coin that is tossed. Ambiguity, arbitrariness and range grow with the number of refits; compare equal
    numbers. Where few posts are labelled the test can leave few refits out, and R(ε) is large because nobody could tell
    them apart. In a rare category all are small, because few posts come into question: read "tagged", the posts that h₀
    tags. A category that the text does not carry is small too, where the threshold that is best for F1 tags nearly
    every post: read learnability beside it. A high figure means that the tag of a single post depends on choices that
    nobody can defend: do not act on single posts. This says nothing of whether people agree; that is measured apart.
    Tags are thresholds alone, without silence or parents. Intervals: Wilson's, for as many posts as clusters and splits
    (parts and halves) are worth, whichever differ more; they include how far the models of splits differ, and none is
    of a maximum.

    Source: Marx, Calmon & Ustun 2020 (ambiguity, discrepancy); Gomez et al. 2024 (arbitrariness); Watson-Daniels et al.
    2023 (prediction range); Cooper et al. 2024 (self-consistency); Black, Raghavan & Barocas 2022 (several splits).

    中文
    一批表现相当的模型，对同一条帖子的判断有多不一致。有人工标注的近重复组分成四份，轮流留出一份：每次按受审模型的做法
    在其余三份上训练一个基准模型 h₀（不含词向量），再在这三份的自助样本上重训全部次数的四分之一（不另设定时共 100
    个）。重训还会改变 C（四分之一到四倍）、特征（只用词或只用字、不同的 n 元范围、min_df、词频是否取对数）和帖子的顺
    序。所有模型都判断自己没见过的那一份；读得到原文时，也判断抽取的一批已打分帖子。L 是 1 − F1。R(ε) 是在同一批帖子上
    作配对检验、不能认定比 h₀ 差出 ε 以上的重训模型（单侧，5%），即罗生门集，占全部重训模型的比例另列。留出的一份再分
    两半，模型在一半上挑选，在另一半上测量。对每条帖子，在 R(ε) 中：“与基准模型不同的比例”（ambiguity）指是否有模型与
    h₀ 判断不同；“差异最大的模型”（discrepancy）指在另一半上与 h₀ 差别最大的那个模型是否判断不同；“同等好的模型彼此不
    一致”（arbitrariness）指这些模型彼此之间（不算 h₀）是否有分歧；标记翻转率是与 h₀ 不同的模型所占的比例；概率极差是
    概率最大值与最小值之差；自洽性是任取两个模型判断相同的概率，即 1 − 2k(m − k)/(m(m − 1))，m 个模型中有 k 个打上标
    记。表中各数都是对帖子取平均。自洽性与重训个数无关，另外也对全部重训模型给出，不论是否同等好：训练数据左右不了结果
    时为 1，标记纯属随机时为 0.5。两种不一致的比例和概率极差随重训个数变大，只能在个数相同时比较。有人工标注的帖子少，
    检验就淘汰不了几个模型，R(ε) 很大只是因为分不出优劣。少见的类别里这些数都很小，因为本来就没几条帖子沾边，请看“被标
    记的”一组，即 h₀ 标记的帖子。文字根本看不出的类别，数值也可能很小，因为 F1 最高的阈值会给几乎所有帖子都打上标记，
    要对照可学习性来看。数值高，说明单条帖子有没有这个标记，取决于谁也说不出道理的建模选择，不要据此处理单条帖子。这与
    人的判断是否一致是两回事，后者另行测量。这里的标记只看阈值，不计拒判，也不带父类。区间是 Wilson 区间，有效样本量取
    帖子的簇与各次划分（份与半份）中差别较大的一方来定，所以包含了不同划分所得模型的差别；没有一个区间是关于最大值的。
    """
    if given.labelled is None or given.model is None:
        return AuditFrame("multiplicity", ())
    ways = ways_of(given.model)
    if ways.model.classifier not in CLASSIFIERS:  # of a model that was brought in
        return AuditFrame("multiplicity", ())
    section = given.multiplicity
    rows = sorted_rows(given.labelled)
    chosen = rows[sample_groups(given.labelled.group[rows], section.posts, given.generator("multiplicity posts"))]
    texts, labels = [given.labelled.texts[i] for i in chosen], given.labelled.labels[chosen]
    groups = renumbered(given.labelled.group[chosen])
    others, other_groups, known = _scored(given, texts, section.scored)
    found = refit(
        RefitPosts(texts, labels, groups, others, given.categories),
        ways,
        refits=section.refits,
        seed=given.seed,
        kept=KeptRefits(given.refits),
        advance=given.advance,
    )
    figures = []
    if known is not None:
        every = known + len(others)
        left_out = known / every if every else None
        figures.append(Figure(ALL, SCORED, "left_out_as_near_duplicate", left_out, every))
    for column, key in enumerate(given.categories):
        figures += _figures(given, key, found[column], labels[:, column], groups, other_groups)
    return AuditFrame("multiplicity", tuple(figures))


def ways_of(model: Model) -> Ways:
    """Return how a model was fitted, as its config says; what it does not say is the default."""
    config = model.config
    return Ways(
        TextSection.model_validate(config.get("text", {})),
        FeaturesSection.model_validate({**config.get("features", {}), "vectors": None}),
        ModelSection.model_validate(config.get("model", {})),
        DecideSection.model_validate(config.get("decide", {})),
    )


def _figures(
    given: AuditInput,
    key: str,
    found: list[Refitted] | None,
    labels: NDArray[np.int8],
    groups: NDArray[np.int64],
    other_groups: NDArray[np.int64],
) -> list[Figure]:
    if found is None:
        return [Figure(key, HELD, name, None, 0) for name in STATISTICS]
    splits = [_Split.of(one, labels, groups, other_groups, seed=given.seed) for one in found]
    tags, y = (np.concatenate(some) for some in zip(*((one.own.reference, one.y) for one in splits), strict=True))
    figures = [Figure(key, HELD, "loss", f1_loss(tags, y), len(y))]
    for epsilon in (None, *given.multiplicity.epsilon):
        name = ALL_REFITS if epsilon is None else f"ε={epsilon:g}"
        if epsilon is not None:
            chosen = np.concatenate([one.chosen(half, epsilon) for one in splits for half in (0, 1)])
            figures.append(
                Figure(key, name, "in_rashomon_set", float(chosen.mean()) if len(chosen) else None, len(chosen))
            )
        parts = {HELD: [one.held(half, epsilon) for one in splits for half in (0, 1)]}
        if len(other_groups):
            parts[SCORED] = [one.scored(epsilon) for one in splits]
        for part, cells in parts.items():
            for tagged in (False, True):
                some = [cell.tagged() for cell in cells] if tagged else cells
                n = sum(len(cell.verdicts.reference) for cell in some if cell.counts)
                group = f"{part}, tagged, {name}" if tagged else f"{part}, {name}"
                told = disagreement(some)
                figures += [Figure(key, group, statistic, *_with_n(told[statistic], n)) for statistic in STATISTICS]
    return figures


def _with_n(
    told: tuple[float | None, float | None, float | None], n: int
) -> tuple[float | None, int, float | None, float | None]:
    value, low, high = told
    return value, n, low, high


@dataclass(frozen=True)
class _Split:
    """One part held out: labels, the half that each post is in, and the verdicts on held-out and on other posts."""

    y: NDArray[np.int8]
    half: NDArray[np.int64]
    own: Verdicts
    others: Verdicts

    @classmethod
    def of(
        cls,
        found: Refitted,
        labels: NDArray[np.int8],
        groups: NDArray[np.int64],
        other_groups: NDArray[np.int64],
        *,
        seed: int,
    ) -> _Split:
        held, y = len(found.held), labels[found.held]
        fitted = [one for one in found.refits if np.isfinite(one.threshold)]
        shape = (len(fitted), len(found.reference.proba))
        whole = Verdicts(
            found.reference.tags,
            np.array([one.tags for one in fitted], dtype=bool).reshape(shape),
            found.reference.proba,
            np.array([one.proba for one in fitted], dtype=np.float32).reshape(shape),
            np.concatenate([groups[found.held], other_groups]),
        )
        place = np.arange(shape[1])
        half = deal_folds(y, groups[found.held], 2, seed=seed)
        return cls(y, half, whole.of(place < held), whole.of(place >= held))

    def chosen(self, half: int, epsilon: float | None) -> NDArray[np.bool_]:
        """Return which models are in the set by the posts of `half`; all of them without an ε."""
        inside = self.half == half
        if epsilon is None:
            return np.ones(len(self.own.tags), dtype=bool)
        return as_good(self.own.of(inside), self.y[inside], epsilon=epsilon)

    def held(self, half: int, epsilon: float | None) -> SplitPosts:
        """Return the posts of `half` with the models that are chosen on the other."""
        of_set = self.own.by(self.chosen(1 - half, epsilon))
        return SplitPosts(of_set.of(self.half == half), furthest(of_set.of(self.half != half)))

    def scored(self, epsilon: float | None) -> SplitPosts:
        """Return the other posts with the models that are chosen on all that are held out."""
        models = np.ones(len(self.own.tags), dtype=bool)
        if epsilon is not None:
            models = as_good(self.own, self.y, epsilon=epsilon)
        return SplitPosts(self.others.by(models), furthest(self.own.by(models)))


def _scored(given: AuditInput, labelled: list[str], most: int) -> tuple[list[str], NDArray[np.int64], int | None]:
    """Return a sample of scored posts that are no near-duplicates of labelled ones, their groups, and how many were."""
    if given.texts is None or not most:
        return [], np.empty(0, np.int64), None
    order = np.argsort(given.scored_texts.trial_rank, kind="stable")
    if len(order) > most:
        some = given.generator("multiplicity scored").choice(len(order), most, replace=False)
        order = order[np.sort(some)]
    texts = [given.texts[i] for i in order]
    groups = near_duplicate_groups([*labelled, *texts])
    seen = np.isin(groups[len(labelled) :], groups[: len(labelled)])
    others = [text for text, known in zip(texts, seen, strict=True) if not known]
    return others, renumbered(groups[len(labelled) :][~seen]) + len(labelled), int(seen.sum())
