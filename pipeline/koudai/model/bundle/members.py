"""Members: the files of a bundle, read as bytes, checked one by one, and only then decoded.

Promises: a bundle has only the names known here; every size is bounded and every byte hashed before anything is
decoded; an array's header must be exactly what numpy writes for a plain array of the declared type, and is never
evaluated; JSON with duplicate keys, NaN, infinity or surrogates is refused.
"""

from __future__ import annotations

import io
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import DigestMismatch, LimitExceeded, ModelFormatError, UnknownMember
from koudai.limits import BUNDLE_BYTES, BUNDLE_JSON_BYTES, BUNDLE_MEMBER_BYTES
from koudai.storage.durable import sha256_bytes
from koudai.strict_json import strict_object

FORMAT, PROTOCOL = "koudai-bundle", 2
MANIFEST, CARD = "manifest.json", "MODEL_CARD.md"
JSON_MEMBERS = ("model.json", "taxonomy.json", "config.json", "golden.json", "evaluation.json")
FITTED, PROFILE = "fitted.json", "profile.json"
"""What is kept of the posts fitted on; in no bundle that was not trained."""
USED_WORDS = "words.json"
"""The user's words and the stop words, of a model that has any."""
ARRAYS = {"weights": "<f4", "intercept": "<f8", "slope": "<f8", "offset": "<f8", "threshold": "<f8"}
CURVE_ARRAYS = {"curve_x": "<f8", "curve_y": "<f8", "curve_ends": "<i8"}
FORMS_ARRAYS = {"forms": "<f8", "forms_weights": "<f4"}
"""Of forms: intercepts, slopes and offsets as three rows, and weights of several folds."""
OPTIONAL_ARRAYS = (*CURVE_ARRAYS, *FORMS_ARRAYS, "sets", "test_proba", "test_labels", "test_groups", "fitted_hashes")
"""Of calibration curves, of conformal sets, of the test side, and of the posts fitted on."""
BLOCK_ARRAYS = ("idf", "terms", "ends")
MOST_BLOCKS = 2
_ENTRY = {"sha256": str, "bytes": int}
_MANIFEST_KEYS = {"format", "protocol", "versions", "taxonomy_digest", "members"}
_SURROGATE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")
_NPY = re.compile(
    rb"\x93NUMPY\x01\x00(?s:(..))"
    rb"(\{'descr': '([^'\n]{1,8})', 'fortran_order': False, 'shape': \((\d{1,12}),(?: (\d{1,12}))?\), \} *\n)"
)


def read_members(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a bundle's manifest and its members' bytes, after checking names, sizes and hashes; builds nothing.

    Examples
    --------
    >>> try:
    ...     read_members(Path("nowhere"))
    ... except ModelFormatError as error:
    ...     print(error.got)
    no such folder
    """
    if not (folder / MANIFEST).is_file() or (folder / MANIFEST).is_symlink():
        raise ModelFormatError(
            what="not a koudai bundle (koudai never unpickles)",
            where=folder,
            expected=f"a folder with {MANIFEST}",
            got="a file" if folder.is_file() else "no such folder" if not folder.exists() else "a folder without it",
            happened="nothing in it was opened",
            todo="give the folder that `api.train` wrote",
        )
    raw = _read(folder / MANIFEST, _limit(MANIFEST))
    manifest = _parse(raw, folder / MANIFEST)
    if manifest.get("format") != FORMAT or manifest.get("protocol") != PROTOCOL:
        raise ModelFormatError(
            what="the manifest is not one this version reads",
            where=folder,
            expected=f"format {FORMAT!r}, protocol {PROTOCOL}",
            got=f"format {manifest.get('format')!r}, protocol {manifest.get('protocol')!r}",
            happened="nothing else in it was opened",
            todo="train it again from its config with this version, or use the version that made it",
        )
    listed = manifest.get("members")
    if set(manifest) != _MANIFEST_KEYS or not isinstance(listed, dict) or not isinstance(manifest["versions"], dict):
        raise ModelFormatError(
            what="the manifest has other keys than a manifest has",
            where=folder,
            expected=", ".join(sorted(_MANIFEST_KEYS)),
            got=", ".join(sorted(manifest)),
        )
    for name, entry in listed.items():
        if not isinstance(entry, dict) or {key: type(value) for key, value in entry.items()} != _ENTRY:
            raise ModelFormatError(
                what=f"the manifest does not say how large {name} is and what its hash is", where=folder, got=entry
            )
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    for name in sorted(present | set(listed)):
        if not _known(name) or name not in listed:
            raise UnknownMember(name, where=folder, happened="nothing was built", todo="remove it if you put it there")
        if name not in present or not (folder / name).is_file() or (folder / name).is_symlink():
            raise ModelFormatError(what=f"{name} is missing or not a file", where=folder, todo="bring the bundle again")
    size = sum(_size(folder / name, _limit(name)) for name in listed)
    if size > BUNDLE_BYTES.value:
        raise LimitExceeded(
            what="the bundle is too large",
            where=folder,
            expected=f"at most {BUNDLE_BYTES.value} bytes",
            got=f"{size} bytes",
            todo="no koudai bundle is that large",
        )
    members = {MANIFEST: raw}
    for name, entry in listed.items():
        members[name] = _read(folder / name, _limit(name))
        if len(members[name]) != entry["bytes"]:
            raise DigestMismatch(
                what=f"{name} has another size than the manifest says",
                where=folder,
                expected=f"{entry['bytes']} bytes",
                got=f"{len(members[name])} bytes",
                happened="nothing was built",
                todo="bring the bundle again; this copy is damaged",
            )
        if sha256_bytes(members[name]) != entry["sha256"]:
            raise DigestMismatch(
                what=f"{name} differs from the manifest",
                where=folder,
                expected=entry["sha256"],
                got=sha256_bytes(members[name]),
                happened="nothing was built",
                todo="bring the bundle again; this copy is damaged",
            )
    return manifest, members


def bundle_digest(manifest: bytes) -> str:
    """Return the digest that names a bundle: 16 hexadecimal digits of the sha256 of its manifest.

    Examples
    --------
    >>> bundle_digest(b"{}")
    '44136fa355b3678a'
    """
    return sha256_bytes(manifest)[:16]


def json_member(members: dict[str, bytes], name: str, folder: Path) -> dict[str, Any]:
    """Return a JSON member as a dict; raises `ModelFormatError` if it is missing or not one.

    Examples
    --------
    >>> json_member({"model.json": b'{"name": "a"}'}, "model.json", Path("bundle"))
    {'name': 'a'}
    """
    return _parse(_member(members, name, folder), folder / name)


def npy_member(members: dict[str, bytes], name: str, dtype: str, folder: Path) -> NDArray[Any]:
    """Return an array member, read-only; raises `ModelFormatError` if it is missing, is not an array of one or two
    dimensions, or has another type than `dtype` or another size than its shape.

    Examples
    --------
    >>> members = {"idf.npy": npy_bytes(np.array([1.0, 2.0]), "<f8")}
    >>> npy_member(members, "idf.npy", "<f8", Path("bundle")).tolist()
    [1.0, 2.0]
    """
    data = _member(members, name, folder)
    header = _NPY.match(data)
    if header is None or len(header[2]) != int.from_bytes(header[1], "little"):
        raise ModelFormatError(
            what=f"{name} is not a plain array", where=folder, expected=f"an npy file of {dtype}", got=data[:80]
        )
    if header[3] != dtype.encode():
        raise ModelFormatError(
            what=f"{name} has another type than it should",
            where=folder,
            expected=dtype,
            got=header[3].decode("latin-1"),
        )
    shape = tuple(int(length) for length in header.groups()[3:] if length is not None)
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data) - header.end():
        raise ModelFormatError(
            what=f"{name} has another size than its shape",
            where=folder,
            expected=shape,
            got=f"{len(data) - header.end()} bytes of {dtype}",
        )
    return np.frombuffer(data, dtype=np.dtype(dtype), offset=header.end()).reshape(shape)


def npy_bytes(array: NDArray[Any], dtype: str) -> bytes:
    """Return `array` in the npy format, as `dtype`.

    Examples
    --------
    >>> npy_bytes(np.zeros(2), "<f4")[1:6]
    b'NUMPY'
    """
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array, dtype=np.dtype(dtype)), allow_pickle=False)
    return stream.getvalue()


def _known(name: str) -> bool:
    blocks = {f"block{place}_{array}.npy" for place in range(MOST_BLOCKS) for array in BLOCK_ARRAYS}
    return name in {
        *JSON_MEMBERS,
        FITTED,
        PROFILE,
        USED_WORDS,
        CARD,
        *(f"{array}.npy" for array in (*ARRAYS, *OPTIONAL_ARRAYS)),
        *blocks,
    }


def _member(members: dict[str, bytes], name: str, folder: Path) -> bytes:
    if name not in members:
        raise ModelFormatError(what=f"{name} is missing", where=folder, todo="bring the bundle again")
    return members[name]


def _limit(name: str) -> int:
    return BUNDLE_JSON_BYTES.value if name.endswith(".json") else BUNDLE_MEMBER_BYTES.value


def _size(path: Path, limit: int) -> int:
    size = path.stat().st_size
    if size > limit:
        raise LimitExceeded(
            what=f"{path.name} is larger than {limit} bytes",
            where=path,
            got=f"{size} bytes",
            happened="it was not read",
            todo="no koudai bundle is that large",
        )
    return size


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_size(path, limit) + 1)
    except OSError as error:
        raise ModelFormatError(what=f"{path.name} cannot be read", where=path, got=error.strerror) from error


def _parse(data: bytes, where: Path) -> dict[str, Any]:
    try:
        if _SURROGATE.search(data):
            message = "a surrogate does not belong in JSON"
            raise ValueError(message)
        return strict_object(data.decode(), numbers=True)
    except ValueError as error:
        raise ModelFormatError(what=f"{where.name} is not a JSON object", where=where, got=error) from error
