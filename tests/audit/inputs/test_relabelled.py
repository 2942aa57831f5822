"""Labels that people looked at again: what a post had been labelled is what its stratum says."""

from __future__ import annotations

import numpy as np

from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.sample.flagged import stratum_names
from koudai.audit.stratum import Stratum


def test_the_old_label_is_that_of_the_stratum() -> None:
    strata = tuple(Stratum(name, size=4, drawn=2) for name in stratum_names())
    again = Relabelled("rumour", strata, np.arange(10), np.zeros((1, 10), dtype=np.int8))
    assert again.given.tolist() == [0] * 5 + [1] * 5
