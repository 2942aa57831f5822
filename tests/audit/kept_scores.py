"""Scores with kept columns, made without a job, for the tests of what an audit knows beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals


def scores(n: int, **kept: list[Any]) -> Scores:
    """Return scores of `n` posts called p0, p1 … under one category."""
    return Scores(
        ids=[f"p{i}" for i in range(n)],
        categories=("rumour",),
        proba=np.zeros((n, 1), dtype=np.float32),
        alleged=np.zeros((n, 1), dtype=bool),
        abstained=np.zeros(n, dtype=bool),
        model_digest="d",
        totals=Totals(),
        kept=kept,
    )
