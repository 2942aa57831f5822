"""A sample through a real Label Studio: it takes interface and tasks, and each form of export says what was answered.

It runs the program that ``$KOUDAI_LABEL_STUDIO`` names, or ``label-studio`` on the path, which is installed apart from
koudai, since it wants older versions of much. It works in a folder of its own, on loopback, and asks no other host.
"""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.audit.inputs.annotations import MISSING, read_annotations
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.sheet import label_config
from koudai.config.people import AnnotationsSection
from koudai.errors import LabelError, ScoresMismatch
from tests.audit.sample.drawn import KEYS
from tests.audit.sample.test_answers import TASKS, TOLD, N, labels
from tests.audit.table import tiny_taxonomy
from tests.training.tracking.server import free_port, serving

pytestmark = pytest.mark.slow

FORMS = {"JSON": "e.json", "JSON_MIN": "min.json", "CSV": "e.csv", "TSV": "e.tsv"}
TOKEN = "0123456789abcdef" * 2 + "01234567"
PEOPLE = ("first@labels.example", "second@labels.example")
Call = Callable[..., Any]


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Call]:
    """What asks the server: method, path, and what to send as JSON; gives what it answers."""
    program = os.environ.get("KOUDAI_LABEL_STUDIO") or shutil.which("label-studio")
    if not program:
        pytest.skip("Label Studio is not installed: `pip install label-studio` apart, name it in $KOUDAI_LABEL_STUDIO")
    folder, port = tmp_path_factory.mktemp("label-studio"), free_port()
    command = [program, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    command += ["--data-dir", str(folder), "--username", PEOPLE[0], "--password", "for-tests-only"]
    command += ["--user-token", TOKEN, "--enable-legacy-api-token"]
    quiet = {"COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    with serving(command, folder, port, environ=quiet, minutes=15) as address:

        def ask(method: str, path: str, told: Any = None) -> Any:
            request = urllib.request.Request(f"{address}/api/{path}", method=method)
            request.add_header("Authorization", f"Token {TOKEN}")
            request.add_header("Content-Type", "application/json")
            with urllib.request.urlopen(request, None if told is None else json.dumps(told).encode()) as answer:
                content = answer.read()
            return json.loads(content) if "json" in str(answer.headers["Content-Type"]) else content

        yield ask


def chosen(name: str, label: str) -> dict[str, Any]:
    """Return one choice as the interface sends it."""
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [label]}}


def test_a_sample_comes_back_from_every_form_of_export(call: Call, tmp_path: Path) -> None:
    answers = [labels(seed, ("yes", "no")) for seed in (7, 23)]
    people = [call("GET", "current-user/whoami")["id"]]
    people.append(
        call("POST", "users/", {"email": PEOPLE[1], "username": PEOPLE[1], "password": "for-tests-only"})["id"]
    )
    told = {"title": "sample", "label_config": label_config(KEYS, tiny_taxonomy())}
    project = call("POST", "projects/", told)["id"]
    assert call("POST", f"projects/{project}/import", TASKS)["task_count"] == N
    tasks = call("GET", f"tasks/?project={project}&page_size={N}")["tasks"]
    for task in tasks:
        row = int(task["data"]["row"]) - 1
        for who, (said, _) in zip(people, answers, strict=True):
            result = [
                {
                    "from_name": key.replace(".", "-"),
                    "to_name": "text",
                    "type": "choices",
                    "value": {"choices": [label]},
                }
                for key, label in said[row].items()
            ]
            call("POST", f"tasks/{task['id']}/annotations/", {"result": result, "completed_by": who})
    call("POST", f"tasks/{tasks[0]['id']}/annotations/", {"result": [], "was_cancelled": True})
    meant = np.array([values for _, values in answers], np.int8)

    def exported(form: str, name: str, some: list[dict[str, Any]] = tasks) -> Path:
        asked = "".join(f"&ids[]={task['id']}" for task in some)
        content = call("GET", f"projects/{project}/export?exportType={form}{asked}")
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    for form, name in FORMS.items():
        path = exported(form, name)
        found = read_labels([path], TOLD)
        assert {one.tobytes() for one in found} == {one.tobytes() for one in meant}, form
        section = AnnotationsSection.model_validate({"file": name, "layout": "label-studio"})
        annotations = read_annotations(section, path, taxonomy=tiny_taxonomy())
        assert (len(annotations.annotators), annotations.values) == (2, ("no", "yes"))
        assert {*annotations.coded} == {*KEYS}
        for column, key in enumerate(KEYS):
            counts = (meant[:, :, column] == 1).sum(axis=1)
            assert sorted((annotations.coded[key] == 1).sum(axis=0)) == sorted(counts), (form, key)
            assert (annotations.coded[key] != MISSING).all()
    halves = [exported("JSON", "half.json", tasks[: N // 2]), exported("CSV", "half.csv", tasks[N // 2 :])]
    assert {one.tobytes() for one in read_labels(halves, TOLD)} == {one.tobytes() for one in meant}
    with pytest.raises(ScoresMismatch, match="in two exports"):
        read_labels([halves[0], tmp_path / "min.json"], TOLD)
    with pytest.raises(LabelError, match="not about|no labels of the sample"):
        read_labels([_of_another(call, tmp_path)], TOLD)


def _of_another(call: Call, tmp_path: Path) -> Path:
    """Return the export of a project that asks for something else."""
    config = label_config(("else",))
    project = call("POST", "projects/", {"title": "another", "label_config": config})["id"]
    call("POST", f"projects/{project}/import", TASKS[:1])
    task = call("GET", f"tasks/?project={project}")["tasks"][0]["id"]
    call("POST", f"tasks/{task}/annotations/", {"result": [chosen("else", "yes")]})
    path = tmp_path / "another.json"
    path.write_text(json.dumps(call("GET", f"projects/{project}/export?exportType=JSON")), encoding="utf-8")
    return path
