"""A store: objects under ``s3://`` addresses, through pyarrow's own client.

Promises: an address holds no credentials, for it is written into plans; those come from the environment. A server or
bucket that is gone is an `OSError` within STORE_SECONDS and its repetitions. An address is
``s3://bucket/key?endpoint_override=host:port&scheme=http&region=…``; the key stands as it is, nothing in it is escaped.
"""

from __future__ import annotations

import functools
import io
import os
import re
from typing import Any, BinaryIO, NamedTuple, cast

from koudai.errors import ReadError, UsageError
from koudai.limits import STORE_SECONDS
from koudai.registry import did_you_mean

SCHEME = "s3://"
_ATTEMPTS = 3
_BUFFERED = 4 << 20
_OPTIONS = ("endpoint_override", "region", "scheme")
_QUERY = re.compile(r"\?(\w+=[^&?]*(?:&\w+=[^&?]*)*)$")


class Address(NamedTuple):
    """Bucket and key, joined by ``/``, and the options behind the question mark, by name."""

    path: str
    options: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        """The options as they stand in an address, the question mark included."""
        return "?" + "&".join(f"{name}={value}" for name, value in self.options) if self.options else ""


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


def info(address: Address) -> Any:
    """Return pyarrow's `FileInfo` of what lies at `address`."""
    return _client(address).get_file_info(address.path.rstrip("/"))


def list_objects(address: Address) -> list[str]:
    """Return ``bucket/key`` of all objects below `address`."""
    from pyarrow import fs

    below = fs.FileSelector(address.path.rstrip("/"), recursive=True)
    return [one.path for one in _client(address).get_file_info(below) if one.type == fs.FileType.File]


def open_object(address: Address) -> BinaryIO:
    """Return an object as a seekable file of bytes."""
    return cast("BinaryIO", io.BufferedReader(open_native(address), _BUFFERED))


def open_native(address: Address) -> Any:
    """Return an object as pyarrow's own kind of file."""
    return _client(address).open_input_file(address.path)


def is_store_error(error: OSError) -> bool:
    """Return whether `error` came from a store or a disk, and not from what a file holds."""
    return error.errno is not None or "AWS Error" in str(error)


def _client(address: Address) -> Any:
    bucket = address.path.split("/")[0]
    if not bucket:
        raise ReadError(what="there is no bucket in this address", where=SCHEME, expected="s3://bucket/key")
    return _client_of(bucket, address.options)


@functools.lru_cache(maxsize=64)
def _client_of(bucket: str, options: tuple[tuple[str, str], ...]) -> Any:
    from pyarrow import fs

    given = dict(options)
    endpoint = given.get("endpoint_override") or os.environ.get("AWS_ENDPOINT_URL_S3")
    endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
    region = given.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return fs.S3FileSystem(
        endpoint_override=endpoint,
        scheme=given.get("scheme"),
        region=region or ("us-east-1" if endpoint else fs.resolve_s3_region(bucket)),
        connect_timeout=STORE_SECONDS.value,
        request_timeout=STORE_SECONDS.value,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )
