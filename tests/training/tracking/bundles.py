"""Bundles as they might have come out: copies of a trained one with another evaluation or config, hashed anew."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from koudai.storage.durable import sha256_bytes


def member(bundle: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bundle / name).read_text(encoding="utf-8"))
    return found


def altered(bundle: Path, folder: Path, **members: dict[str, Any]) -> Path:
    """Return a copy of `bundle` in which ``evaluation``, ``config``, … are as given."""
    shutil.copytree(bundle, folder)
    manifest = member(folder, "manifest.json")
    for name, value in members.items():
        data = json.dumps(value, ensure_ascii=False).encode()
        (folder / f"{name}.json").write_bytes(data)
        manifest["members"][f"{name}.json"] = {"sha256": sha256_bytes(data), "bytes": len(data)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def scaled(bundle: Path, folder: Path, by: float) -> Path:
    """Return a copy of `bundle` whose F1 figures are `by` times as high."""
    evaluation = member(bundle, "evaluation.json")
    for entry in evaluation["categories"].values():
        for figure in entry["all"]:
            if figure["metric"] == "f1":
                figure["value"] *= by
    return altered(bundle, folder, evaluation=evaluation)
