"""Frames of the other measures, for the plausible report: numbers drawn at random, and no findings."""

from __future__ import annotations

import numpy as np

from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.taxonomy import Taxonomy

CORPORA = ("weibo", "wechat", "news")
SHARES = {
    "outcome": (("removed", (ALL,)),),
    "conformal": (
        ("both", ("1−α=0.8", "1−α=0.9", "1−α=0.95", "1−α=0.9, in")),
        ("empty", ("1−α=0.8", "1−α=0.9", "1−α=0.95")),
    ),
    "crosswalk": (("given", ("other: 甲", "other: 乙", "other: 丙")),),
    "term_swap": (
        ("flip_rate", (ALL, "regions", "hot_topics", "professions")),
        ("flip_rate_on_posts", (ALL, "regions", "hot_topics", "professions")),
    ),
    "evasion": (
        ("lost", (ALL, "zero-width", "pinyin", "split")),
        ("lost_on_posts", (ALL, "zero-width", "pinyin", "split")),
    ),
    "hazards": (
        ("flagged", (ALL, "cut-off", "markup", "mojibake")),
        ("flagged_elsewhere", (ALL, "cut-off", "markup", "mojibake")),
        ("changed", (ALL, "html")),
    ),
    "definition": (
        ("holds_any", (ALL,)),
        ("untagged_holds_any", (ALL,)),
        ("in_tagged", ("谣言", "不实")),
        ("in_all", ("谣言", "不实")),
    ),
    "drift": (("alleged", ("2024H1", "2024H2", "2025H1")),),
    "coverage": (("alleged_in_group", ("forum", "blog")),),
    "multiplicity": tuple(
        (name, ("held-out posts, ε=0.05", "held-out posts, tagged, ε=0.01", "held-out posts, tagged, ε=0.05"))
        for name in ("ambiguity", "discrepancy", "arbitrariness", "flip_rate")
    ),
}
"""By measure: statistics that are shares, and their groups."""
PEOPLE = ("alternative_annotator", "set_agreement", "wording")
"""Measures of who else read the posts."""
WORDINGS = ("full", "name", "withheld")
SAMPLED = {
    "prevalence": ("design", "difference", "ppi++"),
    "prevalence_corrected": ("never", "gold"),
    "prevalence_by_group": ("platform, weibo", "platform, wechat"),
    "prevalence_around_event": ("before", "during", "after"),
    "prevalence_over_time": ("2024H1", "2024H2", "2025H1"),
}
"""Measures of a returned sample, and the groups whose prevalence they give."""


def other_frames(taxonomy: Taxonomy, *, rng: np.random.Generator) -> dict[str, AuditFrame]:
    """Return figures per measure, for every category and about all of them; those of coverage are its groups only,
    and those of parts of a sample, and of who else read the posts, are of a few categories.
    """
    frames: dict[str, list[Figure]] = {
        measure: [] for measure in (*SHARES, *SAMPLED, "agreement", "transfer", "prevalence_regression", *PEOPLE)
    }
    few = taxonomy.keys[:3]
    for key in taxonomy.keys:
        for measure, statistics in SHARES.items():
            frames[measure] += [_share(key, group, name, rng) for name, groups in statistics for group in groups]
        for measure, groups in SAMPLED.items():
            if key in few or measure in ("prevalence", "prevalence_corrected"):
                frames[measure] += [_share(key, name, "prevalence", rng) for name in groups]
        frames["agreement"] += [_number(key, group, "alpha", rng, -0.1) for group in (ALL, "event a", "event b")]
        frames["transfer"] += [
            _number(key, f"{one} → {other}", "auc", rng, 0.9 if one == other else 0.5)
            for one in CORPORA
            for other in CORPORA
        ]
    for key in few:
        frames["prevalence_around_event"] += [
            _number(key, name, "window", rng, -0.2) for name in ("2024-01-01 – 2024-01-14", "2024-01-15 – 2024-01-28")
        ]
        frames["prevalence_regression"] += [
            _number(key, name, "odds_ratio", rng, 0.5) for name in ("platform, wechat", "length")
        ]
        frames["prevalence_by_group"] += [
            _number(key, name, "difference", rng, -0.2) for name in SAMPLED["prevalence_by_group"]
        ]
    for key in few[:1]:
        for name in ("the model", "the model, balanced", "always no"):
            frames["alternative_annotator"] += [
                _share(key, name, one, rng) for one in ("advantage", "people_advantage")
            ]
        frames["set_agreement"].append(_number(key, ALL, "alpha_sets", rng, -0.1))
        for name in WORDINGS:
            frames["wording"] += [_share(key, name, one, rng) for one in ("tagged", "tags_left", "asked_again")]
            frames["wording"] += [_share(key, f"{name} → {other}", "agreement", rng) for other in WORDINGS]
    for kind in ("identical", "near-identical"):
        frames["outcome"] += [_share(ALL, kind, name, rng) for name in ("different", "different_by_chance")]
    frames["drift"].append(_number(ALL, "2024H2 / 2025H1", "auc", rng, 0.5))
    frames["crosswalk"].append(_number(ALL, "other", "ami", rng, 0.0))
    return {measure: AuditFrame(measure, tuple(figures)) for measure, figures in frames.items()}


def _share(key: str, group: str, name: str, rng: np.random.Generator) -> Figure:
    n = int(rng.integers(20, 400))
    return share(key, group, name, rng.binomial(n, rng.uniform(0.05, 0.8)), n)


def _number(key: str, group: str, name: str, rng: np.random.Generator, least: float) -> Figure:
    value = float(rng.uniform(least, 1.0))
    return Figure(key, group, name, value, int(rng.integers(50, 4000)), value - 0.03, min(value + 0.03, 1.0))
