"""The list of nasty strings is still what it says: invisible characters are easily lost when a file is edited."""

from __future__ import annotations

import unicodedata

from koudai.text.characters.hazards import HAZARDS, hazards
from tests.hostile.strings import HOSTILE_STRINGS, encodable

BY_NAME = dict(HOSTILE_STRINGS)


def test_names_are_unique_and_fit_for_test_ids() -> None:
    assert len(BY_NAME) == len(HOSTILE_STRINGS)
    assert all(name.replace("-", "").replace("0", "").replace("1", "").isalpha() for name in BY_NAME)


def test_encodable_leaves_out_lone_surrogates_only() -> None:
    left_out = {name for name, _ in HOSTILE_STRINGS} - {name for name, _ in encodable()}
    assert left_out == {"lone-high-surrogate", "lone-low-surrogate", "reversed-surrogates"}
    assert all(text.encode().decode() == text for _, text in encodable())


def test_every_hazard_that_koudai_flags_is_in_the_list() -> None:
    assert {hazard for text in BY_NAME.values() for hazard in hazards(text)} == set(HAZARDS)


def test_normal_forms_were_not_merged_by_an_editor() -> None:
    assert BY_NAME["composed"] != BY_NAME["decomposed"]
    assert unicodedata.normalize("NFC", BY_NAME["decomposed"]) == BY_NAME["composed"]
    assert len(BY_NAME["other-line-ends"].splitlines()) == 8
    assert len(BY_NAME["tag-characters"]) == 8
