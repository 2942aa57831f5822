"""The verbs about posts: score, resume, verify."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.config.layouts import StepsWarning
from koudai.corpus.reading.folders import LeftOutWarning
from tests.cli.test_bad_input import koudai, write_csv
from tests.corpus.reading.objects import Objects
from tests.corpus.reading.workbooks import write_workbook

pytestmark = pytest.mark.slow  # each starts a process


def test_score_verify_and_resume(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    code, out, err = koudai(capsys, "score", bundle, posts, "--out", job)
    assert code == 0
    assert "read 3 =" in out
    header, *rows = [
        line.split("  ") for line in out.splitlines() if line.startswith(("alleged category", "impersonation"))
    ]
    assert header[-1] == "validated on"
    assert {row[-1] for row in rows} <= {"written", "none"}
    assert any(row[-1] == "written" for row in rows)
    assert err == ""
    before = {path: path.read_bytes() for path in job.rglob("*") if path.is_file()}
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    assert {path: path.read_bytes() for path in job.rglob("*") if path.is_file() and path.name != ".lock"} == {
        path: data for path, data in before.items() if path.name != ".lock"
    }
    code, out, _ = koudai(capsys, "verify", job, "--json")
    assert json.loads(out)["read"] == 3


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_scoring_does_without_pandas_which_takes_long_to_import(tmp_path: Path, bundle: Path, kind: str) -> None:
    posts = write_csv(tmp_path / "a.csv")
    if kind == "parquet":
        rows = list(csv.DictReader(posts.read_text(encoding="utf-8").splitlines()))
        posts = tmp_path / "a.parquet"
        pq.write_table(pa.table({name: [row[name] for row in rows] for name in ("post_id", "text")}), posts)
    code = (
        "import sys; from koudai.cli.app import run_command; import koudai.cli; "
        f"run_command(['score', {str(bundle)!r}, {str(posts)!r}, '--out', {str(tmp_path / 'job')!r}]); "
        "sys.exit('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "read 3 =" in done.stdout


def test_rows_are_numbered_and_a_title_is_joined_with_its_text(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    posts = tmp_path / "notes.csv"
    posts.write_text("title,desc\n豆腐涨价,快去买\n停水,\n", encoding="utf-8")
    whole = tmp_path / "whole.jsonl"
    whole.write_text(
        '{"post_id":"notes.csv:2","text":"豆腐涨价\\n快去买"}\n{"post_id":"notes.csv:3","text":"停水"}\n',
        encoding="utf-8",
    )
    asked = ("--number-rows", "--text-column", "title", "--text-column", "desc")
    code, out, err = koudai(capsys, "score", bundle, posts, *asked)
    assert (code, err.startswith("read 2 =")) == (0, True)
    assert out == koudai(capsys, "score", bundle, whole)[1]
    assert koudai(capsys, "score", bundle, posts, "--out", tmp_path / "job", *asked)[0] == 0
    assert koudai(capsys, "score", bundle, posts, "--out", tmp_path / "job", *asked[:3])[0] == 5
    code, _, err = koudai(capsys, "score", bundle, posts, "--text-column", "title")
    assert code == 3
    assert "--number-rows" in err


def test_kinds_are_read_by_their_names_or_as_given_and_what_is_left_out_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    (tmp_path / "in").mkdir()
    posts = write_csv(tmp_path / "in" / "a.csv")
    rows = list(csv.DictReader(posts.read_text(encoding="utf-8").splitlines()))
    expected = koudai(capsys, "score", bundle, posts)[1]
    (tmp_path / "posts.json").write_text(json.dumps(rows), encoding="utf-8")
    table = pa.table({name: [row[name] for row in rows] for name in ("post_id", "text")})
    with pa.OSFile(str(tmp_path / "posts.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    write_workbook(tmp_path / "posts.xlsx", [["post_id", "text"], *([row["post_id"], row["text"]] for row in rows)])
    (tmp_path / "posts.txt").write_bytes(posts.read_bytes())
    for name in ("posts.json", "posts.arrow", "posts.xlsx"):
        assert koudai(capsys, "score", bundle, tmp_path / name)[:2] == (0, expected)
    assert koudai(capsys, "score", bundle, tmp_path / "posts.txt", "--kind", "csv")[:2] == (0, expected)
    code, _, err = koudai(capsys, "score", bundle, tmp_path / "posts.txt")
    assert (code, "--kind" in err) == (3, True)
    (tmp_path / "in" / "b.docx").write_text("x")
    with pytest.warns(LeftOutWarning, match="b.docx"):
        assert koudai(capsys, "score", bundle, tmp_path / "in")[:2] == (0, expected)
    assert koudai(capsys, "score", bundle, "-", "--kind", "csv")[0] == 2


def test_a_layout_names_the_columns_and_is_suggested_where_they_are_missing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    posts = tmp_path / "1.csv"
    posts.write_text(
        "\ufeffid,bid,正文,位置,日期,工具,@用户,源用户id\n"
        "4901000000000001\t,Na,听说明天停水,,2024-01-01T10:00:00,网页\n"
        "4901000000000002 ,Nb,好,,2024-01-01T10:00:00,网页,,\n",
        encoding="utf-8",
    )
    code, _, err = koudai(capsys, "score", bundle, posts)
    assert code == 3
    assert "these are columns of weibo-crawler: give its --layout, weibo-crawler" in err
    code, out, err = koudai(capsys, "score", bundle, posts, "--layout", "weibo-crawler")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, [(row["post_id"], row["日期"]) for row in rows]) == (
        0,
        [("4901000000000001", "2024-01-01T10:00:00"), ("4901000000000002", "2024-01-01T10:00:00")],
    )
    code, _, err = koudai(capsys, "score", bundle, posts, "--layout", "weibo-crawler", "--keep", "源用户id")
    assert (code, "never read: 源用户id" in err) == (2, True)
    assert koudai(capsys, "score", bundle, posts, "--layout", "weibo")[0] == 2
    notes = tmp_path / "notes.json"
    notes.write_text('[{"note_id": "5001", "content": "听说停水", "create_time": 1720946095}]', encoding="utf-8")
    with pytest.warns(StepsWarning, match="html"):
        code, out, _ = koudai(capsys, "score", bundle, notes, "--layout", "mediacrawler-weibo", "--keep", "create_time")
    assert (code, json.loads(out)["create_time"]) == (0, "1720946095")
    code, _, err = koudai(capsys, "score", bundle, notes)
    assert (code, "--layout, mediacrawler-weibo" in err) == (3, True)


def test_F7_an_address_is_a_bucket_or_refused_and_never_a_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path, objects: Objects
) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), objects.uri("jobs/cli")
    for command in (["score", bundle, posts, "--out", job], ["verify", job]):
        code, out, err = koudai(capsys, *command)
        assert (code, err) == (0, "")
        assert f"job: {job}" in out
    assert json.loads(koudai(capsys, "verify", job, "--json")[1])["folder"].startswith(job)
    for command, flag in (
        (["score", bundle, posts, "--out", "gs://b/out"], "--out"),
        (["train", root / "configs/train/demo.toml", "--out", "s3://b/model"], "--out"),
        (["sample", job, "--n", 3, "--out", tmp_path / "s.csv"], "scores"),
        (["sample", tmp_path, "--n", 3, "--out", "s3://b/sample.csv"], "--out"),
        (["audit", root / "configs/audit/demo.toml", "--out", "s3://b/audit"], "--out"),
        (["render", "report.json", "--out", "s3://b/page.html"], "--out"),
        (["corpora", "--data", "s3://b/data"], "--data"),
        (["fetch", "cold", "--into", "s3://b/data", "--accept-licence"], "--into"),
        (["init", posts, "--out", "s3://b/project"], "--out"),
    ):
        code, _, err = koudai(capsys, *command)
        assert code == 2, (command, err)
        assert re.search(f"{flag}`? is no address", err)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv"]
