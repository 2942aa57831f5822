"""Two languages: every word in both, none spelt in a template, none unused."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from koudai.audit.declaration import Declaration, Section, named
from koudai.audit.inputs.audit_input import INPUTS
from koudai.audit.measures import MEASURES
from koudai.render.words import TEMPLATES, Words
from tests.render.dom import Node


def test_every_english_piece_has_its_chinese_sibling(tree: Node):
    for node in tree.walk():
        if node.tag in ("span", "div", "text") and node.attrs.get("lang") in ("zh", "en"):
            assert node.parent is not None
            siblings = [child for child in node.parent.children if isinstance(child, Node) and child.tag == node.tag]
            langs = [child.attrs.get("lang") for child in siblings]
            assert langs.count("zh") == langs.count("en"), node.text
            assert node.text.strip()


def test_words_are_complete_and_in_their_language():
    words = Words()
    for key in words.names():
        zh, en = words.text(key)
        assert zh.strip()
        assert en.strip()
        assert re.findall(r"\{\w+\}", zh) == sorted(re.findall(r"\{\w+\}", zh), key=zh.index)
        assert set(re.findall(r"\{\w+\}", zh)) == set(re.findall(r"\{\w+\}", en)), key
        assert not re.search(r"[\u4e00-\u9fff]", en), key


def test_templates_spell_no_word():
    for path in TEMPLATES.glob("*.j2"):
        source = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", " ", source)
        assert set(re.findall(r"[A-Za-z\u4e00-\u9fff]+", text)) <= {"koudai", "口袋", "n", "z", "EN", "中文"}, path.name


@pytest.mark.slow
def test_every_word_is_used_and_every_used_word_exists():
    source = "".join(
        path.read_text(encoding="utf-8") for path in [*TEMPLATES.glob("*.j2"), *TEMPLATES.parent.glob("*.py")]
    )
    sections = "|".join(get_args(Section))
    composed = re.compile(
        f"(kind|opening|role|unit|qualifier|need|label|same|test)-|.*-why$|real|proxy|written|none|{sections}"
    )
    for key in Words().names():
        assert f'"{key}"' in source or composed.match(key), key
    for key in re.findall(r'\bt\("([^"]+[^"-])"', source):
        assert key in Words(), key


def test_a_measures_own_words_are_found_within_it_alone():
    words = Words({"evasion": MEASURES["evasion"].declaration})
    assert words.scoped("evasion", {}).text("group-pinyin") == ("拼音", "pinyin")
    assert "group-pinyin" not in words
    assert "group-pinyin" not in words.scoped("term_swap", {})
    assert "拼音" in words.group("pinyin", measure="evasion")
    assert words.group("pinyin", measure="term_swap") == words.raw("pinyin")
    named = Words(
        {name: MEASURES[name].declaration for name in ("wording", "prevalence_corrected", "prevalence_by_group")}
    )
    assert named.group("full → mine", measure="wording") == (
        '<span lang="zh">全文</span><span lang="en">full text</span> → <bdi>mine</bdi>'
    )
    assert "灵敏度 0.95、特异度 0.99" in named.group("0.95, 0.99", measure="prevalence_corrected")
    assert named.group("platform × period, a, b", measure="prevalence_by_group").startswith(
        '<bdi>platform</bdi> × <span lang="zh">时段</span><span lang="en">period</span><span lang="zh">、'
    )
    tally = '<span lang="zh">公布：约 45,000 个账号</span><span lang="en">announced: about 45,000 accounts</span>'
    assert words.group("announced: about 45,000 accounts", measure="reported_mix") == tally
    assert words.group("announced: some 3 ships", measure="reported_mix") == words.raw("announced: some 3 ships")


def test_declared_texts_are_text_and_what_is_unknown_in_braces_stays():
    said = named("x", zh="<b>{value}</b>{odd}", en="{value}", unit="share").name
    found = Words({"m": Declaration(())}).filled(said, {"value": "<1>"})
    assert found == '<span lang="zh">&lt;b&gt;&lt;1&gt;&lt;/b&gt;{odd}</span><span lang="en">&lt;1&gt;</span>'


def test_whatever_a_measure_may_need_has_words():
    assert [one for one in INPUTS if f"need-{one}" not in Words()] == []
