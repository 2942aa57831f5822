"""Two models on the same labelled posts, at least one of them known by its table of probabilities: figure by figure.

Promises: labels come from the corpora that the audit config of a table names; only posts that both models have, with
the same label, are compared, and none that either is known to have been fitted on; each corpus stands apart. A bundle
scores these posts itself. Two bundles are compared on their own test posts, in `koudai.training.compare`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from koudai.audit.inputs.audit_input import Labelled
from koudai.audit.inputs.audited import Audited, audit_taxonomy, audited_table
from koudai.audit.inputs.fitted_on import FittedOn
from koudai.audit.inputs.labelled import read_labelled_posts
from koudai.audit.judging.measured import all_measured
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.errors import ConfigError, ScoresMismatch, UsageError
from koudai.model.bundle.bundle import load_bundle
from koudai.model.bundle.fitted_posts import read_fitted_posts
from koudai.progress import Progress, Silent
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from koudai.taxonomy import Taxonomy
from koudai.training.compare import Difference
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR, RANKED
from koudai.training.judging.paired import paired_difference


def compare_tables(
    one: Path, other: Path, *, folders: tuple[Path, ...] = (), progress: Progress | None = None
) -> list[Difference]:
    """Compare two models of which at least one is a table.

    Parameters
    ----------
    one, other
        Audit configs with [table] and [[corpus]], or one such config and a bundle.
    folders
        Where corpora may be.
    progress
        Is told how far it is.

    Returns
    -------
    list of Difference
        By corpus and category, each figure of `koudai.training.judging.linear.LINEAR`.

    Raises
    ------
    UsageError
        If neither is a config.
    ConfigError
        If a config names no table, or no labelled corpus.
    ScoresMismatch
        If the taxonomies differ, or no labelled post is known to both.
    ReadError, LabelError, ModelError
        As what reads them.

    Examples
    --------
    >>> try:
    ...     compare_tables(Path("model"), Path("another"))
    ... except UsageError as error:
    ...     print(error.what)
    neither of the two is an audit config
    """
    progress = progress or Silent()
    configs = {path: _config(path) for path in (one, other) if path.is_file()}
    if not configs:
        raise UsageError(
            what="neither of the two is an audit config",
            got=f"{one}, {other}",
            expected="an audit config with the [table] of one model and [[corpus]] with labels",
        )
    file, config = next(iter(configs.items()))
    taxonomy = audit_taxonomy(config, file)
    sides = []
    for path in (one, other):
        own = configs.get(path)
        if own is not None:
            told = audit_taxonomy(own, path)
            _require(taxonomy, told, path)
            audited = audited_table(own, path, taxonomy, texts=True, progress=progress)
            sides.append((audited, read_labelled_posts(own, path, folders, taxonomy, audited, progress=progress).posts))
        else:
            audited = _bundle(path, taxonomy)
            bare = config.model_copy(update={"table": None})
            sides.append(
                (audited, read_labelled_posts(bare, file, folders, taxonomy, audited, progress=progress).posts)
            )
    found = _differences(sides)
    if not found:
        raise ScoresMismatch(
            what="no labelled post is known to both models, with a category that both have",
            where=f"{one}\n{other}",
            happened="nothing was compared",
            todo="name corpora under [[corpus]] whose posts both have, and that neither was fitted on",
        )
    return found


def _config(path: Path) -> AuditConfig:
    config = load_config(AuditConfig, path)
    if config.table is None or not config.corpus:
        raise ConfigError(
            what="this config does not name both the [table] of a model and [[corpus]] with labels",
            where=path,
            happened="nothing was compared",
            todo="add what is missing, or give a bundle",
        )
    return config


def _require(taxonomy: Taxonomy, other: Taxonomy, path: Path) -> None:
    if taxonomy.digest != other.digest:
        raise ScoresMismatch(
            what="the two models have other taxonomies",
            where=path,
            expected=f"{taxonomy.name} {taxonomy.digest}",
            got=f"{other.name} {other.digest}",
            happened="nothing was compared",
        )


def _bundle(path: Path, taxonomy: Taxonomy) -> Audited:
    """Return a bundle as what is audited, without any post scored yet."""
    model, fitted = load_bundle(path), read_fitted_posts(path)
    _require(taxonomy, model.taxonomy, path)
    none = np.empty((0, len(model.categories)))
    empty = np.empty(0, dtype=bool)
    scores = Scores([], model.categories, none.astype(np.float32), none.astype(bool), empty, model.digest, Totals())
    return Audited(
        name=model.name,
        digest=model.digest,
        classifier=model.config["model"]["classifier"],
        threshold=model.threshold,
        validated_on=dict(model.validated_on),
        model=model,
        scores=scores,
        texts=None,
        job="",
        inputs=(),
        fitted_on=None if fitted is None else FittedOn(fitted),
    )


def _differences(sides: list[tuple[Audited, Labelled | None]]) -> list[Difference]:
    posts = [None if one is None else one.unseen() for _, one in sides]
    if posts[0] is None or posts[1] is None:
        return []
    a, b = posts[0], posts[1]
    place = {key: row for row, key in enumerate(zip(b.source.tolist(), b.ids, strict=True))}
    rows = np.array([place.get(key, -1) for key in zip(a.source.tolist(), a.ids, strict=True)], dtype=np.int64)
    here, there = np.flatnonzero(rows >= 0), rows[rows >= 0]
    categories = [one.scores.categories for one, _ in sides]
    found = []
    for source in dict.fromkeys(a.source[here].tolist()):
        own = a.source[here] == source
        for key in categories[0]:
            if key not in categories[1]:
                continue
            columns = categories[0].index(key), categories[1].index(key)
            both = own & (a.labels[here, columns[0]] >= 0)
            both &= a.labels[here, columns[0]] == b.labels[there, columns[1]]
            for one, other in ((a, here), (b, there)):
                both &= True if one.unscored is None else ~one.unscored[other]
            if both.any():
                pair = [
                    _judged(one, side[both], column)
                    for one, side, column in zip((a, b), (here, there), columns, strict=True)
                ]
                pair[1] = JudgedPosts(pair[1].y, pair[1].p, pair[1].tagged, pair[1].row, pair[0].cluster)
                found += _figures(str(source), key, pair[0], pair[1])
    return found


def _judged(posts: Labelled, rows: np.ndarray, column: int) -> JudgedPosts:
    return JudgedPosts(
        posts.labels[rows, column].astype(np.float64),
        posts.proba[rows, column].astype(np.float64),
        posts.alleged[rows, column],
        np.arange(len(rows)),
        posts.cluster[rows],
    )


def _figures(corpus: str, key: str, a: JudgedPosts, b: JudgedPosts) -> list[Difference]:
    known = np.isfinite(a.p) & np.isfinite(b.p)
    ranked = [
        JudgedPosts(one.y[known], one.p[known], one.tagged[known], one.row[known], one.cluster[known]) for one in (a, b)
    ]
    found = []
    for name in LINEAR:
        first, second = ranked if name in RANKED else (a, b)
        if not len(first):
            continue
        values = [all_measured(one, (name,))[name].value for one in (first, second)]
        gap = paired_difference(second, first, name)
        found.append(Difference(key, name, values[0], values[1], gap.value, gap.low, gap.high, gap.n, None, corpus))
    return found
