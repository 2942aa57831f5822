"""The check of an audit: lists every problem of a config and its inputs at once, and which measures will be taken.

Promises: continues after a problem wherever it can and lists all of them; writes nothing and measures nothing. A config
without problems here can be audited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from koudai.audit.audit import AuditSources, audited_of, joined_inputs, lacking_inputs, require_known_measures
from koudai.audit.inputs.audited import audit_taxonomy
from koudai.audit.plan import plan_of, require_unit
from koudai.config.audit import AuditConfig
from koudai.errors import KoudaiError
from koudai.progress import Progress, Silent

T = TypeVar("T")
_PARTS = (
    *("corpus", "casebook", "outcome", "period", "group", "domain", "event", "regression", "cluster", "annotations"),
    *("other", "wording", "sample", "relabelled"),
)
"""Sections that are read one by one where they cannot be read together."""
_WITH = {"domain": "period", "event": "period", "regression": "period"}
"""Sections that are read together with another one."""


@dataclass(frozen=True)
class AuditSummary:
    """What an audit would look at.

    Parameters
    ----------
    posts, labelled
        Scored posts, and labelled ones.
    seen
        Labelled posts that the model was fitted on.
    categories
        With scores.
    measures
        That would be taken.
    not_measured
        By measure, the inputs that it lacks.

    Examples
    --------
    >>> AuditSummary(3, 0, 0, ("rumour",), ("coverage",), {"agreement": ("annotations",)}).measures
    ('coverage',)
    """

    posts: int
    labelled: int
    seen: int
    categories: tuple[str, ...]
    measures: tuple[str, ...]
    not_measured: dict[str, tuple[str, ...]]

    def to_json(self) -> dict[str, object]:
        """Return the fields as plain data."""
        return dict(vars(self))


def find_audit_problems(
    config: AuditConfig, sources: AuditSources, *, progress: Progress | None = None
) -> tuple[list[KoudaiError], AuditSummary | None]:
    """Return all problems that would stop an audit.

    Parameters
    ----------
    config, sources
        As for `koudai.audit.audit.run_audit`.
    progress
        Is told what is read.

    Returns
    -------
    problems
        All of them; empty if the audit can be taken.
    summary
        Of the audit; None with problems.
    """
    progress, problems = progress or Silent(), list[KoudaiError]()

    def attempt(call: Callable[[], T]) -> T | None:
        try:
            return call()
        except KoudaiError as error:
            if str(error) not in map(str, problems):
                problems.append(error)
            return None

    attempt(lambda: require_known_measures(config))
    whole = attempt(lambda: sources.of(config))
    if whole is None:
        return problems, None
    taxonomy = attempt(lambda: audit_taxonomy(config, whole.config_file, whole.model))
    if taxonomy is None:
        return problems, None
    plan = attempt(lambda: plan_of(config, whole.config_file))
    audited = attempt(lambda: audited_of(config, whole, taxonomy, progress))
    if audited is None:
        return problems, None
    try:
        given, _ = joined_inputs(config, whole, audited, taxonomy, progress)
    except KoudaiError as error:
        for part in _PARTS:
            alone = {
                name: type(config).model_fields[name].default for name in _PARTS if name not in (part, _WITH.get(part))
            }
            only = config.model_copy(update=alone)
            attempt(partial(joined_inputs, only, whole, audited, taxonomy, progress))
        return problems or [error], None
    attempt(lambda: require_unit(plan, given.told_clusters, whole.config_file))
    lacking = lacking_inputs(config, given)
    labelled = given.labelled
    return problems, AuditSummary(
        posts=len(given.ids),
        labelled=0 if labelled is None else len(labelled.ids),
        seen=0 if labelled is None or labelled.seen is None else int(labelled.seen.sum()),
        categories=given.categories,
        measures=tuple(name for name, needs in lacking.items() if not needs),
        not_measured={name: needs for name, needs in lacking.items() if needs},
    )
