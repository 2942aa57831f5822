"""The audit itself: joins what a config names, takes every measure that its inputs allow, and says what the others
would need.

Promises: scores, model and taxonomy belong together or nothing is measured; labelled posts are all scored by the model
at hand, so that none is left out, or, where there is a table alone, joined to it by id; one measure's failure is an
error, never a hole in the report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from koudai import __version__
from koudai.audit.inputs.audited import Audited, audited_cases, audited_job, audited_table, require_one
from koudai.audit.inputs.casebook import load_casebook
from koudai.audit.inputs.given import AuditInput
from koudai.audit.inputs.known import known_of
from koudai.audit.inputs.labelled import labelled_of
from koudai.audit.measures import MEASURES, in_order
from koudai.audit.report import AuditReport, NotMeasured, described
from koudai.audit.sample.labelled import load_sample
from koudai.audit.sampling import quoted_posts, sampling_rule
from koudai.config.audit import AuditConfig
from koudai.config.places import configs_folder, find_taxonomy
from koudai.errors import ConfigError
from koudai.progress import Progress, Silent
from koudai.storage.durable import sha256_file, write_bytes
from koudai.taxonomy import Taxonomy

SHOWN: Any = {
    **dict.fromkeys(("run", "corpus", "casebook", "outcome", "period", "group"), True),
    "table": {"name", "threshold", "missing", "licence", "quarantined", "unscored"},
}
"""What a report shows of its config: neither places on this machine nor columns that may be people's names."""


@dataclass(frozen=True)
class Places:
    """Where an audit's inputs lie: the model's bundle and the job's folder, if it is not about a table; where corpora
    may be; whether posts are read; and where refits, and rows of the table that are no scores, are kept.
    """

    model: Path | None
    scores: Path | None
    folders: tuple[Path, ...]
    texts: bool = True
    refits: Path | None = None
    quarantine: Path | None = None


def audit(
    config: AuditConfig, path: Path, places: Places, *, created_at: str, progress: Progress | None = None
) -> AuditReport:
    """Take an audit.

    Parameters
    ----------
    config, path
        The config, and the file it came from.
    places
        Where its inputs lie.
    created_at
        Date and time that the report will carry.
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError, ReadError, LabelError, ModelError, ScoresMismatch, JobUnfinished
        What makes the audit impossible.
    """
    progress = progress or Silent()
    taxonomy = find_taxonomy(config.run.taxonomy, configs=configs_folder(path))
    unknown = [name for name in config.run.measures if name not in MEASURES]
    if unknown:
        raise ConfigError(what=f"unknown measure(s): {', '.join(unknown)}", expected=", ".join(in_order()))
    audited = _audited(config, path, places, taxonomy, progress)
    scores, categories = audited.scores, audited.scores.categories
    inputs: list[dict[str, Any]] = []
    labelled = labelled_of(config, path, places.folders, taxonomy, audited, inputs=inputs, progress=progress)
    inputs += audited.inputs
    known = known_of(config, path, scores, taxonomy, inputs=inputs, progress=progress)
    casebook, case_scores = None, None
    if config.casebook is not None:
        found = path.resolve().parent / config.casebook
        casebook = load_casebook(found, taxonomy=taxonomy)
        inputs.append(described("casebook", found.name, len(casebook.cases), sha256_file(found)))
        if config.table is not None and config.table.casebook is not None:
            case_scores = audited_cases(config, path, taxonomy, casebook, scores.categories)
            inputs.append(
                described(
                    "case_scores", Path(config.table.casebook).name, len(case_scores.ids), case_scores.model_digest
                )
            )
    sample = None
    if config.sample is not None:
        base = path.resolve().parent
        sample = load_sample(
            base / config.sample.manifest,
            [base / name for name in config.sample.labels],
            job=audited.job,
            scores=scores,
        )
        for number, name in enumerate(config.sample.labels, 1):
            inputs.append(described("sample", f"labels {number}", len(sample.post), sha256_file(base / name)))
    given = AuditInput(
        taxonomy=taxonomy,
        categories=categories,
        seed=config.run.seed,
        ids=scores.ids,
        proba=scores.proba,
        alleged=scores.alleged,
        abstained=scores.abstained,
        quarantined=scores.totals.quarantined,
        texts=audited.texts,
        words=config.run.words,
        labelled=labelled,
        model=audited.model,
        threshold=audited.threshold,
        casebook=casebook,
        case_scores=case_scores,
        sample=sample,
        **known,
        multiplicity=config.multiplicity,
        refits=places.refits,
    )
    each = len(categories)
    total = {"learnability": each, "transfer": each, "multiplicity": config.multiplicity.refits}
    frames, missing = {}, []
    for name in in_order():
        if config.run.measures and name not in config.run.measures:
            continue
        needs = tuple(need for need in MEASURES[name].needs if not given.has(need))
        if needs:
            missing.append(NotMeasured(name, needs))
            continue
        with progress.stage(f"measuring {name}", total.get(name)) as advance:
            frames[name] = MEASURES[name].take(replace(given, advance=advance))
    return AuditReport(
        provenance={
            "name": config.run.name,
            "created_at": created_at,
            "koudai": __version__,
            "seed": config.run.seed,
            "redacted": config.run.redact,
            "config": config.model_dump(mode="json", include=SHOWN),
            "model": {"name": audited.name, "digest": audited.digest, "classifier": audited.classifier},
            "categories": list(categories),
            "posts": audited.posts,
            "inputs": inputs,
            "functions": {} if casebook is None else {k: v.model_dump() for k, v in casebook.titles.items()},
        },
        conservation=scores.totals.counts,
        taxonomy=taxonomy,
        validated_on={key: audited.validated_on.get(key, "none") for key in taxonomy.keys},
        frames=frames,
        not_measured=tuple(missing),
        posts=tuple(quoted_posts(given, per_category=config.run.posts_per_category, redact=config.run.redact)),
        sampling=sampling_rule(per_role=config.run.posts_per_category // 3, seed=config.run.seed),
    )


def _audited(config: AuditConfig, path: Path, places: Places, taxonomy: Taxonomy, progress: Progress) -> Audited:
    require_one(config, path, places.model, places.scores)
    if config.table is not None:
        found = audited_table(config, path, taxonomy, texts=places.texts, progress=progress)
        if places.quarantine is not None and found.quarantined:
            write_bytes(places.quarantine, b"".join(one.to_line() for one in found.quarantined))
        return found
    assert places.model is not None
    assert places.scores is not None
    return audited_job(places.model, places.scores, taxonomy, texts=places.texts, progress=progress)
