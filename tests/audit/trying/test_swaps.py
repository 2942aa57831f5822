"""Swaps: whole words only, of one group only; damaged lists refused with every problem; the bundled lists are as they
say: each term one word, no term twice, categories that exist.
"""

from __future__ import annotations

import json
from pathlib import Path

import jieba
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.trying.swaps import SwapList, load_swaps
from koudai.errors import ConfigError, ReadError
from koudai.taxonomy import Bilingual, Taxonomy

GOOD = """
[offices]
title_zh = "机关"
title_en = "Offices"
use = "one for another"
why = "either is an office"
not_for = ["advice"]
groups = [["法院", "派出所"], ["银行", "医院", "学校"]]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "swaps.toml"
    path.write_text(text, encoding="utf-8")
    return path


def swaps(*groups: tuple[str, ...], not_for: tuple[str, ...] = ()) -> SwapList:
    return SwapList("toy", Bilingual(zh="字", en="toy"), "for the tests", "no reason", not_for, groups)


def test_a_good_one_is_read(tmp_path: Path) -> None:
    (one,) = load_swaps(written(tmp_path, GOOD))
    assert one.name == "offices"
    assert (one.title.zh, one.title.en) == ("机关", "Offices")
    assert one.groups == (("法院", "派出所"), ("银行", "医院", "学校"))
    assert [one.covers(key) for key in ("rumour", "advice", "advice.legal", "adviceless")] == [True, False, False, True]


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace('["法院", "派出所"]', '["法院"], ["税 务", "法院", ""]')
    more = GOOD.replace("[offices]", "[more]").replace('use = "one for another"\n', "") + "[empty]\n"
    with pytest.raises(ReadError) as caught:
        load_swaps(written(tmp_path, bad + more))
    got = str(caught.value.got)
    for sign in (
        "offices: a group of fewer than two terms: 法院",
        "offices: '税 务' is not one word",
        "offices: '' is not one word",
        "offices: '法院' is also in offices",
        "more: use",
        "empty: title_zh",
    ):
        assert sign in got, sign
    assert caught.value.happened == "nothing was measured"
    with pytest.raises(ReadError, match="no list of swaps"):
        load_swaps(written(tmp_path, ""))
    with pytest.raises(ConfigError, match="no such file"):
        load_swaps(tmp_path / "none.toml")


def test_by_hand() -> None:
    words = ["法院", "说", "学校", "和", "法院", "的", "学校园"]
    assert list(swaps(("法院", "派出所"), ("银行", "学校", "医院")).swapped(words)) == [
        "派出所说学校和派出所的学校园",
        "法院说银行和法院的学校园",
        "法院说医院和法院的学校园",
    ]
    assert list(swaps(("法", "院")).swapped(words)) == []
    assert list(swaps(("法院", "派出所")).swapped([])) == []


@settings(derandomize=True, deadline=None, max_examples=60)
@every(words=st.lists(st.sampled_from("甲乙丙丁"), max_size=8))
def test_against_a_loop(words: list[str]) -> None:
    expected = []
    for term, other in (("甲", "乙"), ("甲", "丙"), ("乙", "甲"), ("乙", "丙"), ("丙", "甲"), ("丙", "乙")):
        if term in words:
            expected.append("".join(words).replace(term, other))
    assert list(swaps(("甲", "乙", "丙")).swapped(words)) == expected


@pytest.fixture(scope="module")
def bundled_lists(root: Path) -> tuple[SwapList, ...]:
    return load_swaps(root / "data" / "casebook" / "swaps.toml")


def test_bundled_institutions_regions_topics_and_callings_are_there(bundled_lists: tuple[SwapList, ...]) -> None:
    names = {"state_offices", "public_institutions", "regions", "hot_topics", "professions", "acquaintances"}
    assert {one.name for one in bundled_lists} == names
    assert all(sum(map(len, one.groups)) >= 20 for one in bundled_lists)
    assert all(one.title.zh and one.title.en.isascii() for one in bundled_lists)


def test_bundled_terms_are_words_of_the_segmenter(bundled_lists: tuple[SwapList, ...]) -> None:
    terms = [term for one in bundled_lists for group in one.groups for term in group]
    assert [term for term in terms if jieba.lcut(term) != [term]] == []


def test_bundled_exceptions_are_categories(bundled_lists: tuple[SwapList, ...], taxonomy: Taxonomy) -> None:
    assert {key for one in bundled_lists for key in one.not_for} <= set(taxonomy.keys)


def test_bundled_lists_find_something_in_the_casebook(bundled_lists: tuple[SwapList, ...], root: Path) -> None:
    lines = (root / "data" / "casebook" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    words = [set(jieba.lcut(json.loads(line)["text"])) for line in lines]
    found = {one.name: sum(any(words_ & set(g) for g in one.groups) for words_ in words) for one in bundled_lists}
    assert {name: n for name, n in found.items() if n < 8} == {}
