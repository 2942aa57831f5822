"""The multiplicity section: its defaults, what it refuses, and that it reads back as it is."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from koudai.config.audit import MultiplicitySection


def test_defaults_and_reading_back() -> None:
    section = MultiplicitySection()
    assert (section.refits, section.epsilon) == (100, (0.01, 0.05))
    assert MultiplicitySection.model_validate(section.model_dump(mode="json")) == section


@pytest.mark.parametrize("wrong", [{"refits": 1}, {"refits": 1001}, {"epsilon": [1.0]}, {"posts": 3}, {"seeds": 4}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MultiplicitySection.model_validate(wrong)
