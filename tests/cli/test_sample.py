"""The way of a sample: drawn from a job, labelled, back into an audit."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from koudai.audit.sample.sheet import manifest_path
from koudai.model.model import Model
from tests.audit.jobs import job, posts
from tests.cli.test_bad_input import koudai

pytestmark = pytest.mark.slow  # under one Python will do

KEY = "impersonation.ai_news_anchors"


@pytest.fixture(scope="module")
def scored(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return job(tmp_path_factory.mktemp("sample-cli"), model, posts(120))


def audit_config(folder: Path, labels: str) -> Path:
    path = folder / "audit.toml"
    path.write_text(
        "[run]\nname = 'a'\ntaxonomy = 'cac-2023'\nmeasures = ['prevalence']\n"
        f"[sample]\nmanifest = 'sample.csv.manifest.json'\nlabels = ['{labels}']\n",
        encoding="utf-8",
    )
    return path


def label(sheet: Path, out: Path) -> None:
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row[f"label:{KEY}"] = "是" if "播报" in row["text"] else "否"
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_from_a_job_to_prevalence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, scored: Path
) -> None:
    sheet = tmp_path / "sample.csv"
    again = ("--double", 40, "--gold", 20)
    code, said, _ = koudai(capsys, "sample", scored, "--n", 60, "--out", sheet, "--category", KEY, *again)
    assert code == 0
    assert "drawn 60 of 120 posts; quarantined, never scored: 3" in said
    assert 'labels = ["sample.csv", "sample.double.csv"]\ngold = "sample.gold.csv"' in said
    for one, other in (("sample", "zhang"), ("sample.double", "wang"), ("sample.gold", "gold")):
        label(tmp_path / f"{one}.csv", tmp_path / f"{other}.csv")
    config = audit_config(tmp_path, "zhang.csv', 'wang.csv")
    told = config.read_text(encoding="utf-8").replace("['prevalence']", "['prevalence', 'prevalence_corrected']")
    config.write_text(f"{told}gold = 'gold.csv'\n", encoding="utf-8")
    arguments = ("--model", bundle, "--scores", scored, "--out", tmp_path / "report")
    assert koudai(capsys, "audit", config, *arguments)[0] == 0
    told = (tmp_path / "report" / "report.json").read_text(encoding="utf-8")
    assert "zhang" not in told
    corrected = {(row["group"], row["statistic"]): row for row in json.loads(told)["frames"]["prevalence_corrected"]}
    assert corrected["*", "adjudicated"]["value"] == 20
    assert corrected["*", "labelled_again"]["value"] == 40
    assert corrected["gold", "sensitivity"]["value"] > 0.99
    assert corrected["gold", "prevalence"]["low"] < corrected["gold", "prevalence"]["high"]
    rows = {(row["group"], row["statistic"]): row for row in json.loads(told)["frames"]["prevalence"]}
    truth = sum("播报" in post["text"] for post in posts(120)) / 120
    for estimator in ("design", "difference", "ppi++"):
        found = rows[estimator, "prevalence"]
        assert found["low"] <= truth <= found["high"]
        assert found["n"] == 60
        assert rows[estimator, "labels_to_halve"]["value"] >= 1
    assert "prevalence" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_from_another_models_table_to_prevalence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, scored: Path
) -> None:
    """A table of ids and probabilities is sampled, labelled and audited; the sample of a job is none of the table."""
    lines = [json.dumps({**post, KEY: round(0.1 + 0.8 * ("播报" in post["text"]), 3)}) for post in posts(120)]
    (tmp_path / "vendor.jsonl").write_text("\n".join(lines), encoding="utf-8")
    config = audit_config(tmp_path, "zhang.csv")
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}[table]\nname = 'v'\nfile = 'vendor.jsonl'\ntext = 'text'\n", encoding="utf-8")
    code, said, err = koudai(capsys, "sample", config, "--n", 60, "--out", tmp_path / "sample.csv")
    assert (code, err) == (0, "")
    assert "drawn 60 of 120 posts; quarantined, never scored: 0" in said
    label(tmp_path / "sample.csv", tmp_path / "zhang.csv")
    assert koudai(capsys, "audit", config, "--out", tmp_path / "report")[0] == 0
    told = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    rows = {(row["group"], row["statistic"]): row for row in told["frames"]["prevalence"]}
    truth = sum("播报" in post["text"] for post in posts(120)) / 120
    for estimator in ("design", "difference", "ppi++"):
        found = rows[estimator, "prevalence"]
        assert found["low"] <= truth <= found["high"]
    arguments = ("sample", scored, "--n", 60, "--out", tmp_path / "job.csv", "--category", KEY)
    assert koudai(capsys, *arguments)[0] == 0
    text = config.read_text(encoding="utf-8").replace("sample.csv.manifest", "job.csv.manifest")
    config.write_text(text, encoding="utf-8")
    code, _, err = koudai(capsys, "audit", config, "--out", tmp_path / "second")
    assert code == 3
    assert "drawn from other scores" in err


def test_label_studio_tasks_and_its_interface(capsys: pytest.CaptureFixture[str], tmp_path: Path, scored: Path) -> None:
    out = tmp_path / "tasks.json"
    arguments = ("sample", scored, "--n", 30, "--out", out, "--format", "label-studio", "--json")
    code, said, _ = koudai(capsys, *arguments)
    assert code == 0
    assert len(json.loads(said)["rows"]) == len(json.loads(out.read_text(encoding="utf-8"))) == 30
    code, said, _ = koudai(capsys, "sample", scored, "--n", 30, "--label-config")
    assert code == 0
    assert said.startswith("<View>")
    code, _, err = koudai(capsys, *arguments)
    assert code == 5
    assert "a sample already" in err


@pytest.mark.parametrize(
    "wrong", [("--n", "121"), ("--category", "nothing"), ("--format", "xls")], ids=["too many", "category", "format"]
)
def test_what_cannot_be_drawn_is_refused_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, scored: Path, wrong: tuple[str, str]
) -> None:
    assert koudai(capsys, "sample", scored, "--out", tmp_path / "s.csv", "--n", 60, *wrong)[0] == 2
    assert list(tmp_path.iterdir()) == []
    assert koudai(capsys, "sample", scored)[0] == 2


def test_labels_of_no_sample_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, scored: Path
) -> None:
    assert koudai(capsys, "sample", scored, "--n", 60, "--out", tmp_path / "sample.csv")[0] == 0
    (tmp_path / "own.csv").write_text(f"post_id,label:{KEY}\np001,1\n", encoding="utf-8")
    config = audit_config(tmp_path, "own.csv")
    code, _, err = koudai(capsys, "audit", config, "--model", bundle, "--scores", scored, "--out", tmp_path / "report")
    assert code == 3
    assert "which rows of a sample" in err


def test_labels_that_are_looked_at_again_come_back_as_a_share_of_wrong_ones(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, scored: Path
) -> None:
    """Whoever looks again says 是 of every post: wrong are exactly those labelled out."""
    config = tmp_path / "audit.toml"
    config.write_text(
        "[run]\nname = 'a'\ntaxonomy = 'cac-2023'\nmeasures = ['label_noise']\n[[corpus]]\nsource = 'seed'\n",
        encoding="utf-8",
    )
    arguments = ("--flagged", "--category", KEY, "--n", 50, "--out", tmp_path / "again.csv")
    code, said, err = koudai(capsys, "sample", config, *arguments)
    assert (code, err) == (0, "")
    assert f"labels of {KEY}" in said
    sheet = (tmp_path / "again.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(sheet.splitlines(keepends=True)))
    with (tmp_path / "zhang.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([{**row, f"label:{KEY}": "是"} for row in rows])
    with config.open("a", encoding="utf-8") as file:
        file.write("[[relabelled]]\nmanifest = 'again.csv.manifest.json'\nlabels = ['zhang.csv']\n")
    audited = ("--model", bundle, "--scores", scored, "--out", tmp_path / "report")
    assert koudai(capsys, "audit", config, *audited)[0] == 0
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    found = {row["group"]: row for row in report["frames"]["label_noise"] if row["statistic"] == "wrong"}
    assert (found["labelled out"]["value"], found["labelled in"]["value"]) == (1.0, 0.0)
    assert found["*"]["low"] <= found["*"]["value"] <= found["*"]["high"]
    assert koudai(capsys, "sample", config, *arguments[:3], "--category", "rumour", "--out", tmp_path / "b")[0] == 2


def test_flagged_labels_are_those_of_one_category(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    both = ("--category", "a", "--category", "b")
    code, _, err = koudai(capsys, "sample", tmp_path, "--flagged", *both, "--out", tmp_path / "s.csv")
    assert code == 2
    assert "--flagged is about the labels of one category" in err
    assert "a, b" in err
    assert not (tmp_path / "s.csv").exists()


def test_a_plan_is_a_table_a_chart_and_json(capsys: pytest.CaptureFixture[str], tmp_path: Path, scored: Path) -> None:
    chart = tmp_path / "plan.svg"
    code, said, _ = koudai(capsys, "sample", scored, "--plan", "--category", KEY, "--out", chart)
    assert code == 0
    assert [line.split()[:2] for line in said.splitlines() if line.startswith(KEY)] == [[KEY, "50"], [KEY, "100"]]
    assert chart.read_text(encoding="utf-8").startswith("<svg")
    code, said, _ = koudai(capsys, "sample", scored, "--plan", "--category", KEY, "--json", "--difference", "0.2")
    assert code == 0
    assert json.loads(said)[0]["n"] == 50
    for wrong in (("--plan", "--out", chart), ("--plan", "--out", tmp_path / "plan.png"), ("--difference", "0.1")):
        assert koudai(capsys, "sample", scored, *wrong)[0] in (2, 5)
    assert koudai(capsys, "sample", scored, "--plan", "--flagged")[0] == 2
    for idle in (
        ("--n", "77"),
        ("--double", "5"),
        ("--continue", tmp_path / "s.csv"),
        ("--label-config",),
        ("--seed", "4"),
    ):
        code, _, err = koudai(capsys, "sample", scored, "--plan", "--category", KEY, *idle)
        assert (code, "--plan draws nothing" in err) == (2, True), idle


def test_a_second_wave_is_drawn_from_what_came_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, scored: Path
) -> None:
    sheet = tmp_path / "first.csv"
    drawn = ("sample", scored, "--n", 40, "--out", sheet, "--category", KEY, "--double", 9, "--gold", 5)
    assert koudai(capsys, *drawn)[0] == 0
    code, _, err = koudai(capsys, "sample", scored, "--continue", sheet, "--out", tmp_path / "sample.csv")
    assert code == 3
    assert "the first wave is not labelled" in err
    label(sheet, tmp_path / "zhang.csv")
    again = ("sample", scored, "--continue", tmp_path / "zhang.csv", "--n", 30, "--out", tmp_path / "sample.csv")
    assert koudai(capsys, *again, "--flagged")[0] == 2
    code, said, _ = koudai(capsys, *again)
    assert code == 0
    assert "drawn 30 more, 70 in both waves" in said
    assert 'labels = ["zhang.csv", "sample.csv"]' in said
    label(tmp_path / "sample.csv", tmp_path / "zhang2.csv")
    config = audit_config(tmp_path, "zhang.csv', 'zhang2.csv")
    there = tmp_path / "there"
    there.mkdir()
    for path in (manifest_path(sheet), tmp_path / "first.double.csv", tmp_path / "first.gold.csv"):
        (there / path.name).write_bytes(path.read_bytes())
    (there / sheet.name).write_bytes((tmp_path / "zhang.csv").read_bytes())
    _, said, _ = koudai(capsys, "sample", scored, "--continue", there / sheet.name, "--n", 30, "--out", there / "b.csv")
    assert 'labels = ["first.csv", "first.double.csv", "b.csv"]' in said
    assert 'gold = "first.gold.csv"' in said
    arguments = ("--model", bundle, "--scores", scored, "--out", tmp_path / "report")
    assert koudai(capsys, "audit", config, *arguments)[0] == 0
    told = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    rows = {(row["group"], row["statistic"]): row for row in told["frames"]["prevalence"]}
    truth = sum("播报" in post["text"] for post in posts(120)) / 120
    assert rows["ppi++", "prevalence"]["n"] == 70
    assert rows["design", "prevalence"]["low"] <= truth <= rows["design", "prevalence"]["high"]
