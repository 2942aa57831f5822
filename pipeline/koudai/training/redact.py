"""Redaction of addresses: a tracking address without its user name and password, for logs, messages and bundles.

Promises: no user name or password before an ``@``, and no value of a query field that is named like one, survives,
however carelessly it was written (``@``, ``/`` and ``:`` unescaped). Where in doubt more is hidden, not less. The
address that is really used never passes through here.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_CREDENTIALS = re.compile(r"(?<=://)(?:[^/@:\s]*:\S*|[^/@\s]+)@")
_FIELD = re.compile(r"(?<=[?&;])([^=?&;\s]*(?:pass|pwd|token|secret|key|user)[^=?&;\s]*)=[^&;\s]*", re.IGNORECASE)
_HIDDEN = "***"
_TOO_SHORT_TO_SEARCH = 3


def without_password(text: str) -> str:
    """Return `text` with the credentials of every address in it replaced by ``***``.

    Examples
    --------
    >>> without_password("http://me:secret@host/?token=abc")
    'http://***@host/?token=***'
    """
    return _FIELD.sub(rf"\1={_HIDDEN}", _CREDENTIALS.sub(f"{_HIDDEN}@", text))


def without_secrets_of(uri: str, text: str) -> str:
    """Return `text` without credentials, as `without_password`, and without the password of `uri` wherever it stands
    alone, escaped or not.

    Examples
    --------
    >>> without_secrets_of("http://me:secret@host", "no such user: secret")
    'no such user: ***'
    """
    found = _CREDENTIALS.search(uri)
    _, _, password = found.group().removesuffix("@").partition(":") if found else ("", "", "")
    for secret in (password, unquote(password)):
        if len(secret) > _TOO_SHORT_TO_SEARCH:
            text = text.replace(secret, _HIDDEN)
    return without_password(text)


def was_redacted(uri: str) -> bool:
    """Return whether `uri` has been through `without_password` and lost something there.

    Examples
    --------
    >>> was_redacted("http://***@host"), was_redacted("http://host")
    (True, False)
    """
    return f"{_HIDDEN}@" in uri or f"={_HIDDEN}" in uri
