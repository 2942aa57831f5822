"""Traces of a post's way here: markup, escapes, wrong decoding, a text cut short, a notice in the place of a post.

Promises: each trace is a predicate of the raw post, linear in its length, that asks for more than one sign of it, so
that ordinary posts are rarely flagged; `pairs` names characters without which no post can have it, so that compiled
code need not look for more. What is cut or missing is not restored.
"""

from __future__ import annotations

import functools
import itertools
import re
import string
from collections.abc import Callable

from koudai.text.characters.markup import has_markup

_SPACE = r"[\s\u200b]"
_BUTTONS = ("全文", "展开", "全部")
_CUT_OFF = re.compile(
    rf"(?:(?:\.{{3}}|…|。。。){_SPACE}{{0,9}}(?:<[^<>]*+>)?[(（\[]?(?:展开(?:全文)?|(?:阅读|查看)?全文|显示全部)|展开全文)"
    rf"[)）\]]?[a-z]?(?:</a>)?[:：]?{_SPACE}{{0,9}}(?:https?://[!-~]{{0,200}})?{_SPACE}{{0,20}}\Z"
)
"""A button that unfolds the text, at its end. ``展开全文c`` is Weibo's, whose ``c`` is drawn as an arrow."""
ENDINGS = {"cut-off": tuple(map(str.encode, ("...全文", "…全文", "...展开", "…展开", "展开全文", "展开全文c")))}
"""The usual ends of posts that have a trace, as bytes: these posts need no closer look."""
_NEAR, _END = 24, 600
"""Characters that hold the ellipsis and the button, and those at the end of a post that hold a tag before it and a link
behind it, too.
"""
_ESCAPED = re.compile(
    r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}\\+x[0-9A-Fa-f]{2}|(?<![A-Za-z0-9:\\])\\++[nrt](?![a-z])|\\\"|:\\/\\/"
)
"""Escapes of JSON and Python, but not paths (``C:\\new``), formulas (``\\theta``) and faces (``\\(^o^)/``)."""
_THING = "(?:微博|内容|文章|视频|评论|回答|问题|笔记|作品|动态|帖子|账号|帐号|用户|公众号)"
_GONE = (
    r"(?:已被[^，。,.\n]{0,12}(?:删除|屏蔽|封禁|冻结)|已(?:删除|注销|迁移)|无法(?:进行)?查看|不适宜对外公开"
    r"|[^，。,.\n]{0,9}查看权限)"
)
_NOTICE = re.compile(
    rf"(?:(?:抱歉[，,] ?)?(?:(?:此|该|这条){_THING}{_GONE}"
    rf"|(?:此|该){_THING}[^\n]{{0,40}}?(?:违反|违规|投诉)[^\n]{{0,40}}?(?:无法(?:进行)?查看|已被(?:删除|屏蔽))"
    r"|(?:由于)?作者(?:已)?设置[^\n]{0,30}?(?:查看权限|不可见))"
    rf"|抱歉[，,] ?(?:此|该){_THING}不存在"
    "|The content has been deleted by the author|Unable to view this content because it violates regulations"
    "|This (?:account has been blocked|content has been deleted))"
    r"[哦。.，,！!]{0,3} ?(?:(?:此|该)?内容无法查看[。.]?)?(?:查看帮助[:：]? ?[^\n]{0,80})?"
    rf"{_SPACE}{{0,9}}(?:\Z|\n|//@)"
)
_OPENING = re.compile(r"[抱此该这由作TU](?<![^:：\n/\s\u200b].)", re.DOTALL)
"""Where a notice may begin: with the post, or with what it reposts."""
_DEFAULTS = ("转发微博", "轉發微博", "分享图片", "分享视频")
"""What a platform writes when the author wrote nothing."""
_SOFTENED = "".join(bytes([one]).decode("cp1252", "ignore") for one in range(0x80, 0xA0))
_TAIL = f"[\u0080-\u00bf{_SOFTENED}]"
_GB_AS_LATIN = re.compile("(?:[\u00b0-\u00d7][\u00a1-\u00fe]){4,}")
_SUBSTITUTES = "锟斤拷"
"""Two U+FFFD in UTF-8, read as GBK."""


def _cut_off(text: str) -> bool:
    end = text[-_END:]
    button = max(map(end.rfind, _BUTTONS))
    if button < 0 or (len(end) - button > 2 * _NEAR and "http" not in end):
        return False
    return _CUT_OFF.search(end, 0 if "<" in end else max(0, button - _NEAR)) is not None


def _placeholder(text: str) -> bool:
    if any(_NOTICE.match(text, opening.start()) for opening in _OPENING.finditer(text)):
        return True
    return text.strip().rstrip("。.") in _DEFAULTS


def _mojibake(text: str) -> bool:
    if _misread().search(text):
        return True
    return any(len(set(run[0].encode("latin-1").decode("gb2312", "ignore"))) > 2 for run in _GB_AS_LATIN.finditer(text))


@functools.cache
def _misread() -> re.Pattern[str]:
    """Return the pattern of UTF-8 that was read as Latin-1, as Windows-1252 or as GBK: two CJK characters in a row
    of nothing else, or of twice two.
    """
    one = f"[\u00e3-\u00ef]{_TAIL}{{2}}"
    two = "".join(f"[{''.join(members)}]" for members in _gbk_thirds())
    return re.compile(f"{one}[\u0080-\u00ff{_SOFTENED}]*?{one}|{two}.{{0,60}}?{two}|{_SUBSTITUTES}", re.DOTALL)


@functools.cache
def _gbk_thirds() -> tuple[str, str, str]:
    """Return what GBK reads in two characters of three bytes of UTF-8 each: every first, second and third."""
    lead, tail = bytes([*range(0xE3, 0xEA), 0xEF]), bytes(range(0x80, 0xC0))
    parts = ((lead, tail), (tail, lead), (tail, tail))
    first, second, third = (
        "".join(bytes(pair).decode("gbk", "ignore") for pair in itertools.product(*both)) for both in parts
    )
    return first, second, third


TRACES: dict[str, Callable[[str], object]] = {
    "cut-off": _cut_off,
    "escaped": _ESCAPED.search,
    "markup": has_markup,
    "mojibake": _mojibake,
    "placeholder": _placeholder,
}
"""Whether a raw post has a trace, true or not."""


def pairs() -> dict[str, tuple[str, str]]:
    r"""Return for each trace two sets of characters: a post that has it holds one of the first, directly followed by
    one of the second.

    Examples
    --------
    >>> begins, follows = pairs()["escaped"]
    >>> any(a in begins and b in follows for a, b in itertools.pairwise(r"今天\n明天"))
    True
    """
    first, second, _ = _gbk_thirds()
    latin = "".join(map(chr, range(0xB0, 0xF0))), "".join(map(chr, range(0x80, 0xFF))) + _SOFTENED
    return {
        "cut-off": ("全展", "文部开"),
        "escaped": ("\\", 'nrtux/\\"'),
        "markup": ("<&", f"{string.ascii_letters}#!/"),
        "mojibake": (latin[0] + first + _SUBSTITUTES[0], latin[1] + second + _SUBSTITUTES[1]),
        "placeholder": ("删屏封冻注迁查抱适设发發享UT", "除蔽禁结销移看歉宜置微图视nh"),
    }
