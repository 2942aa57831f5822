"""What a sample may be expected to tell before anybody has labelled it: how wide intervals will be, from scores alone.

Promises: the strata, the allocation and the interval are those of `koudai sample` and of prevalence with the model's
help; labels are drawn from the model's probabilities as if these were right, so that the same scores and seed give the
same figures. A model that is too sure promises too narrow intervals; how far that goes is measured in
`python -m tests.benchmarks.expectation`. No label is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from koudai.audit.sample.design import design
from koudai.audit.sample.estimate import gained
from koudai.audit.sample.score_sums import ScoreSums
from koudai.audit.sample.stratified_interval import rates_at, stratified_interval
from koudai.errors import UsageError
from koudai.training.judging.strata import Floats, Strata

NUMBERS = (50, 100, 200, 400, 1000, 2000, 5000)
"""Labels that figures are given for, as far as there are posts and strata for them."""
_DRAWS = 50
_WITHOUT_PROBABILITY = 0
"""The stratum of posts of which the model says nothing: they are taken to be like all others."""


@dataclass(frozen=True)
class ExpectedWidth:
    """What `n` labels may be expected to tell of a category.

    Parameters
    ----------
    category, n
        Of the sample.
    share
        In the category if the scores are right.
    half_width, least, most
        Of the 95 % interval of prevalence: mean over samples, and between what eight of ten lie.
    power
        With which a difference between two halves of the posts is found, each with half of the labels.

    Examples
    --------
    >>> ExpectedWidth("rumour", 400, share=0.1, half_width=0.02, least=0.018, most=0.023, power=0.7).n
    400
    """

    category: str
    n: int
    share: float
    half_width: float
    least: float
    most: float
    power: float


def expected_widths(sums: ScoreSums, *, difference: float, seed: int = 20230310) -> tuple[ExpectedWidth, ...]:
    """Return what each of `NUMBERS` of labels may be expected to tell of each category.

    Parameters
    ----------
    sums
        The scores of all posts.
    difference
        Of the shares of two halves of the posts, such as two platforms or the time before and after a day: the share of
        one is that of all posts by the scores, that of the other as much more, or less if that were more than 1.
    seed
        Of the labels that are drawn.

    Raises
    ------
    UsageError
        If `difference` is none between 0 and 1 or none that the shares leave room for, or there are fewer posts than
        the least of `NUMBERS`.

    Source: Cochran 1977, "Sampling Techniques", chapter 4 (the size of a sample) and 5 (strata).

    Examples
    --------
    >>> size, expected = np.array([0, 0, 9000, 800, 100, 40, 60]), np.array([[0.0], [0], [45], [64], [40], [26], [54]])
    >>> held = expected * (1 - expected / np.maximum(size[:, None], 1))
    >>> sums = ScoreSums("model", ("rumour",), np.repeat(np.arange(7), size).astype(np.uint16), size, held, expected)
    >>> found = expected_widths(sums, difference=0.05)
    >>> [one.n for one in found], all(a.half_width > b.half_width for a, b in zip(found, found[1:]))
    ([50, 100, 200, 400, 1000, 2000, 5000], True)
    """
    if not 0 < difference < 1:
        raise UsageError(
            what="this is no difference of two shares", got=f"`difference` = {difference}", expected="between 0 and 1"
        )
    found = []
    for n in NUMBERS:
        made = design(sums.size, sums.held, n, sums.categories)
        if not made.drawn.any():
            continue
        used, of = made.used, made.to
        strata = Strata(made.size[used].astype(np.float64), made.drawn[used].astype(np.float64))
        for column, key in enumerate(sums.categories):
            share, unsure = (
                np.bincount(of, values[:, column], minlength=len(made.size))[used] / strata.size
                for values in (sums.expected, sums.held)
            )
            told = used != _WITHOUT_PROBABILITY
            rate = np.where(told, share, (share @ strata.size) / max(strata.size[told].sum(), 1.0))
            random = np.random.default_rng([seed, n, *key.encode()])
            scored = _Scored(strata, rate, np.where(told, unsure, rate * (1 - rate)))
            _require_possible(difference, key, scored.share)
            found.append(
                ExpectedWidth(key, n, scored.share, *scored.half_widths(random), scored.power(difference, random))
            )
    if not found:
        raise UsageError(
            what="there are too few posts to plan a sample of them",
            got=f"{sums.posts:,} scored and abstained posts",
            expected=f"{NUMBERS[0]} or more",
        )
    return tuple(sorted(found, key=lambda one: sums.categories.index(one.category)))


def _require_possible(difference: float, key: str, share: float) -> None:
    """Raise `UsageError` if no half of the posts could have so much more, or so much less, than the other."""
    most = max(share, 1 - share)
    if difference > most:
        raise UsageError(
            what=f"no half of the posts can have so much more or less of {key}",
            got=f"`difference` = {difference:g}",
            expected=f"{most:.3f} or less, by an expected share of {share:.3f}",
        )


@dataclass(frozen=True, eq=False)
class _Scored:
    """A category: strata with the labels they give, the share of each that is in it, and the mean of p(1 - p)."""

    strata: Strata
    rate: Floats
    unsure: Floats

    @property
    def share(self) -> float:
        return float(self.rate @ self.strata.share)

    def gain(self, rarer: float) -> float:
        """Return how the variance with the model's help compares with that of labels alone."""
        factor, whole = self.strata.factor, self.rate * (1 - self.rate)
        return gained(float(factor @ np.minimum(self.unsure, whole)), float(factor @ whole), rarer)[0]

    def half_widths(self, random: np.random.Generator) -> tuple[float, float, float]:
        """Return the mean half-width over samples, and between what eight of ten lie."""
        labelled = self.strata.labelled
        inside = random.binomial(labelled.astype(np.int64), np.clip(self.rate, 0.0, 1.0), (_DRAWS, len(labelled)))
        gain = [self.gain(min(k, float(labelled.sum()) - k)) for k in inside.sum(axis=1).astype(float).tolist()]
        low, high = stratified_interval(self.strata, inside / labelled, gain=np.array(gain))
        half = (high - low) / 2
        return float(half.mean()), *np.quantile(half, [0.1, 0.9]).tolist()

    def power(self, difference: float, random: np.random.Generator) -> float:
        """Return the power for a difference of two halves of the posts, each with half of the labels: how often it is
        further from 0 than the ends of both intervals allow (Newcombe 1998).
        """
        from scipy.special import ndtr

        low = self.share
        less, more = (low, low + difference) if low + difference <= 1 else (low - difference, low)
        half, spread, squares = Strata(self.strata.size / 2, self.strata.labelled / 2), 0.0, np.zeros(_DRAWS)
        for share, side in ((less, 1), (more, 0)):
            rate = rates_at(self.strata, self.rate, share)
            gain = self.gain(min(share, 1 - share) * float(half.labelled.sum()))
            spread += gain * float(half.factor @ (rate * (1 - rate)))
            whole = np.maximum(half.labelled.astype(np.int64), 1)
            seen = random.binomial(whole, np.clip(rate, 0.0, 1.0), (_DRAWS, len(whole))) / whole
            end = stratified_interval(half, seen, gain=gain)[side]
            squares += (end - seen @ half.share) ** 2
        if spread <= 0:
            return 1.0
        return float(ndtr((difference - np.sqrt(squares)) / np.sqrt(spread)).mean())
