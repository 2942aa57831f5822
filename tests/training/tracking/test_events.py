"""What is told of a bundle: all of it, as plain data, and never a post; what cannot be told is said to be so."""

from __future__ import annotations

import copy
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from koudai.corpus.labelled import HEADER, as_table
from koudai.errors import ModelFormatError, ReadError
from koudai.limits import MLFLOW_PARAMETER
from koudai.model.bundle.bundle import load_bundle
from koudai.model.evaluation import Evaluation
from koudai.training.tracking.checkout import COMMIT, code_state
from koudai.training.tracking.events import BUNDLE, artifact_path, events_of, read_spool, spool_bytes
from tests.training.tracking.bundles import altered, member


def of_kind(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["kind"] == kind]


def texts(events: list[dict[str, Any]]) -> dict[str, str]:
    return {event["name"]: event["text"] for event in of_kind(events, "text")}


def test_the_bundle_is_told_whole(bundle: Path) -> None:
    events = events_of(bundle, code=code_state())
    model, evaluation = load_bundle(bundle), member(bundle, "evaluation.json")
    tags = of_kind(events, "tags")[0]["tags"]
    assert tags[BUNDLE] == model.digest
    assert tags["koudai.taxonomy"] == f"cac-2023 {model.taxonomy.digest}"
    assert tags.items() >= code_state().items()
    attached = texts(events)
    for name in ("MODEL_CARD.md", "config.json", "evaluation.json"):
        assert attached[name] == (bundle / name).read_text(encoding="utf-8")
    drawn = {artifact_path(event) for event in of_kind(events, "drawing")}
    kinds = ("precision_recall", "reliability", "confusion")
    assert drawn == {f"{kind}/{key}.png" for kind in kinds for key in model.categories}
    told = {event["name"]: (event["digest"], event["rows"]) for event in of_kind(events, "dataset")}
    assert told == {name: (one["digest"], one["rows"]) for name, one in evaluation["corpora"].items()}


def test_top_terms_are_those_with_the_largest_weights(bundle: Path) -> None:
    model = load_bundle(bundle)
    told = json.loads(texts(events_of(bundle))["top_terms.json"])
    weights = dict(zip(model.terms(), model.weights[:, 0].tolist(), strict=True))
    terms = told[model.categories[0]]
    assert [weight for _, weight in terms] == sorted(weights.values(), reverse=True)[: len(terms)]
    assert all(weights[term] == weight for term, weight in terms)


def test_R7_terms_of_a_model_that_keeps_contacts_are_not_told(bundle: Path, tmp_path: Path) -> None:
    described = member(bundle, "model.json")
    for steps in (["nfkc", "mentions"], ["nfkc", "contacts"]):
        changed = altered(bundle, tmp_path / steps[1], model={**described, "steps": steps})
        assert "top_terms.json" not in texts(events_of(changed))


def test_what_corpora_say_and_how_models_transfer_are_attached_as_tables(bundle: Path, tmp_path: Path) -> None:
    told = list(csv.reader(io.StringIO(texts(events_of(bundle))["labelled.csv"])))
    assert told[0] == list(HEADER)
    labelled = Evaluation.from_json(member(bundle, "evaluation.json")).labelled
    assert told[1:] == [[str(cell) for cell in row] for row in as_table(labelled)]
    assert "transfer.csv" not in texts(events_of(bundle))
    evaluation = member(bundle, "evaluation.json")
    one = {"category": "impersonation", "fitted_on": "a, b", "tested_on": "c", "metric": "auc"}
    evaluation["transfer"] = [{**one, "value": None, "low": None, "high": None, "n": 0}]
    changed = altered(bundle, tmp_path / "m", evaluation=evaluation)
    told = list(csv.DictReader(io.StringIO(texts(events_of(changed))["transfer.csv"])))
    assert told == [{**one, "value": "", "low": "", "high": "", "n": "0"}]


def test_of_a_bundle_told_later_the_code_is_unknown(bundle: Path) -> None:
    assert of_kind(events_of(bundle), "tags")[0]["tags"][COMMIT] == "unknown: told of after training"


def test_a_learning_curve_is_drawn_where_one_was_measured(bundle: Path, tmp_path: Path) -> None:
    evaluation = member(bundle, "evaluation.json")
    evaluation["categories"]["impersonation"]["learning_curve"] = [[100, 0.3, 0.2, 0.4], [400, 0.5, 0.45, 0.55]]
    drawn = of_kind(events_of(altered(bundle, tmp_path / "b", evaluation=evaluation)), "drawing")
    assert [artifact_path(one) for one in drawn if one["name"] == "learning_curve"] == [
        "learning_curve/impersonation.png"
    ]


def test_K4_no_post_is_sent(bundle: Path, root: Path) -> None:
    told = spool_bytes(events_of(bundle)).decode()
    posts = [
        json.loads(line)["text"] for line in (root / "data/seed/posts.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert not [text for text in posts if json.dumps(text, ensure_ascii=False)[1:-1] in told]


def test_K2_long_and_undefined_values(bundle: Path, tmp_path: Path) -> None:
    evaluation, config = member(bundle, "evaluation.json"), member(bundle, "config.json")
    evaluation["categories"]["impersonation"]["all"][0].update(value=None, low=None, high=None, n=0)
    config["run"]["categories"] = ["x" * 50] * 200
    events = events_of(altered(bundle, tmp_path / "copy", evaluation=evaluation, config=config))
    parameters = of_kind(events, "parameters")[0]["parameters"]
    assert of_kind(events, "tags")[0]["tags"]["koudai.undefined.impersonation/precision"] == "undefined (n=0)"
    assert "impersonation/precision" not in of_kind(events, "metrics")[0]["metrics"]
    assert parameters["run.categories"].startswith("sha256:")
    assert json.loads(texts(events)["parameters/run.categories.json"]) == config["run"]["categories"]
    assert max(map(len, parameters.values())) <= MLFLOW_PARAMETER.value


NOT_FILES = ["../out", "/etc/x", "a/b/c", "a\\b", "a\x00b", "a b", "x/../../y", "·"]


@pytest.mark.parametrize("name", NOT_FILES, ids=ascii)
def test_I16_what_cannot_name_a_file_is_refused(bundle: Path, tmp_path: Path, name: str) -> None:
    config = member(bundle, "config.json")
    config["model"]["params"][name] = "x" * (MLFLOW_PARAMETER.value + 1)
    with pytest.raises(ModelFormatError, match="cannot name a file"):
        events_of(altered(bundle, tmp_path / "config", config=config))
    spool = tmp_path / "spool.jsonl"
    spool.write_bytes(spool_bytes([{"kind": "drawing", "name": "confusion", "category": f"../{name}", "values": []}]))
    with pytest.raises(ReadError, match="cannot name a file"):
        read_spool(spool)


def test_I9_a_spool_comes_back_as_it_went(bundle: Path, tmp_path: Path) -> None:
    evaluation = member(bundle, "evaluation.json")
    corpus = next(iter(evaluation["corpora"].values()))
    corpus["licence"] = "one\u2028two\x85three\x0bfour\nfive " + "long " * 1000
    events = events_of(altered(bundle, tmp_path / "copy", evaluation=evaluation))
    (tmp_path / "spool.jsonl").write_bytes(spool_bytes(events))
    assert read_spool(tmp_path / "spool.jsonl") == events


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "1", '{"kind": "shell"}', '{"kind": "text", "name": "a"}', '{"kind": "tags", "tags": []}', "[" * 99999],
    ids=lambda text: text[:20],
)
def test_a_spool_that_is_not_one_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(ReadError, match="spooled"):
        read_spool(tmp_path / "x.jsonl")


def test_a_folder_that_is_no_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError):
        events_of(tmp_path)


@pytest.mark.parametrize("missing", ["all", "precision", "corpora"])
def test_an_evaluation_of_another_shape_is_named(bundle: Path, tmp_path: Path, missing: str) -> None:
    evaluation = copy.deepcopy(member(bundle, "evaluation.json"))
    entry = evaluation["categories"]["impersonation"]
    if missing == "corpora":
        del evaluation["corpora"]
    elif missing == "precision":
        entry["all"] = [{"metric": "precision"}]
    else:
        del entry[missing]
    with pytest.raises(ModelFormatError):
        events_of(altered(bundle, tmp_path / "copy", evaluation=evaluation))
