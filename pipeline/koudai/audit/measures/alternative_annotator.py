"""Alternative annotator: whether a machine may stand in for one of the people who labelled the same posts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.alternative import QUANTITIES, AlternativeTest
from koudai.audit.declaration import Chart, Component, Declaration, Pick, named, phrase
from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.id_table import row_indices
from koudai.audit.measures import measure

AUDITED, NO, YES = "the model", "always no", "always yes"
BALANCED, SHEETS = "balanced", "sample"
TOLD = {
    AUDITED: phrase(zh="模型", en="the model"),
    NO: phrase(zh="一律答“否”", en="always no"),
    YES: phrase(zh="一律答“是”", en="always yes"),
}
PEOPLE = 3
"""Annotators that there must be at least."""


@measure(
    "alternative_annotator",
    needs=("three_annotators",),
    zh="模型能顶替一名标注者吗？",
    en="May the machine stand in for a person?",
    place=14,
    declares=Declaration(
        statistics=(
            named(
                "winning_rate",
                zh="胜率 ω",
                en="winning rate ω",
                unit="share",
                why=phrase(
                    zh="ω 是在场标注者里检验通过的比例，每一项检验已按错误发现率校正；它不推断到其他标注者。",
                    en="ω counts tests among the annotators that there are, each adjusted for the false discovery "
                    "rate; nothing is inferred of other annotators.",
                ),
            ),
            named(
                "advantage",
                zh="机器不输的比例 ρ",
                en="advantage ρ of the machine",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "people_advantage",
                zh="人不输的比例",
                en="advantage of the person left out",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "disagreement",
                zh="机器与人的分歧",
                en="disagreement of machine and people",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "people_disagreement",
                zh="人与人的分歧",
                en="disagreement among people",
                unit="share",
                interval="wilson, effective n",
            ),
            named(
                "more_disagreement",
                zh="机器多出的分歧",
                en="how much more the machine disagrees",
                unit="difference",
                interval="cluster-robust",
            ),
        ),
        components=(
            Component(
                "alternative-annotator",
                name=phrase(zh="顶替标注者", en="Stands in for a person"),
                brief=phrase(zh="ρ，两种标签等权", en="ρ, both labels alike"),
                explanation=phrase(
                    zh="有多少帖子上，模型与其余标注者的一致程度不低于被换下的那个人；是与否总权重相同。"
                    "◇ 为一律答“否”所得。",
                    en="On how many posts the model agrees with the other annotators as well as the person it "
                    "replaces, or better, both labels alike; ◇ is what always no gets.",
                ),
                section="told-apart",
                place=12,
                pick=Pick("advantage", group=f"{AUDITED}, {BALANCED}"),
                reference=Pick("advantage", group=f"{NO}, {BALANCED}"),
            ),
        ),
        charts=(
            Chart(
                "alternative-annotator",
                kind="bars",
                name=phrase(zh="顶替一名标注者", en="In the place of an annotator"),
                explanation=phrase(
                    zh="机器与其余标注者的一致程度不低于被换下者的帖子占比；竖线是被换下的人不低于机器的占比。"
                    "一律答“否”也能得到的，不算本事。",
                    en="Share of posts on which the machine agrees with the other annotators as well as the person it "
                    "replaces, or better; the tick is the same the other way round. What always no gets, too, is no "
                    "merit.",
                ),
                statistics=("advantage",),
                place=115,
                beside="people_advantage",
                order="given",
                of=phrase(zh="谁顶替", en="who stands in"),
                compared_with=phrase(zh="被换下的人", en="the person replaced"),
            ),
        ),
        groups={
            **TOLD,
            **{
                f"{key}, {BALANCED}": phrase(zh=f"{one.zh}，等权", en=f"{one.en}, balanced")
                for key, one in TOLD.items()
            },
            BALANCED: phrase(zh="等权", en="balanced"),
            SHEETS: phrase(zh="抽样", en="sample"),
        },
    ),
)
def alternative_annotator(given: AuditInput) -> AuditFrame:
    """The alternative-annotator test, of the audited model and of each other model: three annotators at least.

    Each annotator in turn is left out; the machine and the person left out are both measured by how many of the others
    they agree with, on the same posts. *advantage* ρ is the share of posts on which the machine does as well or better,
    *people_advantage* the share on which the person does; both are means over annotators. The machine equals an
    annotator if the person's lead is below ε (`annotations.epsilon`: what a machine costs less; the paper has .2 for
    experts, .15 for skilled people, .1 for crowds), by Student's t at a false discovery rate of 5 % over annotators
    (Benjamini & Yekutieli). *winning_rate* ω is the share of annotators equalled; from .5 on, the paper says, the
    machine may stand in for one. An annotator with fewer than 30 posts that others labelled too is not tested; n of ω
    is the annotators tested, else posts. *disagreement* is the share of the others with whom the machine disagrees,
    *people_disagreement* that of the person left out, *more_disagreement* the difference, above 0 where the machine
    is further from people than people are from each other.

    A rare category is passed by whoever always says no: compare with the group *always no*, and read the groups
    *balanced*, in which posts that most of the others put in the category weigh as much in all as those that they do
    not (posts on which they are divided do not count; fewer than 15 of either label are neither tested nor given an
    interval). That rests on the few posts of the rarer label, so that a good machine, too, often is not found to equal
    a person: ω = 0 says not found, not worse. A post that the model abstains
    on counts as not tagged. With a returned sample of three annotators each label stands for 1/π posts (group *sample*
    where there are annotations too). Posts of one cluster count as one. Passing shows that a machine reads as these
    people do, not that they are right, and nothing of posts unlike these.

    Source: Calderon, Reichart & Dror 2025, "The alternative annotator test for LLM-as-a-judge"; Benjamini & Yekutieli
    2001; on what may go wrong even so, Baumann et al. 2025, "Large language model hacking".

    中文
    替代标注者检验，针对被审计的模型和其他每个模型，至少要有三名标注者。轮流换下一名标注者，看机器和被换下的人各与其
    余多少人一致，帖子相同。“机器不输的比例”ρ 是机器不低于此人的帖子占比，“人不输的比例”是此人不低于机器的占比，都对
    标注者取平均。此人领先机器的幅度若小于 ε（annotations.epsilon，即机器省下的成本；论文对专家取 0.2，对熟练者取
    0.15，对众包取 0.1），就算机器与此人相当：用 t 检验，对各标注者的错误发现率控制在 5%（Benjamini & Yekutieli）。
    “胜率”ω 是机器与之相当的标注者占比；论文认为达到 0.5 即可顶替一名标注者。某人标过、别人也标过的帖子不足 30 条，就
    不检验此人。ω 的 n 是受检验的标注者人数，其余的 n 是帖子数。“机器与人的分歧”是其余的人里与机器不一致的比例，“人与
    人的分歧”是与被换下者不一致的比例，“机器多出的分歧”是两者之差，大于 0 说明机器离人比人离人更远。类别罕见时，一律
    答“否”也能通过，所以要对照“一律答‘否’”一组，并看“等权”各组：其余的人多数认为属于该类的帖子，与多数认为不属于的帖
    子，总权重相同，意见各半的不计；任一方不足 15 条就不检验，也不给区间。这样算主要取决于较少的那种标签的少数帖子，
    好的机器也常常检验不出与人相当：ω = 0 是说没有检验出来，不是说更差。模型弃权的帖子按没有标记计。收回的样本若有三
    名标注者，每条标注代表 1/π 条帖子（另有标注表时列为“抽样”一组）。同一簇的帖子合起来只算一个单位。通过检验只说明机
    器的读法与这些人相近，不说明这些人是对的，对别样的帖子也什么都没有说。
    """
    figures = [figure for one in _compared(given) for figure in one.figures(given)]
    return AuditFrame("alternative_annotator", tuple(figures))


@dataclass(frozen=True, eq=False)
class _Compared:
    """The people of a category and the posts they labelled; row of each among the scored posts, -1 if not there."""

    key: str
    prefix: str
    people: NDArray[Any]
    row: NDArray[np.int64]
    cluster: NDArray[np.int64]
    epsilon: float
    weight: NDArray[np.float64] | None = None
    stratum: NDArray[np.int64] | None = None

    def figures(self, given: AuditInput) -> Iterator[Figure]:
        for name, machine in self._machines(given):
            for balanced in (False, True):
                parts = [name, *([BALANCED] if balanced else []), *([self.prefix] if self.prefix else [])]
                test = AlternativeTest(self.people, machine, self.cluster, self.weight, self.stratum, balanced)
                group, won = ", ".join(parts), test.winning(epsilon=self.epsilon)
                yield Figure(self.key, group, "winning_rate", won.rate, won.tested)
                for quantity in QUANTITIES:
                    found = test.mean(quantity)
                    yield Figure(self.key, group, quantity, found.value, found.n, found.low, found.high, found.kind)

    def _machines(self, given: AuditInput) -> Iterator[tuple[str, NDArray[np.int8]]]:
        """Yield names of machines and what each says of the posts: 1, 0, or -1 where it says nothing."""
        there = self.row >= 0
        tagged = given.alleged[:, given.categories.index(self.key)]
        audited = np.where(there, tagged[self.row], -1).astype(np.int8)
        yield AUDITED, audited
        for other in given.others:
            if self.key in other.labels:
                marked = np.where(other.known, other.marked[:, other.labels.index(self.key)], -1)
                yield other.name, np.where(there, marked[self.row], -1).astype(np.int8)
        for name, said in ((NO, 0), (YES, 1)):
            yield name, np.where(audited >= 0, said, -1).astype(np.int8)


def _compared(given: AuditInput) -> Iterator[_Compared]:
    found, sample = given.annotations, given.sample
    if not given.ids:
        return
    if found is not None and len(found.annotators) >= PEOPLE:
        row, cluster = row_indices(found.ids, given.ids), found.clusters(given.clusters_of(found.ids))
        for key in (one for one in given.categories if one in found.coded):
            answers = found.answers(key)
            if answers is not None:
                yield _Compared(key, "", answers, row, cluster, found.epsilon)
    if sample is not None and len(sample.labels) >= PEOPLE:
        stratum = sample.stratum[sample.post]
        size = np.bincount(sample.stratum) / np.maximum(np.bincount(stratum, minlength=sample.stratum.max() + 1), 1)
        prefix = "" if found is None else SHEETS
        epsilon = 0.1 if found is None else found.epsilon
        for column, key in enumerate(sample.categories):
            if key in given.categories:
                people = sample.labels[:, :, column].T
                alone = np.arange(len(sample.post))
                yield _Compared(key, prefix, people, sample.post, alone, epsilon, size[stratum], stratum)
