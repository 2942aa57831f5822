"""Damage: a flipped byte, a cut, a bomb or a link in a bundle is refused by name, or changes no score."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.errors import DigestMismatch, KoudaiError, LimitExceeded, ModelError, ModelFormatError, UnknownMember
from koudai.limits import BUNDLE_BYTES, BUNDLE_JSON_BYTES, BUNDLE_MEMBER_BYTES, Limit
from koudai.model.bundle.bundle import load_bundle
from koudai.model.bundle.inspection import inspect_bundle
from koudai.model.bundle.members import ARRAYS, CARD, JSON_MEMBERS, MANIFEST, PROTOCOL
from koudai.model.model import Model
from koudai.storage.durable import to_json
from tests.model.bundle.test_bundle import Copy, rehash, same_scores

ARRAY_MEMBERS = [f"{name}.npy" for name in ARRAYS] + [
    f"block{place}_{name}.npy" for place in range(2) for name in ("idf", "terms", "ends")
]
MEMBERS = [*JSON_MEMBERS, CARD, *ARRAY_MEMBERS]
FLIPS = 12


def flipped(data: bytes, place: int, mask: int) -> bytes:
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


@pytest.mark.slow
@pytest.mark.parametrize("member", MEMBERS)
def test_M6_a_flipped_byte_of_a_member_is_found(member: str, copy: Copy) -> None:
    folder = copy()
    whole = (folder / member).read_bytes()
    random = np.random.default_rng([20230310, len(whole), *member.encode()])
    for place in {0, len(whole) - 1, *random.integers(len(whole), size=FLIPS).tolist()}:
        (folder / member).write_bytes(flipped(whole, place, int(random.integers(1, 256))))
        with pytest.raises(DigestMismatch) as caught:
            load_bundle(folder)
        message = str(caught.value)
        assert f"{member} differs from the manifest" in message
        assert "happened: nothing was built" in message
        assert "this copy is damaged" in message
    (folder / member).write_bytes(whole)
    assert load_bundle(folder)


def test_M6_a_flipped_byte_of_the_manifest_is_an_error_or_changes_no_score(tiny: Model, copy: Copy) -> None:
    """The manifest has no hash of its own: what may differ in it is only what no score depends on."""
    folder = copy()
    whole = (folder / MANIFEST).read_bytes()
    random = np.random.default_rng(20230310)
    refused = 0
    for place in random.integers(len(whole), size=150).tolist():
        (folder / MANIFEST).write_bytes(flipped(whole, place, int(random.integers(1, 256))))
        try:
            loaded = load_bundle(folder)
        except ModelError:
            refused += 1
        else:
            same_scores(loaded, tiny)
            assert loaded.digest != load_bundle_digest(folder, whole)
    assert refused > 100


def load_bundle_digest(folder: Path, manifest: bytes) -> str:
    damaged = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(manifest)
    digest = load_bundle(folder).digest
    (folder / MANIFEST).write_bytes(damaged)
    return digest


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("cut", ["all", "last", "more", "gone"])
def test_M6_a_member_cut_short_or_longer_or_gone_is_refused_by_name(member: str, cut: str, copy: Copy) -> None:
    folder = copy()
    whole = (folder / member).read_bytes()
    if cut == "gone":
        (folder / member).unlink()
    else:
        (folder / member).write_bytes({"all": b"", "last": whole[:-1], "more": whole + b"\0"}[cut])
    for read in (load_bundle, inspect_bundle):
        with pytest.raises(ModelFormatError if cut == "gone" else DigestMismatch) as caught:
            read(folder)
        assert member in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("member", ARRAY_MEMBERS)
def test_M6_a_flipped_byte_with_a_forged_hash_is_an_error_or_a_finite_model(member: str, copy: Copy) -> None:
    """Hashes say nothing against a forger; what is built is still checked, and only koudai's own errors come."""
    folder = copy()
    whole = (folder / member).read_bytes()
    random = np.random.default_rng([7, *member.encode()])
    for place in {*range(0, 80, 9), *random.integers(len(whole), size=FLIPS).tolist()}:
        (folder / member).write_bytes(flipped(whole, place, int(random.integers(1, 256))))
        rehash(folder)
        with np.errstate(all="ignore"):
            try:
                loaded = load_bundle(folder)
            except ModelError:
                continue
        assert np.isfinite(loaded.weights).all()


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


LIMITED = [("weights.npy", BUNDLE_MEMBER_BYTES), ("config.json", BUNDLE_JSON_BYTES), (MANIFEST, BUNDLE_JSON_BYTES)]


@pytest.mark.parametrize(("member", "limit"), LIMITED, ids=[member for member, _ in LIMITED])
def test_M4_a_member_above_its_limit_is_refused_before_it_is_read(member: str, limit: Limit, copy: Copy) -> None:
    folder = copy()
    sparse(folder / member, 4 << 30)
    tracemalloc.start()
    with pytest.raises(LimitExceeded) as caught:
        load_bundle(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    message = str(caught.value)
    assert f"LimitExceeded: {member} is larger than {limit.value} bytes" in message
    assert "got:      4294967296 bytes" in message
    assert "happened: it was not read" in message


def test_M4_a_bundle_above_its_limit_is_refused_whatever_it_declares(copy: Copy) -> None:
    """The sizes on the disk count, not those that the manifest claims; the files are sparse and take no room."""
    folder = copy()
    for member in ("weights.npy", "block0_idf.npy", "block0_terms.npy", "block1_idf.npy", "block1_terms.npy"):
        sparse(folder / member, BUNDLE_MEMBER_BYTES.value)
    tracemalloc.start()
    with pytest.raises(LimitExceeded) as caught:
        load_bundle(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert f"at most {BUNDLE_BYTES.value} bytes" in str(caught.value)


JSON_BOMBS = {
    "deep": b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "giant": b'{"a": ' + b"9" * 100_000 + b"}",
    "exponent": b'{"a": 1e999}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "twice": b'{"name": "a", "name": "b"}',
    "twice inside": b'{"a": [{"b": 1, "b": 2}]}',
    "list": b"[1, 2]",
    "bytes": b'{"a": "\xb0\xa1"}',
    "empty": b"",
    "two": b"{}{}",
    "mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("member", [MANIFEST, *JSON_MEMBERS[:4]])
@pytest.mark.parametrize("bomb", JSON_BOMBS)
def test_M4_I8_hostile_json_is_refused_by_name(bomb: str, member: str, copy: Copy) -> None:
    folder = copy()
    (folder / member).write_bytes(JSON_BOMBS[bomb])
    if member != MANIFEST:
        rehash(folder)
    with pytest.raises(ModelFormatError, match=member if bomb != "list" or member != MANIFEST else "JSON object"):
        load_bundle(folder)


def test_M4_peak_memory_of_loading_is_a_small_multiple_of_the_bundle(tiny_bundle: Path) -> None:
    load_bundle(tiny_bundle)
    size = sum(path.stat().st_size for path in tiny_bundle.iterdir())
    tracemalloc.start()
    load_bundle(tiny_bundle)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 * size + 8_000_000  # the dictionary, read for its digest, is 5 MB


LINKS = {"a link outside": "/etc/passwd", "a link inside": "config.json", "a broken link": "nowhere"}


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("member", ["model.json", "weights.npy", MANIFEST])
def test_M5_links_are_refused_by_name(kind: str, member: str, copy: Copy) -> None:
    folder = copy()
    (folder / member).unlink()
    (folder / member).symlink_to(LINKS[kind])
    with pytest.raises(ModelFormatError, match=member):
        load_bundle(folder)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_M5_what_is_not_a_file_is_refused_and_not_waited_for(kind: str, copy: Copy) -> None:
    folder = copy()
    (folder / "model.json").unlink()
    (folder / "model.json").mkdir() if kind == "folder" else os.mkfifo(folder / "model.json")
    with pytest.raises(ModelFormatError, match=r"model.json is missing or not a file"):
        load_bundle(folder)


NAMES = ["../weights.npy", "/etc/passwd", "sub/weights.npy", "weights.npy/", "..", "", "weights.npy\0", "WEIGHTS.NPY"]


def test_M5_members_listed_under_other_names_are_refused(copy: Copy, subtests: pytest.Subtests) -> None:
    for name in NAMES:
        with subtests.test(ascii(name)):
            folder = copy()
            manifest = json.loads((folder / MANIFEST).read_bytes())
            manifest["members"][name] = manifest["members"]["weights.npy"]
            (folder / MANIFEST).write_bytes(to_json(manifest))
            with pytest.raises(UnknownMember) as caught:
                load_bundle(folder)
            assert "nothing was built" in str(caught.value)


def test_M5_a_member_listed_twice_is_refused(copy: Copy) -> None:
    folder = copy()
    text = (folder / MANIFEST).read_text(encoding="utf-8")
    (folder / MANIFEST).write_text(text.replace('"weights.npy"', '"slope.npy"'), encoding="utf-8")
    with pytest.raises(ModelFormatError, match="duplicate key 'slope.npy'"):
        load_bundle(folder)


MANIFESTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "format": lambda m: m.update(format="skops"),
    "protocol before": lambda m: m.update(protocol=PROTOCOL - 1),
    "protocol after": lambda m: m.update(protocol=PROTOCOL + 1),
    "protocol text": lambda m: m.update(protocol=str(PROTOCOL)),
    "no members": lambda m: m.pop("members"),
    "members list": lambda m: m.update(members=list(m["members"])),
    "foreign key": lambda m: m.update(trusted=["os.system"]),
    "no versions": lambda m: m.pop("versions"),
    "versions list": lambda m: m.update(versions=["3.11"]),
    "entry number": lambda m: m["members"].update({"model.json": 5}),
    "entry null": lambda m: m["members"].update({"model.json": None}),
    "no hash": lambda m: m["members"]["model.json"].pop("sha256"),
    "no size": lambda m: m["members"]["model.json"].pop("bytes"),
    "size text": lambda m: m["members"]["model.json"].update(bytes="12"),
    "size true": lambda m: m["members"]["model.json"].update(bytes=True),
    "size fraction": lambda m: m["members"]["model.json"].update(bytes=1.5),
    "hash number": lambda m: m["members"]["model.json"].update(sha256=1),
    "entry more": lambda m: m["members"]["model.json"].update(md5="0"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_M7_a_forged_manifest_is_refused(name: str, copy: Copy) -> None:
    folder = copy()
    manifest = json.loads((folder / MANIFEST).read_bytes())
    MANIFESTS[name](manifest)
    (folder / MANIFEST).write_bytes(to_json(manifest))
    for read in (load_bundle, inspect_bundle):
        with pytest.raises(ModelFormatError) as caught:
            read(folder)
        assert "manifest" in str(caught.value)
        assert str(folder) in str(caught.value)


@pytest.mark.slow
def test_M4_the_command_prints_one_message_and_no_traceback(copy: Copy) -> None:
    folder = copy()
    (folder / "model.json").write_bytes(b"{}")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "pipeline")}
    command = [sys.executable, "-m", "koudai", "inspect", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 4
    assert "DigestMismatch" in done.stderr
    assert "Traceback" not in done.stderr
    assert issubclass(DigestMismatch, KoudaiError)
