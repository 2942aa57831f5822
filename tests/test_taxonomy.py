"""Taxonomies: order, tree, digest; closing labels and probabilities against loops written for this test; bad files."""

from __future__ import annotations

import copy
import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from koudai.errors import ConfigError
from koudai.limits import TAXONOMY_DEPTH
from koudai.taxonomy import Taxonomy, load_taxonomy, parse_taxonomy, read_toml
from tests.conftest import ROOT

TREES = (
    {"rumour": None},
    {"a": None, "b": None, "c": None},
    {"a": None, "a.b": "a", "a.c": "a", "d": None},
    {"a": None, "b": "a", "c": "b", "d": "b", "e": "a", "f": None, "g": "f"},  # three levels deep
    {"a": None, "b": None, "c": "a", "d": "b", "e": "c", "f": "e"},
)


def words(text: str) -> dict[str, str]:
    return {"zh": f"{text}（中）", "en": text}


def plain(tree: dict[str, str | None], **more: Any) -> dict[str, Any]:
    return {
        "name": "toy",
        "version": 1,
        "title": words("toy"),
        "source": "written for this test",
        "category": [
            {
                "key": key,
                "parent": parent,
                "name": words(key),
                "wording": words("wording"),
                "counts_in": words("in"),
                "counts_out": words("out"),
            }
            for key, parent in tree.items()
        ],
        **more,
    }


def closed_by_hand(tree: dict[str, str | None], row: dict[str, int]) -> dict[str, int]:
    """Apply the three rules of `close_labels`, one after the other, until each has reached everything."""
    row = dict(row)
    children = {key: [child for child, parent in tree.items() if parent == key] for key in tree}
    deepest_first = list(reversed(tree))
    for key in deepest_first:
        below = [row[child] for child in children[key]]
        if 1 in below:
            row[key] = 1
        elif below and row[key] == -1 and all(label == 0 for label in below):
            row[key] = 0
    for key in tree:
        if row[key] == 0:
            for child in children[key]:
                row[child] = 0 if row[child] == -1 else row[child]
    return row


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: "-".join(tree))
def test_labels_are_closed_as_the_rules_say_for_every_row_there_is(tree: dict[str, str | None]) -> None:
    taxonomy = parse_taxonomy(plain(tree), where="test")
    rows = np.array(list(itertools.product((1, 0, -1), repeat=len(tree))), dtype=np.int8)
    before = rows.copy()
    closed = taxonomy.close_labels(rows)
    assert np.array_equal(rows, before), "the labels that were given are not altered"
    assert np.array_equal(taxonomy.close_labels(closed), closed)
    for given_row, row in zip(rows, closed, strict=True):
        assert dict(zip(tree, row, strict=True)) == closed_by_hand(tree, dict(zip(tree, given_row, strict=True)))


def test_one_class_of_an_exclusive_taxonomy_rules_out_the_others() -> None:
    taxonomy = parse_taxonomy(plain({"a": None, "b": None, "c": None}, exclusive=True), where="test")
    rows = np.array([[1, -1, -1], [-1, -1, -1], [0, -1, 0], [1, 1, -1]], dtype=np.int8)
    assert taxonomy.close_labels(rows).tolist() == [[1, 0, 0], [-1, -1, -1], [0, -1, 0], [1, 1, 0]]


PART = st.lists(st.booleans(), min_size=7, max_size=7)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.sampled_from(TREES),
    st.lists(st.lists(st.floats(0, 1, width=32), min_size=7, max_size=7), min_size=1, max_size=6),
    PART,
)
def test_no_ancestor_is_less_probable_than_what_is_below_it(
    tree: dict[str, str | None], rows: list[list[float]], part: list[bool]
) -> None:
    """Also where the model has the grandparent and the child, but not the parent between them."""
    taxonomy = parse_taxonomy(plain(tree), where="test")
    columns = tuple(key for key, kept in zip(tree, part, strict=False) if kept) or taxonomy.keys
    proba: NDArray[np.float32] = np.array(rows, dtype=np.float32)[:, : len(columns)]
    before = proba.copy()
    closed = taxonomy.close_probabilities(proba, columns)
    assert np.array_equal(proba, before)
    for column, key in enumerate(columns):
        under = [other for other, name in enumerate(columns) if key in taxonomy.ancestors(name)]
        assert np.array_equal(closed[:, column], before[:, [column, *under]].max(axis=1))


def test_the_shipped_taxonomy_is_whole(taxonomy: Taxonomy, root: Path) -> None:
    written = tomllib.loads((root / "configs" / "taxonomies" / "cac-2023.toml").read_text(encoding="utf-8"))
    assert taxonomy.keys == tuple(category["key"] for category in written["category"])
    assert taxonomy.parent == {category["key"]: category.get("parent") for category in written["category"]}
    assert set(taxonomy.leaves) == set(taxonomy.keys) - {category.get("parent") for category in written["category"]}
    assert not taxonomy.exclusive
    for key in taxonomy.keys:
        assert taxonomy.ancestors(key) == ([key.partition(".")[0]] if "." in key else [])
        assert taxonomy[key].key == key
        assert "涉嫌" in taxonomy[key].name.zh
        assert taxonomy[key].name.en.startswith("Alleged")
    assert parse_taxonomy(taxonomy.model_dump(mode="json"), where="bundle") == taxonomy


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in leaves_of(item, (*path, key))]
    if isinstance(value, list):
        return [found for place, item in enumerate(value) for found in leaves_of(item, (*path, place))]
    return [path]


def test_the_digest_changes_when_any_word_of_it_changes(taxonomy: Taxonomy) -> None:
    whole = taxonomy.model_dump(mode="json")
    digests = {taxonomy.digest}
    changed = 0
    for path in leaves_of(whole):
        other = copy.deepcopy(whole)
        *above, last = path
        holder: Any = other
        for step in above:
            holder = holder[step]
        if not isinstance(holder[last], str) or last in ("key", "parent"):
            continue
        holder[last] += "。"
        digests.add(parse_taxonomy(other, where="test").digest)
        changed += 1
    assert changed > 100
    assert len(digests) == changed + 1
    assert all(len(digest) == 16 for digest in digests)


def test_the_digest_depends_on_the_order_of_categories_but_not_on_the_order_of_keys() -> None:
    one = plain({"a": None, "b": None})
    assert parse_taxonomy(one, where="x").digest == parse_taxonomy(dict(reversed(one.items())), where="x").digest
    assert parse_taxonomy(one, where="x").digest != parse_taxonomy(plain({"b": None, "a": None}), where="x").digest


BAD = [
    (plain({"a": None}) | {"category": []}, "category"),
    (plain({"b": "a", "a": None}), "parent 'a' must be defined before it"),
    (plain({"a": "a"}), "parent 'a' must be defined before it"),
    (plain({"A": None}), "category.0.key"),
    (plain({"../x": None}), "category.0.key"),
    (plain({"a.b.c": None}), "category.0.key"),
    (plain({"a\n": None}), "category.0.key"),
    (plain({"谣言": None}), "category.0.key"),
    (plain({"a": None}, code="os.system"), "code: Extra inputs are not permitted"),
    (plain({"a": None}, title={"zh": "只有中文"}), "title.en: Field required"),
    (plain({"a": None}, title={"zh": "", "en": ""}), "title.zh"),
    (plain({"a": None}, version="one"), "version"),
    (plain({"a": None}, tally=[{"value": 0, "unit": "posts", "qualifier": "", "what": words("x")}]), "tally.0"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "told"), BAD, ids=range(len(BAD)))
def test_I16_C1_what_is_not_a_taxonomy_is_refused_by_field(value: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_taxonomy(value, where="toy.toml")
    assert caught.value.exit_code == 2
    assert "where:    toy.toml" in str(caught.value)
    assert told in str(caught.value)


def test_C1_every_problem_is_told_at_once() -> None:
    value = plain({"A": None, "B": None}, version="one", colour="red")
    with pytest.raises(ConfigError) as caught:
        parse_taxonomy(value, where="toy.toml")
    assert all(told in str(caught.value) for told in ("category.0.key", "category.1.key", "version", "colour"))


def test_a_category_twice_is_refused() -> None:
    value = plain({"a": None})
    value["category"] *= 2
    with pytest.raises(ConfigError, match="category 'a' is defined twice"):
        parse_taxonomy(value, where="toy.toml")


def test_columns_are_those_of_the_keys_in_the_order_asked_for(taxonomy: Taxonomy) -> None:
    keys = taxonomy.keys[::-2]
    assert taxonomy.columns(keys) == [taxonomy.keys.index(key) for key in keys]
    assert taxonomy.columns([]) == []
    with pytest.raises(ConfigError, match="has no category 'rumor'") as caught:
        taxonomy.columns(["rumor"])
    assert caught.value.todo == "did you mean 'rumour'?"


def test_an_unknown_category_is_refused_with_the_nearest(taxonomy: Taxonomy) -> None:
    with pytest.raises(ConfigError) as caught:
        _ = taxonomy["impersonation.ai_news_anchor"]
    assert "did you mean 'impersonation.ai_news_anchors'?" in str(caught.value)
    assert "has no category 'impersonation.ai_news_anchor'" in str(caught.value)


TOML = {
    "twice": (b"name = 'a'\nname = 'b'\n", "line 2"),
    "open": (b'name = "a\n', "line 1"),
    "bytes": (b"name = '\xb0\xa1'\n", "can't decode byte 0xb0 in position 8"),
    "deep": (b"x = " + b"[" * 100_000, "recursion"),
    "giant": (b"x = " + b"9" * 5000, "digits"),
    "yaml": (b"name: cac\n", "line 1"),
    "pickle": (b"\x80\x04cos\nsystem\n", "decode"),
}


@pytest.mark.parametrize("name", TOML)
def test_C1_a_file_that_is_not_toml_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    data, told = TOML[name]
    path = tmp_path / "taxonomy.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_taxonomy(path)
    message = str(caught.value)
    assert "this is not TOML" in message
    assert str(path) in message
    assert told in message


def test_C3_a_missing_file_is_named_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        read_toml(Path("nowhere.toml"))
    assert str(tmp_path / "nowhere.toml") in str(caught.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path)


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "taxonomies").glob("*.toml")), ids=lambda path: path.stem)
def test_every_taxonomy_that_koudai_brings_is_whole(path: Path) -> None:
    taxonomy = load_taxonomy(path)
    assert taxonomy.name == path.stem
    assert len(taxonomy.source) > 20
    for category in taxonomy.category:
        assert category.parent == (category.key.rpartition(".")[0] or None)
        for words in (category.name, category.wording, category.counts_in, category.counts_out):
            assert re.search("[\u4e00-\u9fff]", words.zh)
            assert not re.search("[\u4e00-\u9fff]", words.en)
        assert len(set(category.terms)) == len(category.terms)


@pytest.mark.parametrize(("name", "groups"), [("cac-2025", 4), ("weibo-2012", 3), ("cold-4", 4)])
def test_the_groups_that_are_public_are_there_and_alleged(name: str, groups: int) -> None:
    taxonomy = load_taxonomy(ROOT / "configs" / "taxonomies" / f"{name}.toml")
    assert sum(parent is None for parent in taxonomy.parent.values()) == groups
    if not taxonomy.exclusive:
        for key in taxonomy.keys:
            assert "涉嫌" in taxonomy[key].name.zh
            assert taxonomy[key].name.en.startswith("Alleged")


def test_H8_a_chain_of_parents_has_a_limit_that_is_named() -> None:
    most = TAXONOMY_DEPTH.value
    chain = {f"c{n}": f"c{n - 1}" if n else None for n in range(most + 2)}
    held = dict(list(chain.items())[:-1])
    assert len(parse_taxonomy(plain(held), where="here").ancestors(f"c{most}")) == most
    with pytest.raises(ConfigError, match=f"'c{most + 1}' has more than {most} parents above one another"):
        parse_taxonomy(plain(chain), where="here")
