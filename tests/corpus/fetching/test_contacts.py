"""Contacts: what reaches a person goes, what only looks like it stays, in linear time whatever the text (T3, R6)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.text.characters.contacts.masking import FETCHED, contacts, mask
from tests.text.linear import assert_linear

EMAIL, MENTION, MOBILE = FETCHED["mail"], FETCHED["mention"], FETCHED["phone"]


def without_contacts(text: str) -> str:
    return mask(text, signs=FETCHED)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("转：@楼下小卖部 明天停水", f"转：{MENTION} 明天停水"),
        ("好！//@a_b-c·d:谢谢//@丁：嗯", f"好！//{MENTION}:谢谢//{MENTION}：嗯"),
        ("@甲@乙@", f"{MENTION}{MENTION}@"),
        ("来信 first.last+x@mail.example.cn，谢谢", f"来信 {EMAIL}，谢谢"),
        ("写信到a@b.cn或c-d@e-f.org。", f"写信到{EMAIL}或{EMAIL}。"),
        ("电话13800138000找我", f"电话{MOBILE}找我"),
        ("13800138000,19912345678", f"{MOBILE},{MOBILE}"),
        ("0571-88888888", MOBILE),
        ("①③⑧00138000", MOBILE),
        ("a＠b.cn", EMAIL),
        ("@ 学校", MENTION),
    ],
)
def test_R6_what_reaches_a_person_is_masked(text: str, masked: str) -> None:
    assert without_contacts(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        *("", "明天停水", "12345678901", "138001380001", "订单113800138000", "1380013800"),
        *("@....", "3 @ 5元", "https://example.org/1", "2021-01-02 04:05:06"),
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert without_contacts(text) == text


@given(st.text(alphabet="a1@.-甲，3 89·_+", max_size=60))
def test_R6_nothing_is_left_to_mask_and_all_else_is_as_it_was(text: str) -> None:
    masked = without_contacts(text)
    assert without_contacts(masked) == masked
    assert not re.search(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", masked)
    if not contacts(text, kinds=FETCHED):
        assert masked == text


@pytest.mark.parametrize(
    "unit",
    ["a", "a.", "a@", "a@b", "a@b.", "@甲", "1", "13", "13800138000", "13800138000 ", "a@b.c@", "%+-", "@a-·"],
)
def test_T3_time_grows_linearly(unit: str) -> None:
    assert_linear(without_contacts, lambda n: unit * (n // len(unit)))
