"""Tracking against the real thing: a SQLite store, a real server, one that is not there; and what is never sent."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.app import run_command
from pipeline.config import TrackSection
from pipeline.errors import ModelFormatError, NotTracked, ReadError
from pipeline.model.bundle import load_bundle
from pipeline.model.scorer import score
from pipeline.training.tracking.curves import draw
from pipeline.training.tracking.events import events_of, read_spool, spool_bytes
from pipeline.training.tracking.runs import send, send_files, spool_path

POSTS = {"post_id": ["a", "b", "c"], "text": ["各位观众晚上好，AI主播为您播报", "🎉", "橘子皮泡水，喝三天就好"]}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackSection]:
    folder = tmp_path_factory.mktemp("store")
    before = Path.cwd()
    os.chdir(folder)
    yield TrackSection(uri=f"sqlite:///{folder}/mlflow.db", experiment="tests", registered_model="koudai-tests")
    os.chdir(before)


@pytest.fixture(scope="module")
def sent(store: TrackSection, bundle: Path) -> tuple[str, Any]:
    run_id = send(bundle, store)
    import mlflow

    return run_id, mlflow.MlflowClient(tracking_uri=store.uri, registry_uri=store.uri)


def frame() -> Any:
    import pandas as pd

    return pd.DataFrame(POSTS)


def expected(bundle: Path) -> Any:
    return score(load_bundle(bundle), POSTS["post_id"], POSTS["text"]).to_table().to_pandas()


def test_a_run_carries_settings_figures_datasets_curves_and_the_bundle(sent: tuple[str, Any], bundle: Path) -> None:
    run_id, client = sent
    run = client.get_run(run_id)
    evaluation = json.loads((bundle / "evaluation.json").read_text(encoding="utf-8"))
    assert run.info.status == "FINISHED"
    assert run.data.params["model.classifier"] == "logistic"
    assert run.data.params["run.seed"] == "20230310"
    figures = {one["metric"]: one for one in evaluation["categories"]["impersonation"]["all"]}
    assert run.data.metrics["impersonation/f1"] == pytest.approx(figures["f1"]["value"])
    assert run.data.metrics["impersonation/f1_low"] == pytest.approx(figures["f1"]["low"])
    assert run.data.metrics["impersonation/f1_n"] == figures["f1"]["n"]
    assert run.data.tags["koudai.validated_on.impersonation"] == "written"
    assert [one.dataset.digest for one in run.inputs.dataset_inputs] == [evaluation["corpora"]["seed"]["digest"]]
    names = {
        one.path
        for folder in ("bundle", "precision_recall", "reliability")
        for one in client.list_artifacts(run_id, folder)
    }
    assert {"bundle/manifest.json", "precision_recall/impersonation.png", "reliability/impersonation.png"} <= names


def test_the_registered_model_predicts_what_koudai_scores(
    sent: tuple[str, Any], store: TrackSection, bundle: Path
) -> None:
    import mlflow
    import pandas as pd

    mlflow.set_tracking_uri(store.uri)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = mlflow.pyfunc.load_model(f"models:/{store.registered_model}@candidate")
        found = loaded.predict(frame())
    wanted = expected(bundle)
    assert list(found.columns) == list(wanted.columns)
    pd.testing.assert_frame_equal(
        found.drop(columns=["alleged", "hazards"]), wanted.drop(columns=["alleged", "hazards"])
    )
    for name in ("alleged", "hazards"):
        assert [list(keys) for keys in found[name]] == [list(keys) for keys in wanted[name]]


def test_no_pickle_is_logged(sent: tuple[str, Any], store: TrackSection) -> None:
    folder = Path(store.uri.removeprefix("sqlite:///")).parent
    assert not [path for path in folder.rglob("*") if path.suffix in (".pkl", ".pickle", ".joblib")]


def test_K4_no_post_is_sent(bundle: Path, root: Path) -> None:
    told = spool_bytes(events_of(bundle)).decode()
    posts = [
        json.loads(line)["text"] for line in (root / "data/seed/posts.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert not [text for text in posts if json.dumps(text, ensure_ascii=False)[1:-1] in told]


def test_K1_tracking_that_is_down_leaves_bundle_and_spool(
    tmp_path: Path,
    small_config: Path,
    capsys: pytest.CaptureFixture[str],
    store: TrackSection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    out = tmp_path / "m"
    settings = ["track.enabled=true", "track.uri=http://me:hunter2@127.0.0.1:9", "decide.folds=2"]
    code = run_command(
        ["train", str(small_config), "--out", str(out), *(x for one in settings for x in ("--set", one))]
    )
    err = capsys.readouterr().err
    assert code == 6
    assert "trained and saved, not tracked" in err
    assert f"koudai track {out}" in err
    assert "hunter2" not in err
    assert load_bundle(out).categories
    assert read_spool(spool_path(out)) == events_of(out)
    assert run_command(["track", str(out)]) == 2
    assert "--uri" in capsys.readouterr().err
    assert run_command(["track", str(out), "--uri", store.uri]) == 0
    assert not spool_path(out).exists()


def test_K1_a_store_that_cannot_be_written_is_not_tracked(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    section = TrackSection(uri=f"sqlite:///{tmp_path}/file/mlflow.db")
    with pytest.raises(NotTracked) as caught:
        send_files([bundle / "manifest.json"], section, run_name="x")
    assert caught.value.exit_code == 6


def test_K2_long_and_undefined_values(bundle: Path, tmp_path: Path) -> None:
    import shutil

    from pipeline.durable import sha256_bytes

    copy = shutil.copytree(bundle, tmp_path / "copy")
    evaluation = json.loads((copy / "evaluation.json").read_text(encoding="utf-8"))
    evaluation["categories"]["impersonation"]["all"][0].update(value=None, low=None, high=None, n=0)
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    config["run"]["categories"] = ["x" * 50] * 200
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    for name, value in (("evaluation.json", evaluation), ("config.json", config)):
        data = json.dumps(value).encode()
        (copy / name).write_bytes(data)
        manifest["members"][name] = {"sha256": sha256_bytes(data), "bytes": len(data)}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    events = {event["kind"]: event for event in events_of(copy)}
    assert events["tags"]["tags"]["koudai.undefined.impersonation/precision"] == "undefined (n=0)"
    assert "impersonation/precision" not in events["metrics"]["metrics"]
    assert events["parameters"]["parameters"]["run.categories"].startswith("sha256:")
    assert events["text"]["name"] == "parameters/run.categories.json"


def test_a_spool_that_is_not_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{")
    with pytest.raises(ReadError, match="spooled"):
        read_spool(tmp_path / "x.jsonl")
    with pytest.raises(ModelFormatError):
        events_of(tmp_path)


def test_a_curve_names_its_axes() -> None:
    axes = draw("reliability", "rumour", [[0.1, 0.2, 30], [0.9, 0.8, 10]]).axes[0]
    assert (axes.get_xlabel(), axes.get_title()) == ("mean probability", "rumour (alleged)")


def test_a_real_server(tmp_path: Path, bundle: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/s.db", "--artifacts-destination", str(tmp_path / "art")]
    env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    server = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{address}/health", timeout=1):
                    break
            except OSError:
                assert server.poll() is None
                time.sleep(0.2)
        run_id = send(bundle, TrackSection(uri=address, experiment="served", registered_model="served"))
        import mlflow

        client = mlflow.MlflowClient(tracking_uri=address, registry_uri=address)
        assert client.get_run(run_id).data.tags["koudai.bundle"] == load_bundle(bundle).digest
        assert client.get_model_version_by_alias("served", "candidate").version == "1"
    finally:
        server.terminate()
        server.wait(30)
