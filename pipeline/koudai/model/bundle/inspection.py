"""Inspection: what a bundle says of itself, read without building a model from it.

Promises: every member's name, size and hash is checked as for loading; arrays are decoded as plain numbers; nothing
is scored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from koudai.errors import ModelFormatError
from koudai.model.bundle.members import CARD, MANIFEST, bundle_digest, json_member, npy_member, read_members
from koudai.model.evaluation import Evaluation, as_plain


def inspect_bundle(folder: Path, *, top: int = 12) -> dict[str, Any]:
    """Return what a bundle says of itself.

    Parameters
    ----------
    folder
        A bundle.
    top
        Terms per category, those with the largest weights.

    Returns
    -------
    dict
        ``digest``, ``name``, ``taxonomy``, ``versions``, ``features`` (their number), ``card`` (Markdown) and
        ``categories``: per key ``validated_on``, ``threshold``, ``figures`` and ``terms`` (pairs of term and weight).

    Examples
    --------
    >>> try:
    ...     inspect_bundle(Path("nowhere"))
    ... except ModelFormatError as error:
    ...     print(error.what)
    not a koudai bundle (koudai never unpickles)
    """
    manifest, members = read_members(folder)
    try:
        model = json_member(members, "model.json", folder)
        evaluation = Evaluation.from_json(json_member(members, "evaluation.json", folder), where=folder)
        weights = npy_member(members, "weights.npy", "<f4", folder)
        threshold = npy_member(members, "threshold.npy", "<f8", folder)
        terms = [
            term
            for place, block in enumerate(model["blocks"])
            for term in _terms(members, place, block["kind"], folder)
        ]
        categories = {}
        for column, key in enumerate(model["categories"]):
            order = np.argsort(-weights[:, column], kind="stable")[:top]
            categories[key] = {
                "validated_on": model["validated_on"].get(key, "none"),
                "threshold": float(threshold[column]),
                "figures": as_plain(evaluation.categories[key].all),
                "terms": [(terms[i], float(weights[i, column])) for i in order],
            }
        return {
            "digest": bundle_digest(members[MANIFEST]),
            "name": model["name"],
            "taxonomy": f"{json_member(members, 'taxonomy.json', folder)['name']} {manifest['taxonomy_digest']}",
            "versions": manifest["versions"],
            "features": int(weights.shape[0]),
            "card": members[CARD].decode(),
            "categories": categories,
        }
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ModelFormatError(what="the bundle does not describe a model", where=folder, got=repr(error)) from error


def _terms(members: dict[str, bytes], place: int, kind: str, folder: Path) -> list[str]:
    blob = npy_member(members, f"block{place}_terms.npy", "|u1", folder).tobytes()
    ends = npy_member(members, f"block{place}_ends.npy", "<i8", folder)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])
    found = [blob[a:b].decode("utf-8", "replace") for a, b in zip(starts[:-1], starts[1:], strict=True)]
    return [f"‹{term}›" if kind == "chars" else term.replace(" ", "·") for term in found]
