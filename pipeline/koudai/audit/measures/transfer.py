"""Transfer: whether a category means the same elsewhere."""

from __future__ import annotations

import numpy as np

from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures import measure
from koudai.audit.trying.content import content_of
from koudai.audit.trying.selection import renumbered, sample_groups, sorted_rows
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.cross_validation import CrossData
from koudai.training.transfer import across, in_several

MOST_POSTS = 2000


@measure(
    "transfer",
    needs=("labels",),
    zh="换个地方，意思还一样吗？",
    en="Does it mean the same elsewhere?",
    place=25,
    declares=Declaration(
        statistics=(
            named(
                "in_several_corpora",
                zh="在多个语料库中重复",
                en="in several corpora",
                unit="share",
                interval="wilson, effective n",
            ),
            named("auc", zh="重新训练的 AUC", en="AUC of a refit", unit="AUC", interval="jackknife with refits"),
        ),
        components=(
            Component(
                "transfer",
                name=phrase(zh="迁移（重新训练）", en="Transfer (refit)"),
                brief=phrase(zh="最差一对的 AUC；竖线为同语料库内", en="worst pair’s AUC; tick: at home"),
                explanation=phrase(
                    zh="在一个语料库上训练、在另一个上测试，取最差的一对：0.5 是随机水平。竖线是在原语料内的 AUC。",
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
                name=phrase(zh="语料库之间的迁移", en="From corpus to corpus"),
                explanation=phrase(
                    zh="每行为训练语料库，每列为测试语料库，格中是 AUC：0.5 是随机水平，越深越好。对角线是在语料内部。",
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
    below 0.5 is worse than chance. Terms and idf are learnt from the posts fitted on alone, so that nothing of the
    tested corpus helps. Within a corpus ("a → a") it is measured by five-fold cross-validation with near-duplicates in
    one fold, dealt twice. Posts with a near-duplicate in another corpus are not tested on, so all figures of one tested
    corpus rest on the same posts; `in_several_corpora` says how many were left out. High within and near 0.5 across
    means that what is learnt is the topic and style of a corpus, not the category: a model fitted there must not be
    used elsewhere. These are figures of refits on the audited labels, whatever model scored the posts; at most 2,000
    posts of a corpus, whole near-duplicate groups drawn at random. Intervals include the draw of the posts tested on
    and of those fitted on: clusters are weighted up and down and the models fitted anew; there is none
    below 50 clusters of either class.

    Source: Hanley & McNeil 1982 (AUC); Kapoor & Narayanan 2023, "Leakage and the reproducibility crisis in
    machine-learning-based science"; Bouthillier et al. 2021, "Accounting for variance in machine learning benchmarks".

    中文
    用词与字的线性模型，在每个有人工标注的语料上训练，再到其余各个语料上测试，给出 AUC，写作“训练语料 → 测试语料”。AUC
    是属于该类的帖子排在不属于的帖子前面的概率：0.5 为随机水平，1 为完美，低于 0.5 比随机猜测还差。词表和 idf 只从训练
    用的帖子里学，被测语料帮不上忙。同一语料之内（a → a）用五折交叉验证，近重复的帖子不跨折，折重新划分两次。在别的语
    料里有近重复的帖子不参与测试，所以同一测试语料的各个数字用的是同一批帖子；“在多个语料中重复”是因此剔除的比例。语料
    之内很高、跨语料接近 0.5，说明学到的是语料的话题和文风，不是这个类别：这样的模型不能搬到别处用。这里是在受审标注上
    重新训练的模型，与给帖子打分的模型无关；每个语料至多取 2000 条，按近重复组随机抽取。区间同时计入测试帖与训练帖的抽
    样：把各簇的权重调高或调低，重新训练，看结果变动多少；正反两类有一类不足 50 簇时不给区间。
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
    figures = [clustered_share(ALL, ALL, "in_several_corpora", left_out, labelled.cluster[rows])]
    counted = content_of([labelled.texts[i] for i in rows], groups).counted
    classifier = make_classifier("DualLinearSVC", {"C": 0.5, "class_weight": "balanced"})
    for column, key in enumerate(given.categories):
        data = CrossData(counted, labels[:, column], groups, classifier, given.seed, labelled.cluster[rows])
        for cell in across(data, source, category=key):
            place = f"{cell.fitted_on} → {cell.tested_on}"
            figures.append(Figure(key, place, "auc", cell.value, cell.n, cell.low, cell.high))
        given.advance(1)
    return AuditFrame("transfer", tuple(figures))
