"""Annotations: what several people said of the same posts, each under a name that is not theirs.

Promises: annotators are A1, A2 … in the order of their names, and their names are kept nowhere; a post that somebody
did not label is missing there, never filled in; a category that the taxonomy lacks is refused with its count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import ALL
from koudai.audit.inputs.annotation_layouts import answers_in
from koudai.audit.inputs.cells import WITHIN
from koudai.audit.inputs.id_table import IdTable, read_id_table
from koudai.audit.inputs.words import answer
from koudai.config.people import AnnotationsSection
from koudai.config.source import Columns
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.reading import Reading
from koudai.errors import LabelError, LimitExceeded, ReadError, number_of, printable
from koudai.limits import ANNOTATORS, OTHER_LABELS
from koudai.registry import did_you_mean
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts.masking import masked_value

MISSING = -1
_SHOWN = 10


@dataclass(frozen=True)
class Annotations:
    """What annotators said, by the category it is about.

    Parameters
    ----------
    annotators
        ``A1``, ``A2`` …: columns of `coded`.
    values
        The labels that occur, in order.
    ids
        Of the posts that anybody labelled.
    group : ndarray of object, shape (n_posts,)
        What each post belongs to, ``""`` where that is not said.
    coded : dict of ndarray of int32, shape (n_posts, n_annotators)
        By category (`ALL` if the labels are about none in particular): indices in `values`, -1 where there is no label.
    cluster : ndarray of object, shape (n_posts,), or None
        The value that posts which belong together share, ``""`` where that is not said; None if no column is named.
    yes
        Values that say that a post is in the category, all others that it is not; empty where values are words for
        yes and no.
    epsilon
        How much more often a person may do better than a machine that is to equal them.

    Examples
    --------
    >>> coded = {ALL: np.array([[0, 1], [1, MISSING]], dtype=np.int32)}
    >>> group = np.array(["", ""], dtype=object)
    >>> annotations = Annotations(("A1", "A2"), ("no", "yes"), ["p1", "p2"], group, coded)
    >>> (annotations.coded[ALL] != MISSING).sum(axis=0).tolist()
    [2, 1]
    """

    annotators: tuple[str, ...]
    values: tuple[str, ...]
    ids: list[str]
    group: NDArray[np.object_]
    coded: dict[str, NDArray[np.int32]]
    cluster: NDArray[np.object_] | None = None
    yes: tuple[str, ...] = ()
    epsilon: float = 0.1

    def answers(self, key: str) -> NDArray[np.int8] | None:
        """Return what is said of a category: 1, 0, or -1 where there is no label; None where labels are neither yes nor
        no.
        """
        said = [int(value in self.yes) if self.yes else answer(value) for value in self.values]
        coded = self.coded[key]
        if any(said[value] is None for value in np.unique(coded[coded >= 0]).tolist()):
            return None
        return np.array([*(-1 if one is None else one for one in said), MISSING], dtype=np.int8)[coded]

    def answering(self, categories: Sequence[str]) -> int:
        """Return how many annotators there are if what they say is yes and no of one of these categories, else 0."""
        of_some = any(self.answers(key) is not None for key in categories if key in self.coded)
        return len(self.annotators) if of_some else 0

    def clusters(self, otherwise: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cluster of each post: as the table says, else `otherwise`."""
        if self.cluster is None:
            return otherwise
        named = self.cluster.astype(str)
        number, alone = np.unique(named, return_inverse=True)[1], np.arange(len(named)) + len(named)
        return np.asarray(np.where(named != "", number, alone), dtype=np.int64)


def read_annotations(section: AnnotationsSection, path: Path, *, taxonomy: Taxonomy) -> Annotations:
    """Read annotations.

    Raises
    ------
    ReadError
        If the table cannot be read, or says two things of one post by one annotator.
    LabelError
        If it speaks of a category that `taxonomy` lacks, or holds no label.
    LimitExceeded
        If there are more annotators or more labels than anybody can have meant.
    """
    if section.layout:
        said = _exported(section, path, taxonomy)
    else:
        said = _long(section, path) if section.annotator else _wide(section, path)
        said = _split(said, section, taxonomy) if section.separator else said
    about = [section.about or ALL if name is None else name for name in said.category]
    _require_categories(about, taxonomy, path)
    spoken = [row for row, label in enumerate(said.label) if label.strip() and label not in section.missing]
    people = sorted({said.annotator[row] for row in spoken})
    values = sorted({said.label[row] for row in spoken})
    if not spoken:
        raise LabelError(what="no annotation is there", where=path, todo="name the columns that hold labels")
    _require_few(people, values, path)
    if section.yes and not set(values).intersection(section.yes):
        raise LabelError(
            what="no label is a word that says yes",
            where=path,
            expected="labels of which some are " + ", ".join(map(repr, section.yes)),
            got=", ".join(masked_value(one) for one in values[:_SHOWN]),
            happened="nothing was measured: every label would say no",
            todo="name under `yes` the words as they stand in the table",
        )
    ids = list(dict.fromkeys(said.post[row] for row in spoken))
    row_of = {post_id: i for i, post_id in enumerate(ids)}
    person = {name: i for i, name in enumerate(people)}
    value = {name: i for i, name in enumerate(values)}
    order = [key for key in (ALL, *taxonomy.keys) if key in set(about)]
    coded = {key: np.full((len(ids), len(people)), MISSING, dtype=np.int32) for key in order}
    twice: Counter[str] = Counter()
    for row in spoken:
        at = row_of[said.post[row]], person[said.annotator[row]]
        cells = coded[about[row]]
        if cells[at] not in (MISSING, value[said.label[row]]):
            twice[f"A{at[1] + 1} says two things of post {printable(repr(said.post[row]), limit=60)}"] += 1
        cells[at] = value[said.label[row]]
    if twice:
        raise ReadError(
            what=number_of(len(twice), "post has", "posts have") + " two labels by one annotator",
            where=path,
            got="\n".join(list(twice)[:5]),
            happened="nothing was measured",
            todo="keep one of them; name `category` if they are about different categories",
        )
    group, cluster = (np.full(len(ids), "", dtype=object) for _ in range(2))
    for row in spoken:
        group[row_of[said.post[row]]] = said.group[row]
        cluster[row_of[said.post[row]]] = said.cluster[row]
    names = tuple(f"A{at + 1}" for at in range(len(people)))
    return Annotations(
        names,
        tuple(values),
        ids,
        group,
        coded,
        cluster if section.cluster else None,
        yes=section.yes,
        epsilon=section.epsilon,
    )


@dataclass(frozen=True)
class _Said:
    """One thing said in each row."""

    post: list[str]
    annotator: list[str]
    label: list[str]
    category: list[str | None]
    group: list[str]
    cluster: list[str]


def _exported(section: AnnotationsSection, path: Path, taxonomy: Taxonomy) -> _Said:
    found = list(answers_in(section, path, taxonomy))
    nothing = [""] * len(found)
    return _Said(
        post=[one.post for one in found],
        annotator=[one.annotator for one in found],
        label=[one.label for one in found],
        category=[one.category for one in found],
        group=nothing,
        cluster=nothing,
    )


def _wide(section: AnnotationsSection, path: Path) -> _Said:
    extra = [name for name in (section.group, section.cluster) if name]
    refuse_accounts((section.id, *extra))
    table = _table(section, path, [*section.columns, *extra])
    table.require_distinct()
    posts, n = table.ids, len(section.columns)
    labels = [table.texts(name) for name in section.columns]
    groups, clusters = (table.texts(one) if one else [""] * len(posts) for one in (section.group, section.cluster))
    return _Said(
        post=[post_id for post_id in posts for _ in range(n)],
        annotator=[name for _ in posts for name in section.columns],
        label=[column[row] for row in range(len(posts)) for column in labels],
        category=[None] * (n * len(posts)),
        group=[name for name in groups for _ in range(n)],
        cluster=[name for name in clusters for _ in range(n)],
    )


def _long(section: AnnotationsSection, path: Path) -> _Said:
    extra = [name for name in (section.category, section.group, section.cluster) if name]
    refuse_accounts((section.id, str(section.label), *extra))
    table = _table(section, path, [str(section.annotator), str(section.label), *extra])
    n = len(table.ids)
    return _Said(
        post=table.ids,
        annotator=table.texts(str(section.annotator)),
        label=table.texts(str(section.label)),
        category=list(table.texts(section.category)) if section.category else [None] * n,
        group=table.texts(section.group) if section.group else [""] * n,
        cluster=table.texts(section.cluster) if section.cluster else [""] * n,
    )


def _split(said: _Said, section: AnnotationsSection, taxonomy: Taxonomy) -> _Said:
    """Return one answer for each category where cells name several; what no category is called stays, to be refused."""
    keys, rows, about, labels = taxonomy.keys, list[int](), list[str | None](), list[str]()
    for row, cell in enumerate(said.label):
        if not cell.strip() or cell in section.missing:
            continue
        parts = [one.strip() for part in cell.split(WITHIN) for one in part.split(section.separator)]
        named = {one for one in parts if one and one not in section.nothing and one not in section.missing}
        meant = named | {above for key in named.intersection(keys) for above in taxonomy.ancestors(key)}
        for key in (*keys, *sorted(named.difference(keys))):
            rows.append(row)
            about.append(key)
            labels.append("yes" if key in meant else "no")
    return _Said(
        post=[said.post[row] for row in rows],
        annotator=[said.annotator[row] for row in rows],
        label=labels,
        category=about,
        group=[said.group[row] for row in rows],
        cluster=[said.cluster[row] for row in rows],
    )


def _table(section: AnnotationsSection, path: Path, columns: list[str]) -> IdTable:
    return read_id_table(
        path, Reading(columns=Columns(id=section.id), encoding=section.encoding, quoting=section.quoting), columns
    )


def _require_categories(about: list[str], taxonomy: Taxonomy, path: Path) -> None:
    unknown = {name: count for name, count in Counter(about).items() if name != ALL and name not in taxonomy.keys}
    if unknown:
        keys = list(taxonomy.keys)
        raise LabelError(
            what=number_of(len(unknown), "category", "categories") + f" annotated that {taxonomy.name!r} does not have",
            where=path,
            expected=", ".join(keys),
            got="\n".join(
                f"{masked_value(name)} ({number_of(count, 'label')})"
                + (f", {hint}" if (hint := did_you_mean(name.strip(), keys)) else "")
                for name, count in sorted(unknown.items())[:20]
            ),
            happened="nothing was measured",
            todo="correct the annotations, or audit with their taxonomy",
        )


def require_overlap(found: Annotations, path: Path) -> None:
    """Raise `LabelError` if no two annotators labelled the same post; `path` is the file that they are of."""
    if any(((cells != MISSING).sum(axis=1) > 1).any() for cells in found.coded.values()):
        return
    people = len(found.annotators)
    alone = people == 1
    raise LabelError(
        what="only one annotator is in this table" if alone else "no two annotators labelled the same post",
        where=path,
        expected="posts that two annotators or more labelled, about one category",
        got=f"{number_of(people, 'annotator')}, {number_of(len(found.ids), 'post')}",
        happened="nothing was measured; the table is as it was",
        todo="name the columns of all who labelled, check that they had the same ids, or leave [annotations] out",
    )


def _require_few(people: list[str], values: list[str], path: Path) -> None:
    for found, limit, what in ((people, ANNOTATORS, "annotators"), (values, OTHER_LABELS, "different labels")):
        if len(found) > limit.value:
            raise LimitExceeded(
                what=f"{len(found):,} {what} are in this table",
                where=path,
                expected=f"at most {limit.value} {limit.unit}",
                happened="nothing was measured",
                todo="check which columns are named under [annotations]",
            )
