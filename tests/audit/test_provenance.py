"""What a report says of its provenance: of the listed types, or refused; whatever else it says is let through."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from koudai.audit.provenance import Provenance


@pytest.mark.parametrize(
    "said", [{}, {"weather": ["rain", {"mm": 3}]}, {"inputs": [{"role": "a", "name": "b", "rows": 0}]}]
)
def test_it_may_say_more_and_less(said: dict[str, Any]) -> None:
    assert Provenance.model_validate(said).model_dump(exclude_unset=True) == said


@pytest.mark.parametrize(
    "said", [{"seed": "7"}, {"seed": True}, {"model": {"name": 7}}, {"quarantined": {"ragged": -1}}]
)
def test_what_is_of_another_type_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Provenance.model_validate(said)
