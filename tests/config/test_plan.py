"""The section of a plan: it plans something, knows its keys, and reads back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from koudai.config.plan import PlanSection


@pytest.mark.parametrize(
    "section",
    [{}, {"comparison": []}, {"comparison": [{"category": "rumour"}]}, {"comparison": [{"measur": "drift"}]}],
)
def test_a_plan_without_comparisons_or_with_unknown_keys_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="comparison"):
        PlanSection.model_validate(section)


def test_a_filled_section_read_back_is_the_same() -> None:
    whole = PlanSection.model_validate(
        {
            "comparison": [{"measure": "prevalence", "category": "rumour", "group": "design", "question": "占多少？"}],
            "unit": "column event",
            "corrections": ["Holm"],
            "exclusions": ["广告"],
        }
    )
    assert PlanSection.model_validate(whole.model_dump(mode="json")) == whole
