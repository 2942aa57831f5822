"""An address in a store: ``s3://bucket/key?endpoint_override=host:port&scheme=http&region=…``.

Promises: an address holds no credentials, for it is written into plans; the key stands as it is, nothing in it is
escaped. What the environment says of endpoint and region can be written into an address, for another machine to use.
Opens nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from koudai.errors import UsageError
from koudai.registry import did_you_mean

SCHEME = "s3://"
_OPTIONS = ("endpoint_override", "region", "scheme")
_QUERY = re.compile(r"\?(\w+=[^&?]*(?:&\w+=[^&?]*)*)$")
_ENVIRONMENT = {
    "endpoint_override": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
}
"""The variables, in order, that stand in for an option."""


class Address(NamedTuple):
    """Bucket and key, joined by ``/``, and the options behind the question mark, by name."""

    path: str
    options: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        """The options as they stand in an address, the question mark included."""
        return "?" + "&".join(f"{name}={value}" for name, value in self.options) if self.options else ""

    @property
    def uri(self) -> str:
        """The address as text, options included."""
        return SCHEME + self.path + self.query


def address_of(uri: str) -> Address:
    """Return what `uri` is made of.

    Raises
    ------
    UsageError
        If it holds credentials, or an option that is none.

    Examples
    --------
    >>> address_of("s3://bucket/2023/posts.csv?region=us-east-1")
    Address(path='bucket/2023/posts.csv', options=(('region', 'us-east-1'),))
    """
    rest = uri.removeprefix(SCHEME)
    query = _QUERY.search(rest)
    path = rest[: query.start()] if query else rest
    if "@" in path.split("/")[0]:
        raise UsageError(
            what="an address may not hold credentials: it is written into the plan of the job",
            where=f"{SCHEME}…@{path.split('@')[-1]}",
            happened="nothing was read",
            todo="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, instead",
        )
    options = dict(pair.split("=", 1) for pair in query[1].split("&")) if query else {}
    for name in options.keys() - set(_OPTIONS):
        raise UsageError(
            what=f"unknown option {name!r} behind the question mark",
            where=SCHEME + path,
            expected=", ".join(_OPTIONS),
            happened="nothing was read",
            todo=did_you_mean(name, list(_OPTIONS)),
        )
    return Address(path, tuple(sorted(options.items())))


def filled(uri: str, options: Mapping[str, str]) -> str:
    """Return the address with those of `options` that it has none of; a path stays as it is.

    Examples
    --------
    >>> options = {"region": "other", "scheme": "http"}
    >>> filled("s3://bucket/a.csv?region=r", options), filled("/a.csv", options)
    ('s3://bucket/a.csv?region=r&scheme=http', '/a.csv')
    """
    if not uri.startswith(SCHEME):
        return uri
    found = address_of(uri)
    return Address(found.path, tuple(sorted({**options, **dict(found.options)}.items()))).uri


def environment_options() -> dict[str, str]:
    """Return what the environment says of endpoint and region, by the names that an address has for them."""
    told = {
        option: next((os.environ[name] for name in names if os.environ.get(name)), None)
        for option, names in _ENVIRONMENT.items()
    }
    return {option: value for option, value in told.items() if value is not None}
