"""Stores, against a real server: every kind of file is read from one as from a disk; folders and patterns are found;
what is gone, midway too, is an error within seconds; credentials never show (K3).
"""

from __future__ import annotations

import gzip
import pickle
import random
import time
from pathlib import Path

import pyarrow as pa
import pytest

from koudai.corpus.reading.files import splittable
from koudai.corpus.reading.folders import find_post_files
from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.readers import read_posts
from koudai.errors import ReadError, UsageError
from koudai.storage.address import Address, address_of
from tests.corpus.posts import POSTS
from tests.corpus.reading.objects import Objects, serving_objects
from tests.corpus.reading.writers import FILES, write_posts

SECRET = "wJalrXUtnFEMI"


def texts(location: Location) -> list[str]:
    return [text for batch in read_posts(location) for text in batch.texts.texts()]


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_every_kind_is_read_from_a_store_as_from_a_disk(objects: Objects, tmp_path: Path, name: str) -> None:
    path = write_posts(tmp_path / name, {"post_id": [str(n) for n in range(8)], "text": POSTS})
    (location,) = find_post_files([objects.put(f"kinds/{name}", path.read_bytes())])
    (batch,), (same,) = read_posts(location), read_posts(path)
    assert batch.texts.texts() == list(POSTS)
    assert batch.file_lines == same.file_lines
    assert (location.name, location.kind) == (name, Location(str(path)).kind)
    assert location.fingerprint() == Location(str(path)).fingerprint()
    assert splittable(location) == (not name.endswith((".gz", ".zst")))
    seen = location.seen()
    assert seen.bytes == path.stat().st_size
    assert abs(seen.mtime_ns - time.time_ns()) < 600 * 10**9
    assert pickle.loads(pickle.dumps(location)) == location


def test_folders_and_patterns_are_found_sorted_without_what_is_hidden(objects: Objects) -> None:
    names = ["b.csv", "a.jsonl.gz", "deep/er/c.parquet", "_SUCCESS", ".a.csv", "_tmp/d.csv", "read.me", "x?[1] %.csv"]
    for name in names:
        objects.put(f"folder/{name}", b"post_id,text\n")
    everything = ["a.jsonl.gz", "b.csv", "deep/er/c.parquet", "x?[1] %.csv"]

    def found(key: str) -> list[str]:
        return [str(one).split("/folder/")[1] for one in find_post_files([objects.uri(key)])]

    assert found("folder/") == found("folder") == found("folder/**") == found("fol*") == everything
    assert found("folder/*.csv") == ["b.csv", "x?[1] %.csv"]
    assert found("folder/?.*") == ["a.jsonl.gz", "b.csv"]
    assert found("folder/**/*.parquet") == found("folder/*/*/*") == ["deep/er/c.parquet"]
    assert found("folder/.a.csv") == [".a.csv"]
    assert found("folder/x?[1] %.csv") == ["x?[1] %.csv"]
    location = find_post_files([objects.uri("folder/*.csv")])[0]
    with location.open() as file:
        assert (file.read(), file.seek(8), file.read(4)) == (b"post_id,text\n", 8, b"text")


@pytest.mark.parametrize("key", ["none/", "none/*.csv", "none.csv"])
def test_nothing_found_is_said(objects: Objects, key: str) -> None:
    with pytest.raises(ReadError, match="no such file|no file of posts here") as caught:
        find_post_files([objects.uri(key)])
    assert str(caught.value.where) == f"s3://{objects.bucket}/{key}"


def test_a_missing_key_a_missing_bucket_and_a_file_twice_are_refused(objects: Objects) -> None:
    objects.put("twice/a.csv", b"post_id,text\n1,a\n")
    with pytest.raises(ReadError, match="no such file"):
        texts(Location(objects.uri("twice/none.csv")))
    with pytest.raises(ReadError, match="no such file"):
        Location(objects.uri("twice/none.csv")).seen()
    with pytest.raises(ReadError, match="no such file"):
        find_post_files([f"s3://nowhere-at-all/a.csv{objects.query}"])
    with pytest.raises(ReadError, match="a file is there twice"):
        find_post_files([objects.uri("twice/a.csv"), objects.uri("twice/")])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["big.jsonl", "big.parquet", "big.jsonl.gz", "big.jsonl.zst"])
def test_a_bucket_that_vanishes_midway_is_a_read_error(objects: Objects, tmp_path: Path, name: str) -> None:
    noise = "".join(map(chr, random.Random(1).choices(range(0x4E00, 0x9FA5), k=2_000_000)))
    many = {"post_id": [str(n) for n in range(2000)], "text": [noise[1000 * n : 1000 * n + 1000] for n in range(2000)]}
    packed = name.split(".")[-1] if name.count(".") == 2 else ""
    content = write_posts(tmp_path / name.removesuffix("." + packed), many).read_bytes()
    objects.client.create_dir("vanishing")
    gone = Objects(objects.server, objects.port, "vanishing")
    if packed == "gz":
        content = gzip.compress(content, 0)
    elif packed == "zst":
        content = pa.Codec("zstd", -50).compress(content, asbytes=True)
    batches = read_posts(Location(gone.put(name, content)), batch_rows=20)
    assert next(batches).read == 20
    gone.drop_bucket()
    with pytest.raises(ReadError, match="cannot be read|no such file") as caught:
        list(batches)
    assert "127.0.0.1" not in str(caught.value.where)
    assert caught.value.exit_code == 3


@pytest.mark.slow
def test_a_server_that_is_gone_is_a_read_error_within_seconds(store_keys: None) -> None:
    with serving_objects() as one:
        location = Location(one.put("a.csv", b"post_id,text\n" + b"1,a" + 20_000 * (b"a" * 600 + b"\n2,a")))
        batches = read_posts(location)
        next(batches)
    begun = time.monotonic()
    for act in (lambda: list(batches), location.seen, location.fingerprint, lambda: find_post_files([location.uri])):
        with pytest.raises(ReadError, match="cannot be read") as caught:
            act()
        assert "NETWORK_CONNECTION" in str(caught.value.got)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("query", ["", "?scheme=http", "?scheme=http&endpoint_override=http://u:1"])
def test_K3_an_address_with_credentials_is_refused_and_not_shown(query: str) -> None:
    for uri in (f"s3://AKIA:{SECRET}@bucket/a.csv{query}", f"s3://{SECRET}@bucket/*.csv{query}"):
        for make in (Location, lambda uri: find_post_files([uri])):
            with pytest.raises(UsageError, match="may not hold credentials") as caught:
                make(uri)
            assert SECRET not in caught.value.message() + repr(caught.value)
            assert "AWS_ACCESS_KEY_ID" in str(caught.value.todo)


def test_what_an_address_is_made_of() -> None:
    assert address_of("s3://b/k/a?b.csv") == Address("b/k/a?b.csv", ())
    assert address_of("s3://b/*?x?region=r&scheme=http") == Address("b/*?x", (("region", "r"), ("scheme", "http")))
    assert address_of("s3://b/a%20 #.csv?endpoint_override=http://h:1").options == (
        ("endpoint_override", "http://h:1"),
    )
    with pytest.raises(UsageError, match="unknown option 'endpoint'") as caught:
        address_of("s3://b/a.csv?endpoint=h:1")
    assert "endpoint_override" in str(caught.value.expected)
    with pytest.raises(ReadError, match="no bucket"):
        find_post_files(["s3:///a.csv"])
