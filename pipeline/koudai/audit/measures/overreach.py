"""Overreach: whether a category takes what it should not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.audit.declaration import Component, Declaration, Overall, Pick, named, phrase
from koudai.audit.frame import ALL, AuditFrame, Figure, clustered_share, share
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.casebook import Case
from koudai.audit.measures import measure
from koudai.model.scorer import score
from koudai.training.bootstrap import cluster_bootstrap


@measure(
    "overreach",
    needs=("case_scores", "casebook"),
    zh="它会不会标了不该标的？",
    en="Does it tag what it should not?",
    place=50,
    declares=Declaration(
        statistics=(
            named("pass_rate", zh="标记完全一致", en="exact set", unit="share", interval="wilson, effective n"),
            named(
                "expected_present",
                zh="应有标记齐全",
                en="expected tag present",
                unit="share",
                interval="wilson, effective n",
            ),
            named("extra_tags", zh="有多余标记", en="extra tags", unit="share", interval="wilson, effective n"),
            named("false_alarm_rate", zh="误报率", en="false-alarm rate", unit="share", interval="wilson, effective n"),
            named("miss_rate", zh="漏报率", en="miss rate", unit="share", interval="wilson, effective n"),
            named("pair_gap", zh="成对用例的概率差", en="pair gap", unit="difference", interval="bootstrap over posts"),
            named(
                "tag_rate_on_controls",
                zh="对照帖误标率",
                en="tag rate on controls",
                unit="share",
                interval="wilson, effective n",
            ),
        ),
        components=(
            Component(
                "overreach",
                name=phrase(zh="过度标记", en="Over-reach"),
                brief=phrase(zh="测试用例误报率", en="false alarms, casebook"),
                explanation=phrase(
                    zh="测试用例集中不该标却被标上的比例。", en="The share of casebook posts tagged that should not be."
                ),
                section="in-the-pocket",
                place=20,
                pick=Pick("false_alarm_rate"),
            ),
        ),
        overall=(
            Overall(
                phrase(zh="测试用例通过率", en="Casebook cases passed"), statistic="pass_rate", place=10, groups=(ALL,)
            ),
        ),
        cases="pass_rate",
    ),
)
def overreach(given: AuditInput) -> AuditFrame:
    """Share of casebook cases that are tagged as they should be, by function, and what each category takes wrongly.

    A case passes if the leaf categories alleged are just the expected ones among those the model knows; a case that
    expects only categories it does not know is left out. *pass_rate*: passed / cases, by function. It falls short for
    two reasons, which the next two tell apart: *expected_present*, cases tagged with all that is expected, whatever
    else / cases that expect a tag; *extra_tags*, cases tagged with anything not expected / cases. *false_alarm_rate* of
    a category: tagged / cases that should not be. *miss_rate*: not tagged / cases that should be. *pair_gap*: over
    pairs of a case and another on its topic, mean probability of the category where it is expected minus where it is
    not, from −1 to 1; near 0 means that the model cannot tell the two apart. *tag_rate_on_controls*: tagged / labelled
    posts known to be out of the category, by corpus. Wilson intervals with an effective n: cases of one function are
    alike, and so are labelled posts of one cluster; for one function alone, its cases are independent. The cases were
    written for this project: they show what happens, not how often it happens out there.

    Source: Röttger et al. 2021, "HateCheck".

    中文
    测试用例集中各类用例标记正确的比例，以及每个类别误标了什么。模型认识的叶子类别中，标出的恰好等于应标的，才算通过；
    只涉及模型不认识的类别的用例不计。“标记完全一致”：通过数 ÷ 用例数；没有通过可能出于两种原因，由后两项分开：“应有标
    记齐全”：应标的都标出了（不论是否还多标）÷ 应标的用例数；“有多余标记”：多标了不应标的 ÷ 用例数。误报率：不该标而标
    的比例；漏报率：该标而未标的比例；成对用例的概率差：在成对的用例上，应标与不应标两边平均概率之差（−1 到 1），接近
    0 说明模型分不清两者；对照帖误标率：已知不属于该类的有标注帖子被标的比例，按语料分列。区间为 Wilson 区间，样本量按
    簇折算：同一功能的用例彼此相像，同簇的帖子也是；单看一项功能时，用例视为互相独立。用例均为本项目所写，只说明会发生
    什么，不说明现实中有多常见。
    """
    if given.casebook is None or not given.has("case_scores"):
        return AuditFrame("overreach", ())
    leaves = [key for key in given.categories if key in given.taxonomy.leaves]
    cases = [case for case in given.casebook.cases if not case.expected or set(case.expected) & set(leaves)]
    if not cases or not leaves:
        return AuditFrame("overreach", ())
    proba, alleged = _scored(cases, given)
    expected = np.array([[key in case.expected for key in leaves] for case in cases], dtype=bool)
    columns = [given.categories.index(key) for key in leaves]
    tagged, proba = alleged[:, columns], np.nan_to_num(proba[:, columns], nan=0.0)
    passed = (expected == tagged).all(axis=1)
    functions = np.array([case.function for case in cases], dtype=object)
    place = np.unique(functions.astype(str), return_inverse=True)[1]
    some = expected.any(axis=1)
    outcomes = {
        "pass_rate": (passed, np.ones(len(cases), dtype=bool)),
        "expected_present": ((tagged | ~expected).all(axis=1), some),
        "extra_tags": ((tagged & ~expected).any(axis=1), np.ones(len(cases), dtype=bool)),
    }
    figures = []
    for statistic, (found, counted) in outcomes.items():
        figures.append(clustered_share(ALL, ALL, statistic, found[counted], place[counted]))
        for function in dict.fromkeys(functions):
            inside = (functions == function) & counted
            if inside.any():
                figures.append(share(ALL, str(function), statistic, int(found[inside].sum()), int(inside.sum())))
    pairs = np.array([case.pair_id for case in cases], dtype=object)
    for column, key in enumerate(leaves):
        right = expected[:, column]
        figures.append(clustered_share(key, ALL, "false_alarm_rate", tagged[~right, column], place[~right]))
        figures.append(clustered_share(key, ALL, "miss_rate", ~tagged[right, column], place[right]))
        figures.append(_pair_gap(key, proba[:, column], right, pairs, given))
    figures += _controls(given)
    return AuditFrame("overreach", tuple(figures))


def _scored(cases: list[Case], given: AuditInput) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the probabilities and tags of each case, by the model or as they were given."""
    ids = [case.case_id for case in cases]
    if given.case_scores is not None:
        row_of = {case_id: row for row, case_id in enumerate(given.case_scores.ids)}
        rows = [row_of[case_id] for case_id in ids]
        return given.case_scores.proba[rows], given.case_scores.alleged[rows]
    assert given.model is not None
    batch = score(given.model, ids, [case.text for case in cases])
    return batch.proba, batch.alleged[:, given.model.taxonomy.columns(given.categories)]


def _pair_gap(
    key: str, proba: NDArray[np.float32], right: NDArray[np.bool_], pairs: NDArray[np.object_], given: AuditInput
) -> Figure:
    gaps = np.array(
        [
            proba[(pairs == pair) & right].mean() - proba[(pairs == pair) & ~right].mean()
            for pair in dict.fromkeys(pairs[right])
            if ((pairs == pair) & ~right).any()
        ]
    )
    if len(gaps) < 2:
        return Figure(key, ALL, "pair_gap", float(gaps[0]) if len(gaps) else None, len(gaps))
    return Figure(
        key, ALL, "pair_gap", float(gaps.mean()), len(gaps), *gap_interval(gaps, given.generator(f"pair gap {key}"))
    )


def gap_interval(gaps: NDArray[np.float64], random: np.random.Generator) -> tuple[float | None, float | None]:
    """Return the bootstrap interval of the mean of gaps, one of each pair.

    Examples
    --------
    >>> low, high = gap_interval(np.array([0.1, 0.5, 0.3, 0.2]), np.random.default_rng(1))
    >>> low < 0.275 < high
    True
    """
    ones = np.ones(len(gaps), dtype=np.int64)
    return cluster_bootstrap(lambda times: times @ gaps / len(gaps), ones, generator=random)


def _controls(given: AuditInput) -> list[Figure]:
    labelled = given.labelled
    if labelled is None:
        return []
    figures = []
    for column, key in enumerate(given.categories):
        for source in dict.fromkeys(labelled.source):
            out = (labelled.labels[:, column] == 0) & (labelled.source == source)
            if labelled.unscored is not None:
                out &= ~labelled.unscored
            if out.any():
                hits = labelled.alleged[out, column]
                figures.append(clustered_share(key, str(source), "tag_rate_on_controls", hits, labelled.cluster[out]))
    return figures
