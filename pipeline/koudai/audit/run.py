"""Running an audit from its config into a folder: where its inputs lie, and report.json.

Promises: what the command line says comes before what the config says; what is audited is a job or a table, never both;
the folder is new or empty.
"""

from __future__ import annotations

from pathlib import Path

from koudai.audit.audit import Places, audit
from koudai.audit.inputs.audited import require_one
from koudai.audit.report import AuditReport
from koudai.config.audit import AuditConfig
from koudai.progress import Progress
from koudai.storage.durable import new_folder, write_json

QUARANTINE = "quarantine.jsonl"
"""Rows of a table that are no scores, with place and reason; not written where there are none."""


def audit_to_folder(
    config: AuditConfig,
    path: Path,
    out: Path,
    *,
    model: Path | None,
    scores: Path | None,
    folders: tuple[Path, ...],
    texts: bool,
    created_at: str,
    progress: Progress,
) -> AuditReport:
    """Take an audit and write ``report.json`` into `out`.

    Parameters
    ----------
    config, path
        The config, and the file it came from; its relative paths start there.
    out
        A new or empty folder.
    model, scores
        Come before the config's.
    folders, texts, created_at, progress
        As for `koudai.audit.audit.audit`.
    """
    base = path.resolve().parent
    bundle = model or (base / config.model if config.model else None)
    job = scores or (base / config.scores if config.scores else None)
    require_one(config, path, bundle, job)
    new_folder(out)
    report = audit(
        config,
        path,
        Places(bundle, job, folders, texts, beside(out), out / QUARANTINE),
        created_at=created_at,
        progress=progress,
    )
    write_json(out / "report.json", report.to_json())
    return report


def beside(out: Path) -> Path:
    """Return where the refits of an audit are kept: the same command goes on from there if it was stopped."""
    return out.with_name(f"{out.name}.refits")
