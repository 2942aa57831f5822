"""Readers: every row is a post or quarantined with its place and reason, ids leave as they came (I6), what posts hold
is kept (I3, I9, I10), batches change nothing, and a wrong layout is told from a wrong row.
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.source import Columns
from koudai.corpus.reading.posts import Quarantined
from koudai.corpus.reading.readers import SeenIds, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ReadError
from koudai.limits import ID_CHARACTERS, LINE_BYTES, POST_BYTES, QUARANTINE_EXCERPT
from tests.corpus.posts import POSTS
from tests.corpus.reading.writers import FILES, write_posts
from tests.hostile.files import deep_json, mixed_encodings
from tests.hostile.strings import HOSTILE_STRINGS, encodable

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
DAMAGED_BY_OTHERS = [
    "007",
    "4890123456789012345",
    "NA",
    "nan",
    "null",
    "None",
    "1e5",
    "TRUE",
    "1.0",
    "0x1F",
    "２３",
    " 7",
]
IDS = st.sampled_from(DAMAGED_BY_OTHERS) | TEXTS.filter(lambda text: bool(text.strip()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readers")


@dataclass
class Whole:
    """A file as lists, batches of any size put together again."""

    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    fields: dict[str, list[Any]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)


def whole(path: Path, *, quoting: str | None = "csv", **options: Any) -> Whole:
    one = Whole()
    cut = {name: options.pop(name) for name in [*options] if name.startswith("batch")}
    for batch in read_posts(path, Reading(quoting=quoting, **options), **cut):
        one.ids += batch.ids.to_pylist()
        one.texts += batch.texts.texts()
        one.places += batch.file_lines
        one.quarantined += batch.quarantined
        for name, values in batch.fields.items():
            one.fields.setdefault(name, []).extend(values)
    return one


def json_lines(path: Path, *lines: str | dict[str, Any]) -> Path:
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(line + "\n" for line in written), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    posts=st.dictionaries(IDS, TEXTS, min_size=1, max_size=8),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    batch_rows=st.integers(1, 9),
)
def test_I6_ids_and_texts_out_are_ids_and_texts_in(
    folder: Path, name: str, posts: dict[str, str], quoting: int, batch_rows: int
) -> None:
    if name.startswith(("posts.csv", "posts.tsv")):  # blanks round an id are left out of tables of cells
        posts = {post_id.strip(): text for post_id, text in posts.items()}
    path = write_posts(folder / name, {"post_id": list(posts), "text": list(posts.values())}, quoting=quoting)
    got = whole(path, batch_rows=batch_rows)
    assert got.quarantined == []
    assert dict(zip(got.ids, got.texts, strict=True)) == posts
    assert all(type(post_id) is str for post_id in got.ids)


def test_I6_numbers_as_ids_keep_their_digits_in_json(folder: Path) -> None:
    digits = ["7", "4890123456789012345", "1e5", "1.50", "-0"]
    path = json_lines(folder / "numbers.jsonl", *(f'{{"post_id": {one}, "text": "好"}}' for one in digits))
    assert whole(path).ids == digits


@pytest.mark.parametrize("name", ["bad.csv", "bad.tsv", "bad.jsonl", "bad.parquet"])
def test_I7_empty_and_endless_ids_are_set_aside(folder: Path, name: str) -> None:
    longest = "长" * ID_CHARACTERS.value
    ids = ["1", "", "  ", "\u3000", longest, longest + "长", "2"]
    got = whole(write_posts(folder / name, {"post_id": ids, "text": ["好"] * len(ids)}))
    assert got.ids == ["1", longest, "2"]
    assert [row.reason for row in got.quarantined] == ["bad-id"] * 4
    assert got.quarantined[-1].detail == f"longer than {ID_CHARACTERS.value} characters"


def test_I7_the_second_of_two_ids_is_found_with_the_place_of_the_first() -> None:
    seen = SeenIds()
    place = "a.csv:2"
    assert seen.second("1", place) is None
    assert seen.second("1", place) == place
    with pytest.raises(ReadError, match="the id '1' is there twice") as caught:
        seen.refuse(["2", "1"], ["b.csv:2", "b.csv:3"])
    error = caught.value
    assert (error.where, error.got, error.exit_code) == ("b.csv:3", "first seen at a.csv:2", 3)
    assert "`duplicates` first" in str(error.todo)


BAD_LINES = {
    '{"post_id": "1", "text": "a", "text": "b"}': "bad-json",
    '{"post_id": "1", "text": NaN}': "bad-json",
    deep_json(50): "bad-json",
    "{" * 3000: "bad-json",
    "[]": "bad-json",
    "早上好": "bad-json",
    '{"post_id": "1"}': "missing-field",
    "{}": "missing-field",
    '{"post_id": "1", "text": null}': "missing-text",
    '{"post_id": "1", "text": 5}': "bad-text",
    '{"post_id": "1", "text": ["a"]}': "bad-text",
    '{"post_id": "1", "text": true}': "bad-text",
    '{"post_id": null, "text": "a"}': "bad-id",
    '{"post_id": true, "text": "a"}': "bad-id",
    '{"post_id": ["a"], "text": "a"}': "bad-id",
    '{"post_id": "\\ud83d", "text": "a"}': "bad-id",
}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    lines=st.lists(st.sampled_from([*BAD_LINES, "post", "", "  "]), max_size=25),
    batch_rows=st.integers(1, 30),
    zipped=st.booleans(),
)
def test_P1_read_is_posts_and_quarantined_each_with_its_line(
    folder: Path, lines: list[str], batch_rows: int, zipped: bool
) -> None:
    lines = ["post", *lines]
    written = [json.dumps({"post_id": str(n), "text": "好"}) if x == "post" else x for n, x in enumerate(lines, 1)]
    content = "\n".join(written).encode()
    path = folder / ("mixed.jsonl.gz" if zipped else "mixed.jsonl")
    path.write_bytes(gzip.compress(content) if zipped else content)
    batches = list(read_posts(path, batch_rows=batch_rows))
    assert all(batch.read == len(batch.ids) + len(batch.quarantined) for batch in batches)
    assert [batch.read for batch in batches[:-1]] == [batch_rows] * (len(batches) - 1)
    got = whole(path)
    assert got.places == [f"{path.name}:{n}" for n, line in enumerate(lines, 1) if line == "post"]
    assert [(row.where, row.reason) for row in got.quarantined] == [
        (f"{path.name}:{n}", BAD_LINES[line]) for n, line in enumerate(lines, 1) if line in BAD_LINES
    ]
    assert sum(batch.read for batch in batches) == sum(bool(line.strip()) for line in lines)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(kinds=st.lists(st.sampled_from(["post", "short", "long", "bytes", "id", "multiline", "quote"]), max_size=20))
def test_P1_every_csv_row_is_a_post_or_has_its_reason(folder: Path, kinds: list[str]) -> None:
    forms = {
        "post": (b"%d,ok\n", None),
        "short": (b"%d\n", "ragged"),
        "long": (b"%d,a,b\n", "ragged"),
        "bytes": (b"%d,\xff\xfe\n", "bad-bytes"),
        "id": (b",%d\n", "bad-id"),
        "multiline": (b'%d,"a\n\n,""b"\n', None),
        "quote": (b'"%d"x,b\n', "bad-csv"),
    }
    path = folder / "kinds.csv"
    path.write_bytes(b"post_id,text\n" + b"".join(forms[kind][0] % n for n, kind in enumerate(kinds)))
    got = whole(path, bad_bytes="quarantine")
    assert got.ids == [str(n) for n, kind in enumerate(kinds) if forms[kind][1] is None]
    assert [row.reason for row in got.quarantined] == [forms[kind][1] for kind in kinds if forms[kind][1]]


@pytest.mark.parametrize("name", FILES)
def test_I9_I10_hostile_texts_are_kept_as_they_are(folder: Path, name: str) -> None:
    labels, texts = zip(*encodable(), strict=True)
    got = whole(write_posts(folder / f"hostile-{name}", {"post_id": labels, "text": texts}))
    assert (got.ids, got.texts, got.quarantined) == (list(labels), list(texts), [])


def test_I3_lone_surrogates_in_json_reach_the_post_unchanged(folder: Path) -> None:
    rows = [{"post_id": name, "text": text} for name, text in HOSTILE_STRINGS]
    got = whole(json_lines(folder / "surrogates.jsonl", *rows))
    assert dict(zip(got.ids, got.texts, strict=True)) == dict(HOSTILE_STRINGS)


def test_I3_what_is_quarantined_can_be_written_and_printed(folder: Path) -> None:
    rows = [{"post_id": text, "text": None} for _, text in HOSTILE_STRINGS]
    got = whole(json_lines(folder / "aside.jsonl", {"post_id": "1", "text": "好"}, *rows))
    assert len(got.quarantined) == len(HOSTILE_STRINGS)
    for row in got.quarantined:
        assert json.dumps(row.to_dict(), ensure_ascii=False).encode()
        assert len(row.excerpt) <= QUARANTINE_EXCERPT.value
        assert len(row.detail) <= QUARANTINE_EXCERPT.value
        assert "\x1b" not in row.excerpt + row.detail
        assert "\u202e" not in row.excerpt + row.detail


def test_I8_a_key_of_megabytes_does_not_make_the_reason_long(folder: Path) -> None:
    key = "长" * 100_000
    path = json_lines(folder / "key.jsonl", f'{{"{key}": 1, "{key}": 2}}', {"post_id": "1", key: 1})
    got = whole(json_lines(folder / "key2.jsonl", {"post_id": "1", "text": "好"}, *path.read_text("utf-8").split("\n")))
    assert [row.reason for row in got.quarantined] == ["bad-json", "missing-field"]
    assert all(len(row.detail) <= QUARANTINE_EXCERPT.value for row in got.quarantined)


@pytest.mark.parametrize("name", ["long.csv", "long.jsonl", "long.parquet", "long.jsonl.gz"])
def test_I11_a_post_beyond_the_limit_is_set_aside_the_next_is_read(folder: Path, name: str) -> None:
    texts = ["a" * POST_BYTES.value, "a" * (POST_BYTES.value + 1), "长" * (POST_BYTES.value // 3 + 1), POSTS[0]]
    got = whole(write_posts(folder / name, {"post_id": ["1", "2", "3", "4"], "text": texts}))
    assert got.ids == ["1", "4"]
    assert [row.reason for row in got.quarantined] == ["too-long"] * 2
    assert str(POST_BYTES.value) in got.quarantined[0].detail


@pytest.mark.parametrize("name", ["line.csv", "line.jsonl"])
def test_I11_a_line_beyond_the_limit_is_set_aside_the_next_is_read(folder: Path, name: str) -> None:
    texts = [POSTS[0], "a" * LINE_BYTES.value, POSTS[1]]
    got = whole(write_posts(folder / name, {"post_id": ["1", "2", "3"], "text": texts}))
    assert got.texts == list(POSTS[:2])
    assert [row.reason for row in got.quarantined] == ["too-long"]
    assert got.quarantined[0].where == f"{name}:{3 if name.endswith('csv') else 2}"


def test_I1_mixed_bytes_set_one_row_aside_on_request_and_stop_otherwise(folder: Path) -> None:
    path = mixed_encodings(folder / "mixed.csv")
    with pytest.raises(ReadError, match="is not utf-8"):
        whole(path)
    got = whole(path, bad_bytes="quarantine")
    assert got.ids == ["1", "3"]
    assert [(row.where, row.reason) for row in got.quarantined] == [("mixed.csv:3", "bad-bytes")]
    assert "2" in got.quarantined[0].excerpt


@pytest.mark.parametrize("batch_rows", [1, 2, 5, 4096])
def test_one_row_without_its_field_stops_nothing_wherever_it_stands(folder: Path, batch_rows: int) -> None:
    good, bad = {"post_id": "1", "text": "好"}, {"id": "x", "content": "好"}
    got = whole(json_lines(folder / "one.jsonl", bad, good, bad, bad), batch_rows=batch_rows)
    assert (len(got.ids), len(got.quarantined)) == (1, 3)
    assert got.quarantined[0].detail == "no post_id, text; there is id, content"


@pytest.mark.parametrize("batch_rows", [1, 3, 4096])
@pytest.mark.parametrize("rows", [1, 4, 5000])
def test_I5_a_file_of_another_layout_is_refused_with_the_names_it_has(folder: Path, batch_rows: int, rows: int) -> None:
    path = json_lines(folder / "layout.jsonl", *[{"id": "x", "content": "好"}] * rows)
    with pytest.raises(ReadError, match=f"none of the first {min(rows, 1000)} rows has the fields wanted") as caught:
        whole(path, batch_rows=batch_rows)
    error = caught.value
    assert (str(error.where), error.expected) == (str(path), "post_id, text")
    assert error.got == "no post_id, text; there is id, content"
    assert "`text_column`" in str(error.todo)


def test_extra_columns_come_by_name_once_however_often_they_are_named(folder: Path) -> None:
    columns = {"post_id": ["1", "2"], "text": POSTS[:2], "sort": ["a", "b"], "side": ["train", "test"]}
    path = write_posts(folder / "extra.csv", columns)
    asked = Columns(label="sort", split="side", keep=("sort", "side", "text"))
    got = whole(path, columns=asked)
    assert got.fields == {"sort": ["a", "b"], "side": ["train", "test"], "text": list(POSTS[:2])}
