"""The audit itself: joins what a config names, takes every measure that its inputs allow, and says what the others
would need.

Promises: scores, model and taxonomy belong together or nothing is measured; labelled posts are not joined to the
scores by id, they are all scored by the model at hand, so that none is left out; one measure's failure is an error,
never a hole in the report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import __version__
from pipeline.audit.casebook import load_casebook
from pipeline.audit.inputs import AuditInput, Labelled
from pipeline.audit.known import known_of
from pipeline.audit.measures import MEASURES, in_order
from pipeline.audit.report import AuditReport, NotMeasured
from pipeline.audit.sample.labelled import load_sample
from pipeline.audit.sampling import quoted_posts, sampling_rule
from pipeline.config import AuditConfig
from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.duplicates import near_duplicate_groups
from pipeline.corpus.sources import find_file, find_source
from pipeline.durable import sha256_file
from pipeline.errors import ConfigError, LabelError, ScoresMismatch
from pipeline.model.bundle import load_bundle
from pipeline.model.model import Model
from pipeline.model.scorer import score
from pipeline.places import configs_folder, find_taxonomy
from pipeline.progress import Progress, Silent
from pipeline.scoring.plan import JOB
from pipeline.scoring.results import Scores, read_scores, read_texts
from pipeline.taxonomy import Taxonomy

SHOWN = {"run": True, "corpus": True, "casebook": True, "outcome": True, "period": True, "group": True}
"""What a report shows of its config: neither places on this machine nor columns that may be people's names."""


@dataclass(frozen=True)
class Places:
    """Where an audit's inputs lie: the model's bundle, the job's folder, where corpora may be; whether posts are read;
    and where refits are kept.
    """

    model: Path
    scores: Path
    folders: tuple[Path, ...]
    texts: bool = True
    refits: Path | None = None


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
    configs = configs_folder(path)
    taxonomy = find_taxonomy(config.run.taxonomy, configs=configs)
    unknown = [name for name in config.run.measures if name not in MEASURES]
    if unknown:
        raise ConfigError(what=f"unknown measure(s): {', '.join(unknown)}", expected=", ".join(in_order()))
    with progress.stage("loading the model", None):
        model = load_bundle(places.model)
    if model.taxonomy.digest != taxonomy.digest:
        raise ScoresMismatch(
            what="the model was trained with another taxonomy than the audit's",
            where=places.model,
            expected=f"{taxonomy.name} {taxonomy.digest}",
            got=f"{model.taxonomy.name} {model.taxonomy.digest}",
            todo="train again with this taxonomy, or audit with the model's",
        )
    inputs: list[dict[str, Any]] = []
    labelled = _labelled(config, path, configs, places, taxonomy, model, inputs, progress)
    scores, texts = _scores(places, model, inputs, progress)
    known = known_of(config, path, scores, taxonomy, inputs=inputs, progress=progress)
    casebook = None
    if config.casebook is not None:
        found = path.resolve().parent / config.casebook
        casebook = load_casebook(found, taxonomy=taxonomy)
        inputs.append(_described("casebook", found.name, len(casebook.cases), sha256_file(found), ""))
    sample = None
    if config.sample is not None:
        base = path.resolve().parent
        sample = load_sample(
            base / config.sample.manifest,
            [base / name for name in config.sample.labels],
            job=sha256_file(places.scores / JOB),
            scores=scores,
        )
        for number, name in enumerate(config.sample.labels, 1):
            inputs.append(_described("sample", f"labels {number}", len(sample.post), sha256_file(base / name), ""))
    given = AuditInput(
        taxonomy=taxonomy,
        categories=model.categories,
        seed=config.run.seed,
        ids=scores.ids,
        proba=scores.proba,
        alleged=scores.alleged,
        abstained=scores.abstained,
        quarantined=scores.totals.quarantined,
        texts=texts,
        labelled=labelled,
        model=model,
        casebook=casebook,
        sample=sample,
        **known,
        multiplicity=config.multiplicity,
        refits=places.refits,
    )
    each = len(model.categories)
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
            "model": {"name": model.name, "digest": model.digest, "classifier": model.config["model"]["classifier"]},
            "inputs": inputs,
            "functions": {} if casebook is None else {k: v.model_dump() for k, v in casebook.titles.items()},
        },
        conservation=scores.totals.counts,
        taxonomy=taxonomy,
        validated_on={key: model.validated_on.get(key, "none") for key in taxonomy.keys},
        frames=frames,
        not_measured=tuple(missing),
        posts=tuple(quoted_posts(given, per_category=config.run.posts_per_category, redact=config.run.redact)),
        sampling=sampling_rule(per_role=config.run.posts_per_category // 3, seed=config.run.seed),
    )


def _labelled(
    config: AuditConfig,
    path: Path,
    configs: Path,
    places: Places,
    taxonomy: Taxonomy,
    model: Model,
    inputs: list[dict[str, Any]],
    progress: Progress,
) -> Labelled | None:
    parts = []
    for section in config.corpus:
        source = find_source(section.source, configs=configs)
        file = find_file(source, folders=places.folders, config=path)
        with progress.stage(f"reading {source.name}", None) as advance:
            part = load_corpus(source, file, taxonomy=taxonomy, drop=section.drop, advance=advance)
        missing = [name for name in section.splits if name not in part.split]
        if missing:
            raise LabelError(
                what=f"corpus {source.name!r} has no split called {', '.join(missing)}",
                where="corpus.splits",
                expected=", ".join(value or "(none)" for value in sorted(set(part.split))),
                todo="name the splits that are there, or leave `splits` out to measure all rows",
            )
        if section.splits:
            part = part.take(np.isin(part.split, section.splits))
        inputs.append(_described("labels", source.name, len(part), sha256_file(file), source.licence))
        parts.append(part)
    if not any(len(part) for part in parts):
        return None
    corpus = Corpus.join(parts)
    with progress.stage("looking for near-duplicates", len(corpus)) as advance:
        group = near_duplicate_groups(corpus.texts, advance=advance)
    columns = [taxonomy.keys.index(key) for key in model.categories]
    proba, alleged = [], []
    with progress.stage("scoring labelled posts", len(corpus)) as advance:
        for start in range(0, len(corpus), 1000):
            batch = score(model, corpus.ids[start : start + 1000], corpus.texts[start : start + 1000])
            proba.append(batch.proba)
            alleged.append(batch.alleged[:, [batch.keys.index(key) for key in model.categories]])
            advance(len(batch.ids))
    return Labelled(
        ids=corpus.ids,
        texts=corpus.texts,
        labels=corpus.labels[:, columns],
        proba=np.concatenate(proba),
        alleged=np.concatenate(alleged),
        source=corpus.source,
        group=group,
        date=corpus.date,
    )


def _scores(
    places: Places, model: Model, inputs: list[dict[str, Any]], progress: Progress
) -> tuple[Scores, list[str] | None]:
    with progress.stage("reading scores", None):
        scores = read_scores(places.scores)
        if scores.model_digest != model.digest:
            raise ScoresMismatch(
                what="the scores are another model's",
                where=places.scores,
                expected=f"scores by model {model.digest}",
                got=f"scores by model {scores.model_digest}",
                todo="give the model that scored, or score again with this one",
            )
        texts = read_texts(places.scores, scores.ids) if places.texts else None
    inputs.append(
        _described("scores", places.scores.name, len(scores.ids), sha256_file(places.scores / "job.json"), "")
    )
    return scores, texts


def _described(role: str, name: str, rows: int, sha256: str, licence: str) -> dict[str, Any]:
    return {"role": role, "name": name, "rows": rows, "sha256": sha256, "licence": licence}
