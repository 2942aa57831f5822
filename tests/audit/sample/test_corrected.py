"""What corrects a share: chosen by what there is, missing where it tells nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koudai.audit.sample.corrected import DAWID_SKENE, GOLD, HUI_WALTER, by_gold, by_overlap, combined, rogan_gladen
from tests.audit.sample.erring import people

SIZE = np.array([800.0, 150.0, 50.0])


@pytest.mark.slow
def test_three_two_one_and_people_who_never_overlap() -> None:
    stratum, _, answers, gold = people(400, seed=5)
    three, two = by_overlap(stratum, answers, SIZE), by_overlap(stratum, answers[:2], SIZE)
    assert three is not None
    assert two is not None
    assert (three.how, three.people, three.posts) == (DAWID_SKENE, (0, 1, 2), 400)
    assert two.how == HUI_WALTER
    assert three.share is not None
    assert two.share is not None
    assert by_overlap(stratum, answers[:1], SIZE) is None
    silent = np.concatenate([answers[:1], np.full((1, 400), -1, np.int8), answers[1:2]])
    found = by_overlap(stratum, silent, SIZE)
    assert found is not None
    assert found.people == (0, 2)
    divided = answers[:2].copy()
    divided[0, ::2], divided[1, 1::2] = -1, -1
    apart = by_overlap(stratum, divided, SIZE)
    assert apart is not None
    assert (apart.share, apart.posts) == (None, 400)
    alike = by_overlap(np.zeros(400, int), answers[:2], SIZE.sum(keepdims=True))
    assert alike is not None
    assert alike.share is None
    told = by_gold(stratum, answers, gold, SIZE)
    assert told is not None
    assert (told.how, told.people) == (GOLD, ())
    assert told.share is not None


def test_without_a_label_in_a_stratum_or_a_decision_there_is_nothing() -> None:
    stratum, _, answers, gold = people(90, seed=5)
    answers[:, stratum == 2] = -1
    gold[stratum == 2] = -1
    assert by_overlap(stratum, answers, SIZE) is None
    assert by_gold(stratum, answers, gold, SIZE) is None
    assert by_gold(stratum, people(90)[2], np.full(90, -1, np.int8), SIZE) is None


def test_errors_that_people_share_do_no_harm_where_some_posts_are_adjudicated() -> None:
    stratum, truth, answers, _ = people(1200, raters=1, seed=8, specificity=0.9)
    same = np.tile(answers, (3, 1))
    real = np.array([truth[stratum == h].mean() for h in range(3)]) @ SIZE / SIZE.sum()
    gold = np.where(np.arange(1200) // 3 % 3 == 0, truth, -1).astype(np.int8)
    found, misled = by_gold(stratum, same, gold, SIZE), by_overlap(stratum, same, SIZE)
    assert found is not None
    assert found.share is not None
    assert found.share.low < real < found.share.high
    assert misled is not None
    assert misled.share is None or not misled.share.low < real < misled.share.high


def test_divided_people_are_an_answer_of_their_own() -> None:
    labels = np.array([[1, 1, 0, -1, 0], [1, 0, 0, -1, -1]], dtype=np.int8)
    assert combined(labels).tolist() == [2, 1, 0, -1, 0]
    assert combined(labels[:1]).tolist() == [1, 1, 0, -1, 0]


@given(st.floats(0, 1), st.floats(0.55, 1), st.floats(0.55, 1))
def test_rogan_and_gladen_undo_what_errors_do(share: float, sensitivity: float, specificity: float) -> None:
    seen = share * sensitivity + (1 - share) * (1 - specificity)
    assert abs(rogan_gladen(seen, sensitivity, specificity) - share) < 1e-9
    assert 0 <= rogan_gladen(share, sensitivity, specificity) <= 1
