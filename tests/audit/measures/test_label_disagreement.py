"""Disagreement of labels with words: planted wrong labels are flagged, and labels that no word carries are said to be
what chance gives.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures.label_disagreement import label_disagreement
from tests.audit.table import figures, one, table

WATER = ("明天全城停水，赶紧接水", "自来水公司说要停水三天", "停水通知是真的，快囤水")
EGGS = ("鸡蛋今天涨价了", "菜场的鸡蛋很新鲜", "早饭吃了两个鸡蛋")


def labelled(texts: list[str], y: list[int], seed: int = 7) -> AuditInput:
    given = table(order=[0] * len(texts), seed=seed)
    assert given.labelled is not None
    labels = np.full((len(texts), 4), -1, dtype=np.int8)
    labels[:, 0] = y
    source = np.array(["a" if i % 2 else "b" for i in range(len(texts))], dtype=object)
    own = replace(given.labelled, texts=texts, labels=labels, group=np.arange(len(texts)), source=source)
    return replace(given, labelled=own)


def planted(wrong: int, n: int = 120) -> tuple[list[str], list[int], set[int]]:
    random = np.random.default_rng(0)
    true = [i % 2 for i in range(n)]
    texts = [f"{(WATER if y else EGGS)[i // 2 % 3]}，{random.integers(10**6)}" for i, y in enumerate(true)]
    places = set(random.choice(n, wrong, replace=False).tolist())
    return texts, [1 - y if i in places else y for i, y in enumerate(true)], places


def test_planted_wrong_labels_are_what_is_flagged() -> None:
    texts, y, places = planted(12)
    frame = label_disagreement(labelled(texts, y))
    found = one(frame, "rumour", ALL, "disagreement")
    assert found.n == 120
    assert found.value == pytest.approx(len(places) / 120, abs=0.03)
    assert (found.low, found.high) == (None, None)
    by_source = [figure for figure in figures(frame, statistic="flagged") if figure.group != ALL]
    assert sum(round((figure.value or 0) * figure.n) for figure in by_source) == pytest.approx(12, abs=3)
    assert label_disagreement(labelled(*planted(0)[:2])).figures[0].value == pytest.approx(0, abs=0.02)


def test_words_that_say_nothing_make_half_of_all_labels_look_wrong() -> None:
    """Which of two numbers ends a post is no fault of its label; it is said that chance alone does as much."""
    random = np.random.default_rng(3)
    texts = [f"{'，'.join(random.choice(WATER + EGGS, 3))}，{random.integers(10**6)}" for _ in range(200)]
    frame = label_disagreement(labelled(texts, random.integers(0, 2, 200).tolist()))
    value = one(frame, "rumour", ALL, "disagreement").value
    chance = one(frame, "rumour", ALL, "disagreement_if_none_is_wrong")
    assert value is not None
    assert value > 0.3
    assert chance.low is not None
    assert chance.high is not None
    assert chance.low <= value <= chance.high


def test_A1_one_class_or_too_few_posts_have_no_value() -> None:
    for texts, y in ((["停水"] * 30, [1] * 30), (["停水", "鸡蛋"], [1, 0])):
        (figure,) = label_disagreement(labelled(texts, y)).figures
        assert (figure.statistic, figure.value) == ("disagreement", None)
    assert label_disagreement(table(order=())).figures == ()
    assert all(figure.value is None for figure in label_disagreement(table()).figures)  # twelve rows are too few


def test_A1_without_labels_nothing_is_said_and_of_many_posts_a_sample_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert label_disagreement(table(labelled=None)).figures == ()
    texts, y, _ = planted(0, 60)
    monkeypatch.setattr("koudai.audit.measures.label_disagreement.MOST_POSTS", 50)
    frame = label_disagreement(labelled(texts, y))
    assert one(frame, "rumour", ALL, "disagreement").n == 50
