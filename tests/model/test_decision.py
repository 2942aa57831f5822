"""Decisions as columns: the tags, reasons and table that a loop over posts gives, for taxonomies of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.model.decision import NO_FEATURES, REASONS, UNCERTAIN, ScoredBatch, decide
from koudai.taxonomy import Taxonomy
from koudai.text.characters.hazards import HAZARDS, hazard_flags, hazards
from koudai.text.utf8 import of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.model.tiny import tiny_taxonomy

EIGHTHS = st.integers(0, 8).map(lambda step: step / 8)  # exact in float32, so that a threshold can be met exactly


@st.composite
def taxonomies(draw: st.DrawFn) -> Taxonomy:
    """Forests of up to six categories, as deep as they come, or flat and exclusive."""
    tiny = tiny_taxonomy()
    size = draw(st.integers(1, 6))
    exclusive = draw(st.booleans())
    parents = [None if exclusive else draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(size)]
    category = tuple(
        tiny.category[0].model_copy(update={"key": f"k{n}", "parent": None if above is None else f"k{above}"})
        for n, above in enumerate(parents)
    )
    return tiny.model_copy(update={"exclusive": exclusive, "category": category})


@st.composite
def cases(draw: st.DrawFn) -> tuple[Taxonomy, tuple[str, ...], Any, Any, float]:
    """A taxonomy, some of its categories, and probabilities, thresholds and band for them."""
    taxonomy = draw(taxonomies())
    chosen = draw(st.sets(st.sampled_from(taxonomy.keys), min_size=1))
    categories = tuple(key for key in taxonomy.keys if key in chosen)
    width = len(categories)
    row = st.just([float("nan")] * width) | st.lists(EIGHTHS, min_size=width, max_size=width)
    some_missing = st.lists(EIGHTHS | st.just(float("nan")), min_size=width, max_size=width)
    proba = np.array(draw(st.lists(row | some_missing, max_size=8)), dtype=np.float32).reshape(-1, width)
    threshold = np.array(draw(st.lists(EIGHTHS, min_size=width, max_size=width)))
    return taxonomy, categories, proba, threshold, draw(st.sampled_from([0.0, 0.125, 0.25]))


def decided_by_a_loop(
    taxonomy: Taxonomy, categories: tuple[str, ...], row: list[float], threshold: Any, abstain: float
) -> tuple[tuple[str, ...], str]:
    sure = [p >= t + abstain / 2 for p, t in zip(row, threshold, strict=True)]
    near = [t - abstain / 2 <= p < t + abstain / 2 for p, t in zip(row, threshold, strict=True)]
    if taxonomy.exclusive:
        present = [-1.0 if np.isnan(p) else p for p in row]
        best, *others = sorted(present, reverse=True)
        ahead = best > 0 and (not others or best - others[0] >= abstain)
        top = [i == present.index(best) and not np.isnan(row[i]) for i in range(len(row))]
        sure, near = [t and ahead for t in top], [t and not ahead for t in top]
    keys = {key for key, yes in zip(categories, sure, strict=True) if yes}
    keys |= {above for key in keys for above in taxonomy.ancestors(key)}
    tags = tuple(key for key in taxonomy.keys if key in keys)
    if any(np.isnan(p) for p in row):
        return tags, NO_FEATURES
    return tags, "" if keys or not any(near) else UNCERTAIN


def batch_of(taxonomy: Taxonomy, categories: tuple[str, ...], proba: Any, alleged: Any, reason: Any) -> ScoredBatch:
    return ScoredBatch(
        ids=pa.array([f"帖{n}" for n in range(len(proba))], pa.string()),
        categories=categories,
        proba=proba,
        keys=taxonomy.keys,
        alleged=alleged,
        reason=reason,
        hazards=np.arange(0, 16 * len(proba), 16, dtype=np.uint16),
        model_digest="d" * 16,
    )


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=400)
@given(case=cases())
def test_tags_and_silence_are_decided_as_written(case: tuple[Taxonomy, tuple[str, ...], Any, Any, float]) -> None:
    taxonomy, categories, proba, threshold, abstain = case
    alleged, reason = decide(proba, taxonomy, categories, threshold, abstain)
    assert (alleged.shape, alleged.dtype, reason.dtype) == ((len(proba), len(taxonomy.keys)), bool, np.uint8)
    batch = batch_of(taxonomy, categories, proba, alleged, reason)
    expected = [decided_by_a_loop(taxonomy, categories, row.tolist(), threshold, abstain) for row in proba]
    assert list(zip(batch.tags(), batch.reasons(), strict=True)) == expected
    assert batch.abstained.tolist() == [why != "" for _, why in expected]


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(case=cases())
def test_the_table_is_the_one_made_post_by_post(case: tuple[Taxonomy, tuple[str, ...], Any, Any, float]) -> None:
    taxonomy, categories, proba, threshold, abstain = case
    batch = batch_of(taxonomy, categories, proba, *decide(proba, taxonomy, categories, threshold, abstain))
    columns: dict[str, Any] = {"post_id": pa.array(batch.ids.to_pylist(), pa.string())}
    for place, key in enumerate(categories):
        columns[f"p_{key}"] = pa.array([None if np.isnan(p) else p for p in proba[:, place].tolist()], pa.float32())
    columns["alleged"] = pa.array([list(keys) for keys in batch.tags()], pa.list_(pa.string()))
    columns["abstained"] = pa.array([why != "" for why in batch.reasons()], pa.bool_())
    columns["reason"] = pa.array(batch.reasons(), pa.string())
    columns["hazards"] = pa.array(batch.hazard_names(), pa.list_(pa.string()))
    expected = pa.table(columns).replace_schema_metadata({"koudai.model_digest": "d" * 16})
    found = batch.to_table()
    found.validate(full=True)
    assert found.schema.equals(expected.schema, check_metadata=True)
    assert found.equals(expected)


def test_every_hazard_has_its_bit(subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            bits = hazard_flags(of_texts([text, "好"]))
            batch = batch_of(
                tiny_taxonomy(), ("posing",), np.zeros((2, 1), np.float32), np.zeros((2, 3), bool), bits * 0
            )
            assert ScoredBatch(**{**vars(batch), "hazards": bits}).hazard_names() == [hazards(text), []]


def test_names_of_bits_and_reasons_are_in_order() -> None:
    assert list(HAZARDS) == sorted(HAZARDS)
    assert {name for _, text in HOSTILE_STRINGS for name in hazards(text)} <= set(HAZARDS)
    assert REASONS == ("", NO_FEATURES, UNCERTAIN)
