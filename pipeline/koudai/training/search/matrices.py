"""Matrices of features, one for each way to count that a search has come to, as long as there is room for them.

Promises: a matrix is that of `koudai.training.features.count_features`; one that is there is not made again; together
they take no more than a limit, the one that was used longest ago goes first; the newest always stays.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import scipy.sparse as sp

from koudai.config.train import TrainConfig
from koudai.limits import SEARCH_MATRIX_BYTES
from koudai.storage.durable import to_json
from koudai.text.jieba.segment import Segmenter
from koudai.training.features import count_features


class Matrices:
    """The features of some posts, counted in several ways.

    Parameters
    ----------
    texts
        Raw posts.
    background
        Raw posts that vectors are learnt from.
    most
        Bytes that all kept matrices may take.
    """

    def __init__(
        self, texts: list[str], background: Sequence[str] = (), *, most: int = SEARCH_MATRIX_BYTES.value
    ) -> None:
        self._texts = texts
        self._background = background
        self._most = most
        self._segmenter = Segmenter()
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
            self._kept[key] = count_features(self._texts, config, self._background, segmenter=self._segmenter).matrix
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and self.bytes > self._most:
            self._kept.popitem(last=False)
        return self._kept[key]

    @property
    def bytes(self) -> int:
        """How much the kept matrices take."""
        return sum(one.data.nbytes + one.indices.nbytes + one.indptr.nbytes for one in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)
