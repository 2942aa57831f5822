"""Frames for the plausible report, computed from simulated posts, so that shares, intervals and n belong together.

Every post gets a latent truth and a probability per category. Nothing in these frames is a finding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.audit.frame import ALL, AuditFrame, Figure, share
from koudai.taxonomy import Taxonomy
from koudai.training.calibration_error import calibration_error
from tests.render.posts import FUNCTIONS, TERMS, THEMES

N, ABSTAINED, QUARANTINED = 11_482, 1_073, 39
NARROW = ("unqualified_advice.legal", "impersonation.ai_news_anchors")


def simulate(taxonomy: Taxonomy, *, rng: np.random.Generator) -> tuple[Any, Any]:
    """Return probabilities and truths, shape (N, categories), parents never below their children."""
    mixed = rng.normal(size=(N, 4)) @ rng.normal(size=(4, len(taxonomy.keys))) * 0.35
    base = rng.uniform(-5.0, -2.2, size=len(taxonomy.keys)) - np.isin(taxonomy.keys, NARROW) * 1.5
    logit = base + mixed + rng.normal(size=(N, len(taxonomy.keys))) * 1.6
    proba = 1 / (1 + np.exp(-logit))
    truth = rng.random(proba.shape) < 1 / (1 + np.exp(-(0.8 * logit - 0.2 + rng.normal(size=logit.shape))))
    for column in reversed(range(len(taxonomy.keys))):
        parent = taxonomy.parent[taxonomy.keys[column]]
        if parent:
            above = taxonomy.keys.index(parent)
            proba[:, above] = np.maximum(proba[:, above], proba[:, column])
            truth[:, above] |= truth[:, column]
    return proba, truth


def coverage(taxonomy: Taxonomy, *, proba: Any) -> AuditFrame:
    read = N + ABSTAINED + QUARANTINED
    some = int((proba >= 0.5).any(axis=1).sum())
    counts = {"tagged": some, "abstained": ABSTAINED, "none": N - some, "quarantined": QUARANTINED}
    figures = [share(ALL, ALL, name, hits, read) for name, hits in counts.items()]
    for column, key in enumerate(taxonomy.keys):
        figures.append(share(key, ALL, "alleged", (proba[:, column] >= 0.5).sum(), N))
        figures += [
            share(key, f"t={step / 100:.2f}", "share", (proba[:, column] >= step / 100).sum(), N)
            for step in range(5, 100, 5)
        ]
    return AuditFrame("coverage", tuple(figures))


def themes(taxonomy: Taxonomy, *, proba: Any, rng: np.random.Generator) -> AuditFrame:
    figures = []
    for column, key in enumerate(taxonomy.keys):
        n = int((proba[:, column] >= 0.5).sum())
        if key in NARROW:
            figures.append(Figure(key, ALL, "effective_number", None, 0))
            continue
        shares = rng.dirichlet(np.full(len(THEMES), rng.uniform(0.2, 2.0)))
        shares = np.round(shares * n) / max(1, round(shares.sum() * n))
        kept = shares[shares > 0]
        effective = float(np.exp(-(kept * np.log(kept)).sum()))
        figures.append(Figure(key, ALL, "effective_number", effective, n, effective * 0.9, min(effective * 1.12, 12)))
        figures.append(Figure(key, ALL, "effective_number_of_complement", rng.uniform(9.2, 11.4), n))
        figures += [share(key, theme, "share", round(part * n), n) for theme, part in zip(THEMES, shares, strict=True)]
    return AuditFrame("themes", tuple(figures))


def terms(taxonomy: Taxonomy, *, rng: np.random.Generator) -> AuditFrame:
    figures = []
    for key in taxonomy.keys:
        words = TERMS[key].split(" ")
        z = np.sort(rng.gamma(3.0, 3.0, size=len(words)) + 2)[::-1]
        figures += [
            Figure(key, word, "z", float(value), int(n))
            for word, value, n in zip(words, z, rng.integers(12, 700, size=len(words)), strict=True)
        ]
    return AuditFrame("terms", tuple(figures))


def overlap(taxonomy: Taxonomy, *, proba: Any) -> AuditFrame:
    tagged = proba >= 0.5
    figures = []
    for i, key in enumerate(taxonomy.keys):
        for j, other in enumerate(taxonomy.keys):
            if i == j:
                continue
            both, either = (tagged[:, i] & tagged[:, j]).sum(), (tagged[:, i] | tagged[:, j]).sum()
            figures.append(share(key, other, "jaccard", both, either))
            figures.append(share(key, other, "given", both, tagged[:, i].sum()))
    return AuditFrame("overlap", tuple(figures))


def performance(taxonomy: Taxonomy, *, proba: Any, truth: Any) -> AuditFrame:
    from sklearn.metrics import f1_score

    figures = []
    for column, key in enumerate(taxonomy.keys):
        for group, rows in (("weibo21", slice(None)), ("weibo21, 2020", slice(0, N // 2))):
            y, p = truth[rows, column], proba[rows, column]
            value = float(f1_score(y, p >= 0.5, zero_division=0.0)) if y.any() else None
            ends = (None, None) if value is None else (max(0.0, value - 0.04), min(1.0, value + 0.04))
            figures.append(Figure(key, group, "f1", value, len(y), *ends))
    return AuditFrame("performance", tuple(figures))


def learnability(taxonomy: Taxonomy, *, proba: Any, truth: Any, rng: np.random.Generator) -> AuditFrame:
    from sklearn.metrics import average_precision_score, f1_score

    figures = []
    for column, key in enumerate(taxonomy.keys):
        chosen = rng.choice(N, size=24 if key in NARROW else 1600, replace=False)
        y, p = truth[chosen, column], proba[chosen, column]
        if not y.any():
            figures.append(Figure(key, ALL, "average_precision", None, len(y)))
            continue
        ap = float(average_precision_score(y, p))
        figures.append(Figure(key, ALL, "average_precision", ap, len(y), ap - 0.05, min(1.0, ap + 0.05)))
        figures.append(Figure(key, ALL, "f1", float(f1_score(y, p >= 0.5)), len(y)))
        figures.append(share(key, ALL, "prevalence", y.sum(), len(y)))
        for size in (50, 100, 200, 400, 800, 1600):
            if len(y) >= size:
                at = ap * (1 - 0.75 * np.exp(-size / 350)) + float(y.mean()) * 0.5 * np.exp(-size / 350)
                figures.append(
                    Figure(
                        key,
                        f"n={size}",
                        "average_precision",
                        at,
                        size,
                        max(0.0, at - 3 / size**0.7),
                        at + 3 / size**0.7,
                    )
                )
    return AuditFrame("learnability", tuple(figures))


def calibration(taxonomy: Taxonomy, *, proba: Any, truth: Any) -> AuditFrame:
    figures = []
    for column, key in enumerate(taxonomy.keys):
        if key in NARROW:
            continue
        y, p = truth[:4000, column], proba[:4000, column]
        place = np.minimum((p * 10).astype(int), 9)
        error = sum(abs(p[place == b].mean() - y[place == b].mean()) * (place == b).mean() for b in set(place.tolist()))
        debiased = calibration_error(y.astype(np.int8), p.astype(np.float64), groups=np.arange(len(y)))
        figures.append(Figure(key, "seed", "calibration_error", debiased.value, len(y), debiased.low, debiased.high))
        figures.append(Figure(key, "seed", "ece", float(error), len(y)))
        figures.append(Figure(key, "seed", "brier", float(((p - y) ** 2).mean()), len(y)))
        for b in range(10):
            inside = place == b
            name, n = f"bin {b / 10:.1f}-{(b + 1) / 10:.1f}", int(inside.sum())
            figures.append(share(key, name, "observed", y[inside].sum(), n))
            figures.append(Figure(key, name, "predicted", float(p[inside].mean()) if n else None, n))
    return AuditFrame("calibration", tuple(figures))


def overreach(taxonomy: Taxonomy, *, rng: np.random.Generator) -> AuditFrame:
    figures = []
    for name in FUNCTIONS:
        n = int(rng.integers(14, 60))
        figures.append(share(ALL, name, "pass_rate", rng.binomial(n, rng.uniform(0.35, 0.97)), n))
    for key in taxonomy.keys:
        n = int(rng.integers(18, 90))
        figures.append(share(key, ALL, "false_alarm_rate", rng.binomial(n, rng.uniform(0.05, 0.6)), n))
        figures.append(share(key, ALL, "miss_rate", rng.binomial(n, rng.uniform(0.1, 0.5)), n))
        figures.append(Figure(key, ALL, "pair_gap", float(rng.uniform(-0.05, 0.6)), n))
        figures.append(share(key, "benign-notices", "tag_rate_on_controls", rng.binomial(600, 0.04), 600))
    return AuditFrame("overreach", tuple(figures))


def reported_mix(taxonomy: Taxonomy, *, proba: Any) -> AuditFrame:
    figures = []
    for column, category in enumerate(taxonomy.category):
        figures.append(share(category.key, ALL, "measured_share", (proba[:, column] >= 0.5).sum(), N))
        figures += [
            Figure(category.key, f"announced: {tally.value:,} {tally.unit}", "announced", tally.value, tally.value)
            for tally in category.tallies
        ]
    return AuditFrame("reported_mix", tuple(figures))
