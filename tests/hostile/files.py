"""Builders of hostile files: each writes one under a name that the test gives, none is stored in the repository.

Promises: small on disk even where what they hold is large (sparse files, archives of zeros); the same bytes each time.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa

HEADER = "post_id,text\n"


def mixed_encodings(path: Path) -> Path:
    """UTF-8 lines with one line of GB18030 between them, as when two exports are pasted together (line 3)."""
    rows = ["1,早班车又晚点了\n".encode(), "2,菜场今天休息\n".encode("gb18030"), "3,楼下修路\n".encode()]
    path.write_bytes(HEADER.encode() + b"".join(rows))
    return path


def stray_quote(path: Path, *, rows: int, at: int) -> Path:
    """A CSV in which data row `at` opens a quote that nobody closes; `rows` rows in all."""
    lines = [f"{n},{chr(34) if n == at else ''}第{n}条，天气不错\n" for n in range(1, rows + 1)]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def endless_line(path: Path, *, before: bytes, size: int, after: bytes) -> Path:
    """A file whose middle is one line of `size` NUL bytes; sparse, so it takes no room on disk."""
    with path.open("wb") as file:
        file.write(before)
        file.seek(size, 1)
        file.write(b"\n" + after)
    return path


def gzip_bomb(path: Path, *, before: bytes, size: int, after: bytes) -> Path:
    """A gzip archive a thousandth the size of what it unpacks to: `size` NUL bytes on one line."""
    chunk = bytes(1 << 20)
    with gzip.GzipFile(path, "wb", compresslevel=1, mtime=0) as file:
        file.write(before)
        for _ in range(size >> 20):
            file.write(chunk)
        file.write(b"\n" + after)
    return path


def truncated_gzip(path: Path, content: bytes, *, missing: int) -> Path:
    """A gzip archive whose last `missing` bytes never arrived."""
    path.write_bytes(gzip.compress(content, mtime=0)[:-missing])
    return path


def corrupted_gzip(path: Path, content: bytes) -> Path:
    """A whole gzip archive whose checksum is of other content."""
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[-8] ^= 0xFF
    path.write_bytes(packed)
    return path


def concatenated_gzip(path: Path, *members: bytes) -> Path:
    """Several gzip archives one after the other, which is one archive (RFC 1952)."""
    path.write_bytes(b"".join(gzip.compress(member, mtime=0) for member in members))
    return path


def zstd_of(path: Path, *frames: bytes, skippable: bytes | None = None, missing: int = 0) -> Path:
    """Several Zstandard frames one after the other, which is one archive, behind a skippable frame if there is one, and
    without the last `missing` bytes (RFC 8878).
    """
    codec = pa.Codec("zstd", 1)
    skipped = b"" if skippable is None else b"\x50\x2a\x4d\x18" + len(skippable).to_bytes(4, "little") + skippable
    packed = skipped + b"".join(codec.compress(frame, asbytes=True) for frame in frames)
    path.write_bytes(packed[: len(packed) - missing])
    return path


def zstd_bomb(path: Path, *, before: bytes, size: int, after: bytes) -> Path:
    """A Zstandard archive of frames that are a ten-thousandth of what they unpack to: `size` NUL bytes on one line."""
    return zstd_of(path, before, *[bytes(1 << 20)] * (size >> 20), b"\n" + after)


def deep_json(levels: int) -> str:
    """One JSON object that nests `levels` lists under a key nobody asked for."""
    return '{"post_id": "d", "text": "深", "more": ' + "[" * levels + "]" * levels + "}"
