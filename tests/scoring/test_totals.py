"""Totals: receipts add up, and the line says the law with its numbers (P1)."""

from __future__ import annotations

from koudai.model.outline import Outline
from koudai.model.profile import Profile, TraitProfile
from koudai.scoring.totals import Receipt, Totals


def test_P1_receipts_add_up() -> None:
    totals = Totals()
    counts = {"read": 3, "scored": 1, "abstained": 1, "quarantined": 1}
    totals.add(Totals(**counts, tagged=1, alleged={"rumour": 1}))
    totals.add(Totals(**counts, tagged=1, alleged={"rumour": 2, "clout_chasing": 1}))
    doubled = {name: 2 * count for name, count in counts.items()}
    assert totals.to_dict() == {**doubled, "tagged": 2, "alleged": {"rumour": 3, "clout_chasing": 1}}
    assert totals.line() == "read 6 = scored 2 + abstained 2 + quarantined 2"


def test_P1_reasons_and_notices_add_up_and_are_kept() -> None:
    totals = Totals(read=2, quarantined=2, reasons={"ragged": 1, "bad-id": 1}, noticed={"short-row": 1})
    totals.add(Totals(read=1, quarantined=1, reasons={"ragged": 1}))
    assert totals.told == "read 3 = scored 0 + abstained 0 + quarantined 3 (ragged 2, bad-id 1)"
    assert Receipt.of_json(Receipt("a", None, totals).to_json()).totals == totals
    older = Receipt("a", None, Totals(read=1, quarantined=1)).to_json()
    assert "reasons" not in older
    assert Receipt.of_json(older).totals.told == "read 1 = scored 0 + abstained 0 + quarantined 1"


def test_outlines_add_up_are_kept_in_receipts_and_compared_once_all_are_there() -> None:
    totals = Totals(read=1, scored=1, outline=Outline({"script": [9, 0, 0, 0, 0, 0, 0, 0, 0]}))
    totals.add(Totals(read=1, scored=1, outline=Outline({"script": [0, 0, 0, 0, 0, 0, 0, 0, 90]})))
    assert totals.outline.counts == {"script": [9, 0, 0, 0, 0, 0, 0, 0, 90]}
    assert Receipt.of_json(Receipt("a", None, totals).to_json()).totals.outline == totals.outline
    assert "shift" not in totals.to_dict()
    assert "outline" not in totals.to_dict()
    totals.compare(Profile({"script": TraitProfile((400, 0, 0, 0, 0, 0, 0, 0, 40), 0.5)}, critical=2.5, fitted=440))
    told = totals.to_dict()["shift"]
    assert (told["differs"], told["posts"], told["traits"]["script"]["differs"]) == (True, 99, True)
    totals.compare(None)
    assert totals.shift is None
