"""Columns of a table: by their names or as told; slips of the pen in either are refused with the nearest name."""

from __future__ import annotations

from typing import Any

import pytest

from koudai.audit.inputs.scores_table import category_columns, require_named, thresholds
from koudai.config.places import bundled
from koudai.config.scored import TableSection
from koudai.corpus.reading.accounts import names_account
from koudai.errors import ConfigError
from koudai.taxonomy import load_taxonomy
from tests.audit.table import KEYS, tiny_taxonomy

R, P, A, N = KEYS


def section(**changes: Any) -> TableSection:
    return TableSection.model_validate({"name": "m", "file": "t.csv", **changes})


def columns(names: list[str], **changes: Any) -> dict[str, str]:
    return category_columns(section(**changes), names, tiny_taxonomy(), where="t.csv")


def test_a_column_called_as_a_category_is_the_categorys_in_taxonomy_order() -> None:
    assert list(columns(["note", N, "post_id", R]).items()) == [(R, R), (N, N)]


def test_columns_that_are_told_are_the_only_ones() -> None:
    assert list(columns(["p1", "p2", R], columns={N: "p1", R: "p2"}).items()) == [(R, "p2"), (N, "p1")]


def test_A7_a_category_that_the_taxonomy_lacks_is_refused_with_the_nearest() -> None:
    for told in ({"columns": {"rumor": "p1"}}, {"threshold": {"rumor": 0.5}}):
        with pytest.raises(ConfigError, match="no 'rumor'") as caught:
            columns(["p1", R], **told)
        assert caught.value.todo == f"did you mean {R!r}?"
        assert str(caught.value.expected).split(", ") == list(KEYS)


@pytest.mark.parametrize("name", ["rumor", " rumour", "Rumour", "rumours", "p_rumour"])
def test_a_column_called_nearly_as_a_category_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="nearly as categories are") as caught:
        columns(["post_id", name, N])
    assert caught.value.got == f"{name!r}, did you mean {R!r}?"
    assert columns(["post_id", name, N], columns={R: name}) == {R: name}
    assert columns(["post_id", name, R, N]) == {R: R, N: N}, "the category has a column of its own name"


def test_a_table_of_no_category_is_refused() -> None:
    with pytest.raises(ConfigError, match="no column is called as a category is") as caught:
        columns(["post_id", "score"])
    assert caught.value.got == "post_id, score"
    assert "[table.columns]" in str(caught.value.todo)


def test_thresholds_are_one_for_all_or_one_for_each() -> None:
    assert thresholds(section(), {R: "a", N: "b"}).tolist() == [0.5, 0.5]
    assert thresholds(section(threshold=0.25), {R: "a", N: "b"}).tolist() == [0.25, 0.25]
    assert thresholds(section(threshold={N: 1}), {R: "a", N: "b"}).tolist() == [0.5, 1.0]


def test_a_threshold_without_a_column_is_refused() -> None:
    for names, told in (([R, N], {}), (["a"], {R: "a"})):
        with pytest.raises(ConfigError, match=f"threshold without a column: {P}"):
            columns(names, columns=told, threshold={R: 0.5, P: 0.4})


def test_a_column_that_is_not_there_or_there_twice_is_refused() -> None:
    require_named(["a"], ["a", "b", "b"], "t.csv")
    with pytest.raises(ConfigError, match="none or several, called 'scoer', 'b'") as caught:
        require_named(["a", "scoer", "b"], ["a", "score", "b", "b"], "t.csv")
    assert caught.value.todo == "did you mean 'score'?"


@pytest.mark.parametrize("path", sorted(bundled("configs").glob("taxonomies/*.toml")), ids=lambda path: path.stem)
def test_no_category_is_called_as_accounts_are(path: Any) -> None:
    assert [key for key in load_taxonomy(path).keys if names_account(key)] == []
