"""Explanations: the contribution of each term of one post to the log-odds of each category.

Promises: base and contributions of a category sum to its log-odds, up to rounding, for every kind of classifier;
terms that lower a category's log-odds are included, with a negative sign. Tags and reason are those of
`koudai.model.scorer.score`. For the strongest terms of many posts at once see `koudai.model.evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from koudai.errors import number_of
from koudai.model.deciding.calibration import sigmoid
from koudai.model.evaluation import as_plain
from koudai.model.model import Model
from koudai.model.ngrams.blocks import block_features
from koudai.model.scorer import decisions, score
from koudai.text.html_table import html_table
from koudai.text.utf8 import of_texts

_SHOWN = 8


class TermContribution(NamedTuple):
    """A term and its contribution to the log-odds of a category.

    Examples
    --------
    >>> TermContribution("谣言", 1.25).log_odds
    1.25
    """

    term: str
    log_odds: float


@dataclass(frozen=True)
class CategoryExplanation:
    """The contributions of one post's terms to the log-odds of one category.

    Parameters
    ----------
    category
        Its key.
    probability
        The sigmoid of the log-odds, through the category's calibration curve if it has one; before the probabilities of
        an exclusive taxonomy are scaled to sum to 1, and before parents are raised to their children. None for a post
        without features.
    base
        Log-odds of a post without terms.
    terms
        One for each feature of the post, largest absolute contribution first.

    Examples
    --------
    >>> one = CategoryExplanation("rumour", 0.5, -1.25, (TermContribution("谣言", 1.25),))
    >>> one.log_odds
    0.0
    """

    category: str
    probability: float | None
    base: float
    terms: tuple[TermContribution, ...]

    @property
    def log_odds(self) -> float:
        """The base plus all contributions."""
        return self.base + sum(one.log_odds for one in self.terms)


@dataclass(frozen=True)
class Explanation:
    """Why a model tags one post as it does.

    Parameters
    ----------
    alleged
        Categories that the post is alleged to belong to.
    reason
        Why the model abstains, ``""`` if it does not.
    hazards
        Hazards noticed on the raw text.
    categories
        Base and contributions for each category, in the order of the model.

    Examples
    --------
    >>> Explanation((), "no-features", (), ()).to_json()
    {'alleged': [], 'reason': 'no-features', 'hazards': [], 'categories': []}
    """

    alleged: tuple[str, ...]
    reason: str
    hazards: tuple[str, ...]
    categories: tuple[CategoryExplanation, ...]

    def _repr_html_(self) -> str:
        """Show the log-odds of each category and the terms that move them most; notebooks call this."""
        rows = [
            [
                one.category,
                "" if one.probability is None else f"{one.probability:.2f}",
                f"{one.base:+.2f}",
                " ".join(f"{term} {log_odds:+.2f}" for term, log_odds in one.terms[:_SHOWN])
                + (f" and {number_of(len(one.terms) - _SHOWN, 'term')} more" if len(one.terms) > _SHOWN else ""),
            ]
            for one in self.categories
        ]
        title = f"alleged: {', '.join(self.alleged) or 'nothing'}" + (f"; abstained: {self.reason}" * bool(self.reason))
        header = ["category", "probability", "log-odds without terms", "log-odds of terms, strongest first"]
        return html_table(title, header, rows, notes=[f"hazards: {', '.join(self.hazards)}"] if self.hazards else [])

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; a contribution is a list of term and log-odds."""
        plain: dict[str, Any] = as_plain(self)
        return plain


def contributions(model: Model, text: str) -> tuple[CategoryExplanation, ...]:
    """Return the contribution of each term of one post to the log-odds of each category, in the order of the model.

    Parameters
    ----------
    model
        A fitted model.
    text
        The raw post.
    """
    features = block_features(model.blocks, model.normalizer.many(of_texts([text])), model.segmenter)
    names = model.terms()
    decision, known = decisions(model, [text])
    linked = model.calibrated(decision)[0]
    explained = []
    for column, key in enumerate(model.categories):
        slope = float(model.slope[column])
        added = features.data * model.weights[features.indices, column].astype(np.float64) * slope
        order = np.lexsort((features.indices, -np.abs(added)))
        base = slope * float(model.intercept[column]) + float(model.offset[column])
        proba = sigmoid(np.array(base + float(added.sum())))
        curve = model.curves[column] if model.curves else None
        if model.forms is not None:
            proba, curve = linked[column], None
        explained.append(
            CategoryExplanation(
                category=key,
                probability=float(curve(proba) if curve else proba) if known[0] else None,
                base=base,
                terms=tuple(TermContribution(names[features.indices[i]], float(added[i])) for i in order),
            )
        )
    return tuple(explained)


def explanation_of(model: Model, text: str) -> Explanation:
    """Return the tags of one post, and the contribution of each of its terms to the log-odds of each category.

    Parameters
    ----------
    model
        A fitted model.
    text
        The raw post.
    """
    scored = score(model, ["post"], [text])
    return Explanation(
        alleged=scored.tags()[0],
        reason=scored.reasons()[0],
        hazards=tuple(scored.hazard_names()[0]),
        categories=contributions(model, text),
    )
