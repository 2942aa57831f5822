"""Domains: parts of the scored posts that a sample is told apart by, one for each value of a kept column.

Promises: two columns are crossed, or one and the periods; a post that lacks a value is in no domain; domains that no
post of a sample is in are there all the same; a column whose values are as many as its posts is refused.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.kept_columns import Periods, read_kept_values
from koudai.config.columns import DomainSection
from koudai.errors import ConfigError, LabelError
from koudai.scoring.results import Scores
from koudai.text.characters.contacts.masking import masked_value

MOST_DOMAINS = 60
"""Domains of one column, or of two that are crossed, that figures are given of: those with the most posts."""
_JOINED, _CROSSED = ", ", " × "
_LISTED = 20


@dataclass(frozen=True, eq=False)
class Domain:
    """The domains of one column, or of two that are crossed.

    Parameters
    ----------
    name
        Of the column, or of both.
    values
        Of each domain, those with the most posts, sorted.
    number : ndarray of int64, shape (n_posts,)
        Index of each scored post's domain, -1 where it is in none of them.
    against
        Index of the domain that others are compared with; None where each is compared with all others.
    left_out
        Domains that there are beyond these.
    without
        Posts that lack a value.

    Examples
    --------
    >>> Domain.of("platform", ["weibo", "", "weibo", "wechat"]).values
    ('wechat', 'weibo')
    """

    name: str
    values: tuple[str, ...]
    number: NDArray[np.int64]
    against: int | None = None
    left_out: int = 0
    without: int = 0

    @staticmethod
    def of(name: str, values: list[str], *, against: str = "") -> Domain:
        """Return the domains of these values, one for each post, ``""`` of a post that has none."""
        counts = Counter(values)
        without = counts.pop("", 0)
        most = [value for value, _ in sorted(counts.items(), key=lambda one: (one[0] != against, -one[1], one[0]))]
        kept = tuple(sorted(most[:MOST_DOMAINS]))
        place = {value: at for at, value in enumerate(kept)}
        number = np.fromiter((place.get(value, -1) for value in values), np.int64, len(values))
        return Domain(name, kept, number, place.get(against), len(most) - len(kept), without)


def read_domains(scores: Scores, section: DomainSection, period: Periods | None) -> Domain:
    """Return the domains that a section of a config names.

    Parameters
    ----------
    scores
        A job's or table's, with kept columns.
    section
        Of the config.
    period
        The periods of the same posts, which a section may cross a column with.

    Raises
    ------
    ConfigError
        If a column was not kept, or hardly any two posts share a value.
    LabelError
        If no post has a value, or none that of `against`.

    Examples
    --------
    >>> from koudai.scoring.totals import Totals
    >>> proba = np.zeros((3, 1), dtype=np.float32)
    >>> kept = {"platform": ["weibo", "wechat", "weibo"]}
    >>> none = np.zeros(3, dtype=bool)
    >>> scores = Scores(["a", "b", "c"], ("rumour",), proba, proba > 0.5, none, "d", totals=Totals(), kept=kept)
    >>> read_domains(scores, DomainSection(columns=("platform",)), None).number.tolist()
    [1, 0, 1]
    """
    parts = [read_kept_values(scores, column, section="domain") for column in section.columns]
    names = list(section.columns)
    if section.by_period and period is not None:
        told, index = period.cut()
        parts.append(["" if at < 0 else told[at] for at in index.tolist()])
        names.append("period")
    joined = [_JOINED.join(one) if all(one) else "" for one in zip(*parts, strict=True)]
    different = len(set(joined) - {""})
    known = sum(map(bool, joined))
    if different > max(MOST_DOMAINS, known // 2):
        raise ConfigError(
            what=f"{_CROSSED.join(names)} tells nearly every post apart",
            where="[[domain]] columns",
            expected="values that many posts share",
            got=f"{different:,} different values of {known:,} posts",
            happened="nothing was measured",
            todo="name a column such as a platform or a topic",
        )
    against = _JOINED.join(section.against)
    if not known or (against and against not in joined):
        there = [masked_value(value) for value, _ in Counter(filter(None, joined)).most_common(_LISTED)]
        raise LabelError(
            what="no scored post is in the domain that others are compared with" if known else "no post is in a domain",
            where="[[domain]] against" if known else "[[domain]] columns",
            expected="\n".join(there) or "a column with values",
            got=masked_value(against) or None,
            happened="nothing was measured",
            todo="correct the value, or name another column",
        )
    return Domain.of(_CROSSED.join(names), joined, against=against)
