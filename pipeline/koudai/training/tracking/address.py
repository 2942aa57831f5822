"""Tracking addresses: where a bundle is tracked, and an address without its user name and password.

Promises: an address from which a password was removed is never used. For logs, messages and bundles: no user name or
password before an ``@``, and no value of a query field that is named like one, survives, however carelessly it was
written (``@``, ``/`` and ``:`` unescaped); where in doubt more is hidden, not less. Imports no MLflow.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from pydantic import ValidationError

from koudai.config.train import TrackSection
from koudai.errors import ModelFormatError, UsageError
from koudai.model.bundle.members import json_member, read_members

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
    """Return `text` without credentials, as `without_password`, and without any other occurrence of the password of
    `uri`, escaped or not.

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
    """Return whether `without_password` has removed something from `uri`.

    Examples
    --------
    >>> was_redacted("http://***@host"), was_redacted("http://host")
    (True, False)
    """
    return f"{_HIDDEN}@" in uri or f"={_HIDDEN}" in uri


def section_of(bundle: Path | None, *, uri: str | None = None, model: str | None = None) -> TrackSection:
    """Return the section `track` that applies to `bundle`.

    Parameters
    ----------
    bundle
        A bundle; without one, the defaults of a config.
    uri, model
        Address, and name of the registered model; they override the bundle's.

    Raises
    ------
    UsageError
        If only an address without its password is known.
    ModelFormatError
        If `bundle` is no bundle, or its config has no valid section `track`.

    Examples
    --------
    >>> section_of(None, uri="http://127.0.0.1:5000").uri
    'http://127.0.0.1:5000'
    """
    section = TrackSection()
    if bundle is not None:
        config = json_member(read_members(bundle)[1], "config.json", bundle)
        try:
            section = TrackSection.model_validate(config.get("track", {}))
        except ValidationError as error:
            raise ModelFormatError(
                what="config.json does not say where the run is tracked", where=bundle, got=error.errors()[0]["msg"]
            ) from error
    if uri is None and was_redacted(section.uri):
        raise UsageError(what="the bundle does not keep passwords", where=section.uri, todo="give the address as `uri`")
    return section.model_copy(update={"uri": uri or section.uri, "registered_model": model or section.registered_model})
