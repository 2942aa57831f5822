"""The evaluation of a model: everything that was measured on it when it was trained, as types.

Promises: frozen, holds no post; every figure has its n, and is None where undefined; what was not measured is None or
empty, never 0; `to_json` gives plain data that `from_json` reads back to an equal evaluation. Does not measure: that
is `koudai.training`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from koudai.corpus.labelled import LabelledRow
from koudai.corpus.split import SplitSizes
from koudai.errors import ModelFormatError

Points = tuple[tuple[int | float, ...], ...]
"""Points of a curve; counts stay integers through JSON and back."""


@dataclass(frozen=True)
class MetricValue:
    """One metric: its `value`, the number of posts `n`, and its 95 % interval; None where undefined.

    Examples
    --------
    >>> MetricValue("f1", 0.8, 120, 0.75, 0.84).value
    0.8
    """

    metric: str
    value: float | None
    n: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class SliceValue(MetricValue):
    """A metric on the posts of one slice: its `kind` (topic, length, script), its `name`, and the number of its posts
    in the category.
    """

    kind: str
    name: str
    positives: int


@dataclass(frozen=True)
class TransferValue(MetricValue):
    """A metric of one category, for a model fitted on some corpora and tested on one corpus.

    Examples
    --------
    >>> TransferValue("f1", 0.6, 90, 0.5, 0.7, category="rumour", fitted_on="a", tested_on="b").tested_on
    'b'
    """

    category: str
    fitted_on: str
    tested_on: str


@dataclass(frozen=True)
class FunctionValue(MetricValue):
    """The share of correctly tagged cases among those that test one thing, `function`."""

    function: str
    title: str


@dataclass(frozen=True)
class FalseAlarms(MetricValue):
    """The share of the cases outside a category that are tagged with it."""

    category: str


@dataclass(frozen=True)
class CasebookResult(MetricValue):
    """The share of correctly tagged cases, overall and by function, and false alarms by category.

    Examples
    --------
    >>> one = FunctionValue("share", 0.9, 10, 0.7, 1.0, function="negation", title="a denial is no rumour")
    >>> CasebookResult("share", 0.9, 10, 0.7, 1.0, functions=(one,), false_alarms=()).functions[0].n
    10
    """

    functions: tuple[FunctionValue, ...]
    false_alarms: tuple[FalseAlarms, ...]


@dataclass(frozen=True)
class OutOfFold:
    """Out-of-fold precision and recall of a threshold; None where no post is tagged, or none is in the category."""

    precision: float | None
    recall: float | None
    tagged: int
    n: int


@dataclass(frozen=True)
class Decided:
    """How probabilities of a category become tags.

    Parameters
    ----------
    calibration
        ``sigmoid``, ``isotonic`` or ``none``.
    target
        Target of the threshold, see `koudai.model.deciding.thresholds.Target`.
    out_of_fold
        Out-of-fold figures of the threshold.
    warnings
        Settings of the config that could not be met, in words.

    Examples
    --------
    >>> Decided("sigmoid", "f1", OutOfFold(0.8, 0.6, 30, 100)).warnings
    ()
    """

    calibration: str
    target: str | float | dict[str, float]
    out_of_fold: OutOfFold
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SetCoverage:
    """Coverage of conformal sets: wanted, measured on posts in the category and out of it, and the number of posts
    whose set has both answers, or neither.

    Examples
    --------
    >>> inside, outside = (MetricValue("coverage", share, 100, None, None) for share in (0.91, 0.9))
    >>> SetCoverage(0.9, inside, outside, both=12, neither=0).both
    12
    """

    target: float
    positives: MetricValue
    negatives: MetricValue
    both: int
    neither: int


@dataclass(frozen=True)
class CategoryEvaluation:
    """The evaluation of one category.

    Parameters
    ----------
    validated_on
        ``real``, ``proxy``, ``written`` or ``none``.
    threshold
        A post is tagged from this probability on.
    fit_rows, test_rows
        Per corpus, the number of posts in the category and out of it.
    abstained
        Number of test posts on which the model abstains.
    all, unseen
        Figures on all test posts, and on those without a near-duplicate among the posts fitted on.
    confusion
        Counts of posts: rows out and in, columns not tagged and tagged; empty without labels.
    slices
        Figures on slices of the test posts.
    precision_recall
        Points of recall and precision.
    reliability
        Per bin the mean probability, the share in the category and the number of posts.
    learning_curve
        Per share of the posts: number fitted on, F1, and its interval if it has one.
    coverage
        Coverage of conformal sets, if the model has any.
    decided
        Calibration and threshold; None for a model that was not trained here.

    Examples
    --------
    >>> f1 = MetricValue("f1", 0.8, 120, 0.75, 0.84)
    >>> found = CategoryEvaluation("real", 0.5, {"a": (300, 300)}, {"a": (60, 60)}, 0, all=(f1,), unseen=())
    >>> found.figure("f1").value
    0.8
    """

    validated_on: str
    threshold: float
    fit_rows: dict[str, tuple[int, int]]
    test_rows: dict[str, tuple[int, int]]
    abstained: int
    all: tuple[MetricValue, ...]
    unseen: tuple[MetricValue, ...]
    confusion: tuple[tuple[int, ...], ...] = ()
    slices: tuple[SliceValue, ...] = ()
    precision_recall: Points = ()
    reliability: Points = ()
    learning_curve: Points = ()
    coverage: SetCoverage | None = None
    decided: Decided | None = None

    def figure(self, metric: str, *, unseen: bool = False) -> MetricValue:
        """Return one figure; raises KeyError if it was not measured."""
        return _figure(self.unseen if unseen else self.all, metric)


@dataclass(frozen=True)
class ClassesEvaluation:
    """Accuracy and macro-F1 over the classes of an exclusive taxonomy, on all test posts and on unseen ones.

    Examples
    --------
    >>> accuracy = MetricValue("accuracy", 0.8, 120, 0.75, 0.84)
    >>> ClassesEvaluation(all=(accuracy,), unseen=()).figure("accuracy").n
    120
    """

    all: tuple[MetricValue, ...]
    unseen: tuple[MetricValue, ...]

    def figure(self, metric: str, *, unseen: bool = False) -> MetricValue:
        """Return one figure; raises KeyError if it was not measured."""
        return _figure(self.unseen if unseen else self.all, metric)


@dataclass(frozen=True)
class ClassMatrix:
    """Confusion matrix of an exclusive taxonomy: rows are labels, columns predictions, the last without features."""

    categories: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class CorpusDescription:
    """A corpus of the run: its origin, its number of posts `rows`, and their digest."""

    title: str
    kind: str
    licence: str
    citation: str
    rows: int
    digest: str


@dataclass(frozen=True)
class ContradictionCounts:
    """Near-duplicates labelled both 1 and 0: the policy, and per category the number of ``groups`` and ``posts``."""

    policy: str = "keep"
    categories: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class BackgroundCounts:
    """Posts that vectors were learnt from, by corpus, and how many were left out as test posts or near-duplicates."""

    rows: dict[str, int]
    left_out: int


@dataclass(frozen=True)
class TrialSummary:
    """A trial of a search: its settings, its `value`, or the `error` that ended it."""

    number: int
    settings: dict[str, Any]
    value: float | None
    error: str | None


@dataclass(frozen=True)
class SearchSummary:
    """The search that chose the settings of the model.

    Parameters
    ----------
    trials, failed
        Number of trials, and of failed ones.
    metric
        The metric that was maximised.
    value, as_configured
        Out-of-fold value of the winner, and of the config without changes.
    settings
        Settings of the winner.
    folds, seed
        Number of folds, and the seed.
    tried
        All trials.

    Examples
    --------
    >>> SearchSummary(20, 1, "f1", 0.82, 0.8, {"model.params.C": 0.5}, folds=5, seed=7).value
    0.82
    """

    trials: int
    failed: int
    metric: str
    value: float
    as_configured: float | None
    settings: dict[str, Any]
    folds: int
    seed: int
    tried: tuple[TrialSummary, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """All figures that were measured on a model when it was trained.

    Parameters
    ----------
    categories
        By key, in the order of the model; in the order of keys once read back.
    corpora
        By name.
    quarantined, dropped, reasons, noticed
        Number of rows that could not be read, and of posts that the config leaves out; the first per reason; oddities
        of rows that were read.
    split
        Sizes of the sides.
    labelled
        Label counts per corpus and category.
    test_digest
        Hash of the test posts, their order and their labels.
    seed
        Seed of the run.
    contradictions
        Near-duplicates with contradicting labels.
    by_corpus
        Figures on the test side of each corpus separately, unseen posts only.
    transfer
        Figures of models fitted on one corpus, or on all but one; empty if not measured.
    matrix, classes
        For exclusive taxonomies only.
    background
        If vectors were learnt.
    search
        If settings were searched.
    casebook
        Results on the bundled casebook.

    Examples
    --------
    >>> f1 = MetricValue("f1", 0.8, 120, 0.75, 0.84)
    >>> one = CategoryEvaluation("real", 0.5, {"a": (300, 300)}, {"a": (60, 60)}, 0, all=(f1,), unseen=(f1,))
    >>> split = SplitSizes(600, 120, 0, 0, 0, None, {"groups": 0, "posts": 0}, {})
    >>> found = Evaluation({"rumour": one}, {}, 0, 0, split, (), "d1", 7)
    >>> found.categories["rumour"].figure("f1").n
    120
    >>> Evaluation.from_json(found.to_json()) == found
    True
    """

    categories: dict[str, CategoryEvaluation]
    corpora: dict[str, CorpusDescription]
    quarantined: int
    dropped: int
    split: SplitSizes
    labelled: tuple[LabelledRow, ...]
    test_digest: str
    seed: int
    contradictions: ContradictionCounts = field(default_factory=ContradictionCounts)
    by_corpus: tuple[TransferValue, ...] = ()
    transfer: tuple[TransferValue, ...] = ()
    matrix: ClassMatrix | None = None
    classes: ClassesEvaluation | None = None
    background: BackgroundCounts | None = None
    search: SearchSummary | None = None
    casebook: CasebookResult | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    noticed: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as plain data; what was not measured is left out."""
        plain: dict[str, Any] = as_plain(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, where: Path | str = "evaluation.json") -> Evaluation:
        """Return the evaluation that `to_json` gave.

        Parameters
        ----------
        data
            Plain data; unknown keys are ignored.
        where
            Location for error messages.

        Raises
        ------
        ModelFormatError
            If it does not describe an evaluation.
        """
        from pydantic import ValidationError

        try:
            found: Evaluation = _reader().validate_python(data)
        except ValidationError as error:
            first = error.errors()[0]
            raise ModelFormatError(
                what="evaluation.json does not describe an evaluation",
                where=where,
                got=f"{'.'.join(map(str, first['loc']))}: {first['msg']}",
            ) from error
        return found


@functools.cache
def _reader() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Evaluation)


def _figure(figures: tuple[MetricValue, ...], metric: str) -> MetricValue:
    for one in figures:
        if one.metric == metric:
            return one
    raise KeyError(metric)


def as_plain(value: Any) -> Any:
    """Return dataclasses as dicts and tuples as lists, recursively; fields that have their default None or () are left
    out.

    Examples
    --------
    >>> as_plain(BackgroundCounts({"a": 3}, 0))
    {'rows': {'a': 3}, 'left_out': 0}
    """
    if dataclasses.is_dataclass(value):
        return {
            one.name: as_plain(getattr(value, one.name))
            for one in dataclasses.fields(value)
            if one.default not in (None, ()) or getattr(value, one.name) != one.default
        }
    if isinstance(value, Mapping):
        return {key: as_plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(inner) for inner in value]
    return value
