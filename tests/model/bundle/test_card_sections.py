"""Parts of a card: what was measured is shown with its n, what was not is left out whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from koudai.model.bundle.card_sections import (
    FEW,
    WEAKEST,
    data,
    details,
    learning_curves,
    set_coverage,
    slices,
    warnings,
)
from koudai.model.evaluation import (
    CategoryEvaluation,
    Decided,
    Evaluation,
    MetricValue,
    OutOfFold,
    SetCoverage,
    SliceValue,
)
from tests.model.tiny import EVALUATION


def evaluation(**entry: Any) -> Evaluation:
    spam = CategoryEvaluation("real", 0.5, {}, {}, 0, (), ())
    return replace(EVALUATION, categories={"rumour": replace(spam, **entry), "spam": spam})


def side(value: float | None, n: int) -> MetricValue:
    return MetricValue("coverage", value, n, None, None)


def cut(of: str, value: float | None, n: int, inside: int, metric: str = "f1") -> SliceValue:
    return SliceValue(metric, value, n, None, None, "topic", of, inside)


def decided(*warnings: str) -> Decided:
    return Decided("sigmoid", "f1", OutOfFold(0.5, 0.5, 9, 90), warnings)


def test_what_was_not_measured_is_not_mentioned() -> None:
    assert details(evaluation()) == ""
    assert details(evaluation(decided=decided())) == ""


def test_the_time_zone_stands_beside_the_day_that_divides() -> None:
    by_time = replace(EVALUATION, split=replace(EVALUATION.split, cutoff="2024-01-01"))
    assert "tested on from 2024-01-01 on (dates of Asia/Shanghai);" in data(by_time, timezone="Asia/Shanghai")
    assert "Shanghai" not in data(EVALUATION, timezone="Asia/Shanghai")


def test_a_warning_is_said_as_words() -> None:
    said = warnings(evaluation(decided=decided("no threshold has *precision*")))
    assert "Not done as asked" in said
    assert "- rumour: no threshold has \\*precision\\*" in said


def test_coverage_stands_beside_what_was_wanted() -> None:
    found = SetCoverage(0.9, side(0.91, 1200), side(None, 0), 7, 0)
    assert "| rumour | 0.9 | 0.910 | 1,200 | - | 0 | 7 | 0 |" in set_coverage(evaluation(coverage=found))


def test_the_weakest_slices_large_enough_are_shown() -> None:
    found = [cut(f"t{k}", k / 10, 100, 50) for k in range(8)]
    found += [
        cut("small", 0.0, 100, FEW - 1),
        cut("one-sided", 0.0, 100, 100 - FEW + 1),
        cut("undefined", None, 100, 50),
    ]
    found += [cut("other", 0.0, 100, 50, metric="recall")]
    said = slices(evaluation(slices=tuple(found)))
    rows = [line for line in said.split("\n") if line.startswith("| rumour")]
    assert [row.split(" | ")[1] for row in rows] == [f"topic: t{k}" for k in range(WEAKEST)]
    assert rows[3] == "| rumour | topic: t3 | 0.300 | 100 (50) |"


def test_a_learning_curve_is_one_line() -> None:
    said = learning_curves(evaluation(learning_curve=((440.2, 0.8, 0.7, 0.9), (4378.0, 0.9))))
    assert "- rumour: 0.800 [0.700, 0.900] from 440; 0.900 from 4,378" in said
    assert "spam" not in said
