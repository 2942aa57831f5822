"""A labelled sample beside the scores it was drawn from: what prevalence is estimated from.

Promises: the strata found in the scores are those the sample was drawn from, or nothing is joined; every row of the
sample has its post among the scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import LabelledSample
from koudai.audit.inputs.id_table import row_indices
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.manifest import Manifest, load_manifest
from koudai.audit.sample.strata import LABELS, coarser, finest, strata_names
from koudai.errors import ScoresMismatch, number_of
from koudai.scoring.results import Scores


def load_sample(manifest: Path, labels: Sequence[Path], *, job: str, scores: Scores) -> LabelledSample:
    """Read a sample back and join it with the scores it was drawn from.

    Parameters
    ----------
    manifest, labels
        Files.
    job
        sha256 of the job's ``job.json``, or of the table.
    scores
        Of that job or table.

    Raises
    ------
    ReadError, ScoresMismatch, LabelError
        As `load_manifest`, `read_labels` and `join_sample`.
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
    return join_sample(told, read_labels(labels, told), scores)


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
