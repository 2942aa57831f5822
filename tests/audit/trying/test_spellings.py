"""Spellings: by hand; total, without chance, and undone by taking out what was put in; damaged lists refused; the
bundled pairs are of the two national character sets and reach nearly every telling character of the casebook.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.audit.trying.spellings import Spelling, load_spellings
from koudai.config.places import bundled
from koudai.errors import ConfigError, ReadError
from koudai.taxonomy import read_toml
from koudai.text.characters.script import script_of

FILE = bundled("data/casebook") / "spellings.toml"
SPELT = load_spellings(FILE)
ANY = st.text(st.characters(codec=None), max_size=30)
CHINESE = st.text(st.sampled_from("明天停水千真万确好友微信1a，。 \n🙂"), max_size=30)
GOOD = """
traditional = "这這 个個"
simplified = "裏里"
split = "好女子"
[homophones]
"微信" = "薇信"
"微信群" = "薇信裙"
[pinyin]
"微信" = "wei信"
"""


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("zero-width", "今天停水了吗", "今天\u200b停水\u200b了吗"),
        ("zero-width", "好", "好"),
        ("spaces", "今天，停水abc了", "今 天，停 水abc了"),
        ("dots", "加微信", "加.微.信"),
        ("emoji", "今天停水了吗大家都在问", "今天停✨水了吗🌸大家都🍀在问"),
        ("full-width", "加V信 abc1!", "加Ｖ信 ａｂｃ１！"),
        ("traditional", "这个学校说没问题", "這個學校說沒問題"),
        ("simplified", "這個學校說沒問題，裏面", "这个学校说没问题，里面"),
        ("homophones", "加微信，群里的老师", "加薇信，裙里的老湿"),
        ("pinyin", "刷单返现", "刷dan返xian"),
        ("initials", "银行的客服", "yh的kf"),
        ("symbols", "医院收红包", "🏥收🧧"),
        ("split", "好朋友", "女子月月友"),
    ],
)
def test_by_hand(name: str, before: str, after: str) -> None:
    assert SPELT[name](before) == after


@pytest.mark.parametrize("name", SPELT)
@settings(derandomize=True, deadline=None, max_examples=60)
@every(text=ANY | CHINESE)
def test_total_without_chance_and_bounded(name: str, text: str) -> None:
    spelt = SPELT[name](text)
    assert spelt == SPELT[name](text)
    assert len(spelt) <= 8 * len(text)


@pytest.mark.parametrize(
    ("name", "put_in"), [("zero-width", "\u200b"), ("spaces", " "), ("dots", "."), ("emoji", "✨🌸🍀")]
)
@settings(derandomize=True, deadline=None, max_examples=60)
@every(text=ANY | CHINESE)
def test_taking_out_what_was_put_in_gives_the_post_back(name: str, put_in: str, text: str) -> None:
    bare = re.sub(f"[{put_in}]", "", text)
    spelt = SPELT[name](bare)
    assert re.sub(f"[{put_in}]", "", spelt) == bare
    gaps = len(re.findall("(?=[\u3400-\u9fff\U00020000-\U0003ffff]{2})", bare))
    assert len(spelt) - len(bare) == gaps // {"zero-width": 2, "emoji": 3}.get(name, 1)


@settings(derandomize=True, deadline=None, max_examples=60)
@every(text=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E) | st.sampled_from("明天停水"), max_size=30))
def test_full_width_is_what_compatibility_undoes(text: str) -> None:
    assert unicodedata.normalize("NFKC", SPELT["full-width"](text)) == text


def test_T9_pairs_are_of_the_two_character_sets_and_there_and_back_is_the_same() -> None:
    pairs = [(one[0], one[1:]) for one in read_toml(FILE)["traditional"].split()]
    assert len(pairs) > 800
    assert [a + b for a, b in pairs if not a.encode("gb2312", "ignore") or not b.encode("big5", "ignore")] == []
    assert [a + b for a, b in pairs if b.encode("gb2312", "ignore")] == ["后後"]
    every_simplified = "".join(a for a, _ in pairs)
    assert SPELT["simplified"](SPELT["traditional"](every_simplified)) == every_simplified
    assert script_of(SPELT["traditional"](every_simplified)) == "traditional"


def test_T9_nearly_every_telling_character_of_the_casebook_has_its_counterpart(root: Path) -> None:
    lines = (root / "data" / "casebook" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    text = "".join(json.loads(line)["text"] for line in lines)
    telling = [one for one in text if script_of(one) == "simplified"]
    assert len(telling) > 5000
    assert sum(SPELT["traditional"](one) != one for one in telling) > 0.97 * len(telling)


def written(folder: Path, text: str) -> Path:
    path = folder / "spellings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_of_two_words_the_longer_is_replaced(tmp_path: Path) -> None:
    spelt: dict[str, Spelling] = load_spellings(written(tmp_path, GOOD))
    assert spelt["homophones"]("微信群，微信") == "薇信裙，薇信"
    assert spelt["simplified"]("裏這") == "里这"
    assert spelt["traditional"]("里这") == "里這"


def test_empty_lists_change_nothing(tmp_path: Path) -> None:
    spelt = load_spellings(written(tmp_path, 'traditional=""\nsimplified=""\nsplit=""\n[homophones]\n[pinyin]\n'))
    assert spelt["split"]("好") == spelt["pinyin"]("好") == "好"


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace("个個", "个 着着 这這 箇這").replace("好女子", "好女 妈").replace('"wei信"', '"微信"')
    with pytest.raises(ReadError) as caught:
        load_spellings(written(tmp_path, bad))
    got = str(caught.value.got)
    for sign in (
        "traditional: 个",
        "traditional: 着着",
        "traditional: 这 is there twice",
        "split: 好女",
        "split: 妈",
        "pinyin: 微信微信",
        "two simplified characters for 這",
    ):
        assert sign in got, sign
    with pytest.raises(ReadError, match="damaged") as caught:
        load_spellings(written(tmp_path, "split = 1\nmore = 2\n"))
    assert "traditional" in str(caught.value.got)
    assert "more" in str(caught.value.got)
    with pytest.raises(ConfigError, match="no such file"):
        load_spellings(tmp_path / "none.toml")
