"""The registered model on Spark: MLflow makes a function of it, which gives the scores of the bundle."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pytest

from koudai.model.bundle.bundle import load_bundle
from koudai.model.scorer import score
from koudai.scoring.engines.workers.requirements import java
from koudai.training.tracking import runs
from koudai.training.tracking.runs import send
from tests.conftest import ROOT
from tests.scoring.engines.clusters import spark_settings
from tests.scoring.engines.daemon import PRELOADED
from tests.training.tracking.conftest import new_section
from tests.training.tracking.stores import new_store

pytestmark = pytest.mark.spark

pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'koudai[spark]'")
TEXTS = ["各位观众晚上好，AI主播为您播报", "", "橘子皮泡水，喝三天就好", "今天食堂停水", "🎉", "通知：图书馆闭馆"] * 5


@pytest.mark.skipif(java() is None, reason="there is no Java: sh tests/scoring/get_java.sh")
def test_spark_udf_gives_the_scores_of_the_bundle(
    bundle: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    monkeypatch.setenv("SPARK_CONF_DIR", str(spark_settings(tmp_path)))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv(PRELOADED, "mlflow.pyfunc koudai.training.tracking.pyfunc")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    section = new_section(new_store(tmp_path_factory, tmp_path), tmp_path)()
    with monkeypatch.context() as patched:
        patched.setattr(runs, "evaluation_png", lambda *given: b"")  # other tests look at the drawings
        send(bundle, section)
    ids = [f"{number:03d}" for number in range(len(TEXTS))]
    wanted = score(load_bundle(bundle), ids, TEXTS).to_table().to_pylist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = scored_by_spark(section.uri, f"models:/{section.registered_model}@candidate", ids)
    assert found == wanted


def scored_by_spark(store: str, model: str, ids: list[str]) -> list[dict[str, object]]:
    import mlflow
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    session = builder.config("spark.ui.showConsoleProgress", "false").config("spark.log.level", "OFF").getOrCreate()
    try:
        mlflow.set_tracking_uri(store)
        udf = mlflow.pyfunc.spark_udf(session, model, env_manager="local")
        frame = session.createDataFrame(list(zip(ids, TEXTS, strict=True)), ["post_id", "text"]).repartition(2)
        rows = frame.select(udf("post_id", "text").alias("scores")).select("scores.*").collect()
        return sorted((row.asDict() for row in rows), key=lambda row: str(row["post_id"]))
    finally:
        mlflow.set_tracking_uri(None)
        session.stop()
