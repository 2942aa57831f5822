"""Redaction: names of groups and settings of a report, which may come from columns that hold contacts, and words of an
earlier report that may be pieces of them.

Promises: a contact in a name is masked as in a quoted post; names that become alike are numbered, so that no two groups
are one; links and long numbers stay: they are names of things. Quoted posts are masked where they are drawn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from koudai.audit.frame import AuditFrame
from koudai.audit.report import AuditReport
from koudai.text.characters.contacts.masking import masked_name

_WORDS, _HERE = "shift", "here"


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


def redacted_earlier(earlier: AuditReport, later: AuditReport) -> AuditReport:
    """Return the earlier of two reports without what the later one, if it is redacted, would not have named.

    Contacts in the names of groups are masked. Words of `shift` that no scored post has may be pieces of contacts where
    the model kept them: they are numbered, unless the later report names them itself.

    Examples
    --------
    >>> from koudai.audit.frame import Figure
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> shift = AuditFrame("shift", (Figure("*", "river88", "here", 0.0, 9), Figure("*", "river88", "z", -2.0, 9)))
    >>> before = AuditReport({}, {}, taxonomy, {}, {"shift": shift}, (), (), {})
    >>> after = AuditReport({"redacted": True}, {}, taxonomy, {}, {}, (), (), {})
    >>> [figure.group for figure in redacted_earlier(before, after).frames["shift"].figures]
    ['[word 1]', '[word 1]']
    """
    if later.provenance.get("redacted") is not True:
        return earlier
    frames = {name: redacted_frame(frame) for name, frame in earlier.frames.items()}
    if _WORDS in frames:
        figures = frames[_WORDS].figures
        named = {figure.group for figure in later.frames[_WORDS].figures} if _WORDS in later.frames else set()
        unseen = [one.group for one in figures if one.statistic == _HERE and one.value == 0 and one.group not in named]
        numbered = {word: f"[word {number}]" for number, word in enumerate(dict.fromkeys(unseen), 1)}
        shown = tuple(replace(one, group=numbered.get(one.group, one.group)) for one in figures)
        frames[_WORDS] = replace(frames[_WORDS], figures=shown)
    return replace(earlier, frames=frames)


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
