"""Drawing labels to be looked at again: a probability sample of labelled posts, those that words contradict and others.

Promises: every labelled post of the category has a known probability above 0 of being drawn, whether or not it was
flagged; what comes back is compared with the label that the post had, which its stratum tells; the numbers of strata
are mixed and a sheet does not say what a post was labelled. The same labels, seed and number give the same posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.sample.allocation import allocate
from koudai.audit.sample.design import DrawnSample, expected_spread, pick_rows
from koudai.audit.sample.manifest import Manifest, text_mark
from koudai.audit.sample.strata import LABELS, LOW, NEAR, SURE
from koudai.audit.stratum import FLAGS, GIVEN, Stratum
from koudai.audit.trying.confident import flagged, probability_of_label
from koudai.audit.trying.content import content_of
from koudai.corpus.corpus import Corpus
from koudai.errors import TooFewPosts, UsageError
from koudai.progress import Progress, Silent
from koudai.storage.durable import sha256_bytes, to_json
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts.masking import mask
from koudai.text.characters.hazards import without_surrogates

_BANDS = tuple(f"{FLAGS[0]}, {band}" for band in (f"below {LOW:g}", f"below {NEAR:g}", f"{NEAR:g} or more")) + tuple(
    f"{FLAGS[1]}, {band}" for band in (f"below {SURE:g}", f"{SURE:g} or more")
)


@dataclass(frozen=True, eq=False)
class CheckedLabels:
    """Labels of one category, and how probable it is that each is wrong.

    Parameters
    ----------
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    wrong : ndarray of float64, shape (n_posts,)
        Probability of the other label, by a model of words that did not see the post.
    flagged : ndarray of bool, shape (n_posts,)
        Which labels words contradict, see `koudai.audit.trying.confident.flagged`.

    Examples
    --------
    >>> labels = CheckedLabels(np.array([0, 1], np.int8), np.array([0.01, 0.9]), np.array([False, True]))
    >>> [stratum_names()[at] for at in labels.stratum]
    ['labelled out, not flagged, below 0.02', 'labelled in, flagged, 0.8 or more']
    """

    y: NDArray[np.int8]
    wrong: NDArray[np.float64]
    flagged: NDArray[np.bool_]

    @property
    def stratum(self) -> NDArray[np.int64]:
        """Place in `stratum_names` of each post: by its label, whether it is flagged, how probably it is wrong."""
        below = np.where(self.wrong < NEAR, np.where(self.wrong < LOW, 0, 1), 2)
        return self.y.astype(np.int64) * len(_BANDS) + np.where(self.flagged, np.where(self.wrong < SURE, 3, 4), below)


def stratum_names() -> list[str]:
    """Return the names of all strata of labels, in the order of their numbers.

    Examples
    --------
    >>> stratum_names()[0]
    'labelled out, not flagged, below 0.02'
    """
    return [f"{given}, {band}" for given in GIVEN for band in _BANDS]


def labels_digest(key: str, ids: list[str], y: NDArray[np.int8]) -> str:
    """Return a sha256 of the labels of a category, by which a sample says which labels it was drawn from.

    Examples
    --------
    >>> labels_digest("rumour", ["a"], np.array([1], np.int8)) == labels_digest("rumour", ["a"], np.array([0], np.int8))
    False
    """
    return sha256_bytes(to_json([key, ids, y.tolist()]))


def check_labels(texts: Sequence[str], y: NDArray[np.int8], *, seed: int) -> CheckedLabels:
    """Hold labels against words.

    Parameters
    ----------
    texts
        Raw posts.
    y : ndarray of int8, shape (n_posts,)
        1 or 0.
    seed
        Of the folds and the fit.

    Raises
    ------
    TooFewPosts
        If there are too few different posts with one of the labels to learn anything.
    """
    content = content_of(list(texts))
    if not content.enough(y):
        raise TooFewPosts(
            what="there are too few labels to say which of them words contradict",
            expected="at least ten different posts with either label",
            got=f"{int((y == 1).sum()):,} in and {int((y == 0).sum()):,} out",
            happened="nothing was drawn",
            todo="so few labels can all be looked at again",
        )
    p = probability_of_label(content, y, seed=seed)
    return CheckedLabels(y, np.where(y == 1, 1 - p, p), flagged(y, p))


def draw_labels(labels: CheckedLabels, n: int, *, seed: int) -> tuple[tuple[Stratum, ...], NDArray[np.int64]]:
    """Divide `n` posts among strata and draw them.

    Returns
    -------
    tuple
        The strata that hold posts, in mixed order; and, shape (n, 2), row index and stratum of each post drawn.

    Raises
    ------
    UsageError
        If `n` is smaller than the number of strata or larger than that of labels.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> wrong, y = random.random(500), random.integers(0, 2, 500).astype(np.int8)
    >>> strata, rows = draw_labels(CheckedLabels(y, wrong, wrong > 0.6), 50, seed=1)
    >>> sum(one.drawn for one in strata), rows.shape
    (50, (50, 2))
    """
    code, names = labels.stratum, stratum_names()
    size = np.bincount(code, minlength=len(names)).astype(np.int64)
    used = np.flatnonzero(size)
    if not len(used) <= n <= len(code):
        raise UsageError(
            what="so many labels cannot be sampled",
            got=f"`n` = {n:,}",
            expected=f"{len(used):,} (one for each stratum) to {len(code):,} (all labels)",
            happened="nothing was written",
        )
    held = np.bincount(code, labels.wrong * (1 - labels.wrong), minlength=len(names))
    drawn = np.zeros(len(names), dtype=np.int64)
    drawn[used] = allocate(size[used], expected_spread(held[used, None].astype(np.float64), size[used]), n)
    random = np.random.default_rng([seed, *b"flagged"])
    rows, of = pick_rows(code, drawn, random)
    mixed = random.permutation(len(used))
    strata = tuple(Stratum(names[used[at]], int(size[used[at]]), int(drawn[used[at]])) for at in mixed)
    return strata, np.stack([rows, np.argsort(mixed)[of]], axis=1)


def category_of(corpus: Corpus | None, taxonomy: Taxonomy, named: str | None) -> tuple[str, int]:
    """Return the category whose labels are drawn, and its column: the one `named`, or the only one with labels.

    Raises
    ------
    UsageError
        If no corpus labels it, or none is named and there are several.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> try:
    ...     category_of(None, find_taxonomy("cac-2023", configs=bundled("configs")), "rumour")
    ... except UsageError as error:
    ...     print(error.what)
    no corpus labels category 'rumour'
    """
    labels = np.empty((0, len(taxonomy.keys)), np.int8) if corpus is None else corpus.labels
    there = [key for key, column in zip(taxonomy.keys, labels.T, strict=True) if (column >= 0).any()]
    key = there[0] if named is None and len(there) == 1 else named
    if key not in there:
        raise UsageError(
            what="nothing says which labels are looked at again"
            if named is None
            else f"no corpus labels category {named!r}",
            expected=", ".join(there) or "labelled corpora under [[corpus]] of the audit config",
            happened="nothing was drawn",
            todo="name one as `category`",
        )
    return key, taxonomy.keys.index(key)


def draw_flagged(
    corpus: Corpus,
    n: int,
    *,
    category: tuple[str, int],
    seed: int = 20230310,
    fit_seed: int = 20230310,
    redact: bool = True,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a sample of the labels of one category, to be looked at again.

    Parameters
    ----------
    corpus
        Labelled posts; those whose label is not known are left out.
    n
        How many to draw.
    category
        Its key and its column of the labels.
    seed
        Of the draw.
    fit_seed
        Of the model of words.
    redact
        Whether account names and contact details are masked in the texts.
    progress
        Is told how far it is.

    Raises
    ------
    TooFewPosts, UsageError
        As `check_labels` and `draw_labels`.
    """
    progress, (key, column) = progress or Silent(), category
    known = corpus.take(corpus.labels[:, column] >= 0)
    y = known.labels[:, column]
    with progress.stage("holding labels against words", None):
        labels = check_labels(known.texts, y, seed=fit_seed)
    strata, drawn = draw_labels(labels, n, seed=seed)
    texts = [without_surrogates(known.texts[row]) for row in drawn[:, 0]]
    texts = [mask(text) for text in texts] if redact else texts
    manifest = Manifest(
        job=labels_digest(key, list(known.ids), y),
        model="",
        seed=seed,
        level=LABELS,
        categories=(key,),
        strata=strata,
        rows=tuple((known.ids[row], int(at)) for row, at in drawn),
        redacted=redact,
        texts=tuple(map(text_mark, texts)),
    )
    return DrawnSample(manifest, texts, quarantined=0)
