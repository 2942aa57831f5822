"""A second wave of a sample: more posts, drawn where the labels of the first say that they tell most.

Promises: the strata are those of the first wave; what each gives in all follows Neyman's allocation for the rates that
its labels show, drawn towards the scores where there are few; the new posts of a stratum are drawn by lot from those
that are left, so that each has the probability of both waves that the manifest states. The first wave is drawn again
and must come out the same: another job's, or another model's, is refused. A third wave is not drawn.

Sources: McIsaac & Cook 2015, "Adaptive sampling in two-phase designs"; Zrnic & Candès 2024, "Active statistical
inference"; Neyman 1934.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import majority
from koudai.audit.sample.allocation import allocate
from koudai.audit.sample.design import DrawnSample, expected_spread, pick_rows
from koudai.audit.sample.manifest import FirstWave, Manifest, load_manifest, text_mark
from koudai.audit.sample.score_sums import score_sums
from koudai.audit.sample.scored_posts import ScoredPosts
from koudai.audit.sample.sheet import manifest_path
from koudai.audit.sample.strata import LABELS, coarser, strata_names
from koudai.audit.stratum import Stratum
from koudai.errors import LabelError, ScoresMismatch, UsageError
from koudai.progress import Progress
from koudai.text.characters.contacts.masking import mask
from koudai.text.characters.hazards import without_surrogates
from koudai.training.judging.strata import Floats

_BELIEF = 2.0
"""Labels that a stratum's mean score counts for."""


def drawn_in_all(
    size: NDArray[np.int64], drawn: NDArray[np.int64], labels: tuple[Floats, Floats], scores: Floats, *, n: int
) -> NDArray[np.int64]:
    """Return how many posts each stratum gives in both waves.

    Parameters
    ----------
    size, drawn : ndarray of int64, shape (n_strata,)
        Posts of each stratum, and those of the first wave.
    labels : tuple of ndarray of float64, shape (n_strata, n_categories)
        Labels of each stratum that say yes, and all labels.
    scores : ndarray of float64, shape (n_strata, n_categories)
        Mean of the scores of each stratum.
    n
        Posts of the second wave.

    Returns
    -------
    ndarray of int64, shape (n_strata,)

    Source: McIsaac & Cook 2015 (the rates of the first wave in Neyman's allocation).

    Examples
    --------
    >>> size, drawn = np.array([900, 100]), np.array([20, 20])
    >>> yes, known, scores = np.array([[0.0], [10.0]]), np.array([[20.0], [20.0]]), np.array([[0.01], [0.5]])
    >>> drawn_in_all(size, drawn, (yes, known), scores, n=40).tolist()
    [51, 29]
    """
    yes, known = labels
    rate = (yes + _BELIEF * scores) / (known + _BELIEF)
    spread = expected_spread(rate * (1 - rate) * size[:, None], size)
    return allocate(size, spread, int(drawn.sum()) + n, at_least=drawn)


def manifest_of(labels: Sequence[Path]) -> Manifest:
    """Return the manifest of the first wave that sheets are of: the one of a sheet of that name, or the only one there.

    Raises
    ------
    UsageError
        If no labels are named, or there are several manifests beside them.
    ReadError
        If there is none.

    Examples
    --------
    >>> from koudai.errors import ReadError
    >>> try:
    ...     manifest_of([Path("nowhere/anna.csv")])
    ... except ReadError as error:
    ...     print(error.what)
    the manifest of the sample cannot be read
    """
    if not labels:
        raise UsageError(what="no labels of a first wave are named", happened="nothing was drawn")
    own = manifest_path(labels[0])
    if own.is_file():
        return load_manifest(own)
    there = sorted(labels[0].parent.glob(manifest_path(Path("*")).name))
    if len(there) > 1:
        raise UsageError(
            what="it is not plain which sample these labels are of",
            where=labels[0],
            expected=f"{own.name}, or one manifest alone beside the labels",
            got=", ".join(path.name for path in there),
            happened="nothing was drawn",
            todo="label the sheet that was drawn, under its name",
        )
    return load_manifest(there[0] if there else own)


def require_not_continued(first: Manifest, folders: Iterable[Path]) -> None:
    """Raise `UsageError` if one of `folders` holds a second wave of the sample.

    Examples
    --------
    >>> require_not_continued(Manifest("job", "model", 1, "coarse", (), (), (), True), [])  # nothing is there: no error
    """
    for folder in folders:
        for path in sorted(folder.glob(manifest_path(Path("*")).name)):
            other = load_manifest(path).first
            if other is not None and other.name == first.name:
                raise UsageError(
                    what="this sample has been continued already",
                    where=path,
                    happened="nothing was drawn: two second waves would hold the same posts with other probabilities",
                    todo="use that one, or delete it if nothing of it is labelled",
                )


def draw_second_wave(
    posts: ScoredPosts, first: Manifest, labels: NDArray[np.int8], *, n: int, seed: int, progress: Progress
) -> DrawnSample:
    """Draw a second wave.

    Parameters
    ----------
    posts
        That the first was drawn from.
    first
        Its manifest.
    labels : ndarray of int8, shape (n_annotators, n_rows, n_categories)
        What came back of it.
    n
        Posts to draw.
    seed
        Of the draw.
    progress
        Is told how far it is.

    Returns
    -------
    DrawnSample
        Of both waves: the rows of the first, then those of the second.

    Raises
    ------
    UsageError
        If `first` has two waves, or there are no `n` posts left.
    ScoresMismatch
        If it was drawn from other scores.
    LabelError
        If nothing of it is labelled, or nothing of a category.
    ReadError, StorageError
        If texts or scores can no longer be read.
    """
    _require_first(first, posts.sha256)
    known = labels >= 0
    silent = [key for at, key in enumerate(first.categories) if not known[:, :, at].any()]
    if silent:
        raise LabelError(
            what="the first wave is not labelled",
            where=f"sample {first.name}",
            expected="labels of " + ", ".join(first.categories),
            got="none of " + ", ".join(silent),
            happened="nothing was drawn: it is the labels that say where to draw more",
            todo="label the first wave, or draw a larger one",
        )
    sums = score_sums(posts, first.categories, progress=progress)
    kinds = strata_names(first.categories, first.level)
    to = coarser(len(first.categories), first.level)
    code = to[sums.code]
    place = np.array([kinds.index(one.name) if one.name in kinds else -1 for one in first.strata])
    size, drawn = (np.array([getattr(one, name) for one in first.strata], np.int64) for name in ("size", "drawn"))
    sizes = np.bincount(code, minlength=len(kinds))
    if (place < 0).any() or sizes[place].tolist() != size.tolist() or len(code) != size.sum():
        raise _other_scores(first)
    quota = np.zeros(len(kinds), dtype=np.int64)
    quota[place] = drawn
    rows, _ = pick_rows(code, quota, np.random.default_rng([first.seed, *b"sample"]))
    if posts.ids(rows) != [post_id for post_id, _ in first.rows]:
        raise _other_scores(first)
    left = int(size.sum() - drawn.sum())
    if not 1 <= n <= left:
        raise UsageError(
            what="so many posts cannot be sampled",
            got=f"`n` = {n:,}",
            expected=f"1 to {left:,} (all posts that the first wave left)",
            happened="nothing was written",
        )
    scores = np.stack([np.bincount(to, one, minlength=len(kinds))[place] for one in sums.expected.T], axis=1)
    total = drawn_in_all(size, drawn, _counted(first, labels), scores / size[:, None], n=n)
    quota[place] = total - drawn
    code[rows] = len(kinds)  # no stratum: what was drawn is not drawn again
    more, of = pick_rows(code, quota, np.random.default_rng([seed, *b"second", *first.name.encode()]))
    number = np.zeros(len(kinds), dtype=np.int64)
    number[place] = np.arange(len(place))
    of = number[np.flatnonzero(quota)][of]
    ids = posts.ids(more)
    with progress.stage("reading posts", None):
        texts = [without_surrogates(text) for text in posts.texts([post_id for post_id, _ in first.rows] + ids)]
    texts = [mask(text) for text in texts] if first.redacted else texts
    manifest = replace(
        first,
        seed=seed,
        strata=tuple(
            Stratum(one.name, one.size, in_all) for one, in_all in zip(first.strata, total.tolist(), strict=True)
        ),
        rows=(*first.rows, *zip(ids, of.tolist(), strict=True)),
        texts=tuple(map(text_mark, texts)),
        first=FirstWave(first.name, len(first.rows), tuple(drawn.tolist())),
    )
    return DrawnSample(manifest, texts, posts.totals.quarantined, posts.taxonomy())


def _counted(first: Manifest, labels: NDArray[np.int8]) -> tuple[Floats, Floats]:
    """Return the labels of each stratum and category that say yes, and all; a tie counts as one half."""
    of = np.array([at for _, at in first.rows], dtype=np.int64)
    yes, known = (np.zeros((len(first.strata), len(first.categories))) for _ in range(2))
    for at in range(len(first.categories)):
        said = majority(labels[:, :, at])
        told = np.isfinite(said)
        known[:, at] = np.bincount(of[told], minlength=len(known))
        yes[:, at] = np.bincount(of[told], said[told], minlength=len(known))
    return yes, known


def _require_first(first: Manifest, job: str) -> None:
    if first.level == LABELS:
        raise UsageError(what="a sample of labels has no second wave", where=f"sample {first.name}")
    if first.first is not None:
        raise UsageError(
            what="this sample has been continued already",
            where=f"sample {first.name}, which continues {first.first.name}",
            happened="nothing was drawn: a third wave is none that the manifest could tell of",
            todo="draw a new sample",
        )
    if first.job != job:
        raise _other_scores(first)


def _other_scores(first: Manifest) -> ScoresMismatch:
    return ScoresMismatch(
        what="the first wave was drawn from other scores",
        where=f"sample {first.name}",
        happened="nothing was drawn: probabilities over both waves are those of one job alone",
        todo="give the job or table that was sampled",
    )
