"""Events: what MLflow is to be told of a bundle, as plain data, before anyone is told.

Promises: made from the bundle alone, so they can be sent at any later time; hold counts, figures, digests and
settings, never a post; a value that is not a number is said to be undefined, a value too long is attached and its
hash given.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.durable import sha256_bytes
from pipeline.errors import ModelFormatError, ReadError
from pipeline.limits import MLFLOW_PARAMETER
from pipeline.model.members import MANIFEST, bundle_digest, json_member, read_members


def events_of(folder: Path) -> list[dict[str, Any]]:
    """Return the events of a bundle, in the order they are sent.

    Parameters
    ----------
    folder
        A bundle; its members' hashes are checked.

    Returns
    -------
    list of dict
        Each with ``kind``: ``tags``, ``parameters``, ``dataset``, ``metrics``, ``text`` (an attached file), ``curve``.
    """
    _, members = read_members(folder)
    config = json_member(members, "config.json", folder)
    model = json_member(members, "model.json", folder)
    evaluation = json_member(members, "evaluation.json", folder)
    try:
        return _events(config, model, evaluation, digest=bundle_digest(members[MANIFEST]))
    except (KeyError, TypeError, StopIteration) as error:
        raise ModelFormatError(
            what="evaluation.json does not describe an evaluation", where=folder, got=repr(error)
        ) from error


def _events(
    config: dict[str, Any], model: dict[str, Any], evaluation: dict[str, Any], *, digest: str
) -> list[dict[str, Any]]:
    parameters, attached = {}, []
    for name, value in _flat(config):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if len(text) > MLFLOW_PARAMETER.value:
            attached.append({"kind": "text", "name": f"parameters/{name}.json", "text": text})
            text = f"sha256:{sha256_bytes(text.encode())} (see parameters/{name}.json)"
        parameters[name] = text
    metrics, undefined = {}, {}
    for category, entry in evaluation["categories"].items():
        for part in ("all", "unseen"):
            for figure in entry[part]:
                name = f"{category}/{figure['metric']}" + ("" if part == "all" else "_unseen")
                if figure["value"] is None:
                    undefined[name] = f"undefined (n={figure['n']})"
                    continue
                metrics[name] = figure["value"]
                metrics[f"{name}_n"] = figure["n"]
                for end in ("low", "high"):
                    if figure[end] is not None:
                        metrics[f"{name}_{end}"] = figure[end]
    datasets = [
        {"kind": "dataset", "name": name, "digest": entry["digest"], "rows": entry["rows"], "licence": entry["licence"]}
        for name, entry in evaluation["corpora"].items()
    ]
    curves = [
        {
            "kind": "curve",
            "name": f"{curve}/{category}.png",
            "curve": curve,
            "category": category,
            "points": entry[curve],
        }
        for category, entry in evaluation["categories"].items()
        for curve in ("precision_recall", "reliability")
        if entry[curve]
    ]
    tags = {"koudai.bundle": digest, "koudai.name": model["name"]}
    tags |= {f"koudai.validated_on.{key}": fit for key, fit in model["validated_on"].items()}
    tags |= {f"koudai.undefined.{name}": why for name, why in undefined.items()}
    return [
        {"kind": "tags", "tags": tags},
        {"kind": "parameters", "parameters": parameters},
        *attached,
        *datasets,
        {"kind": "metrics", "metrics": metrics},
        *curves,
    ]


def read_spool(path: Path) -> list[dict[str, Any]]:
    """Return the events of a spool file; raises `ReadError` if it is not one."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise ReadError(
            what="the spooled events cannot be read", where=path, got=error, todo="delete it; the bundle says the same"
        ) from error


def spool_bytes(events: list[dict[str, Any]]) -> bytes:
    """Return events as JSON lines."""
    return "".join(json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n" for event in events).encode()


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            found += _flat(inner, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", inner))
    return found
