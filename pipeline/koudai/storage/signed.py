"""Signed JSON: files that hold a hash of their own content.

Promises: what is read back is what was written, or an error: a single changed bit is found. Protects against damage,
not against forgery: whoever can write the file can also compute its hash.
"""

from __future__ import annotations

import json
from typing import Any

from koudai.storage.bucket import JobPath, StorePath
from koudai.storage.durable import read_bytes, sha256_bytes, storage_errors, to_json, write_json


def write_signed(path: JobPath, value: dict[str, Any]) -> None:
    """Write `value` to `path` as canonical JSON with its own hash, atomically.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     write_signed(path, {"posts": 3})
    ...     print(read_signed(path))
    {'posts': 3}
    """
    write_json(path, _signed(value))


def create_signed(path: JobPath, value: dict[str, Any]) -> bool:
    """Write `value` as `write_signed` does; in a bucket only if nothing is there, since no lock keeps others out.

    Returns
    -------
    bool
        Whether it was written; False if another process was first.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     print(create_signed(Path(folder) / "plan.json", {"posts": 3}))
    True
    """
    if not isinstance(path, StorePath):
        write_signed(path, value)
        return True
    with storage_errors(path, happened="nothing was written"):
        try:
            path.create(to_json(_signed(value)))
        except FileExistsError:
            return False
    return True


def read_signed(path: JobPath) -> dict[str, Any]:
    """Return what `write_signed` wrote to `path`; raises `OSError`, or `ValueError` if a single bit has changed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     write_signed(path, {"posts": 3})
    ...     _ = path.write_bytes(path.read_bytes().replace(b"3", b"4", 1))
    ...     try:
    ...         read_signed(path)
    ...     except ValueError as error:
    ...         print(error)
    its content is not what the hash in it says
    """
    return signed_value(read_bytes(path))


def signed_value(data: bytes) -> dict[str, Any]:
    """Return the value in the bytes that `write_signed` wrote; raises `ValueError` if a single bit has changed.

    Examples
    --------
    >>> import hashlib
    >>> content = to_json({"posts": 3})
    >>> signed_value(to_json({"posts": 3, "sha256": hashlib.sha256(content).hexdigest()}))
    {'posts': 3}
    """
    value = json.loads(data)
    if not isinstance(value, dict) or to_json(_signed(value)) != data:
        message = "its content is not what the hash in it says"
        raise ValueError(message)
    value.pop("sha256")
    return value


def _signed(value: dict[str, Any]) -> dict[str, Any]:
    rest = {name: one for name, one in value.items() if name != "sha256"}
    return {**rest, "sha256": sha256_bytes(to_json(rest))}
