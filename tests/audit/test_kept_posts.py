"""Kept posts: the same both ways through their file, no id in it, no cluster of accounts, damage is an error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.inputs.clusters import Clusters
from koudai.audit.inputs.entries import InputEntry
from koudai.audit.kept_posts import NAME, hashed_ids, kept_posts, load_kept_posts, write_kept_posts
from koudai.errors import ReadError
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS, table


def test_answers_under_each_wording_are_kept_post_by_post(tmp_path: Path) -> None:
    kept = kept_posts(table())
    assert list(kept.read) == ["rumour:full", "rumour:name"]
    n = len(table().ids)
    assert kept.read["rumour:full"][:n].tolist()[:4] == [1.0, 0.5, 0.0, 1.0]
    assert np.isnan(kept.read["rumour:full"][10])
    assert np.isnan(kept.read["rumour:name"][n:]).all(), "labelled posts are there once more"
    write_kept_posts(kept, tmp_path / NAME)
    again = load_kept_posts(tmp_path)
    assert again is not None
    for name, one in kept.read.items():
        assert np.array_equal(again.read[name], one, equal_nan=True)
    assert kept_posts(table(wordings=None)).read == {}


def test_it_is_the_same_both_ways(tmp_path: Path) -> None:
    for given in (many(), table(), table(order=()), table(labelled=None)):
        kept = kept_posts(given)
        write_kept_posts(kept, tmp_path / NAME)
        again = load_kept_posts(tmp_path)
        assert again is not None
        assert np.array_equal(again.post, kept.post)
        assert np.array_equal(again.cluster, kept.cluster)
        assert again.source == kept.source
        for one, other in ((again.tagged, kept.tagged), (again.y, kept.y), (again.p, kept.p)):
            assert list(one) == list(other)
            assert all(np.array_equal(one[key], other[key], equal_nan=True) for key in one)


def test_scored_and_labelled_posts_come_back() -> None:
    given = many()
    kept = kept_posts(given)
    post, _, tagged = kept.scored(KEYS[0])
    assert np.array_equal(post, hashed_ids(given.ids))
    assert np.array_equal(tagged, given.alleged[:, 0])
    assert len(kept.labelled(KEYS[0], "a")) == len(kept.labelled(KEYS[0], "b")) == 100
    assert len(kept.labelled(KEYS[0], "")) == len(kept.labelled("another", "a")) == 0


def test_R7_no_id_and_no_cluster_of_accounts_is_kept(tmp_path: Path) -> None:
    given = many()
    ids = ["telltale-" + one for one in given.ids]
    assert given.labelled is not None
    named = Clusters(ids, np.arange(400) % 7, "account", InputEntry("cluster", "account", 400))
    given = replace(
        given, ids=ids, labelled=replace(given.labelled, ids=["telltale-" + one for one in given.labelled.ids])
    )
    kept = kept_posts(replace(given, named_clusters=named))
    assert set(kept.cluster.tolist()) == {-1}
    write_kept_posts(kept, tmp_path / NAME)
    assert b"telltale" not in (tmp_path / NAME).read_bytes()


def test_posts_that_the_model_was_fitted_on_are_not_kept_as_labelled_ones() -> None:
    given = many()
    assert given.labelled is not None
    seen = np.arange(len(given.labelled.ids)) < 50
    kept = kept_posts(replace(given, labelled=replace(given.labelled, seen=seen)))
    assert len(kept.labelled(KEYS[0], "a")) == 50


def test_damage_is_an_error_and_no_file_is_none(tmp_path: Path) -> None:
    assert load_kept_posts(tmp_path) is None
    write_kept_posts(kept_posts(many()), tmp_path / NAME)
    whole = (tmp_path / NAME).read_bytes()
    for damaged in (b"", b"PAR1", whole[: len(whole) // 2], b"{}"):
        (tmp_path / NAME).write_bytes(damaged)
        with pytest.raises(ReadError, match="cannot be read"):
            load_kept_posts(tmp_path)


def test_columns_that_hold_what_none_can_are_an_error(tmp_path: Path) -> None:
    kept = kept_posts(many())
    for wrong in (
        replace(kept, tagged={key: one + np.int8(7) for key, one in kept.tagged.items()}),
        replace(kept, p={key: one + np.float32(3) for key, one in kept.p.items()}),
        replace(kept, post=kept.post.astype(np.float64)),  # type: ignore[arg-type]
    ):
        write_kept_posts(wrong, tmp_path / NAME)
        with pytest.raises(ReadError, match="cannot be read"):
            load_kept_posts(tmp_path)
