"""The verb about two models: compare.

Promises: nothing is compared but figures of the same posts. Prints nothing. Two audits are compared in ``audits.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from koudai.api.models import bundle_of
from koudai.api.surroundings import AnyPath, data_folders
from koudai.api.trained_model import AnyModel
from koudai.progress import Progress

if TYPE_CHECKING:
    from koudai.training.compare import Difference


def compare(
    a: AnyModel, b: AnyModel, *, data: AnyPath | None = None, progress: Progress | None = None
) -> list[Difference]:
    """Compare two models on the same posts.

    Parameters
    ----------
    a, b
        Bundles that were measured on the same test posts; or audit configs, each with the [table] of a model and
        [[corpus]] with labels; or one of each: then the bundle scores the labelled posts.
    data
        Folder where the corpora of such configs lie; comes before ``$KOUDAI_DATA`` and ``data``.
    progress
        Progress callback.

    Returns
    -------
    list of Difference
        Each metric of each category that both have, and of each corpus: both values, and the difference ``b - a`` with
        its interval.

    Raises
    ------
    ScoresMismatch
        If their test posts differ, no labelled post is known to both, or no category is in both.
    ConfigError
        If a config names no table or no corpus.

    Examples
    --------
    >>> from koudai import api
    >>> {one.difference for one in api.compare("model", "model") if one.metric == "f1"}
    {0.0}
    """
    from koudai.training.compare import compare_runs

    if bundle_of(a).is_file() or bundle_of(b).is_file():
        from koudai.audit.two_models import compare_tables

        return compare_tables(bundle_of(a), bundle_of(b), folders=data_folders(data), progress=progress)
    return compare_runs(bundle_of(a), bundle_of(b))
