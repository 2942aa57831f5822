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
