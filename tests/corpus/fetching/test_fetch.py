"""Fetching: the table and where it comes from appear together and whole, right ones are left alone, others are kept,
and whatever goes wrong leaves the folder as it was (I14, P2).
"""

from __future__ import annotations

import errno
import json
import resource
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from koudai.config.load import load_config, parse_config
from koudai.config.source import Source
from koudai.corpus.fetching.fetch import GITHUB, Fetched, addresses, fetch_corpus, provenance_of
from koudai.errors import FetchError, KoudaiError, ReadError, StorageError, UsageError
from koudai.storage.durable import sha256_file
from koudai.text.characters.contacts.masking import MASKER
from tests.conftest import ROOT
from tests.corpus.fetching import server as answers
from tests.corpus.fetching.server import Server, serving
from tests.corpus.fetching.toys import ORIGINALS, ROWS, TOY, place, stock

SOURCE = parse_config(Source, tomllib.loads(TOY), where="toy.toml")
LAST = list(ORIGINALS)[-1]
WHEN = "2026-01-02T03:04:05Z"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    with serving() as running:
        stock(running)
        yield running


def bring(server: Server, into: Path, source: Source = SOURCE, **settings: Any) -> Fetched:
    return fetch_corpus(source, into, fetched_at=WHEN, mirror=server.address, **{"timeout": 5.0, **settings})


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def test_a_corpus_is_brought_with_where_it_comes_from(server: Server, tmp_path: Path) -> None:
    done = bring(server, tmp_path / "new" / "data")
    assert done == Fetched(tmp_path / "new" / "data" / "toy.parquet", 3, brought=True)
    assert pq.read_table(done.path).to_pylist() == ROWS
    assert sorted(content(done.path.parent)) == ["toy.parquet", "toy.provenance.json"]
    assert server.asked == [place(path) for path in ORIGINALS]
    said = json.loads(provenance_of(done.path).read_text(encoding="utf-8"))
    assert said["sha256"] == sha256_file(done.path)
    assert said["originals"] == SOURCE.sha256
    assert said["addresses"] == addresses(SOURCE)
    assert (said["rows"], said["columns"], said["fetched_at"]) == (3, ["post_id", "text", "sort"], WHEN)
    assert (said["licence"], said["citation"]) == ("For play only", "Toys, 2026")


def test_addresses_are_those_of_github_with_every_name_quoted() -> None:
    home = f"{GITHUB}/some-one/toys/{'0123456789' * 4}/one"
    assert list(addresses(SOURCE).values()) == [f"{home}/first%20part.csv", f"{home}/%E2%80%9C%E6%9C%AB%E2%80%9D.csv"]


def test_what_is_here_and_right_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    bring(server, tmp_path)
    before, asked = content(tmp_path), list(server.asked)
    assert bring(server, tmp_path) == Fetched(tmp_path / "toy.parquet", 3, brought=False)
    assert (content(tmp_path), server.asked) == (before, asked)


@pytest.mark.parametrize("wrong", [b"mine", b""], ids=["another", "empty"])
def test_another_file_of_this_name_is_kept_and_never_overwritten(server: Server, tmp_path: Path, wrong: bytes) -> None:
    (tmp_path / "toy.parquet").write_bytes(wrong)
    assert bring(server, tmp_path).aside == tmp_path / "toy.kept-1.parquet"
    (tmp_path / "toy.parquet").write_bytes(b"mine again")
    assert bring(server, tmp_path).aside == tmp_path / "toy.kept-2.parquet"
    found = content(tmp_path)
    assert (found["toy.kept-1.parquet"], found["toy.kept-2.parquet"]) == (wrong, b"mine again")
    assert pq.read_table(tmp_path / "toy.parquet").to_pylist() == ROWS
    assert len(found) == 4


@pytest.mark.parametrize("said", [None, b"", b"{}", b"[" * 100_000, b'{"sha256": 1, "rows": "many"}'])
def test_the_right_table_with_a_lost_or_broken_provenance_gets_a_new_one(
    server: Server, tmp_path: Path, said: bytes | None
) -> None:
    bring(server, tmp_path)
    whole = content(tmp_path)
    provenance_of(tmp_path / "toy.parquet").unlink()
    if said is not None:
        provenance_of(tmp_path / "toy.parquet").write_bytes(said)
    assert bring(server, tmp_path) == Fetched(tmp_path / "toy.parquet", 3, brought=True)
    assert content(tmp_path) == whole


@pytest.mark.parametrize("older", [1, None])
def test_a_table_of_an_older_masker_is_fetched_anew(server: Server, tmp_path: Path, older: int | None) -> None:
    path = bring(server, tmp_path).path
    said = json.loads(provenance_of(path).read_text(encoding="utf-8"))
    assert said.pop("masker") == MASKER
    provenance_of(path).write_text(json.dumps(said if older is None else {**said, "masker": older}), encoding="utf-8")
    assert bring(server, tmp_path).brought
    assert json.loads(provenance_of(path).read_text(encoding="utf-8"))["masker"] == MASKER
    assert not bring(server, tmp_path).brought


def test_a_table_read_in_another_way_is_fetched_anew(server: Server, tmp_path: Path) -> None:
    bring(server, tmp_path)
    assert SOURCE.fetch is not None
    other = SOURCE.model_copy(update={"fetch": SOURCE.fetch.model_copy(update={"squeeze": {"text": 4}})})
    done = bring(server, tmp_path, other)
    assert (done.brought, done.aside) == (True, tmp_path / "toy.kept-1.parquet")
    assert pq.read_table(done.path).column("text").to_pylist()[0] == "今早的雾"


FAULTS = {
    "the last is missing": (answers.status(404), FetchError),
    "the last is tampered": (answers.good(ORIGINALS[LAST] + b"10,x,y,z\n"), FetchError),
    "the last is cut": (answers.claiming(ORIGINALS[LAST][:5], 100), FetchError),
    "the last stalls": (answers.slow(ORIGINALS[LAST]), FetchError),
}


@pytest.mark.parametrize("before", [{}, {"toy.parquet": b"mine", "other.txt": b"too"}], ids=["nothing", "something"])
@pytest.mark.parametrize("name", FAULTS)
def test_I14_P2_a_fault_leaves_the_folder_as_it_was(
    server: Server, tmp_path: Path, name: str, before: dict[str, bytes]
) -> None:
    server.answers[place(LAST)], error = FAULTS[name]
    for file, data in before.items():
        (tmp_path / file).write_bytes(data)
    with pytest.raises(error):
        bring(server, tmp_path, timeout=0.3)
    assert content(tmp_path) == before


def test_P2_a_table_that_is_not_the_one_known_is_not_written(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="another number of rows"):
        bring(server, tmp_path, SOURCE.model_copy(update={"rows": 4}))
    assert content(tmp_path) == {}


@pytest.mark.parametrize(
    "where", ["koudai.corpus.fetching.fetch._write", "shutil.copyfile", "koudai.corpus.fetching.fetch.download"]
)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_J2_P2_a_full_disk_or_an_interrupt_leaves_what_was_there(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, error: BaseException
) -> None:
    (tmp_path / "toy.parquet").write_bytes(b"mine")

    def fail(*arguments: object, **settings: object) -> None:
        raise error

    monkeypatch.setattr(where, fail)
    with pytest.raises((StorageError, KeyboardInterrupt)) as caught:
        bring(server, tmp_path)
    assert isinstance(caught.value, StorageError) == isinstance(error, OSError)
    assert content(tmp_path) == {"toy.parquet": b"mine"}


def test_a_folder_that_cannot_be_written_is_an_error_before_anything_is_asked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        bring(server, tmp_path / "file" / "data")
    assert (caught.value.exit_code, server.asked) == (5, [])
    assert content(tmp_path) == {"file": b""}


@pytest.mark.slow
def test_J2_a_real_limit_on_file_sizes_is_a_storage_error(server: Server, tmp_path: Path) -> None:
    (tmp_path / "configs" / "corpora").mkdir(parents=True)
    (tmp_path / "configs" / "corpora" / "toy.toml").write_text(TOY, encoding="utf-8")
    command = [sys.executable, "-m", "koudai", "fetch", "toy", "--accept-licence", "--mirror", server.address]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40)),
    )
    assert (done.returncode, "StorageError: the disk refused: File too large" in done.stderr) == (5, True)
    assert content(tmp_path / "data") == {}


@pytest.mark.parametrize("name", ["chnci", "seed"])
def test_what_cannot_be_fetched_says_why(tmp_path: Path, name: str) -> None:
    source = load_config(Source, ROOT / "configs" / "corpora" / f"{name}.toml")
    with pytest.raises(UsageError, match="cannot be fetched") as caught:
        fetch_corpus(source, tmp_path, fetched_at=WHEN)
    assert caught.value.got == source.not_fetched
    assert content(tmp_path) == {}


def test_every_error_is_one_that_koudai_foresees() -> None:
    assert issubclass(FetchError, KoudaiError)
    assert FetchError("x").exit_code == 3
