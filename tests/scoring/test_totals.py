"""Totals: receipts add up, and the line says the law with its numbers (P1)."""

from __future__ import annotations

from koudai.scoring.totals import Totals


def test_P1_receipts_add_up() -> None:
    totals = Totals()
    counts = {"read": 3, "scored": 1, "abstained": 1, "quarantined": 1}
    totals.add(Totals(**counts, tagged=1, alleged={"rumour": 1}))
    totals.add(Totals(**counts, tagged=1, alleged={"rumour": 2, "clout_chasing": 1}))
    doubled = {name: 2 * count for name, count in counts.items()}
    assert totals.to_dict() == {**doubled, "tagged": 2, "alleged": {"rumour": 3, "clout_chasing": 1}}
    assert totals.line() == "read 6 = scored 2 + abstained 2 + quarantined 2"
