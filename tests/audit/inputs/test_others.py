"""Other taxonomies: one label or several per cell, nothing said kept apart from no label, counts both ways (A8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.audit.inputs.others import Other, read_other_labels
from koudai.config.people import OtherSection
from koudai.errors import ConfigError, JobUnfinished, LimitExceeded, ReadError, ScoresMismatch
from koudai.model.model import Model
from tests.audit.jobs import job, posts

IDS = ["p0", "p1", "p2", "p3"]


def read(tmp_path: Path, text: str, **section: object) -> Other:
    (tmp_path / "b.csv").write_text(text, encoding="utf-8")
    made = OtherSection.model_validate({"name": "b", "file": "b.csv", "column": "label", **section})
    return read_other_labels(IDS, made, tmp_path / "b.csv")


def test_one_label_per_post(tmp_path: Path) -> None:
    found = read(tmp_path, "post_id,label\np2,fake\np0,real\np1,\nq9,real\n", unmatched=0.25)
    assert found.labels == ("fake", "real")
    assert found.marked.tolist() == [[False, True], [False, False], [True, False], [False, False]]
    assert found.known.tolist() == [True, False, True, False]
    assert (found.only_scores, found.only_other) == (1, 1)


def test_several_labels_per_cell_and_none_of_them(tmp_path: Path) -> None:
    found = read(tmp_path, "post_id,label\np0,a|b\np1,-\np2,b| |b\np3,?\n", separator="|", missing=["?"])
    assert found.labels == ("-", "a", "b")
    assert found.marked[:, 1:].tolist() == [[True, True], [False, False], [False, True], [False, False]]
    assert found.known.tolist() == [True, True, True, False]


def test_A8_ids_that_do_not_match_are_refused_with_counts_both_ways(tmp_path: Path) -> None:
    with pytest.raises(ScoresMismatch) as caught:
        read(tmp_path, "post_id,label\n1,a\n2,a\n", unmatched=1, unlabelled=1)
    assert "2 of its 2 ids are no scored post's" in str(caught.value.got)
    assert "4 of 4 scored posts are not in it" in str(caught.value.got)


def test_a_column_that_is_no_taxonomy_is_refused(tmp_path: Path) -> None:
    cells = "|".join(f"t{i}" for i in range(300))
    with pytest.raises(LimitExceeded, match="300 different labels"):
        read(tmp_path, f"post_id,label\np0,{cells}\np1,x\np2,x\np3,x\n".replace("x", cells), separator="|")


def test_a_column_of_accounts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="accounts are never read"):
        read(tmp_path, "post_id,user_name\np0,x\n", column="user_name")


def test_tags_of_another_job_on_the_same_posts(tmp_path: Path, model: Model) -> None:
    folder = job(tmp_path, model, posts(12))
    section = OtherSection(name="b", scores="job", unmatched=0.5)
    ids = [post["post_id"] for post in posts(12)][:8] + ["new"]
    found = read_other_labels(ids, section, folder)
    assert found.labels == model.categories
    assert found.known.tolist() == [True] * 8 + [False]
    assert (found.only_scores, found.only_other) == (1, 4)


def test_A7_J14_an_unfinished_job_has_no_tags(tmp_path: Path, model: Model) -> None:
    folder = job(tmp_path, model, posts(12))
    (folder / "DONE.json").unlink()
    with pytest.raises(JobUnfinished):
        read_other_labels(["p000"], OtherSection(name="b", scores="job"), folder)


def probabilities(tmp_path: Path, text: str, **section: object) -> Other:
    return read(tmp_path, text, **{"column": None, "columns": ["rumour", "advice"], **section})


def test_probabilities_of_another_model_on_the_same_posts(tmp_path: Path) -> None:
    text = "post_id,rumour,advice,note\np0,0.5,0.49,x\np1,,,x\np2,,1e-3,x\n"
    found = probabilities(tmp_path, text)
    assert found.labels == ("rumour", "advice")
    assert found.marked.tolist() == [[True, False], [False, False], [False, False], [False, False]]
    assert found.known.tolist() == [True, False, True, False]
    assert probabilities(tmp_path, text, threshold=0.001).marked.sum() == 3


@pytest.mark.parametrize("cell", ["nan", "inf", "1.01", "-0.1", "87%", "true", "０.5", "1_0e-1"])
def test_A7_what_is_no_probability_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(ReadError, match="1 row.* no probabilities") as caught:
        probabilities(tmp_path, f"post_id,rumour,advice\np0,1,{cell}\np1,0,0\n")
    assert "'p0': advice: " in str(caught.value.got)


def test_columns_of_accounts_are_no_probabilities(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="accounts are never read"):
        probabilities(tmp_path, "post_id,user_id\np0,1\n", columns=["user_id"])
