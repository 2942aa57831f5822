"""Redaction: names of groups and settings of a report, which may come from columns that hold contacts.

Promises: a contact in a name is masked as in a quoted post; names that become alike are numbered, so that no two groups
are one; links and long numbers stay: they are names of things. Quoted posts are masked where they are drawn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from koudai.audit.frame import AuditFrame
from koudai.text.characters.contacts.masking import masked_name


def redacted_frame(frame: AuditFrame) -> AuditFrame:
    """Return a frame whose groups hold no contact.

    Examples
    --------
    >>> from koudai.audit.frame import Figure
    >>> frame = AuditFrame("outcome", tuple(Figure("*", f"1380000000{i}", "removed", 0.5, 2) for i in range(2)))
    >>> [figure.group for figure in redacted_frame(frame).figures]
    ['[number]', '[number] (2)']
    """
    shown: dict[str, str] = {}
    for figure in frame.figures:
        if figure.group not in shown:
            name, times = masked_name(figure.group), 1
            masked = name
            while name != figure.group and name in shown.values():
                times += 1
                name = f"{masked} ({times})"
            shown[figure.group] = name
    return replace(frame, figures=tuple(replace(figure, group=shown[figure.group]) for figure in frame.figures))


def redacted_settings(value: Any) -> Any:
    """Return plain data whose texts and keys hold no contact.

    Examples
    --------
    >>> redacted_settings({"outcome": {"removed": ["deleted", "加QQ 7654321"]}})
    {'outcome': {'removed': ['deleted', '加QQ [number]']}}
    """
    if isinstance(value, str):
        return masked_name(value)
    if isinstance(value, dict):
        return {redacted_settings(key): redacted_settings(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_settings(one) for one in value]
    return value
