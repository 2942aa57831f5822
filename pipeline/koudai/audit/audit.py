"""The audit itself: joins what a config names, takes every measure that its inputs allow, and lists what the other
measures would need.

Promises: scores, model and taxonomy belong together or nothing is measured; what is audited is a job or a table, never
both; labelled posts are all scored by the model at hand, or, where there is a table alone, joined to it by id; measures
that judge the model see no labelled post that it was fitted on, as far as that is known; a measure that fails is an
error, never a missing frame; an output folder is new or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from numpy.typing import NDArray

from koudai import __version__
from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import LABELS_OR_SAMPLE, AuditInput
from koudai.audit.inputs.audited import (
    Audited,
    audit_taxonomy,
    audited_cases,
    audited_job,
    audited_table,
    require_model_or_table,
)
from koudai.audit.inputs.casebook import load_casebook
from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.labelled import read_labelled_posts
from koudai.audit.inputs.side_data import read_side_data
from koudai.audit.kept_posts import NAME, KeptPosts, kept_posts, write_kept_posts
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.plan import plan_of, require_unit
from koudai.audit.provenance import SeenPosts
from koudai.audit.quotes import quote_posts, quoting_rule
from koudai.audit.redaction import redacted_frame, redacted_settings
from koudai.audit.report import AuditReport, NotMeasured, QuotedPost, refuse_many_categories
from koudai.audit.sample.labelled_sample import load_sample
from koudai.audit.sample.relabelled import load_relabelled
from koudai.audit.sample.simple_sample import load_simple_sample
from koudai.config.audit import SHOWN_WHOLE, AuditConfig, AuditRunSection
from koudai.cores import sharing_memory
from koudai.errors import ConfigError
from koudai.progress import Progress, Silent
from koudai.storage.durable import sha256_file, write_bytes, write_json
from koudai.storage.filled_folder import filled_folder
from koudai.taxonomy import Taxonomy

SHOWN: Any = {
    **dict.fromkeys(SHOWN_WHOLE, True),
    "annotations": {"epsilon"},
    "wording": {"__all__": {"name", "answers", "threshold", "severity", "tagged_from"}},
    "cluster": {"column", "day"},
    "table": {"name", "threshold", "missing", "licence", "quarantined", "unscored"},
}
"""What a report shows of its config: neither places on this machine nor columns that may be people's names."""


REPORT = "report.json"
QUARANTINE = "quarantine.jsonl"
"""Rows of a table that are not scores, each with its location and the reason; not written where there are none."""


@dataclass(frozen=True)
class AuditSources:
    """Where the inputs of an audit lie, and where it keeps what it works out.

    Parameters
    ----------
    config_file
        The file that the config came from; relative paths in the config start at its folder.
    model, scores
        The model's bundle and the folder of the job that it scored; they come before those of the config. Both are
        None where the audit is about a table.
    folders
        Where corpora may be.
    texts
        Whether posts are read.
    refits
        Folder where refits are kept, so that a stopped audit goes on; None to keep none.
    quarantine
        File for the rows of a table that are not scores; None to write none.

    Examples
    --------
    >>> from koudai.config.load import parse_config
    >>> config = {"run": {"name": "a", "taxonomy": "cac-2023"}, "model": "bundle", "scores": "job"}
    >>> sources = AuditSources(Path("/audits/a.toml"), scores=Path("/jobs/today"))
    >>> sources.of(parse_config(AuditConfig, config, where="here")).model.as_posix()
    '/audits/bundle'
    """

    config_file: Path
    model: Path | None = None
    scores: Path | None = None
    folders: tuple[Path, ...] = ()
    texts: bool = True
    refits: Path | None = None
    quarantine: Path | None = None

    def of(self, config: AuditConfig) -> AuditSources:
        """Return the sources with `model` and `scores` taken from a config where they are not given.

        Raises
        ------
        ConfigError
            Unless there is either a model with its scores or a table.
        """
        base = self.config_file.resolve().parent
        model = self.model or (base / config.model if config.model else None)
        scores = self.scores or (base / config.scores if config.scores else None)
        require_model_or_table(config, self.config_file, model, scores)
        return replace(self, model=model, scores=scores)


def run_audit(
    config: AuditConfig, sources: AuditSources, *, created_at: str, progress: Progress | None = None
) -> AuditReport:
    """Take an audit; writes nothing but what `sources` names files for.

    Parameters
    ----------
    config
        What is audited.
    sources
        Where its inputs lie.
    created_at
        Date and time that the report will carry.
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError, ReadError, LabelError, ModelError, ScoresMismatch, JobUnfinished
        What makes the audit impossible.
    LimitExceeded
        If the taxonomy has more than `AUDIT_CATEGORIES` categories.
    """
    sources, progress = sources.of(config), progress or Silent()
    taxonomy = audit_taxonomy(config, sources.config_file, sources.model)
    refuse_many_categories(taxonomy)
    require_known_measures(config)
    plan = plan_of(config, sources.config_file)
    audited = audited_of(config, sources, taxonomy, progress)
    given, entries = joined_inputs(config, sources, audited, taxonomy, progress)
    require_unit(plan, given.told_clusters, sources.config_file)
    scores, categories, casebook = audited.scores, given.categories, given.casebook
    lacking = lacking_inputs(config, given)
    missing = [NotMeasured(name, needs) for name, needs in lacking.items() if needs]
    declared = {name: MEASURES[name].declaration for name in lacking}
    made = _measured([name for name, needs in lacking.items() if not needs], given, config.run, progress)
    settings = config.model_dump(mode="json", include=SHOWN)
    return AuditReport(
        provenance={
            "name": config.run.name,
            "created_at": created_at,
            "koudai": __version__,
            "seed": config.run.seed,
            "redacted": config.run.redact,
            **({} if config.period is None else {"timezone": config.run.timezone}),
            "config": redacted_settings(settings) if config.run.redact else settings,
            "model": {"name": audited.name, "digest": audited.digest, "classifier": audited.classifier},
            "categories": list(categories),
            "posts": audited.posts,
            "labelled_here": given.labelled_here,
            "clusters": given.told_clusters,
            "seen": _seen(given, [name for name in made.frames if declared[name].judges_model]).model_dump(
                exclude_unset=True
            ),
            **({"quarantined": scores.totals.reasons} if scores.totals.reasons else {}),
            "inputs": [entry.to_json() for entry in entries],
            "functions": {} if casebook is None else {k: v.model_dump() for k, v in casebook.titles.items()},
        },
        conservation=scores.totals.counts,
        taxonomy=taxonomy,
        validated_on={key: audited.validated_on.get(key, "none") for key in taxonomy.keys},
        frames=made.frames,
        not_measured=tuple(missing),
        posts=tuple(made.posts),
        sampling=quoting_rule(per_role=config.run.posts_per_category // 3, seed=config.run.seed),
        declared=declared,
        plan=plan,
        kept=made.kept,
    )


class _Seen(NamedTuple):
    """What is made of an audit's inputs, the frames by measure."""

    kept: KeptPosts
    posts: list[QuotedPost]
    frames: dict[str, AuditFrame]


def _measured(names: list[str], given: AuditInput, run: AuditRunSection, progress: Progress) -> _Seen:
    """Take measures, as many at once as there are cores; linear algebra is left to one thread throughout."""
    from threadpoolctl import threadpool_limits

    steps = {name: one.steps(one.seeing(given)) if (one := MEASURES[name]).steps else None for name in names}
    turn = Lock()
    with (
        threadpool_limits(1, user_api="blas"),
        progress.stage("measuring", sum(1 if n is None else n for n in steps.values())) as advance,
    ):

        def told(done: int, counts: Mapping[str, Any] | None = None, /) -> None:
            with turn:
                advance(done, counts)

        def take(name: str) -> AuditFrame:
            frame = MEASURES[name].taken(replace(given, advance=told))
            if steps[name] is None:
                told(1)
            return redacted_frame(frame) if run.redact else frame

        work: list[Callable[[], Any]] = [
            partial(kept_posts, given),
            partial(quote_posts, given, per_category=run.posts_per_category, redact=run.redact),
            *(partial(take, name) for name in names),
        ]
        kept, posts, *frames = sharing_memory(lambda one: one(), work)
        return _Seen(kept, posts, dict(zip(names, frames, strict=True)))


def audit_to_folder(
    config: AuditConfig,
    sources: AuditSources,
    out: Path,
    *,
    created_at: str,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> AuditReport:
    """Take an audit and write ``report.json`` and ``posts.parquet`` into a new folder; refits are kept beside it.

    An audit that fails leaves no folder.

    Parameters
    ----------
    config, sources, created_at, progress
        As for `run_audit`; `refits` and `quarantine` of the sources are set from `out` where they are None.
    out
        A new or empty folder.
    overwrite
        Whether a report that is there gives way to the new one.

    Raises
    ------
    OutputExists, StorageError
        If `out` holds something else, or cannot be written to; and what `run_audit` raises.
    """
    sources = sources.of(config)
    with filled_folder(out, replaces=REPORT if overwrite else None):
        kept = replace(
            sources, refits=sources.refits or refits_folder(out), quarantine=sources.quarantine or out / QUARANTINE
        )
        report = run_audit(config, kept, created_at=created_at, progress=progress)
        assert report.kept is not None  # an audit that was just run has its posts
        write_kept_posts(report.kept, out / NAME)
        write_json(out / REPORT, report.to_json())
    return report


def refits_folder(out: Path) -> Path:
    """Return where the refits of an audit into `out` are kept: the same call goes on from there if it was stopped.

    Examples
    --------
    >>> refits_folder(Path("audits/mine")).as_posix()
    'audits/mine.refits'
    """
    return out.with_name(f"{out.name}.refits")


def require_known_measures(config: AuditConfig) -> None:
    """Raise `ConfigError` if a config names measures that there are not."""
    unknown = [name for name in config.run.measures if name not in MEASURES]
    if unknown:
        raise ConfigError(what=f"unknown measure(s): {', '.join(unknown)}", expected=", ".join(measures_in_order()))


def lacking_inputs(config: AuditConfig, given: AuditInput) -> dict[str, tuple[str, ...]]:
    """Return what each measure that a config asks for lacks, in the order of the page; none for those to be taken."""
    asked = [name for name in measures_in_order() if not config.run.measures or name in config.run.measures]
    found = {}
    for name in asked:
        seeing = MEASURES[name].seeing(given)
        found[name] = tuple(_lacking(need, given) for need in MEASURES[name].needs if not seeing.has(need))
    return found


def audited_of(config: AuditConfig, sources: AuditSources, taxonomy: Taxonomy, progress: Progress) -> Audited:
    """Return what is audited, a job or a table; `sources` are those that `AuditSources.of` gave."""
    if config.table is not None:
        found = audited_table(config, sources.config_file, taxonomy, texts=sources.texts, progress=progress)
        if sources.quarantine is not None and found.quarantined:
            write_bytes(sources.quarantine, b"".join(one.to_line() for one in found.quarantined))
        return found
    assert sources.model is not None
    assert sources.scores is not None
    return audited_job(sources.model, sources.scores, taxonomy, texts=sources.texts, progress=progress)


def _lacking(need: str, given: AuditInput) -> str:
    """Return what an input that is lacking is called: labels of unseen posts, where there are labels of others."""
    return "unseen_labels" if need in ("labels", LABELS_OR_SAMPLE) and given.has("labels") else need


def _seen(given: AuditInput, left_out_of: list[str]) -> SeenPosts:
    """Return what the report says of posts that the model was fitted on; what is not known is not set."""
    labelled = given.labelled
    told = SeenPosts(known=given.seen is not None or (labelled is not None and labelled.seen is not None))
    if given.seen is not None:
        told.scored, told.scored_of = int(given.seen.sum()), len(given.ids)
    if labelled is not None and labelled.seen is not None:
        told.labelled, told.labelled_of = int(labelled.seen.sum()), len(labelled.ids)
        told.left_out_of = left_out_of
    return told


def joined_inputs(
    config: AuditConfig, sources: AuditSources, audited: Audited, taxonomy: Taxonomy, progress: Progress
) -> tuple[AuditInput, list[InputEntry]]:
    """Read what the config names beside the scores; return it joined to them, and an entry for each thing read."""
    path, base, scores = sources.config_file, sources.config_file.resolve().parent, audited.scores
    labelled = read_labelled_posts(config, path, sources.folders, taxonomy, audited, progress=progress)
    side = read_side_data(config, path, scores, taxonomy, progress=progress)
    if labelled.posts is not None and side.clusters is not None:
        posts = labelled.posts
        labelled = labelled._replace(
            posts=replace(posts, named_cluster=side.clusters.of(posts.ids, otherwise=posts.group))
        )
    entries = [*labelled.entries, *audited.inputs, *side.entries]
    casebook, case_scores, sample = None, None, None
    if config.casebook is not None:
        file = base / config.casebook
        casebook = load_casebook(file, taxonomy=taxonomy)
        entries.append(InputEntry("casebook", file.name, len(casebook.cases), sha256_file(file)))
        if config.table is not None and config.table.casebook is not None:
            case_scores = audited_cases(config, path, taxonomy, casebook, scores.categories)
            name, sha256 = Path(config.table.casebook).name, case_scores.model_digest
            entries.append(InputEntry("case_scores", name, len(case_scores.ids), sha256))
    if config.sample is not None:
        labels, counts = [base / name for name in config.sample.labels], {}
        if config.sample.manifest is None:
            sample, unmatched = load_simple_sample(config.sample, base, scores)
            counts = {"unmatched": unmatched}
        else:
            gold = None if config.sample.gold is None else base / config.sample.gold
            sample = load_sample(base / config.sample.manifest, labels, gold, job=audited.job, scores=scores)
        entries += [
            InputEntry("sample", f"labels {number}", len(sample.post), sha256_file(file), counts=counts)
            for number, file in enumerate(labels, 1)
        ]
        if config.sample.gold is not None and sample.gold is not None:
            decided = int((sample.gold >= 0).any(axis=1).sum())
            entries.append(InputEntry("sample", "gold", decided, sha256_file(base / config.sample.gold)))
    relabelled = []
    for section in config.relabelled:
        files = [base / name for name in section.labels]
        relabelled.append(
            load_relabelled(base / section.manifest, files, labelled=labelled.posts, categories=scores.categories)
        )
        entries += [
            InputEntry("relabelled", f"labels {number}", len(relabelled[-1].stratum), sha256_file(file))
            for number, file in enumerate(files, 1)
        ]
    given = AuditInput(
        taxonomy=taxonomy,
        categories=scores.categories,
        seed=config.run.seed,
        ids=scores.ids,
        proba=scores.proba,
        alleged=scores.alleged,
        abstained=scores.abstained,
        quarantined=scores.totals.quarantined,
        texts=audited.texts,
        words=config.run.words,
        announced=config.run.announced,
        labelled=labelled.posts,
        model=audited.model,
        threshold=audited.threshold,
        casebook=casebook,
        case_scores=case_scores,
        sample=sample,
        relabelled=tuple(relabelled),
        outcome=side.outcome,
        period=side.period,
        groups=side.groups,
        domains=side.domains,
        event=side.event,
        covariates=side.covariates,
        named_clusters=side.clusters,
        superpopulation=config.run.superpopulation,
        annotations=side.annotations,
        others=side.others,
        wordings=side.wordings,
        multiplicity=config.multiplicity,
        refits=sources.refits,
        shift=scores.totals.shift,
    )
    if audited.fitted_on is None or (audited.texts is None and config.table is None):
        return given, entries
    texts = None if audited.texts is None else given.scored_texts.posts
    work: list[Callable[[], NDArray[Any]]] = [partial(audited.fitted_on.seen, scores.ids, texts)]
    if texts is not None:
        work.append(lambda: given.scored_texts.groups)  # nearly every measure asks for them
    with progress.stage("recognising posts fitted on", None):
        seen, *_ = sharing_memory(lambda one: one(), work)
    return replace(given, seen=seen), entries
