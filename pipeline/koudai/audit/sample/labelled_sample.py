"""A labelled sample beside the scores it was drawn from: what prevalence is estimated from.

Promises: the strata found in the scores are those the sample was drawn from, or nothing is joined; every row of the
sample has its post among the scores; what was adjudicated is of posts drawn for that, and says one thing of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import LabelledSample
from koudai.audit.inputs.id_table import row_indices
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.manifest import Manifest, load_manifest
from koudai.audit.sample.strata import LABELS, coarser, finest, strata_names
from koudai.errors import LabelError, ReadError, ScoresMismatch, number_of
from koudai.scoring.results import Scores

_LISTED = 10


def load_sample(
    manifest: Path, labels: Sequence[Path], gold: Path | None = None, *, job: str, scores: Scores
) -> LabelledSample:
    """Read a sample back and join it with the scores it was drawn from.

    Parameters
    ----------
    manifest, labels, gold
        Files; of `gold`, what was adjudicated.
    job
        sha256 of the job's ``job.json``, or of the table.
    scores
        Of that job or table.

    Raises
    ------
    ReadError, ScoresMismatch, LabelError
        As `load_manifest`, `read_labels`, `read_gold` and `join_sample`.
    """
    told = load_manifest(manifest)
    if told.level == LABELS:
        raise ScoresMismatch(
            what="this is a sample of labels, not of scored posts",
            where=manifest,
            happened="nothing was estimated",
            todo="name it under [[relabelled]] instead of [sample]",
        )
    if told.job != job:
        raise ScoresMismatch(
            what="the sample was drawn from other scores",
            where=manifest,
            expected=f"a sample of {job[:12]}",
            got=f"a sample of {told.job[:12]}",
            happened="nothing was estimated",
            todo="audit the job or table that was sampled, or sample this one",
        )
    if gold is not None and gold.resolve() in [path.resolve() for path in labels]:
        raise ReadError(
            what="the gold sheet is an annotator's, too",
            where=gold,
            happened="nothing was estimated: who is compared with their own labels never errs",
            todo="name the sheet of those who adjudicate under `gold` alone",
        )
    sample = join_sample(told, read_labels(labels, told), scores)
    return sample if gold is None else replace(sample, gold=read_gold(gold, told))


def read_gold(path: Path, manifest: Manifest) -> NDArray[np.int8]:
    """Return what was adjudicated, shape (n_rows, n_categories): 1, 0, or -1 where nothing was.

    Raises
    ------
    ReadError, ScoresMismatch, LabelError
        As `read_labels`; `LabelError` also if two people decided otherwise of one post, or if no post is decided,
        `ScoresMismatch` if others are than were drawn for it.
    """
    said = read_labels([path], manifest)
    yes, no = (said == 1).any(axis=0), (said == 0).any(axis=0)
    if (yes & no).any():
        raise LabelError(
            what="the gold sheet contradicts itself",
            where=path,
            expected="one decision for each post",
            got=f"{number_of(int((yes & no).sum()), 'label is', 'labels are')} decided both ways: row "
            f"{_rows((yes & no).any(axis=1))}",
            happened="nothing was estimated",
            todo="let those who adjudicate agree, and keep one decision",
        )
    decided = (yes | no).any(axis=1)
    if not decided.any():
        raise LabelError(
            what="no post of the gold sheet is decided",
            where=path,
            happened="nothing was estimated",
            todo="fill it in, or leave `gold` out of [sample]",
        )
    other = decided & ~np.isin(np.arange(len(decided)), manifest.gold)
    if manifest.gold and other.any():
        raise ScoresMismatch(
            what="other posts were adjudicated than were drawn for it",
            where=path,
            expected=f"only rows that `gold` drew, {len(manifest.gold):,} in all",
            got=f"{number_of(int(other.sum()), 'other')}: row {_rows(other)}",
            happened="nothing was estimated: posts that somebody picked, such as those people disagree on, say nothing "
            "of how often people err",
            todo="adjudicate the sheet that was written beside the sample",
        )
    return np.where(yes, 1, np.where(no, 0, -1)).astype(np.int8)


def _rows(where: NDArray[np.bool_]) -> str:
    found = (np.flatnonzero(where) + 1).tolist()
    return ", ".join(map(str, found[:_LISTED])) + (" …" if len(found) > _LISTED else "")


def join_sample(manifest: Manifest, labels: NDArray[np.int8], scores: Scores) -> LabelledSample:
    """Return the labels of `manifest` beside the scores; raises `ScoresMismatch` if they are not what was sampled."""
    missing = [key for key in manifest.categories if key not in scores.categories]
    if missing:
        raise ScoresMismatch(
            what=f"the sample is about {number_of(len(missing), 'category', 'categories')} without scores",
            expected=", ".join(scores.categories),
            got=", ".join(missing),
        )
    columns = [scores.categories.index(key) for key in manifest.categories]
    fine = finest(scores.proba[:, columns], scores.alleged[:, columns], scores.abstained)
    code = coarser(len(columns), manifest.level)[fine]
    kinds = strata_names(manifest.categories, manifest.level)
    sizes = np.bincount(code, minlength=len(kinds))
    there = {kinds[kind]: int(sizes[kind]) for kind in np.flatnonzero(sizes)}
    drawn_from = {one.name: one.size for one in manifest.strata}
    post = row_indices([post_id for post_id, _ in manifest.rows], scores.ids)
    gone = int((post < 0).sum())
    if there != drawn_from or gone:
        raise ScoresMismatch(
            what="the scores are not those that the sample was drawn from",
            expected="\n".join(f"{name}: {number_of(size, 'post')}" for name, size in drawn_from.items()),
            got="\n".join([f"{name}: {number_of(size, 'post')}" for name, size in there.items()])
            + f"\n{gone:,} of {len(manifest.rows):,} rows are no posts of these scores",
            happened="nothing was estimated",
        )
    number = np.full(len(kinds), -1)
    for at, one in enumerate(manifest.strata):
        number[kinds.index(one.name)] = at
    return LabelledSample(
        categories=manifest.categories,
        stratum=number[code].astype(np.int64),
        post=post,
        labels=labels,
    )
