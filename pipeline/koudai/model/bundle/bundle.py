"""Bundles: a model on disk as a folder of plain arrays and JSON, each named and hashed in a manifest.

Promises: nothing in a bundle is ever executed, imported or unpickled; a file or key that does not belong there, a
byte that differs, a size above the limits, is refused by name before anything is built; what loads scores its
golden posts as it did when it was saved. Saving is atomic: the folder appears whole.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai import __version__
from koudai.errors import ConfigError, DriftError, ModelFormatError, TaxonomyMismatch
from koudai.model.bundle.golden import GOLDEN_POSTS
from koudai.model.bundle.held_out import HeldOut
from koudai.model.bundle.members import (
    ARRAYS,
    CARD,
    FORMAT,
    MANIFEST,
    PROTOCOL,
    bundle_digest,
    json_member,
    npy_bytes,
    npy_member,
    read_members,
)
from koudai.model.deciding.isotonic import curve_members, read_curves
from koudai.model.evaluation import Evaluation
from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.ngrams.counting import CHARS, WORDS
from koudai.model.scorer import probabilities
from koudai.storage.durable import sha256_bytes, to_json, write_folder
from koudai.taxonomy import Taxonomy, parse_taxonomy
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8

GOLDEN_TOLERANCE = 1e-6
LONGEST_NGRAM = 8
_MODEL_KEYS = {"name", "categories", "steps", "hmm", "dictionary", "abstain", "validated_on", "blocks"}


def save_bundle(
    model: Model, folder: Path, *, card: str, evaluation: Evaluation, held_out: HeldOut | None = None
) -> str:
    """Write a model into a folder that does not exist yet or is empty.

    Parameters
    ----------
    model
        The model.
    folder
        Where to; appears whole or not at all.
    card
        The text of ``MODEL_CARD.md``.
    evaluation
        What was measured on it.
    held_out
        What it says of the posts of its test side, for comparisons.

    Returns
    -------
    str
        The bundle's digest.

    Raises
    ------
    OutputExists
        If the folder holds something.
    StorageError
        If the disk refuses; nothing is left behind.
    """
    golden = probabilities(model, GOLDEN_POSTS)
    members = {
        "model.json": to_json(
            {
                "name": model.name,
                "categories": list(model.categories),
                "steps": list(model.normalizer.steps),
                "hmm": model.segmenter.hmm,
                "dictionary": model.segmenter.digest,
                "abstain": model.abstain,
                "validated_on": model.validated_on,
                "blocks": [
                    {"kind": block.kind, "ngrams": list(block.ngrams), "sublinear_tf": block.sublinear_tf}
                    for block in model.blocks
                ],
            }
        ),
        "taxonomy.json": to_json(model.taxonomy.model_dump(mode="json")),
        "config.json": to_json(model.config),
        "evaluation.json": to_json(evaluation.to_json()),
        "golden.json": to_json({"texts": list(GOLDEN_POSTS), "proba": _nan_to_none(golden)}),
        CARD: card.encode(),
    }
    for name, dtype in ARRAYS.items():
        members[f"{name}.npy"] = npy_bytes(getattr(model, name), dtype)
    if model.curves:
        members |= curve_members(model.curves)
    if model.sets is not None:
        members["sets.npy"] = npy_bytes(model.sets, "<f8")
    if held_out is not None:
        members |= held_out.members()
    for place, block in enumerate(model.blocks):
        encoded = [term.encode("utf-8", "surrogatepass") for term in block.terms]
        members[f"block{place}_idf.npy"] = npy_bytes(block.idf, "<f8")
        members[f"block{place}_terms.npy"] = npy_bytes(np.frombuffer(b"".join(encoded), dtype=np.uint8), "|u1")
        members[f"block{place}_ends.npy"] = npy_bytes(np.cumsum([len(term) for term in encoded]), "<i8")
    manifest = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "versions": versions(),
        "taxonomy_digest": model.taxonomy.digest,
        "members": {name: {"sha256": sha256_bytes(data), "bytes": len(data)} for name, data in members.items()},
    }
    members[MANIFEST] = to_json(manifest)
    write_folder(folder, members)
    return bundle_digest(members[MANIFEST])


def load_bundle(folder: Path, *, allow_drift: bool = False) -> Model:
    """Check every member of a bundle, then build the model, then score its golden posts.

    Parameters
    ----------
    folder
        A bundle.
    allow_drift
        Load although the dictionary or Unicode data differ from those it was trained with. Golden posts must score
        the same even so.

    Raises
    ------
    ModelFormatError, UnknownMember, DigestMismatch, LimitExceeded, TaxonomyMismatch, DriftError
        What is wrong with it, before anything is built from it.
    """
    manifest, members = read_members(folder)
    described = json_member(members, "model.json", folder)
    if set(described) != _MODEL_KEYS:
        raise ModelFormatError(
            what="model.json has other keys than a model has",
            where=folder,
            expected=", ".join(sorted(_MODEL_KEYS)),
            got=", ".join(sorted(described)),
        )
    taxonomy = _taxonomy(members, folder)
    if taxonomy.digest != manifest["taxonomy_digest"]:
        raise TaxonomyMismatch(
            what="the bundle's taxonomy is not the one it was trained with",
            where=folder,
            expected=manifest["taxonomy_digest"],
            got=taxonomy.digest,
            todo="restore the bundle, or train again",
        )
    segmenter = Segmenter(hmm=bool(described["hmm"]))
    _refuse_drift(manifest["versions"], described["dictionary"], segmenter, folder, allow_drift=allow_drift)
    try:
        model = Model(
            name=described["name"],
            taxonomy=taxonomy,
            categories=tuple(described["categories"]),
            normalizer=Normalizer(tuple(described["steps"])),
            segmenter=segmenter,
            blocks=tuple(_block(members, place, entry, folder) for place, entry in enumerate(described["blocks"])),
            abstain=float(described["abstain"]),
            validated_on=dict(described["validated_on"]),
            config=json_member(members, "config.json", folder),
            digest=bundle_digest(members[MANIFEST]),
            curves=read_curves(members, folder),
            sets=npy_member(members, "sets.npy", "<f8", folder) if "sets.npy" in members else None,
            **{name: npy_member(members, f"{name}.npy", dtype, folder) for name, dtype in ARRAYS.items()},
        )
    except (KeyError, TypeError, ValueError, OverflowError, ConfigError) as error:
        raise ModelFormatError(
            what="model.json does not describe a model",
            where=folder,
            got=error.what if isinstance(error, ConfigError) else repr(error),
            happened="nothing was built",
        ) from error
    _check_golden(model, json_member(members, "golden.json", folder), folder)
    return model


def versions() -> dict[str, str]:
    """Return the versions a score may depend on."""
    return {
        "koudai": __version__,
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "unicode": unicodedata.unidata_version,
    }


def _taxonomy(members: dict[str, bytes], folder: Path) -> Taxonomy:
    try:
        return parse_taxonomy(json_member(members, "taxonomy.json", folder), where=folder / "taxonomy.json")
    except ConfigError as error:
        raise ModelFormatError(error.what, where=error.where, got=error.got, happened="nothing was built") from error


def _block(members: dict[str, bytes], place: int, entry: dict[str, Any], folder: Path) -> FeatureBlock:
    ends = npy_member(members, f"block{place}_ends.npy", "<i8", folder)
    blob = npy_member(members, f"block{place}_terms.npy", "|u1", folder)
    idf = npy_member(members, f"block{place}_idf.npy", "<f8", folder)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends])
    whole = ends.shape == idf.shape and starts[-1] == len(blob) and not (starts[1:] <= starts[:-1]).any()
    whole = whole and not ((blob[starts[:-1]] & 0xC0) == 0x80).any()
    if not whole or not len(ends) or entry["kind"] not in (WORDS, CHARS):
        raise ModelFormatError(what="the terms of a block do not fit together", where=f"{folder}: block {place}")
    terms = tuple(Utf8(blob, starts).texts())
    low, high = (int(n) for n in entry["ngrams"])
    if len(set(terms)) < len(terms) or not 1 <= low <= high <= LONGEST_NGRAM:
        raise ModelFormatError(
            what="a block has a term twice, or n-grams that koudai does not count", where=f"{folder}: block {place}"
        )
    return FeatureBlock(entry["kind"], (low, high), terms, idf, bool(entry["sublinear_tf"]))


def _refuse_drift(
    trained: dict[str, str], dictionary: str, segmenter: Segmenter, folder: Path, *, allow_drift: bool
) -> None:
    here = versions()["unicode"]
    differ = []
    if trained.get("unicode") != here:
        differ.append(f"Unicode {trained.get('unicode')} then, {here} now")
    if dictionary != segmenter.digest:
        differ.append(f"dictionary {dictionary} then, {segmenter.digest} now")
    if differ and not allow_drift:
        raise DriftError(
            what="trained under other versions than run here",
            where=folder,
            got="\n".join(differ),
            happened="the model was not built",
            todo="train again, or pass --allow-drift (golden posts must score the same even so)",
        )


def _check_golden(model: Model, golden: dict[str, Any], folder: Path) -> None:
    try:
        rows = [[np.nan if value is None else float(value) for value in row] for row in golden["proba"]]
        expected = np.array(rows, dtype=np.float64)
        texts = [str(text) for text in golden["texts"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelFormatError(what="golden.json holds no golden posts", where=folder, got=repr(error)) from error
    now = probabilities(model, texts)
    if expected.shape != now.shape or not len(now):
        raise ModelFormatError(
            what="golden.json does not fit the model", where=folder, expected=now.shape, got=expected.shape
        )
    if not np.allclose(now, expected, rtol=0.0, atol=GOLDEN_TOLERANCE, equal_nan=True):
        raise DriftError(
            what="the golden posts do not score as they did when the model was saved",
            where=folder,
            expected=f"within {GOLDEN_TOLERANCE}",
            got=f"differences up to {np.abs(np.nan_to_num(now) - np.nan_to_num(expected)).max():.3g}",
            happened="the model is not used",
            todo="run it under the versions in its manifest, or train again",
        )


def _nan_to_none(proba: NDArray[np.float32]) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in proba]
