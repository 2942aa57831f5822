"""The verbs about corpora: what is listed is what the files say; nothing is fetched before the terms are accepted."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_bad_input import koudai
from tests.corpus.fetching.server import Server, serving
from tests.corpus.fetching.toys import TOY, stock

pytestmark = pytest.mark.slow  # under one Python will do

TERMS = ["licence:  For play only", "citation: Toys, 2026", "from:     some-one/toys at", "(2 files)"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server with the toy corpus, and a working folder whose configs name it."""
    (tmp_path / "configs" / "corpora").mkdir(parents=True)
    (tmp_path / "configs" / "corpora" / "toy.toml").write_text(TOY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("KOUDAI_DATA", raising=False)
    with serving() as running:
        stock(running)
        yield running


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def files() -> list[str]:
    return sorted(path.name for path in Path("data").iterdir()) if Path("data").exists() else []


def test_the_list_says_what_each_corpus_can_stand_for(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "corpora")
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert {"cold", "seed", "toy", "weibo21"} <= set(lines)
    assert "9,592" in lines["weibo21"]
    assert "rumour (direct)" in lines["weibo21"]
    assert "no category" in lines["cold"]
    assert "every category (written)" in lines["seed"]
    assert "For play only" in lines["toy"]


def test_the_list_as_json_is_whole(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "toy.parquet").write_bytes(b"")
    code, out, _ = koudai(capsys, "corpora", "--data", "mine", "--json")
    assert code == 0
    found = {one["name"]: one for one in json.loads(out)}
    assert found["toy"]["here"] == str(tmp_path / "mine" / "toy.parquet")
    assert (found["cold"]["here"], found["cold"]["fetch"]) == (None, True)
    assert found["weibo21"]["stands_for"] == {"rumour": {"direct": [1, 0]}}
    assert found["chnci"]["fetch"] is False
    assert "no hash of an original is known" in found["chnci"]["not_fetched"]
    assert found["seed"]["here"].endswith("posts.jsonl")


def test_where_a_corpus_is_here_follows_data_the_environment_and_the_folder(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("data", "environment", "given"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "toy.parquet").write_bytes(b"")

    def here(*arguments: str) -> str:
        _, out, _ = koudai(capsys, "corpora", "--json", *arguments)
        return next(Path(one["here"]).parent.name for one in json.loads(out) if one["name"] == "toy")

    assert here() == "data"
    monkeypatch.setenv("KOUDAI_DATA", str(tmp_path / "environment"))
    assert here() == "environment"
    assert here("--data", "given") == "given"


def test_fetch_shows_the_terms_and_brings_the_corpus(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "fetch", "toy", "--accept-licence", "--mirror", server.address)
    assert code == 0
    assert all(term in out for term in TERMS)
    assert "toy: 3 rows in data/toy.parquet, written" in out
    assert files() == ["toy.parquet", "toy.provenance.json"]
    _, out, _ = koudai(capsys, "fetch", "toy", "--accept-licence", "--mirror", server.address + "/")
    assert "already here and right, nothing was fetched" in out
    assert len(server.asked) == 2


def test_fetch_says_under_which_name_another_file_is_kept(
    server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "toy.parquet").write_bytes(b"mine")
    arguments = ("fetch", "toy", "--into", "there", "--accept-licence", "--mirror", server.address)
    code, out, _ = koudai(capsys, *arguments)
    assert (code, "kept as there/toy.kept-1.parquet" in out) == (0, True)
    assert (tmp_path / "there" / "toy.kept-1.parquet").read_bytes() == b"mine"


def test_without_a_terminal_nothing_is_accepted(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = koudai(capsys, "fetch", "toy", "--mirror", server.address)
    assert code == 2
    assert all(term in out for term in TERMS)
    assert "--accept-licence" in err
    assert (server.asked, files()) == ([], [])


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2), ("", 130)])
def test_at_a_terminal_the_terms_are_asked_for(
    server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    found, out, _ = koudai(capsys, "fetch", "toy", "--mirror", server.address)
    assert found == code
    assert "Accept these terms and fetch? [y/N]" in out
    assert (len(server.asked), files() != []) == ((2, True) if code == 0 else (0, False))


@pytest.mark.parametrize(
    ("names", "code", "says"),
    [
        (["toy", "tyo"], 2, "did you mean 'toy'?"),
        (["toy", "chnci"], 2, "no hash of an original is known"),
        (["toy", "../toy"], 2, "no corpora file called"),
        (["toy", "--mirror", "ftp://example.org"], 2, "--mirror wants an address"),
        ([], 2, "Missing argument"),
    ],
)
def test_a_wrong_name_is_refused_before_anything_is_fetched(
    server: Server, capsys: pytest.CaptureFixture[str], names: list[str], code: int, says: str
) -> None:
    options = [] if "--mirror" in names else ["--mirror", server.address]
    found, _, err = koudai(capsys, "fetch", *names, "--accept-licence", *options)
    assert (found, says in err) == (code, True), err
    assert (server.asked, files()) == ([], [])


def test_a_server_that_has_it_not_is_an_error_with_exit_code_3(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers.clear()
    code, _, err = koudai(capsys, "fetch", "toy", "--accept-licence", "--mirror", server.address)
    assert (code, "FetchError" in err, "status 404" in err, files()) == (3, True, True, [])


def test_datasheets_are_printed_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "corpora", "weibo21", "cold")
    assert code == 0
    assert out.count("# Datasheet: ") == 2
    assert "## What its labels say" in out
    code, out, _ = koudai(capsys, "corpora", "weibo21", "--json")
    assert [one["name"] for one in json.loads(out)] == ["weibo21"]
    code, _, err = koudai(capsys, "corpora", "weibo12")
    assert code == 2
    assert "weibo21" in err
