"""Definition: the terms of a category looked for by a loop over the 12-row table (A4); words in any width and case."""

from __future__ import annotations

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.frame import ALL
from koudai.audit.measures.definition import definition, held
from koudai.text.utf8 import of_texts
from tests.audit.table import KEYS, ROWS, figures, one, post, table, tiny_taxonomy

TERMS = {"rumour": ("停水", "谣言"), "posing": ("鸡蛋", "天气")}


def test_A4_rumour_by_hand() -> None:
    """停水 stands in rows 0-3, 7, 9 and 10; rumour is alleged of rows 0-3, and 4-8 are scored and not so tagged."""
    frame = definition(table())
    assert one(frame, "rumour", ALL, "holds_any").value == 1.0
    assert one(frame, "rumour", ALL, "holds_any").n == 4
    spared = one(frame, "rumour", ALL, "untagged_holds_any")
    assert (spared.value, spared.n) == (1 / 5, 5)
    unseen = one(frame, "rumour", ALL, "terms_never_seen")
    assert (unseen.value, unseen.n) == (1 / 2, 2)
    assert one(frame, "rumour", "谣言", "in_all").value == 0.0
    assert (one(frame, "rumour", "停水", "in_all").value, one(frame, "rumour", "停水", "in_all").n) == (7 / 12, 12)


def test_A4_every_category_against_a_loop() -> None:
    frame = definition(table())
    for key, terms in TERMS.items():
        tagged = [i for i, row in enumerate(ROWS) if key in row[1]]
        spared = [i for i, row in enumerate(ROWS) if key not in row[1] and not row[2]]
        for name, rows in (("holds_any", tagged), ("untagged_holds_any", spared)):
            hits = sum(any(term in post(i) for term in terms) for i in rows)
            figure = one(frame, key, ALL, name)
            assert (figure.value, figure.n) == (pytest.approx(hits / len(rows)), len(rows))
        for term in terms:
            hits = sum(term in post(i) for i in tagged)
            assert one(frame, key, term, "in_tagged").value == pytest.approx(hits / len(tagged))


def test_the_table_has_terms_for_two_categories_and_the_others_have_no_figures() -> None:
    assert {key: tiny_taxonomy()[key].terms for key in KEYS if tiny_taxonomy()[key].terms} == TERMS
    assert {figure.category for figure in definition(table()).figures} == set(TERMS)


@pytest.mark.parametrize(
    ("text", "term", "there"),
    [
        ("他说是ＡＩ主播", "AI", True),
        ("ai写的", "AI", True),
        ("maintain", "AI", False),
        ("谣\u200b言", "谣言", True),
        ("没有", "谣言", False),
        ("", "谣言", False),
    ],
)
def test_terms_are_found_as_they_are_read(text: str, term: str, *, there: bool) -> None:
    assert held(of_texts([text]), [term])[term].tolist() == [there]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=60)
@every(st.lists(st.text("谣言停水ab", max_size=6), max_size=6))
def test_A4_chinese_terms_against_in(texts: list[str]) -> None:
    found = held(of_texts(texts), ["谣言", "停"])
    assert found["谣言"].tolist() == ["谣言" in text for text in texts]
    assert found["停"].tolist() == ["停" in text for text in texts]


def test_A1_nothing_tagged_or_nothing_read_gives_no_value() -> None:
    assert one(definition(table(order=(8,))), "rumour", ALL, "holds_any").value is None
    for figure in definition(table(order=())).figures:
        assert (figure.value, figure.n) == (None, 0)


def test_A6_abstained_posts_are_neither_tagged_nor_spared() -> None:
    frame = definition(table(order=(9, 10)))
    assert {f.n for f in figures(frame, statistic="untagged_holds_any")} == {0}
    assert one(frame, "rumour", "停水", "in_all").n == 2
