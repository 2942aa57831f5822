"""An audit report: everything an audit found, as data, and its file. The page is a view of it and holds nothing more.

Promises: JSON in, JSON out, the same both ways, as ``docs/report.schema.json`` says; categories stand in the order of
the taxonomy and measures in that of the page, whatever order a file had; says what was audited, by what, under which
seed; lists the measures that could not be taken and what each would need; quoted posts are a seeded sample whose rule
is written down.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from koudai.audit.declaration import Declaration
from koudai.audit.frame import ALL, COLUMN_TYPES, COLUMNS, AuditFrame, Count, Figure
from koudai.audit.kept_posts import KeptPosts, load_kept_posts
from koudai.audit.planned import FrozenPlan
from koudai.audit.provenance import Provenance
from koudai.errors import LimitExceeded, ReadError
from koudai.limits import AUDIT_CATEGORIES
from koudai.storage.durable import to_json as canonical
from koudai.taxonomy import Taxonomy, problems
from koudai.text.html_table import html_table

FORMAT, PROTOCOL = "koudai-audit", 2
SCHEMA: Literal["urn:koudai:audit-report:2"] = "urn:koudai:audit-report:2"
"""What the schema in ``docs/report.schema.json`` is called."""
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class QuotedPost:
    """One post shown on the page.

    Parameters
    ----------
    category
        Under which it is shown.
    role
        ``typical`` (most probable), ``borderline`` (nearest the threshold), ``contradicting`` (label and tag differ),
        ``turning`` (the tag turns under another wording).
    post_id
        As in the input, or a hash of it where the report is redacted.
    text
        Raw, account names and contact details masked where the report is redacted.
    probability
        Of `category`.
    alleged
        All keys alleged of it.
    labels
        Known labels by category: 1 or 0.
    hazards
        What was noticed on the raw post.
    evidence
        Pieces of `text` that contributed most to `category`, largest contribution first.

    Examples
    --------
    >>> post = QuotedPost("rumour", "typical", "p1", "听说要停水", 0.9, ("rumour",), labels={"rumour": 1}, hazards=())
    >>> post.evidence
    ()
    """

    category: str
    role: str
    post_id: str
    text: str
    probability: float
    alleged: tuple[str, ...]
    labels: dict[str, int]
    hazards: tuple[str, ...]
    evidence: tuple[str, ...] = ()


_SHOWN = (
    ("coverage", ALL, "alleged"),
    ("prevalence", "ppi++", "prevalence"),
    ("performance", "sample", "f1"),
    ("performance", "", "f1"),
)
"""Measure, group (of labelled corpora, any) and statistic of the figures that a notebook shows of each category."""


def _told(frame: AuditFrame | None, category: str, group: str, statistic: str) -> str:
    """Return a figure with interval and n, ``-`` if it is not there."""
    about = [f for f in frame.figures if (f.category, f.statistic) == (category, statistic)] if frame else []
    one = next((f for f in about if f.group == group or (not group and f.group != "sample")), None)
    if one is None or one.value is None:
        return "-"
    interval = "" if one.low is None or one.high is None else f" [{one.low:.3f}, {one.high:.3f}]"
    return f"{one.value:.3f}{interval} n={one.n:,}"


@dataclass(frozen=True)
class NotMeasured:
    """A measure that was not taken, and the inputs it would need.

    Examples
    --------
    >>> NotMeasured("label_noise", ("relabelled",)).needs
    ('relabelled',)
    """

    measure: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Parameters
    ----------
    provenance
        ``name``, ``created_at``, ``koudai`` (version), ``seed``, ``config``, ``model`` (name, digest, classifier;
        or None), ``categories`` (keys of those with scores), ``posts`` (``n``, and a digest of their ``ids``) and
        ``inputs``: dicts of ``role``, ``name``, ``rows``, ``sha256``, ``licence``; and, where rows were,
        ``quarantined``: how many for each reason.
    conservation
        ``read``, ``scored``, ``abstained``, ``quarantined``; the first is the sum of the others.
    taxonomy
        Whose categories were audited.
    validated_on
        Per category ``real``, ``proxy``, ``written`` or ``none``.
    frames
        By measure, in the order of the page.
    not_measured
        What was left out and why.
    posts
        The quoted posts.
    sampling
        The rule by which they were chosen, in ``zh`` and ``en``.
    declared
        By measure, of `frames` and of `not_measured`: what it declares of its figures, so that they can be shown
        where the measure is not at hand.
    plan
        What was planned before labels existed, so that every other figure is exploratory; None if nothing was.
    kept
        What is kept of its posts for a comparison post by post, in a file of its own; None if nothing is. Not part of
        the JSON.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> report = AuditReport({}, {}, taxonomy, {}, frames={}, not_measured=(), posts=(), sampling={})
    >>> report.to_json()["format"]
    'koudai-audit'
    """

    provenance: dict[str, Any]
    conservation: dict[str, int]
    taxonomy: Taxonomy
    validated_on: dict[str, str]
    frames: dict[str, AuditFrame]
    not_measured: tuple[NotMeasured, ...]
    posts: tuple[QuotedPost, ...]
    sampling: dict[str, str]
    declared: dict[str, Declaration] = field(default_factory=dict)
    plan: FrozenPlan | None = None
    kept: KeptPosts | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = self.taxonomy.keys
        labelled = tuple(replace(post, labels=_in_order(post.labels, keys)) for post in self.posts)
        page = (*self.frames, *(item.measure for item in self.not_measured))
        for name, value in (
            ("validated_on", _in_order(self.validated_on, keys)),
            ("declared", _in_order(self.declared, page)),
            ("posts", labelled),
        ):
            object.__setattr__(self, name, value)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "$schema": SCHEMA,
            "format": FORMAT,
            "protocol": PROTOCOL,
            "provenance": self.provenance,
            "conservation": self.conservation,
            "taxonomy": self.taxonomy.model_dump(mode="json"),
            "validated_on": self.validated_on,
            "frames": {name: frame.to_rows() for name, frame in self.frames.items()},
            "measures": list(self.frames),
            "declared": TypeAdapter(dict[str, Declaration]).dump_python(self.declared, mode="json", exclude_none=True),
            "not_measured": [{"measure": item.measure, "needs": list(item.needs)} for item in self.not_measured],
            "posts": [
                {**vars(post), **{name: list(getattr(post, name)) for name in ("alleged", "hazards", "evidence")}}
                for post in self.posts
            ],
            "sampling": self.sampling,
            **({} if self.plan is None else {"plan": self.plan.model_dump(mode="json")}),
        }

    def __repr__(self) -> str:
        """Return what was audited and how much; the figures are many."""
        figures = sum(len(frame.figures) for frame in self.frames.values())
        return f"AuditReport({self.provenance.get('name', '')!r}: {len(self.frames)} measures, {figures:,} figures)"

    def _repr_html_(self) -> str:
        """Show, for each category with scores, the figures that a page opens with; notebooks call this."""
        rows = []
        for key in self.provenance.get("categories", ()):
            told = [_told(self.frames.get(measure), key, group, name) for measure, group, name in _SHOWN]
            rows.append([key, self.validated_on.get(key, "none"), *told])
        counts = ", ".join(f"{name} {count:,}" for name, count in self.conservation.items())
        missing = ", ".join(item.measure for item in self.not_measured)
        notes = [counts, *([f"not measured: {missing}"] if missing else [])]
        header = ["alleged category", "validated on", "alleged", "labelled sample", "F1, sample", "F1, corpora"]
        title = f"Audit {self.provenance.get('name', '')}: {len(self.frames)} measures"
        return html_table(title, header, rows, notes=notes)

    def to_pandas(self) -> Any:
        """Return every figure as one `pandas.DataFrame`: ``measure`` and the columns of `AuditFrame`, one row each;
        with a plan, also whether it was ``planned``.
        """
        import pandas as pd

        rows = [{"measure": name, **row} for name, frame in self.frames.items() for row in frame.to_rows()]
        table = pd.DataFrame(rows, columns=["measure", *COLUMNS]).astype({"measure": str, **COLUMN_TYPES})
        if self.plan is not None:
            planned = [self.plan.holds(name, one) for name, frame in self.frames.items() for one in frame.figures]
            table["planned"] = pd.Series(planned, dtype=bool)
        return table

    @staticmethod
    def from_json(value: dict[str, Any], *, where: object = "report") -> AuditReport:
        """Return the report that `to_json` was called on; raises `ReadError` if `value` is not one."""
        if not isinstance(value, dict) or value.get("format") != FORMAT or value.get("protocol") != PROTOCOL:
            raise ReadError(
                what="this is not an audit report this version reads",
                where=where,
                expected=f"format {FORMAT!r}, protocol {PROTOCOL}",
                todo="give the report.json that `api.audit` wrote",
            )
        try:
            file = ReportFile.model_validate(value)
        except ValidationError as error:
            raise ReadError(
                what="the audit report is damaged", where=where, got=problems(error), todo="audit again"
            ) from error
        return AuditReport(
            provenance=value["provenance"],
            conservation={str(name): count for name, count in file.conservation.items()},
            taxonomy=file.taxonomy,
            validated_on=dict(file.validated_on),
            frames={name: AuditFrame(name, file.frames[name]) for name in file.measures},
            not_measured=file.not_measured,
            posts=file.posts,
            sampling=file.sampling,
            declared=file.declared,
            plan=file.plan,
        )


def refuse_many_categories(taxonomy: Taxonomy) -> None:
    """Raise `LimitExceeded` if a taxonomy has more than `AUDIT_CATEGORIES` categories: the page would not hold them."""
    if len(taxonomy.keys) > AUDIT_CATEGORIES.value:
        raise LimitExceeded(
            what=f"taxonomy {taxonomy.name!r} has too many categories for an audit",
            expected=f"at most {AUDIT_CATEGORIES.value} {AUDIT_CATEGORIES.unit}",
            got=f"{len(taxonomy.keys):,}",
            happened="nothing was measured or drawn",
            todo="audit a part of the categories at a time, each part as a taxonomy of its own",
        )


def _in_order(of: dict[str, _Value], order: tuple[str, ...]) -> dict[str, _Value]:
    """Return `of` with its keys as they stand in `order`, and the others after them, sorted."""
    return {name: of[name] for name in dict.fromkeys((*order, *sorted(of))) if name in of}


_Counted = Literal["read", "scored", "abstained", "quarantined"]
_ValidatedOn = Literal["real", "proxy", "written", "none"]


class ReportFile(BaseModel):
    """What an audit found. ``read`` is the sum of ``scored``, ``abstained`` and ``quarantined``; ``measures`` are the
    names of ``frames`` in the order of the page.
    """

    model_config = ConfigDict(extra="forbid")

    schema_: Annotated[Literal["urn:koudai:audit-report:2"], Field(alias="$schema")] = SCHEMA
    format: Literal["koudai-audit"]
    protocol: Literal[2]
    provenance: Provenance
    conservation: Annotated[dict[_Counted, Count], Field(min_length=4)]
    taxonomy: Taxonomy
    validated_on: dict[str, _ValidatedOn]
    frames: dict[str, tuple[Figure, ...]]
    measures: tuple[str, ...]
    declared: dict[str, Declaration]
    not_measured: tuple[NotMeasured, ...]
    posts: tuple[QuotedPost, ...]
    sampling: dict[str, str]
    plan: FrozenPlan | None = None

    @model_validator(mode="after")
    def _whole(self) -> ReportFile:
        counts = self.conservation
        if counts["read"] != counts["scored"] + counts["abstained"] + counts["quarantined"]:
            message = f"conservation: read is not scored + abstained + quarantined: {self.conservation}"
            raise ValueError(message)
        if sorted(self.measures) != sorted(self.frames):
            message = "measures: not the names of the frames"
            raise ValueError(message)
        for name, figures in self.frames.items():
            declared = self.declared.get(name, Declaration(()))
            undeclared = [one.statistic for one in figures if declared.of(one.statistic) is None]
            if undeclared:
                message = f"declared: nothing of {undeclared[0]!r}, which frames.{name} holds"
                raise ValueError(message)
        return self


def load_report(path: str | os.PathLike[str]) -> AuditReport:
    """Read a report.json, and what the audit kept of its posts beside it; raises `ReadError` if it is not one.

    Examples
    --------
    >>> try:
    ...     load_report(Path("nowhere/report.json"))
    ... except ReadError as error:
    ...     print(error.what)
    no such file
    """
    path = Path(path)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        canonical(value)  # no NaN, no lone surrogate
    except FileNotFoundError as error:
        raise ReadError(what="no such file", where=path, todo="check the path") from error
    except (ValueError, OSError, RecursionError) as error:
        raise ReadError(
            what="this is not a report.json",
            where=path,
            got=error,
            todo="give the report.json that `api.audit` wrote",
        ) from error
    return replace(AuditReport.from_json(value, where=path), kept=load_kept_posts(path.parent))
