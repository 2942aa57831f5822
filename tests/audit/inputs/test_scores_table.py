"""Tables of scores: each row is scored, abstains or is quarantined with its place (A6); ids are there once; what
is no probability is never taken for one, texts and kept columns come from the table or from the file beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.audit.inputs.scores_table import ScoresTable, read_scores_table
from koudai.config.scored import TableSection
from koudai.errors import ConfigError, ReadError, ScoresMismatch
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy
from tests.audit.table import KEYS, tiny_taxonomy
from tests.corpus.reading.writers import FILES, write_posts

R, P, A, N = KEYS
CELLS = st.sampled_from(["0", "0.25", "0.5", "0.75", "1", "", "NA", "nan", "2", "-1", "x"])


def read(
    folder: Path,
    written: str | None = None,
    /,
    *,
    keep: Sequence[str] = (),
    texts: bool = True,
    taxonomy: Taxonomy | None = None,
    **section: Any,
) -> ScoresTable:
    if written is not None:
        (folder / "t.csv").write_text(written, encoding="utf-8")
    made = TableSection.model_validate({"name": "m", "file": "t.csv", **section})
    return read_scores_table(made, folder, taxonomy=taxonomy or tiny_taxonomy(), keep=tuple(keep), texts=texts)


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_says_the_same(tmp_path: Path, name: str) -> None:
    numbers: list[object] = [0.9, 0.2, None]
    if "parquet" not in name and "json" not in name:
        numbers = ["0.9", "0.2", ""]
    path = write_posts(tmp_path / name, {"post_id": ["a", "007", "c"], "text": ["好", "", "=1"], R: numbers})
    found = read(tmp_path, file=name, text="text")
    assert found.scores.ids == ["a", "007", "c"]
    assert found.texts == ["好", "", "=1"]
    np.testing.assert_array_equal(found.scores.proba, np.array([[0.9], [0.2], [np.nan]], dtype=np.float32))
    assert found.scores.alleged.tolist() == [[True], [False], [False]]
    assert found.scores.abstained.tolist() == [False, False, True]
    assert found.scores.totals.line() == "read 3 = scored 2 + abstained 1 + quarantined 0"
    assert found.scores.model_digest == sha256_file(path)


def test_A6_rows_that_are_no_scores_are_quarantined_with_place_and_reason(tmp_path: Path) -> None:
    rows = [
        *(
            "a,0.5,0",
            "b,nan,0",
            "c,0.5,inf",
            "d,1.5,0",
            "e,-0.1,0",
            "f,high,0",
            "g,50%,0",
            ",0.5,0",
            "h,0.5",
            "i,true,0",
        ),
        *("j,,", "k,,0.9"),
    ]
    found = read(tmp_path, f"post_id,{R},{N}\n" + "\n".join(rows) + "\n", quarantined=0.8)
    assert found.scores.ids == ["a", "j", "k"]
    told = [(one.where, one.reason) for one in found.quarantined]
    bad = "bad-probability"
    expected = [(3, bad), (4, bad), (5, bad), (6, bad), (7, bad), (8, bad), (9, "bad-id"), (10, "ragged"), (11, bad)]
    assert told == [(f"t.csv:{line}", reason) for line, reason in expected]
    assert found.quarantined[1].detail == f"{N}: 'inf' is no number from 0 to 1"
    assert found.scores.totals.line() == "read 12 = scored 2 + abstained 1 + quarantined 9"


def test_A6_silence_on_a_category_is_no_tag_and_is_counted(tmp_path: Path) -> None:
    found = read(tmp_path, f"post_id,{R},{N}\na,-,0.9\nb,0.9,\nc,-,-\n", missing=["-"])
    assert found.scores.alleged.tolist() == [[False, True], [True, False], [False, False]]
    assert found.scores.abstained.tolist() == [False, False, True]
    assert found.silent == 2


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12))
def test_A6_read_is_scored_abstained_and_quarantined(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    text = f"post_id,{R},{N}\n" + "".join(f"{i},{a},{b}\n" for i, (a, b) in enumerate(rows))
    bad = sum(bool({"nan", "2", "-1", "x"} & set(row)) for row in rows)
    if bad == len(rows):
        with pytest.raises(ReadError, match="are no scores"):
            read(folder, text, missing=["NA"], quarantined=1)
        return
    totals = read(folder, text, missing=["NA"], quarantined=1).scores.totals
    silent = sum(set(row) <= {"", "NA"} for row in rows)
    assert totals.counts == {
        "read": len(rows),
        "scored": len(rows) - bad - silent,
        "abstained": silent,
        "quarantined": bad,
    }


def test_too_many_rows_that_are_no_scores_are_refused_with_the_first_of_them(tmp_path: Path) -> None:
    text = f"post_id,{R}\na,87.5\nb,12\nc,0.5\n"
    with pytest.raises(ReadError, match="2 of 3 rows of this table are no scores") as caught:
        read(tmp_path, text)
    assert str(caught.value.got).startswith(f"t.csv:2: bad-probability, {R}: '87.5' is no number")
    assert read(tmp_path, text, quarantined=0.7).scores.ids == ["c"]
    with pytest.raises(ReadError, match="0 of 0 rows"):
        read(tmp_path, f"post_id,{R}\n")


def test_an_id_that_is_there_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="1 id.* twice in this table") as caught:
        read(tmp_path, f"post_id,{R}\na,0.5\nb,0.5\na,0.5\n")
    assert (caught.value.where, caught.value.got) == (tmp_path / "t.csv", "'a' at t.csv:2 and t.csv:4")


def test_NaN_and_infinity_in_parquet_are_quarantined_and_null_is_silence(tmp_path: Path) -> None:
    values = pa.array([0.5, float("nan"), float("inf"), None], pa.float32())
    pq.write_table(pa.table({"post_id": [1, 2, 3, 4], R: values}), tmp_path / "t.parquet")
    found = read(tmp_path, file="t.parquet", quarantined=0.5)
    assert found.scores.ids == ["1", "4"]
    assert found.scores.abstained.tolist() == [False, True]


def test_a_child_that_is_alleged_makes_its_parent_so(tmp_path: Path) -> None:
    found = read(tmp_path, f"post_id,{A},{P}\na,0.9,0.1\nb,0.1,0.1\n")
    assert found.scores.categories == (P, A)
    assert found.scores.alleged.tolist() == [[True, True], [False, False]]


def test_thresholds_are_kept_and_reached(tmp_path: Path) -> None:
    found = read(tmp_path, f"post_id,{R},{N}\na,0.3,0.3\nb,0.2,0.7\n", threshold={R: 0.3, N: 0.7})
    assert found.threshold.tolist() == [0.3, 0.7]
    assert found.scores.alleged.tolist() == [[True, False], [False, True]]


def test_in_an_exclusive_taxonomy_the_most_probable_category_is_alleged(tmp_path: Path) -> None:
    one_of_all = Taxonomy.model_validate({**tiny_taxonomy().model_dump(), "exclusive": True})
    found = read(tmp_path, f"post_id,{R},{N}\na,0.3,0.2\nb,0,0\n", taxonomy=one_of_all)
    assert found.scores.alleged.tolist() == [[True, False], [False, False]]
    assert found.scores.abstained.tolist() == [False, True]


def test_R6_columns_of_accounts_are_refused(tmp_path: Path) -> None:
    text = f"post_id,user_name,{R}\na,0.5,0.5\n"
    for section in ({"id": "user_name"}, {"text": "user_name"}, {"columns": {R: "user_name"}}):
        with pytest.raises(ConfigError, match="accounts are never read"):
            read(tmp_path, text, **section)
    with pytest.raises(ConfigError, match="accounts are never read"):
        read(tmp_path, text, keep=["user_name"])


def test_columns_that_are_not_there_are_refused_with_the_nearest(tmp_path: Path) -> None:
    text = f"post,note,{R}\na,x,0.5\n"
    with pytest.raises(ConfigError, match="called 'post_id'"):
        read(tmp_path, text)
    with pytest.raises(ConfigError, match="called 'nota'") as caught:
        read(tmp_path, text, id="post", keep=["nota"])
    assert caught.value.todo == "did you mean 'note'?"
    with pytest.raises(ReadError, match="no such file"):
        read(tmp_path, file="gone.csv")


def test_texts_and_kept_columns_from_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,body,topic\nb,二,y\nz,没有,z\na,一,x\n", encoding="utf-8")
    text = f"post_id,{R},day\na,0.5,2019\nb,,2020\n"
    posts = {"file": "p.csv", "id": "id", "text": "body"}
    found = read(tmp_path, text, posts=posts, keep=["topic", "day"])
    assert found.texts == ["一", "二"]
    assert found.scores.kept == {"topic": ["x", "y"], "day": ["2019", "2020"]}
    assert found.posts == 3
    without = read(tmp_path, posts=posts, keep=["topic"], texts=False)
    assert (without.texts, without.scores.kept) == (None, {"topic": ["x", "y"]})


def test_A8_a_post_that_the_file_beside_it_lacks_is_refused_with_counts(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("post_id,text\na,一\nz,三\n", encoding="utf-8")
    with pytest.raises(ScoresMismatch) as caught:
        read(tmp_path, f"post_id,{R}\na,0.5\nb,0.5\n", posts={"file": "p.csv"})
    assert "1 of its 2 ids are no scored post's: 'z'" in str(caught.value.got)
    assert "1 of 2 scored posts are not in it: 'b'" in str(caught.value.got)
    assert "[table.posts]" in str(caught.value.todo)


def test_a_post_without_text_is_quarantined_as_in_a_job(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(
        f'{{"post_id": "a", "text": "好", "{R}": 0.5}}\n{{"post_id": "b", "text": null, "{R}": 0.5}}\n',
        encoding="utf-8",
    )
    found = read(tmp_path, file="t.jsonl", text="text", quarantined=0.5)
    assert [(one.where, one.reason) for one in found.quarantined] == [("t.jsonl:2", "missing-text")]
    assert read(tmp_path, file="t.jsonl", text="text", texts=False).scores.ids == ["a", "b"]


def test_posts_whose_file_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file") as refused:
        read(tmp_path, f"post_id,{R}\na,0.5\n", posts={"file": "nowhere.csv"})
    assert "nowhere.csv" in str(refused.value.where)
    assert "table.posts.file" in str(refused.value.todo)
