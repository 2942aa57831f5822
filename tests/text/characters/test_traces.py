"""Traces: each is noticed as platforms, crawlers and wrong decoders leave it, and not in what looks alike."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.load import load_config
from koudai.config.source import Source
from koudai.text.characters.hazards import HAZARDS, hazard_flags, hazards
from koudai.text.characters.traces import TRACES, pairs
from koudai.text.utf8 import of_texts
from tests.conftest import ROOT
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.linear import assert_linear
from tests.text.posts import odd_posts, real_posts, without_compiler

SENTENCE = "听说明天全县停水七天，赶紧接水，转给家人"
FOUND = {
    "cut-off": (
        *(
            f"{SENTENCE} ...全文",
            f"{SENTENCE}…全文",
            f"{SENTENCE}...展开全文c",
            f"{SENTENCE}展开全文",
            f"{SENTENCE} ...展开",
        ),
        *(
            f"{SENTENCE}……阅读全文",
            f"{SENTENCE}…显示全部",
            f"{SENTENCE}...(展开)",
            f"{SENTENCE}… 查看全文\u200b\u200b ",
        ),
        f"{SENTENCE}...全文： http://m.weibo.cn/1/2 \u200b",
        f'{SENTENCE}...<a href="/status/1">全文</a>',
    ),
    "escaped": (
        json.dumps(SENTENCE)[1:-1],
        *(f"{SENTENCE}\\n转给家人", f"{SENTENCE}。\\r\\n转", '他说\\"明天停水\\"', "看http:\\/\\/t.cn\\/a"),
        *("\\xe5\\x90\\xac", "好\\\\n好", "\\t好"),
    ),
    "markup": ("停水<br />七天", "停水&#65292;", "停水&nbsp;", "<b>停水</b>"),
    "mojibake": (
        *(SENTENCE.encode().decode(name, "ignore") for name in ("latin-1", "cp1252", "gbk")),
        SENTENCE.encode("gb2312").decode("latin-1"),
        "".join(one for one in SENTENCE.encode().decode("latin-1") if not "\x7f" < one < "\xa0"),
        ("\ufffd" * 4).encode().decode("gbk"),
        f"转发：{SENTENCE.encode().decode('latin-1')}",
    ),
    "placeholder": (
        *(
            "抱歉，此微博已被作者删除。查看帮助：http://t.cn/abc",
            "该微博因被多人投诉，根据《微博社区公约》，已被删除。",
        ),
        *("抱歉，作者已设置仅展示半年内微博，此微博已不可见。", "抱歉，由于作者设置，你暂时没有这条微博的查看权限哦。"),
        *(
            "该账号因被投诉违反法律法规和《微博社区公约》的相关规定，现已无法查看。",
            "抱歉，该微博不适宜对外公开",
            "转发微博",
        ),
        *(
            "此帐号已被屏蔽, 内容无法查看",
            "哈哈//@某人:抱歉，此微博已被作者删除。",
            "该账号已注销",
            "轉發微博",
            " 分享图片 ",
        ),
        *("The content has been deleted by the author.", "抱歉，此微博不存在", "转一下\n该内容已被发布者删除"),
    ),
}
ALIKE = {
    "cut-off": (
        "论文全文",
        "请看全文（全文）",
        "会议今日展开",
        "救援全面展开…",
        "看完全部",
        "…",
        "等等...",
        "全文...见评论",
    ),
    "escaped": (
        "C:\\new\\test",
        "\\(^o^)/",
        "(\\_/)",
        "$\\theta$和$\\nu$",
        "¯\\_(ツ)_/¯",
        "l\\l",
        "甲\\乙",
        "\\\\",
        "\\u好",
    ),
    "markup": ("a < b", "R&D", "<节目名>"),
    "mojibake": (
        *(
            "××××××××",
            "········",
            "°°°°°°",
            "café «été»",
            "Ångström ÄÖÜ äöü ß",
            "(´･ω･`)",
            "São Tomé · Ação",
            "Björk 的新歌",
        ),
        *("烫烫烫，太烫了", "锟铻", "镜泊湖 缅甸 琼瑶 泓 淇 纥 鎏金", "5℃～8℃", "“”‘’…—™€"),
    ),
    "placeholder": (
        *(
            "我的微博已被删除了，气死",
            "该账号已被封禁，网友拍手称快",
            "听说此人已被删除",
            "转发微博抽奖，明天开奖",
            "转发",
            "分享图片给你",
        ),
        *("这条微博无法查看，谁截图了？", "抱歉，今天不营业", "该用户违规被平台处理，网友表示支持，大家怎么看"),
    ),
}
PIECES = st.sampled_from(
    [
        *(
            "...",
            "…",
            "全文",
            "展开",
            "全部",
            "c",
            "<a>",
            "</a>",
            " ",
            "\u200b",
            "http://t.cn/a",
            "\\",
            "\\u542c",
            "\\n",
            '\\"',
            ":",
        ),
        *(
            "<br>",
            "&lt;",
            "å",
            "è¯´",
            "锟斤拷",
            "鍚",
            "璇",
            "存",
            "ÌýËµÃ÷Ìì",
            "°",
            "×",
            "抱歉，",
            "此微博",
            "已被",
            "删除",
            "。",
            "\n",
        ),
        *(
            "该账号",
            "违反",
            "无法查看",
            "作者设置",
            "不可见",
            "不存在",
            "转发微博",
            "分享图片",
            "//@",
            "查看帮助：",
            "好",
            "a",
            "\ud800",
            "\x00",
        ),
        *("The content has been deleted by the author", "This account has been blocked", "Unable to view", "u", "n"),
    ]
)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in FOUND.items() for text in texts])
def test_a_trace_is_noticed(name: str, text: str) -> None:
    assert name in hazards(text)
    assert hazard_flags(of_texts([text]))[0] >> HAZARDS.index(name) & 1


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in ALIKE.items() for text in texts])
def test_what_looks_alike_is_not(name: str, text: str) -> None:
    assert name not in hazards(text)


def test_every_notice_of_a_known_corpus_is_one() -> None:
    notices = load_config(Source, ROOT / "configs" / "corpora" / "wechatscope.toml").silent
    assert len(notices) == 8
    assert [one for one in notices if "placeholder" not in hazards(one)] == []


def test_plain_posts_have_no_trace() -> None:
    for text in (SENTENCE, "转发微博//@某人:听说停水", "NA", "nan", "", "好", "听说明天\ufffd\ufffd全县停水"):
        assert not set(hazards(text)) & set(TRACES)


def has_pair(text: str, name: str) -> bool:
    begins, follows = pairs()[name]
    return any(a in begins and b in follows for a, b in itertools.pairwise(text))


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_compiled_code_looks_for_is_in_every_post_that_has_a_trace(text: str) -> None:
    found = hazards(text)
    assert all(has_pair(text, name) for name in set(found) & set(TRACES))
    mask = int(hazard_flags(of_texts([text]))[0])
    assert [name for bit, name in enumerate(HAZARDS) if mask >> bit & 1] == found


def test_many_posts_are_flagged_as_each_of_them() -> None:
    texts = [text for texts in (*FOUND.values(), *ALIKE.values()) for text in texts]
    texts += [*odd_posts(5, 500), *(text for _, text in HOSTILE_STRINGS)]
    expected = [hazards(text) for text in texts]
    flags = hazard_flags(of_texts(texts)).tolist()
    assert [[name for bit, name in enumerate(HAZARDS) if mask >> bit & 1] for mask in flags] == expected
    code = """
from koudai.text.characters.hazards import hazard_flags
from koudai.text.utf8 import of_texts
print(json.dumps(hazard_flags(of_texts(given)).tolist()))
"""
    short = [text for text in texts if len(text) < 200]
    assert without_compiler(code, short) == hazard_flags(of_texts(short)).tolist()


def test_few_real_posts_are_flagged(real_corpus: Callable[[str], Path]) -> None:
    texts = real_posts(real_corpus, 5000)
    flags = hazard_flags(of_texts(texts))
    for name, most in {
        "cut-off": 0.02,
        "escaped": 0.005,
        "markup": 0.01,
        "mojibake": 0.0005,
        "placeholder": 0.002,
    }.items():
        assert (flags >> HAZARDS.index(name) & 1).mean() <= most, name


UNITS = (
    *(
        "...",
        "…",
        "全文",
        "...全文",
        "展开",
        "...<a ",
        "...全文http://",
        "http",
        "此",
        "抱歉，此微博",
        "此微博违反",
        "作者设置",
    ),
    *(
        "\n该用户",
        "查看帮助：",
        "\\",
        "\\n",
        "\\\\n",
        "\\x",
        "å",
        "è¯´",
        "è¯´å",
        "°¡",
        "鍚璇存",
        "锟斤",
        " ",
        "\u200b",
        "//@",
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_T1_linear_time(unit: str) -> None:
    assert_linear(hazards, lambda n: unit * (n // len(unit)))
    assert_linear(lambda posts: hazard_flags(of_texts(posts)), lambda n: [unit * (n // len(unit)) + "好"])
