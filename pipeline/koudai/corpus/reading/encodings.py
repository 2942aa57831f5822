"""Encodings told apart by their bytes: Big5 and UTF-8 from GBK and GB18030, which take their bytes for other
characters, and UTF-16, of which no line can be cut.

Promises: text in GB2312, and traditional characters in GBK, are not taken for Big5 or UTF-8; a handful of characters is
not judged. Decodes nothing for anybody: what a file is read as is said by whoever reads it.

Source: ranges of lead and trail bytes as in the WHATWG Encoding Standard, Big5 and GB18030.
"""

from __future__ import annotations

import codecs

GB = ("gb18030", "gbk", "gb2312")
"""Names, as `codecs.lookup` gives them, of encodings that take the bytes of Big5 for other characters."""
_ENOUGH = 6
_SAMPLE, _FEW, _MANY, _RARELY = 4096, 4, 16, 10
_LOW_TRAILS, _FREQUENT, _USED = 0.08, 0.25, 0.8


def looks_like_big5(raw: bytes) -> bool:
    """Return whether bytes are Chinese in Big5 rather than in an encoding of the GB family.

    In GB2312 no second byte is below 0xA1; in Big5 four in ten are. Half of a Big5 text begins with 0xA4 to 0xAF, where
    GBK has hardly a character, and nearly all of it with 0xA1 to 0xC6.

    Examples
    --------
    >>> text = "聽說明天停水三天，一定要快點接水"
    >>> looks_like_big5(text.encode("big5")), looks_like_big5(text.encode("gb18030"))
    (True, False)
    """
    pairs = low = frequent = used = at = 0
    while at < len(raw) - 1:
        lead, trail = raw[at], raw[at + 1]
        if lead < 0x80:
            at += 1
            continue
        if trail < 0x40:
            return False
        pairs, at = pairs + 1, at + 2
        low += trail < 0x7F
        frequent += 0xA4 <= lead <= 0xAF
        used += 0xA1 <= lead <= 0xC6
    if pairs < _ENOUGH or low < _LOW_TRAILS * pairs or frequent < _FREQUENT * pairs or used < _USED * pairs:
        return False
    try:
        raw[:at].decode("big5hkscs")
    except UnicodeDecodeError:
        return False
    return True


def looks_like_utf8(raw: bytes) -> bool:
    """Return whether bytes, the last character perhaps cut, are UTF-8 with a few Chinese characters at least.

    Examples
    --------
    >>> text = "听说明天停水三天"
    >>> looks_like_utf8(text.encode()), looks_like_utf8(text.encode("gb18030"))
    (True, False)
    """
    try:
        text, _ = codecs.utf_8_decode(raw, "strict", False)
    except UnicodeDecodeError:
        return False
    return sum(one > "\u07ff" for one in text) >= _ENOUGH


def utf_16_of(begin: bytes) -> str | None:
    """Return the name of the UTF-16 or UTF-32 that the first bytes of a file are in, marked or not; None if in neither.

    Examples
    --------
    >>> utf_16_of("id,text".encode("utf-16-le")), utf_16_of("id,text".encode()), utf_16_of("好".encode("utf-16"))
    ('UTF-16LE', None, 'UTF-16')
    """
    if begin.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    sample = begin[:_SAMPLE]
    for name, start in (("UTF-16LE", 1), ("UTF-16BE", 0)):
        high, low = sample[start::2], sample[1 - start :: 2]
        ascii_first = len(high) >= _FEW and not high[:_FEW].strip(b"\0") and b"\0" not in low[:_FEW]
        if ascii_first or high.count(b"\0") > max(_MANY, _RARELY * low.count(b"\0")):
            return name
    return None


def encoding_hint(raw: bytes, encoding: str) -> str:
    """Return which encoding to try for bytes that are not `encoding`.

    Examples
    --------
    >>> encoding_hint("听说停水".encode("gb18030"), "utf-8")
    'try `encoding` gb18030'
    """
    if looks_like_big5(raw):
        return "it looks like Big5: try `encoding` big5, or big5hkscs"
    return "try `encoding` utf-8 or big5" if is_gb(encoding) else "try `encoding` gb18030"


def is_gb(encoding: str) -> bool:
    """Return whether an encoding is of the GB family.

    Examples
    --------
    >>> is_gb("GBK"), is_gb("big5")
    (True, False)
    """
    return codecs.lookup(encoding).name in GB


def is_utf8(raw: bytes, *, whole: bool = True) -> bool:
    """Return whether bytes are UTF-8; unless they are the `whole`, the last character may be cut.

    Examples
    --------
    >>> text = "听说停水".encode()
    >>> is_utf8(text), is_utf8(text[:-1]), is_utf8(text[:-1], whole=False), is_utf8("听说停水".encode("gb18030"))
    (True, False, True, False)
    """
    return _decodes(raw, "utf-8", whole=whole)


def likely_encoding(raw: bytes, *, whole: bool = True) -> str | None:
    """Return the encoding that bytes are most likely in, of those that are met with Chinese; None if in none of them.

    Examples
    --------
    >>> [likely_encoding("听说明天停水三天，一定要快点接水".encode(one)) for one in ("utf-8", "gb18030", "utf-16")]
    ['utf-8', 'gb18030', 'utf-16']
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if is_utf8(raw, whole=whole):
        return "utf-8"
    if looks_like_big5(raw):
        return "big5hkscs"
    return "gb18030" if _decodes(raw, "gb18030", whole=whole) else None


def _decodes(raw: bytes, encoding: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(raw, final=whole)
    except UnicodeDecodeError:
        return False
    return True
