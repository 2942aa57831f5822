"""Reports for the tests of the page: a plausible one, an empty one, and hostile ones.

The plausible one is simulated (see simulated.py); nothing in it is a finding.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from koudai.audit.declaration import Declaration, named
from koudai.audit.frame import ALL, AuditFrame, Figure
from koudai.audit.measures import MEASURES
from koudai.audit.planned import FrozenPlan
from koudai.audit.report import AuditReport, NotMeasured, QuotedPost
from koudai.config.plan import ComparisonSection, PlanSection
from koudai.render.cells import columns
from koudai.render.tables import FigureIndex
from koudai.taxonomy import Bilingual, Taxonomy, load_taxonomy, parse_taxonomy
from koudai.text.characters.hazards import hazards, without_surrogates
from tests.render import simulated
from tests.render.posts import POSTS
from tests.render.simulated_others import other_frames

ROOT = Path(__file__).resolve().parents[2]
VALIDATED = {
    "rumour": "real",
    "impersonation": "written",
    "impersonation.state_officials": "proxy",
    "impersonation.public_institutions": "proxy",
    "unqualified_advice": "proxy",
    "unqualified_advice.medical": "real",
    "unqualified_advice.financial": "proxy",
    "clout_chasing": "none",
    "illegal_monetisation": "proxy",
}


def cac_2023() -> Taxonomy:
    return load_taxonomy(ROOT / "configs" / "taxonomies" / "cac-2023.toml")


@functools.cache
def sample_report() -> AuditReport:
    """Return the plausible report: 14 categories, sixteen measures and more, posts in every role."""
    taxonomy = cac_2023()
    rng = np.random.default_rng(20230310)
    proba, truth = simulated.simulate(taxonomy, rng=rng)
    others = other_frames(taxonomy, rng=rng)
    by_group = others.pop("coverage").figures
    frames = {
        "coverage": simulated.coverage(taxonomy, proba=proba),
        "themes": simulated.themes(taxonomy, proba=proba, rng=rng),
        "terms": simulated.terms(taxonomy, rng=rng),
        "overlap": simulated.overlap(taxonomy, proba=proba),
        "performance": simulated.performance(taxonomy, proba=proba, truth=truth),
        "learnability": simulated.learnability(taxonomy, proba=proba, truth=truth, rng=rng),
        "calibration": simulated.calibration(taxonomy, proba=proba, truth=truth),
        "overreach": simulated.overreach(taxonomy, rng=rng),
        "reported_mix": simulated.reported_mix(taxonomy, proba=proba),
        **others,
    }
    frames["coverage"] = AuditFrame("coverage", (*frames["coverage"].figures, *by_group))
    return AuditReport(
        provenance={
            "name": "seed-demo",
            "created_at": "2026-11-22T08:30:00+00:00",
            "koudai": "0.1.0",
            "seed": 20230310,
            "config": {
                "run": {"name": "seed-demo", "seed": 20230310, "taxonomy": "cac-2023", "announced": True},
                "audit": {"redact": True},
            },
            "model": {"name": "demo", "digest": "9f31c07be2d4a856" * 4, "classifier": "logistic"},
            "inputs": [
                {
                    "role": "scores",
                    "name": "demo/scores",
                    "rows": simulated.N + simulated.ABSTAINED,
                    "sha256": "3b" * 32,
                    "licence": "—",
                },
                {
                    "role": "posts",
                    "name": "data/seed/posts.jsonl",
                    "rows": simulated.N,
                    "sha256": "a1" * 32,
                    "licence": "CC-BY-4.0",
                },
                {
                    "role": "casebook",
                    "name": "data/casebook/cases.jsonl",
                    "rows": 412,
                    "sha256": "0c" * 32,
                    "licence": "CC0",
                },
            ],
        },
        conservation={
            "read": simulated.N + simulated.ABSTAINED + simulated.QUARANTINED,
            "scored": simulated.N,
            "abstained": simulated.ABSTAINED,
            "quarantined": simulated.QUARANTINED,
        },
        taxonomy=taxonomy,
        validated_on={key: VALIDATED.get(key, "written") for key in taxonomy.keys},
        frames=frames,
        not_measured=(
            NotMeasured("label_noise", ("relabelled",)),
            NotMeasured("something", ("model", "texts", "labels")),
            NotMeasured("something else", ("dates",)),
        ),
        posts=tuple(_posts(taxonomy, rng=rng)),
        sampling={
            "zh": "每个类别取三种角色，各在最符合条件的 200 条中随机抽取，种子与审计相同。",
            "en": "Three roles per category, each drawn with the audit's seed from the 200 that fit best.",
        },
        declared={name: MEASURES[name].declaration for name in (*frames, "label_noise")},
    )


@functools.cache
def component_keys() -> tuple[str, ...]:
    """Return the components of the plausible report's matrix, from left to right."""
    report = sample_report()
    found = columns(FigureIndex(report.frames, report.declared), taxonomy=report.taxonomy)
    return tuple(column.component.key for column in found)


PLANNED = FrozenPlan(
    hash="5e" * 32,
    frozen_at="2026-11-20T08:00:00Z",
    sample="c4" * 32,
    sample_name="s0123456789ab",
    plan=PlanSection(
        unit="near-duplicates",
        corrections=("Holm over both comparisons",),
        exclusions=("帖子里没有文字的",),
        comparison=(
            ComparisonSection(measure="coverage", category="rumour", statistic="alleged", question="谣言涉嫌占多少？"),
            ComparisonSection(measure="wording", category="rumour", statistic="tags_left"),
        ),
    ),
)


def planned_report() -> AuditReport:
    """Return the plausible report as the audit of a study with a plan: two comparisons, the rest exploratory."""
    return report_with(plan=PLANNED)


def empty_report() -> AuditReport:
    """Return a report of no posts at all: no frames, no posts, no model."""
    taxonomy = cac_2023()
    return AuditReport(
        {}, dict.fromkeys(("read", "scored", "abstained", "quarantined"), 0), taxonomy, {}, {}, (), (), {}
    )


def report_with(**changes: Any) -> AuditReport:
    """Return the plausible report with some fields replaced."""
    return AuditReport(**{**vars(sample_report()), **changes})


def figures_report(*figures: Figure, measure: str = "learnability") -> AuditReport:
    """Return a report whose only frame holds `figures`."""
    return report_with(frames={measure: AuditFrame(measure, figures)})


def hostile_report(payload: str) -> AuditReport:
    """Return a small report in which every field that can hold text holds `payload`."""
    encodable = without_surrogates(payload)
    words = {"zh": encodable, "en": encodable}
    tally = {"value": 7, "unit": encodable, "qualifier": encodable, "what": words, "shared_with": [encodable]}
    category = {"name": words, "wording": words, "counts_in": words, "counts_out": words, "terms": [encodable]}
    taxonomy = parse_taxonomy(
        {
            "name": encodable,
            "version": 1,
            "title": words,
            "source": encodable,
            "tally": [tally],
            "category": [{**category, "key": "one", "tallies": [tally]}, {**category, "key": "two"}],
        },
        where="hostile",
    )
    named = [
        Figure("one", payload, name, 0.4, 50, 0.3, 0.5)
        for name in ("share", "jaccard", "given", "z", "ece", "observed", "predicted", payload)
        + ("alpha", "alleged_in_group", "alleged", "flip_rate", "lost", "in_tagged", "in_all", "ami")
    ]
    named += [Figure("one", f"{payload} → {name}", "auc", 0.7, 50) for name in (payload, "b")]
    named += [Figure("one", f"{tagged}{payload}", "ambiguity", 0.7, 50) for tagged in ("held-out posts, tagged", "")]
    points = [Figure("one", f"t=0.{i}", "share", 0.1 * i, 50, 0.0, 0.9) for i in (1, 2, 3)]
    bins = [Figure("one", f"bin {payload}", name, 0.4, 50) for name in ("observed", "predicted")]
    figures = (
        *named,
        *points,
        *bins,
        Figure(ALL, payload, "pass_rate", 0.4, 50, 0.3, 0.5),
        Figure(payload, ALL, "x", 1, 9),
    )
    measures = (
        "coverage",
        "themes",
        "terms",
        "overlap",
        "learnability",
        "calibration",
        "overreach",
        *("transfer", "agreement", "drift", "crosswalk", "term_swap", "evasion", "definition", "multiplicity"),
        f"measure {payload}",
    )
    return AuditReport(
        provenance={
            "name": payload,
            "created_at": payload,
            "koudai": payload,
            "seed": payload,
            "config": {payload: payload},
            "model": {"name": payload, "digest": payload, "classifier": payload},
            "inputs": [{"role": payload, "name": payload, "rows": payload, "sha256": payload, "licence": payload}],
        },
        conservation={"read": 100, "scored": 90, "abstained": 9, "quarantined": 1},
        taxonomy=taxonomy,
        validated_on={"one": payload, "two": "real"},
        frames={name: AuditFrame(name, figures) for name in measures},
        not_measured=(NotMeasured(payload, (payload,)),),
        posts=tuple(
            QuotedPost("one", role, payload, payload, 0.5, (payload,), {payload: 1}, (payload,), (payload,))
            for role in ("typical", payload)
        ),
        sampling={"zh": payload, "en": payload},
        declared={name: _hostile_declaration(name, payload, words) for name in measures},
    )


@functools.cache
def _declarations() -> TypeAdapter[Declaration]:
    return TypeAdapter(Declaration)


def _hostile_declaration(measure: str, payload: str, words: dict[str, str]) -> Declaration:
    """Return what a measure declares, with the payload in place of every text; what is no measure declares little."""
    if measure not in MEASURES:
        return Declaration((named(payload, **words, unit="share"),), title=Bilingual(**words))
    adapter = _declarations()

    def replaced(value: Any) -> Any:
        if isinstance(value, list):
            return [replaced(one) for one in value]
        if isinstance(value, dict):
            return words if set(value) == {"zh", "en"} else {key: replaced(one) for key, one in value.items()}
        return value

    return adapter.validate_python(replaced(adapter.dump_python(MEASURES[measure].declaration, mode="json")))


def _posts(taxonomy: Taxonomy, *, rng: np.random.Generator) -> list[QuotedPost]:
    quoted = []
    chances = {"typical": (0.88, 0.995), "borderline": (0.46, 0.54), "contradicting": (0.55, 0.9)}
    for key in taxonomy.keys:
        below = [one for one in taxonomy.keys if one == key or taxonomy.parent[one] == key]
        posts = [(one, *post) for one in below for post in POSTS.get(one, [])]
        for one, role, text, label in posts[:6] if len(below) > 1 else posts:
            probability = float(rng.uniform(*chances[role]))
            alleged = (key, one) if one != key else (key,)
            quoted.append(
                QuotedPost(
                    category=key,
                    role=role,
                    post_id=f"{rng.integers(1 << 40):010x}",
                    text=text,
                    probability=probability,
                    alleged=alleged if probability >= 0.5 else (),
                    labels={} if label is None else {one: label},
                    hazards=tuple(hazards(text)),
                    evidence=(text[2:5], text[8:10]),
                )
            )
    return quoted
