"""Transfer: whether a category means the same elsewhere."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.selection import renumbered, sample_groups, sorted_rows
from koudai.config.train import DEFAULT_STEPS, FeaturesSection
from koudai.errors import TooFewPosts
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.fitting.equal_columns import merge_equal
from koudai.model.ngrams.blocks import fit_blocks
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.bootstrap import FEWER_RESAMPLES
from koudai.training.fit import FitData
from koudai.training.transfer import across, in_several

MOST_POSTS = 6000


@measure(
    "transfer",
    needs=("labels",),
    zh="换个地方，意思还一样吗？",
    en="Does it mean the same elsewhere?",
    place=25,
    declares=Declaration(
        statistics=(
            named(
                "in_several_corpora", zh="在多个语料中重复", en="in several corpora", unit="share", interval="wilson"
            ),
            named("auc", zh="重新训练的 AUC", en="AUC of a refit", unit="AUC", interval="bootstrap over groups"),
        ),
        components=(
            Component(
                "transfer",
                name=phrase(zh="迁移（重新训练）", en="Transfer (refit)"),
                brief=phrase(zh="最差一对的 AUC；竖线为同语料内", en="worst pair’s AUC; tick: at home"),
                explanation=phrase(
                    zh="在一个语料上学、到另一个语料上考，取最差的一对：0.5 是瞎猜。竖线是在原语料内的 AUC。",
                    en="Fitted on one corpus and tested on another, the worst pair: 0.5 is guessing. The tick is "
                    "the AUC within the corpus it was fitted on.",
                ),
                section="told-apart",
                place=30,
                pick=Pick("auc", choose="worst pair"),
                reference=Pick("auc", choose="same source"),
                note="group",
            ),
        ),
        charts=(
            Chart(
                "transfers",
                kind="grid",
                name=phrase(zh="语料之间的迁移", en="From corpus to corpus"),
                explanation=phrase(
                    zh="每行在一个语料上学，每列在一个语料上考，格中是 AUC：0.5 是瞎猜，越深越好。对角线是在语料内部。",
                    en="Fitted on the row, tested on the column; AUC, where 0.5 is guessing and darker is better. The "
                    "diagonal is within a corpus.",
                ),
                statistics=("auc",),
                place=30,
                of=phrase(zh="训练 → 测试", en="fitted → tested"),
                across=phrase(zh="测试语料", en="tested on"),
                down=phrase(zh="训练语料", en="fitted on"),
            ),
        ),
    ),
    steps=lambda given: len(given.categories),
)
def transfer(given: AuditInput) -> AuditFrame:
    """AUC of a linear model of words that is fitted on each labelled corpus, on every other: "fitted on → tested on".

    AUC is the probability that a post in the category is ranked above one out of it: 0.5 is chance, 1 is perfect,
    below 0.5 is worse than chance. Within a corpus ("a → a") it is measured by five-fold cross-validation with
    near-duplicates in one fold. Posts with a near-duplicate in another corpus are not tested on, so all figures of
    one tested corpus rest on the same posts; `in_several_corpora` says how many were left out. High within and near
    0.5 across means that what is learnt is the topic and style of a corpus, not the category: a model fitted there
    must not be used elsewhere. Fitted anew on the audited labels, whatever model scored the posts; at most 6,000
    posts of a corpus, whole near-duplicate groups drawn at random. Intervals: bootstrap over near-duplicate groups.

    Source: Hanley & McNeil 1982 (AUC); Davison & Hinkley 1997, section 3.8 (bootstrap of groups).

    中文
    用词与字的线性模型，在每个有标签的语料上训练，再到其余各个语料上测试，给出 AUC，写作“训练语料 → 测试语
    料”。AUC 是属于该类的帖子排在不属于的帖子前面的概率：0.5 等于瞎猜，1 为完美，低于 0.5 比瞎猜还差。同一语料之内
    （a → a）用五折交叉验证，近重复的帖子不跨折。在别的语料里有近重复的帖子不参与测试，所以同一测试语料的各个数字用的
    是同一批帖子；in_several_corpora 是因此剔除的比例。语料之内很高、跨语料接近 0.5，说明学到的是语料的话题和文风，不
    是这个类别：这样的模型不能搬到别处用。这里在受审标签上重新训练，与给帖子打分的模型无关；每个语料至多取 6000 条，按
    近重复组随机抽取。区间用自助法求得，按近重复组抽样。
    """
    labelled = given.labelled
    if labelled is None:
        return AuditFrame("transfer", ())
    rows = sorted_rows(labelled)
    names = sorted({str(name) for name in labelled.source[rows]})
    parts = []
    for name in names:
        mine = rows[labelled.source[rows] == name]
        parts.append(mine[sample_groups(labelled.group[mine], MOST_POSTS, given.generator("transfer posts"))])
    rows = np.concatenate([np.empty(0, np.intp), *parts])
    labels, groups, source = labelled.labels[rows], renumbered(labelled.group[rows]), labelled.source[rows]
    left_out = in_several(groups, source)
    figures = [share(ALL, ALL, "in_several_corpora", int(left_out.sum()), len(rows))]
    normalizer = Normalizer(DEFAULT_STEPS)
    try:
        posts = normalizer.many(of_texts([labelled.texts[i] for i in rows]))
        features, _ = merge_equal(fit_blocks(posts, FeaturesSection(chars=(1, 3)), Segmenter())[1])
    except TooFewPosts:
        features = None
    classifier = make_classifier("linear_svc", {"balanced": True})
    for column, key in enumerate(given.categories):
        if features is not None:
            data = FitData(features, labels[:, column], np.ones(len(labels)), groups, classifier, given.seed)
            for cell in across(data, source, category=key, resamples=FEWER_RESAMPLES):
                place = f"{cell.fitted_on} → {cell.tested_on}"
                figures.append(Figure(key, place, "auc", cell.value, cell.n, cell.low, cell.high))
        given.advance(1)
    return AuditFrame("transfer", tuple(figures))
