"""Outcomes: every value has a meaning or is listed; nothing recorded is not the same as kept."""

from __future__ import annotations

import pytest

from koudai.audit.inputs.outcomes import KEPT, REMOVED, SILENT, UNRECORDED, outcomes_of
from koudai.config.audit import OutcomeSection
from koudai.errors import LabelError
from tests.audit.kept_scores import scores

SECTION = OutcomeSection(
    column="outcome", removed=("violation", "blocked"), kept=("there",), silent={"author_deleted": "the author's own"}
)


def test_each_value_means_what_the_config_says() -> None:
    values = ["violation", "there", "author_deleted", "", None, "blocked"]
    found = outcomes_of(scores(6, outcome=values), SECTION)
    assert found.fate.tolist() == [REMOVED, KEPT, SILENT, UNRECORDED, UNRECORDED, REMOVED]
    assert found.value.tolist() == ["violation", "there", "author_deleted", "", "", "blocked"]
    assert found.recorded.tolist() == [True, True, True, False, False, True]


def test_I17_I18_a_value_without_meaning_is_listed_with_its_count_and_the_near_match() -> None:
    with pytest.raises(LabelError) as caught:
        outcomes_of(scores(4, outcome=["violation", "Violation ", "Violation ", "gone\x1b[2J"]), SECTION)
    error = caught.value
    assert error.what == "2 outcome(s) have no meaning"
    assert "'Violation ' (2 posts), did you mean 'violation'?" in str(error.got)
    assert "\x1b" not in str(error)
    assert "author" in str(error.todo)


def test_A1_nothing_recorded_at_all_is_refused() -> None:
    with pytest.raises(LabelError, match="no outcome is recorded of any post"):
        outcomes_of(scores(2, outcome=["", None]), SECTION)
