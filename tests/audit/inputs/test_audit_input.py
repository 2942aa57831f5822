"""What an audit looks at: what is there and what is not, everything read (A6), generators by seed and purpose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.inputs.audit_input import INPUTS
from koudai.audit.inputs.covariates import Covariates
from koudai.audit.inputs.events import Event
from tests.audit.table import table


def test_generators_depend_on_seed_and_purpose_alone() -> None:
    given = table()
    a = given.generator("themes rumour").random(5)
    assert np.array_equal(a, replace(table(order=(0,)), seed=given.seed).generator("themes rumour").random(5))
    assert not np.array_equal(a, given.generator("themes posing").random(5))
    assert not np.array_equal(a, replace(given, seed=given.seed + 1).generator("themes rumour").random(5))


def test_A6_read_is_scored_abstained_and_quarantined() -> None:
    assert table().read == 15
    assert table(order=(), quarantined=0).read == 0


@pytest.mark.parametrize(("name", "field"), [("texts", "texts"), ("labels", "labelled"), ("model", "model")])
def test_has_says_what_is_there(name: str, field: str) -> None:
    assert table().has(name)
    assert not table(**{field: None}).has(name)
    assert table(**{field: None}).has("scores")  # type: ignore[arg-type]


def test_cases_are_scored_by_the_model_or_were_before() -> None:
    assert table().has("case_scores")
    assert not table(model=None).has("case_scores")
    assert table(model=None, case_scores=table().case_scores or object()).has("case_scores")


def test_every_input_can_be_asked_for() -> None:
    given = replace(table(), event=Event(0, 0, np.zeros(12, dtype=np.int64)), covariates=Covariates((), {}))
    assert [given.has(name) for name in INPUTS] == [True] * len(INPUTS)
    assert not table().has("event")
    with pytest.raises(KeyError):
        table().has("outcomes")


def test_posts_that_people_labelled_here_are_counted_by_text_or_by_sample() -> None:
    given = table()
    assert given.labelled is not None
    assert given.labelled_here == 12
    elsewhere = replace(given.labelled, texts=[f"{text}。" for text in given.labelled.texts])
    assert replace(given, labelled=elsewhere, sample=None).labelled_here == 0
    assert replace(given, labelled=elsewhere, sample=None, texts=None).labelled_here == 12
    assert replace(given, labelled=None, sample=None).labelled_here == 0
    assert replace(given, labelled=None).labelled_here == 12
