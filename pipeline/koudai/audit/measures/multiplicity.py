"""Multiplicity: whether a tag is an accident of modelling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.rashomon import STATISTICS, Verdicts, disagreement, f1_loss
from koudai.audit.trying.selection import renumbered, sample_groups, sorted_rows, text_digest
from koudai.config.decide import DecideSection
from koudai.config.train import FeaturesSection, ModelSection, TextSection
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.model import Model
from koudai.training.refitting.kept_refits import KeptRefits
from koudai.training.refitting.refit_batches import RefitPosts, Refitted, Ways
from koudai.training.refitting.refits import refit

HELD, SCORED = "held-out posts", "scored posts"
HELD_TAGGED = f"{HELD}, tagged"
_SLACK = 1e-12


@measure(
    "multiplicity",
    needs=("labels", "model"),
    zh="换个模型，标签还在吗？",
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
                interval="wilson",
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
                zh="同等好的模型占比",
                en="share of refits as good",
                unit="share",
                interval="wilson",
            ),
            named(
                "ambiguity",
                zh="与基准模型不同的比例",
                en="ambiguity",
                unit="share",
                interval="bootstrap over groups",
            ),
            named(
                "discrepancy",
                zh="单个模型的最大差异",
                en="discrepancy",
                unit="share",
                interval="bootstrap over groups",
            ),
            named(
                "arbitrariness",
                zh="同等好的模型彼此不一致",
                en="arbitrariness",
                unit="share",
                interval="bootstrap over groups",
            ),
            named("flip_rate", zh="标签翻转率", en="flip rate", unit="share", interval="bootstrap over groups"),
            named(
                "prediction_range",
                zh="概率极差的平均值",
                en="prediction range",
                unit="probability",
                interval="bootstrap over groups",
            ),
        ),
        components=(
            Component(
                "multiplicity",
                name=phrase(zh="任意性", en="Arbitrariness"),
                brief=phrase(zh="同等好的模型意见不一", en="equally good models differ"),
                explanation=phrase(
                    zh="被标记的留出帖中，同样好的几个模型彼此说法不一致的比例（取最宽的 ε）。",
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
                name=phrase(zh="标签是不是偶然", en="Is the tag an accident?"),
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
            "ambiguity": phrase(zh="与基准不同", en="unlike the first"),
            "discrepancy": phrase(zh="单个模型的最大差异", en="by one model"),
            "arbitrariness": phrase(zh="彼此不一致", en="among themselves"),
            "flip_rate": phrase(zh="平均翻转率", en="mean flip rate"),
        },
    ),
    steps=lambda given: given.multiplicity.refits,
)
def multiplicity(given: AuditInput) -> AuditFrame:
    """How far models that are about as good disagree about single posts: refits beside a reference h₀.

    There are 100 refits unless the config says otherwise. h₀ is fitted on three quarters of the labelled
    near-duplicate groups as the audited model was (vectors left out). Refits vary which groups are drawn (a
    bootstrap), C (from a quarter of it to four times), the features (words or characters alone, other n-grams,
    min_df, sublinear counts) and the order of posts. All are judged on the quarter that is held out and, where posts
    are read, on a sample of scored posts. L is 1 − F1 on the held-out quarter; R(ε) are the refits with L(h) ≤ L(h₀)
    + ε; how many they are stands under `in_rashomon_set`. Over R(ε), from 0 (every model says the same) to 1:
    ambiguity is the share of posts that some refit judges unlike h₀; discrepancy the largest share that one refit
    judges unlike h₀; arbitrariness the share on which refits disagree among themselves, h₀ left out; flip rate the
    mean share of refits unlike h₀; prediction range the mean of max − min of the probability. In a rare category all
    of them are small, because few posts come into question: read "tagged", the posts that h₀ tags. A category
    that the text does not carry is small too, where the threshold that is best for F1 tags nearly every post: read
    learnability beside it. Ambiguity, arbitrariness and range grow with the number of refits, so compare equal
    numbers. A high figure means that the tag of a single post depends on choices that nobody can defend: do not act on
    single posts. This says nothing of whether people agree; that is measured apart. Tags are thresholds alone, without
    silence or parents. Intervals: bootstrap over near-duplicate groups, R(ε) as it is.

    Source: Marx, Calmon & Ustun 2020 (ambiguity, discrepancy); Gomez et al. 2024 (arbitrariness); Watson-Daniels et
    al. 2023 (prediction range).

    中文
    一批表现相当的模型，对同一条帖子的判断有多不一致：在基准模型 h₀ 之外重新训练许多个（不另设定时为 100 个）。h₀ 按受
    审模型的做法，用四分之三的有标签近重复组训练（不含词向量）。其余模型各自改变：抽到哪些组（自助抽样）、C（四分之一
    到四倍）、特征（只用词或只用字、不同的 n 元范围、min_df、词频是否取对数）、帖子的顺序。所有模型都在留出的四分之一
    上判断；读得到原文时，也在抽取的一批已打分帖子上判断。L 是留出部分上的 1 − F1；R(ε) 是满足 L(h) ≤ L(h₀) + ε 的模
    型，个数见 in_rashomon_set。以下各数都在 0（所有模型说法一致）到 1 之间：ambiguity 是至少有一个模型与 h₀ 判断不同
    的帖子所占比例；discrepancy 是单个模型与 h₀ 不同的最大比例；arbitrariness 是这些模型彼此之间（不算 h₀）有分歧的比
    例；flip_rate 是与 h₀ 不同的模型所占比例的平均；prediction_range 是概率最大值与最小值之差的平均。少见的类别里这些
    数都很小，因为本来就没几条帖子沾边，请看“tagged”，即 h₀ 打上标签的帖子。文字根本看不出的类别，数值也可能很小，因
    为 F1 最高的阈值会给几乎所有帖子都打上标签，要对照 learnability 来看。重训的模型越
    多，ambiguity、arbitrariness 和 prediction_range 越大，只能在个数相同时比较。数值高，说明单条帖子有没有这个标签，
    取决于谁也说不出道理的建模选择，不要据此处理单条帖子。这与人的判断是否一致是两回事，后者另行测量。这里的标签只看阈
    值，不计弃判，也不带上级类别。区间用自助法求得，按近重复组抽样，R(ε) 不变。
    """
    if given.labelled is None or given.model is None:
        return AuditFrame("multiplicity", ())
    section = given.multiplicity
    rows = sorted_rows(given.labelled)
    chosen = rows[sample_groups(given.labelled.group[rows], section.posts, given.generator("multiplicity posts"))]
    texts, labels = [given.labelled.texts[i] for i in chosen], given.labelled.labels[chosen]
    groups = renumbered(given.labelled.group[chosen])
    others, other_groups, known = _scored(given, texts, section.scored)
    found = refit(
        RefitPosts(texts, labels, groups, others, given.categories),
        ways_of(given.model),
        refits=section.refits,
        seed=given.seed,
        kept=KeptRefits(given.refits),
        advance=given.advance,
    )
    figures = []
    if known is not None:
        figures.append(share(ALL, SCORED, "left_out_as_near_duplicate", known, known + len(others)))
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
    found: Refitted | None,
    labels: NDArray[np.int8],
    groups: NDArray[np.int64],
    other_groups: NDArray[np.int64],
) -> list[Figure]:
    if found is None:
        return [Figure(key, HELD, name, None, 0) for name in STATISTICS]
    held = len(found.held)
    y = labels[found.held]
    reference = found.reference
    loss = f1_loss(reference.tags[:held], y)
    losses = np.array([f1_loss(one.tags[:held], y) if np.isfinite(one.threshold) else np.nan for one in found.refits])
    whole = Verdicts(
        reference.tags,
        np.stack([one.tags for one in found.refits]),
        reference.proba,
        np.stack([one.proba for one in found.refits]),
        np.concatenate([groups[found.held], other_groups]),
    )
    place = np.arange(len(reference.proba))
    parts = {HELD: place < held, SCORED: place >= held}
    parts |= {f"{name}, tagged": where & reference.tags for name, where in list(parts.items())}
    figures = [Figure(key, HELD, "loss", loss, held)]
    for epsilon in given.multiplicity.epsilon:
        inside = losses <= loss + epsilon + _SLACK
        figures.append(share(key, f"ε={epsilon:g}", "in_rashomon_set", int(inside.sum()), len(losses)))
        among = Verdicts(whole.reference, whole.tags[inside], whole.reference_proba, whole.proba[inside], whole.groups)
        for name, where in parts.items():
            if name.startswith(SCORED) and held == len(place):
                continue
            n = int(where.sum()) if inside.any() else 0
            for statistic, (value, low, high) in disagreement(among.of(where), seed=given.seed).items():
                figures.append(Figure(key, f"{name}, ε={epsilon:g}", statistic, value, n, low, high))
    return figures


def _scored(given: AuditInput, labelled: list[str], most: int) -> tuple[list[str], NDArray[np.int64], int | None]:
    """Return a sample of scored posts that are no near-duplicates of labelled ones, their groups, and how many were."""
    if given.texts is None or not most:
        return [], np.empty(0, np.int64), None
    texts = sorted(given.texts, key=text_digest)
    if len(texts) > most:
        some = given.generator("multiplicity scored").choice(len(texts), most, replace=False)
        texts = [texts[i] for i in np.sort(some)]
    groups = near_duplicate_groups([*labelled, *texts])
    seen = np.isin(groups[len(labelled) :], groups[: len(labelled)])
    others = [text for text, known in zip(texts, seen, strict=True) if not known]
    return others, renumbered(groups[len(labelled) :][~seen]) + len(labelled), int(seen.sum())
