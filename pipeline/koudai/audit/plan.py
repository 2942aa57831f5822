"""A plan frozen before labels exist: what a study looks at, hashed with the manifest of its sample.

Promises: a plan is frozen only while nobody has labelled a post of the sample, as far as the sheets that the config
names show; one that was edited since, or whose sample is another, is refused before anything is measured; a figure is
planned if a comparison names it, and exploratory otherwise. That nobody looked at labels elsewhere it cannot know: the
hash serves to be registered where others can see when.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.planned import FrozenPlan
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.manifest import load_manifest
from koudai.config.audit import AuditConfig
from koudai.config.plan import PlanSection
from koudai.errors import ConfigError, OutputExists, ReadError
from koudai.storage.durable import sha256_bytes, sha256_file, to_json, write_json
from koudai.taxonomy import problems

FORMAT, PROTOCOL = "koudai-plan", 1
_FROZEN: Any = {
    **dict.fromkeys(("run", "corpus", "casebook", "outcome", "period", "group", "domain", "event", "regression"), True),
    **dict.fromkeys(("cluster", "multiplicity", "plan"), True),
    "sample": {"design", "population"},
}
"""What of a config figures turn on and is no file: it may not change once the plan is frozen."""
_WITHOUT_PLAN = "the config has no [plan]"
_WITHOUT_SAMPLE = "a plan is frozen with the manifest of a sample, and this config names none"


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
    _require_measures(plan, config_file)
    manifest = _manifest(config, config_file)
    path = frozen_file(config_file)
    if path.exists():
        there = _read(path)
        if there.sections == _sections(config) and there.frozen.sample == sha256_file(manifest):
            return there.frozen
        raise OutputExists(
            what="another plan of this config is frozen",
            where=path,
            got=f"plan {there.frozen.hash[:12]} of {there.frozen.frozen_at}, which says otherwise in "
            + _differing(there, config, sha256_file(manifest)),
            happened="nothing was written",
            todo="keep to the frozen plan, or freeze this one from a config of another name",
        )
    _require_unlabelled(config, config_file, manifest)
    sections, sample = _sections(config), sha256_file(manifest)
    found = FrozenPlan(hash=_hash(sections, sample, frozen_at), frozen_at=frozen_at, sample=sample, plan=plan)
    write_json(
        path,
        {
            "format": FORMAT,
            "protocol": PROTOCOL,
            "hash": found.hash,
            "frozen_at": frozen_at,
            "sample": sample,
            "sections": sections,
        },
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
    manifest, path = _manifest(config, config_file), frozen_file(config_file)
    if not path.exists():
        raise ConfigError(
            what="the plan was not frozen",
            where=config_file,
            expected=path.name,
            happened="nothing was measured: figures are planned only if the plan was there before the labels",
            todo="freeze it with `api.plan` before anybody labels; without [plan] every figure is exploratory",
        )
    there = _read(path)
    changed = _differing(there, config, sha256_file(manifest))
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
        todo="name that unit under [cluster], or leave [cluster] out for near-duplicates",
    )


def _sections(config: AuditConfig) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(to_json(config.model_dump(mode="json", include=_FROZEN)))
    return plain


def _hash(sections: dict[str, Any], sample: str, frozen_at: str) -> str:
    return sha256_bytes(to_json([FORMAT, PROTOCOL, sections, sample, frozen_at]))


def _differing(there: _File, config: AuditConfig, sample: str) -> str:
    """Return the sections in which a config is not what was frozen, ``""`` if it is."""
    now = _sections(config)
    names = [name for name in {**there.sections, **now} if there.sections.get(name) != now.get(name)]
    return ", ".join([*names, *([] if there.frozen.sample == sample else ["the manifest of the sample"])])


def _read(path: Path) -> _File:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        sections, told = value["sections"], {name: value[name] for name in ("hash", "frozen_at", "sample")}
        frozen = FrozenPlan(**told, plan=PlanSection.model_validate(sections["plan"]))
        whole = (value["format"], value["protocol"]) == (FORMAT, PROTOCOL)
        whole &= frozen.hash == _hash(sections, frozen.sample, frozen.frozen_at)
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


def _manifest(config: AuditConfig, config_file: Path) -> Path:
    if config.sample is None or config.sample.manifest is None:
        raise ConfigError(
            what=_WITHOUT_SAMPLE,
            where=config_file,
            todo="draw posts with `api.sample`, and name the manifest under [sample]",
        )
    manifest = config_file.resolve().parent / config.sample.manifest
    load_manifest(manifest)
    return manifest


def _require_measures(plan: PlanSection, where: Path) -> None:
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


def _require_unlabelled(config: AuditConfig, config_file: Path, manifest: Path) -> None:
    """Raise `ConfigError` if a sheet that is there has a label."""
    assert config.sample is not None
    base = config_file.resolve().parent
    for name in (*config.sample.labels, *([config.sample.gold] if config.sample.gold else [])):
        if not (base / name).exists():
            continue
        labels = read_labels([base / name], load_manifest(manifest))
        labelled = int((labels >= 0).any(axis=(0, 2)).sum())
        if labelled:
            raise ConfigError(
                what="posts of the sample are labelled already",
                where=base / name,
                expected="no label: a plan is frozen before there are any",
                got=f"{labelled:,} of {labels.shape[1]:,} posts with a label",
                happened="nothing was frozen",
                todo="audit without [plan]: every figure is exploratory then; or plan for a sample to be drawn anew",
            )
