"""The model: everything that turns posts into alleged tags, as plain data. One form, however it was fitted.

Promises: holds arrays, names and numbers, never code; its columns are categories of its taxonomy in the taxonomy's
order; every number in it is finite. How well each category was validated travels with it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ScoringError, TaxonomyMismatch
from koudai.model.deciding.calibration import sigmoid
from koudai.model.deciding.forms import Forms
from koudai.model.deciding.isotonic import Curve
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.profile import Profile
from koudai.taxonomy import Taxonomy
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter

VALIDATIONS = ("real", "proxy", "written", "none")
"""What a category was tested on: real posts labelled for it, real posts labelled for something near it, posts written
for a project, or nothing."""


@dataclass(frozen=True)
class Model:
    """A linear tagger.

    Parameters
    ----------
    name
        Of the run that fitted it.
    taxonomy
        Whose categories are alleged.
    categories
        The fitted ones, in taxonomy order: the columns of everything below.
    normalizer, segmenter
        Normalisation and segmentation of a post before features are counted.
    blocks
        TF-IDF blocks; their terms, side by side, are the rows of `weights`.
    weights : ndarray of float32, shape (n_features, n_categories)
    intercept : ndarray of float64, shape (n_categories,)
    slope, offset : ndarray of float64, shape (n_categories,)
        The probability is ``sigmoid(slope * decision + offset)``, mapped by a curve if there is one.
    threshold : ndarray of float64, shape (n_categories,)
        A category is alleged from this probability on.
    abstain
        Width of the band around each threshold in which the model abstains, unless there are `sets`.
    validated_on
        Per category one of `VALIDATIONS`.
    config
        The filled config of the run.
    digest
        Of the bundle it was saved to or loaded from, ``""`` before.
    curves
        For each category the curve from the probability of its sigmoid to the calibrated one, or None; ``()`` where no
        category has one.
    sets : ndarray of float64, shape (2, n_categories), or None
        Limits of conformal sets, if any: "in" is possible from the first row on, "out" up to the second.
    forms
        Several forms per category or ones that share out a post, None where each category has one form by itself.
        `weights` to `offset` are then their mean, by which terms are explained.
    profile
        How the posts look that it was fitted on, None where that is not kept.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> one = np.ones(1)
    >>> model = Model(
    ...     name="one term",
    ...     taxonomy=find_taxonomy("cac-2023", configs=bundled("configs")),
    ...     categories=("rumour",),
    ...     normalizer=Normalizer(()),
    ...     segmenter=Segmenter(),
    ...     blocks=(FeatureBlock("chars", (1, 1), ("传",), one, sublinear_tf=False),),
    ...     weights=np.ones((1, 1), np.float32),
    ...     intercept=-one,
    ...     slope=one,
    ...     offset=0 * one,
    ...     threshold=one / 2,
    ...     abstain=0.0,
    ...     validated_on={"rumour": "none"},
    ...     config={},
    ... )
    >>> model.terms(), model.n_features
    (['‹传›'], 1)
    >>> model.calibrated(np.array([[0.0]])).tolist()
    [[0.5]]
    """

    name: str
    taxonomy: Taxonomy
    categories: tuple[str, ...]
    normalizer: Normalizer
    segmenter: Segmenter
    blocks: tuple[FeatureBlock, ...]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float64]
    slope: NDArray[np.float64]
    offset: NDArray[np.float64]
    threshold: NDArray[np.float64]
    abstain: float
    validated_on: dict[str, str]
    config: dict[str, Any]
    digest: str = field(default="", compare=False)
    curves: tuple[Curve | None, ...] = ()
    sets: NDArray[np.float64] | None = None
    profile: Profile | None = None
    forms: Forms | None = None

    def __post_init__(self) -> None:
        expected = [key for key in self.taxonomy.keys if key in self.categories]
        if list(self.categories) != expected or not expected:
            raise TaxonomyMismatch(
                what=f"the model's columns are not categories of taxonomy {self.taxonomy.name!r} in its order",
                expected=", ".join(self.taxonomy.keys),
                got=", ".join(self.categories),
                todo="train again with this taxonomy",
            )
        n_features, n_categories = sum(len(block.terms) for block in self.blocks), len(self.categories)
        arrays: list[tuple[str, NDArray[Any], tuple[int, ...]]] = [
            ("weights", self.weights, (n_features, n_categories)),
            ("intercept", self.intercept, (n_categories,)),
            ("slope", self.slope, (n_categories,)),
            ("offset", self.offset, (n_categories,)),
            ("threshold", self.threshold, (n_categories,)),
        ]
        if self.sets is not None:
            arrays.append(("sets", self.sets, (2, n_categories)))
        for name, array, shape in arrays:
            if array.shape != shape:
                raise ScoringError(what=f"{name} has another shape than the model", expected=shape, got=array.shape)
            finite = np.isfinite(array)
            if not finite.all():
                column = self.categories[int(np.argwhere(~finite)[0][-1])]
                raise ScoringError(
                    what=f"{name} holds something that is not a finite number",
                    where=f"category {column}",
                    todo="train again; such a model would tag at random",
                )
        if self.curves and len(self.curves) != n_categories:
            raise ScoringError(
                what="there are calibration curves, not one per category", expected=n_categories, got=len(self.curves)
            )
        if self.forms is not None:
            self.forms.check(n_features, n_categories)
        for block in self.blocks:
            if not np.isfinite(block.idf).all():
                raise ScoringError(what="idf holds something that is not a finite number", where=f"block {block.kind}")
            if not (block.idf > 0).all():
                raise ScoringError(what="idf holds something that is not above 0", where=f"block {block.kind}")

    @property
    def n_features(self) -> int:
        """Number of features: rows of `weights`."""
        return int(self.weights.shape[0])

    @property
    def columns(self) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Weights and intercepts of the decisions, one column per category, or per form if there are several."""
        if self.forms is None:
            return self.weights, self.intercept
        return self.weights if self.forms.weights is None else self.forms.weights, self.forms.intercept

    def calibrated(self, decision: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probabilities of decisions on the model's `columns`, shape (n_posts, n_categories), each category
        by itself unless its forms say otherwise.
        """
        if self.forms is not None:
            return self.forms.proba(decision, len(self.categories))
        proba = sigmoid(self.slope * decision + self.offset)
        for column, curve in enumerate(self.curves):
            if curve is not None:
                proba[:, column] = curve(proba[:, column])
        return proba

    @functools.cached_property
    def rows(self) -> list[NDArray[np.float32]]:
        """Idf and weights of each block's terms in the layout of the scorer."""
        ends = np.cumsum([len(block.terms) for block in self.blocks])
        parts = np.split(self.columns[0], ends[:-1])
        return [block.vocabulary.rows(block.idf, part) for block, part in zip(self.blocks, parts, strict=True)]

    def terms(self) -> list[str]:
        """Return all terms as displayed: words as they are, characters between ``‹›``, in the order of `weights`."""
        return [term_shown(block.kind, term) for block in self.blocks for term in block.terms]

    def named(self, features: NDArray[np.integer[Any]]) -> list[str]:
        """Return the displayed terms of some features, given as rows of `weights`."""
        ends = np.cumsum([len(block.terms) for block in self.blocks])
        which = np.searchsorted(ends, features, side="right")
        starts = np.concatenate([np.zeros(1, np.int64), ends])[which]
        found = zip(which.tolist(), (features - starts).tolist(), strict=True)
        return [term_shown(self.blocks[block].kind, self.blocks[block].terms[place]) for block, place in found]


def term_shown(kind: str, term: str) -> str:
    """Return a term of a block of `kind` as displayed.

    Examples
    --------
    >>> term_shown("chars", "谣言")
    '‹谣言›'
    >>> term_shown("words", "这个 消息")
    '这个·消息'
    """
    return f"‹{term}›" if kind == "chars" else term.replace(" ", "·")
