"""The registered model: plain files, requirements that suffice, and the scores that the bundle itself gives."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest

from koudai.config.train import TrackSection
from koudai.model.bundle.bundle import load_bundle
from koudai.model.scorer import score
from koudai.training.tracking.runs import PYFUNC, REQUIREMENTS, send
from tests.hostile.strings import encodable
from tests.training.tracking.conftest import NewSection
from tests.training.tracking.server import model_server

FOUND_NOT_IMPORTED = {
    "jieba": "its dictionary is read",
    "mlflow": "it runs the script",
    "numba": "it compiles kernels where none are kept",
    "scipy": "numba imports it to compile them",
}
BROUGHT_BY_OTHERS = {"llvmlite": "numba"}


@pytest.fixture(scope="module")
def section(stored: NewSection, bundle: Path) -> TrackSection:
    made = stored()
    send(bundle, made)
    return made


@pytest.fixture(scope="module")
def loaded(section: TrackSection) -> Any:
    import mlflow

    mlflow.set_tracking_uri(section.uri)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlflow.pyfunc.load_model(f"models:/{section.registered_model}@candidate")


def logged(section: TrackSection) -> Path:
    """Return the folder of the registered model's files."""
    from urllib.parse import unquote, urlsplit

    import mlflow

    client = mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)
    (found,) = client.search_logged_models([client.get_experiment_by_name(section.experiment).experiment_id])
    return Path(unquote(urlsplit(found.artifact_location).path))


def predicted(model: Any, ids: list[Any], texts: list[Any]) -> Any:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.predict(pd.DataFrame({"post_id": ids, "text": texts}))


def assert_same(found: Any, wanted: Any) -> None:
    import pandas as pd

    lists = ["alleged", "hazards"]
    wanted = wanted.astype({name: "Float32" for name in wanted.columns if name.startswith("p_")})
    assert list(found.columns) == list(wanted.columns)
    pd.testing.assert_frame_equal(found.drop(columns=lists), wanted.drop(columns=lists))
    for name in lists:
        assert [list(keys) for keys in found[name]] == [list(keys) for keys in wanted[name]]


def test_it_predicts_what_koudai_scores_of_every_hostile_post(loaded: Any, bundle: Path) -> None:
    texts = ["各位观众晚上好，AI主播为您播报", "🎉", "橘子皮泡水，喝三天就好", *(text for _, text in encodable())]
    ids = [f"00{number}" for number in range(len(texts))]
    wanted = score(load_bundle(bundle), ids, texts).to_table().to_pandas()
    assert_same(predicted(loaded, ids, texts), wanted)


def test_T8_a_missing_post_is_an_empty_one(loaded: Any) -> None:
    found = predicted(loaded, ["a", "b"], [None, ""])
    assert found["reason"].tolist() == ["no-features"] * 2
    assert found["alleged"].map(len).tolist() == [0, 0]


def served(model: Any, request: dict[str, Any]) -> Any:
    """Return what a server answers: the JSON, as strict readers take it, or the error."""
    from mlflow.pyfunc import scoring_server

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = scoring_server.invocations(
            json.dumps(request), "application/json", model, model.metadata.get_input_schema()
        )

    def refuse(name: str) -> None:
        raise AssertionError(name)

    return json.loads(answer.response, parse_constant=refuse)["predictions"]


def test_F4_a_served_post_without_words_has_null_for_its_probability(loaded: Any) -> None:
    records = [{"post_id": "a", "text": text} for text in (None, "", " ")]
    for row in served(loaded, {"dataframe_records": records}):
        assert row["abstained"]
        assert {value for name, value in row.items() if name.startswith("p_")} == {None}


LONG = 1234567890123456789


@pytest.mark.parametrize(
    ("ids", "texts", "told"),
    [
        ([LONG, None], ["a", "b"], "1 of 2 rows are no posts, and none was scored: row 2: bad-id"),
        ([None], ["a"], "row 1: bad-id"),
        (["nan", "7"], ["a", "b"], "1 of 2 rows"),
        (["", "b"], ["a", "b"], "row 1: bad-id"),
        (["x" * 600], ["a"], "longer than 512"),
        (["4.75E+15"], ["a"], "rounded-id"),
        ([float(2**53 + 2)], ["a"], "bad-id"),
        ([True], ["a"], "bad-id"),
        (["a"], ["口" * 400_000], "too-long"),
        (["a", "b"], [{"x": 1}, ["x"]], "row 1: bad-text"),
        (["a", "b"], ["text", 5], "row 2: bad-text"),
        (list(range(9)), [5] * 9, "and 4 more"),
    ],
)
def test_F3_rows_that_score_would_quarantine_are_refused(
    loaded: Any, ids: list[Any], texts: list[Any], told: str
) -> None:
    import pandas as pd
    from mlflow.exceptions import MlflowException

    frame = pd.DataFrame({"post_id": pd.Series(ids, dtype="object"), "text": pd.Series(texts, dtype="object")})
    with pytest.raises(MlflowException) as refused:
        loaded.unwrap_python_model().predict(None, frame)
    assert told in str(refused.value)
    assert refused.value.get_http_status_code() == 400


def test_P7_a_table_of_lists_is_scored_as_its_rows(loaded: Any) -> None:
    """As MLflow hands it on: texts alone as one row of lists, with a number or a null among them as a table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for ids, texts in ((["a", "b"], ["停水", "5"]), (["a", 7], [None, "x"]), (["a"], ["x"])):
            assert list(loaded.predict({"post_id": ids, "text": texts})["post_id"]) == list(map(str, ids))


def test_F3_ids_that_are_exact_are_kept_to_the_last_digit(loaded: Any) -> None:
    import pandas as pd
    from mlflow.exceptions import MlflowException

    records = [{"post_id": post_id, "text": "a"} for post_id in (LONG, LONG + 1)]
    assert [row["post_id"] for row in served(loaded, {"dataframe_records": records})] == [str(LONG), str(LONG + 1)]
    frame = pd.DataFrame({"post_id": [7.0, 8.0], "text": ["a", "b"]})
    assert loaded.unwrap_python_model().predict(None, frame)["post_id"].tolist() == ["7", "8"]
    with pytest.raises(MlflowException, match="bad-id"):
        served(loaded, {"dataframe_records": [*records, {"post_id": None, "text": "b"}]})


@pytest.fixture(scope="module")
def address(section: TrackSection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with model_server(tmp_path_factory.mktemp("serving"), logged(section)) as found:
        yield found


def asked(address: str, request: Any) -> tuple[int, Any]:
    """Return the status and what a strict reader of JSON makes of the answer."""

    def refuse(name: str) -> None:
        raise AssertionError(name)

    body = json.dumps(request).encode()
    told = urllib.request.Request(f"{address}/invocations", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(told, timeout=60) as answer:
            return answer.status, json.loads(answer.read(), parse_constant=refuse)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read(), parse_constant=refuse)


@pytest.mark.slow
def test_P7_a_server_takes_records_and_columns_and_refuses_what_score_would_quarantine(address: str) -> None:
    """``mlflow models serve``, over HTTP."""
    texts = ["各位观众晚上好，AI主播为您播报", "", None]
    records = [{"post_id": f"00{number}", "text": text} for number, text in enumerate(texts)]
    columns = {"post_id": [one["post_id"] for one in records], "text": texts}
    status, found = asked(address, {"dataframe_records": records})
    assert status == 200
    rows = found["predictions"]
    assert [row["post_id"] for row in rows] == columns["post_id"]
    assert [row["abstained"] for row in rows] == [False, True, True]
    assert [row["p_impersonation.ai_news_anchors"] is None for row in rows] == [False, True, True]
    split = {"columns": ["post_id", "text"], "data": [[one["post_id"], one["text"]] for one in records]}
    for request in ({"inputs": columns}, {"dataframe_split": split}):
        assert asked(address, request) == (status, found)
    assert asked(address, {"inputs": {"post_id": ["000"], "text": texts[:1]}}) == (200, {"predictions": rows[:1]})
    assert asked(address, {"inputs": {"post_id": [LONG], "text": ["None"]}})[1]["predictions"][0]["post_id"] == str(
        LONG
    )
    refused = [
        ({"post_id": None, "text": "a"}, "bad-id"),
        ({"post_id": 1.5, "text": "a"}, "bad-id"),
        ({"post_id": True, "text": "a"}, "bad-id"),
        ({"post_id": "", "text": "a"}, "bad-id"),
        ({"post_id": "x", "text": ["a"]}, "bad-text"),
        ({"post_id": "x", "text": {"a": 1}}, "bad-text"),
        ({"post_id": "x", "text": "口" * 400_000}, "too-long"),
        ({"text": "a"}, "missing inputs ['post_id']"),
    ]
    for post, told in refused:
        for request in ({"dataframe_records": [post]}, {"inputs": {name: [value] for name, value in post.items()}}):
            status, answer = asked(address, request)
            assert (status, told in answer["message"]) == (400, True), (post, answer)
    status, answer = asked(address, {"inputs": {"post_id": ["a", "b"], "text": ["c"]}})
    assert (status, "2 ids and 1 texts" in answer["message"]) == (400, True)
    assert asked(address, columns)[0] == 400  # MLflow itself wants `inputs` around it


@pytest.mark.slow
def test_P10_mlflow_evaluates_the_tags_of_one_category(loaded: Any) -> None:
    """As the how-to shows it."""
    import mlflow
    import pandas as pd

    rows = predicted(loaded, ["1", "2", "3"], ["各位观众晚上好，AI主播为您播报", "食堂", ""])
    tagged = rows["alleged"].map(lambda keys: "impersonation.ai_news_anchors" in keys).astype(int)
    table = pd.DataFrame({"labelled": [1, 0, 0], "tagged": tagged})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mlflow.models.evaluate(data=table, targets="labelled", predictions="tagged", model_type="classifier")
    assert found.metrics["example_count"] == 3
    assert 0 <= found.metrics["f1_score"] <= 1


def test_P11_the_version_says_what_it_is(section: TrackSection) -> None:
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=section.uri, registry_uri=section.uri)
    version = client.get_model_version_by_alias(section.registered_model, "candidate")
    assert version.description.startswith("# Model card: small")
    assert "**Not for**" in version.description
    whole = client.get_registered_model(section.registered_model).description
    assert "alleged" in whole
    assert whole.endswith(f"Version {version.version}:\n\n{version.description}")
    (model,) = client.search_logged_models([client.get_experiment_by_name(section.experiment).experiment_id])
    run = client.get_run(version.run_id)
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["seed"]
    assert [one.model_id for one in run.inputs.model_inputs] == [model.model_id]


def test_P4_no_pickle_is_logged(section: TrackSection) -> None:
    paths = [path for path in logged(section).rglob("*") if path.is_file()]
    assert {path.name for path in paths} >= {"MLmodel", "pyfunc.py", "manifest.json"}
    assert not [path for path in paths if path.suffix in (".pkl", ".pickle", ".joblib")]
    assert not [path for path in paths if path.read_bytes()[:1] == b"\x80"]


@pytest.mark.slow
def test_requirements_are_what_the_script_imports(section: TrackSection, bundle: Path) -> None:
    code = f"""
import json, sys
from pathlib import Path
from koudai.model.bundle.bundle import load_bundle
from koudai.model.scorer import score
score(load_bundle(Path({str(bundle)!r})), ["a"], ["AI主播"]).to_table().to_pandas()
print(json.dumps([sorted({{name.split(".")[0] for name in sys.modules}}),
                  [m.__file__ for n, m in sys.modules.items() if n.startswith("koudai")]]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    there, files = json.loads(done.stdout)
    files.append(str(PYFUNC))
    named = set()
    for file in files:
        for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                named.add(node.module.split(".")[0])
    imported = (named & set(there)) - set(sys.stdlib_module_names) - {"koudai"} - set(BROUGHT_BY_OTHERS)
    assert {packages_distributions()[name][0] for name in imported} | set(FOUND_NOT_IMPORTED) == set(REQUIREMENTS)
    pinned = (logged(section) / "requirements.txt").read_text(encoding="utf-8").split()
    assert sorted(pinned) == sorted(f"{name}=={version(name)}" for name in REQUIREMENTS)


def test_the_signature_names_every_column(section: TrackSection, bundle: Path) -> None:
    import mlflow

    signature = mlflow.models.get_model_info(str(logged(section))).signature
    wanted = score(load_bundle(bundle), ["a"], ["b"]).to_table().to_pandas()
    assert signature.inputs.input_names() == ["post_id", "text"]
    assert signature.outputs.input_names() == list(wanted.columns)


@pytest.mark.slow
def test_P7_a_run_of_scikit_learn_that_logs_itself_keeps_figures_and_a_model(
    stored: NewSection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``mlflow.sklearn.autolog`` around koudai's estimators: a model that cannot be pickled ends without either."""
    import mlflow
    import numpy as np
    from sklearn.pipeline import make_pipeline

    from koudai import DualLogisticRegression, JiebaTfidfVectorizer

    # Else a process of its own loads the model, to see what it imports.
    monkeypatch.setattr(mlflow.models, "infer_pip_requirements", lambda *_, fallback=(), **__: list(fallback))
    section, y = stored(), np.array([1, 0, 1, 0] * 6)
    texts = np.array(["听说明天停水", "图书馆明天开门", "转给家里人", "食堂的茄子"] * 6)
    mlflow.set_tracking_uri(section.uri)
    mlflow.set_experiment(section.experiment)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.sklearn.autolog(silent=True)
        try:
            with mlflow.start_run() as run:
                fitted = make_pipeline(JiebaTfidfVectorizer(), DualLogisticRegression(C=2.0)).fit(texts, y)
        finally:
            mlflow.sklearn.autolog(disable=True, silent=True)
        told = mlflow.get_run(run.info.run_id)
        assert told.data.metrics["training_accuracy_score"] == 1.0
        assert told.data.params["duallogisticregression__C"] == "2.0"
        assert [one.dataset.name for one in told.inputs.dataset_inputs] == ["dataset"]
        (model,) = told.outputs.model_outputs
        again = mlflow.sklearn.load_model(f"models:/{model.model_id}")
    assert np.array_equal(again.predict_proba(texts), fitted.predict_proba(texts))
