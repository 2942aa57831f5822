"""The registered model: plain files, requirements that suffice, and the scores that the bundle itself gives."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import warnings
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

FOUND_NOT_IMPORTED = {"jieba": "its dictionary is read", "mlflow": "it runs the script"}
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


def test_F3_ids_that_are_exact_are_kept_to_the_last_digit(loaded: Any) -> None:
    import pandas as pd
    from mlflow.exceptions import MlflowException

    records = [{"post_id": post_id, "text": "a"} for post_id in (LONG, LONG + 1)]
    assert [row["post_id"] for row in served(loaded, {"dataframe_records": records})] == [str(LONG), str(LONG + 1)]
    frame = pd.DataFrame({"post_id": [7.0, 8.0], "text": ["a", "b"]})
    assert loaded.unwrap_python_model().predict(None, frame)["post_id"].tolist() == ["7", "8"]
    with pytest.raises(MlflowException, match="bad-id"):
        served(loaded, {"dataframe_records": [*records, {"post_id": None, "text": "b"}]})


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
    assert "alleged" in client.get_registered_model(section.registered_model).description
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
