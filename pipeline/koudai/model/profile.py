"""The profile of a model: how the posts look that it was fitted on and tested on, and how far parts of them differ.

Promises: counts of posts by bin and numbers made of them, no text; a comparison takes counts alone, so that it is the
same whoever counted. Posts are said to differ if some trait is further apart than it is in any of `HALVES` deals of the
model's own posts into halves, by near-duplicate groups; fewer posts vary more and are given as much more. Whether the
model is any good on other posts it does not say: its figures were measured on posts like its own.

Source: Rabanser, Günnemann & Lipton 2019, "Failing loudly" (univariate two-sample tests, Kolmogorov-Smirnov distance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.model.outline import Outline, bins_of

HALVES = 200
"""Deals into halves that tolerances rest on."""
FEWEST_GROUPS = 20
"""Different posts without which a trait has no reference."""
_LEAST_SCALE = 0.3
_DIGITS = 6


@dataclass(frozen=True)
class TraitShift:
    """How far a trait of some posts is from that of the model's own.

    Parameters
    ----------
    distance
        Kolmogorov-Smirnov distance over bins, 0 to 1.
    tolerance
        How far parts of the model's own posts come apart.

    Examples
    --------
    >>> TraitShift(0.2, 0.1).differs
    True
    """

    distance: float
    tolerance: float

    @property
    def differs(self) -> bool:
        """Whether the distance is beyond the tolerance."""
        return self.distance > self.tolerance


@dataclass(frozen=True)
class Shift:
    """How far some posts are from those of the model, trait by trait.

    Parameters
    ----------
    posts
        How many were compared.
    traits
        By trait.

    Examples
    --------
    >>> shift = Shift(500, {"length": TraitShift(0.42, 0.1), "script": TraitShift(0.02, 0.1)})
    >>> print(shift.line)
    these 500 posts differ from those that the model was fitted on: length .42 (parts of those: up to .10)
    """

    posts: int
    traits: dict[str, TraitShift]

    @property
    def differs(self) -> bool:
        """Whether any trait differs."""
        return any(one.differs for one in self.traits.values())

    @property
    def line(self) -> str:
        """What differs, the furthest beyond its tolerance first; ``""`` if nothing does."""
        beyond = [(one.distance / one.tolerance, name, one) for name, one in self.traits.items() if one.differs]
        told = [
            f"{name} {_short(one.distance)} (parts of those: up to {_short(one.tolerance)})"
            for _, name, one in sorted(beyond, key=lambda found: (-found[0], found[1]))
        ]
        if not told:
            return ""
        return f"these {self.posts:,} posts differ from those that the model was fitted on: {', '.join(told)}"

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        traits = {name: {**vars(one), "differs": one.differs} for name, one in self.traits.items()}
        return {"differs": self.differs, "posts": self.posts, "traits": traits}


@dataclass(frozen=True)
class TraitProfile:
    """A trait of the model's own posts.

    Parameters
    ----------
    counts
        Posts by bin.
    scale
        Mean distance of two random parts, in units of ``sqrt(1/m + 1/n)``, m and n being their sizes.

    Examples
    --------
    >>> TraitProfile((1, 3), scale=0.7).posts
    4
    """

    counts: tuple[int, ...]
    scale: float

    @property
    def posts(self) -> int:
        """Number of posts."""
        return sum(self.counts)


@dataclass(frozen=True)
class Profile:
    """What a model keeps of how its own posts look.

    Parameters
    ----------
    traits
        By trait: lengths, known terms and script of posts fitted on, terms counted as if each near-duplicate group had
        not been there; probabilities of unseen posts of the test side.
    critical
        How many times its mean distance any trait comes to in any deal.
    fitted
        Posts fitted on, of which `traits` may rest on a part.

    Examples
    --------
    >>> traits = {"script": np.repeat(np.arange(9), 40)}
    >>> profile = Profile.of([TraitBins(traits, np.arange(360))], fitted=360, seed=1)
    >>> profile.compare(Outline({"script": [10] * 9})).differs
    False
    >>> profile.compare(Outline({"script": [0] * 8 + [90]})).differs
    True
    """

    traits: dict[str, TraitProfile]
    critical: float
    fitted: int

    @staticmethod
    def of(parts: list[TraitBins], *, fitted: int, seed: int) -> Profile | None:
        """Return the profile of posts; None if there are too few different ones.

        Parameters
        ----------
        parts
            Posts with the traits that are taken of them.
        fitted
            Posts fitted on.
        seed
            Of the halves.
        """
        random = np.random.default_rng(seed)
        traits, ratios = {}, []
        for part in parts:
            group = np.unique(part.group, return_inverse=True)[1]
            groups = int(group.max(initial=-1)) + 1
            if groups < FEWEST_GROUPS:
                continue
            sides = random.random((HALVES, groups)) < 0.5
            sizes = sides @ np.bincount(group, minlength=groups)
            unit = np.sqrt(1 / np.maximum(sizes, 1) + 1 / np.maximum(len(group) - sizes, 1))
            for name, bins in part.bins.items():
                counts = np.zeros((groups, bins_of(name)))
                np.add.at(counts, (group, bins), 1)
                here = sides @ counts
                found = _distance(here, counts.sum(axis=0) - here) / unit
                scale = max(float(found.mean()), _LEAST_SCALE)
                traits[name] = TraitProfile(tuple(int(one) for one in counts.sum(axis=0)), round(scale, _DIGITS))
                ratios.append(found / scale)
        if not traits:
            return None
        return Profile(traits, round(float(np.max(ratios)), _DIGITS), fitted)

    def compare(self, outline: Outline) -> Shift | None:
        """Return how far posts with this outline are from the model's own; None if there are none."""
        shared = [name for name in self.traits if name in outline.counts]
        posts = sum(outline.counts[shared[0]]) if shared else 0
        if not posts:
            return None
        found = {}
        for name in shared:
            own = self.traits[name]
            here, there = np.array(outline.counts[name], float), np.array(own.counts, float)
            unit = max(math.sqrt(1 / posts + 1 / own.posts), 2 / math.sqrt(own.posts))
            distance = float(_distance(here[None], there[None])[0])
            found[name] = TraitShift(round(distance, _DIGITS), round(self.critical * own.scale * unit, _DIGITS))
        return Shift(posts, found)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        traits = {name: {"counts": list(one.counts), "scale": one.scale} for name, one in self.traits.items()}
        return {"critical": self.critical, "fitted": self.fitted, "traits": traits}

    @staticmethod
    def of_json(value: dict[str, Any]) -> Profile:
        """Return the profile that `to_json` was called on; raises KeyError, TypeError or ValueError if it is none."""
        traits = {}
        for name, one in value["traits"].items():
            counts, scale = tuple(one["counts"]), one["scale"]
            whole = all(isinstance(count, int) and count >= 0 for count in counts) and sum(counts) > 0
            if len(counts) != bins_of(name) or not whole or not _positive(scale):
                raise ValueError(name)
            traits[name] = TraitProfile(counts, float(scale))
        fitted = value["fitted"]
        if not traits or not _positive(value["critical"]) or not _positive(fitted) or not isinstance(fitted, int):
            message = "critical and fitted"
            raise ValueError(message)
        return Profile(traits, float(value["critical"]), fitted)


@dataclass(frozen=True, eq=False)
class TraitBins:
    """Posts with the bins of some of their traits.

    Parameters
    ----------
    bins
        By trait, the bin of each post.
    group : ndarray of int64, shape (n_posts,)
        Near-duplicate groups.

    Examples
    --------
    >>> TraitBins({"script": np.array([0, 8])}, group=np.array([0, 0])).group.tolist()
    [0, 0]
    """

    bins: dict[str, NDArray[np.intp]]
    group: NDArray[np.int64]


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the greatest difference of cumulative shares of each row of counts; 0 where a row is empty."""
    sums = [np.cumsum(counts, axis=1) for counts in (one, other)]
    shares = [some / np.maximum(some[:, -1:], 1) for some in sums]
    empty = (sums[0][:, -1] == 0) | (sums[1][:, -1] == 0)
    return np.where(empty, 0.0, np.abs(shares[0] - shares[1]).max(axis=1))


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _short(value: float) -> str:
    return f"{value:.2f}".removeprefix("0") if value < 1 else f"{value:.2f}"
