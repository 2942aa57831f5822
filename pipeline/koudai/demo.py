"""The demo: trains on the bundled posts, scores those the model has never seen, and audits them, in one go.

Promises: writes into one folder only; needs no network; what it shows is how the tools work, not what is out there,
and the page says so.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from koudai import api
from koudai.config.places import bundled
from koudai.progress import Progress
from koudai.scoring.totals import Totals
from koudai.storage.durable import new_folder, write_bytes


class Demo(NamedTuple):
    """What the demo leaves: the model, the counts of its job, and the path of the page."""

    model: api.TrainedModel
    totals: Totals
    page: Path


def run_demo(out: Path, *, lang: str = "en", created_at: str | None = None, progress: Progress | None = None) -> Demo:
    """Train, score and audit the bundled posts.

    Parameters
    ----------
    out
        A folder that does not exist yet or is empty; gets ``model/``, ``posts.jsonl``, ``scores/`` and ``report/``.
    lang
        Language that the page opens in, ``en`` or ``zh``.
    created_at
        Date and time that the report will carry; by default now.
    progress
        Progress callback.
    """
    configs = bundled("configs")
    page = api.PageSettings(lang=lang)
    new_folder(out)
    model = api.train(configs / "train" / "demo.toml", out=out / "model", progress=progress)
    posts = out / "posts.jsonl"
    write_bytes(posts, _unseen())
    totals = api.score(model, posts, out=out / "scores", settings=api.ScoreSettings(shard_size=1000), progress=progress)
    api.audit(
        configs / "audit" / "demo.toml",
        model=model,
        scores=out / "scores",
        out=out / "report",
        settings=api.AuditSettings(created_at=created_at),
        page=page,
        progress=progress,
    )
    return Demo(model, totals, out / "report" / "report.html")


def _unseen() -> bytes:
    """Return the bundled posts that are not trained on, as JSON lines without their labels."""
    text = (bundled("data") / "seed" / "posts.jsonl").read_text(encoding="utf-8")
    rows = [row for row in map(json.loads, text.splitlines()) if row["split"] == "test"]
    lines = [json.dumps({name: row[name] for name in ("post_id", "text")}, ensure_ascii=False) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def free_folder(path: Path) -> Path:
    """Return `path`, or the first of ``path-2``, ``path-3``, … that holds nothing yet."""
    number = 1
    folder = path
    while folder.exists() and any(folder.iterdir()):
        number += 1
        folder = path.with_name(f"{path.name}-{number}")
    return folder
