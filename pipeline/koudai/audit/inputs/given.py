"""What an audit looks at: scored posts and whatever else there is, checked to belong together.

Promises: everything is in the same order and of the same model and taxonomy; what is not given is None, and
measures that need it are not taken; nothing is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.casebook import Casebook
from koudai.audit.inputs.others import Other
from koudai.audit.inputs.outcomes import Outcomes
from koudai.audit.inputs.periods import Periods
from koudai.audit.sample.labelled import LabelledSample
from koudai.config.audit import MultiplicitySection
from koudai.model.model import Model
from koudai.progress import Advance
from koudai.scoring.results import Scores
from koudai.taxonomy import Taxonomy

INPUTS = (
    "scores",
    "texts",
    "words",
    "labels",
    "model",
    "case_scores",
    "casebook",
    "outcome",
    "period",
    "group",
    "annotations",
    "other",
    "sample",
)
"""Names of what a measure may need, in the order in which `needs` gives them."""


@dataclass(frozen=True)
class Labelled:
    """Posts with labels, and what the audited model says of them.

    Parameters
    ----------
    texts
        Raw posts.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown); columns as `AuditInput.categories`.
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN for a post without features, and for one that a table of probabilities lacks.
    alleged : ndarray of bool, shape (n_posts, n_categories)
    source : ndarray of object, shape (n_posts,)
    group : ndarray of int64, shape (n_posts,)
        Near-duplicate group.
    ids
        Post ids.
    date : ndarray of datetime64[s], shape (n_posts,), or None
        When each post was written, NaT where that is not known.
    unscored : ndarray of bool, shape (n_posts,), or None
        Which posts a table of probabilities lacks; None if the model scored them all.
    """

    ids: list[str]
    texts: list[str]
    labels: NDArray[np.int8]
    proba: NDArray[np.float32]
    alleged: NDArray[np.bool_]
    source: NDArray[np.object_]
    group: NDArray[np.int64]
    date: NDArray[np.datetime64] | None = None
    unscored: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class AuditInput:
    """Everything a measure may look at.

    Parameters
    ----------
    taxonomy
        Whose categories are audited.
    categories
        The model's, in taxonomy order.
    seed
        Of everything random.
    ids
        Ids of the scored posts.
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN for a post without features, and where a table of probabilities says nothing.
    alleged : ndarray of bool, shape (n_posts, n_categories)
    abstained : ndarray of bool, shape (n_posts,)
    quarantined
        Rows that were never scored.
    texts
        Raw scored posts in the same order, or None.
    words
        Whether words of posts may be named.
    labelled, model, casebook, sample
        Or None.
    case_scores
        Scores of the casebook's cases, in their order, where there is no model to score them; or None.
    outcome
        What came of each scored post, or None.
    period
        When each scored post was written, or None.
    groups : ndarray of object, shape (n_posts,)
        What each scored post belongs to (a platform, a topic), ``""`` where that is not said; or None.
    annotations
        What several people said of posts, scored ones or others; or None.
    others
        Other taxonomies' labels of the scored posts.
    threshold : ndarray of float64, shape (n_categories,)
        The model's, or None.
    multiplicity
        How often models are fitted anew.
    refits
        Folder where refits are kept, so that an audit that was stopped goes on; None to keep none.
    advance
        Called with a number of steps of work done, for a progress bar.
    """

    taxonomy: Taxonomy
    categories: tuple[str, ...]
    seed: int
    ids: list[str]
    proba: NDArray[np.float32]
    alleged: NDArray[np.bool_]
    abstained: NDArray[np.bool_]
    quarantined: int
    texts: list[str] | None = None
    words: bool = True
    labelled: Labelled | None = None
    model: Model | None = None
    casebook: Casebook | None = None
    case_scores: Scores | None = None
    outcome: Outcomes | None = None
    period: Periods | None = None
    groups: NDArray[np.object_] | None = None
    annotations: Annotations | None = None
    others: tuple[Other, ...] = ()
    sample: LabelledSample | None = None
    threshold: NDArray[np.float64] | None = None
    multiplicity: MultiplicitySection = MultiplicitySection()
    refits: Path | None = None
    advance: Advance = lambda steps, told=None: None
    made: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def read(self) -> int:
        """Rows read: scored, abstained and quarantined."""
        return len(self.ids) + self.quarantined

    def has(self, name: str) -> bool:
        """Return whether the input called `name`, one of `INPUTS`, is there."""
        return {
            "scores": True,
            "texts": self.texts is not None,
            "words": self.words,
            "labels": self.labelled is not None,
            "model": self.model is not None,
            "case_scores": self.model is not None or self.case_scores is not None,
            "casebook": self.casebook is not None,
            "outcome": self.outcome is not None,
            "period": self.period is not None,
            "group": self.groups is not None,
            "annotations": self.annotations is not None,
            "other": bool(self.others),
            "sample": self.sample is not None,
        }[name]

    def generator(self, purpose: str) -> np.random.Generator:
        """Return a random generator that depends on the seed and on `purpose` alone."""
        return np.random.default_rng([self.seed, *purpose.encode()])
