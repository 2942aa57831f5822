"""Label noise: how many labels are wrong, estimated from a probability sample of them that people looked at again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Declaration, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput, majority
from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.measures import measure
from koudai.audit.sample.stratified_interval import stratified_interval
from koudai.audit.stratum import FLAGS, GIVEN
from koudai.training.judging.strata import Strata


@measure(
    "label_noise",
    needs=("relabelled",),
    zh="标注错了多少？",
    en="How many labels are wrong?",
    place=17,
    declares=Declaration(
        statistics=(
            named("wrong", zh="错标率", en="wrong labels", unit="share", interval="design-based"),
            named(
                "looked_at_again",
                zh="收回复核的比例",
                en="looked at again",
                unit="share",
                why=phrase(zh="这是对整个样本的清点。", en="A count of the whole sample."),
            ),
        ),
        groups={
            GIVEN[0]: phrase(zh="标为否的", en="labelled out"),
            GIVEN[1]: phrase(zh="标为是的", en="labelled in"),
            FLAGS[0]: phrase(zh="未列为存疑的", en="not flagged"),
            FLAGS[1]: phrase(zh="列为存疑的", en="flagged"),
        },
    ),
)
def label_noise(given: AuditInput) -> AuditFrame:
    """Share of labels that people who look again call wrong, from 0 to 1, with a 95 % interval.

    `koudai sample --flagged` draws labelled posts, flagged ones (see `label_disagreement`) and others, each with a
    known probability π; the sheet does not say what a post was labelled. *wrong* is Σ W_h·ē_h: ē_h is the share of the
    sampled posts of stratum h whose new label is not the old one, W_h the stratum's share of all labels. It is given of
    all labels, of those labelled in and labelled out (the shares that are wrongly in and wrongly out), and of those
    flagged and not flagged: how good the flags are, and how much they miss. The flags make none of it wrong; good ones
    make the interval narrower. Interval: the score test, inverted, under the sampling design, as in `prevalence`; it is
    about the labels that were drawn from, and takes for granted that whoever looks again is right. Where people who
    look again disagree among themselves, a label is not wrong but disputed: let two look, and read `agreement`. With
    several, the majority counts, a tie as one half. *looked_at_again* is the share of the sample that came back; what
    did not is taken to be like the rest of its stratum, and a stratum without any leaves no estimate.

    Source: Horvitz & Thompson 1952. Source: Wilson 1927 (the score test). Source: Tenenbein 1970 (looking again at a
    sample).

    中文
    复核者认为标错的标注占多少，0 到 1，附 95% 置信区间。koudai sample --flagged 从有人工标注的帖子里抽样，存疑的（见
    “哪些标注与文字对不上？”）和其余的都抽，每条的入样概率 π 已知；表中不写原来标的是什么。错标率是 Σ W_h·ē_h：ē_h 是
    第 h 层抽中的帖子里新旧标注不同的比例，W_h 是该层占全部标注的比例。分别给出全部标注、标为是的、标为否的（即误标为
    是、误标为否的比例），以及列为存疑的和未列为存疑的：存疑名单有多准，又漏了多少。名单好坏不影响估计的正确，只影响区
    间宽窄。区间与“实际占比”相同，按抽样设计反推得分检验求得；它说的只是抽样时的那批标注，并假定复核的人是对的。复核的
    人之间若有分歧，那就不是标错，而是本有争议：请两个人各看一遍，并对照标注者一致性。有多人复核时以多数为准，票数相同
    算半条。“收回复核的比例”中，没收回的视同与本层其余帖子一样；若有一层完全没有收回，则不作估计。
    """
    figures: list[Figure] = []
    for again in given.relabelled:
        together = majority(again.labels)
        known = np.isfinite(together)
        wrong = np.abs(together[known] - again.given[again.stratum[known]])
        stratum = again.stratum[known]
        for group in (ALL, *GIVEN, *FLAGS):
            part = np.array([group == ALL or group in one.name.split(", ") for one in again.strata])
            figures.append(_wrong(again, part, stratum, wrong, group))
        figures.append(Figure(again.category, ALL, "looked_at_again", float(known.mean()), len(known)))
    return AuditFrame("label_noise", tuple(figures))


def _wrong(
    again: Relabelled, part: NDArray[np.bool_], stratum: NDArray[np.int64], wrong: NDArray[np.float64], group: str
) -> Figure:
    """Return the share of wrong labels of some strata."""
    k = len(again.strata)
    seen = np.bincount(stratum, minlength=k)[part].astype(np.float64)
    n = int(seen.sum())
    if not seen.all() or not n:
        return Figure(again.category, group, "wrong", None, n)
    strata = Strata(np.array([one.size for one in again.strata], dtype=np.float64)[part], seen)
    rate = np.bincount(stratum, wrong, minlength=k)[part] / seen
    low, high = stratified_interval(strata, rate)
    value = float((rate * strata.size).sum() / strata.size.sum())
    return Figure(again.category, group, "wrong", value, n, float(low), float(high))
