"""Prevalence around an event: a rise during it stands out among windows, one that is always there does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.inputs.events import Event
from koudai.audit.measures import MEASURES
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS, figures, one, table

KEY = KEYS[0]
N, LABELS, DAYS = 4000, 800, 200
prevalence_around_event = MEASURES["prevalence_around_event"].taken


def given(share: object, *, event: tuple[int, int] = (100, 109), around: int | None = None) -> AuditInput:
    """Return 4,000 posts of 200 days, a fifth of them labelled."""
    random = np.random.default_rng(8)
    day = random.integers(0, DAYS, N)
    y = random.random(N) < np.broadcast_to(share(day), N)  # type: ignore[operator]
    sample = LabelledSample((KEY,), np.zeros(N, int), np.arange(LABELS), y[None, :LABELS, None].astype(np.int8))
    return replace(many(N), sample=sample, event=Event(*event, day, around), groups=None)


def test_a_rise_during_the_event_stands_out() -> None:
    frame = prevalence_around_event(given(lambda day: np.where((day >= 100) & (day < 110), 0.7, 0.1)))
    before, during, after = (one(frame, KEY, name, "prevalence") for name in ("before", "during", "after"))
    assert before.n + during.n + after.n == LABELS
    assert during.low > max(before.high, after.high)  # type: ignore[operator, type-var]
    assert one(frame, KEY, "during − before", "difference").low > 0.3  # type: ignore[operator]
    assert one(frame, KEY, "after − during", "p").value < 1e-6  # type: ignore[operator]
    assert one(frame, KEY, "after − before", "p").value > 0.05  # type: ignore[operator]
    windows = figures(frame, statistic="window")
    assert len(windows) == 20
    assert windows[10].group == "1970-04-11 – 1970-04-20"
    assert windows[10].value == max(figure.value for figure in windows)  # type: ignore[type-var]
    place = one(frame, KEY, ALL, "p_windows")
    assert (place.value, place.n) == (pytest.approx(1 / 20), 20)


def test_what_goes_up_and_down_all_the_time_does_not_stand_out() -> None:
    frame = prevalence_around_event(given(lambda day: np.where(day // 10 % 2 == 0, 0.6, 0.1)))
    assert one(frame, KEY, "during − before", "p").value < 0.05  # type: ignore[operator]
    assert one(frame, KEY, ALL, "p_windows").value > 0.1  # type: ignore[operator]


def test_a_window_without_a_label_is_listed_and_an_event_alone_has_no_test() -> None:
    input_ = given(lambda day: 0.3, event=(50, 149))
    assert one(prevalence_around_event(input_), KEY, ALL, "p_windows").value is None
    some = given(lambda day: 0.3, around=20)
    assert some.sample is not None
    assert some.event is not None
    day = some.event.day.copy()
    day[:LABELS][(day[:LABELS] >= 110) & (day[:LABELS] < 120)] = 125
    frame = prevalence_around_event(replace(some, event=replace(some.event, day=day)))
    empty = one(frame, KEY, "1970-04-21 – 1970-04-30", "window")
    assert (empty.value, empty.n) == (None, 0)
    assert one(frame, KEY, ALL, "p_windows").n == 19
    assert one(frame, KEY, ALL, "without").value == np.count_nonzero(some.event.parts() < 0)


def test_A1_no_sample_and_no_label() -> None:
    assert prevalence_around_event(table(sample=None)).figures == ()
    input_ = given(lambda day: 0.3)
    assert input_.sample is not None
    none = np.full_like(input_.sample.labels, -1)
    frame = prevalence_around_event(replace(input_, sample=replace(input_.sample, labels=none)))
    assert {figure.value for figure in frame.figures if figure.statistic != "posts"} == {None}
