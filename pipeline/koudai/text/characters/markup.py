"""Markup: HTML in the text of a post, as platforms and crawlers leave it, and the text that a reader of the page sees.

Promises: total (any string), linear, never longer than the post; what is no tag of HTML with attributes in their form,
no comment and no character reference stays letter for letter: ``a < b``, ``<节目名>``, ``<radiostar>``, ``R&D``,
``?a=1&lt=2``. References are resolved once, as a browser does. Not a parser of whole pages: a tag with ``<`` or ``>``
inside an attribute stays as it is.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

_BARE = (
    "a|b|big|blockquote|body|br|code|dd|del|div|dl|dt|em|font|h[1-6]|hr|html|i|img|ins|li|ol|p|pre|q|s|section|small|"
    "span|strike|strong|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul|wbr"
)
"""Elements that are known by their name alone. Others are words, and people put titles of songs into angle brackets."""
_NAMED = (
    f"{_BARE}|abbr|address|article|aside|audio|button|canvas|caption|center|cite|details|embed|figcaption|figure|"
    "footer|form|header|iframe|input|label|link|main|mark|meta|nav|object|option|picture|script|select|source|style|"
    "summary|svg|time|title|video"
)
_VALUE = r"""(?:\\?"[^"<>]*+"|\\?'[^'<>]*+'|\[[^\[\]<>]*+\]|[^\s"'<>=]++)"""
_NAME = r"[A-Za-z_:@][A-Za-z0-9_:.@-]*+"
_EQUALS = r"\s*+=\s*+"
_GLUED = r"(?:alt|class|data-[a-z-]++|href|src|style)"
_ATTRIBUTES = rf"(?:\s++{_NAME}{_EQUALS}{_VALUE}|{_GLUED}{_EQUALS}{_VALUE})++"
_TEXTLESS = "script|style"
_MARKUP = re.compile(
    rf"<(?:{_TEXTLESS})(?:{_ATTRIBUTES})?+\s*+>[^<]*+</(?:{_TEXTLESS})\s*+>"
    rf"|<(?P<bare>{_BARE})\s*+/?+>"
    rf"|<(?P<named>{_NAMED}){_ATTRIBUTES}\s*+/?+>"
    rf"|</(?P<closed>{_NAMED})\s*+>"
    r"|<!--[^<>]*+(?<=--)>"
    r"|&(?:#[0-9]{1,8}(?![0-9])|#x[0-9a-f]{1,7}(?![0-9a-f])|(?:amp|gt|lt|nbsp|quot)(?![a-z0-9=;]));?+"
    r"|&[a-z][a-z0-9]{1,31};",
    re.IGNORECASE | re.ASCII,
)
_LINES = re.compile(r"blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tbody|td|th|thead|tr|ul")
"""Elements that begin and end a line."""
_ALT = re.compile(rf"(?:img|[\s\"'\]])alt{_EQUALS}({_VALUE})", re.IGNORECASE)


def without_markup(text: str) -> str:
    r"""Return `text` as a reader of the page sees it.

    Tags go; line breaks and blocks become a line feed, an image its ``alt``; the text of links stays. Character
    references become their characters, also those without a semicolon that are numbers or one of ``amp``, ``gt``,
    ``lt``, ``nbsp``, ``quot``. Attributes may stand without a blank before them, as in text whose blanks were removed.

    Source: HTML Standard, sections 13.1.2 (Elements) and 13.5 (Named character references).

    Examples
    --------
    >>> without_markup('明天停水<br />记得<a href="/n/1">接水</a>&#65281;<img alt=[doge] src="d.png">')
    '明天停水\n记得接水！[doge]'
    >>> without_markup("a < b，<节目名> 和 R&D 都不动")
    'a < b，<节目名> 和 R&D 都不动'
    """
    return _MARKUP.sub(_seen, text) if "<" in text or "&" in text else text


def has_markup(text: str) -> bool:
    """Return whether `without_markup` changes `text`.

    Examples
    --------
    >>> has_markup("明天停水<br>"), has_markup("a < b")
    (True, False)
    """
    return any(_known(found.group()) for found in _MARKUP.finditer(text))


def _known(whole: str) -> bool:
    """Return whether what looks like markup is some: every tag is, and a reference that stands for something."""
    return not whole.startswith("&") or whole[1] == "#" or whole[1:] in html5


def _seen(found: re.Match[str]) -> str:
    whole = found.group()
    if whole.startswith("&"):
        return unescape(whole) if _known(whole) else whole
    name = (found["bare"] or found["named"] or found["closed"] or "").lower()
    if name == "img":
        alt = _ALT.search(whole)
        return without_markup(alt[1].strip("\\\"'")) if alt else ""
    return "\n" if _LINES.fullmatch(name) else ""
