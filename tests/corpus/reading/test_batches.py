"""Batches: where they end changes nothing about the posts; ids alone are those of the posts (I7); memory does not grow
with the file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.readers import read_post_ids, read_posts
from tests.corpus.reading.writers import FILES, write_posts

ROWS = [{"post_id": "" if n % 7 == 3 else f"{n:02}", "text": None if n % 11 == 5 else f"第{n}条"} for n in range(40)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same rows as JSON lines and as Parquet, some of them no posts, in row groups of 9."""
    folder = tmp_path_factory.mktemp("batches")
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    pq.write_table(pa.Table.from_pylist(ROWS), folder / "rows.parquet", row_group_size=9)
    return folder


def sizes(batch_rows: int, cut_rows: int | None) -> list[int]:
    """Return how many rows each batch has, counted by ones."""
    found = [0]
    for row in range(len(ROWS)):
        if found[-1] == batch_rows or (cut_rows and row % cut_rows == 0 and row):
            found.append(0)
        found[-1] += 1
    return found


@settings(derandomize=True, deadline=None, max_examples=60)
@given(batch_rows=st.integers(1, 45), cut_rows=st.none() | st.integers(1, 45))
def test_J11_batches_end_at_cuts_and_hold_the_same_posts(folder: Path, batch_rows: int, cut_rows: int | None) -> None:
    batches = list(read_posts(folder / "rows.jsonl", batch_rows=batch_rows, cut_rows=cut_rows))
    assert [batch.read for batch in batches] == sizes(batch_rows, cut_rows)
    columnar = list(read_posts(folder / "rows.parquet", batch_rows=batch_rows, cut_rows=cut_rows))
    edges = [{sum(batch.read for batch in some[: n + 1]) for n in range(len(some))} for some in (batches, columnar)]
    assert set(range(cut_rows or 41, 41, cut_rows or 41)) <= edges[0] & edges[1]
    assert max(batch.read for batch in columnar) <= batch_rows
    (whole,) = read_posts(folder / "rows.parquet")
    for some in (batches, columnar):
        assert [i for batch in some for i in batch.ids.to_pylist()] == whole.ids.to_pylist()
        assert [t for batch in some for t in batch.texts.texts()] == whole.texts.texts()
        assert [n for batch in some for n in batch.lines.tolist()] == whole.lines.tolist()
        assert [row.reason for batch in some for row in batch.quarantined] == [row.reason for row in whole.quarantined]
        assert sum(batch.read for batch in some) == len(ROWS)


@pytest.mark.parametrize("batch_rows", [1, 8, 100])
@pytest.mark.parametrize(("name", "exact"), [("rows.jsonl", True), ("rows.jsonl", False), ("rows.parquet", True)])
def test_I7_ids_are_read_without_their_texts(folder: Path, name: str, exact: bool, batch_rows: int) -> None:
    posts = list(read_posts(folder / name))
    found = list(read_post_ids(folder / name, exact=exact, batch_rows=batch_rows))
    assert [i for ids, _, _, _ in found for i in ids.to_pylist()] == [i for one in posts for i in one.ids.to_pylist()]
    assert [n for _, lines, _, _ in found for n in lines.tolist()] == [n for one in posts for n in one.lines.tolist()]
    assert sum(read for _, _, read, _ in found) == len(ROWS)


@pytest.mark.parametrize("name", FILES)
def test_I7_every_kind_of_file_gives_its_ids_and_no_row_is_lost(tmp_path: Path, name: str) -> None:
    ids = ["a", " ", "b", "", "长"]
    path = write_posts(tmp_path / name, {"post_id": ids, "text": ["好"] * 5})
    (found,) = read_post_ids(path, exact=False)
    first = 2 if ".csv" in name or ".tsv" in name else 1
    assert (found[0].to_pylist(), found[1].tolist(), found[2]) == (["a", "b", "长"], [first, first + 2, first + 4], 5)


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_P5_batches_of_long_posts_are_shorter(tmp_path: Path, kind: str) -> None:
    texts = ["长" * 4000 + str(n) for n in range(60)]
    path = write_posts(tmp_path / f"long.{kind}", {"post_id": [str(n) for n in range(60)], "text": texts})
    batches = list(read_posts(path, batch_bytes=100_000, cut_rows=50))
    assert 4 <= max(batch.read for batch in batches) <= 10
    assert [text for batch in batches for text in batch.texts.texts()] == texts
    assert len(list(read_posts(path))) == 1


def test_P5_long_rows_that_are_no_posts_count_too(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("".join(f'{{"post_id": "{n}", "text": "{"长" * 4000}\n' for n in range(60)), encoding="utf-8")
    batches = list(read_posts(path, batch_bytes=100_000))
    assert max(batch.read for batch in batches) <= 10
    assert sum(len(batch.quarantined) for batch in batches) == 60


MEASURE = """
import sys
import pyarrow as pa
from pathlib import Path
from koudai.corpus.reading.readers import read_posts
posts = sum(len(batch.ids) for batch in read_posts(Path(sys.argv[1])))
print(posts, pa.default_memory_pool().max_memory())
"""


@pytest.mark.slow
def test_P5_one_row_group_of_any_size_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """Arrow's own count of what it holds at most: a fifth of what the texts take unzipped."""
    path = tmp_path / "posts.parquet"
    texts = [f"{n:08d}" * 100 for n in range(100_000)]
    table = pa.table({"post_id": pa.array(range(100_000)), "text": texts})
    pq.write_table(table, path, use_dictionary=False, compression="none", data_page_size=1 << 16)
    command = [sys.executable, "-c", MEASURE, str(path)]
    posts, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert int(posts) == 100_000
    assert int(peak) < 16_000_000
