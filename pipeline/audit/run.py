"""Running an audit from its config into a folder: where its inputs lie, and report.json.

Promises: what the command line says comes before what the config says; the folder is new or empty.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.audit.audit import Places, audit
from pipeline.audit.report import AuditReport
from pipeline.config import AuditConfig
from pipeline.durable import new_folder, write_json
from pipeline.errors import ConfigError
from pipeline.progress import Progress


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
        As for `pipeline.audit.audit.audit`.
    """
    base = path.resolve().parent
    bundle = model or (base / config.model if config.model else None)
    job = scores or (base / config.scores if config.scores else None)
    if bundle is None or job is None:
        raise ConfigError(
            what="an audit needs a model and its scores",
            where=path,
            got=f"model {bundle}, scores {job}",
            todo="koudai score MODEL POSTS --out JOB; then koudai audit CONFIG --model MODEL --scores JOB",
        )
    new_folder(out)
    report = audit(
        config, path, Places(bundle, job, folders, texts, beside(out)), created_at=created_at, progress=progress
    )
    write_json(out / "report.json", report.to_json())
    return report


def beside(out: Path) -> Path:
    """Return where the refits of an audit are kept: the same command goes on from there if it was stopped."""
    return out.with_name(f"{out.name}.refits")
