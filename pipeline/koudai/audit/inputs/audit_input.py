"""What an audit looks at: scored posts and whatever else there is, checked to belong together.

Promises: everything is in the same order and of the same model and taxonomy; what is not given is None, and
measures that need it are not taken; nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import Figure, clustered_share, whole_share
from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.casebook import Casebook
from koudai.audit.inputs.clusters import Clusters
from koudai.audit.inputs.covariates import Covariates
from koudai.audit.inputs.domains import Domain
from koudai.audit.inputs.events import Event
from koudai.audit.inputs.id_table import row_indices
from koudai.audit.inputs.kept_columns import Outcomes, Periods
from koudai.audit.inputs.others import Other
from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.inputs.scored_texts import ScoredTexts
from koudai.audit.inputs.wordings import Wordings
from koudai.config.audit import MultiplicitySection
from koudai.model.model import Model
from koudai.model.profile import Shift
from koudai.progress import Advance
from koudai.scoring.results import Scores
from koudai.taxonomy import Taxonomy

LABELS_OR_SAMPLE = "labels_or_sample"
"""What a measure needs that judges the model: labelled posts, or a returned sample."""
THREE_ANNOTATORS = "three_annotators"
"""What a measure needs that leaves one annotator out and measures a machine by the others."""


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
    seen : ndarray of bool, shape (n_posts,), or None
        Which posts the model was fitted on, or on a near-duplicate of; None if that is not known.
    named_cluster : ndarray of int64, shape (n_posts,), or None
        Posts that belong together as the config says; see `cluster`.

    Examples
    --------
    >>> proba = np.array([[0.9], [0.1]], dtype=np.float32)
    >>> posts = Labelled(
    ...     ids=["a", "b"],
    ...     texts=["谣言", "天气"],
    ...     labels=np.array([[1], [-1]], dtype=np.int8),
    ...     proba=proba,
    ...     alleged=proba > 0.5,
    ...     source=np.array(["weibo", "weibo"], dtype=object),
    ...     group=np.array([0, 1]),
    ... )
    >>> (posts.labels >= 0).sum().item()
    1
    >>> replace(posts, seen=np.array([True, False])).unseen().ids
    ['b']
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
    seen: NDArray[np.bool_] | None = None
    named_cluster: NDArray[np.int64] | None = None

    @property
    def cluster(self) -> NDArray[np.int64]:
        """The cluster of each post, shape (n_posts,): the unit of intervals, `group` where none is named."""
        return self.group if self.named_cluster is None else self.named_cluster

    def unseen(self) -> Labelled:
        """Return the posts that the model was not fitted on; all of them if that is not known."""
        if self.seen is None or not self.seen.any():
            return self
        return self.take(np.flatnonzero(~self.seen))

    def take(self, rows: NDArray[np.intp]) -> Labelled:
        """Return the posts at these row indices, shape (n_rows,)."""
        places = rows.tolist()
        return replace(
            self,
            ids=[self.ids[row] for row in places],
            texts=[self.texts[row] for row in places],
            labels=self.labels[rows],
            proba=self.proba[rows],
            alleged=self.alleged[rows],
            source=self.source[rows],
            group=self.group[rows],
            date=None if self.date is None else self.date[rows],
            unscored=None if self.unscored is None else self.unscored[rows],
            named_cluster=None if self.named_cluster is None else self.named_cluster[rows],
            seen=None if self.seen is None else self.seen[rows],
        )


@dataclass(frozen=True, eq=False)
class LabelledSample:
    """A probability sample with labels.

    Parameters
    ----------
    categories
        That labels were asked for.
    stratum : ndarray of int64, shape (n_posts,)
        Of every scored post, counted from 0; no stratum is empty.
    post : ndarray of int64, shape (n_rows,)
        Row index of each labelled post among the scored posts.
    labels : ndarray of int8, shape (n_annotators, n_rows, n_categories)
        1, 0, or -1 where there is none.
    population
        Posts that a simple random sample was drawn from, where they are not the scored ones; None where they are.
    gold : ndarray of int8, shape (n_rows, n_categories), or None
        What was adjudicated of each: 1, 0, or -1 where nothing was; None without such a sheet.

    Examples
    --------
    >>> labels = np.array([[[1], [0]]], dtype=np.int8)
    >>> sample = LabelledSample(("rumour",), stratum=np.array([0, 0, 1]), post=np.array([0, 2]), labels=labels)
    >>> sample.stratum[sample.post].tolist()
    [0, 1]
    """

    categories: tuple[str, ...]
    stratum: NDArray[np.int64]
    post: NDArray[np.int64]
    labels: NDArray[np.int8]
    population: int | None = None
    gold: NDArray[np.int8] | None = None

    @cached_property
    def majority(self) -> NDArray[np.float64]:
        """What most annotators say, shape (n_rows, n_categories): 0.5 where divided, NaN where nobody says anything."""
        return majority(self.labels)


def majority(labels: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return what most annotators say of each post, 0.5 where they are divided, NaN where none says anything.

    Parameters
    ----------
    labels : ndarray of int8, shape (n_annotators, n_posts, ...)
        1, 0, or -1 where there is none.

    Examples
    --------
    >>> majority(np.array([[1, 0, -1], [1, 1, -1]], dtype=np.int8)).tolist()
    [1.0, 0.5, nan]
    """
    yes, no = (labels == 1).sum(axis=0), (labels == 0).sum(axis=0)
    return np.where(yes + no == 0, np.nan, np.where(yes == no, 0.5, yes > no))


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
    announced
        Whether the posts are those that the taxonomy's announced figures are about.
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
    domains
        Parts of the scored posts that a sample is told apart by, as the config names them.
    event
        Days that posts are from before, during or after; or None.
    covariates
        What a category is regressed on, or None.
    named_clusters
        The clusters that the config names, of scored posts or others; or None.
    superpopulation
        Whether the scored posts are taken for a sample of more posts like them.
    annotations
        What several people said of posts, scored ones or others; or None.
    others
        Other taxonomies' labels of the scored posts.
    wordings
        What was said of posts, scored ones or others, under several wordings of the categories; or None.
    relabelled
        Labels that people looked at again, by category.
    threshold : ndarray of float64, shape (n_categories,)
        The model's, or None.
    multiplicity
        How often models are fitted anew.
    refits
        Folder where refits are kept, so that an audit that was stopped goes on; None to keep none.
    seen : ndarray of bool, shape (n_posts,), or None
        Which scored posts the model was fitted on, or on a near-duplicate of; None if that is not known.
    shift
        How far the scored posts are from those that the model was fitted on; None without a profile of those.
    advance
        Called with a number of steps of work done, for a progress bar.
    scored_texts
        What measures share, computed once from `texts` and `seed`: made anew when either is replaced, kept otherwise.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> proba = np.array([[0.9], [0.1]], dtype=np.float32)
    >>> given = AuditInput(
    ...     taxonomy=find_taxonomy("cac-2023", configs=bundled("configs")),
    ...     categories=("rumour",),
    ...     seed=1,
    ...     ids=["a", "b"],
    ...     proba=proba,
    ...     alleged=proba > 0.5,
    ...     abstained=np.array([False, False]),
    ...     quarantined=1,
    ... )
    >>> given.read, given.has("scores"), given.has("texts")
    (3, True, False)
    """

    taxonomy: Taxonomy
    categories: tuple[str, ...]
    seed: int
    ids: list[str]
    proba: NDArray[np.float32]
    alleged: NDArray[np.bool_]
    abstained: NDArray[np.bool_]
    quarantined: int
    texts: Sequence[str] | None = field(default=None, metadata={"input": "texts"})
    words: bool = field(default=True, metadata={"input": "words"})
    announced: bool = field(default=False, metadata={"input": "announced"})
    labelled: Labelled | None = field(default=None, metadata={"input": "labels"})
    model: Model | None = field(default=None, metadata={"input": "model"})
    case_scores: Scores | None = field(default=None, metadata={"input": "case_scores", "or": "model"})
    casebook: Casebook | None = field(default=None, metadata={"input": "casebook"})
    outcome: Outcomes | None = field(default=None, metadata={"input": "outcome"})
    period: Periods | None = field(default=None, metadata={"input": "period"})
    groups: NDArray[np.object_] | None = field(default=None, metadata={"input": "group"})
    domains: tuple[Domain, ...] = field(default=(), metadata={"input": "domain", "or": "groups"})
    event: Event | None = field(default=None, metadata={"input": "event"})
    covariates: Covariates | None = field(default=None, metadata={"input": "regression"})
    named_clusters: Clusters | None = None
    superpopulation: bool = False
    annotations: Annotations | None = field(default=None, metadata={"input": "annotations", "or": "sheets"})
    others: tuple[Other, ...] = field(default=(), metadata={"input": "other"})
    wordings: Wordings | None = field(default=None, metadata={"input": "wording"})
    sample: LabelledSample | None = field(default=None, metadata={"input": "sample"})
    relabelled: tuple[Relabelled, ...] = field(default=(), metadata={"input": "relabelled"})
    threshold: NDArray[np.float64] | None = None
    multiplicity: MultiplicitySection = MultiplicitySection()
    refits: Path | None = None
    seen: NDArray[np.bool_] | None = None
    shift: Shift | None = field(default=None, metadata={"input": "profile"})
    advance: Advance = lambda steps, told=None: None
    scored_texts: ScoredTexts = field(default=ScoredTexts([], 0), repr=False, compare=False)

    def __post_init__(self) -> None:
        shared = self.scored_texts
        if shared.texts is not self.texts or shared.seed != self.seed:
            object.__setattr__(self, "scored_texts", ScoredTexts(self.texts or [], self.seed))

    @cached_property
    def clusters(self) -> NDArray[np.int64] | None:
        """The cluster of each scored post, shape (n_posts,): the unit of every interval. Those that the config names,
        else near-duplicate groups; None where there are neither names nor texts.
        """
        if self.named_clusters is not None:
            return self.named_clusters.of(self.ids, otherwise=np.arange(len(self.ids)))
        return None if self.texts is None else self.scored_texts.groups

    @cached_property
    def labelled_rows(self) -> NDArray[np.int64]:
        """The row index of each labelled post among the scored ones, -1 where it is not there."""
        return row_indices([] if self.labelled is None else self.labelled.ids, self.ids)

    @cached_property
    def group_numbers(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """The names that occur in `groups`, sorted, and the index of each scored post's, -1 where it has none."""
        groups = [] if self.groups is None else self.groups.tolist()
        names = tuple(sorted({str(one) for one in set(groups)} - {""}))
        number = {"": -1, **{name: at for at, name in enumerate(names)}}
        number |= {one: number[str(one)] for one in set(groups)}
        return names, np.fromiter(map(number.__getitem__, groups), np.int64, len(groups))

    @cached_property
    def period_numbers(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """The periods that occur, in order, and the index of each scored post's, -1 without a date."""
        return ((), np.full(len(self.ids), -1)) if self.period is None else self.period.cut()

    @property
    def told_clusters(self) -> str:
        """What the clusters are: ``column event``, ``day created_at``, ``account``, ``near-duplicates`` or ``none``."""
        if self.named_clusters is not None:
            return self.named_clusters.told
        return "none" if self.texts is None else "near-duplicates"

    def clusters_of(self, ids: list[str]) -> NDArray[np.int64]:
        """Return the clusters of posts, shape (n_ids,), as far as they are among those of the config or were scored;
        any other post stands alone.
        """
        alone = np.arange(len(ids))
        if self.named_clusters is not None:
            return self.named_clusters.of(ids, otherwise=alone)
        if self.clusters is None:
            return alone
        row = row_indices(ids, self.ids)
        return np.where(row >= 0, self.clusters[row], alone + len(self.ids)) if len(self.ids) else alone

    def share_of_job(
        self, about: tuple[str, str, str], hits: NDArray[np.bool_], rows: NDArray[np.bool_] | None = None
    ) -> Figure:
        """Return the figure of a share of the scored posts themselves: without an interval, unless they are taken for a
        sample of more posts like them.

        Parameters
        ----------
        about
            Category, group and statistic.
        hits : ndarray of bool, shape (n_posts,)
            Among the scored posts.
        rows : ndarray of bool, shape (n_posts,), or None
            The posts that it is a share of; None for everything read, quarantined rows, which are no hits, included.
        """
        counted = hits if rows is None else hits & rows
        n = self.read if rows is None else int(np.count_nonzero(rows))
        if not self.superpopulation:
            return whole_share(*about, int(np.count_nonzero(counted)), n)
        if rows is not None:
            return clustered_share(*about, hits[rows], None if self.clusters is None else self.clusters[rows])
        read = np.concatenate([hits, np.zeros(self.quarantined, dtype=bool)])
        clusters = self.clusters
        if clusters is not None:
            alone = np.arange(self.quarantined) + clusters.max(initial=-1) + 1
            clusters = np.concatenate([clusters, alone])
        return clustered_share(*about, read, clusters)

    @property
    def read(self) -> int:
        """Rows read: scored, abstained and quarantined."""
        return len(self.ids) + self.quarantined

    @property
    def labelled_here(self) -> int:
        """Scored posts that people labelled, in a corpus or in a sample: on them the model can be judged here."""
        drawn = 0 if self.sample is None else int((self.sample.labels >= 0).any(axis=(0, 2)).sum())
        if self.labelled is None:
            return drawn
        known = set(self.labelled.ids if self.texts is None else self.labelled.texts)
        if self.texts is not None:
            return max(drawn, int(self.scored_texts.posts.among(known).sum()))
        return max(drawn, sum(map(known.__contains__, self.ids)))

    def has(self, name: str) -> bool:
        """Return whether the input called `name`, one of `INPUTS`, is there.

        Raises
        ------
        KeyError
            If there is no such input.
        """
        if name == "scores":
            return True
        if name == LABELS_OR_SAMPLE:
            return self.has("labels") or self.has("sample")
        if name == THREE_ANNOTATORS:
            people = 0 if self.annotations is None else self.annotations.answering(self.categories)
            return max(people, 0 if self.sample is None else len(self.sample.labels)) > 2
        found = {one.metadata["input"]: one for one in fields(self) if "input" in one.metadata}[name]
        values = (getattr(self, found.name), getattr(self, found.metadata.get("or", found.name)))
        return any(
            not (value is None or value is False or (isinstance(value, tuple) and not value)) for value in values
        )

    @property
    def sheets(self) -> LabelledSample | None:
        """The sample, if several annotators labelled it: then it tells how far they agree."""
        return self.sample if self.sample is not None and len(self.sample.labels) > 1 else None

    def unseen(self) -> AuditInput:
        """Return the input without the labelled posts that the model was fitted on: what a measure may judge it by.

        Scored posts and the sample are whole; `seen` tells which of them were fitted on.
        """
        if self.labelled is None or (left := self.labelled.unseen()) is self.labelled:
            return self
        return replace(self, labelled=left if left.ids else None)

    def generator(self, purpose: str) -> np.random.Generator:
        """Return a random generator that depends on the seed and on `purpose` alone."""
        return np.random.default_rng([self.seed, *purpose.encode()])


INPUTS = (
    *("scores", LABELS_OR_SAMPLE, THREE_ANNOTATORS),
    *(one.metadata["input"] for one in fields(AuditInput) if "input" in one.metadata),
)
"""Names of what a measure may need, in the order in which `needs` gives them: those that the fields declare."""
