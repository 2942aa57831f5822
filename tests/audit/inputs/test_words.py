"""Words of answers: yes, no and nothing whatever their case and width, and no other word."""

from __future__ import annotations

from koudai.audit.inputs.words import answer


def test_yes_no_nothing_and_no_answer() -> None:
    assert [answer(one) for one in ("1", "是", "YES", "ｔrue", "是 yes")] == [1] * 5
    assert [answer(one) for one in ("0", "1.0", " No ", "否", "")] == [0, 1, 0, 0, -1]
    assert [answer(one) for one in ("2", "maybe", "1,", "是吗")] == [None] * 4
