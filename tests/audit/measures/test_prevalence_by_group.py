"""Prevalence by group: every part is there, with its labels; differences from all others or from one that is named; p
adjusted for all of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import AuditFrame
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.inputs.domains import Domain
from koudai.audit.measures import MEASURES
from koudai.audit.trying.two_sample import holm
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS, figures, one, table

KEY = KEYS[0]
N, LABELS = 3000, 300
prevalence_by_group = MEASURES["prevalence_by_group"].taken


def given(*domains: Domain) -> AuditInput:
    """Return 3,000 posts of two strata, of which 300 are labelled; half of platform b is in, a tenth of platform a."""
    random = np.random.default_rng(4)
    posts = many(N)
    platform = np.where(np.arange(N) % 3 == 0, "b", "a")
    y = random.random(N) < np.where(platform == "b", 0.5, 0.1)
    stratum = (np.arange(N) % 2).astype(np.int64)
    labelled = np.arange(LABELS)
    sample = LabelledSample((KEY,), stratum, labelled, y[None, labelled, None].astype(np.int8))
    found = domains or (Domain.of("platform", platform.tolist()),)
    return replace(posts, sample=sample, domains=found, groups=None)


def test_parts_that_differ_and_what_is_compared() -> None:
    frame = prevalence_by_group(given())
    a, b = (one(frame, KEY, f"platform, {name}", "prevalence") for name in "ab")
    assert (a.n, b.n, a.interval) == (200, 100, "design-based")
    assert a.high < 0.25 < b.low  # type: ignore[operator]
    assert one(frame, KEY, "platform, b", "posts").value == 1000
    up, down = (one(frame, KEY, f"platform, {name}", "difference") for name in "ba")
    assert up.value == pytest.approx(-down.value)  # type: ignore[operator]
    assert up.value == pytest.approx(b.value - a.value)  # type: ignore[operator]
    assert (up.n, up.low > 0) == (300, True)  # type: ignore[operator]
    assert one(frame, KEY, "platform, b", "p").value < 1e-6  # type: ignore[operator]


def test_p_values_are_adjusted_for_all_comparisons_together() -> None:
    random = np.random.default_rng(5)
    topic = Domain.of("topic", random.choice(["x", "y", "z"], N).tolist())
    together = prevalence_by_group(given(topic, Domain.of("half", random.choice(["l", "r"], N).tolist())))
    raw = [figure.value for domain in (topic,) for figure in figures(prevalence_by_group(given(domain)), statistic="p")]
    p = [figure.value for figure in figures(together, statistic="p")]
    assert len(p) == 5
    assert all(a >= b for a, b in zip(p[:3], raw, strict=True))  # type: ignore[operator]
    assert p == pytest.approx(holm(np.array(p)).clip(max=np.array(p)))


def test_two_parts_are_one_comparison() -> None:
    half = Domain.of("half", np.random.default_rng(6).choice(["l", "r"], N).tolist())
    both = figures(prevalence_by_group(given(half)), statistic="p")
    against = figures(prevalence_by_group(given(replace(half, against=1))), statistic="p")
    assert [figure.value for figure in both] == [against[0].value] * 2


def test_against_one_part_and_a_part_that_no_label_is_in() -> None:
    values = np.where(np.arange(N) % 3 == 0, "b", "a").astype(object)
    values[-5:], values[-9:-5] = "rare", ""
    frame = prevalence_by_group(given(Domain.of("platform", values.tolist(), against="a")))
    rare = one(frame, KEY, "platform, rare", "prevalence")
    assert (rare.value, rare.low, rare.n) == (None, None, 0)
    assert one(frame, KEY, "platform, rare", "posts").value == 5
    assert one(frame, KEY, "platform, rare − a", "difference").value is None
    assert one(frame, KEY, "platform, b − a", "difference").low > 0  # type: ignore[operator]
    assert one(frame, KEY, "platform", "without").value == 4
    assert not figures(frame, group="platform, a", statistic="difference")


def test_a_part_with_one_label_is_as_wide_as_it_has_to_be() -> None:
    values = np.where(np.arange(N) % 3 == 0, "b", "a").astype(object)
    values[[0, 2000, 2500]] = "one"
    found = one(prevalence_by_group(given(Domain.of("platform", values.tolist()))), KEY, "platform, one", "prevalence")
    assert found.n == 1
    assert found.high - found.low > 0.6  # type: ignore[operator]


def test_A1_no_sample_and_a_stratum_without_a_label() -> None:
    assert prevalence_by_group(table(sample=None)).figures == ()
    input_ = given()
    assert input_.sample is not None
    labels = np.where(input_.sample.stratum[:LABELS] == 1, -1, input_.sample.labels[0, :, 0])[None, :, None]
    frame: AuditFrame = prevalence_by_group(replace(input_, sample=replace(input_.sample, labels=labels)))
    shares = figures(frame, statistic="prevalence")
    assert [figure.value for figure in shares] == [None, None]
    assert [figure.n for figure in shares] == [100, 50]
    assert not figures(frame, statistic="p")


def test_groups_of_the_config_are_parts_and_a_sample_of_more_posts_uses_labels_alone() -> None:
    input_ = given()
    assert input_.sample is not None
    groups = np.array(input_.domains[0].values, dtype=object)[input_.domains[0].number]
    grouped = prevalence_by_group(replace(input_, domains=(), groups=groups))
    assert one(grouped, KEY, "group, b", "prevalence") == replace(
        one(prevalence_by_group(input_), KEY, "platform, b", "prevalence"), group="group, b"
    )
    srs = LabelledSample((KEY,), np.zeros(N, int), input_.sample.post, input_.sample.labels, population=90_000)
    beyond = prevalence_by_group(replace(input_, sample=srs))
    both = [one(beyond, KEY, "platform, a", name) for name in ("prevalence", "labels_alone")]
    assert both[0].value == both[1].value
