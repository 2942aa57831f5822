"""The verbs on good input: what each prints, what it leaves behind, and that ``--help`` is quick and teaches."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cli.app import run_command
from tests.cli.test_bad_input import koudai, write_csv

VERBS = ["demo", "check", "train", "inspect", "explain", "score", "verify", "audit", "render", "track"]


def test_help_names_every_verb_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "--help")
    assert code == 0
    assert all(f"\n  {verb} " in out for verb in VERBS)
    assert "130 interrupted" in out
    assert "alleged" in out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, out, _ = koudai(capsys, verb, "--help")
    assert code == 0
    assert f"Usage: koudai {verb}" in out


def test_help_is_not_much_slower_than_python_itself() -> None:
    """A ratio, not a time: a machine under load slows both."""

    def fastest(*arguments: str) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert fastest("-m", "pipeline", "--help") < 40 * fastest("-S", "-E", "-c", "pass")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = koudai(capsys, "--version")
    assert (code, out.startswith("koudai ")) == (0, True)


def test_check_says_what_will_be_trained(capsys: pytest.CaptureFixture[str], small_config: Path) -> None:
    code, out, _ = koudai(capsys, "check", small_config)
    assert code == 0
    assert "no problems" in out
    code, out, _ = koudai(capsys, "check", small_config, "--json")
    found = json.loads(out)
    assert found["problems"] == []
    assert found["split"]["fit"] + found["split"]["test"] == found["corpora"]["seed"]


def test_train_prints_figures_with_intervals(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_config: Path
) -> None:
    code, out, _ = koudai(capsys, "train", small_config, "--out", tmp_path / "m")
    assert code == 0
    assert "impersonation.ai_news_anchors" in out
    assert "written" in out
    assert "[0." in out
    assert (tmp_path / "m" / "MODEL_CARD.md").exists()


def test_inspect_shows_card_and_terms(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    code, out, _ = koudai(capsys, "inspect", bundle)
    assert code == 0
    assert "**written**" in out
    assert "主播" in out
    code, out, _ = koudai(capsys, "inspect", bundle, "--json", "--top", 3)
    assert all(len(entry["terms"]) == 3 for entry in json.loads(out)["categories"].values())


def test_explain_adds_up(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    code, out, _ = koudai(capsys, "explain", bundle, "--text", "各位观众晚上好，AI主播为您播报", "--json")
    assert code == 0
    for entry in json.loads(out)["categories"]:
        total = entry["base"] + sum(added for _, added in entry["terms"])
        assert entry["probability"] == pytest.approx(1 / (1 + 2.718281828459045**-total), abs=1e-9)
    code, out, _ = koudai(capsys, "explain", bundle, "--text", "🎉")
    assert "silent: no-features" in out


def test_R5_escapes_in_a_post_never_reach_the_terminal(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    _, out, _ = koudai(capsys, "explain", bundle, "--text", "主播\x1b[2J\x1b]0;title\x07播报\u202e")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_score_verify_and_resume(capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    code, out, err = koudai(capsys, "score", bundle, posts, "--out", job)
    assert code == 0
    assert "read 3 =" in out
    assert err == ""
    before = {path: path.read_bytes() for path in job.rglob("*") if path.is_file()}
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    assert {path: path.read_bytes() for path in job.rglob("*") if path.is_file() and path.name != ".lock"} == {
        path: data for path, data in before.items() if path.name != ".lock"
    }
    code, out, _ = koudai(capsys, "verify", job, "--json")
    assert json.loads(out)["read"] == 3


def test_whole_way_from_training_to_the_page(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path
) -> None:
    posts, job, out = root / "data" / "seed" / "posts.jsonl", tmp_path / "job", tmp_path / "report"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    config = root / "configs" / "audit" / "demo.toml"
    arguments = [
        "audit",
        config,
        "--model",
        bundle,
        "--scores",
        job,
        "--out",
        out,
        "--set",
        "run.measures=['coverage']",
    ]
    code, said, _ = koudai(capsys, *arguments)
    assert code == 0
    assert "report.html" in said
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["measures"] == ["coverage"]
    page = (out / "report.html").read_bytes()
    assert koudai(capsys, "render", out / "report.json", "--out", tmp_path / "again.html")[0] == 0
    assert (tmp_path / "again.html").read_bytes() == page
    assert koudai(capsys, *arguments)[0] == 5


def test_unfinished_job_is_not_audited(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, root: Path, bundle: Path
) -> None:
    posts, job = write_csv(tmp_path / "a.csv"), tmp_path / "job"
    assert koudai(capsys, "score", bundle, posts, "--out", job)[0] == 0
    (job / "DONE.json").unlink()
    config = root / "configs" / "audit" / "demo.toml"
    code, _, err = koudai(capsys, "audit", config, "--model", bundle, "--scores", job, "--out", tmp_path / "r")
    assert code == 5
    assert "% complete" in err


def test_broken_pipe_is_quiet(root: Path) -> None:
    command = f"{sys.executable} -m pipeline --help | head -n 1"
    found = subprocess.run(["sh", "-c", command], cwd=root, capture_output=True, text=True, check=True)
    assert found.stderr == ""


def test_J12_an_interrupt_ends_with_130_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*arguments: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.model.inspection.inspect_bundle", stop)
    assert run_command(["inspect", "somewhere"]) == 130
    assert "resumes" in capsys.readouterr().err
