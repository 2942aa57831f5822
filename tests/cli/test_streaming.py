"""Scoring through real pipes: promptly, in order, all of it, and quietly when somebody stops listening."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from koudai.scoring.formats import lines
from koudai.text.characters.hazards import guarded
from tests import forked
from tests.cli.test_bad_input import koudai, write_csv
from tests.hostile.strings import HOSTILE_STRINGS, encodable

pytestmark = pytest.mark.slow  # each starts a process

KOUDAI = ["-m", "koudai"]


def row(number: int, text: str = "各位观众晚上好，欢迎收看主播播报的新闻。") -> bytes:
    return json.dumps({"post_id": str(number), "text": text}).encode() + b"\n"


def score(bundle: Path, *arguments: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    done = forked.run([*KOUDAI, "score", bundle, *arguments], input=data, capture_output=True, timeout=300)
    assert b"Traceback" not in done.stderr
    return done


def rows_of(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def started(bundle: Path, *arguments: str) -> subprocess.Popen[bytes]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return forked.Popen([*KOUDAI, "score", bundle, *arguments], bufsize=0, **pipes)


def test_pipe_in_pipe_out_equals_the_shards_of_a_job(tmp_path: Path, bundle: Path) -> None:
    posts = [{"post_id": str(at), "text": text} for at, (_, text) in enumerate(HOSTILE_STRINGS)]
    data = "\n".join([*map(json.dumps, posts), "{broken"]).encode()
    (tmp_path / "a.jsonl").write_bytes(data)
    job = tmp_path / "job"
    done = score(bundle, tmp_path / "a.jsonl", "--out", job, "--evidence", 3, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    expected = lines(pq.read_table(job / "shards" / "000000.parquet"), "jsonl")
    assert (job / "scores.jsonl").read_bytes() == expected
    streamed = score(bundle, "-", "--evidence", 3, data=data)
    assert streamed.returncode == 0
    assert streamed.stdout == expected
    told = streamed.stderr.decode().splitlines()
    assert json.loads(told[0])["quarantined"]["where"] == f"stdin:{len(posts) + 1}"
    assert told[-1] in done.stdout.decode()
    assert told[-1].endswith("quarantined 1 (bad-json 1)")
    assert any(row["evidence"] for row in rows_of(streamed))


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_ten_posts_do_not_wait_for_libraries_that_scoring_does_not_need(bundle: Path, form: str) -> None:
    code = (
        "import sys; from koudai.cli import main; sys.argv[0] = 'koudai'\n"
        "try: main()\n"
        "finally: assert not {'pandas', 'sklearn', 'mlflow', 'jieba'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", code, "score", str(bundle), "-", "--format", form, "--evidence", "2"]
    done = subprocess.run(command, input=b"".join(map(row, range(10))), capture_output=True, check=False, timeout=300)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 10 + (form == "csv")), done.stderr


def test_R4_csv_of_hostile_ids_is_read_back_by_its_own_reader(bundle: Path) -> None:
    posts = [{"post_id": text, "text": text} for _, text in encodable() if text.strip() and len(text) <= 512]
    done = score(bundle, "-", "--format", "csv", data="\n".join(map(json.dumps, posts)).encode())
    assert done.stdout.startswith(codecs.BOM_UTF8)
    header, *rows = csv.reader(io.StringIO(done.stdout.decode("utf-8-sig"), newline=""))
    assert (header[0], header[-1]) == ("post_id", "guarded")
    assert [one[0] for one in rows] == [guarded(post["post_id"]) for post in posts]
    assert [one[-1] for one in rows] == [str(guarded(post["post_id"]) != post["post_id"]).lower() for post in posts]


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_standard_input_may_be_csv_or_tsv_with_other_columns(bundle: Path, kind: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="," if kind == "csv" else "\t")
    writer.writerows([["编号", "内容"], ["007", '他说"停水",\t后来\n没停'], ["8", "@小区"]])
    given = ("--input-format", kind, "--quoting", "csv", "--id-column", "编号", "--text-column", "内容")
    done = score(bundle, "-", *given, data=out.getvalue().encode())
    assert [one["post_id"] for one in rows_of(done)] == ["007", "8"]


def test_a_file_without_out_streams(tmp_path: Path, bundle: Path) -> None:
    done = score(bundle, write_csv(tmp_path / "a.csv"), write_csv(tmp_path / "b.csv"))
    assert [one["post_id"] for one in rows_of(done)] == ["p1", "p2", "p3"] * 2
    assert done.stderr.decode().splitlines()[-1].startswith("read 6 = ")
    assert sorted(tmp_path.iterdir()) == sorted(tmp_path.glob("[ab].csv"))


def test_a_line_that_arrives_alone_is_answered_at_once(bundle: Path) -> None:
    child = started(bundle, "-")
    assert child.stdin is not None
    assert child.stdout is not None
    watch = threading.Timer(300, child.kill)
    watch.start()
    for number in range(3):
        child.stdin.write(row(number))
        assert json.loads(child.stdout.readline())["post_id"] == str(number), "answered before the pipe was closed"
    _, said = child.communicate()
    watch.cancel()
    assert child.returncode == 0
    assert said.decode().splitlines()[-1].startswith("read 3 = ")


def test_a_reader_who_has_seen_enough_ends_it_quietly(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"".join(map(row, range(20_000))))
    command = f"koudai score {bundle} - --quarantine {tmp_path / 'q'} < {tmp_path / 'a.jsonl'}"
    script = f"set -o pipefail; {command} | head -n 3"
    done = forked.shell(script, program="bash", capture_output=True, check=False, timeout=300)
    assert done.returncode == 0
    assert done.stderr == b""
    assert [one["post_id"] for one in rows_of(done)] == ["0", "1", "2"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_J12_a_signal_ends_it_with_130_and_no_traceback(bundle: Path, how: signal.Signals) -> None:
    child = started(bundle, "-")
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(row(1))
    assert child.stdout.readline()
    code = None
    for _ in range(12):  # one that comes just before a read begins is seen when the read ends: people ask again
        child.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = child.wait(5)
            break
    assert code == 130
    assert child.stderr is not None
    assert b"Traceback" not in child.stderr.read()
    for end in (child.stdin, child.stdout, child.stderr):
        end.close()


def test_quarantined_rows_go_to_a_file_if_asked(tmp_path: Path, bundle: Path) -> None:
    given = ("--quarantine", tmp_path / "q.jsonl")
    done = score(bundle, "-", *given, "--quarantined", 0.5, data=row(1) + b"{x\n" + row(2) + b"[]\n")
    assert done.returncode == 0
    aside = [json.loads(line) for line in (tmp_path / "q.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]
    assert [one["where"] for one in aside] == ["stdin:2", "stdin:4"]
    assert b'quarantined"' not in done.stderr
    assert done.stderr.decode().splitlines()[-1].endswith("quarantined 2 (bad-json 2)")
    done = score(bundle, "-", *given, data=row(1) + b"{x\n" + row(2) + b"[]\n")
    assert done.returncode == 3
    assert done.stdout.count(b"\n") == 2
    assert b"2 of 4 rows were quarantined" in done.stderr


def test_counts_may_come_as_json(bundle: Path) -> None:
    done = score(bundle, "-", "--json", data=row(1))
    told = json.loads(done.stderr.decode().splitlines()[-1])
    assert (told["event"], told["read"], told["quarantined"]) == ("done", 1, 0)


def test_I1_bytes_of_another_encoding_end_it_with_3_after_the_rows_before(bundle: Path) -> None:
    done = score(bundle, "-", data=row(1) + "坏".encode("gb18030"))
    assert done.returncode == 3
    assert [one["post_id"] for one in rows_of(done)] == ["1"]
    assert b"the 1 rows before it were scored or quarantined" in done.stderr


def test_J2_a_full_disk_behind_standard_output_is_named(bundle: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("wb") as full:
        given = {"input": row(1), "stdout": full, "stderr": subprocess.PIPE}
        done = forked.run([*KOUDAI, "score", bundle, "-"], **given, timeout=300)
    assert done.returncode == 5
    assert b"standard output cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-", "--out", "job"], "cannot be scored into a job"),
        (["-", "a.csv"], "together with files"),
        (["-", "--duplicates", "first"], "--duplicates needs --out"),
        (["a.csv", "--out", "job", "--quarantine", "q"], "--quarantine goes without --out"),
        (["a.csv", "--engine", "dask"], "--engine needs --out"),
        (["a.csv", "--out", "job", "--scheduler", "tcp://h:1"], "--scheduler goes with --engine dask"),
        (["a.csv", "--out", "job", "--engine", "dask", "--master", "local"], "--master goes with --engine spark"),
        (["-", "--format", "xlsx"], "--format does not take this"),
        (["-", "--input-format", "parquet"], "--input-format does not take this"),
        (["-", "--evidence", "101"], "out of range"),
    ],
)
def test_what_would_not_be_heeded_is_refused(
    capsys: pytest.CaptureFixture[str], bundle: Path, arguments: list[str], said: str
) -> None:
    code, out, err = koudai(capsys, "score", bundle, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_all_rows_of_a_job_as_one_csv_and_again(tmp_path: Path, bundle: Path) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    for _ in range(2):
        done = score(bundle, posts, "--out", job, "--shard-size", 2, "--format", "csv")
        assert done.returncode == 0, done.stderr
        header, *rows = csv.reader(io.StringIO((job / "scores.csv").read_bytes().decode(), newline=""))
        assert [one[0] for one in rows] == ["p1", "p2", "p3"]
    assert score(bundle, posts, "--out", job, "--shard-size", 2).returncode == 0
    verified = forked.run([*KOUDAI, "verify", job], capture_output=True)
    assert verified.returncode == 0
