"""Sources of judged posts: each labelled corpus, and the returned sample, with what is known of their posts.

Promises: a corpus stands apart from every other; posts that a table lacks are in none; a sample speaks of all scored
posts, its labels being those of most annotators; a part of a sample, such as a group or a period, is weighted by the
posts of that part. Where a cell of stratum and tag has no label in a part, it counts as the labelled cell nearest in
mean probability; where tagged or untagged posts have no label at all there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import SAMPLE
from koudai.audit.inputs.audit_input import AuditInput, Labelled, LabelledSample
from koudai.training.judging.judged import JudgedPosts, Part, sample_cells
from koudai.training.judging.strata import Floats

MOST_GROUPS, MOST_PERIODS = 20, 12


def masked_part(where: Part | None, mask: NDArray[np.bool_]) -> Part:
    """Return the posts of a part, all if it is None, that are in a mask, shape (n_posts,), too.

    Examples
    --------
    >>> mask = np.array([True, False, True])
    >>> masked_part(np.array([1, 2]), mask).tolist(), masked_part(None, mask) is mask
    ([2], True)
    """
    if where is None:
        return mask
    return where & mask if where.dtype == bool else where[mask[where]]


@dataclass(frozen=True, eq=False)
class Said:
    """What a model says of posts: probabilities, NaN without one, and whether they are tagged; shape (n_posts,).

    Examples
    --------
    >>> Said(np.array([0.9, np.nan]), np.array([True, False])).tagged.sum().item()
    1
    """

    p: Floats
    tagged: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class JudgedSource:
    """Posts, some or all of them with a label of one category.

    Parameters
    ----------
    name
        Of the corpus, or `SAMPLE`.
    y : ndarray of float64, shape (n_posts,)
        1, 0, 0.5 where annotators are divided, NaN without a label.
    said
        By the audited model.
    row : ndarray of int64, shape (n_posts,)
        Row index among the scored posts, -1 of a post that is none.
    cluster : ndarray of int64, shape (n_posts,)
    date : ndarray of datetime64[s], shape (n_posts,), or None
    stratum : ndarray of int64, shape (n_posts,), or None
        Of a sample.
    among : ndarray of bool, shape (n_posts,), or None
        The posts that a sample is to speak of; all by default.

    Examples
    --------
    >>> y, said = np.array([1.0, np.nan]), Said(np.array([0.9, 0.2]), np.array([True, False]))
    >>> source = JudgedSource("weibo", y, said, row=np.array([-1, -1]), cluster=np.arange(2))
    >>> len(source.posts(said))
    1
    """

    name: str
    y: Floats
    said: Said
    row: NDArray[np.int64]
    cluster: NDArray[np.int64]
    date: NDArray[np.datetime64] | None = None
    stratum: NDArray[np.int64] | None = None
    among: NDArray[np.bool_] | None = None

    def posts(self, said: Said, where: Part | None = None) -> JudgedPosts | None:
        """Return the labelled posts as a model sees them.

        Parameters
        ----------
        said
            By that model, of every post of the source.
        where : ndarray of bool, shape (n_posts,), or of intp, or None
            The part of the posts that is meant, a mask or row indices in ascending order; all by default.

        Returns
        -------
        JudgedPosts or None
            None where nothing can be said: no label, or in a sample none among tagged or none among untagged posts.
        """
        where = where if self.among is None else masked_part(where, self.among)
        known = self._labelled(where)
        if not len(known):
            return None
        cells = None
        if self.stratum is not None:
            code = self._code if said is self.said else 2 * self.stratum + said.tagged
            cells = sample_cells(code, said.p, slice(None) if where is None else where, known)
            if cells is None:
                return None
        return JudgedPosts(
            self.y[known], said.p[known], said.tagged[known], self.row[known], self.cluster[known], cells
        )

    def labels(self, where: Part | None = None) -> int:
        """Return how many posts, of a part or of all, have a label; `where` as for `posts`."""
        return len(self._labelled(where))

    def parts(self, given: AuditInput) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Yield names and row indices of the groups and periods with labels, as figures are called."""
        known = self._known
        if given.groups is not None and len(given.groups):
            names, place = given.group_numbers
            place = place if self.stratum is not None else np.where(self.row >= 0, place[self.row], -1)
            counts = np.bincount(place[known] + 1, minlength=len(names) + 1)[1:]
            most = np.argsort(-counts, kind="stable")[:MOST_GROUPS]
            for at in np.sort(most[counts[most] > 0]):
                yield f"{self.name}, {names[at]}", np.flatnonzero(place == at)
        if given.period is not None and (self.date is not None or len(given.period.date)):
            if self.date is not None:
                periods, place = given.period.cut(self.date)
            elif self.stratum is not None:
                periods, place = given.period_numbers
            else:
                nowhere = np.datetime64("NaT", "s")
                periods, place = given.period.cut(np.where(self.row >= 0, given.period.date[self.row], nowhere))
            told = np.flatnonzero(np.bincount(place[known] + 1, minlength=len(periods) + 1)[1:])
            for at in told[-MOST_PERIODS:]:
                yield f"{self.name}, {periods[at]}", np.flatnonzero(place == at)

    @cached_property
    def _known(self) -> NDArray[np.intp]:
        return np.flatnonzero(np.isfinite(self.y))

    @cached_property
    def _code(self) -> NDArray[np.int64]:
        assert self.stratum is not None
        return np.asarray(2 * self.stratum + self.said.tagged)

    def _labelled(self, where: Part | None) -> NDArray[np.intp]:
        if where is None:
            return self._known
        if where.dtype == bool:
            return self._known[where[self._known]]
        return np.asarray(where[np.isfinite(self.y[where])], dtype=np.intp)


def judged_sources(given: AuditInput, column: int) -> Iterator[JudgedSource]:
    """Yield the labelled corpora, and the returned sample, that have a label of a category.

    Parameters
    ----------
    given
        The audit's input.
    column
        Index of the category among those that have scores.
    """
    if given.labelled is not None:
        yield from _corpora(given, given.labelled, column)
    source = sampled_source(given, column)
    if source is not None:
        yield source


def sampled_source(given: AuditInput, column: int) -> JudgedSource | None:
    """Return the returned sample; None if there is none, or none with a label of a category.

    Parameters
    ----------
    given
        The audit's input.
    column
        Index of the category among those that have scores.
    """
    if given.sample is None or given.categories[column] not in given.sample.categories:
        return None
    source = _sampled(given, given.sample, column)
    return source if source.labels() else None


def _corpora(given: AuditInput, labelled: Labelled, column: int) -> Iterator[JudgedSource]:
    known = labelled.labels[:, column] >= 0
    if labelled.unscored is not None:
        known &= ~labelled.unscored
    row = given.labelled_rows
    for name in dict.fromkeys(labelled.source[known].tolist()):
        here = known & (labelled.source == name)
        yield JudgedSource(
            name=str(name),
            y=labelled.labels[here, column].astype(np.float64),
            said=Said(labelled.proba[here, column].astype(np.float64), labelled.alleged[here, column]),
            row=row[here],
            cluster=labelled.cluster[here],
            date=None if labelled.date is None else labelled.date[here],
        )


def _sampled(given: AuditInput, sample: LabelledSample, column: int) -> JudgedSource:
    y = np.full(len(given.ids), np.nan)
    y[sample.post] = sample.majority[:, sample.categories.index(given.categories[column])]
    unseen = None if given.seen is None else ~given.seen
    if unseen is not None:
        y[~unseen] = np.nan
    every = np.arange(len(given.ids))
    return JudgedSource(
        name=SAMPLE,
        y=y,
        said=Said(given.proba[:, column].astype(np.float64), given.alleged[:, column]),
        row=every,
        cluster=every,
        stratum=sample.stratum,
        among=unseen,
    )
