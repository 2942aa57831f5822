"""What is known of the scored posts beside their scores: outcomes, dates, groups, annotations, other taxonomies.

Promises: what a config names is read, and what it does not name is left out; each thing is entered among the report's
inputs with its rows, its hash and what did not match; annotators' names never are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from koudai.audit.inputs.annotations import annotations_of
from koudai.audit.inputs.groups import groups_of
from koudai.audit.inputs.others import other_of
from koudai.audit.inputs.outcomes import outcomes_of
from koudai.audit.inputs.periods import periods_of
from koudai.audit.report import described
from koudai.config.audit import AuditConfig
from koudai.progress import Progress
from koudai.scoring.plan import JOB
from koudai.scoring.results import Scores
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy


def known_of(
    config: AuditConfig,
    path: Path,
    scores: Scores,
    taxonomy: Taxonomy,
    *,
    inputs: list[dict[str, Any]],
    progress: Progress,
) -> dict[str, Any]:
    """Return the fields of `koudai.audit.inputs.given.AuditInput` that a config's sections give.

    Parameters
    ----------
    config, path
        The config, and the file it came from; its relative paths start there.
    scores
        The audited job's.
    taxonomy
        The audited one.
    inputs
        Of the report; what is read is added.
    progress
        Is told what is read, and of dates that could not be.

    Raises
    ------
    ConfigError, LabelError, LimitExceeded, ReadError, ScoresMismatch
        As the functions that read each of them.
    """
    base = path.resolve().parent
    found: dict[str, Any] = {}

    def enter(role: str, name: str, rows: int, file: Path | None = None, **more: int) -> None:
        sha256 = "" if file is None else sha256_file(file)
        inputs.append({**described(role, name, rows, sha256), **more})

    if config.outcome is not None:
        found["outcome"] = outcomes_of(scores, config.outcome)
        enter("outcome", config.outcome.column, int(found["outcome"].recorded.sum()))
    if config.period is not None:
        with progress.stage("reading dates", None) as advance:
            period = periods_of(scores, config.period)
            advance(len(period.date), {"unreadable": period.unreadable, "such as": period.told})
        found["period"] = period
        enter("period", config.period.column, int((~np.isnat(period.date)).sum()), unreadable=period.unreadable)
    if config.group is not None:
        found["groups"] = groups_of(scores, config.group)
        enter("group", config.group.column, int((found["groups"] != "").sum()))
    if config.annotations is not None:
        file = base / config.annotations.file
        with progress.stage("reading annotations", None):
            found["annotations"] = annotations_of(config.annotations, file, taxonomy=taxonomy)
        enter("annotations", file.name, len(found["annotations"].ids), file)
    others = []
    for section in config.other:
        place = base / str(section.file or section.scores)
        with progress.stage(f"reading {section.name}", None):
            others.append(other_of(scores.ids, section, place))
        enter(
            "other",
            section.name,
            int(others[-1].known.sum()),
            place if section.scores is None else place / JOB,
            only_scores=others[-1].only_scores,
            only_other=others[-1].only_other,
        )
    return {**found, "others": tuple(others)}
