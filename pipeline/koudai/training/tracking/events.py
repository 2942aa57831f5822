"""Events: everything that is logged to MLflow about a bundle, as plain data.

Promises: made only from the bundle, the state of the code and the durations of trials, so they can be sent at any later
time; hold counts, figures, digests, settings and, of a model that hides contacts, terms, never a post; an undefined
figure becomes a tag, and a value that is too long is attached as a file, with its hash in its place.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koudai.corpus.labelled import HEADER, as_table
from koudai.errors import ModelFormatError, ReadError
from koudai.limits import MLFLOW_PARAMETER
from koudai.model.bundle.inspection import inspect_bundle
from koudai.model.bundle.members import CARD, MANIFEST, bundle_digest, json_member, read_members
from koudai.model.evaluation import CategoryEvaluation, Evaluation
from koudai.storage.durable import sha256_bytes, to_json
from koudai.text.characters.normalize import Normalizer
from koudai.training.tracking.checkout import COMMIT
from koudai.training.tracking.drawings import KINDS

BUNDLE = "koudai.bundle"
_UNKNOWN_CODE = {COMMIT: "unknown: told of after training"}
_ATTACHED = (CARD, "config.json", "evaluation.json")
_TERMS = 30
TRANSFER = ("category", "fitted_on", "tested_on", "metric", "value", "low", "high", "n")
_LICENCE_CHARACTERS = 1000
_FIELDS = {
    "tags": {"tags": dict},
    "parameters": {"parameters": dict},
    "dataset": {"name": str, "digest": str, "rows": int, "licence": str},
    "metrics": {"metrics": dict},
    "text": {"name": str, "text": str},
    "drawing": {"name": str, "category": str, "values": list},
    "trial": {"number": int, "parameters": dict, "metrics": dict, "tags": dict},
}
_PLACE = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)


def events_of(
    folder: Path, *, code: dict[str, str] | None = None, seconds: Mapping[int, float] | None = None
) -> list[dict[str, Any]]:
    """Return the events of a bundle, in the order of sending.

    Parameters
    ----------
    folder
        A bundle; its members' hashes are checked.
    code
        Tags that identify the code that trained it, from `koudai.training.tracking.checkout.code_state`; the commit is
        "unknown" if not given.
    seconds
        Duration of each trial of a search, by its number.

    Returns
    -------
    list of dict
        Each with ``kind``: ``tags``, ``parameters``, ``dataset``, ``metrics``, ``text`` (a file to attach), ``drawing``
        (numbers to draw and attach), ``trial`` (of a search, a nested run), and the fields of that kind.

    Raises
    ------
    ModelFormatError
        If the bundle does not describe an evaluation, or a name in it cannot be the name of a file.
    """
    _, members = read_members(folder)
    found = inspect_bundle(folder, top=_TERMS)
    config = json_member(members, "config.json", folder)
    evaluation = Evaluation.from_json(json_member(members, "evaluation.json", folder), where=folder)
    try:
        tags, metrics = _figures(evaluation)
        parameters, attached = _parameters(config)
        tags |= {
            BUNDLE: bundle_digest(members[MANIFEST]),
            "koudai.name": found.name,
            "koudai.taxonomy": found.taxonomy,
            "koudai.version": found.versions.get("koudai", "unknown"),
            **{f"koudai.validated_on.{key}": entry.validated_on for key, entry in found.categories.items()},
            **(_UNKNOWN_CODE if code is None else code),
        }
        texts = {name: members[name].decode() for name in _ATTACHED}
        texts |= _tables(evaluation)
        if Normalizer(tuple(json_member(members, "model.json", folder)["steps"])).hides:
            texts["top_terms.json"] = to_json({key: entry.terms for key, entry in found.categories.items()}).decode()
        attached += [{"kind": "text", "name": name, "text": text} for name, text in texts.items()]
        return _checked(
            [
                {"kind": "tags", "tags": tags},
                {"kind": "parameters", "parameters": parameters},
                *_datasets(evaluation),
                {"kind": "metrics", "metrics": metrics},
                *attached,
                *_drawings(evaluation),
                *_trials(evaluation, seconds or {}),
            ]
        )
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise ModelFormatError(
            what="evaluation.json does not describe an evaluation", where=folder, got=repr(error)
        ) from error


def _figures(evaluation: Evaluation) -> tuple[dict[str, str], dict[str, float]]:
    undefined: dict[str, str] = {}
    metrics: dict[str, float] = {}
    for category, entry in evaluation.categories.items():
        for figures, unseen in ((entry.all, ""), (entry.unseen, "_unseen")):
            for figure in figures:
                name = f"{category}/{figure.metric}{unseen}"
                if figure.value is None:
                    undefined[f"koudai.undefined.{name}"] = f"undefined (n={figure.n})"
                    continue
                metrics[name] = figure.value
                metrics[f"{name}_n"] = figure.n
                metrics |= {
                    f"{name}_{end}": at for end, at in (("low", figure.low), ("high", figure.high)) if at is not None
                }
    if search := evaluation.search:
        metrics |= {f"search/{search.metric}": search.value, "search/trials": search.trials}
    return undefined, metrics


def _parameters(config: dict[str, Any]) -> tuple[dict[str, str], list[dict[str, Any]]]:
    parameters, attached = {}, []
    for name, value in _flat(config):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if len(text) > MLFLOW_PARAMETER.value:
            attached.append({"kind": "text", "name": f"parameters/{name}.json", "text": text})
            text = f"sha256:{sha256_bytes(text.encode())} (see parameters/{name}.json)"
        parameters[name] = text
    return parameters, attached


def _datasets(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            "kind": "dataset",
            "name": name,
            "digest": entry.digest,
            "rows": entry.rows,
            "licence": entry.licence[:_LICENCE_CHARACTERS],
        }
        for name, entry in evaluation.corpora.items()
    ]


def _tables(evaluation: Evaluation) -> dict[str, str]:
    """Return label counts per corpus and the transfer matrix as CSV files, which MLflow shows as tables."""
    return {
        name: _csv(header, rows)
        for name, header, rows in (
            ("labelled.csv", HEADER, as_table(evaluation.labelled)),
            ("transfer.csv", TRANSFER, [[getattr(one, column) for column in TRANSFER] for one in evaluation.transfer]),
        )
        if rows
    }


def _csv(header: tuple[str, ...], rows: list[list[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([header, *rows])
    return written.getvalue()


def _drawings(evaluation: Evaluation) -> list[dict[str, Any]]:
    found = []
    for category, entry in evaluation.categories.items():
        found += [
            {"kind": "drawing", "name": kind, "category": category, "values": [list(point) for point in points]}
            for kind in KINDS
            if (points := _points(entry, kind))
        ]
    return found


def _points(entry: CategoryEvaluation, kind: str) -> tuple[tuple[float, ...], ...]:
    points: tuple[tuple[float, ...], ...] = getattr(entry, kind)
    return points


def _trials(evaluation: Evaluation, seconds: Mapping[int, float]) -> list[dict[str, Any]]:
    search, events = evaluation.search, []
    for trial in search.tried if search else ():
        metrics = {} if search is None or trial.value is None else {search.metric: trial.value}
        if trial.number in seconds:
            metrics["seconds"] = seconds[trial.number]
        parameters = {name: json.dumps(setting, ensure_ascii=False) for name, setting in trial.settings.items()}
        tags = {} if trial.error is None else {"koudai.error": trial.error}
        event = {"kind": "trial", "number": trial.number}
        events.append(event | {"parameters": parameters, "metrics": metrics, "tags": tags})
    return events


def artifact_path(event: dict[str, Any]) -> str:
    """Return the path of the artefact that an event of kind ``text`` or ``drawing`` becomes.

    Examples
    --------
    >>> artifact_path({"kind": "drawing", "name": "confusion", "category": "rumour", "values": []})
    'confusion/rumour.png'
    """
    return event["name"] if event["kind"] == "text" else f"{event['name']}/{event['category']}.png"


def _checked(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for event in events:
        if {name: type(value) for name, value in event.items() if name != "kind"} != _FIELDS[event["kind"]]:
            message = f"an event of kind {event['kind']} holds something else"
            raise TypeError(message)
        if event["kind"] in ("text", "drawing") and not _PLACE.fullmatch(artifact_path(event)):
            message = f"{artifact_path(event)!r} cannot name a file"
            raise ValueError(message)
    return events


def read_spool(path: Path) -> list[dict[str, Any]]:
    """Return the events of a spool file; raises `ReadError` if it is not one."""
    try:
        return _checked([json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReadError(
            what="the spooled events cannot be read",
            where=path,
            got=repr(error),
            todo="delete it; events are made from the bundle again",
        ) from error


def spool_bytes(events: list[dict[str, Any]]) -> bytes:
    """Return events as JSON lines.

    Examples
    --------
    >>> spool_bytes([{"kind": "tags", "tags": {}}]).decode().splitlines()
    ['{"kind": "tags", "tags": {}}']
    """
    return "".join(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n" for event in events).encode()


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            found += _flat(inner, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", inner))
    return found
