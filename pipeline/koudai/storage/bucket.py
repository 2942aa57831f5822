"""A bucket: the files of a job as objects under an ``s3://`` address.

Promises: an object is the old one or the new one, whole. What is put there is put on a condition: nothing is there yet,
or what is there is what was just read; so of two who write at once neither undoes what the other wrote unseen, and who
creates an object is told if another was first. What is put has a sha256 that the store checks, and keeps if it can. A
failure is an `OSError`, after as many tries as ``limits.py`` says. Deletes nothing. Credentials come from the
environment of the process, and are neither shown nor passed on.

Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes", "Checking object integrity".
"""

from __future__ import annotations

import base64
import contextlib
import errno
import functools
import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from koudai.errors import StorageError, UsageError
from koudai.limits import STORE_PUT_SECONDS, STORE_SECONDS
from koudai.storage.address import SCHEME, Address, address_of, environment_options, filled

_ATTEMPTS = 3
_ROUNDS = 5
_LOST = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_GONE = {"NoSuchKey", "404"}
_REFUSED = {"AccessDenied", "Forbidden", "403"}


@dataclass(frozen=True)
class StorePath:
    """A name in a bucket: what a `pathlib.Path` is on a disk, as far as the files of a job need it.

    Examples
    --------
    >>> shards = StorePath(address_of("s3://bucket/jobs/monday/?region=us-east-1")) / "shards"
    >>> str(shards), shards.name
    ('s3://bucket/jobs/monday/shards?region=us-east-1', 'shards')
    """

    address: Address

    def __truediv__(self, name: str) -> StorePath:
        """Return what is called `name` below it."""
        return StorePath(self.address._replace(path=f"{self.address.path.rstrip('/')}/{name}"))

    def __str__(self) -> str:
        """Return the address with its options, as a command or a worker takes it."""
        return self.address.uri

    @property
    def name(self) -> str:
        """The last part of its key."""
        return self.address.path.rstrip("/").rpartition("/")[2]

    def resolve(self) -> StorePath:
        """Return the same address with the endpoint and the region that this process uses, for other machines."""
        return StorePath(address_of(filled(str(self), environment_options())))

    def exists(self) -> bool:
        """Return whether there is an object of this name; raises `OSError` if the store does not say."""
        try:
            with _told():
                self._client.head_object(**self._named)
        except FileNotFoundError:
            return False
        return True

    is_file = exists

    def read(self) -> bytes:
        """Return the object; raises `FileNotFoundError` if there is none, or another `OSError`."""
        return self._read()[0]

    def sha256(self) -> str:
        """Return the hexadecimal sha256 that the store checked when the object was put here, or that of what is read,
        where it keeps none or only one of parts; raises `FileNotFoundError` if there is none, or another `OSError`.
        """
        with _told():
            kept = self._client.head_object(**self._named, ChecksumMode="ENABLED").get("ChecksumSHA256")
        if kept and "-" not in kept:
            return base64.b64decode(kept).hex()
        return hashlib.sha256(self.read()).hexdigest()

    def names(self) -> list[str]:
        """Return the next parts of the keys below it, in arbitrary order; raises `OSError`."""
        bucket, _, key = self.address.path.rstrip("/").partition("/")
        prefix = key + "/" if key else ""
        found: list[str] = []
        with _told():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/"):
                found += [one["Key"].removeprefix(prefix) for one in page.get("Contents", ())]
                found += [one["Prefix"].removeprefix(prefix).rstrip("/") for one in page.get("CommonPrefixes", ())]
        return [name for name in found if name]

    def create(self, data: bytes | memoryview) -> None:
        """Write a new object; raises `FileExistsError` if one is there, or another `OSError`."""
        if not self._put(data, IfNoneMatch="*"):
            raise FileExistsError(errno.EEXIST, "there is an object of this name", str(self))

    def put(self, data: bytes | memoryview) -> None:
        """Write the object, in the place of whatever is there; raises `OSError`."""
        for _ in range(_ROUNDS):
            if self._put(data, IfNoneMatch="*"):
                return
            with contextlib.suppress(FileNotFoundError):
                there, version = self._read()
                if there == data or self._put(data, IfMatch=version):
                    return
        raise OSError(errno.EBUSY, "others keep writing this object")

    def upload(self, file: Path) -> None:
        """Copy a file into the object, in parts if it is large; raises `OSError`."""
        with _told():
            self._client.upload_file(str(file), **self._named)

    def require_exclusive(self) -> None:
        """Check that the store refuses to create the object, which is there, once more.

        Raises
        ------
        StorageError
            If it does not: some stores take no notice of the condition.
        """
        with contextlib.suppress(FileExistsError):
            self.create(self.read())
            raise StorageError(
                what="this store does not support what a job relies on",
                where=self,
                expected="an object is not created where there is one (If-None-Match)",
                happened="the plan of the job was written, and nothing else",
                todo="choose another store or a disk, or give `unsafe_fs` and check the result with `api.verify`",
            )

    def _read(self) -> tuple[bytes, str]:
        with _told():
            found = self._client.get_object(**self._named)
            return found["Body"].read(), found["ETag"]

    def _put(self, data: bytes | memoryview, **condition: str) -> bool:
        """Write the object; return whether the condition held."""
        from botocore.exceptions import ClientError

        body = bytes(data)
        sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()
        checked = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": sha256}
        with _told():
            try:
                self._client.put_object(**self._named, Body=body, **checked, **condition)
            except ClientError as error:
                if error.response["Error"]["Code"] in _LOST:
                    return False
                raise
        return True

    @property
    def _named(self) -> dict[str, str]:
        bucket, _, key = self.address.path.partition("/")
        return {"Bucket": bucket, "Key": key}

    @property
    def _client(self) -> Any:
        return _client_of(self.resolve().address.options)


JobPath: TypeAlias = Path | StorePath
"""Where a job lies, or one of its files: on a disk or in a bucket."""


def job_path(given: object, argument: str = "out") -> JobPath:
    """Return the folder of a job.

    Parameters
    ----------
    given
        A path, or ``s3://bucket/key``.
    argument
        What messages call it.

    Raises
    ------
    UsageError
        If it is an address that no job can be written to, or the package for those that it can is not installed.

    Examples
    --------
    >>> job_path("scores").name, job_path("s3://bucket/scores").name
    ('scores', 'scores')
    """
    text = str(given)
    if not text.startswith(SCHEME):
        return require_on_disk(text, argument, expected="a path on a disk, or s3://bucket/key")
    found = StorePath(address_of(text))
    if not found.address.path.partition("/")[2].strip("/"):
        raise UsageError(what="a job needs a name in its bucket", where=text, expected="s3://bucket/key")
    _require_client()
    path = StorePath(found.address._replace(path=found.address.path.rstrip("/")))
    _begun(path.resolve().address.options)
    return path


def require_on_disk(given: object, argument: str = "out", *, expected: str = "a path on a disk") -> Path:
    """Return `given` as a path; raises `UsageError` if it is an address, which `pathlib.Path` takes for a folder.

    Examples
    --------
    >>> try:
    ...     require_on_disk("gs://bucket/model")
    ... except UsageError as error:
    ...     print(error.what)
    `out` is no address
    """
    scheme, colon, rest = str(given).partition(":")
    if colon and rest.startswith("/") and len(scheme) > 1 and scheme.replace("+", "").isalnum():
        raise UsageError(
            what=f"`{argument}` is no address",
            got=given,
            expected=expected,
            happened="nothing was read or written",
            todo="use a folder on a disk, and copy between it and the store",
        )
    return Path(str(given))


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what the client raises inside the block into an `OSError`."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        code, said = str(told.get("Code", "")), str(told.get("Message") or error)
        if code in _GONE:
            raise FileNotFoundError(errno.ENOENT, "there is no such object") from error
        if code in _REFUSED:
            raise PermissionError(errno.EACCES, f"{code}: {said}") from error
        raise OSError(errno.EIO, f"{code}: {said}") from error
    except (BotoCoreError, S3UploadFailedError) as error:
        raise OSError(errno.EIO, str(error)) from error


def _require_client() -> None:
    from importlib.util import find_spec

    if find_spec("boto3") is None:
        raise UsageError(
            what="a job in a bucket needs a package that is not installed",
            expected="boto3",
            todo="pip install 'koudai[s3]', here and where the workers run",
        )


def _client_of(options: tuple[tuple[str, str], ...]) -> Any:
    return _begun(options).result()


@functools.lru_cache(maxsize=64)
def _begun(options: tuple[tuple[str, str], ...]) -> Future[Any]:
    """Begin to make a client, beside whatever is done meanwhile."""
    future: Future[Any] = Future()

    def make() -> None:
        try:
            future.set_result(_made(options))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=make, daemon=True).start()
    return future


def _made(options: tuple[tuple[str, str], ...]) -> Any:
    import boto3
    from botocore.config import Config

    given = dict(options)
    endpoint = given.get("endpoint_override")
    if endpoint and "://" not in endpoint:
        endpoint = f"{given.get('scheme', 'https')}://{endpoint}"
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=given.get("region") or ("us-east-1" if endpoint else None),
        config=Config(
            connect_timeout=STORE_SECONDS.value,
            read_timeout=STORE_PUT_SECONDS.value,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=64,
            s3={"addressing_style": "path" if endpoint else "auto"},
        ),
    )
