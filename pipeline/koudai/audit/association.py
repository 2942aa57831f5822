"""Association: how much one labelling of posts says of another, corrected for chance, with an interval.

Promises: independent labellings give 0 on average, and equal ones 1; the interval holds its own value, and it goes
below 0 where there is less than chance gives; posts of one cluster count as such; where one side is always the same,
or all posts are of one cluster, there is none. Says nothing of what the labels mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.training.intervals import ONE_CLUSTER, SPARSE_TABLE, IntervalKind

_DEALT = 200
_AT_ONCE = 8_000_000
_DISPUTED, _SPARSE = 0.25, 0.05


class AssociationInterval(NamedTuple):
    """A coefficient of association with its 95 % interval and the kind of it; None where undefined."""

    value: float | None
    low: float | None
    high: float | None
    kind: IntervalKind | None


@dataclass(frozen=True)
class Association:
    """Two labellings of the same posts.

    Parameters
    ----------
    table : ndarray of int64, shape (n_rows, n_columns)
        How often each value of the one meets each of the other.
    cell : ndarray of int64, shape (n_posts,)
        Cell of each post, ``row · n_columns + column``.
    cluster : ndarray of int64, shape (n_posts,)
        Number of each post's cluster, from 0.

    Examples
    --------
    >>> a, b = np.array([0, 0, 1, 1] * 50), np.array([0, 0, 1, 0] * 50)
    >>> found = Association.of(a, b, None)
    >>> found.table.tolist(), round(found.uncertainty(seed=1).value, 2)
    ([[100, 0], [50, 50]], 0.38)
    """

    table: NDArray[np.int64]
    cell: NDArray[np.int64]
    cluster: NDArray[np.int64]

    @staticmethod
    def of(a: NDArray[np.int64], b: NDArray[np.int64], clusters: NDArray[np.int64] | None) -> Association:
        """Return the association of two labellings; `clusters` are those of the posts, None if each stands alone."""
        (rows, row), (columns, column) = _numbered(a), _numbered(b)
        cell = row * columns + column
        table = np.bincount(cell, minlength=rows * columns).reshape(rows, columns)
        return Association(table, cell, np.arange(len(a)) if clusters is None else _numbered(clusters)[1])

    def uncertainty(self, *, seed: int) -> AssociationInterval:
        """Return U(columns | rows) corrected for chance, (I − E)/(H − E): H is the entropy of the columns, I the mutual
        information and E what is expected of it if the one labelling were dealt out anew.

        Source: Theil 1970, "On the estimation of relationships involving qualitative variables"; Vinh, Epps & Bailey
        2010, "Information theoretic measures for clusterings comparison" (the correction).
        """
        return self._interval(0.0, seed=seed)

    def adjusted(self, *, seed: int) -> AssociationInterval:
        """Return the adjusted mutual information, (I − E)/(M − E), M being the mean of both entropies.

        Source: Vinh, Epps & Bailey 2010, "Information theoretic measures for clusterings comparison".
        """
        return self._interval(0.5, seed=seed)

    def _interval(self, of_rows: float, *, seed: int) -> AssociationInterval:
        """Return (I − E)/(D − E) with the values that a test does not reject, D = of_rows·H(rows) + (1 − of_rows)·
        H(columns).

        The test has the variance that there would be under each value: where there is no association that of tables
        dealt anew, and beyond in proportion to the value, as the delta method has it for the value that was found.
        Clusters enlarge E by their generalised design effect, and the former variance by its square. The interval lies
        around (I − E)/D, with Miller's correction of D, which is what holds if every value may meet every other; where
        that and the value differ by a quarter of the interval, or E is more than a twentieth of D, the table is too
        sparse to tell which of them is right, and there is none.

        Source: Roulston 1999, "Estimating the errors on measured entropy and mutual information" (bias); Goodman &
        Kruskal 1972, "Measures of association for cross classifications IV" (delta method); Rao & Scott 1984, "On
        chi-squared tests for multiway contingency tables with cell proportions estimated from survey data".
        """
        from scipy.special import stdtrit

        table, n = self.table, int(self.table.sum())
        if min(table.shape, default=0) < 2:
            return AssociationInterval(None, None, None, None)
        scale = of_rows * entropy(table.sum(axis=1)) + (1 - of_rows) * entropy(table.sum(axis=0))
        expected, spread = _dealt(table, seed=seed)
        effect = self.design_effect()
        expected, spread, found = expected * effect, spread * effect, mutual_information(table)
        if scale - expected <= 1e-12:
            return AssociationInterval(None, None, None, None)
        value = (found - expected) / (scale - expected)
        sizes = np.bincount(self.cluster).astype(np.float64)
        if len(sizes) < 2:
            return AssociationInterval(value, None, None, ONE_CLUSTER)
        steep = self._variance(of_rows, scale) * scale / found if found > 0 else 2 / (n * scale)
        q = float(stdtrit(max(sizes.sum() ** 2 / (sizes @ sizes) - 1, 1.0), 0.975)) ** 2
        missing = effect * (of_rows * (len(table) - 1) + (1 - of_rows) * (len(table[0]) - 1)) / (2 * n)
        centre, still = (found - expected) / (scale + missing), (spread / (scale + missing)) ** 2
        low, high = _not_rejected(centre, still, max(steep - still, 0.0), q)
        if expected > _SPARSE * scale or abs(value - centre) > _DISPUTED * (high - low) / 2:
            return AssociationInterval(value, None, None, SPARSE_TABLE)
        return AssociationInterval(value, min(low, value), min(1.0, max(high, value)), "score")

    def _variance(self, of_rows: float, scale: float) -> float:
        """Return the variance of I/D by the delta method, over clusters."""
        p = self.table / self.table.sum()
        row, column = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
        with np.errstate(divide="ignore"):
            log = np.where(p > 0, np.log(np.where(p > 0, p, 1.0)), 0.0)
        share = mutual_information(self.table) / scale
        influence = (
            log - np.log(row) - np.log(column) + share * (of_rows * np.log(row) + (1 - of_rows) * np.log(column))
        )
        each = (influence / scale).ravel()[self.cell]
        sums, sizes = np.bincount(self.cluster, weights=each), np.bincount(self.cluster)
        off = sums - each.mean() * sizes
        return float(len(sizes) / (len(sizes) - 1) * (off @ off) / len(each) ** 2)

    def design_effect(self) -> float:
        """Return the generalised design effect: how much larger clusters make what chance gives, 1 at least.

        A post of row a and column b is off what the margins say by u = (1_a − p_a) ⊗ (1_b − p_b), and the effect is the
        mean over clusters of the square of what their posts add up to, each less what is expected, in the norm that
        divides by p_a·p_b. Of that square only how often a cluster has each cell, row and column is needed.

        Source: Rao & Scott 1984, "On chi-squared tests for multiway contingency tables with cell proportions estimated
        from survey data".

        Examples
        --------
        >>> a, b, pairs = np.array([0, 0, 1, 1] * 2), np.array([0, 0, 1, 1, 1, 1, 0, 0]), np.arange(8) // 2
        >>> Association.of(a, b, pairs).design_effect(), Association.of(a, b, None).design_effect()
        (2.0, 1.0)
        """
        n_clusters = int(self.cluster.max(initial=-1)) + 1
        if n_clusters == len(self.cell):
            return 1.0
        p = self.table / self.table.sum()
        rows, columns = p.shape
        row, column = p.sum(axis=1), p.sum(axis=0)
        weight = 1.0 / np.outer(row, column)
        more = (p - np.outer(row, column)) * weight
        row_of, column_of = np.divmod(self.cell, columns)
        sizes = np.bincount(self.cluster, minlength=n_clusters).astype(np.float64)
        squares = float(_squares(self.cluster, self.cell, p.size) @ weight.ravel())
        squares -= float(_squares(self.cluster, row_of, rows) @ (1.0 / row))
        squares -= float(_squares(self.cluster, column_of, columns) @ (1.0 / column))
        squares += float(sizes @ sizes) * (1.0 + float((more**2 * np.outer(row, column)).sum()))
        squares -= 2.0 * float(sizes[self.cluster] @ more.ravel()[self.cell])
        return max(1.0, squares / float((self.table * _kernel(row, column)).sum()))


def _numbered(values: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """Return how many different values there are, and the number of each in their order."""
    if not len(values) or values.min() < 0 or values.max() > 16 * len(values):
        found, number = np.unique(values, return_inverse=True)
        return len(found), number
    there = np.zeros(int(values.max()) + 1, dtype=np.int64)
    there[values] = 1
    return int(there.sum()), (np.cumsum(there) - 1)[values]


def _squares(cluster: NDArray[np.int64], value: NDArray[np.int64], values: int) -> NDArray[np.float64]:
    """Return for each value the sum over clusters of the square of how often it occurs there."""
    key = cluster * values + value
    if (int(cluster.max()) + 1) * values <= _AT_ONCE:
        times = np.bincount(key, minlength=(int(cluster.max()) + 1) * values).astype(np.float64)
        return np.asarray((times.reshape(-1, values) ** 2).sum(axis=0))
    some, counts = np.unique(key, return_counts=True)
    return np.asarray(np.bincount(some % values, counts.astype(np.float64) ** 2, values), dtype=np.float64)


def _not_rejected(centre: float, still: float, steep: float, q: float) -> tuple[float, float]:
    """Return the ends of the values x with (centre − x)² ≤ q·(still + steep·max(x, 0))."""
    root = math.sqrt(max((2 * centre + q * steep) ** 2 - 4 * (centre**2 - q * still), 0.0))
    low, high = ((2 * centre + q * steep + sign * root) / 2 for sign in (-1, 1))
    flat = math.sqrt(q * still)
    return low if low >= 0 else min(0.0, centre - flat), high if high >= 0 else centre + flat


def _kernel(row: NDArray[np.float64], column: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((1 / row - 1)[:, None] * (1 / column - 1))


def _dealt(table: NDArray[np.int64], *, seed: int) -> tuple[float, float]:
    """Return mean and standard deviation of the mutual information of tables with the same margins, dealt at random."""
    from scipy.special import xlogy
    from scipy.stats import random_table
    from sklearn.metrics.cluster import expected_mutual_information

    expected = float(expected_mutual_information(np.ascontiguousarray(table), int(table.sum())))
    drawn = random_table(table.sum(axis=1), table.sum(axis=0)).rvs(_DEALT, random_state=np.random.default_rng(seed))
    of_cells = xlogy(drawn, drawn).sum(axis=(1, 2)) / table.sum()
    return expected, float(of_cells.std())


def entropy(counts: NDArray[np.int64]) -> float:
    """Return the entropy of counts in nats.

    Examples
    --------
    >>> round(entropy(np.array([1, 1])), 3), entropy(np.array([7, 0]))
    (0.693, -0.0)
    """
    p = counts[counts > 0] / max(int(counts.sum()), 1)
    return float(-(p * np.log(p)).sum())


def mutual_information(table: NDArray[np.int64]) -> float:
    """Return the mutual information of rows and columns in nats, as counted.

    Examples
    --------
    >>> mutual_information(np.array([[5, 5], [5, 5]]))
    0.0
    """
    return max(0.0, entropy(table.sum(axis=0)) + entropy(table.sum(axis=1)) - entropy(table.ravel()))
