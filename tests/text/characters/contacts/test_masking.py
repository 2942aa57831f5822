"""Masking: links, mail, @names, numbers and chat ids in half and full width, nothing else, in linear time (R6)."""

from __future__ import annotations

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from koudai.text.characters.contacts.masking import mask
from tests.text.linear import assert_linear

quick = settings(derandomize=True, deadline=None, max_examples=100)
FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
VIEW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("看这里https://example.invalid/a?b=1&c#d，真的", "看这里[link]，真的"),
        ("HTTP://EXAMPLE.INVALID/X 和 www.example.invalid/y", "[link] 和 [link]"),
        ("发到li.lei-01@example.invalid吧", "发到[mail]吧"),
        ("问@小河弯弯_88：几点停水", "问@[account]：几点停水"),
        ("＠小河弯弯 几点停水", "@[account] 几点停水"),
        ("打13800138000找我", "打[number]找我"),
        ("卡号6222 0212-3456 7890 123谢谢", "卡号[number]谢谢"),
        ("单号123456789012345678901234567890", "单号[number]"),
        ("138\u200b0013\u200b\u20608000", "[number]"),
        ("加微信：river_bend88 聊", "加微信：[contact] 聊"),
        ("wx:Abc-12345，qq号 87654", "wx:[contact]，qq号 [contact]"),
        ("微信号是 riverbend", "微信号是 [contact]"),
        ("VX riverbend 或加v riverbend2", "VX [contact] 或加v [contact]"),
        ("QQ：123456789", "QQ：[number]"),
    ],
)
def test_R6_what_is_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("secret", "sign"),
    [
        ("https://example.invalid/path", "[link]"),
        ("www.example.invalid", "[link]"),
        ("li.lei@example.invalid", "[mail]"),
        ("13800138000", "[number]"),
        ("138-0013-8000", "[number]"),
        ("wx:river_bend88", "[contact]"),
        ("vx river88", "[contact]"),
        ("@river_bend", "@[account]"),
    ],
)
def test_R6_full_width_is_masked_like_half_width(secret: str, sign: str) -> None:
    wide = secret.translate(FULL)
    assert wide != secret
    for written in (secret, wide):
        shown = mask(f"联系，{written}，谢谢")
        assert sign in shown
        assert shown.startswith("联系，")
        assert shown.endswith("，谢谢")
        tail = secret.removeprefix("wx:").removeprefix("vx ").removeprefix("@")
        assert tail not in shown.translate(VIEW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今天停水，水费３５元",
        "第110号公告",
        "满100减20！",
        "＜ｂ＞全角字符　照原样＝不动",
        "a @ b",
        "微信支付",
        "QQ糖好吃",
    ],
)
def test_R6_the_rest_stays_as_it_was_written(text: str) -> None:
    assert mask(text) == text


@quick
@every(st.text(max_size=60))
def test_R6_mask_is_total_and_leaves_nothing_to_mask(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@quick
@every(
    st.text(alphabet="停水 ，。abc", max_size=15),
    st.integers(10**6, 10**18),
    st.text(alphabet="停水 ，。", max_size=15),
)
def test_R6_no_long_number_survives(before: str, number: int, after: str) -> None:
    assert str(number) not in mask(f"{before}{number}{after}")


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["http://", "www.", "@", "a@a.", "1 ", "1-", "1", "微信", "qq:", "wx" * 9, "a", "\u200b1"]
)
def test_T3_masking_time_is_linear(unit: str) -> None:
    assert_linear(mask, lambda n: unit * (n // len(unit)) + "\n", (40_000, 160_000))
