"""Drawing a probability sample from scored posts: those of a finished job, or of a table by any other model.

Promises: every scored or abstained post has a known probability above 0 of being drawn; the same scores, seed, number
and categories give the same posts in the same order; of a job, one small number per post is in memory, and the texts
that were drawn. Quarantined rows were never scored and are not part of what is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.allocation import allocate
from koudai.audit.sample.manifest import Manifest, text_mark
from koudai.audit.sample.score_sums import score_sums
from koudai.audit.sample.scored_posts import ScoredPosts
from koudai.audit.sample.strata import coarser, level_for, strata_names
from koudai.audit.stratum import Stratum
from koudai.errors import UsageError, number_of
from koudai.progress import Progress, Silent
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts.masking import mask
from koudai.text.characters.hazards import without_surrogates
from koudai.text.html_table import html_table

_SHOWN = 10
_KEPT_FOR_SURPRISES = 0.25
"""The part of the spread expected in a stratum that does not believe the model."""


@dataclass(frozen=True)
class DrawnSample:
    """A sample: its manifest, the texts of its rows, how many rows were never scored, and the taxonomy whose
    definitions people are shown, None if it is not at hand.

    Examples
    --------
    >>> from koudai.audit.stratum import Stratum
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> DrawnSample(manifest, ["听说要停水"], quarantined=0).manifest.rows
    (('p7', 0),)
    """

    manifest: Manifest
    texts: list[str]
    quarantined: int
    taxonomy: Taxonomy | None = None

    def _repr_html_(self) -> str:
        """Show the first rows as people who label see them: without stratum or probability; notebooks call this."""
        told = self.manifest
        rows = [[at + 1, told.rows[at][0], text] for at, text in enumerate(self.texts[:_SHOWN])]
        held = sum(one.size for one in told.strata)
        title = (
            f"Sample {told.name}: {number_of(len(self.texts), 'post')} of {held:,}, for {', '.join(told.categories)}"
        )
        return html_table(
            title, ["row", "post_id", "text"], rows, notes=[f"{len(told.strata)} strata, in the manifest"]
        )


@dataclass(frozen=True)
class LabelledAgain:
    """How many posts of a sample go to a second annotator, and how many are adjudicated; each drawn by lot from all
    strata alike.

    Examples
    --------
    >>> LabelledAgain(double=100).gold
    0
    """

    double: int = 0
    gold: int = 0


@dataclass(frozen=True, eq=False)
class Design:
    """How posts are divided and drawn.

    Parameters
    ----------
    level
        Of `koudai.audit.sample.strata.LEVELS`.
    to : ndarray of uint16, shape (n_finest,)
        Stratum of each of the finest.
    names
        Of all strata that there may be.
    size, drawn : ndarray of int64, shape (n_strata,)
        Posts held, and drawn.

    Examples
    --------
    >>> found = design(np.array([0, 0, 40, 0, 0, 8, 2]), np.full((7, 1), 0.1), 10, ("rumour",))
    >>> int(found.size.sum()), int(found.drawn.sum()), bool((found.drawn <= found.size).all())
    (50, 10, True)
    """

    level: str
    to: NDArray[np.uint16]
    names: list[str]
    size: NDArray[np.int64]
    drawn: NDArray[np.int64]

    @property
    def used(self) -> NDArray[np.int64]:
        """Strata that hold posts."""
        return np.flatnonzero(self.size)


def design(sizes: NDArray[np.int64], held: NDArray[np.float64], n: int, categories: tuple[str, ...]) -> Design:
    """Decide on strata, and on how many posts to draw from each.

    Parameters
    ----------
    sizes : ndarray of int64, shape (n_finest,)
        Posts of each of the finest strata.
    held : ndarray of float64, shape (n_finest, n_categories)
        Their sums of p(1 - p).
    n
        Posts to draw; none are where this is no number that can be drawn.
    categories
        Of the sample.

    Examples
    --------
    >>> sizes, held = np.array([0, 0, 900, 60, 20, 10, 10]), np.array([[0.0], [0], [9], [6], [5], [2], [1]])
    >>> found = design(sizes, held, 100, ("rumour",))
    >>> found.level, int(found.drawn.sum()), found.used.tolist()
    ('fine', 100, [2, 3, 4, 5, 6])
    """
    level = level_for(sizes, n, len(categories))
    to = coarser(len(categories), level)
    kinds = strata_names(categories, level)
    size = np.bincount(to, sizes, minlength=len(kinds)).astype(np.int64)
    used = np.flatnonzero(size)
    drawn = np.zeros(len(kinds), dtype=np.int64)
    if len(used) <= n <= size.sum():
        spread = np.stack([np.bincount(to, one, minlength=len(kinds)) for one in held.T], axis=1)
        drawn[used] = allocate(size[used], expected_spread(spread[used].astype(np.float64), size[used]), n)
    return Design(level, to, kinds, size, drawn)


def draw_sample(
    posts: ScoredPosts,
    n: int,
    *,
    categories: tuple[str, ...] = (),
    seed: int = 20230310,
    redact: bool = True,
    again: LabelledAgain | None = None,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a sample.

    Parameters
    ----------
    posts
        To draw from.
    n
        How many to draw.
    categories
        That labels are asked for; all that have scores by default.
    seed
        Of the draw.
    redact
        Whether account names and contact details are masked in the texts.
    again
        How many of them are labelled twice, and adjudicated; none unless said.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If a category has no scores, more posts are to be labelled again than are drawn, or `n` is smaller than the
        number of strata or larger than that of posts.
    ReadError, StorageError
        If texts or scores can no longer be read.
    """
    progress, again = progress or Silent(), again or LabelledAgain()
    for name, wanted in vars(again).items():
        if not 0 <= wanted <= n:
            raise UsageError(
                what="so many posts of the sample cannot be labelled again",
                got=f"`{name}` = {wanted:,}",
                expected=f"0 to {n:,} (all that are drawn)",
                happened="nothing was written",
            )
    sums = score_sums(posts, categories, progress=progress)
    chosen = sums.categories
    found = design(sums.size, sums.held, n, chosen)
    used = found.used
    if not len(used) <= n <= sums.posts:
        raise UsageError(
            what="so many posts cannot be sampled",
            got=f"`n` = {n:,}",
            expected=f"{len(used):,} (one for each stratum) to {sums.posts:,} (all scored and abstained posts)",
            happened="nothing was written",
        )
    drawn, size, kinds = found.drawn, found.size, found.names
    rows, of = pick_rows(found.to[sums.code], drawn, np.random.default_rng([seed, *b"sample"]))
    ids = posts.ids(rows)
    with progress.stage("reading posts", None):
        texts = [without_surrogates(text) for text in posts.texts(ids)]
    texts = [mask(text) for text in texts] if redact else texts
    manifest = Manifest(
        job=posts.sha256,
        model=sums.model,
        seed=seed,
        level=found.level,
        categories=chosen,
        strata=tuple(Stratum(kinds[kind], int(size[kind]), int(drawn[kind])) for kind in used),
        rows=tuple(zip(ids, of.tolist(), strict=True)),
        redacted=redact,
        texts=tuple(map(text_mark, texts)),
        double=pick_again(of, again.double, seed=seed, purpose="double"),
        gold=pick_again(of, again.gold, seed=seed, purpose="gold"),
    )
    return DrawnSample(manifest, texts, posts.totals.quarantined, posts.taxonomy())


def pick_again(of: NDArray[np.int64], n: int, *, seed: int, purpose: str) -> tuple[int, ...]:
    """Draw rows of a sample, as many of each stratum as it has of all, up to one.

    Parameters
    ----------
    of : ndarray of int64, shape (n_rows,)
        Stratum of each row.
    n
        How many to draw.
    seed, purpose
        What the draw depends on.

    Returns
    -------
    tuple of int
        Rows, counted from 0, in order.

    Source: Madow 1949, "On the theory of systematic sampling, II".

    Examples
    --------
    >>> picked = pick_again(np.array([0, 1, 0, 1, 0, 1]), 2, seed=1, purpose="gold")
    >>> len(picked), sorted(at % 2 for at in picked)
    (2, [0, 1])
    """
    random = np.random.default_rng([seed, *purpose.encode()])
    order = np.lexsort((random.random(len(of)), of))
    at = ((random.random() + np.arange(n)) * (len(of) / max(n, 1))).astype(np.int64)
    return tuple(sorted(order[at].tolist()))


def pick_rows(
    stratum: NDArray[np.integer], drawn: NDArray[np.int64], random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw from each stratum without replacement, and mix what was drawn.

    Parameters
    ----------
    stratum : ndarray of int, shape (n_posts,)
    drawn : ndarray of int64, shape (n_strata,)
        Posts to draw from each; 0 from those that hold none.
    random
        What draws.

    Returns
    -------
    tuple of ndarray of int64, shape (n_rows,)
        Row index of each post drawn, and the place of its stratum among those that are drawn from.

    Examples
    --------
    >>> rows, of = pick_rows(np.array([0, 2, 2, 0]), np.array([1, 0, 2]), np.random.default_rng(1))
    >>> sorted(zip(of.tolist(), rows.tolist()))[1:]
    [(1, 1), (1, 2)]
    """
    used = np.flatnonzero(drawn)
    picked = [random.choice(np.flatnonzero(stratum == kind), drawn[kind], replace=False) for kind in used]
    order = random.permutation(int(drawn.sum()))
    return np.concatenate(picked)[order], np.repeat(np.arange(len(used)), drawn[used])[order]


def expected_spread(held: NDArray[np.float64], size: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the standard deviation expected in each stratum, from the sums of p(1 - p) by stratum and category.

    Each category counts for as much as any other, however rare; a part is the same in all strata, so that those the
    model is sure of are looked at too.

    Examples
    --------
    >>> expected_spread(np.array([[0.0], [1.0]]), np.array([10, 10])).round(2).tolist()
    [0.5, 1.32]
    """
    overall = held.sum(axis=0)
    told = held[:, overall > 0] / size[:, None] / (overall[overall > 0] / size.sum())
    mean = told.mean(axis=1) if told.shape[1] else np.ones(len(size))
    found: NDArray[np.float64] = np.sqrt((1 - _KEPT_FOR_SURPRISES) * mean + _KEPT_FOR_SURPRISES)
    return found
