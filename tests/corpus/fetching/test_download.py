"""Downloads (I14): what has the pinned hash comes, whatever way it took; anything else is an error that says why, and
leaves the folder as it was. Against a real server on this machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from koudai.corpus.fetching.download import download, refuse_downgrade
from koudai.errors import FetchError, LimitExceeded
from koudai.limits import Limit
from tests.corpus.fetching import server as answers
from tests.corpus.fetching.server import Answer, Server, serving

CONTENT = "post_id,text\n1,早\n".encode() * 500
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    with serving() as running:
        yield running


def bring(server: Server, folder: Path, answer: Answer, *, timeout: float = 5.0) -> bytes:
    server.answers["/a.csv"] = answer
    return download(f"{server.address}/a.csv", sha256=SHA256, folder=folder, timeout=timeout)


@pytest.mark.parametrize("answer", [answers.good(CONTENT), answers.zipped(CONTENT)], ids=["plain", "packed"])
def test_what_has_the_hash_comes_and_nothing_else_is_left(server: Server, tmp_path: Path, answer: Answer) -> None:
    assert bring(server, tmp_path, answer) == CONTENT
    assert server.asked == ["/a.csv"]
    assert list(tmp_path.iterdir()) == []


BAD = {
    "tampered": (answers.good(CONTENT[:-2] + b"1\n"), "sha256 ", "not the one that is pinned"),
    "empty": (answers.good(b""), "0 bytes", "not the one that is pinned"),
    "longer": (answers.good(CONTENT + b"x"), f"{len(CONTENT) + 1:,} bytes", "not the one that is pinned"),
    "cut by a length that lies": (answers.claiming(CONTENT, 100), "100 bytes", "not the one that is pinned"),
    "cut on the way": (answers.claiming(CONTENT[:50], len(CONTENT)), "the answer was cut short", "be brought"),
    "not there": (answers.status(404), "status 404", "could not be brought"),
    "forbidden": (answers.status(403), "status 403", "could not be brought"),
    "broken": (answers.status(503), "status 503", "could not be brought"),
    "hangs up": (answers.hanging_up, "no connection", "could not be brought"),
    "to a file": (answers.elsewhere("file:///etc/hostname"), "InvalidSchema", "could not be brought"),
    "to nowhere": (answers.elsewhere("http://127.0.0.1:9/a.csv"), "no connection", "could not be brought"),
    "round and round": (answers.elsewhere("/a.csv"), "TooManyRedirects", "could not be brought"),
}


@pytest.mark.parametrize("name", BAD)
def test_I14_a_bad_answer_is_an_error_that_says_why_and_leaves_nothing(
    server: Server, tmp_path: Path, name: str
) -> None:
    answer, got, what = BAD[name]
    with pytest.raises(FetchError, match=what) as caught:
        bring(server, tmp_path, answer)
    assert got in str(caught.value.got)
    assert (caught.value.where, caught.value.exit_code) == (f"{server.address}/a.csv", 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", [answers.slow(CONTENT), answers.silent], ids=["stops", "never begins"])
def test_I14_a_silent_server_is_given_up(server: Server, tmp_path: Path, answer: Answer) -> None:
    with pytest.raises(FetchError) as caught:
        bring(server, tmp_path, answer, timeout=0.2)
    assert caught.value.got == "no answer within 0.2 seconds"
    assert list(tmp_path.iterdir()) == []


def test_I14_wherever_a_redirection_leads_the_hash_decides(server: Server, tmp_path: Path) -> None:
    other = server.address.replace("127.0.0.1", "localhost")
    server.answers["/b.csv"] = answers.good(CONTENT)
    for target in ("/b.csv", f"{server.address}/b.csv", f"{other}/b.csv"):
        assert bring(server, tmp_path, answers.elsewhere(target)) == CONTENT
    server.answers["/b.csv"] = answers.good(b"something else")
    with pytest.raises(FetchError, match="not the one that is pinned"):
        bring(server, tmp_path, answers.elsewhere(f"{other}/b.csv"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", [answers.endless, answers.zipped(bytes(5 << 20))], ids=["endless", "packed bomb"])
def test_P5_I12_more_than_any_original_is_stopped(
    server: Server, tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koudai.corpus.fetching.download.ORIGINAL_BYTES", Limit(1 << 20, "bytes", "stopped"))
    with pytest.raises(LimitExceeded, match="larger than any"):
        bring(server, tmp_path, answer)
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(FetchError) as caught:
        download("http://koudai.invalid/a.csv", sha256=SHA256, folder=tmp_path, timeout=2.0)
    assert caught.value.got == "no connection"


def test_K3_a_password_in_the_address_is_in_no_message(server: Server, tmp_path: Path) -> None:
    address = server.address.replace("://", "://me:secret@")
    for answer in (answers.status(404), answers.good(b"x")):
        server.answers["/a.csv"] = answer
        with pytest.raises(FetchError) as caught:
            download(f"{address}/a.csv", sha256=SHA256, folder=tmp_path, timeout=2.0)
        assert caught.value.where == f"{server.address.replace('://', '://***@')}/a.csv"
        assert "secret" not in str(caught.value)


def answer_from(url: str, location: str | None, status: int = 302) -> requests.Response:
    made = requests.Response()
    made.url, made.status_code = url, status
    if location is not None:
        made.headers["location"] = location
    return made


@pytest.mark.parametrize("target", ["http://example.org/a.csv", "ftp://example.org/a.csv", "file:///a.csv"])
def test_I14_a_redirection_from_https_to_anything_else_is_refused(target: str) -> None:
    with pytest.raises(FetchError, match="without encryption") as caught:
        refuse_downgrade(answer_from("https://example.org/a.csv", target))
    assert (caught.value.expected, caught.value.got) == ("https", target)


@pytest.mark.parametrize(
    ("url", "location", "status"),
    [
        ("https://example.org/a", "https://other.example.org/a", 302),
        ("https://example.org/a", "/b", 301),
        ("https://example.org/a", "//other.example.org/b", 307),
        ("http://example.org/a", "http://example.org/b", 302),
        ("http://example.org/a", "https://example.org/a", 308),
        ("https://example.org/a", None, 200),
        ("https://example.org/a", "http://example.org/b", 200),
    ],
)
def test_other_answers_are_followed(url: str, location: str | None, status: int) -> None:
    refuse_downgrade(answer_from(url, location, status))
