"""How far off the plan of a sample is: ``python -m tests.benchmarks.expectation [SAMPLES]``.

For models that are right, too sure, too low or of no use: the half-width that `koudai sample --plan` expects from the
scores, beside the mean one of drawn and labelled samples; in how many of these it lay between what eight of ten should;
and the power it expects for a difference of .05 between two halves of the posts, beside how often the interval of their
difference is without 0.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from koudai.audit.sample.domains import SampledLabels, domain_shares
from koudai.audit.sample.estimate import aims, estimate
from koudai.audit.sample.expectation import ExpectedWidth, expected_widths
from koudai.audit.sample.score_sums import ScoreSums
from koudai.audit.sample.strata import finest
from tests.audit.sample import simulated

MODELS = ("good", "fair", "useless", "overconfident", "too low")
SHARES, LABELS, DIFFERENCE = (0.01, 0.05, 0.2), (100, 400, 1000), 0.05


def expected(of: simulated.World) -> dict[int, ExpectedWidth]:
    """Return the plan by number of labels."""
    p = of.f.astype(np.float32)[:, None]
    code, f = finest(p, p >= 0.5, np.zeros(len(p), dtype=bool)), of.f
    size, held, told = (np.bincount(code, one, minlength=7) for one in (np.ones(len(f)), f * (1 - f), f))
    sums = ScoreSums("model", simulated.KEY, code, size.astype(np.int64), held[:, None], told[:, None])
    return {one.n: one for one in expected_widths(sums, difference=DIFFERENCE)}


def world(model: str, share: float, *, n: int = 20_000, seed: int = 1) -> simulated.World:
    """Return posts; where a model is right, each is in the category with the probability that it says."""
    made = simulated.world(model, share, n=n, seed=seed)
    if model not in ("good", "fair"):
        return made
    luck = np.random.default_rng([seed, *model.encode()]).random(n)
    return simulated.World((luck < made.f).astype(float), made.f)


def halves(model: str, share: float) -> tuple[simulated.World, np.ndarray]:
    """Return posts of which one half has `DIFFERENCE` more in the category, and which half each is of."""
    low, high = (world(model, of, n=10_000, seed=at) for at, of in enumerate((share, share + DIFFERENCE)))
    posts = simulated.World(np.concatenate([low.y, high.y]), np.concatenate([low.f, low.f]))
    return posts, np.repeat([0, 1], 10_000)


def rows(model: str, share: float, samples: int) -> Iterator[str]:
    """Yield a line of the table for each number of labels."""
    posts_of_all, (posts, half) = world(model, share), halves(model, share)
    plan, other = expected(posts_of_all), expected(posts)
    for n in LABELS:
        widths = np.array([estimate(*one)["ppi++"].half_width for one in simulated.samples(posts_of_all, n, samples)])
        found = 0
        for population, post, y in simulated.samples(posts, n, samples):
            made = aims(population, post, y)
            assert made is not None
            power = made[2]["ppi++"].power
            shares = domain_shares(population, SampledLabels(post, y), place=half, power=power, domains=2)
            if shares is not None:
                of = shares.contrast(np.array([-1.0, 1.0]))
                found += of.low is not None and (of.low > 0 or (of.high or 0.0) < 0)
        one, mean = plan[n], float(widths.mean())
        inside = float(((one.least <= widths) & (widths <= one.most)).mean())
        cells = [model, f"{share:.0%}", f"{n:,}", f"{one.half_width:.4f}", f"{mean:.4f}"]
        cells += [f"{one.half_width / mean - 1:+.0%}", f"{inside:.0%}"]
        yield f"| {' | '.join([*cells, f'{other[n].power:.0%}', f'{found / samples:.0%}'])} |\n"


def main(samples: int) -> None:
    """Write a table."""
    sys.stdout.write("| model | share | labels | expected | measured | off | 8 of 10 | power expected | measured |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
    for model in MODELS:
        for share in SHARES:
            for line in rows(model, share, samples):
                sys.stdout.write(line)
                sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
