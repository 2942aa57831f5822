"""Quarantine in counts: by reason, added up, in words, and refused beyond a share (P1)."""

from __future__ import annotations

import pytest

from koudai.corpus.reading.quarantine import added, in_words, noticed_in_words, require_few
from koudai.errors import TooManyQuarantined

FEW = {"where": "a.csv", "happened": "all is written", "todo": "allow more"}


def test_P1_counts_add_up_and_are_told_the_most_first() -> None:
    assert added({"b": 1}, {"a": 2, "b": 3}) == {"a": 2, "b": 4}
    assert in_words({"ragged": 2, "bad-id": 2, "bad-csv": 1000}) == "bad-csv 1,000, bad-id 2, ragged 2"
    assert len(noticed_in_words({"short-row": 1, "inner-bom": 2, "trimmed-id": 3, "none": 0})) == 3


@pytest.mark.parametrize(("aside", "most", "fits"), [(1, 0.1, True), (2, 0.1, False), (10, 1.0, True), (1, 0.0, False)])
def test_P1_a_share_is_allowed_and_no_more(aside: int, most: float, fits: bool) -> None:
    if fits:
        require_few({"ragged": aside}, read=10, most=most, **FEW)
    else:
        with pytest.raises(TooManyQuarantined, match=f"{aside} of 10 rows were quarantined") as caught:
            require_few({"ragged": aside}, read=10, most=most, **FEW)
        assert (caught.value.got, caught.value.exit_code) == (f"ragged {aside}", 3)


def test_P1_rows_for_which_no_post_is_lost_do_not_count() -> None:
    require_few({"duplicate-id": 8, "repeated-header": 1}, read=10, most=0.1, **FEW)


def test_P1_the_cause_is_named_if_it_is_one() -> None:
    with pytest.raises(TooManyQuarantined, match="quarantined: its quotes are letters") as caught:
        require_few({"stray-quote": 3}, read=3, most=0.1, **FEW)
    assert "`quoting` none" in str(caught.value.todo)
