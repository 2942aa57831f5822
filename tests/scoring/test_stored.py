"""Jobs in a bucket: the bytes of one on a disk, whatever stops it, whoever writes there too, and whatever is lost."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from koudai import api
from koudai.errors import JobUnfinished, OutputExists, PlanMismatch, ShardDamaged, StorageError
from koudai.model.model import Model
from koudai.scoring.engines.local import local
from koudai.scoring.job import run
from koudai.scoring.plan import Plan
from koudai.storage import bucket
from koudai.storage.address import address_of
from koudai.storage.bucket import StorePath
from tests.corpus.reading.objects import Objects
from tests.faults.jobs import Job
from tests.scoring.posts import contents, plan_for, stored, write_posts

Strike = Callable[[int, Callable[[], Any]], Any]


class Killed(BaseException):
    """The process ends."""


class Struck:
    """The client of a store, whose every put goes through a callback: its number, and the put."""

    def __init__(self, client: Any, strike: Strike) -> None:
        self._client, self._strike = client, strike
        self._numbers, self._lock = itertools.count(), threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **named: Any) -> Any:
        with self._lock:
            number = next(self._numbers)
        return self._strike(number, lambda: self._client.put_object(**named))


@pytest.fixture
def striking(monkeypatch: pytest.MonkeyPatch) -> Callable[[Strike], None]:
    """Let puts go through a callback, counted anew, until the next call or the end of the test."""
    real = bucket._client_of

    def strike(what: Strike) -> None:
        one: list[Struck] = []

        def client(options: Any) -> Struck:
            one.extend([] if one else [Struck(real(options), what)])
            return one[0]

        monkeypatch.setattr(bucket, "_client_of", client)

    return strike


@pytest.fixture
def out(objects: Objects) -> StorePath:
    return StorePath(address_of(objects.uri(f"jobs/{uuid.uuid4().hex}")))


@pytest.fixture
def job(model: Model, tmp_path: Path) -> Job:
    return Job.small(model, tmp_path)


@pytest.fixture
def alone(job: Job, tmp_path: Path) -> dict[str, bytes]:
    """What the job leaves on a disk."""
    job.do(tmp_path / "alone")
    return contents(tmp_path / "alone")


def other_plan(model: Model, tmp_path: Path) -> Plan:
    return plan_for(model, write_posts(tmp_path / "other.parquet", 20, seed=9), size=8)


@pytest.mark.slow
def test_it_holds_the_bytes_of_one_on_a_disk_and_is_resumed_and_exported(
    bundle: Path, tmp_path: Path, objects: Objects, out: StorePath
) -> None:
    posts = write_posts(tmp_path / "posts.parquet", 60)
    settings = api.ScoreSettings(shard_size=25, form="csv")
    wanted = api.score(bundle, posts, out=tmp_path / "job", settings=settings)
    for _ in range(2):
        assert api.score(bundle, posts, out=str(out), settings=settings) == wanted
        assert stored(out) == contents(tmp_path / "job")
    assert api.verify(str(out)) == wanted
    elsewhere = out / "posts.parquet"
    elsewhere.put(posts.read_bytes())
    assert api.score(bundle, str(elsewhere), out=f"{out / 'again'}", settings=settings) == wanted
    with pytest.raises(OutputExists, match="something that is not a job"):
        api.score(bundle, posts, out=objects.uri("jobs"), settings=settings)


@pytest.mark.slow
def test_killed_before_and_after_every_put_it_ends_in_the_bytes_of_one_left_alone(
    job: Job, out: StorePath, alone: dict[str, bytes], striking: Callable[[Strike], None]
) -> None:
    kills = 0

    def kill(number: int, put: Callable[[], Any]) -> Any:
        """Let one new object be written, and the process end before the next, or after it."""
        if (number >= 2) if kills % 2 else (number >= 1):
            if kills % 2:
                put()
            raise Killed
        return put()

    while True:
        striking(kill)
        try:
            totals = job.do(out)
            break
        except Killed:
            kills += 1
            assert stored(out).items() <= alone.items()
    assert kills >= 9
    assert stored(out) == alone
    assert totals.read == job.rows


@pytest.mark.slow
def test_a_put_whose_answer_is_lost_is_none_that_failed(
    job: Job, out: StorePath, alone: dict[str, bytes], striking: Callable[[Strike], None]
) -> None:
    """The client tries again, and finds what it wrote itself."""

    def twice(number: int, put: Callable[[], Any]) -> Any:
        put()
        return put()

    striking(twice)
    job.do(out)
    assert stored(out) == alone


@pytest.mark.slow
def test_what_is_lost_or_overwritten_is_named_and_made_anew(
    job: Job, out: StorePath, alone: dict[str, bytes], bundle: Path
) -> None:
    job.do(out)
    with pytest.MonkeyPatch.context() as patch:
        read, seen = StorePath.read, []
        patch.setattr(StorePath, "read", lambda self: (seen.append(str(self)), read(self))[1])
        job.do(out)
    assert not [one for one in seen if "/shards/" in one or "/quarantine/" in one]
    (out / "shards" / "000001.parquet").put(b"of somebody else")
    assert job.do(out).read == job.rows
    assert stored(out) == alone
    (out / "shards" / "000001.parquet").put(b"of somebody else")
    with pytest.raises(ShardDamaged) as caught:
        api.verify(str(out))
    assert caught.value.got == "000001.parquet"
    assert f"api.verify('{out}', repair=True)" in str(caught.value.todo)
    for name in ("receipts/000000.json", "places.bin", "DONE.json", "quarantine/000002.jsonl"):
        assert name in alone
        (out / name).put(b"{}")
    assert api.verify(str(out), repair=True, model=bundle).read == job.rows
    assert stored(out) == alone


def test_the_first_plan_of_two_on_one_prefix_is_the_jobs(
    job: Job, model: Model, tmp_path: Path, out: StorePath, striking: Callable[[Strike], None]
) -> None:
    plan = other_plan(model, tmp_path)

    def meanwhile(number: int, put: Callable[[], Any]) -> Any:
        """Another process begins its job just before this one writes its plan."""
        if number == 0:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(bucket, "_client_of", real)
                run(plan, model, out, engine=local(1))
        return put()

    real = bucket._client_of
    striking(meanwhile)
    with pytest.raises(PlanMismatch, match="holds a job with another plan") as caught:
        job.do(out)
    assert caught.value.happened == "its shards were not touched"
    run(plan, model, tmp_path / "theirs", engine=local(1))
    assert stored(out) == contents(tmp_path / "theirs")


@pytest.mark.slow
def test_several_processes_that_run_one_plan_leave_what_one_leaves(
    job: Job, out: StorePath, alone: dict[str, bytes]
) -> None:
    with ThreadPoolExecutor(3) as pool:
        totals = list(pool.map(lambda _: job.do(out), range(3)))
    assert totals[0] == totals[1] == totals[2]
    assert stored(out) == alone


def test_a_bucket_that_may_only_be_read_or_vanishes_is_told(
    job: Job, objects: Objects, out: StorePath, striking: Callable[[Strike], None]
) -> None:
    from botocore.exceptions import ClientError

    def denied(number: int, put: Callable[[], Any]) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "PutObject")

    striking(denied)
    with pytest.raises(StorageError, match="the store refused: AccessDenied") as caught:
        job.do(out)
    assert caught.value.happened == "nothing was written"
    assert stored(out) == {}

    objects.client.create_dir("vanishing-job")
    gone = StorePath(address_of(f"s3://vanishing-job/job{objects.query}"))

    def vanish(number: int, put: Callable[[], Any]) -> Any:
        if number == 6:
            objects.client.delete_dir("vanishing-job")
        return put()

    striking(vanish)
    with pytest.raises(StorageError, match="the store refused: NoSuchBucket") as caught:
        job.do(gone)
    assert str(caught.value.happened).startswith("1 of 4 shards are safe in s3://vanishing-job/job")
    assert "see to the bucket" in str(caught.value.todo)
    for act in (lambda: api.verify(str(gone)), lambda: job.do(gone)):
        with pytest.raises(StorageError, match="NoSuchBucket|not the folder of a job"):
            act()


def test_what_a_store_does_not_answer_is_not_missing(job: Job, out: StorePath, monkeypatch: pytest.MonkeyPatch) -> None:
    job.do(out)
    real = StorePath.read

    def read(self: StorePath) -> bytes:
        if "receipts" in str(self):
            raise OSError(5, "SlowDown: please")
        return real(self)

    with monkeypatch.context() as patch:
        patch.setattr(StorePath, "read", read)
        with pytest.raises(StorageError, match="SlowDown") as caught:
            api.verify(str(out))
    assert not isinstance(caught.value, JobUnfinished)
