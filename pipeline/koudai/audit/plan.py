"""A plan frozen before labels exist: what a study looks at, hashed with the manifest of its sample.

Promises: a plan is frozen only while nobody has labelled a post of the sample, as far as its own sheets and those that
the config names show; one that was edited since, or whose sample is another, is refused before anything is measured; a
second wave of the sample that it was frozen with is the same sample. A figure is planned if a comparison names it, and
exploratory otherwise. That nobody looked at labels elsewhere it cannot know: the hash serves to be registered where
others can see when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from koudai.audit.frame import ALL
from koudai.audit.inputs.audited import audit_taxonomy
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.planned import FrozenPlan
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.manifest import Manifest, load_manifest
from koudai.audit.sample.returned_sheet import WORKBOOKS
from koudai.audit.sample.sheet import AGAIN, again_path, sheet_path
from koudai.config.audit import SHOWN_WHOLE, AuditConfig
from koudai.config.plan import PlanSection
from koudai.errors import ConfigError, OutputExists, ReadError
from koudai.storage.durable import sha256_bytes, to_json, write_json
from koudai.taxonomy import problems

FORMAT, PROTOCOL = "koudai-plan", 1
_FROZEN: Any = {
    **dict.fromkeys((*SHOWN_WHOLE, "multiplicity", "plan"), True),
    "cluster": {"column", "day", "account"},
    "sample": {"design", "population"},
    "table": {"columns", "threshold", "missing", "trained_column", "quarantined", "unscored"},
    "annotations": {
        "about",
        "category",
        "label",
        "group",
        "cluster",
        "separator",
        "nothing",
        "missing",
        "yes",
        "epsilon",
    },
    "other": {"__all__": {"name", "columns", "threshold", "separator", "missing"}},
    "wording": {"__all__": {"name", "about", "answers", "threshold", "severity", "tagged_from", "missing"}},
}
"""What of a config figures turn on, and is neither a file nor a column that may be a person: it may not change once the
plan is frozen.
"""
_OPEN: Any = {"run": {"name", "measures", "posts_per_category", "words", "redact"}}
"""What of it may change all the same: names, what is shown, and further measures, which are exploratory."""
_TOLD = ("sample", "sample_name", "frozen_at")
"""What else the hash is of, as `FrozenPlan` calls it."""
_WITHOUT_PLAN = "the config has no [plan]"
_WITHOUT_SAMPLE = "a plan is frozen with the manifest of a sample, and this config names none"


class _Sample(NamedTuple):
    """The sample of a plan: the path of its manifest, the manifest, and the sha256 of the file as it was written."""

    path: Path
    manifest: Manifest
    sha256: str


@dataclass(frozen=True)
class _File:
    """A frozen plan and all that its hash is of."""

    frozen: FrozenPlan
    sections: dict[str, Any]


def frozen_file(config_file: Path) -> Path:
    """Return where the frozen plan of a config lies.

    Examples
    --------
    >>> frozen_file(Path("audits/study.toml")).as_posix()
    'audits/study.plan.json'
    """
    return config_file.with_suffix(".plan.json")


def freeze_plan(config: AuditConfig, config_file: Path, *, frozen_at: str) -> FrozenPlan:
    """Write the frozen plan of a config beside it; a plan that is frozen already, and is the same, is returned.

    Parameters
    ----------
    config, config_file
        With [plan] and [sample], and the file that it came from.
    frozen_at
        Date and time that it carries.

    Raises
    ------
    ConfigError
        If the config has no plan or no sample, the plan names what there is not, or a post of the sample is labelled.
    OutputExists
        If another plan of this config is frozen.
    ReadError, ScoresMismatch, LabelError
        If the manifest or a sheet cannot be read.
    StorageError
        If the disk refuses.
    """
    plan = config.plan
    if plan is None:
        raise ConfigError(what=_WITHOUT_PLAN, where=config_file, todo="say what is planned under [[plan.comparison]]")
    _require_known(plan, config, config_file)
    sample, path = _sample(config, config_file), frozen_file(config_file)
    if path.exists():
        there = _read(path)
        changed = _differing(there, config, sample)
        if not changed:
            return there.frozen
        raise OutputExists(
            what="another plan of this config is frozen",
            where=path,
            got=f"plan {there.frozen.hash[:12]} of {there.frozen.frozen_at}, which says otherwise in {changed}",
            happened="nothing was written",
            todo="keep to the frozen plan, or freeze this one from a config of another name",
        )
    _require_sampled(plan, sample, config_file)
    _require_unlabelled(config, config_file, sample)
    sections = _sections(config)
    told = {"frozen_at": frozen_at, "sample": sample.sha256, "sample_name": sample.manifest.name}
    found = FrozenPlan(hash=_hash(sections, told), **told, plan=plan)
    write_json(
        path,
        {"format": FORMAT, "protocol": PROTOCOL, "hash": found.hash, **told, "sections": sections},
    )
    return found


def plan_of(config: AuditConfig, config_file: Path) -> FrozenPlan | None:
    """Return the frozen plan that an audit keeps to, None if its config plans nothing.

    Raises
    ------
    ConfigError
        If the plan was never frozen, or it, the sample or what else its figures turn on was changed since.
    ReadError
        If the frozen plan is damaged.
    """
    if config.plan is None:
        return None
    sample, path = _sample(config, config_file), frozen_file(config_file)
    _require_asked_for(config.plan, config, config_file)
    if not path.exists():
        raise ConfigError(
            what="the plan was not frozen",
            where=config_file,
            expected=path.name,
            happened="nothing was measured: figures are planned only if the plan was there before the labels",
            todo="freeze it with `api.plan` before anybody labels; without [plan] every figure is exploratory",
        )
    there = _read(path)
    changed = _differing(there, config, sample)
    if changed:
        raise ConfigError(
            what="the plan was edited since it was frozen",
            where=config_file,
            expected=f"plan {there.frozen.hash[:12]} of {there.frozen.frozen_at}",
            got=f"other values in {changed}",
            happened="nothing was measured",
            todo="set them back, or audit without [plan]: every figure is exploratory then",
        )
    return there.frozen


def require_unit(frozen: FrozenPlan | None, unit: str, where: Path) -> None:
    """Raise `ConfigError` if the intervals of an audit take something else for independent than was planned."""
    if frozen is None or frozen.plan.unit in (None, unit):
        return
    raise ConfigError(
        what="the plan names another unit than intervals of this audit have",
        where=where,
        expected=frozen.plan.unit,
        got=unit,
        happened="nothing was measured",
        todo="audit with the texts of the posts, in which near-duplicates are found"
        if unit == "none"
        else "name that unit under [cluster], or leave [cluster] out for near-duplicates",
    )


def _sections(config: AuditConfig) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(to_json(config.model_dump(mode="json", include=_FROZEN, exclude=_OPEN)))
    if config.casebook is not None:
        plain["casebook"] = Path(config.casebook).name
    return plain


def _hash(sections: dict[str, Any], told: dict[str, str]) -> str:
    return sha256_bytes(to_json([FORMAT, PROTOCOL, sections, *(told[name] for name in _TOLD)]))


def _differing(there: _File, config: AuditConfig, sample: _Sample) -> str:
    """Return the sections in which a config is not what was frozen, ``""`` if it is."""
    now = _sections(config)
    names = [name for name in {**there.sections, **now} if there.sections.get(name) != now.get(name)]
    wave = sample.manifest.first
    same = there.frozen.sample == sample.sha256 or (wave is not None and wave.name == there.frozen.sample_name)
    return ", ".join([*names, *([] if same else ["the manifest of the sample"])])


def _read(path: Path) -> _File:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        sections, told = value["sections"], {name: value[name] for name in _TOLD}
        frozen = FrozenPlan(hash=value["hash"], **told, plan=PlanSection.model_validate(sections["plan"]))
        whole = (value["format"], value["protocol"]) == (FORMAT, PROTOCOL)
        whole &= frozen.hash == _hash(sections, told)
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        got: object = problems(error) if isinstance(error, ValidationError) else error
        raise ReadError(
            what="the frozen plan is damaged", where=path, got=got, happened="nothing was measured"
        ) from error
    if not whole:
        raise ReadError(
            what="the frozen plan was changed: its hash is not that of what it holds",
            where=path,
            happened="nothing was measured",
            todo="bring back the file whose hash was registered",
        )
    return _File(frozen, sections)


def _sample(config: AuditConfig, config_file: Path) -> _Sample:
    if config.sample is None or config.sample.manifest is None:
        raise ConfigError(
            what=_WITHOUT_SAMPLE,
            where=config_file,
            todo="draw posts with `api.sample`, and name the manifest under [sample]",
        )
    path = config_file.resolve().parent / config.sample.manifest
    manifest = load_manifest(path)
    return _Sample(path, manifest, sha256_bytes(to_json(manifest.to_json())))  # whatever ends its lines by now


def _require_known(plan: PlanSection, config: AuditConfig, where: Path) -> None:
    """Raise `ConfigError` if the plan names what no figure of this audit can be of: it could not be mended later."""
    bundle = where.resolve().parent / config.model if config.model else None
    told = config.run.taxonomy is not None or (bundle is not None and bundle.exists())
    taxonomy = audit_taxonomy(config, where, bundle) if told else None
    for one in plan.comparison:
        if one.measure not in MEASURES:
            raise ConfigError(
                what=f"the plan names a measure that there is not: {one.measure}",
                where=where,
                expected=", ".join(measures_in_order()),
            )
        known = [declared.key for declared in MEASURES[one.measure].declares.statistics]
        if one.statistic not in (None, *known):
            raise ConfigError(
                what=f"the plan names a statistic that {one.measure} has not: {one.statistic}",
                where=where,
                expected=", ".join(known),
            )
        if taxonomy is not None and one.category not in (None, ALL, *taxonomy.keys):
            raise ConfigError(
                what=f"the plan names a category that {taxonomy.name} has not: {one.category}",
                where=where,
                expected=", ".join(taxonomy.keys),
            )
    _require_asked_for(plan, config, where)


def _require_sampled(plan: PlanSection, sample: _Sample, where: Path) -> None:
    """Raise `ConfigError` if the plan names a category that nobody is asked to label."""
    for one in plan.comparison:
        asked = (None, ALL, *sample.manifest.categories)
        if "sample" in MEASURES[one.measure].needs and one.category not in asked:
            raise ConfigError(
                what=f"the plan names a category that the sample asks no labels of: {one.category}",
                where=where,
                expected=", ".join(sample.manifest.categories),
                happened="nothing was frozen",
                todo="draw a sample of this category, too",
            )


def _require_asked_for(plan: PlanSection, config: AuditConfig, where: Path) -> None:
    """Raise `ConfigError` if the audit would not take a measure that the plan names."""
    for one in plan.comparison:
        if config.run.measures and one.measure not in config.run.measures:
            raise ConfigError(
                what=f"the plan names a measure that run.measures leaves out: {one.measure}",
                where=where,
                expected=", ".join(config.run.measures),
            )


def _require_unlabelled(config: AuditConfig, config_file: Path, sample: _Sample) -> None:
    """Raise `ConfigError` if a drawn sheet, or one that the config names, has a label, or if labels led to it."""
    assert config.sample is not None
    base, path, manifest = config_file.resolve().parent, sample.path, sample.manifest
    if manifest.first is not None:
        raise _labelled(path, got="a second wave, which was drawn from labels of the first")
    named = (*config.sample.labels, *([config.sample.gold] if config.sample.gold else []))
    own = sheet_path(path)
    drawn = [own, *(again_path(own, name) for name in AGAIN if getattr(manifest, name))]
    drawn = drawn if own.suffix.lower() in (".csv", *WORKBOOKS) else []  # labels go into these
    for sheet in dict.fromkeys([*(base / name for name in named), *drawn]):
        if not sheet.exists():
            continue
        labels = read_labels([sheet], manifest)
        labelled = int((labels >= 0).any(axis=(0, 2)).sum())
        if labelled:
            raise _labelled(sheet, got=f"{labelled:,} of {labels.shape[1]:,} posts with a label")


def _labelled(where: Path, *, got: str) -> ConfigError:
    return ConfigError(
        what="posts of the sample are labelled already",
        where=where,
        expected="no label: a plan is frozen before there are any",
        got=got,
        happened="nothing was frozen",
        todo="audit without [plan]: every figure is exploratory then; or plan for a sample to be drawn anew",
    )
