"""The walk over Label Studio's exports takes whatever stands in one, and finds each annotation that was not skipped."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from koudai.audit.inputs.label_studio import annotations_of, chosen_in, control, tasks_of
from tests.audit.table import tiny_taxonomy

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
RESULT = st.fixed_dictionaries({}, optional={"from_name": ODD, "value": st.fixed_dictionaries({"choices": ODD}) | ODD})
MADE = st.fixed_dictionaries({}, optional={"result": st.lists(RESULT, max_size=2), "completed_by": ODD, "id": ODD})


@given(st.lists(MADE | ODD, max_size=4), ODD)
def test_whatever_stands_in_an_export_is_walked_and_nothing_is_lost(made: list[Any], cell: Any) -> None:
    answered = {"from_name": "rumour", "value": {"choices": ["yes"]}}
    sure = {"id": 4, "created_at": "now", "completed_by": {"id": 7}, "result": [answered, *made, answered]}
    task = {"data": {"post_id": "1"}, "annotations": [*made, sure, {**sure, "was_cancelled": True}]}
    tasks = tasks_of([task])
    assert tasks is not None
    *others, found = annotations_of(tasks)
    assert (found.task, found.who, found.made) == (1, "7", (4, "now"))
    assert [label for name, label in found.chosen.items() if name == "rumour"] == [["yes", "yes"]]
    assert len(others) == sum(isinstance(one, dict) and not one.get("was_cancelled") for one in made)
    assert all(isinstance(one, str) for one in chosen_in(cell))
    assert tasks_of([task, cell]) is None or {"data", "annotations"} <= cell.keys()


def test_one_choice_is_the_same_in_every_form() -> None:
    assert chosen_in("yes") == chosen_in('{"choices": ["yes"]}') == chosen_in({"choices": ["yes"]}) == ["yes"]
    assert chosen_in('{"choices"') == ['{"choices"']
    assert len({control(key) for key in tiny_taxonomy().keys}) == len(tiny_taxonomy().keys)
