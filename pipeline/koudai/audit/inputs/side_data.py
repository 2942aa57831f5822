"""Side data: what is known of the scored posts beside their scores: outcomes, dates, groups, annotations, other labels.

Promises: what a config names is read, and what it does not name is left out; each thing has an entry for the report's
inputs with its rows, its hash and what did not match; annotators' names never are in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.annotations import Annotations, read_annotations, require_overlap
from koudai.audit.inputs.clusters import Clusters, read_clusters
from koudai.audit.inputs.covariates import Covariates, read_covariates
from koudai.audit.inputs.domains import Domain, read_domains
from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.events import Event, read_event
from koudai.audit.inputs.kept_columns import Outcomes, Periods, read_groups, read_outcomes, read_periods
from koudai.audit.inputs.others import Other, read_other_labels
from koudai.audit.inputs.wordings import Wordings, read_wordings
from koudai.config.audit import AuditConfig
from koudai.progress import Progress
from koudai.scoring.results import Scores
from koudai.storage.durable import sha256_bytes, sha256_file
from koudai.taxonomy import Taxonomy


@dataclass(frozen=True)
class SideData:
    """What a config's sections say of the scored posts.

    Parameters
    ----------
    entries
        One for each thing that was read, in the order of the fields below.
    outcome, period, groups, domains, event, covariates, clusters, annotations, others, wordings
        As in `koudai.audit.inputs.audit_input.AuditInput`.

    Examples
    --------
    >>> SideData(()).others
    ()
    """

    entries: tuple[InputEntry, ...]
    outcome: Outcomes | None = None
    period: Periods | None = None
    groups: NDArray[np.object_] | None = None
    domains: tuple[Domain, ...] = ()
    event: Event | None = None
    covariates: Covariates | None = None
    clusters: Clusters | None = None
    annotations: Annotations | None = None
    others: tuple[Other, ...] = ()
    wordings: Wordings | None = None


def read_side_data(
    config: AuditConfig, path: Path, scores: Scores, taxonomy: Taxonomy, *, progress: Progress
) -> SideData:
    """Read what a config's sections [outcome], [period], [group], [[domain]], [event], [regression], [cluster],
    [annotations], [[other]] and [[wording]] name.

    Parameters
    ----------
    config, path
        The config, and the file it came from; its relative paths start there.
    scores
        The audited job's or table's.
    taxonomy
        The audited one.
    progress
        Is told what is read, and of dates that could not be.

    Raises
    ------
    ConfigError, LabelError, LimitExceeded, ReadError, ScoresMismatch
        As the functions that read each of them.
    """
    base = path.resolve().parent
    entries: list[InputEntry] = []
    outcome = period = groups = clusters = annotations = None
    if config.outcome is not None:
        outcome = read_outcomes(scores, config.outcome)
        entries.append(InputEntry("outcome", config.outcome.column, int(outcome.recorded.sum())))
    if config.period is not None:
        with progress.stage("reading dates", None) as advance:
            period = read_periods(scores, config.period, timezone=config.run.timezone)
            advance(len(period.date), {"unreadable": period.unreadable, "such as": period.told})
        dated, counts = int((~np.isnat(period.date)).sum()), {"unreadable": period.unreadable}
        entries.append(InputEntry("period", config.period.column, dated, counts=counts))
    if config.group is not None:
        groups = read_groups(scores, config.group)
        entries.append(InputEntry("group", config.group.column, int((groups != "").sum())))
    domains = tuple(read_domains(scores, section, period) for section in config.domain)
    entries += [InputEntry("domain", one.name, int((one.number >= 0).sum())) for one in domains]
    event = None if config.event is None or period is None else read_event(config.event, period)
    if event is not None:
        entries.append(InputEntry("event", event.name, int(event.during.sum())))
    covariates = None if config.regression is None else read_covariates(scores, config.regression, period)
    if covariates is not None:
        entries.append(InputEntry("regression", covariates.told, int(covariates.known.sum())))
    if config.cluster is not None:
        with progress.stage("reading clusters", None):
            clusters = read_clusters(config.cluster, base, scores, timezone=config.run.timezone)
        entries.append(clusters.entry)
    if config.annotations is not None:
        file = base / config.annotations.file
        with progress.stage("reading annotations", None):
            annotations = read_annotations(config.annotations, file, taxonomy=taxonomy)
        require_overlap(annotations, file)
        entries.append(InputEntry("annotations", file.name, len(annotations.ids), _digest(file)))
    others = []
    for section in config.other:
        source = base / str(section.file or section.scores)
        with progress.stage(f"reading {section.name}", None):
            other = read_other_labels(scores.ids, section, source)
        counts = {"only_scores": other.only_scores, "only_other": other.only_other}
        entries.append(InputEntry("other", section.name, int(other.known.sum()), other.sha256, counts=counts))
        others.append(other)
    wordings = None
    if config.wording:
        with progress.stage("reading wordings", None):
            wordings, read = read_wordings(config.wording, base, taxonomy=taxonomy)
        entries += read
    parts = outcome, period, groups, domains, event, covariates, clusters, annotations, tuple(others), wordings
    return SideData(tuple(entries), *parts)


def _digest(path: Path) -> str:
    """Return the sha256 of a file; of a folder, that of its files' digests in the order of their names."""
    if path.is_file():
        return sha256_file(path)
    return sha256_bytes("\n".join(sha256_file(file) for file in sorted(path.iterdir()) if file.is_file()).encode())
