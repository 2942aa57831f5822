"""Inspection: description, figures and top terms of a bundle, read without building a model from it.

Promises: every member's name, size and hash is checked as for loading; arrays are decoded as plain numbers. Scores
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from koudai.errors import ModelFormatError
from koudai.model.bundle.fitted_posts import fitted_posts_of
from koudai.model.bundle.members import CARD, MANIFEST, bundle_digest, json_member, npy_member, read_members
from koudai.model.bundle.vocabulary import contacts_of_terms
from koudai.model.evaluation import Evaluation, MetricValue, as_plain
from koudai.model.model import term_shown
from koudai.model.ngrams.counting import WORDS
from koudai.text.characters.contacts.forms import Kind


class TermWeight(NamedTuple):
    """A term and its weight for a category.

    Examples
    --------
    >>> TermWeight("谣言", 1.5).weight
    1.5
    """

    term: str
    weight: float


@dataclass(frozen=True)
class InspectedCategory:
    """Description of one category of a bundle.

    Parameters
    ----------
    validated_on
        One of `koudai.model.model.VALIDATIONS`.
    threshold
        The category is alleged from this probability on.
    figures
        Its metrics on the test posts.
    terms
        Those with the largest weights, largest first.

    Examples
    --------
    >>> InspectedCategory("written", 0.5, (), (TermWeight("谣言", 1.5),)).terms[0].term
    '谣言'
    """

    validated_on: str
    threshold: float
    figures: tuple[MetricValue, ...]
    terms: tuple[TermWeight, ...]


@dataclass(frozen=True)
class KeptOfPosts:
    """What a bundle keeps of the posts it was fitted on: their number, and how many salted hashes.

    Examples
    --------
    >>> KeptOfPosts(posts=10, hashes=250).hashes
    250
    """

    posts: int
    hashes: int


@dataclass(frozen=True)
class Inspection:
    """Description of a bundle.

    Parameters
    ----------
    digest
        Digest of the bundle, by which scores, samples and reports identify the model.
    name
        Name of the model.
    taxonomy
        Its name and its digest.
    versions
        Versions of koudai, Python, NumPy and Unicode data that it was trained with.
    features
        Number of features.
    card
        The model card, in Markdown.
    categories
        By key, in the order of the model.
    contacts
        Terms that hold a contact, each with its kind, where they were looked for.
    fitted
        What it keeps of the posts it was fitted on, None if nothing.

    Examples
    --------
    >>> one = InspectedCategory("written", 0.5, (), (TermWeight("谣言", 1.5),))
    >>> found = Inspection("d1", "mine", "cac-2023 t1", {"koudai": "0.1.0"}, 1, "# mine", {"rumour": one})
    >>> found.to_json()["categories"]["rumour"]["terms"]
    [['谣言', 1.5]]
    """

    digest: str
    name: str
    taxonomy: str
    versions: Mapping[str, str]
    features: int
    card: str
    categories: Mapping[str, InspectedCategory]
    contacts: tuple[tuple[str, Kind], ...] = ()
    fitted: KeptOfPosts | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; a term is a list of its name and its weight."""
        plain: dict[str, Any] = as_plain(self)
        return plain


def inspect_bundle(folder: Path, *, top: int = 12, contacts: bool = False) -> Inspection:
    """Read the description, figures and top terms of a bundle.

    Parameters
    ----------
    folder
        A bundle.
    top
        Number of terms per category.
    contacts
        Whether contacts are looked for in the vocabulary.

    Raises
    ------
    ModelFormatError
        If the folder is no bundle, or does not describe a model.

    Examples
    --------
    >>> try:
    ...     inspect_bundle(Path("nowhere"))
    ... except ModelFormatError as error:
    ...     print(error.what)
    not a koudai bundle (koudai never unpickles)
    """
    manifest, members = read_members(folder)
    fitted = fitted_posts_of(members, folder)
    try:
        model = json_member(members, "model.json", folder)
        evaluation = Evaluation.from_json(json_member(members, "evaluation.json", folder), where=folder)
        weights = npy_member(members, "weights.npy", "<f4", folder)
        threshold = npy_member(members, "threshold.npy", "<f8", folder)
        blocks = [(block["kind"], _terms(members, place, folder)) for place, block in enumerate(model["blocks"])]
        terms = [term_shown(kind, term) for kind, block in blocks for term in block]
        words = [term for kind, block in blocks for term in block if contacts and kind == WORDS]
        categories = {}
        for column, key in enumerate(model["categories"]):
            order = np.argsort(-weights[:, column], kind="stable")[:top]
            categories[key] = InspectedCategory(
                validated_on=str(model["validated_on"].get(key, "none")),
                threshold=float(threshold[column]),
                figures=evaluation.categories[key].all,
                terms=tuple(TermWeight(terms[i], float(weights[i, column])) for i in order),
            )
        return Inspection(
            digest=bundle_digest(members[MANIFEST]),
            name=str(model["name"]),
            taxonomy=f"{json_member(members, 'taxonomy.json', folder)['name']} {manifest['taxonomy_digest']}",
            versions={name: str(version) for name, version in manifest["versions"].items()},
            features=int(weights.shape[0]),
            card=members[CARD].decode(),
            categories=categories,
            contacts=tuple(contacts_of_terms(words)),
            fitted=None if fitted is None else KeptOfPosts(fitted.posts, len(fitted.hashes)),
        )
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ModelFormatError(what="the bundle does not describe a model", where=folder, got=repr(error)) from error


def _terms(members: dict[str, bytes], place: int, folder: Path) -> list[str]:
    blob = npy_member(members, f"block{place}_terms.npy", "|u1", folder).tobytes()
    ends = npy_member(members, f"block{place}_ends.npy", "<i8", folder)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])
    return [blob[a:b].decode("utf-8", "replace") for a, b in zip(starts[:-1], starts[1:], strict=True)]
