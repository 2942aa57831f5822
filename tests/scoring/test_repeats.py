"""Repeats: those that remembering every id would find (I7), across files, batches and parts, by exact comparison; rows
that are no posts repeat nothing; memory and the disk are left as they were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.corpus.reading.folders import find_post_files
from koudai.corpus.reading.readers import SeenIds, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError, StorageError
from koudai.progress import Silent
from koudai.scoring import repeats as module
from koudai.scoring.repeats import Repeats, SpilledIds, find_repeats, place_of, shown

IDS = st.sampled_from(["1", "01", "a", "长", "长\x00", "😂" * 100, " 7", "x" * 512]) | st.text(
    st.characters(codec="utf-8"), min_size=1, max_size=3
)


def remembered(ids: list[str]) -> list[tuple[int, int]]:
    first: dict[str, int] = {}
    return [(n, first[one]) for n, one in enumerate(ids) if first.setdefault(one, n) != n]


def pairs(repeats: Repeats) -> list[tuple[int, int]]:
    return list(zip(repeats.places.tolist(), repeats.firsts.tolist(), strict=True))


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    batches=st.lists(st.lists(IDS, max_size=12), max_size=5),
    parts=st.sampled_from([1, 2, 256]),
    together=st.sampled_from([4, 1 << 16]),
)
def test_I7_repeats_are_those_that_remembering_every_id_finds(
    batches: list[list[str]], parts: int, together: int
) -> None:
    ids = [one for batch in batches for one in batch]
    with SpilledIds() as aside, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TOGETHER", together)
        if parts < 256:  # ids that differ share a part, as after a collision
            patch.setattr(module, "_part_of", lambda some: (np.diff(some.offsets) % parts).astype(np.uint8))
        begun = 0
        for batch in batches:
            aside.add(pa.array(batch, pa.string()), np.arange(begun, begun + len(batch)))
            begun += len(batch)
        found = aside.repeats()
        assert pairs(found) == remembered(ids)
        assert [aside.id_at(place) for place, _ in pairs(found)] == [ids[place] for place, _ in pairs(found)]
        expected = dict(remembered(ids))
        assert found.firsts_of(np.arange(len(ids))).tolist() == [expected.get(n, -1) for n in range(len(ids))]


def test_P5_what_is_set_aside_goes_to_the_disk_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module, "_IN_MEMORY", 1000)
    ids = [str(n % 900) for n in range(1000)]
    with SpilledIds() as aside:
        aside.add(pa.array(ids), np.arange(1000))
        assert aside._file._rolled  # type: ignore[attr-defined]
        assert pairs(aside.repeats()) == [(n, n - 900) for n in range(900, 1000)]
        assert list(tmp_path.iterdir()) == []


def test_J2_a_full_disk_for_temporary_files_is_a_storage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with SpilledIds() as aside, Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(aside._file, "write", full.write)
        with pytest.raises(StorageError, match="No space left") as caught:
            aside.add(pa.array(["a"]), np.arange(1))
    assert caught.value.happened == "nothing was scored"


@pytest.mark.parametrize("shape", ["{}", "{:016d}", "weibo-{:012d}-m", "{:x}" * 4])
def test_P5_ids_are_spread_over_the_parts(monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    monkeypatch.setattr(module, "_TOGETHER", 0)
    ids = [shape.format(*[n] * 4) for n in range(51_200)]
    with SpilledIds() as aside:
        aside.add(pa.array(ids), np.arange(len(ids)))
        sizes = [len(part) for part, _ in aside._parts()]
    assert (len(sizes), sum(sizes)) == (256, len(ids))
    assert max(sizes) < 2 * 200


def test_places_are_in_reading_order_and_shown_as_file_and_line() -> None:
    names = ["a.csv", "b.jsonl"]
    places = np.concatenate([place_of(0, np.array([2, 10**12])), place_of(1, np.array([1, 5]))])
    assert (np.diff(places) > 0).all()
    assert [shown(place, names) for place in places.tolist()] == [
        "a.csv:2",
        f"a.csv:{10**12}",
        "b.jsonl:1",
        "b.jsonl:5",
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(
            pa.Table.from_pylist(rows, schema=pa.schema([("post_id", pa.string()), ("text", pa.string())])), path
        )
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def look(paths: list[Path], *, refuse: bool) -> tuple[list[int], list[tuple[str, str]]]:
    rows, marks, found = find_repeats(
        find_post_files(map(str, paths)), Reading(), refuse=refuse, mark_rows=3, progress=Silent()
    )
    assert [[mark.row for mark in some] for some in marks] == [list(range(0, n, 3)) for n in rows]
    names = [path.name for path in paths]
    return rows, [(shown(place, names), shown(first, names)) for place, first in pairs(found)]


ROWS = st.lists(
    st.fixed_dictionaries(
        {"post_id": st.sampled_from(["1", "2", "3", "4", "", None]), "text": st.sampled_from(["好", None])}
    ),
    max_size=8,
)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=100)
@given(files=st.lists(st.tuples(ROWS, st.booleans()), min_size=1, max_size=3))
def test_I7_rows_that_are_no_posts_repeat_nothing(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[list[dict[str, Any]], bool]]
) -> None:
    """Against every post of every file, one by one."""
    folder = tmp_path_factory.mktemp("repeats")
    paths = [
        write(folder / f"{n}.{'parquet' if parquet else 'jsonl'}", [{"post_id": f"x{n}", "text": "好"}, *rows])
        for n, (rows, parquet) in enumerate(files)
    ]
    seen, expected = SeenIds(), []
    for path in paths:
        for batch in read_posts(path):
            for post_id, place in zip(batch.ids.to_pylist(), batch.file_lines, strict=True):
                first = seen.second(post_id, place)
                if first is not None:
                    expected.append((place, first))
    rows, found = look(paths, refuse=False)
    assert found == expected
    assert rows == [1 + len(some) for some, _ in files]
    if expected:
        with pytest.raises(ReadError, match="is there twice") as caught:
            look(paths, refuse=True)
        assert (caught.value.where, caught.value.got) == (expected[0][0], f"first seen at {expected[0][1]}")
    else:
        assert look(paths, refuse=True) == (rows, [])


def test_texts_of_parquet_are_not_read_unless_an_id_is_there_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    real = module.read_post_ids

    def noted(*given: Any, **named: Any) -> Any:
        asked.append(named["exact"])
        return real(*given, **named)

    monkeypatch.setattr(module, "read_post_ids", noted)
    once = write(tmp_path / "once.parquet", [{"post_id": str(n), "text": "好"} for n in range(5)])
    look([once], refuse=True)
    assert asked == [False]
    null = write(tmp_path / "null.parquet", [{"post_id": "1", "text": text} for text in (None, "好")])
    assert look([null], refuse=True) == ([2], [])
    assert asked == [False, False, True]
