"""Bad input on the command line: a named error, an exit code, no traceback; good rows go on where that is sane."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from pathlib import Path

import pytest

from koudai.cli.app import run_command

pytestmark = pytest.mark.slow  # under one Python will do

POSTS = [
    ("p1", "各位观众晚上好，欢迎收看今晚的新闻。"),
    ("p2", "今天食堂的茄子没放糖。"),
    ("p3", "橘子皮泡水，喝三天就好。"),
]


def koudai(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run_command([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def write_csv(path: Path, rows: list[tuple[str, str]] = POSTS, *, header: str = "post_id,text") -> Path:
    path.write_text("\n".join([header, *(f"{post_id},{text}" for post_id, text in rows)]) + "\n", encoding="utf-8")
    return path


def test_missing_column_names_what_is_there(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    posts = write_csv(tmp_path / "a.csv", header="id,content")
    code, _, err = koudai(capsys, "score", bundle, posts, "--out", tmp_path / "job")
    assert code == 3
    assert "column(s) missing: post_id, text" in err
    assert "id, content" in err
    assert "--id-column" in err
    assert not (tmp_path / "job").exists()


def test_I17_unknown_label_is_listed_with_its_count(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("post_id,text,label\n1,水停了吗,rumor\n2,早上好,none\n", encoding="utf-8")
    config = tmp_path / "own.toml"
    config.write_text(
        """
[run]
name = "own"
taxonomy = "cac-2023"
categories = ["rumour"]
[split]
use = "group"
[[corpus]]
[corpus.source]
name = "own"
file = "own.csv"
[corpus.source.columns]
label = "label"
[[corpus.source.label]]
source = "rumour"
category = "rumour"
says = 1
fit = "direct"
reason = "the coder wrote rumour"
""",
        encoding="utf-8",
    )
    for verb in (["check", config], ["train", config, "--out", tmp_path / "m"]):
        code, _, err = koudai(capsys, *verb)
        assert code == 3
        assert "'rumor' (1 post), did you mean 'rumour'?" in err
        assert "'none' (1 post)" in err
    assert not (tmp_path / "m").exists()


def test_I7_duplicate_id_names_both_places(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    posts = write_csv(tmp_path / "a.csv", [*POSTS, ("p1", "又来一条")])
    code, _, err = koudai(capsys, "score", bundle, posts, "--out", tmp_path / "job")
    assert code == 3
    assert "'p1' is there twice" in err
    assert "a.csv:5" in err
    assert "a.csv:2" in err
    code, out, _ = koudai(capsys, "score", bundle, posts, "--out", tmp_path / "job", "--duplicates", "first")
    assert code == 0
    assert "read 4 =" in out
    assert "quarantined 1" in out


def test_broken_json_line_is_quarantined_and_the_rest_scored(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    lines = [json.dumps({"post_id": post_id, "text": text}) for post_id, text in POSTS]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines[:2], '{"post_id": "x", "text": ', lines[2]]) + "\n")
    code, out, err = koudai(capsys, "score", bundle, tmp_path / "a.jsonl", "--out", tmp_path / "job")
    assert code == 3
    assert "read 4 =" in out
    assert "quarantined 1 (bad-json 1)" in out
    assert "1 of 4 rows were quarantined" in err
    assert "--quarantined" in err
    again = koudai(capsys, "score", bundle, tmp_path / "a.jsonl", "--out", tmp_path / "job", "--quarantined", 0.25)
    assert again == (0, out, "")
    row = json.loads((tmp_path / "job" / "quarantine" / "000000.jsonl").read_text(encoding="utf-8"))
    assert (row["where"], row["reason"]) == ("a.jsonl:3", "bad-json")


def test_P1_a_job_of_which_nothing_is_a_post_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    (tmp_path / "a.csv").write_text("post_id,text\n1,好,1\n2,好,2\n3,好,3\n", encoding="utf-8")
    code, out, err = koudai(capsys, "score", bundle, tmp_path / "a.csv", "--out", tmp_path / "job")
    assert code == 3
    assert out.splitlines()[-2] == "read 3 = scored 0 + abstained 0 + quarantined 3 (ragged 3)"
    assert "3 of 3 rows were quarantined: its rows do not have the cells that its header names" in err
    assert "header" in err.split("to do:")[1]


def test_I5_what_is_read_all_the_same_is_counted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    (tmp_path / "a.csv").write_text("post_id,text,geo\n1,好,1\n2,早\n3,晚\n", encoding="utf-8")
    code, out, _ = koudai(capsys, "score", bundle, tmp_path / "a.csv", "--out", tmp_path / "job")
    assert code == 0
    told = [line for line in out.splitlines() if not line.startswith("shift: ")]  # three posts are hardly like others
    assert told[-3] == "notice: 2 rows lacked cells at their end, which were read as empty"
    done = json.loads((tmp_path / "job" / "DONE.json").read_text(encoding="utf-8"))
    assert done["noticed"] == {"short-row": 2}


def test_quoting_is_remembered_by_the_job(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "a.tsv").write_text('post_id\ttext\n1\t"好\n2\t早"\n', encoding="utf-8")
    given = ("score", bundle, tmp_path / "a.tsv", "--out", tmp_path / "job")
    code, out, _ = koudai(capsys, *given)
    assert (code, out.splitlines()[-2].split(" = ")[0]) == (0, "read 2")
    code, _, err = koudai(capsys, *given, "--quoting", "csv")
    assert code == 5
    assert "quoting: csv" in err
    code, _, err = koudai(capsys, *given, "--quoting", "double")
    assert code == 2
    assert "--quoting does not take this value" in err


def test_I1_gb18030_names_byte_line_and_remedy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("post_id,text\np1,今天食堂的茄子没放糖\n".encode("gb18030"))
    code, _, err = koudai(capsys, "score", bundle, path, "--out", tmp_path / "job")
    assert code == 3
    assert "byte 0xBD at offset 16 is not utf-8" in err
    assert "a.csv:2" in err
    assert "--encoding gb18030" in err
    code, out, _ = koudai(capsys, "score", bundle, path, "--out", tmp_path / "job", "--encoding", "gb18030")
    assert code == 0
    assert "read 1 =" in out


def test_T8_empty_and_emoji_only_posts_abstain(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    import pyarrow.parquet as pq

    lines = [{"post_id": "e", "text": ""}, {"post_id": "m", "text": "🎉🎉"}, {"post_id": "z", "text": "\u200b\u2060"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, out, _ = koudai(capsys, "score", bundle, tmp_path / "a.jsonl", "--out", tmp_path / "job", "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["abstained"] == 3
    rows = pq.read_table(tmp_path / "job" / "shards" / "000000.parquet").to_pylist()
    assert [row["reason"] for row in rows] == ["no-features"] * 3
    assert all("no-words" in row["hazards"] and row["alleged"] == [] for row in rows)


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return (Path.touch, (Path("marker"),))


@pytest.mark.parametrize("name", ["model.pkl", "model.skops", "model.joblib", "model.json", "bundle", "model.pkl.gz"])
def test_M1_a_pickle_is_refused_whatever_it_is_called(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    data = pickle.dumps(Trap())
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    posts = write_csv(tmp_path / "a.csv")
    for verb in (["inspect", name], ["explain", name, "--text", "你好"], ["score", name, posts, "--out", "job"]):
        code, _, err = koudai(capsys, *verb)
        assert code == 4
        assert "never unpickles" in err
    assert not (tmp_path / "marker").exists()


def test_config_with_a_typo_says_what_was_meant(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_config: Path
) -> None:
    config = tmp_path / "typo.toml"
    config.write_text(small_config.read_text(encoding="utf-8").replace("[features]", "[fetures]"), encoding="utf-8")
    for verb in ("check", "train"):
        code, _, err = koudai(capsys, verb, config)
        assert code == 2
        assert "did you mean 'features'?" in err


def test_C2_a_classifier_is_a_registered_name_and_nothing_else(
    capsys: pytest.CaptureFixture[str], small_config: Path
) -> None:
    for name in ("os.system", "sklearn.svm.SVC", "LinearSVM"):
        code, _, err = koudai(capsys, "check", small_config, "--set", f"model.classifier={name}")
        assert code == 2
        assert f"unknown classifier '{name}'" in err
        assert "DualLinearSVC" in err
    assert "did you mean 'LinearSVC'?" in err


def test_check_lists_every_problem_at_once(capsys: pytest.CaptureFixture[str], small_config: Path) -> None:
    settings = ["model.classifier=os.system", 'text.steps=["nfkd"]', "run.categories=['rumor']"]
    code, _, err = koudai(capsys, "check", small_config, *(part for one in settings for part in ("--set", one)))
    assert code == 2
    assert "unknown classifier" in err
    assert "unknown step of normalisation 'nfkd'" in err
    assert "did you mean 'rumour'?" in err


def test_J13_an_output_folder_that_is_not_empty_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_config: Path, bundle: Path
) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.docx").write_text("four years")
    posts = write_csv(tmp_path / "a.csv")
    for verb in (
        ["train", small_config, "--out", out],
        ["score", bundle, posts, "--out", out],
        ["demo", "--out", out],
    ):
        code, _, err = koudai(capsys, *verb)
        assert code == 5
        assert str(out) in err
    assert [path.name for path in out.iterdir() if path.name != ".lock"] == ["thesis.docx"]


def test_M6_a_damaged_bundle_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    weights = bytearray((copy / "weights.npy").read_bytes())
    weights[-1] ^= 1
    (copy / "weights.npy").write_bytes(weights)
    code, _, err = koudai(capsys, "inspect", copy)
    assert code == 4
    assert "weights.npy differs from the manifest" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["score"], 2, "Missing argument"),
        (["scrape"], 2, "No such command"),
        (["render", "none.json"], 3, "no such file"),
        (["verify", "none"], 5, "not the folder of a job"),
        (["inspect", "none"], 4, "no such folder"),
        (["render", "none.json", "--lang", "fr"], 2, "unknown language"),
    ],
)
def test_usage_errors(capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str) -> None:
    found, _, err = koudai(capsys, *arguments)
    assert (found, says in err) == (code, True)


def test_a_shard_size_of_nothing_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    posts = write_csv(tmp_path / "a.csv")
    code, _, err = koudai(capsys, "score", bundle, posts, "--out", tmp_path / "job", "--shard-size", 0)
    assert code == 2
    assert "1 to 1000000 posts" in err
