"""Evaluations: a figure has its name, and one that was not measured is not there."""

from __future__ import annotations

import pytest

from tests.model.tiny import EVALUATION


def test_a_figure_that_was_not_measured_is_not_there() -> None:
    entry = next(iter(EVALUATION.categories.values()))
    assert entry.figure("f1").value == 0.9
    with pytest.raises(KeyError, match="nothing"):
        entry.figure("nothing")
    with pytest.raises(KeyError, match="f1"):
        entry.figure("f1", unseen=True)
