"""Outcome: fates of copies by hand, by a loop and in pandas on real removals (A4); authors never moderate."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.kept_columns import Outcomes
from koudai.audit.measures.outcome import ABSTAINED, NOT_ALLEGED, outcome
from koudai.audit.repeated_fates import differing
from koudai.training.intervals import wilson
from tests.audit.table import FATE_OF, figures, one, table

PAIRS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=30)
REAL = {"author_deleted": 2, "account_migrated": 2}


def given_of(texts: list[str], fates: list[str], **changes: Any) -> AuditInput:
    outcomes = Outcomes(
        value=np.array(fates, dtype=object),
        fate=np.array([FATE_OF[fate] for fate in fates], dtype=np.int8),
        silent={"author": "the author's own act"},
    )
    return table(order=[0] * len(texts), texts=texts, outcome=outcomes, **changes)


def frame_of(texts: list[str], fates: list[str], **changes: Any) -> AuditFrame:
    return outcome(given_of(texts, fates, **changes))


TEXTS = [
    *("停水三天是真的吗大家都在问", "停水三天是真的吗？大家都在问！", "ＡＢ停水", "ab 停水"),
    *("鸡蛋涨价了", "鸡蛋涨价了", "鸡蛋涨价了", "天气很好", "天气很好", "只有一次"),
]
FATES = ["removed", "author", "kept", "kept", "removed", "kept", "", "removed", "", "kept"]


def test_A4_fates_of_copies_by_hand() -> None:
    """Repeated and recorded twice or more: 停水三天 (removed, author), ab停水 (kept twice), 鸡蛋 (removed, kept)."""
    frame = frame_of(TEXTS, FATES)
    found = one(frame, ALL, "identical", "different")
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)
    assert (found.low, found.high) == wilson(2, 3)[1:]
    moderated = one(frame, ALL, "identical", "different_moderation")
    assert (moderated.value, moderated.n) == (1 / 2, 2)
    pairs = {figure.group for figure in figures(frame, statistic="different")} - {"identical", "near-identical"}
    assert {pair for pair in pairs if pair.startswith("identical")} == {
        "identical: author / removed",
        "identical: kept / removed",
    }


def test_what_the_author_took_down_is_never_counted_as_removed() -> None:
    frame = frame_of(TEXTS, FATES)
    assert one(frame, ALL, ALL, "removed").value == 3 / 8
    assert one(frame, ALL, ALL, "kept").value == 4 / 8
    assert one(frame, ALL, ALL, "not_moderation").value == 1 / 8
    only = frame_of(TEXTS, ["author"] * len(TEXTS))
    assert one(only, ALL, ALL, "removed").value == 0.0
    assert one(only, ALL, "identical", "different_moderation").value is None
    assert figures(only, statistic="auc") == []


def test_A4_A6_rates_by_category_add_up_over_recorded_posts() -> None:
    frame = outcome(table())
    rumour = {name: one(frame, "rumour", ALL, name) for name in ("removed", "kept", "not_moderation")}
    assert {name: figure.value for name, figure in rumour.items()} == {
        "removed": 0.5,
        "kept": 0.25,
        "not_moderation": 0.25,
    }
    assert {figure.n for figure in rumour.values()} == {4}
    spared, abstained = (one(frame, ALL, group, "kept") for group in (NOT_ALLEGED, ABSTAINED))
    assert (spared.value, spared.n) == (1.0, 1)  # row 8; of 7 nothing is recorded
    assert (abstained.value, abstained.n) == (0.0, 2)  # rows 9 and 10; of 11 nothing is recorded


@settings(derandomize=True, deadline=None, max_examples=100)
@every(PAIRS)
def test_A4_differing_against_a_loop(rows: list[tuple[int, int]]) -> None:
    groups = {group: [value for value, g in rows if g == group] for _, group in rows}
    repeated = [values for values in groups.values() if len(values) >= 2]
    expected = sum(len(set(values)) > 1 for values in repeated), len(repeated)
    value, group = (np.array(column, dtype=np.int64) for column in (zip(*rows, strict=True) if rows else ([], [])))
    assert differing(value, group) == expected


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=10)
@every(st.permutations(range(10)))
def test_A5_the_order_of_posts_changes_no_share(order: list[int]) -> None:
    expected = frame_of(TEXTS, FATES)
    found = frame_of([TEXTS[i] for i in order], [FATES[i] for i in order])
    for figure in expected.figures:
        if not figure.statistic.endswith("by_chance"):
            other = one(found, figure.category, figure.group, figure.statistic)
            assert (other.value, other.n, other.interval) == (figure.value, figure.n, figure.interval)
            for mine, its in ((other.low, figure.low), (other.high, figure.high)):  # sums over clusters round otherwise
                assert mine == (None if its is None else pytest.approx(its, abs=1e-12))


@pytest.mark.slow
def test_fates_dealt_at_random_lie_within_what_chance_gives_and_equal_fates_do_not() -> None:
    random = np.random.default_rng(4)
    texts = [f"第{i // 2}号帖子说的是{'停水鸡蛋天气火车'[i // 2 % 8]}{i // 2}" for i in range(400)]
    dealt = frame_of(texts, random.choice(["removed", "kept"], 400).tolist())
    observed = one(dealt, ALL, "identical", "different")
    chance = one(dealt, ALL, "identical", "different_by_chance")
    assert (observed.n, chance.n) == (200, 200)
    assert chance.low is not None
    assert chance.high is not None
    assert chance.low - 0.03 <= (observed.value or 0) <= chance.high + 0.03
    assert chance.value == pytest.approx(0.5, abs=0.03)
    equal = frame_of(texts, [["removed", "kept"][i // 2 % 2] for i in range(400)])
    assert one(equal, ALL, "identical", "different").value == 0.0
    assert (one(equal, ALL, "identical", "different_by_chance").low or 0) > 0.3


def test_near_identical_posts_are_found_where_identical_ones_are_not() -> None:
    long = "听说自来水厂的管道坏了，明天早上八点到后天晚上十点全城都要停水，大家赶紧接水"
    frame = frame_of([long, long.replace("八点", "九点"), "鸡蛋"], ["removed", "kept", "kept"])
    assert one(frame, ALL, "identical", "different").n == 0
    near = one(frame, ALL, "near-identical", "different")
    assert (near.value, near.n) == (1.0, 1)


def test_what_removed_posts_hold_and_whether_words_decide() -> None:
    texts = [
        f"{'停水停水' if i % 2 else '鸡蛋鸡蛋'} {chr(0x4E00 + 7 * i)}{chr(0x5E00 + 11 * i)}天气" for i in range(80)
    ]
    fates = ["removed" if i % 2 else ("kept" if i % 4 else "author") for i in range(80)]
    frame = frame_of(texts, fates)
    auc = {figure.group: figure for figure in figures(frame, statistic="auc")}
    assert set(auc) == {"removed / kept", "removed / author"}
    assert (auc["removed / kept"].value or 0) > 0.95
    assert (auc["removed / kept"].n, auc["removed / author"].n) == (60, 60)
    words = [figure.group for figure in figures(frame, statistic="z")]
    assert any("停水" in word for word in words)
    assert not any("鸡蛋" in word for word in words)


def test_A1_nothing_recorded_twice_or_at_all() -> None:
    frame = frame_of(["停水", "鸡蛋"], ["removed", ""])
    assert (one(frame, ALL, "identical", "different").value, one(frame, ALL, "identical", "different").n) == (None, 0)
    assert figures(frame, statistic="different_by_chance") == []
    assert figures(frame, statistic="z") == []
    for figure in outcome(table(order=())).figures:
        assert (figure.value, figure.n) == (None, 0)


@pytest.mark.slow
def test_A4_wechat_titles_with_different_outcomes(real_corpus: Callable[[str], Path]) -> None:
    """The oracle knows nothing of koudai's normalising: it counts in pandas."""
    frame = pd.read_parquet(real_corpus("wechatscope_removed_titles.parquet"))
    frame = frame.assign(
        bare=[re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", t).lower()) or t for t in frame.text]
    )
    fates = frame.groupby("bare").outcome.agg(["size", "nunique"])
    repeated = fates[fates["size"] >= 2]
    expected = int((repeated["nunique"] > 1).sum()), len(repeated)
    values = frame.outcome.to_numpy(dtype=object)
    fate = np.array([REAL.get(value, 1) for value in values], dtype=np.int8)
    given = table(
        order=[8] * len(frame),
        texts=frame.text.tolist(),
        outcome=Outcomes(values, fate, dict.fromkeys(REAL, "no moderation")),
    )
    found = one(outcome(given), ALL, "identical", "different")
    assert (round((found.value or 0) * found.n), found.n) == expected
    assert 0.1 < (found.value or 0) < 0.3


def test_A1_without_outcomes_or_texts_there_is_nothing() -> None:
    assert outcome(table(outcome=None)).figures == ()
    assert outcome(table(texts=None)).figures == ()
