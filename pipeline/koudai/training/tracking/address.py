"""The address: where a bundle's own config, or the command line before it, says that its run is tracked.

Promises: an address from which a password was removed is never used.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from koudai.config.train import TrackSection
from koudai.errors import ModelFormatError, UsageError
from koudai.model.bundle.members import json_member, read_members
from koudai.training.redact import was_redacted


def section_of(bundle: Path | None, *, uri: str | None = None, model: str | None = None) -> TrackSection:
    """Return where `bundle` is tracked.

    Parameters
    ----------
    bundle
        A bundle; without one the defaults of a config hold.
    uri, model
        Address, and name of the registered model, that go before what the bundle says.

    Raises
    ------
    UsageError
        If only an address without its password is known.
    ModelFormatError
        If `bundle` is none, or says something else.
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
