"""What a measure declares of its figures: names and units of its statistics, its components of the matrix, its charts.

Promises: plain data, the same both ways through JSON; whatever a component or a chart refers to is declared; every text
is in Chinese and in English. A report carries these declarations, so its page is drawn without the measure at hand.
Holds no figures and draws nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from koudai.audit.frame import ALL
from koudai.taxonomy import Bilingual
from koudai.training.intervals import IntervalKind

Unit = Literal[
    "share", "count", "tally", "difference", "probability", "score", "AUC", "coefficient", "z", "nats", "number"
]
"""What a statistic is counted in. A ``share`` is shown as a percentage; a ``tally`` is a count that was published by
somebody else and rests on no sample; a ``score`` is a loss or a figure of merit; a ``coefficient`` measures agreement
or association; a ``number`` is an effective number, such as one of themes.
"""
WITHOUT_INTERVAL = ("count", "tally", "number", "z")
"""Units of what is counted, announced, or given in its own standard errors: it needs no interval."""
Section = Literal["how-much", "told-apart", "in-the-pocket"]
"""Parts of the matrix, from left to right: how much a category takes, whether it can be told, what is in it."""
ARROW = " → "
"""Separates the two sources of a group that is a pair, ``fitted on → tested on``."""


@dataclass(frozen=True)
class Statistic:
    """A statistic of a measure.

    Parameters
    ----------
    key
        What figures call it; unique within the measure.
    name
        What the page calls it.
    unit
        What it is counted in.
    interval
        Which kind of interval its figures have, or None.
    sampled
        Which kind those have that are estimated from a returned sample, if there are any.
    why
        Why they have none. What is measured has an interval or says why not; see `unexplained`.

    Examples
    --------
    >>> named("f1", zh="F1", en="F1", unit="score", interval="bootstrap over clusters").interval
    'bootstrap over clusters'
    """

    key: str
    name: Bilingual
    unit: Unit
    interval: IntervalKind | None = None
    why: Bilingual | None = None
    sampled: IntervalKind | None = None

    @property
    def unexplained(self) -> bool:
        """Whether this is a measurement that has no interval and does not say why."""
        return self.interval is None and self.why is None and self.unit not in WITHOUT_INTERVAL


@dataclass(frozen=True)
class Pick:
    """Chooses one figure of a category.

    Parameters
    ----------
    statistic
        Which figures are considered.
    group
        The group that is meant, or, with ``last``, how its name begins.
    choose
        ``group``: the figure of `group`. ``group, else last``: the same, and where there is none the last one.
        ``last``: the last one whose group begins with `group`. ``most posts``: the one with the largest n. ``nearest
        other``: groups are categories; the highest one that is neither above nor below the category. ``worst pair``:
        groups are pairs, ``a → b``; the lowest one of two different sources. ``same source``: ``a → a``, where the
        component's own figure is that of ``a → b``.
    measure
        Whose figure it is, if of another measure.

    Examples
    --------
    >>> Pick("alleged").group, Pick("ece", choose="most posts").choose
    ('*', 'most posts')
    """

    statistic: str
    group: str = ALL
    choose: Literal["group", "group, else last", "last", "most posts", "nearest other", "worst pair", "same source"] = (
        "group"
    )
    measure: str = ""


@dataclass(frozen=True)
class Component:
    """A column of the matrix of categories; also a figure of each category's card.

    Parameters
    ----------
    key
        What it is called in the report; unique within the measure.
    name, brief, explanation
        Its title, a line below it, and a sentence for the legend.
    section
        The part of the matrix it belongs to.
    place
        Its order within the section; smaller is earlier.
    pick, reference
        The figure of a category, and the figure that is marked beside it.
    whole
        Whether its axis runs from 0 to 1; else it ends at the largest figure.
    note
        How the figure's group is told: not at all, as the ``source`` of the posts, as another ``category``, or as it
        is (``group``).

    Examples
    --------
    >>> brief = phrase(zh="高声帖占比", en="share that shouts")
    >>> column = Component(
    ...     "loudness",
    ...     name=phrase(zh="高声", en="Loudness"),
    ...     brief=brief,
    ...     explanation=brief,
    ...     section="in-the-pocket",
    ...     place=10,
    ...     pick=Pick("loud"),
    ... )
    >>> column.pick.group, column.whole
    ('*', True)
    """

    key: str
    name: Bilingual
    brief: Bilingual
    explanation: Bilingual
    section: Section
    place: int
    pick: Pick
    reference: Pick | None = None
    whole: bool = True
    note: Literal["none", "source", "category", "group"] = "none"


@dataclass(frozen=True)
class Overall:
    """Figures about all categories together that are shown below the matrix, on an axis from 0 to 1.

    Parameters
    ----------
    name
        Their title.
    statistic
        Which figures they are.
    place
        Their order; smaller is earlier.
    groups
        The groups shown; empty for every group.
    last
        Whether only the last of them is shown.
    reference
        The statistic of the same group that is marked beside them, or empty.

    Examples
    --------
    >>> Overall(phrase(zh="用例通过率", en="Casebook cases passed"), statistic="pass_rate", place=10).groups
    ()
    """

    name: Bilingual
    statistic: str
    place: int
    groups: tuple[str, ...] = ()
    last: bool = False
    reference: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart of each category's card.

    Parameters
    ----------
    key
        What it is called in the report; unique within the measure.
    kind
        ``curve``: groups are ``name=number``, the number is x, `beside` a dashed line. ``bars``: one bar per group,
        `beside` a tick. ``statistics``: one bar per statistic, in the last group that begins with `prefix`.
        ``reliability``: `beside` is the predicted probability of a group, the statistic what was observed. ``grid``:
        groups are pairs, ``row → column``. ``series``: groups are times, in order, each a point with its interval.
    name, explanation
        Its title, and how to read it. In `explanation`, ``{statistic}`` becomes the category's figure of that
        statistic, and ``{group}`` the group that is drawn.
    statistics
        What is drawn; one, except with ``statistics``.
    place
        Its order on the card; smaller is earlier.
    beside
        The statistic it is compared with, or empty.
    groups, prefix
        The groups drawn, and how their names begin; without either, every group except all posts.
    order
        Of bars: the ``largest`` first, or as they are ``given`` (the last ones, if there are many).
    categories
        Whether groups are other categories; those above and below the category are left out then.
    of, axis, compared_with
        What the groups are, what the figures are, and what `beside` is; None for "group", the name of the statistic
        and "tick".
    across, down
        Of a grid: what its columns and its rows are.

    Examples
    --------
    >>> name = phrase(zh="各时段", en="By period")
    >>> Chart("by-period", kind="bars", name=name, explanation=name, statistics=("loud",), place=10).statistics
    ('loud',)
    """

    key: str
    kind: Literal["curve", "bars", "statistics", "reliability", "grid", "series"]
    name: Bilingual
    explanation: Bilingual
    statistics: tuple[str, ...]
    place: int
    beside: str = ""
    groups: tuple[str, ...] = ()
    prefix: str = ""
    order: Literal["largest", "given"] = "largest"
    categories: bool = False
    of: Bilingual | None = None
    axis: Bilingual | None = None
    compared_with: Bilingual | None = None
    across: Bilingual | None = None
    down: Bilingual | None = None


@dataclass(frozen=True)
class TermList:
    """A list of terms on each category's card, with its title and how to read it.

    Groups are terms, and those with the largest figures of the statistic come first; only figures above 0 are listed.

    Examples
    --------
    >>> TermList("z", phrase(zh="词", en="terms"), phrase(zh="越大越偏。", en="The larger, the more.")).statistic
    'z'
    """

    statistic: str
    name: Bilingual
    explanation: Bilingual


@dataclass(frozen=True)
class Declaration:
    """What a measure declares.

    Parameters
    ----------
    statistics
        Every statistic its figures may have.
    components, overall, charts, terms
        Where its figures are shown beside its table, if anywhere.
    cases
        The statistic whose groups are functions of the casebook, if there is one: the page's section on the casebook.
    groups
        Names of groups that the measure itself makes; other groups are names from data. Of a name with commas, arrows
        or crosses, ``a → b``, the parts are looked up.
    judges_model
        Whether its figures say how good the audited model is: then it is given no labelled post that the model was
        fitted on.
    title, how_to_read
        The measure's title and docstring; filled in for a report.

    Raises
    ------
    ValueError
        If a statistic is declared twice, one is referred to that is not declared, or a chart has none.

    Examples
    --------
    >>> Declaration((named("loud", zh="高声帖占比", en="loud posts", unit="share"),)).of("loud").unit
    'share'
    """

    statistics: tuple[Statistic, ...]
    components: tuple[Component, ...] = ()
    overall: tuple[Overall, ...] = ()
    charts: tuple[Chart, ...] = ()
    terms: TermList | None = None
    cases: str = ""
    groups: dict[str, Bilingual] = field(default_factory=dict)
    judges_model: bool = False
    title: Bilingual | None = None
    how_to_read: Bilingual | None = None

    def __post_init__(self) -> None:
        twice = [key for key, count in Counter(one.key for one in self.statistics).items() if count > 1]
        if twice:
            message = f"statistics that are declared twice: {', '.join(twice)}"
            raise ValueError(message)
        if any(not one.statistics for one in self.charts):
            message = "a chart without a statistic"
            raise ValueError(message)
        missing = self._referred_to() - {one.key for one in self.statistics}
        if missing:
            message = f"statistics that are referred to and not declared: {', '.join(sorted(missing))}"
            raise ValueError(message)

    def of(self, key: str) -> Statistic | None:
        """Return the statistic called `key`, or None if it is not declared."""
        return next((one for one in self.statistics if one.key == key), None)

    def _referred_to(self) -> set[str]:
        picks = [pick for one in self.components for pick in (one.pick, one.reference) if pick and not pick.measure]
        found = {self.cases, *(pick.statistic for pick in picks)}
        found |= {key for one in self.overall for key in (one.statistic, one.reference)}
        found |= {key for one in self.charts for key in (*one.statistics, one.beside)}
        found |= {self.terms.statistic} if self.terms else set()
        return found - {""}


def phrase(*, zh: str, en: str) -> Bilingual:
    """Return a text in both languages.

    Examples
    --------
    >>> phrase(zh="阈值", en="threshold").en
    'threshold'
    """
    return Bilingual(zh=zh, en=en)


def named(
    key: str,
    *,
    zh: str,
    en: str,
    unit: Unit,
    interval: IntervalKind | None = None,
    why: Bilingual | None = None,
    sampled: IntervalKind | None = None,
) -> Statistic:
    """Return a statistic; parameters as for `Statistic`, with its name in Chinese and in English.

    Examples
    --------
    >>> named("loud", zh="高声帖占比", en="loud posts", unit="share", interval="wilson").name.en
    'loud posts'
    """
    return Statistic(key, Bilingual(zh=zh, en=en), unit, interval, why, sampled)
