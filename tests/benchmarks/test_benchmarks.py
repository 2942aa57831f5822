"""The benchmarks run and write what they say: tables whole, probabilities the same, JSON valid. No figure is tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from koudai.model.model import Model
from tests.benchmarks import peers, process, train
from tests.benchmarks.measure import Task, Way, alternate
from tests.benchmarks.posts import BUNDLED, CATEGORIES, ROOT, Posts, load, write_sample
from tests.benchmarks.report import Bar, between, rows_of
from tests.benchmarks.same_model import TOLERANCE, Disagreement, koudai_model, largest_difference, sklearn_pipeline
from tests.benchmarks.scale import KOUDAI, OTHER, SKLEARN
from tests.benchmarks.sklearn_job import jieba_words, job

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def posts() -> Posts:
    return load(BUNDLED, most=60, seed=1)


def run(program: str, *arguments: str | Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a benchmark with warnings as errors, `path` before everything else on the path of modules."""
    places = [str(place) for place in (path, ROOT) if place]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-W", "error", "-m", f"tests.benchmarks.{program}", *map(str, arguments)]
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-3000:]
    return found


@pytest.mark.parametrize("hidden", [True, False], ids=["peers-missing", "peers-installed"])
def test_speed_compares_every_way_of_every_task(hidden: bool, tmp_path: Path) -> None:
    if not hidden and peers.lacks("rjieba", "fasttext"):
        pytest.skip("rjieba and fastText are not installed: pip install koudai[bench]")
    rewrites = {name: module for name, (module, _) in peers.SEGMENTERS.items() if name != "rjieba"}
    for name in ("rjieba", "fasttext", *rewrites.values()) if hidden else ():
        (tmp_path / f"{name}.py").write_text("raise ImportError\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- speed -->\nold\n<!-- /speed -->\nafter\n", encoding="utf-8")
    small = ["--corpus", BUNDLED, "--posts", "60", "--few", "40", "--rounds", "1", "--least", "0"]
    shown = run("speed", *small, "--json", tmp_path / "speed.json", "--markdown", page, path=tmp_path).stdout
    data = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))

    assert [one["posts"] for one in data["corpora"]] == [60]
    assert data["machine"]["cores"] >= 1
    assert data["machine"]["versions"]["jieba"] == "0.42.1"
    assert {(one["features"], one["categories"]) for one in data["agreement"]} == {
        (features, n) for features in peers.FEATURES for n in (1, CATEGORIES)
    }
    assert all(one["largest_difference"] <= TOLERANCE for one in data["agreement"])
    assert data["corpora"][0]["cut_as_jieba"]["koudai"] == 1

    tasks: dict[str, list[dict[str, Any]]] = {}
    for row in data["rows"]:
        tasks.setdefault(row["task"], []).append(row)
    starts = ("cut", "fit_transform", "transform", "fit one", "score", "second core", "start")
    assert {name for name in starts if any(task.startswith(name) for task in tasks)} == set(starts)
    assert sum(task.startswith("score") for task in tasks) == 4
    for rows in tasks.values():
        assert any("koudai" in row["way"] for row in rows)
        for row in rows:
            needs_peer = "rjieba" in row["way"] or "fastText" in row["way"]
            if row["way"] in rewrites:
                assert (row["lacks"] == peers.INSTALL) == (hidden or bool(peers.lacks(rewrites[row["way"]]))), row
            else:
                assert (row["lacks"] == peers.INSTALL) == (hidden and needs_peer), row
            if not row["lacks"]:
                assert len(row["seconds"]) == 1
                assert row["against_a"]["low"] <= row["against_a"]["median"] <= row["against_a"]["high"]
    bars = {bar["what"]: bar["got"] for bar in data["bars"]}
    ratios = {row["task"]: row["against_a"] for row in data["rows"] if row["way"] == "koudai" and not row["lacks"]}
    slowest = min(ratios[f"score: words, {n}"]["median"] for n in ("1 category", "12 categories"))
    assert bars["bundled: score, words, × jieba + scikit-learn"] == slowest
    assert len(bars) == len(data["bars"]) == 9
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- speed -->\n")
    assert text.endswith("<!-- /speed -->\nafter\n")
    assert "old" not in text
    for way in ("jieba + scikit-learn", "rjieba + fastText", "koudai Segmenter.spans"):
        assert way in text
        assert way in shown


def test_scale_accounts_for_every_post(small_config: Path, tmp_path: Path) -> None:
    out = tmp_path / "scale.json"
    small = ["--only", "both", "--sizes", "20", "--sklearn-posts", "50", "--rounds", "1", "--folder", tmp_path]
    run("scale", "--corpus", BUNDLED, "--config", small_config, "--other", ROOT, *small, "--json", out)
    data = json.loads(out.read_text(encoding="utf-8"))
    rows = [(row["features"], row["way"], row["posts"]) for row in data["rows"]]
    ways = [(KOUDAI, 20), (KOUDAI, 50), (SKLEARN, 50), (OTHER, 50)]
    assert rows == [(peers.BOTH, *one) for one in ways]
    assert all(one["largest_difference"] <= TOLERANCE and one["posts"] == 50 for one in data["agreement"])
    assert list(tmp_path.iterdir()) == [out]


def test_engines_take_turns_and_leave_the_same_bytes(small_config: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "engines.json"
    small = ["--posts", "60", "--shard-size", "20", "--rounds", "1", "--formats", "csv", "--folder", tmp_path]
    small += ["--engines", "dask"]
    run("engines", "--corpus", BUNDLED, "--config", small_config, "--workers", "1", *small, "--json", out)
    data = json.loads(out.read_text(encoding="utf-8"))
    assert [(row["input"], row["engine"], row["posts"]) for row in data["rows"]] == [
        ("csv", engine, 60) for engine in ("local", "dask")
    ]
    ratios = {row["engine"]: row["against_local"]["median"] for row in data["rows"]}
    assert ratios["local"] == 1
    assert [bar["got"] for bar in data["bars"]] == [ratios["dask"]]
    assert list(tmp_path.iterdir()) == [out]


def test_train_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "fasttext.py").write_text("raise ImportError\n", encoding="utf-8")
    out = tmp_path / "train.json"
    run("train", "--corpus", BUNDLED, "--posts", "200", "--rounds", "1", "--json", out, path=tmp_path)
    data = json.loads(out.read_text(encoding="utf-8"))
    assert {row["way"]: row["lacks"] for row in data["rows"]} == {
        "fastText, 5 epochs": peers.INSTALL,
        "fastText, 25 epochs, bigrams": peers.INSTALL,
        "cutting by jieba, for fastText": peers.INSTALL,
        "koudai train": "",
    }
    assert data["corpus"]["fitted_on"] == 160
    assert [bar["met"] for bar in data["bars"] if "fastText" in bar["what"]] == [None, None, None]


def test_train_of_two_checkouts_in_turns(tmp_path: Path) -> None:
    checkouts = dict.fromkeys((train.OTHER, train.KOUDAI), (ROOT, "DualLinearSVC"))
    drawn = load(BUNDLED, most=200, seed=1)
    report = train.trained(drawn, checkouts, rounds=1, seed=1, folder=tmp_path, beside=False)
    assert [row[0] for row in report.table] == [train.OTHER, train.KOUDAI]
    assert all(len(row) == len(train.HEADER) for row in report.table)
    assert all(bar.got is not None for bar in report.bars if "other" in bar.what and "bytes" not in bar.what)
    assert (tmp_path / "all" / "bundle").is_dir()
    assert (tmp_path / "few" / "bundle").is_dir()


def test_ways_take_turns_and_ratios_are_of_one_round(posts: Posts) -> None:
    turns: list[str] = []
    ways = [Way(name, posts.part(0, n), lambda name=name: turns.append(name)) for name, n in (("a", 10), ("b", 20))]
    ways.append(Way("c", posts, lambda: turns.append("c"), lacks="nothing to run"))
    timed = alternate(ways, rounds=3, least=0)
    assert turns[2:] == ["a", "b"] * 3
    (mine, theirs, missing) = rows_of(Task("turns", ways, "a", "c"), timed, corpus="x")
    assert mine["against_a"] == {"median": 1, "low": 1, "high": 1}
    rates = [2 * a / b for a, b in zip(mine["seconds"], theirs["seconds"], strict=True)]
    assert theirs["against_a"]["median"] == pytest.approx(np.median(rates))
    assert theirs["against_b"] is None
    assert "seconds" not in missing


def test_both_forms_of_a_model_say_the_same(posts: Posts, model: Model) -> None:
    from koudai.model.scorer import probabilities

    vectorizer, classifiers = sklearn_pipeline(model, jieba_words)
    normalised = [model.normalizer(text) for text in posts.texts]
    reference = peers.sklearn_proba(vectorizer, classifiers, normalised)
    closed = model.taxonomy.close_probabilities(reference.astype(np.float32), model.categories)
    assert largest_difference(probabilities(model, posts.texts), closed, normalised, vectorizer) <= TOLERANCE

    union = peers.sklearn_vectorizer(peers.jieba_cut(), peers.BOTH, **peers.WEIGHING)
    fitted = peers.sklearn_classifiers(union.fit_transform(posts.texts), posts.labels, seed=1)
    mine = probabilities(koudai_model(union, fitted), posts.texts)
    theirs = peers.sklearn_proba(union, fitted, posts.texts)
    assert largest_difference(mine, theirs, posts.texts, union) <= TOLERANCE
    with pytest.raises(Disagreement, match="differ by"):
        largest_difference(mine, theirs + 1e-5, posts.texts, union)
    mine[3] = np.nan
    with pytest.raises(Disagreement, match="silent"):
        largest_difference(mine, theirs, posts.texts, union)


def test_a_job_of_scikit_learn_gives_each_post_its_probability(posts: Posts, model: Model, tmp_path: Path) -> None:
    import joblib

    pipeline = sklearn_pipeline(model, jieba_words)
    joblib.dump(pipeline, tmp_path / "koudai.joblib")
    write_sample(tmp_path / "posts.parquet", posts.texts, 130, seed=2)
    assert (
        job(tmp_path / "koudai.joblib", tmp_path / "posts.parquet", tmp_path / "out.parquet", cores=1)["posts"] == 130
    )
    drawn, found = (pq.read_table(tmp_path / name) for name in ("posts.parquet", "out.parquet"))
    assert found["post_id"].to_pylist() == drawn["post_id"].to_pylist()
    assert len(set(found["post_id"].to_pylist())) == 130
    expected = peers.sklearn_proba(*pipeline, drawn["text"].to_pylist())
    np.testing.assert_allclose(found["p_0"].to_numpy(), expected[:, 0], atol=1e-6)


def test_memory_is_that_of_the_largest_process() -> None:
    ran = process.run([process.PYTHON, "-c", "import time; a = b'x' * 200_000_000; time.sleep(0.5); print(len(a))"])
    assert ran.printed == "200000000\n"
    if ran.largest_mb is not None:
        assert 190 < ran.largest_mb < 260
    with pytest.raises(RuntimeError, match="ended with 3"):
        process.run([process.PYTHON, "-c", "raise SystemExit(3)"])


def test_bars_are_met_missed_or_not_measured() -> None:
    assert [Bar("x", 40, got).met for got in (40.0, 39.9, None)] == [True, False, None]
    assert [Bar("x", 1.5, got, below=True).met for got in (1.4, 1.5)] == [True, False]
    assert Bar("x", 8, None, why_not="why").cells() == ["x", "≥ 8", "-", "why"]
    with pytest.raises(ValueError, match="once"):
        between("no markers", "speed", "text")


def test_labels_hold_both_values_in_every_column(posts: Posts) -> None:
    assert posts.labels.shape == (60, CATEGORIES)
    assert set(posts.labels.min(axis=0)) == {0}
    assert set(posts.labels.max(axis=0)) == {1}
    assert posts.texts == load(BUNDLED, most=60, seed=1).texts
