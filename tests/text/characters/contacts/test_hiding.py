"""Hiding: a word for each contact, the same twice, and no step of normalisation brings one back (R7, T7)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.train import DEFAULT_STEPS
from koudai.text.characters.contacts.hiding import HIDDEN, with_placeholders
from koudai.text.characters.contacts.masking import contacts
from koudai.text.characters.normalize import STEPS, Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.text.characters.contacts.test_forms import CUED, GROUPS, HARMLESS, MOBILES, OTHERS, PAPERS
from tests.text.linear import assert_linear

PARTS = [
    *MOBILES,
    *(one for many in OTHERS.values() for one in many),
    *(cue.format(name) for cue in CUED for name in ("river_88", "12345", "88 000 000")),
    *HARMLESS,
    *GROUPS,
    *PAPERS,
    *("discord.gg/a1", "t . me / a1", "t点me/a1", "telegra.ph/a1"),
    *(
        "停水",
        "，",
        "@",
        "@@",
        " ",
        "1",
        "a",
        ".",
        "\n",
        "www.",
        "http://",
        "\u0301",
        "\u20e3",
        "\u20dd",
        "\u200b",
        "艾特",
        "(at)",
    ),
    *(
        "1XXXXXXXXXX",
        "EMAIL",
        "ACCOUNT",
        "*",
        "****",
        "x",
        "一",
        "①",
        "加",
        "v",
        "QQ",
        "微信",
        "号",
        "：",
        "t.me/",
        "．",
    ),
]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=9).map("".join)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打13800138000找我", "打1XXXXXXXXXX找我"),
        ("tel13800138000ok", "tel 1XXXXXXXXXX ok"),
        ("@小王：见 https://example.com/7654321", "@@：见 https://example.com/NUMBER"),
        ("@" + "名" * 31, "@@ 名"),
        ("加V river_88，邮箱wang@example.com", "加V ACCOUNT，邮箱EMAIL"),
        ("停水", "停水"),
    ],
)
def test_R7_contacts_are_words(text: str, shown: str) -> None:
    assert with_placeholders(text) == shown


def test_R7_a_placeholder_is_one_word_for_the_segmenter() -> None:
    for kind, sign in HIDDEN.items():
        if kind != "mention":
            assert sign in Segmenter().cut(f"打{sign}找我")


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=600)
@given(TEXTS)
def test_R7_T7_a_normalised_post_holds_no_contact_and_stays_as_it_is(text: str) -> None:
    for steps in (DEFAULT_STEPS, ("contacts",), ("contacts", "mentions", "nfkc"), tuple(STEPS)):
        normalizer = Normalizer(steps)
        once = normalizer(text)
        assert normalizer(once) == once
        assert {one.kind for one in contacts(once, kinds=HIDDEN)} <= {"mention"}
        assert not re.search(r"@(?!@)[\w·-]|(?<![0-9])1[3-9][0-9]{9}(?![0-9])", re.sub("@@+", "", once))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(TEXTS, max_size=4))
def test_R7_T7_many_posts_are_hidden_as_each_of_them(texts: list[str]) -> None:
    from koudai.text.utf8 import of_texts

    for steps in (DEFAULT_STEPS, ("nfkc", "drop-invisible", "contacts"), ("contacts", "links")):
        normalizer = Normalizer(steps)
        assert normalizer.many(of_texts(texts)).texts() == [normalizer(text) for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["13800138000", "@a", "vx:a12345 ", "1-", "(at)", "wang@example.com ", "￣", "艾特", "微信"]
)
def test_P5_normalising_contacts_takes_linear_time(unit: str) -> None:
    assert_linear(Normalizer(DEFAULT_STEPS), lambda n: (unit * n)[:n], (5_000, 20_000))
