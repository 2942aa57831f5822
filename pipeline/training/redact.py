"""Redaction of addresses: a tracking address without its user name and password, for logs, messages and bundles.

Promises: nothing between ``://`` and ``@`` survives. The address that is really used never passes through here.
"""

from __future__ import annotations

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def without_password(text: str) -> str:
    """Return `text` with the credentials of every address in it replaced by ``***@``."""
    return _CREDENTIALS.sub("***@", text)
