"""Labels that people looked at again: what they say of a probability sample of the labels of one category.

Promises: what each post had been labelled comes from its stratum; annotators are known by number alone. Holds no post.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koudai.audit.stratum import GIVEN, Stratum


@dataclass(frozen=True, eq=False)
class Relabelled:
    """A probability sample of the labels of one category, and what people say of its posts.

    Parameters
    ----------
    category
        Whose labels they are.
    strata
        Of the labels, with their sizes; a name begins with the label that its posts have, see
        `koudai.audit.sample.flagged.stratum_names`.
    stratum : ndarray of int64, shape (n_rows,)
        Place in `strata` of each post drawn.
    labels : ndarray of int8, shape (n_annotators, n_rows)
        What people say: 1, 0, or -1 where nothing.

    Examples
    --------
    >>> strata = (Stratum("labelled in, flagged, 0.8 or more", size=10, drawn=2),)
    >>> again = Relabelled("rumour", strata, np.array([0, 0]), np.array([[1, 0]], dtype=np.int8))
    >>> again.given.tolist()
    [1]
    """

    category: str
    strata: tuple[Stratum, ...]
    stratum: NDArray[np.int64]
    labels: NDArray[np.int8]

    @property
    def given(self) -> NDArray[np.int64]:
        """The label, 1 or 0, that the posts of each stratum had, shape (n_strata,)."""
        return np.array([int(one.name.startswith(GIVEN[1])) for one in self.strata], dtype=np.int64)
