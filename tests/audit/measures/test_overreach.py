"""Overreach: pass, false-alarm and miss rates, pair gaps and control rates, by hand on twelve cases and by a loop over
the bundled casebook with a trained model (A4); silence counts as not tagged (A6); nothing is nothing (A1).
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.casebook import Casebook, load_casebook
from koudai.audit.measures.overreach import overreach
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from koudai.training.intervals import wilson
from tests.audit.table import KEYS, figures, one, table, tiny_casebook, tiny_model

R, P, A, N = KEYS


def sure(decision: float) -> float:
    return 1 / (1 + math.exp(-decision))


ALONE, SHARED, BASE = sure(5 - 2), sure(5 / math.sqrt(2) - 2), sure(-2)


@pytest.mark.parametrize(
    ("function", "passed", "n"),
    [(ALL, 8, 12), ("asserts", 2, 4), ("quotes", 0, 1), ("asks", 1, 1), ("poses", 3, 3), ("jokes", 2, 3)],
)
def test_A4_pass_rates_by_hand(function: str, passed: int, n: int) -> None:
    figure = one(overreach(table()), ALL, function, "pass_rate")
    assert (figure.value, figure.n) == (passed / n, n)
    if function == ALL:  # cases of one function are alike: five functions are worth less than twelve cases
        low, high = wilson(passed, n)[1:]
        assert figure.interval == "wilson, effective n"
        assert figure.low < low < high < figure.high  # type: ignore[operator]
    else:
        assert (figure.low, figure.high) == wilson(passed, n)[1:]


@pytest.mark.parametrize(
    ("function", "present", "extra"),
    [(ALL, (6, 7), (3, 12)), ("asserts", (3, 4), (1, 4)), ("quotes", None, (1, 1)), ("poses", (3, 3), (0, 3))],
)
def test_A4_why_a_case_did_not_pass_by_hand(
    function: str, present: tuple[int, int] | None, extra: tuple[int, int]
) -> None:
    frame = overreach(table())
    figure = one(frame, ALL, function, "extra_tags")
    assert (figure.value, figure.n) == (extra[0] / extra[1], extra[1])
    if present is None:  # no case of it expects a tag
        assert not figures(frame, group=function, statistic="expected_present")
    else:
        figure = one(frame, ALL, function, "expected_present")
        assert (figure.value, figure.n) == (present[0] / present[1], present[1])


@pytest.mark.parametrize(
    ("key", "missed", "should", "taken", "should_not"), [(R, 1, 4, 1, 8), (A, 0, 2, 2, 10), (N, 0, 2, 1, 10)]
)
def test_A4_misses_and_false_alarms_by_hand(key: str, missed: int, should: int, taken: int, should_not: int) -> None:
    frame = overreach(table())
    assert (one(frame, key, ALL, "miss_rate").value, one(frame, key, ALL, "miss_rate").n) == (missed / should, should)
    alarm = one(frame, key, ALL, "false_alarm_rate")
    assert (alarm.value, alarm.n) == (taken / should_not, should_not)


def test_A4_pair_gaps_by_hand() -> None:
    frame = overreach(table())
    rumour, army, press = (one(frame, key, ALL, "pair_gap") for key in (R, A, N))
    assert (rumour.value, rumour.n) == (pytest.approx(0.0, abs=1e-6), 2)  # p1: both tagged; p2: neither; p6: no other
    assert (army.value, army.n) == (pytest.approx(((ALONE - BASE) + SHARED) / 2, abs=1e-6), 2)
    assert (press.value, press.n) == (pytest.approx(((ALONE - SHARED) + SHARED) / 2, abs=1e-6), 2)
    assert army.low == pytest.approx(min(ALONE - BASE, SHARED), abs=1e-6)
    assert army.high == pytest.approx(max(ALONE - BASE, SHARED), abs=1e-6)


@pytest.mark.parametrize(
    ("key", "street", "wire"), [(R, (1, 3), (0, 2)), (P, (0, 2), (1, 4)), (A, (0, 3), (0, 4)), (N, (0, 4), (1, 3))]
)
def test_A4_A6_control_rates_by_hand(key: str, street: tuple[int, int], wire: tuple[int, int]) -> None:
    frame = overreach(table())
    for source, (hits, n) in (("street", street), ("wire", wire)):
        figure = one(frame, key, source, "tag_rate_on_controls")
        assert (figure.value, figure.n) == (hits / n, n)


def test_parents_are_not_scored_as_leaves() -> None:
    cases = {f.category for f in overreach(table()).figures if f.statistic in ("miss_rate", "false_alarm_rate")}
    assert cases == {R, A, N}


def test_a_case_of_categories_the_model_does_not_know_is_left_out() -> None:
    given = table(model=tiny_model(only=(R,)), categories=(R,), labelled=None)
    frame = overreach(given)
    assert (one(frame, ALL, ALL, "pass_rate").value, one(frame, ALL, ALL, "pass_rate").n) == (7 / 9, 9)
    assert one(frame, R, ALL, "miss_rate").value == 1 / 4
    assert one(frame, R, ALL, "false_alarm_rate").value == 1 / 5
    assert not figures(frame, group="poses")


def test_A6_a_silent_model_misses_and_does_not_vanish() -> None:
    silent = replace(tiny_casebook(), cases=tuple(c.model_copy(update={"text": "🙂"}) for c in tiny_casebook().cases))
    frame = overreach(table(casebook=silent))
    assert (one(frame, R, ALL, "miss_rate").value, one(frame, R, ALL, "miss_rate").n) == (1.0, 4)
    assert (one(frame, ALL, ALL, "pass_rate").value, one(frame, ALL, ALL, "pass_rate").n) == (5 / 12, 12)
    assert one(frame, R, ALL, "pair_gap").value == 0.0


def test_A1_no_cases_no_model_no_labels() -> None:
    assert overreach(table(casebook=Casebook((), {}))).figures == ()
    assert overreach(table(casebook=None)).figures == ()
    assert overreach(table(model=None)).figures == ()
    assert not figures(overreach(table(labelled=None)), statistic="tag_rate_on_controls")
    assert not figures(overreach(table(order=())), statistic="tag_rate_on_controls")


def test_A1_only_benign_cases_have_no_miss_rate_and_no_gap() -> None:
    book = tiny_casebook()
    benign = replace(book, cases=tuple(case for case in book.cases if not case.expected))
    frame = overreach(table(casebook=benign))
    for key in (R, A, N):
        for statistic in ("miss_rate", "pair_gap"):
            figure = one(frame, key, ALL, statistic)
            assert (figure.value, figure.low, figure.high, figure.n) == (None, None, None, 0)


def test_one_pair_has_a_gap_without_an_interval() -> None:
    book = tiny_casebook()
    frame = overreach(table(casebook=replace(book, cases=tuple(c for c in book.cases if c.pair_id == "p3-0"))))
    figure = one(frame, A, ALL, "pair_gap")
    assert (figure.value, figure.n) == (pytest.approx(ALONE - BASE, abs=1e-6), 1)
    assert (figure.low, figure.high) == (None, None)


def test_A4_the_bundled_casebook_by_a_loop(model: Model, root: Path) -> None:
    casebook = load_casebook(root / "data" / "casebook" / "cases.jsonl", taxonomy=model.taxonomy)
    given = table(
        order=(), taxonomy=model.taxonomy, categories=model.categories, model=model, casebook=casebook, labelled=None
    )
    frame = overreach(given)
    leaves = [key for key in model.categories if key in model.taxonomy.leaves]
    used = [case for case in casebook.cases if not case.expected or any(key in leaves for key in case.expected)]
    scored = score(model, [case.case_id for case in used], [case.text for case in used])
    passed: dict[str, list[bool]] = {}
    for case, tags in zip(used, scored.tags(), strict=True):
        right = {key for key in tags if key in leaves} == {key for key in case.expected if key in leaves}
        passed.setdefault(case.function, []).append(right)
    assert {f.group: (f.value, f.n) for f in figures(frame, statistic="pass_rate") if f.group != ALL} == {
        function: (pytest.approx(np.mean(rights)), len(rights)) for function, rights in passed.items()
    }
    for key in leaves:
        wrongly = [key in tags for case, tags in zip(used, scored.tags(), strict=True) if key not in case.expected]
        assert one(frame, key, ALL, "false_alarm_rate").value == pytest.approx(np.mean(wrongly))
        gaps = []
        column = model.categories.index(key)
        for pair in {case.pair_id for case in used}:
            there = [float(p[column]) for case, p in zip(used, scored.proba, strict=True) if case.pair_id == pair]
            of = [key in case.expected for case in used if case.pair_id == pair]
            if any(of) and not all(of):
                p = np.nan_to_num(np.array(there))
                gaps.append(p[np.array(of)].mean() - p[~np.array(of)].mean())
        gap = one(frame, key, ALL, "pair_gap")
        assert (gap.value, gap.n) == (pytest.approx(np.mean(gaps), abs=1e-6), len(gaps))
        assert gap.low is not None
        assert gap.high is not None
        assert gap.low <= np.mean(gaps) <= gap.high


def test_cases_that_another_model_scored_count_as_if_the_model_had() -> None:
    given = table()
    assert given.model is not None
    assert given.casebook is not None
    ids = [case.case_id for case in given.casebook.cases][::-1]
    batch = score(given.model, ids, [case.text for case in given.casebook.cases][::-1])
    cases = Scores(ids, KEYS, batch.proba, batch.alleged, batch.abstained, "x", Totals())
    assert overreach(replace(given, model=None, case_scores=cases)) == overreach(given)
