"""Masking: links, mail addresses, account names, long numbers and chat ids in posts that people will read.

Promises: half and full width are masked alike; nothing that is masked can be masked again; time is linear in the length
of the post. Does not find names of people, nor places.
"""

from __future__ import annotations

import re

from koudai.text.characters.hazards import INVISIBLE

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "！（），；"} | {0x3000: 0x20}
_MASKS = (
    (re.compile(r"(?:https?://|www\.)[!-~]*[a-z0-9/=&#%+_-]", re.IGNORECASE), "[link]"),
    (re.compile(r"[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,64}(?:\.[A-Za-z0-9-]{1,64}){1,4}"), "[mail]"),
    (re.compile(r"@[\w·-]{1,30}"), "@[account]"),
    (re.compile(rf"(?<!\d)\d(?:[ {INVISIBLE}-]{{0,3}}\d){{6,}}"), "[number]"),
    (
        re.compile(
            r"(?:微信|薇信|威信|加微|加v|v信|wx|vx|weixin|qq|扣扣|企鹅|公众号)号?[\s:是]{0,4}([a-z0-9_-]{5,30})",
            re.IGNORECASE,
        ),
        "[contact]",
    ),
)


def mask(text: str) -> str:
    """Return `text` with links, mail addresses, account names, long numbers and chat ids masked, whatever their width.

    Everything else stays as it was written.

    Examples
    --------
    >>> mask("@某某 说：加微信 abc_123，见 https://a.example/b")
    '@[account] 说：加微信 [contact]，见 [link]'
    """
    for pattern, shown in _MASKS:
        pieces, end = [], 0
        for found in pattern.finditer(text.translate(_HALF_WIDTH)):
            start, stop = found.span(pattern.groups)
            pieces += [text[end:start], shown]
            end = stop
        text = "".join([*pieces, text[end:]])
    return text
