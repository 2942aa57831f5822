"""Clusters: values, days and accounts, as kept columns and by id; of accounts nothing is left but who shares one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from koudai.audit.inputs.audit_input import Labelled
from koudai.audit.inputs.clusters import read_clusters
from koudai.config.columns import ClusterSection
from koudai.config.timezone import TIMEZONE
from koudai.errors import ConfigError, ReadError, ScoresMismatch
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from tests.audit.table import table

HERE = Path()


def scores(**kept: list[str | None]) -> Scores:
    n = len(next(iter(kept.values())))
    proba = np.zeros((n, 1), dtype=np.float32)
    none = np.zeros(n, dtype=bool)
    return Scores([f"p{i}" for i in range(n)], ("rumour",), proba, proba > 0.5, none, "d", Totals(), kept)


def test_posts_with_one_value_are_one_cluster_and_those_without_stand_alone() -> None:
    job = scores(event=["flood", "fire", "flood", "", None])
    found = read_clusters(ClusterSection(column="event"), HERE, job, timezone=TIMEZONE)
    number = found.of(job.ids, otherwise=np.arange(5))
    assert number[0] == number[2]
    assert len(set(number.tolist())) == 4
    assert (found.told, found.entry.rows, found.entry.counts) == ("column event", 3, {"clusters": 2})


def test_a_day_is_one_cluster() -> None:
    job = scores(at=["2020-01-02 08:00", "2020年1月2日", "2020-01-03", "?"])
    number = read_clusters(ClusterSection(day="at"), HERE, job, timezone=TIMEZONE).number
    assert number.tolist() == [0, 0, 1, -1]
    with pytest.raises(ReadError, match="no value of this column is a date"):
        read_clusters(ClusterSection(day="at"), HERE, scores(at=["x", "y"]), timezone=TIMEZONE)


def accounts(folder: Path, names: tuple[str, ...]) -> ClusterSection:
    rows = [json.dumps({"post_id": f"p{i}", "screen_name": name}) for i, name in enumerate(names)]
    (folder / "accounts.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return ClusterSection(account="screen_name", file="accounts.jsonl")


def test_of_accounts_neither_name_nor_hash_nor_count_is_left(tmp_path: Path) -> None:
    section = accounts(tmp_path, ("nobody-1", "nobody-2", "nobody-1", " "))
    job = scores(event=["a", "b", "c", "d"])
    first, again = (read_clusters(section, tmp_path, job, timezone=TIMEZONE) for _ in range(2))
    assert first.number.tolist() == again.number.tolist() == [0, 1, 0, -1]
    assert first.told == "account"
    told = json.dumps(first.entry.to_json()) + first.told
    assert not any(part in told for part in ("nobody", "screen_name", "clusters"))
    assert first.entry.sha256 == ""
    assert "nobody" not in repr(vars(first))


def test_what_looks_like_accounts_is_refused_as_a_plain_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name accounts are never read"):
        read_clusters(ClusterSection(column="screen_name"), HERE, scores(screen_name=["a", "b"]), timezone=TIMEZONE)
    with pytest.raises(ConfigError, match="holds names of accounts"):
        read_clusters(ClusterSection(column="who"), HERE, scores(who=["@nobody1", "@nobody2", ""]), timezone=TIMEZONE)
    section = accounts(tmp_path, ("nobody-1", "nobody-2"))
    plain = section.model_copy(update={"column": "screen_name", "account": None})
    with pytest.raises(ConfigError, match="name accounts are never read"):
        read_clusters(plain, tmp_path, scores(event=["a", "b"]), timezone=TIMEZONE)


def test_a_column_without_values_or_a_file_without_scored_posts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no post has a cluster"):
        read_clusters(ClusterSection(column="event"), HERE, scores(event=["", None]), timezone=TIMEZONE)
    section = accounts(tmp_path, ("nobody-1",))
    job = replace(scores(event=["a"]), ids=["other"])
    with pytest.raises(ScoresMismatch, match="no scored post is in the file of clusters"):
        read_clusters(section, tmp_path, job, timezone=TIMEZONE)


@pytest.mark.parametrize(
    "wrong", [{}, {"column": "a", "day": "b"}, {"account": "user"}, {"column": "a", "account": "b", "file": "c"}]
)
def test_one_unit_is_named_and_accounts_need_a_file(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ClusterSection(**wrong)


def test_an_audit_takes_near_duplicates_where_nothing_is_named() -> None:
    given = table()
    assert given.told_clusters == "near-duplicates"
    assert given.clusters is not None
    assert given.clusters.tolist() == given.scored_texts.groups.tolist()
    bare = replace(given, texts=None)
    assert (bare.clusters, bare.told_clusters) == (None, "none")


def test_named_clusters_come_before_near_duplicates_and_reach_other_posts_by_id() -> None:
    given = table()
    job = replace(scores(event=[*"aabbccddeeff"]), ids=given.ids)
    named = read_clusters(ClusterSection(column="event"), HERE, job, timezone=TIMEZONE)
    given = replace(given, named_clusters=named)
    assert given.clusters is not None
    assert given.clusters.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    found = given.clusters_of([given.ids[1], "elsewhere", given.ids[0], "nowhere"])
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3


def test_the_cluster_of_a_labelled_post_is_its_near_duplicate_group_unless_it_is_given() -> None:
    labelled = table().labelled
    assert isinstance(labelled, Labelled)
    assert labelled.cluster.tolist() == labelled.group.tolist()
    other = np.zeros(len(labelled.ids), dtype=np.int64)
    assert replace(labelled, named_cluster=other).cluster.tolist() == other.tolist()
