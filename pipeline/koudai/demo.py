"""The demo: trains on the bundled posts, scores those the model has never seen, and audits them, in one go.

Promises: writes into one folder only; needs no network; what it shows is how the tools work, not what is out there,
and the page says so.
"""

from __future__ import annotations

import json
from pathlib import Path

from koudai.audit.audit import AuditSources, run_audit
from koudai.audit.failures import known_failures
from koudai.audit.report import load_report
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.config.places import bundled
from koudai.config.train import TrainConfig
from koudai.model.model import Model
from koudai.progress import Progress
from koudai.render.html import render_html
from koudai.scoring.job import run
from koudai.scoring.plan import make_plan
from koudai.scoring.totals import Totals
from koudai.storage.durable import new_folder, write_bytes, write_json
from koudai.training.prepare import prepare
from koudai.training.train import train


def run_demo(out: Path, *, lang: str, created_at: str, progress: Progress) -> tuple[Model, Totals, Path]:
    """Train, score and audit the bundled posts.

    Parameters
    ----------
    out
        A folder that does not exist yet or is empty; gets ``model/``, ``posts.jsonl``, ``scores/``, ``report.json`` and
        ``report.html``.
    lang
        Language that the page opens in, ``en`` or ``zh``.
    created_at
        Date and time that the report will carry.
    progress
        Is told how far it is.

    Returns
    -------
    model, totals, page
        The model, the job's counts, the path of the page.
    """
    new_folder(out)
    config_path = bundled("configs") / "train" / "demo.toml"
    prepared = prepare(load_config(TrainConfig, config_path), config_path, progress=progress)
    model = train(prepared, out / "model", probe=known_failures, progress=progress).model
    unseen = prepared.corpus.take(prepared.split.test)
    posts = out / "posts.jsonl"
    lines = [
        json.dumps({"post_id": post_id, "text": text}, ensure_ascii=False)
        for post_id, text in zip(unseen.ids, unseen.texts, strict=True)
    ]
    write_bytes(posts, ("\n".join(lines) + "\n").encode())
    plan = make_plan([posts], model=model.digest, shard_size=1000)
    totals = run(plan, model, out / "scores", bundle=out / "model", progress=progress)
    audit_path = bundled("configs") / "audit" / "demo.toml"
    report = run_audit(
        load_config(AuditConfig, audit_path),
        AuditSources(audit_path, model=out / "model", scores=out / "scores"),
        created_at=created_at,
        progress=progress,
    )
    write_json(out / "report.json", report.to_json())
    with progress.stage("drawing the page", None):
        write_bytes(out / "report.html", render_html(load_report(out / "report.json"), lang=lang).encode())
    return model, totals, out / "report.html"


def free_folder(path: Path) -> Path:
    """Return `path`, or the first of ``path-2``, ``path-3``, … that holds nothing yet."""
    number = 1
    folder = path
    while folder.exists() and any(folder.iterdir()):
        number += 1
        folder = path.with_name(f"{path.name}-{number}")
    return folder
