"""A store: objects under ``s3://`` addresses, through pyarrow's own client.

Promises: credentials come from the environment, and no address holds any (``storage/address.py``). A server or bucket
that is gone is an `OSError` within STORE_SECONDS and its repetitions. Only reads: jobs in a bucket are written by
``storage/bucket.py``, since pyarrow's client has no conditional put.
"""

from __future__ import annotations

import functools
import io
from typing import Any, BinaryIO, cast

from koudai.errors import ReadError
from koudai.limits import STORE_SECONDS
from koudai.storage.address import SCHEME, Address, address_of, environment_options, filled

_ATTEMPTS = 3
_BUFFERED = 4 << 20


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
    return _client_of(bucket, address_of(filled(address.uri, environment_options())).options)


@functools.lru_cache(maxsize=64)
def _client_of(bucket: str, options: tuple[tuple[str, str], ...]) -> Any:
    from pyarrow import fs

    given = dict(options)
    endpoint = given.get("endpoint_override")
    return fs.S3FileSystem(
        endpoint_override=endpoint,
        scheme=given.get("scheme"),
        region=given.get("region") or ("us-east-1" if endpoint else fs.resolve_s3_region(bucket)),
        connect_timeout=STORE_SECONDS.value,
        request_timeout=STORE_SECONDS.value,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )
