"""The interval of prevalence beside others: ``python -m tests.benchmarks.intervals [DRAWS]``.

For simple random samples and for those that `koudai sample` draws, over shares and numbers of labels: lowest, mean and
highest coverage of each candidate in per cent, in how many cells it lies within 93 to 97, its mean width; then cell by
cell. Only labels are used, none of the model's probabilities, so that one candidate differs from another by its
interval alone. In strata a cell is all kinds of model together, and its coverage that of the worst of them.

Sources: Korn & Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts";
Franco, Little, Louis & Slud 2019, "Comparative study of confidence intervals for proportions in complex sample
surveys"; Lancaster 1961, "Significance tests in discrete distributions" (mid-P).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, ndtri, stdtrit, xlogy

from koudai.audit.sample.stratified_interval import rates_that_add_up, stratified_interval
from koudai.training.judging.strata import Strata
from tests.audit.sample.simulated import MODELS, world

SHARES = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5)
LABELS = (50, 100, 200, 400, 1000)
FAR, STEPS, RESAMPLES, FEW = 40.0, 50, 400, 500
Floats = NDArray[np.float64]
Ends = tuple[Floats, Floats]
Candidate = Callable[[Strata, Floats], Ends]


def scored(strata: Strata, x: Floats) -> Ends:
    """The one in use."""
    return stratified_interval(strata, x / strata.labelled)


def inverted(inside: Callable[[Strata, Floats, Floats, bool], NDArray[np.bool_]]) -> Candidate:
    """Invert a test at the most likely rates of the strata under each share."""

    def ends(strata: Strata, x: Floats) -> Ends:
        rate, scale = x / strata.labelled, (strata.labelled / strata.share).min()
        found = []
        for above in (False, True):
            near, far = np.zeros(len(x)), np.full(len(x), FAR if above else -FAR)
            for _ in range(STEPS):
                middle = (near + far) / 2
                rates = rates_that_add_up(strata, rate, scale * np.sign(middle) * np.expm1(np.abs(middle)))
                off = (rates - rate) @ strata.share
                beyond = (off <= 0) if above else (off >= 0)
                kept = inside(strata, x, rates, above) | beyond
                near, far = np.where(kept, middle, near), np.where(kept, far, middle)
            found.append(rates_that_add_up(strata, rate, scale * np.sign(far) * np.expm1(np.abs(far))) @ strata.share)
        return found[0], found[1]

    return ends


def normal(strata: Strata, x: Floats, rates: Floats, above: bool) -> NDArray[np.bool_]:
    """The score test with 1.96 in the stead of Student's t."""
    off = np.abs(rates @ strata.share - (x / strata.labelled) @ strata.share)
    return np.asarray(off <= ndtri(0.975) * np.sqrt((rates * (1 - rates)) @ strata.factor))


def likely(strata: Strata, x: Floats, rates: Floats, above: bool) -> NDArray[np.bool_]:
    """The likelihood ratio test."""

    def logarithm(p: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray((xlogy(x, p) + xlogy(strata.labelled - x, 1 - p))[:, strata.open].sum(axis=1))

    return np.asarray(2 * (logarithm(x / strata.labelled) - logarithm(rates)) <= ndtri(0.975) ** 2)


def binomial(part: float) -> Callable[[Strata, Floats, Floats, bool], NDArray[np.bool_]]:
    """A binomial of as many posts as the variance is worth; `part` of what was seen itself counts as further off."""

    def inside(strata: Strata, x: Floats, rates: Floats, above: bool) -> NDArray[np.bool_]:
        p, variance = rates @ strata.share, (rates * (1 - rates)) @ strata.factor
        with np.errstate(divide="ignore", invalid="ignore"):
            n = np.where(variance > 0, p * (1 - p) / variance, 1.0)
        k = np.minimum((x / strata.labelled) @ strata.share * n, n)
        more = np.where(k >= n - 1e-9, 0.0, betainc(k + 1, np.maximum(n - k, 1e-9), p))
        least = np.where(k <= 1e-9, 1.0, betainc(np.maximum(k, 1e-9), n - k + 1, p))
        tail = 1 - more - (1 - part) * (least - more) if above else more + part * (least - more)
        return np.asarray((tail > 0.025) & (variance > 0))

    return inside


def graubard(strata: Strata, x: Floats) -> Ends:
    """Korn and Graubard's: Clopper and Pearson's with as many posts as the estimated variance is worth, less by t."""
    centre, n, free = _worth(strata, x)
    n = n * (stdtrit(strata.labelled.sum() - 1, 0.975) / stdtrit(free, 0.975)) ** 2
    k = centre * n
    low = np.where(k <= 1e-9, 0.0, betaincinv(np.maximum(k, 1e-9), n - k + 1, 0.025))
    return low, np.where(k >= n - 1e-9, 1.0, betaincinv(k + 1, np.maximum(n - k, 1e-9), 0.975))


def wilson(strata: Strata, x: Floats) -> Ends:
    """Wilson's with as many posts as the estimated variance is worth, and with t."""
    centre, n, free = _worth(strata, x)
    z = stdtrit(free, 0.975)
    middle = (centre + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(centre * (1 - centre) / n + (z / (2 * n)) ** 2)
    return middle - half, middle + half


def wald(strata: Strata, x: Floats) -> Ends:
    """Estimate ± t standard errors."""
    centre, n, free = _worth(strata, x)
    half = stdtrit(free, 0.975) * np.sqrt(centre * (1 - centre) / n)
    return centre - half, centre + half


def bootstrap(strata: Strata, x: Floats) -> Ends:
    """Bootstrap-t, resampled within strata."""
    random, rate = np.random.default_rng(1), x / strata.labelled
    centre, error = rate @ strata.share, _error(strata, rate)
    low, high = centre.copy(), centre.copy()
    for at in np.flatnonzero(error > 0):
        again = random.binomial(strata.labelled.astype(int), rate[at], (RESAMPLES, len(strata.size))) / strata.labelled
        spread = _error(strata, again)
        off = (again @ strata.share - centre[at])[spread > 0] / spread[spread > 0]
        low[at], high[at] = centre[at] - error[at] * np.quantile(off, [0.975, 0.025])
    return low, high


def _error(strata: Strata, rate: Floats) -> Floats:
    n = strata.labelled
    return np.asarray(np.sqrt((rate * (1 - rate) * n / np.maximum(n - 1, 1)) @ strata.factor))


def _worth(strata: Strata, x: Floats) -> tuple[Floats, Floats, float]:
    """Return estimates, the posts they are worth, and degrees of freedom."""
    rate = x / strata.labelled
    centre, variance, n = rate @ strata.share, _error(strata, rate) ** 2, strata.labelled.sum()
    worth = np.where(variance > 0, centre * (1 - centre) / np.where(variance > 0, variance, 1), n)
    return centre, worth, float(max(n - len(strata.size), 1))


CANDIDATES: dict[str, Candidate] = {
    "score, t (in use)": scored,
    "score, 1.96": inverted(normal),
    "mid-P": inverted(binomial(0.5)),
    "exact (Clopper-Pearson)": inverted(binomial(1.0)),
    "likelihood ratio": inverted(likely),
    "Korn-Graubard": graubard,
    "Wilson, estimated design effect, t": wilson,
    "bootstrap-t": bootstrap,
    "estimate ± t s.e.": wald,
}


def cell(strata: Strata, positive: NDArray[np.int64], draws: int) -> dict[str, tuple[float, float]]:
    """Return coverage in per cent and mean width of each candidate, over samples of a population."""
    random, shape = np.random.default_rng(3), (draws, len(positive))
    rest, labelled = (strata.size - positive).astype(np.int64), strata.labelled.astype(np.int64)
    x, times = np.unique(random.hypergeometric(positive, rest, labelled, shape), axis=0, return_counts=True)
    share, found = positive.sum() / strata.size.sum(), {}
    for name, candidate in CANDIDATES.items():
        some = random.choice(len(x), FEW, p=times / draws) if candidate is bootstrap else np.arange(len(x))
        part = np.full(FEW, 1 / FEW) if candidate is bootstrap else times / draws
        low, high = (np.clip(end, 0, 1) for end in candidate(strata, x[some].astype(np.float64)))
        holds = (low <= share + 1e-12) & (share <= high + 1e-12)
        found[name] = 100 * float(part @ holds), float(part @ (high - low))
    return found


def designs(share: float, n: int) -> dict[str, list[tuple[Strata, NDArray[np.int64]]]]:
    """Return strata and positives of a simple random sample, and of `koudai sample`'s for each kind of model."""
    simple = world("fair", share)
    one = Strata(np.array([float(len(simple.y))]), np.array([float(n)])), np.array([simple.y.sum()], dtype=np.int64)
    several = []
    for model in MODELS:
        of = world(model, share)
        drawn, population = of.drawn(n)
        positive = np.bincount(population.stratum, of.y).astype(np.int64)
        several.append((Strata(population.size, drawn.astype(np.float64)), positive))
    return {"simple random samples": [one], "strata": several}


def table(draws: int) -> None:
    """Print the tables as Markdown."""
    found = {
        (kind, share, n): [cell(strata, positive, draws) for strata, positive in cases]
        for share in SHARES
        for n in LABELS
        for kind, cases in designs(share, n).items()
    }
    for kind in dict.fromkeys(key[0] for key in found):
        _say(f"{kind}: candidate", "lowest", "mean", "highest", "within 93 to 97", "mean width")
        _say(*["---"] * 6)
        for name in CANDIDATES:
            own = np.array([one[name] for key, cells in found.items() if key[0] == kind for one in cells])
            inside = f"{((own[:, 0] >= 93) & (own[:, 0] <= 97)).sum()} of {len(own)}"
            outer = (own[:, 0].min(), own[:, 0].mean(), own[:, 0].max())
            _say(name, *(f"{value:.1f}" for value in outer), inside, f"{own[:, 1].mean():.4f}")
        sys.stdout.write("\n")
    _say("cell", *CANDIDATES)
    _say(*["---"] * (len(CANDIDATES) + 1))
    for (kind, share, n), cells in found.items():
        worst = [max((one[name] for one in cells), key=lambda own: abs(own[0] - 95)) for name in CANDIDATES]
        _say(f"{kind}, {share:g}, {n}", *(f"{covered:.1f} ({width:.3f})" for covered, width in worst))


def _say(*cells: str) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    table(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
