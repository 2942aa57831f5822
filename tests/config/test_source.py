"""Corpus files: originals are pinned whole or not at all, reasons may be given, and every mistake is named."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from koudai.config.load import parse_config
from koudai.config.source import Source
from koudai.errors import ConfigError

GOOD: dict[str, Any] = {
    "name": "made",
    "file": "made.parquet",
    "sha256": {"a/b c.csv": "0" * 64, "d.csv": "1" * 64},
    "fetch": {
        "repository": "some-one/Some.Thing",
        "commit": "0123456789" * 4,
        "parser": "csv",
        "checked": "written for this test",
        "columns": {"text": "words", "sort": ["first", "second"]},
        "own": {"d.csv": {"date": "when"}},
        "each": {"d.csv": {"split": "test", "sort": "x"}},
        "values": {"sort": {"0": "no"}},
        "squeeze": {"text": 10},
        "numbers": ["date"],
    },
}


def test_a_pinned_corpus_is_read_and_knows_its_columns() -> None:
    source = parse_config(Source, GOOD, where="made.toml")
    assert source.fetch is not None
    assert source.fetch.table == ("text", "sort", "date", "split")
    assert source.fetch.encodings == ("utf-8",)
    assert parse_config(Source, source.model_dump(mode="json"), where="again") == source


def changed(path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(GOOD)
    place: Any = made
    *outer, last = path.split("/")
    for key in outer:
        place = place[key]
    place[last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("sha256", {}, "only if .sha256. gives the hash of each original"),
        ("sha256", {"a.csv": "0" * 63}, "sha256.a.csv"),
        ("sha256", {"a.csv": "A" * 64}, "sha256.a.csv"),
        ("sha256", {"../a.csv": "0" * 64}, "neither an original"),
        ("sha256", {"/a.csv": "0" * 64}, "neither an original"),
        ("sha256", {"a//b.csv": "0" * 64}, "neither an original"),
        ("file", "folder/made.parquet", "a plain name ending in .parquet"),
        ("file", "../made.parquet", "a plain name ending in .parquet"),
        ("file", "made.csv", "a plain name ending in .parquet"),
        ("not_fetched", "no hash is known", "exclude each other"),
        ("fetch/repository", "https://github.com/a/b", "fetch.repository"),
        ("fetch/repository", "a/../b", "fetch.repository"),
        ("fetch/commit", "main", "fetch.commit"),
        ("fetch/columns", {"sort": "sort"}, "which field is the text"),
        ("fetch/columns", {"text": "words", "post_id": "id"}, "post_id is numbered by koudai"),
        ("fetch/each", {"e.csv": {"split": "test"}}, "e.csv"),
        ("fetch/own", {"e.csv": {"date": "when"}}, "e.csv"),
        ("fetch/values", {"label": {"0": "no"}}, "label"),
        ("fetch/numbers", ["share"], "share"),
        ("fetch/encodings", ["latin-1"], "fetch.encodings"),
        ("fetch/pasrer", "csv", "did you mean 'parser'"),
        ("silent", [["x"]], "silent"),
        ("silent", 7, "silent"),
    ],
)
def test_C1_every_mistake_is_named(path: str, value: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        parse_config(Source, changed(path, value), where="made.toml")
    assert caught.value.exit_code == 2


def test_silent_labels_may_have_reasons_or_be_bare() -> None:
    bare = parse_config(Source, changed("silent", ["x", "y"]), where="made.toml")
    assert bare.silent == {"x": "", "y": ""}
    reasoned = parse_config(Source, changed("silent", {"x": "because"}), where="made.toml")
    assert reasoned.silent == {"x": "because"}


def test_yes_and_no_stand_for_a_rule_each_and_survive_a_dump() -> None:
    short = {"name": "m", "file": "m.csv", "columns": {"label": "谣言"}, "category": "rumour"}
    source = parse_config(Source, short | {"yes": ["是", True], "no": 0, "silent": ["不清楚"]}, where="made.toml")
    assert [(one.source, one.says, one.fit) for one in source.rules("cac-2023")] == [
        ("是", 1, "direct"),
        ("true", 1, "direct"),
        ("0", 0, "direct"),
    ]
    assert parse_config(Source, source.model_dump(mode="json"), where="again") == source
    assert (
        parse_config(Source, short | {"yes": "是", "no": "否", "fit": "proxy"}, where="m").rules("x")[0].fit == "proxy"
    )


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ({"category": None}, "name the `category`"),
        ({"columns": {}}, "name the column as columns.label"),
        ({"no": ()}, "`category` goes with `yes` and `no`"),
        ({"no": "是"}, "label '是' says two things"),
        ({"silent": ["是"]}, "label '是' says two things"),
        ({"yes": (), "no": (), "category": None}, "which value says `yes`"),
    ],
)
def test_half_a_meaning_is_refused(left_out: dict[str, Any], said: str) -> None:
    whole = {"name": "m", "file": "m.csv", "columns": {"label": "谣言"}, "category": "rumour", "yes": "是", "no": "否"}
    with pytest.raises(ConfigError) as refused:
        parse_config(Source, whole | left_out, where="made.toml")
    assert said in str(refused.value)
