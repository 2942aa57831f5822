"""A comparison of two audits: each figure that both have, how far it moved, and whether chance would move it as far.

Promises: figures are joined by measure, category, group and statistic, and what only one audit has is listed, so that
no figure of either is left out; whether model, posts, clusters and inputs are the same is said, or that it is not
known; categories of two taxonomies are not taken for the same unless told to; a difference is tested as its posts allow
(see `koudai.audit.moved`), p-values are Holm's over all that were tested, and what cannot be tested says nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from koudai.audit.declaration import Declaration
from koudai.audit.frame import Figure
from koudai.audit.moved import DifferenceTest, independent, on_same_posts
from koudai.audit.redaction import redacted_earlier
from koudai.audit.report import AuditReport
from koudai.audit.trying.two_sample import holm
from koudai.errors import UsageError, printable
from koudai.taxonomy import Taxonomy

FORMAT, PROTOCOL = "koudai-audit-comparison", 2


@dataclass(frozen=True)
class Change:
    """A figure of `measure` in both audits.

    Parameters
    ----------
    measure, before, after
        The figure's measure, and the figure in both audits.
    moved
        What a test says of the difference; None where there is no test for it.
    adjusted
        The test's p-value, adjusted by Holm for all figures that were tested.

    Examples
    --------
    >>> before = Figure("rumour", "*", "alleged", 0.25, 90, 0.1, 0.3)
    >>> change = Change("coverage", before, Figure("rumour", "*", "alleged", 0.5, 90, 0.4, 0.6))
    >>> change.difference, change.moved
    (0.25, None)
    """

    measure: str
    before: Figure
    after: Figure
    moved: DifferenceTest | None = None
    adjusted: float | None = None

    @property
    def difference(self) -> float | None:
        """The later value less the earlier one; None where either is not defined."""
        if self.before.value is None or self.after.value is None:
            return None
        found = self.after.value - self.before.value
        return found if math.isfinite(found) else None

    @property
    def size(self) -> tuple[bool, float]:
        """What changes are ordered by: those tested first, by the difference in standard errors."""
        if self.difference is None:
            return False, -1.0
        return (False, abs(self.difference)) if self.moved is None else (True, abs(self.moved.z))

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain data."""
        about = {name: getattr(self.after, name) for name in ("category", "group", "statistic")}
        moved = self.moved
        tested = {
            "low": None if moved is None else moved.low,
            "high": None if moved is None else moved.high,
            "test": None if moved is None else moved.test,
            "n": None if moved is None else moved.n,
            "p": None if moved is None else moved.p,
            "p_holm": self.adjusted,
        }
        parts = ("value", "n", "low", "high")
        sides = {"before": self.before, "after": self.after}
        told = {"measure": self.measure, **about, "difference": self.difference, "tested": tested}
        return {**told, **{name: {part: getattr(one, part) for part in parts} for name, one in sides.items()}}


@dataclass(frozen=True)
class Same:
    """What two audits have in common.

    Parameters
    ----------
    model
        Whether the model is the same, by its digest.
    posts
        Whether the posts are the same, by their ids.
    categories
        Whether the same categories have scores.
    clusters
        Whether intervals take the same for independent.
    inputs
        Of each input with a hash, whether both audits read it: ``role``, ``name``, and ``in``: ``both`` (the same
        hash), ``before`` or ``after``.

    None stands for what a report does not say.

    Examples
    --------
    >>> Same(model=True, posts=None, categories=True, clusters=None, inputs=()).posts is None  # a report does not say
    True
    """

    model: bool | None
    posts: bool | None
    categories: bool | None
    clusters: bool | None
    inputs: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class AuditComparison:
    """Two audits side by side.

    Parameters
    ----------
    before, after
        What each was: ``name``, ``created_at``, ``koudai``, ``model``, ``categories``, ``posts``, ``clusters``,
        ``inputs``, and the taxonomy's name and digest.
    same
        What they have in common.
    changes
        The figures that both have, largest change first.
    only_before, only_after
        Figures that one audit has and the other has not, each with its measure.
    declared
        What the measures of the later audit declare; not part of the JSON.
    by_post
        Whether both audits kept their posts, so that figures could be tested on them; not part of the JSON.

    Examples
    --------
    >>> found = AuditComparison({}, {}, Same(True, True, True, True, ()), changes=(), only_before=(), only_after=())
    >>> found.to_json()["same"]["posts"]
    True
    """

    before: dict[str, Any]
    after: dict[str, Any]
    same: Same
    changes: tuple[Change, ...]
    only_before: tuple[tuple[str, Figure], ...]
    only_after: tuple[tuple[str, Figure], ...]
    declared: dict[str, Declaration] = field(default_factory=dict)
    by_post: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {
            "format": FORMAT,
            "protocol": PROTOCOL,
            "before": self.before,
            "after": self.after,
            "same": {**vars(self.same), "inputs": list(self.same.inputs)},
            "changes": [one.to_json() for one in self.changes],
            "only_before": [{"measure": measure, **vars(figure)} for measure, figure in self.only_before],
            "only_after": [{"measure": measure, **vars(figure)} for measure, figure in self.only_after],
        }


def check_taxonomies(before: Taxonomy, after: Taxonomy) -> None:
    """Raise `UsageError` if two audits have not the same taxonomy.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> check_taxonomies(taxonomy, taxonomy)  # the same: no error
    """
    if before.digest != after.digest:
        raise UsageError(
            what="the audit to compare with has another taxonomy",
            expected=f"{after.name} {after.digest}",
            got=f"{before.name} {before.digest}",
            happened="a category of the same name may mean another thing there",
            todo="compare audits with one taxonomy, or allow it with `other_taxonomy`",
        )


def compare_reports(before: AuditReport, after: AuditReport, *, other_taxonomy: bool = False) -> AuditComparison:
    """Compare two audits, figure by figure.

    Parameters
    ----------
    before, after
        The earlier and the later audit.
    other_taxonomy
        Whether categories of the same name are joined although the taxonomies differ.

    Raises
    ------
    UsageError
        If the taxonomies differ and nothing was said of it.

    Examples
    --------
    >>> from koudai.audit.frame import ALL, AuditFrame
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> frames = [AuditFrame("coverage", (Figure("rumour", ALL, "alleged", value, 90),)) for value in (0.25, 0.5)]
    >>> before, after = (AuditReport({}, {}, taxonomy, {}, {"coverage": one}, (), (), {}) for one in frames)
    >>> compare_reports(before, after).changes[0].difference
    0.25
    """
    if not other_taxonomy:
        check_taxonomies(before.taxonomy, after.taxonomy)
    before = redacted_earlier(before, after)
    old, new = _keyed(before), _keyed(after)
    same = _same(before, after)
    changes = [_change(key[0], old[key], new[key], before, after, same) for key in new if key in old]
    tested = [at for at, one in enumerate(changes) if one.moved is not None and not _on_a_curve(one, after)]
    adjusted = holm(np.array([one.p for at in tested if (one := changes[at].moved) is not None]))
    for at, p in zip(tested, adjusted.tolist(), strict=True):
        changes[at] = replace(changes[at], adjusted=p)
    return AuditComparison(
        before=_head(before),
        after=_head(after),
        same=same,
        changes=tuple(sorted(changes, key=lambda one: one.size, reverse=True)),
        only_before=tuple((key[0], figure) for key, figure in old.items() if key not in new),
        only_after=tuple((key[0], figure) for key, figure in new.items() if key not in old),
        declared=after.declared,
        by_post=before.kept is not None and after.kept is not None,
    )


def told_same(found: AuditComparison) -> list[str]:
    """Return in words whether model, posts, clusters and categories of two audits are the same.

    Examples
    --------
    >>> same = Same(model=True, posts=None, categories=True, clusters=True, inputs=())
    >>> side = {"model": {"name": "demo", "classifier": "linear_svc"}}
    >>> told_same(AuditComparison(side, side, same, changes=(), only_before=(), only_after=()))
    ['the same model, demo (linear_svc); whether the posts are the same is not known']
    """
    models = [_model(side) for side in (found.before, found.after)]
    posts = [side.get("posts") for side in (found.before, found.after)]
    counts = [f"{one['n']:,}" if isinstance(one, dict) and isinstance(one.get("n"), int) else "?" for one in posts]
    told = {
        True: f"the same model, {models[1]}",
        False: f"two models: {models[0]} before, {models[1]} after",
        None: "whether the model is the same is not known",
    }
    about = {
        True: f"the same {counts[1]} posts",
        False: f"other posts: {counts[0]} before, {counts[1]} after",
        None: "whether the posts are the same is not known",
    }
    lines = [f"{told[found.same.model]}; {about[found.same.posts]}"]
    if found.same.categories is False:
        numbers = [len(side["categories"]) for side in (found.before, found.after)]
        lines.append(
            f"other categories have scores: {numbers[0]} before, {numbers[1]} after; "
            "figures over all of them (tagged, no tag) cannot be compared"
        )
    if found.same.clusters is False:
        clusters = [str(side.get("clusters")) for side in (found.before, found.after)]
        lines.append(
            f"intervals rest on other clusters: {printable(clusters[0], limit=60)} before, "
            f"{printable(clusters[1], limit=60)} after; only what is compared post by post is tested"
        )
    if found.same.posts and found.same.model is False and not found.by_post:
        lines.append(
            "nothing is tested post by post: for that each audit keeps its posts in posts.parquet beside report.json"
        )
    return lines


def _change(measure: str, old: Figure, new: Figure, before: AuditReport, after: AuditReport, same: Same) -> Change:
    """Return a change with the test that its posts allow."""
    found = None
    if old.value is not None and new.value is not None:
        found = on_same_posts(measure, new, before.kept, after.kept)
        if found is None and same.posts is False and same.clusters is not False:
            found = independent(old, new)
    return Change(measure, old, new, found)


def _on_a_curve(change: Change, after: AuditReport) -> bool:
    """Return whether a change is a point of a curve, which is not tested by itself."""
    declared = after.declared.get(change.measure)
    charts = declared.charts if declared else ()
    prefixes = tuple(one.prefix for one in charts if one.prefix and one.kind in ("curve", "reliability"))
    return bool(prefixes) and change.after.group.startswith(prefixes)


def _model(side: dict[str, Any]) -> str:
    model = side.get("model")
    told = [model.get(name) for name in ("name", "classifier")] if isinstance(model, dict) else ["?", "?"]
    return printable(f"{told[0]} ({told[1]})", limit=100)


def _keyed(report: AuditReport) -> dict[tuple[str, str, str, str, int], Figure]:
    """Return the figures of a report by what they are about; the last part counts those about the same."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    found = {}
    for measure, frame in report.frames.items():
        for figure in frame.figures:
            key = (measure, figure.category, figure.group, figure.statistic)
            found[*key, seen[key]] = figure
            seen[key] += 1
    return found


def _same(before: AuditReport, after: AuditReport) -> Same:
    model, posts = (_both(before, after, part, digest) for part, digest in (("model", "digest"), ("posts", "ids")))
    sides = [_inputs(report) for report in (before, after)]
    inputs = [
        {"role": one[0], "name": one[1], "in": "both" if all(one in side for side in sides) else name}
        for name, side in zip(("before", "after"), sides, strict=True)
        for one in side
        if name == "before" or one not in sides[0]
    ]
    clusters = [report.provenance.get("clusters") for report in (before, after)]
    alike = clusters[0] == clusters[1] if all(clusters) else None
    return Same(model, posts, _categories(before, after), alike, tuple(inputs))


def _categories(before: AuditReport, after: AuditReport) -> bool | None:
    """Return whether both audits say of the same categories that they have scores; None if one does not say."""
    told = [report.provenance.get("categories") for report in (before, after)]
    if not all(isinstance(one, list) and all(isinstance(key, str) for key in one) for one in told):
        return None
    return set(told[0] or ()) == set(told[1] or ())


def _both(before: AuditReport, after: AuditReport, part: str, digest: str) -> bool | None:
    found = [report.provenance.get(part) for report in (before, after)]
    told = [one.get(digest) if isinstance(one, dict) else None for one in found]
    return told[0] == told[1] if all(told) else None


def _inputs(report: AuditReport) -> list[tuple[str, str, str]]:
    """Return role, name and hash of each input that has a hash."""
    found = report.provenance.get("inputs")
    told = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    parts = [tuple(str(one.get(name, "")) for name in ("role", "name", "sha256")) for one in told]
    return [(role, name, sha256) for role, name, sha256 in dict.fromkeys(parts) if sha256]


def _head(report: AuditReport) -> dict[str, Any]:
    names = ("name", "created_at", "koudai", "model", "categories", "posts", "clusters", "inputs")
    return {
        **{name: report.provenance.get(name) for name in names},
        "taxonomy": {"name": report.taxonomy.name, "digest": report.taxonomy.digest},
        "conservation": report.conservation,
    }
