"""A bucket as the folder of a job, against a real server: what is put there is put on a condition; every failure is an
`OSError` that says what the store said; what is no address of one is refused by name.
"""

from __future__ import annotations

import pickle
import uuid
from pathlib import Path
from typing import Any

import pytest

from koudai.errors import StorageError, UsageError
from koudai.storage import bucket
from koudai.storage.address import address_of
from koudai.storage.bucket import StorePath, job_path, require_on_disk
from koudai.storage.durable import folder_names, read_bytes, sha256_bytes, sha256_file, write_bytes, write_with
from koudai.storage.signed import create_signed, read_signed
from tests.corpus.reading.objects import Objects


@pytest.fixture
def folder(objects: Objects) -> StorePath:
    return StorePath(address_of(objects.uri(f"jobs/{uuid.uuid4().hex}")))


class Meddling:
    """The client of a store in which another writes just before each of the first puts."""

    def __init__(self, client: Any, contents: list[bytes | None]) -> None:
        self._client, self._contents = client, contents

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **named: Any) -> Any:
        if self._contents:
            where = {name: named[name] for name in ("Bucket", "Key")}
            content = self._contents.pop(0)
            if content is None:
                self._client.delete_object(**where)
            else:
                self._client.put_object(**where, Body=content)
        return self._client.put_object(**named)


def test_a_sha256_is_that_of_the_bytes_whether_the_store_keeps_it_or_not(
    folder: StorePath, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = folder / "kept", folder / "other"
    for content in (b"old", b"", b"new" * 9):
        kept.put(content)
        with monkeypatch.context() as patch:
            patch.delattr(StorePath, "_read")
            assert kept.sha256() == sha256_bytes(content)
    objects.put(other.address.path.partition("/")[2], b"by another client")
    assert other.sha256() == sha256_bytes(b"by another client")
    kept.upload(Path(__file__))
    assert kept.sha256() == sha256_bytes(Path(__file__).read_bytes())
    with pytest.raises(FileNotFoundError):
        (folder / "none").sha256()


def test_what_is_written_comes_back_whole(folder: StorePath) -> None:
    assert folder_names(folder) == []
    assert not (folder / "a.json").exists()
    with pytest.raises(FileNotFoundError):
        read_bytes(folder / "a.json")
    for content in (b"old", b"new", b"new", b""):
        write_bytes(folder / "a.json", content)
        assert read_bytes(folder / "a.json") == content
    write_bytes(folder / "shards" / "1.parquet", memoryview(b"x" * 70_000))
    assert sha256_file(folder / "shards" / "1.parquet") == sha256_bytes(b"x" * 70_000)
    write_with(folder / "b.csv", lambda path: path.write_bytes(b"row"))
    assert (folder / "b.csv").read() == b"row"
    assert folder_names(folder) == ["a.json", "b.csv", "shards"]
    assert create_signed(folder / "job.json", {"first": 1})
    assert not create_signed(folder / "job.json", {"second": 2})
    assert read_signed(folder / "job.json") == {"first": 1}
    with pytest.raises(FileExistsError):
        (folder / "job.json").create(b"again")
    (folder / "job.json").require_exclusive()
    assert pickle.loads(pickle.dumps(folder)) == folder == job_path(f"{folder}")


def test_who_writes_at_the_same_time_is_not_undone_unseen(folder: StorePath, monkeypatch: pytest.MonkeyPatch) -> None:
    real = bucket._client_of
    others: list[bytes | None] = []
    monkeypatch.setattr(bucket, "_client_of", lambda options: Meddling(real(options), others))
    path = folder / "receipt.json"
    others += [b"theirs", b"theirs again", None]
    path.put(b"ours")
    assert (path.read(), others) == (b"ours", [])
    others += [b"ours"]
    path.put(b"ours")
    assert path.read() == b"ours"
    others += [b"%d" % n for n in range(20)]
    with pytest.raises(StorageError, match="others keep writing this object"):
        write_bytes(path, b"ours")


def test_a_store_that_takes_no_notice_of_conditions_is_refused(
    folder: StorePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bucket._client_of

    class Careless(Meddling):
        def put_object(self, **named: Any) -> Any:
            return self._client.put_object(
                **{name: value for name, value in named.items() if not name.startswith("If")}
            )

    write_bytes(folder / "job.json", b"{}")
    monkeypatch.setattr(bucket, "_client_of", lambda options: Careless(real(options), []))
    with pytest.raises(StorageError, match="does not support what a job relies on") as caught:
        (folder / "job.json").require_exclusive()
    assert "If-None-Match" in str(caught.value.expected)


def test_a_bucket_that_is_not_there_and_a_store_that_refuses_are_told(
    objects: Objects, folder: StorePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = StorePath(address_of(f"s3://nowhere-at-all/job{objects.query}"))
    with pytest.raises(OSError, match="NoSuchBucket"):
        folder_names(nowhere)
    with pytest.raises(StorageError, match="the store refused: NoSuchBucket") as caught:
        write_bytes(nowhere / "a", b"")
    assert "endpoint, region and credentials" in str(caught.value.todo)
    from botocore.exceptions import ClientError, EndpointConnectionError

    for error, kind, said in (
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject"),
            PermissionError,
            "AccessDenied",
        ),
        (ClientError({"Error": {"Code": "SlowDown", "Message": "please"}}, "PutObject"), OSError, "SlowDown: please"),
        (EndpointConnectionError(endpoint_url="http://h:1"), OSError, "Could not connect"),
    ):

        class Refusing(Meddling):
            def __getattr__(self, name: str, error: Exception = error) -> Any:
                raise error

            put_object = property(lambda self, error=error: self.__getattr__("", error))

        monkeypatch.setattr(bucket, "_client_of", lambda options, kind=Refusing: kind(None, []))
        for act in (folder.read, folder.exists, folder.names, lambda: folder.put(b""), lambda: folder.create(b"")):
            with pytest.raises(kind, match=said):
                act()


def test_endpoint_and_region_of_this_process_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "r-1")
    found = job_path("s3://bucket/out/?region=r-2").resolve()
    assert str(found / "job.json") == "s3://bucket/out/job.json?endpoint_override=http://127.0.0.1:9&region=r-2"


@pytest.mark.parametrize("given", ["gs://b/out", "hdfs://h/out", "s3:/b/out", Path("s3://b/out"), "abfs+x://c/out"])
def test_an_address_is_never_taken_for_a_folder(given: object) -> None:
    for take in (job_path, require_on_disk):
        with pytest.raises(UsageError, match="`out` is no address") as caught:
            take(given)
        assert caught.value.happened == "nothing was read or written"


def test_what_a_job_cannot_be_written_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="a job needs a name in its bucket"):
        job_path("s3://bucket/")
    with pytest.raises(UsageError, match="may not hold credentials"):
        job_path("s3://key:word@bucket/out")
    with pytest.raises(UsageError, match="`scores` is no address"):
        require_on_disk("s3://b/scores", "scores")
    assert require_on_disk("C:/out").name == job_path("out").name == "out"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="not installed") as caught:
        job_path("s3://bucket/out")
    assert "koudai[s3]" in str(caught.value.todo)
