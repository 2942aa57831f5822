"""Sheets of a sample of labels that come back: what people say beside the labels that the sample was drawn from.

Promises: a sheet is compared with the labels it was drawn from and with no others; what each post had been labelled
comes from the manifest, not from the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import Labelled
from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.sample.answers import read_labels
from koudai.audit.sample.flagged import labels_digest
from koudai.audit.sample.manifest import Manifest, load_manifest
from koudai.audit.sample.strata import LABELS
from koudai.errors import ConfigError, ScoresMismatch


def load_relabelled(
    manifest: Path, labels: Sequence[Path], *, labelled: Labelled | None, categories: tuple[str, ...]
) -> Relabelled:
    """Read the sheets of a sample of labels.

    Parameters
    ----------
    manifest, labels
        Files.
    labelled
        The labelled posts of the audit.
    categories
        Of the columns of their labels.

    Raises
    ------
    ConfigError
        If the audit has no labelled posts.
    ScoresMismatch
        If the sample is none of labels, of a category without scores, or drawn from other labels than the audit's.
    ReadError, LabelError
        As `load_manifest` and `read_labels`.
    """
    told = load_manifest(manifest)
    if told.level != LABELS:
        raise ScoresMismatch(
            what="this is a sample of scored posts, not of labels",
            where=manifest,
            happened="nothing was estimated",
            todo="name it under [sample]; samples of labels are drawn with `api.sample_flagged`",
        )
    if labelled is None:
        raise ConfigError(
            what="[[relabelled]] is about labels, and this audit has none",
            where=manifest,
            todo="name the labelled corpora under [[corpus]], as they were when the sample was drawn",
        )
    (key,) = told.categories
    if key not in categories:
        raise ScoresMismatch(
            what=f"the sample is about labels of {key!r}, which has no scores",
            where=manifest,
            expected=", ".join(categories),
            happened="nothing was estimated",
        )
    y = labelled.labels[:, categories.index(key)]
    known = np.flatnonzero(y >= 0)
    if labels_digest(key, [labelled.ids[row] for row in known], y[known]) != told.job:
        raise ScoresMismatch(
            what="the labels are not those that the sample was drawn from",
            where=manifest,
            expected=f"{sum(one.size for one in told.strata):,} labels of {key!r}, as they were",
            got=f"{len(known):,} labels of {key!r}",
            happened="nothing was estimated: a share of wrong labels is that of the labels that were sampled",
            todo="name the same corpora, splits and labels, or draw a sample of the new ones",
        )
    return _joined(told, read_labels(labels, told))


def _joined(manifest: Manifest, labels: NDArray[np.int8]) -> Relabelled:
    stratum = np.array([at for _, at in manifest.rows], dtype=np.int64)
    return Relabelled(manifest.categories[0], manifest.strata, stratum, labels[:, :, 0])
