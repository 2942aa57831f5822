"""Refits: the same labelled posts fitted again under variations that could equally well have been chosen.

Promises: a refit differs from the reference in a bootstrap sample of groups, the strength of the penalty, the n-grams
and their weighting, and the order in which the solver visits posts; its calibration and threshold come from its
out-of-bag posts, and no post that it holds out is fitted on; each part of the posts is held out in turn. Features are
counted once per feature setting, without labels, on all posts; a bootstrap sample is a vector of weights. The same
seed gives the same numbers, whatever the number of cores and wherever the work was interrupted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from koudai.config.train import FeaturesSection
from koudai.model.fitting.dual import LOOSE_GAP
from koudai.progress import Advance
from koudai.storage.durable import sha256_bytes, to_json
from koudai.training.refitting.kept_refits import KeptRefits
from koudai.training.refitting.refit_batches import (
    FEWEST_GROUPS,
    PARTS,
    STRENGTHS,
    TOGETHER,
    Batch,
    Judged,
    RefitPosts,
    Refitted,
    Refitter,
    Ways,
    side_of,
)


def ways_of_counting(own: FeaturesSection) -> tuple[FeaturesSection, ...]:
    """Return the model's own feature settings, without vectors, and variations of them: either block by itself, shorter
    and longer n-grams, a higher `min_df`, and the other choice of `sublinear_tf`.

    Examples
    --------
    >>> [one.words for one in ways_of_counting(FeaturesSection())[:3]]
    [(1, 2), (1, 2), None]
    """
    words, chars = own.words or (1, 2), own.chars or (1, 4)
    changes: tuple[dict[str, object], ...] = (
        {},
        {"words": words, "chars": None},
        {"words": None, "chars": chars},
        {"words": (1, 1), "chars": (1, max(2, chars[1] - 1))},
        {"min_df": 2 * own.min_df + 1},
        {"sublinear_tf": not own.sublinear_tf},
        {"words": None, "chars": (2, max(2, chars[1]))},
    )
    found = [own.model_copy(update={"vectors": None, **change}) for change in changes]
    return tuple(one for place, one in enumerate(found) if one not in found[:place])


def refit(
    posts: RefitPosts,
    ways: Ways,
    *,
    refits: int,
    seed: int,
    kept: KeptRefits,
    advance: Advance = lambda steps, told=None: None,
) -> list[list[Refitted] | None]:
    """Fit references and refits; return their output per category and part, None where there are too few posts.

    Parameters
    ----------
    posts
        Posts to fit on and to score; the result depends on their order.
    ways
        Settings of the references.
    refits, seed
        Number of refits, over all parts, and the seed.
    kept
        Store of finished refits, so that interrupted work resumes.
    advance
        Progress callback: number of newly finished refits.
    """
    sides = [side_of(labels, posts.groups, seed) for labels in posts.labels.T]
    if all(side is None for side in sides):
        advance(refits)
        return [None] * len(sides)
    counting = ways_of_counting(ways.features)
    numbers = range(-(-refits // TOGETHER))
    batches = [
        Batch(i, counting[i % len(counting)], STRENGTHS[: min(TOGETHER, refits - i * TOGETHER)]) for i in numbers
    ]
    work = Refitter(posts, ways, sides, seed)
    shapes = [
        [0 if side is None else len(side.held(part)) + len(posts.others) for side in sides] for part in range(PARTS)
    ]
    part_of = {number: part for one in batches for number, part in zip(one.refits, one.parts, strict=True)}
    digest = posts.digest()
    told: dict[int, list[Judged]] = {}
    for features in counting:
        todo = []
        for batch in [one for one in batches if one.features == features]:
            names = {number: _name(digest, ways, batch, number, seed) for number in batch.refits}
            found = {number: kept.read(name, shapes[part_of[number]]) for number, name in names.items()}
            if any(one is None for one in found.values()):
                todo.append((batch, names))
            else:
                told |= {
                    number: _parted(one, shapes[part_of[number]]) for number, one in found.items() if one is not None
                }
                advance(len(names))
        for batch, names in work.counted(features, todo):
            made = work.batch(batch)
            for number, judged in zip(batch.refits, made, strict=True):
                kept.write(names[number], _joined(judged))
            told |= dict(zip(batch.refits, made, strict=True))
            advance(len(names))
    references = []
    for part in range(PARTS):
        name = _name(digest, ways, Batch(-1, counting[0], ()), -1 - part, seed)
        found_reference = kept.read(name, shapes[part])
        if found_reference is None:
            references.append(work.reference(counting[0], part))
            kept.write(name, _joined(references[part]))
        else:
            references.append(_parted(found_reference, shapes[part]))
    of_part = [[number for number in sorted(told) if part_of[number] == part] for part in range(PARTS)]
    return [
        None
        if side is None
        else [
            Refitted(side.held(part), references[part][column], tuple(told[number][column] for number in of_part[part]))
            for part in range(PARTS)
        ]
        for column, side in enumerate(sides)
    ]


def _name(digest: str, ways: Ways, batch: Batch, number: int, seed: int) -> str:
    """Return the key of a stored refit: a hash of everything it depends on."""
    said = {
        "posts": digest,
        "text": ways.text.model_dump(mode="json"),
        "model": ways.model.model_dump(mode="json"),
        "decide": ways.decide.model_dump(mode="json"),
        "features": batch.features.model_dump(mode="json"),
        "batch": [batch.number, *batch.strengths],
        "number": number,
        "seed": seed,
        "how": [LOOSE_GAP, PARTS, FEWEST_GROUPS, "each part in turn"],
    }
    return sha256_bytes(to_json(said))


def _joined(judged: list[Judged]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    return np.concatenate([one.proba for one in judged]), np.array([one.threshold for one in judged])


def _parted(found: tuple[NDArray[np.float32], NDArray[np.float64]], shape: list[int]) -> list[Judged]:
    parts = np.split(found[0], np.cumsum(shape)[:-1])
    return [Judged(proba, float(threshold)) for proba, threshold in zip(parts, found[1], strict=True)]
