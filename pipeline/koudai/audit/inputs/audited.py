"""What is audited: a model of koudai's with the job it scored, or a table of probabilities by any other model.

Promises: scores, model and taxonomy belong together or nothing is measured; of a model that koudai has not seen, no
category counts as validated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.casebook import Casebook
from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.fitted_on import FittedOn, fitted_on_of_table
from koudai.audit.inputs.id_table import some_ids
from koudai.audit.inputs.scores_table import read_scores_table
from koudai.config.audit import AuditConfig
from koudai.config.places import configs_folder, find_taxonomy
from koudai.corpus.reading.posts import Quarantined
from koudai.errors import ConfigError, ScoresMismatch
from koudai.model.bundle.bundle import load_bundle, taxonomy_of
from koudai.model.bundle.fitted_posts import read_fitted_posts
from koudai.model.model import Model
from koudai.progress import Progress
from koudai.scoring.results import Scores, open_job
from koudai.storage.durable import sha256_bytes, sha256_file
from koudai.taxonomy import Taxonomy
from koudai.text.utf8 import of_texts

_LENGTH = 4
"""Bytes of the length of an id."""
EXTERNAL = "external"
"""The classifier of a model of which koudai has the probabilities alone."""


@dataclass(frozen=True)
class Audited:
    """A model and its scores.

    Parameters
    ----------
    name, digest, classifier
        Of the model; the digest of one that is not koudai's is the sha256 of its table.
    threshold : ndarray of float64, shape (n_categories,)
    validated_on
        Per category ``real``, ``proxy``, ``written`` or ``none``; categories left out are ``none``.
    model
        None where there is a table alone.
    scores
        By that model.
    texts
        Raw posts in their order, or None.
    job
        sha256 of the job's plan, or of the table.
    inputs
        What was read, for the report.
    quarantined
        Rows of the table that are no scores; a job has its own quarantine.
    fitted_on
        What is known of the posts that the model was fitted on, or None.
    """

    name: str
    digest: str
    classifier: str
    threshold: NDArray[np.float64]
    validated_on: dict[str, str]
    model: Model | None
    scores: Scores
    texts: Sequence[str] | None
    job: str
    inputs: tuple[InputEntry, ...]
    quarantined: tuple[Quarantined, ...] = ()
    fitted_on: FittedOn | None = None

    @property
    def posts(self) -> dict[str, Any]:
        """How many posts have scores, and a digest of their ids that does not depend on their order."""
        ids = of_texts(sorted(self.scores.ids))  # code points are in the order of their UTF-8
        lengths = np.diff(ids.offsets).astype("<u4")
        sizes = _LENGTH + lengths
        lines = np.empty(int(sizes.sum()), dtype=np.uint8)
        is_length = np.zeros(len(lines), dtype=bool)
        begins = np.cumsum(sizes, dtype=np.int64) - sizes
        is_length[(begins[:, None] + np.arange(_LENGTH)).ravel()] = True
        lines[is_length] = lengths.view(np.uint8)
        lines[~is_length] = ids.data[: ids.offsets[-1]]
        return {"n": len(self.scores.ids), "ids": sha256_bytes(lines.tobytes())}


def require_model_or_table(config: AuditConfig, path: Path, bundle: Path | None, folder: Path | None) -> None:
    """Raise `ConfigError` unless there is a bundle with a job's folder, or the table of `config`, and not both, and a
    casebook if its cases were scored.
    """
    given = {"model": bundle, "scores": folder}
    if config.table is not None and any(given.values()):
        raise ConfigError(
            what="an audit is about a model and its scores, or about [table]: not both",
            where=path,
            got=", ".join(name for name, one in given.items() if one is not None),
            todo="take one of them out; to compare two models, take two audits",
        )
    if config.table is not None and config.table.casebook is not None and config.casebook is None:
        raise ConfigError(
            what="table.casebook holds scores of cases, and no `casebook` says what they are",
            where=path,
            todo="name the casebook that was scored, or leave table.casebook out",
        )
    if config.table is None and not all(given.values()):
        raise ConfigError(
            what="an audit needs a model and its scores, or a table of probabilities",
            where=path,
            got=f"model {bundle}, scores {folder}",
            todo="score posts with the model and give `model` and `scores`, or name the table of another model under "
            "[table]",
        )


def audit_taxonomy(config: AuditConfig, path: Path, bundle: Path | None = None) -> Taxonomy:
    """Return the taxonomy that an audit names, or else that of its model.

    Raises
    ------
    ConfigError
        If neither is there, or the name is not known.
    ModelError
        If the bundle cannot be read.
    """
    if config.run.taxonomy is not None:
        return find_taxonomy(config.run.taxonomy, configs=configs_folder(path))
    if bundle is None:
        raise ConfigError(
            what="nothing says which taxonomy this is about",
            where=path,
            expected="run.taxonomy, where no model of koudai brings one",
            happened="nothing was measured",
        )
    return taxonomy_of(bundle)[1]


def audited_job(bundle: Path, folder: Path, taxonomy: Taxonomy, *, texts: bool, progress: Progress) -> Audited:
    """Load a bundle and the job that it scored.

    Raises
    ------
    ScoresMismatch
        If the model has another taxonomy, or the scores are another model's.
    ModelError, JobUnfinished, ReadError
        As what reads them.
    """
    with progress.stage("loading the model", None):
        model = load_bundle(bundle)
        fitted = read_fitted_posts(bundle)
    if model.taxonomy.digest != taxonomy.digest:
        raise ScoresMismatch(
            what="the model was trained with another taxonomy than the audit's",
            where=bundle,
            expected=f"{taxonomy.name} {taxonomy.digest}",
            got=f"{model.taxonomy.name} {model.taxonomy.digest}",
            todo="train again with this taxonomy, or audit with the model's",
        )
    with progress.stage("reading scores", None):
        job = open_job(folder)
        scores, found = job.scores_and_texts() if texts else (job.scores(), None)
        if scores.model_digest != model.digest:
            raise ScoresMismatch(
                what="the scores are another model's",
                where=folder,
                expected=f"scores by model {model.digest}",
                got=f"scores by model {scores.model_digest}",
                todo="give the model that scored, or score again with this one",
            )
    return Audited(
        name=model.name,
        digest=model.digest,
        classifier=model.config["model"]["classifier"],
        threshold=model.threshold,
        validated_on=dict(model.validated_on),
        model=model,
        scores=scores,
        texts=found,
        job=job.sha256,
        inputs=(InputEntry("scores", folder.name, len(scores.ids), job.sha256),),
        fitted_on=None if fitted is None else FittedOn(fitted),
    )


def audited_table(config: AuditConfig, path: Path, taxonomy: Taxonomy, *, texts: bool, progress: Progress) -> Audited:
    """Read the table of probabilities that a config names; raises what `read_scores_table` raises.

    Parameters
    ----------
    config, path
        The config, and the file it came from; its relative paths start there.
    taxonomy
        The config's.
    texts
        Whether posts are read, where they are named.
    progress
        Is told what is read.
    """
    section, base = config.table, path.resolve().parent
    assert section is not None
    own = () if section.trained_column is None else (section.trained_column,)
    keep = tuple(dict.fromkeys((*config.kept_columns, *own)))
    with progress.stage("reading probabilities", None) as advance:
        found = read_scores_table(section, base, taxonomy=taxonomy, keep=keep, texts=texts, advance=advance)
        advance(0, {"quarantined": len(found.quarantined), **Counter(one.reason for one in found.quarantined)})
    scores = found.scores
    name, counts = Path(section.file).name, {"silent": found.silent}
    inputs = [InputEntry("scores", name, len(scores.ids), scores.model_digest, section.licence, counts)]
    if section.posts is not None and found.posts is not None:
        file = base / section.posts.file
        inputs.append(InputEntry("texts", file.name, found.posts, sha256_file(file)))
    fitted_on, entries = fitted_on_of_table(section, base, scores, found.texts)
    return Audited(
        name=section.name,
        digest=scores.model_digest,
        classifier=EXTERNAL,
        threshold=found.threshold,
        validated_on={},
        model=None,
        scores=scores,
        texts=found.texts,
        job=scores.model_digest,
        inputs=(*inputs, *entries),
        quarantined=tuple(found.quarantined),
        fitted_on=fitted_on,
    )


def audited_cases(
    config: AuditConfig, path: Path, taxonomy: Taxonomy, casebook: Casebook, categories: tuple[str, ...]
) -> Scores:
    """Read the probabilities of the casebook's cases that a config's table names.

    Raises
    ------
    ConfigError, ReadError
        What `read_scores_table` raises, a row that is no score included.
    ScoresMismatch
        If a case is not there, or the categories are not `categories`.
    """
    section = config.table
    assert section is not None
    assert section.casebook is not None
    of_cases = {"file": section.casebook, "text": None, "posts": None, "quarantined": 0.0}
    scores = read_scores_table(section.model_copy(update=of_cases), path.resolve().parent, taxonomy=taxonomy).scores
    known = set(scores.ids)
    missing = [case.case_id for case in casebook.cases if case.case_id not in known]
    if missing or scores.categories != categories:
        raise ScoresMismatch(
            what="the probabilities of the casebook are not those of all its cases by this model",
            where=section.casebook,
            expected=f"{len(casebook.cases):,} cases, categories {', '.join(categories)}",
            got=f"{len(missing):,} cases are not there: {some_ids(missing)}; categories {', '.join(scores.categories)}",
            happened="nothing was measured",
            todo="score every case with the same model: none may be picked",
        )
    return scores
