"""A cache of feature matrices, one per combination of text and feature settings that a search tries.

Promises: a matrix is that of `koudai.training.features.count_features`; a cached one is not computed again; the total
size stays within a limit, least recently used evicted first; the newest is always kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import scipy.sparse as sp

from koudai.config.train import TrainConfig
from koudai.limits import SEARCH_MATRIX_BYTES
from koudai.storage.durable import to_json
from koudai.training.features import count_features


class Matrices:
    """The features of some posts under several settings.

    Parameters
    ----------
    texts
        Raw posts.
    background
        Raw posts that vectors are learnt from.
    most
        Limit in bytes on all cached matrices.

    Examples
    --------
    >>> len(Matrices(["口袋"]))
    0
    """

    def __init__(
        self, texts: Sequence[str], background: Sequence[str] = (), *, most: int = SEARCH_MATRIX_BYTES.value
    ) -> None:
        self._texts = texts
        self._background = background
        self._most = most
        self._kept: OrderedDict[bytes, sp.csr_matrix] = OrderedDict()

    def of(self, config: TrainConfig) -> sp.csr_matrix:
        """Return the features as `config` counts them, a csr matrix of shape (n_posts, n_features).

        Raises
        ------
        TooFewPosts
            If no term occurs in `min_df` posts.
        """
        key = to_json([config.text.model_dump(mode="json"), config.features.model_dump(mode="json")])
        if key not in self._kept:
            self._kept[key] = count_features(self._texts, config, self._background).matrix
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and self.bytes > self._most:
            self._kept.popitem(last=False)
        return self._kept[key]

    @property
    def bytes(self) -> int:
        """Size of all cached matrices, in bytes."""
        return sum(one.data.nbytes + one.indices.nbytes + one.indptr.nbytes for one in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)
