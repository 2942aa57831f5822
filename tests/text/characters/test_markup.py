"""Markup: what a platform or a crawler left goes, what people write with < and & stays, however nested or broken."""

from __future__ import annotations

import itertools
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.text.characters.markup import has_markup, without_markup
from koudai.text.characters.normalize import STEPS, Normalizer
from koudai.text.utf8 import of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.text.linear import assert_linear
from tests.text.posts import HARD, odd_posts

SENTENCE = "听说明天全县停水七天，赶紧接水，转给家人"
WEIBO = (
    "<a href='https://m.weibo.cn/search?containerid=231522type%3D1%26t%3D10%26q%3D%23停水%23' data-hide=''>"
    f"<span class='surl-text'>#停水#</span></a>{SENTENCE}<span class='url-icon'><img alt=[doge] "
    "src='https://h5.sinaimg.cn/m/emoticon/icon/others/d_doge.png' style='width:1em; height:1em;' /></span>"
)
CASES = [
    (WEIBO, f"#停水#{SENTENCE}[doge]"),
    ("停水七天，<br />赶紧接水，&quot;转给家人&quot;", '停水七天，\n赶紧接水，"转给家人"'),
    ("停水七天&#65292;赶紧接水&#xff0c;转给家人&nbsp;", "停水七天，赶紧接水，转给家人\u00a0"),
    ("<a href='/n/某人'>@某人</a>:好", "@某人:好"),
    ('<spanclass="url-icon"><imgalt=[哈哈]src="//h5.cn/x.png"style="width:1em;"/></span>', "[哈哈]"),
    ('<a href=\\"https://a.cn\\" class=\\"b\\">链接</a>', "链接"),
    ("<IMG ALT='好' SRC='a.png'>&LT;&AMP;", "好<&"),
    ('<img src="a.png">无', "无"),
    ("<img src='x' alt=\"&lt;3\">", "<3"),
    ("<p>一</p><p>二</p>", "\n一\n\n二\n"),
    ("<!-- 注 -->正文<script>var a = 1;</script>", "正文"),
    ("&nbsp&nbsp全&#65292全", "\u00a0\u00a0全，全"),
    ("&#0;&#xd800;&#x110000;", "\ufffd\ufffd\ufffd"),
    ("&amp;lt;br&amp;gt;", "&lt;br&gt;"),
]
KEPT = (
    *(
        "a < b",
        "a<b且c>d",
        "1<2&&3>2",
        "<a 且 b>",
        "<节目名>",
        "<FM302>",
        "<radiostar>",
        "<time>",
        "I <3 U",
        "(｡>﹏<｡)",
    ),
    *(
        "R&D",
        "AT&T;",
        "AC&DC",
        "&notit;",
        "&好;",
        "?a=1&copy=2&lt=3",
        "https://a.cn/?id=1&amp=2",
        "&",
        "<",
        "&#;",
        "&#x;",
    ),
    *("<br", "</好>", "<!--没完", "&#123456789;", "<a title='>_<'", "< br>", "<>", "‹br›", "", SENTENCE),
)
ALL = tuple(STEPS)
ORDERS = list(itertools.permutations(ALL))
NESTED = st.recursive(
    st.sampled_from(("&", "<", "＆", "＜", "<br>", "<b>好</b>", "@某人", "http://a.cn", "好", "\u200b", ";")),
    lambda inner: st.one_of(
        inner.map(escape),
        inner.map(lambda text: "".join(f"&#{ord(one)};" for one in text)),
        inner.map(lambda text: text.replace("&", "&#xff06;")),
        st.lists(inner, max_size=4).map("".join),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_markup_becomes_what_a_reader_sees(text: str, expected: str) -> None:
    assert without_markup(text) == expected
    assert has_markup(text)


@pytest.mark.parametrize("text", KEPT)
def test_what_people_write_stays(text: str) -> None:
    assert without_markup(text) == text
    assert not has_markup(text)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(HARD) | st.text(max_size=5), max_size=12).map("".join))
def test_it_is_total_never_longer_and_noticed_exactly_if_it_changes_anything(text: str) -> None:
    plain = without_markup(text)
    assert len(plain) <= len(text)
    assert has_markup(text) == (plain != text)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_text_that_was_escaped_once_comes_back(text: str) -> None:
    assert without_markup(escape(without_markup(text))) == without_markup(text)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(NESTED, st.sampled_from(ORDERS))
def test_T7_normalising_twice_changes_nothing_more_however_deep_it_was_escaped(
    text: str, steps: tuple[str, ...]
) -> None:
    normalizer = Normalizer(steps)
    once = normalizer(text)
    assert normalizer(once) == once
    assert normalizer.many(of_texts([text])).texts() == [once]


@pytest.mark.parametrize("depth", range(9))
def test_T7_full_width_references_inside_references_end(depth: int) -> None:
    normalizer = Normalizer(("html", "nfkc"))
    once = normalizer("&#xff06;" + "#xff06;" * depth + "lt;")
    assert normalizer(once) == once


def test_the_step_comes_before_links_wherever_it_stands() -> None:
    """An address inside a tag would take the rest of the tag with it."""
    expected = Normalizer(("html", "links"))(WEIBO)
    assert Normalizer(("links", "html"))(WEIBO) == expected == f"#停水#{SENTENCE}[doge]"


def test_many_posts_are_as_each_of_them() -> None:
    texts = [*(text for text, _ in CASES), *KEPT, *odd_posts(11, 400), *(text for _, text in HOSTILE_STRINGS)]
    for steps in (("html",), ("html", "nfkc", "drop-invisible", "links", "mentions"), ("nfkc", "links", "html")):
        normalizer = Normalizer(steps)
        assert normalizer.many(of_texts(texts)).texts() == [normalizer(text) for text in texts]


def test_posts_without_markup_are_the_same_with_the_step() -> None:
    texts = [text for text in odd_posts(3, 300) if not {"&", "<", "＆", "＜", "﹠", "﹤"} & set(text)]
    without, with_step = Normalizer(ALL[:4]), Normalizer(("html", *ALL[:4]))
    assert with_step.many(of_texts(texts)).texts() == without.many(of_texts(texts)).texts()


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "<a ",
        "<a b=",
        "<a b='",
        '<a b="',
        "<a b=c ",
        "<!--",
        "<style>",
        "<img alt=",
        "&",
        "&#",
        "&#1",
        "&amp",
        "</a",
    ],
)
def test_T1_linear_time(unit: str) -> None:
    assert_linear(without_markup, lambda n: unit * (n // len(unit)))
    assert_linear(Normalizer(("html", *ALL[:4])), lambda n: unit * (n // len(unit)), (4_000, 16_000))
