"""A corpus: rows in, posts out, each with its label, split, weight and source (P1); ids twice are refused (I7), what
the config drops is counted, joined corpora keep apart, and the digest changes when a post does.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.config.source import Columns, LabelRule, Source
from koudai.corpus.corpus import Corpus, load_corpus
from koudai.errors import ConfigError, LabelError, ReadError
from koudai.taxonomy import Taxonomy
from tests.corpus.posts import POSTS, corpus_of
from tests.corpus.reading.writers import FILES, write_posts

RULES = tuple(
    LabelRule(source=value, category="rumour", says=says, fit="direct", reason="written for this test")
    for value, says in (("fake", 1), ("real", 0))
)
MADE = Source(
    name="made",
    file="made.csv",
    columns=Columns(label="sort", split="side", keep=("topic",)),
    label=RULES,
    silent=("?",),
)
COLUMNS: dict[str, Any] = {
    "post_id": [f"{n:03}" for n in range(8)],
    "text": POSTS,
    "sort": ["fake", "real", "?", "fake", "real", "fake", "real", "?"],
    "side": ["train"] * 5 + ["test"] * 3,
    "topic": ["交通", "动物", "无法确定", "None", "住房", "无法确定", "饮食", "园艺"],
    "user_name": ["某甲"] * 8,
}


def load(path: Path, taxonomy: Taxonomy, source: Source = MADE, **options: Any) -> Corpus:
    return load_corpus(source, path, taxonomy=taxonomy, **options)


@pytest.mark.parametrize("name", FILES)
def test_P1_a_file_of_any_kind_becomes_the_same_corpus(tmp_path: Path, taxonomy: Taxonomy, name: str) -> None:
    seen: list[int] = []
    got = load(write_posts(tmp_path / name, COLUMNS), taxonomy, weight=2.5, advance=seen.append)
    rumour = taxonomy.keys.index("rumour")
    assert (got.ids, got.texts) == (COLUMNS["post_id"], list(POSTS))
    assert got.labels[:, rumour].tolist() == [1, 0, -1, 1, 0, 1, 0, -1]
    assert got.split.tolist() == COLUMNS["side"]
    assert got.source.tolist() == ["made"] * 8
    assert got.weight.tolist() == [2.5] * 8
    assert (got.quarantined, got.dropped, sum(seen)) == ((), 0, 8)
    assert got.digest == load(write_posts(tmp_path / "other.csv", COLUMNS), taxonomy).digest
    assert "某甲" not in repr(got)


@pytest.mark.parametrize(
    ("drop", "left"),
    [
        ({"topic": ("无法确定",)}, [0, 1, 3, 4, 6, 7]),
        ({"topic": ("无法确定", "交通")}, [1, 3, 4, 6, 7]),
        ({"topic": ("无法确定",), "side": ("test",)}, [0, 1, 3, 4]),
        ({"sort": ("?",)}, [0, 1, 3, 4, 5, 6]),
        ({"text": (POSTS[0],)}, [1, 2, 3, 4, 5, 6, 7]),
        ({"topic": ("没有这一类",)}, list(range(8))),
        ({"topic": ()}, list(range(8))),
    ],
)
def test_dropped_posts_are_left_out_and_counted(
    tmp_path: Path, taxonomy: Taxonomy, drop: dict[str, tuple[str, ...]], left: list[int]
) -> None:
    path = write_posts(tmp_path / "posts.csv", COLUMNS)
    got, full = load(path, taxonomy, drop=drop), load(path, taxonomy)
    assert got.ids == [COLUMNS["post_id"][n] for n in left]
    assert (got.labels == full.labels[left]).all()
    assert len(got) + got.dropped == 8


def test_a_missing_value_is_not_dropped_for_the_word_none(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write_posts(tmp_path / "posts.jsonl", {**COLUMNS, "topic": [None, "None", *["园艺"] * 6]})
    assert load(path, taxonomy, drop={"topic": ("None",)}).ids == [i for i in COLUMNS["post_id"] if i != "001"]


def test_a_column_to_drop_by_must_be_there_and_name_no_account(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write_posts(tmp_path / "posts.csv", COLUMNS)
    with pytest.raises(ReadError, match="missing: topics") as caught:
        load(path, taxonomy, drop={"topics": ("a",)})
    assert "did you mean 'topic'?" in str(caught.value.todo)
    with pytest.raises(ConfigError, match="never read: user_name"):
        load(path, taxonomy, drop={"user_name": ("某甲",)})


def test_I7_an_id_that_is_there_twice_is_refused_with_both_places(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write_posts(tmp_path / "posts.csv", {**COLUMNS, "post_id": ["1", "2", "3", "4", "2", "6", "7", "8"]})
    with pytest.raises(ReadError, match="the id '2' is there twice") as caught:
        load(path, taxonomy)
    assert (caught.value.where, caught.value.got) == ("posts.csv:6", "first seen at posts.csv:3")


def test_I7_an_id_that_is_there_twice_is_found_across_batches(tmp_path: Path, taxonomy: Taxonomy) -> None:
    n = 5000
    path = write_posts(tmp_path / "posts.csv", {"post_id": [*range(n), 0], "text": ["好"] * (n + 1)})
    with pytest.raises(ReadError, match="the id '0' is there twice"):
        load(path, taxonomy, Source(name="made", file="x"))


def test_P1_quarantined_rows_are_carried_along(tmp_path: Path, taxonomy: Taxonomy) -> None:
    lines = [json.dumps({"post_id": "1", "text": "好"}), "{", json.dumps({"post_id": "", "text": "好"})]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    got = load(path, taxonomy, Source(name="made", file="x"))
    assert [row.reason for row in got.quarantined] == ["bad-json", "bad-id"]
    again = load(path, taxonomy, Source(name="again", file="x"))
    joined = Corpus.join([got.take(np.array([False])), again])
    assert joined.quarantined == got.quarantined + again.quarantined
    assert len(joined) == 1


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_posts_is_an_empty_corpus(tmp_path: Path, taxonomy: Taxonomy, name: str) -> None:
    path = write_posts(tmp_path / name, {column: [] for column in COLUMNS})
    got = load(path, taxonomy, drop={"topic": ("无法确定",)})
    assert (len(got), got.labels.shape, got.dropped) == (0, (0, len(taxonomy.keys)), 0)


@pytest.mark.parametrize("missing", [None, ""])
def test_posts_without_a_split_are_counted_and_refused(tmp_path: Path, taxonomy: Taxonomy, missing: str | None) -> None:
    path = write_posts(tmp_path / "posts.jsonl", {**COLUMNS, "side": [*["train"] * 5, "test", missing, missing]})
    with pytest.raises(LabelError, match="2 posts of corpus 'made' have no split") as caught:
        load(path, taxonomy)
    assert (caught.value.where, caught.value.exit_code) == ("column 'side'", 3)


def test_another_encoding_is_read_if_the_source_names_it(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(f"post_id,text\n1,{POSTS[0]}\n".encode("gb18030"))
    source = Source(name="made", file="x", encoding="gb18030")
    assert load(path, taxonomy, source).texts == [POSTS[0]]


def test_take_by_mask_and_by_position_agree(tmp_path: Path, taxonomy: Taxonomy) -> None:
    corpus = load(write_posts(tmp_path / "posts.csv", COLUMNS), taxonomy)
    mask = np.array([True, False, True, False, False, False, False, True])
    one, other = corpus.take(mask), corpus.take(np.array([0, 2, 7]))
    assert one.ids == other.ids == ["000", "002", "007"]
    assert one.digest == other.digest != corpus.digest
    assert corpus.take(np.array([7, 0])).ids == ["007", "000"]


def test_joined_corpora_keep_order_source_and_counts() -> None:
    one, two = corpus_of(list(POSTS[:3]), name="one"), corpus_of(list(POSTS[2:5]), name="two")
    joined = Corpus.join([dataclasses.replace(one, dropped=2), dataclasses.replace(two, dropped=3)])
    assert joined.ids == ["p0", "p1", "p2", "p0", "p1", "p2"]
    assert joined.source.tolist() == ["one"] * 3 + ["two"] * 3
    assert (joined.dropped, list(joined.sources), len(joined)) == (5, ["one", "two"], 6)


def test_one_corpus_may_be_taken_in_two_parts_but_no_post_twice() -> None:
    corpus = corpus_of(list(POSTS))
    first, second = corpus.take(np.arange(4)), corpus.take(np.arange(4, 8))
    assert Corpus.join([first, second]).ids == corpus.ids
    with pytest.raises(ConfigError, match="a post is taken in twice") as caught:
        Corpus.join([first, corpus])
    assert caught.value.got == "made: p0"
    assert caught.value.exit_code == 2


def test_two_different_corpora_of_one_name_are_refused() -> None:
    one = corpus_of(["早"], ids=["a"])
    other = dataclasses.replace(corpus_of(["晚"], ids=["b"]), sources={"made": Source(name="made", file="b.csv")})
    with pytest.raises(ConfigError, match="two different corpora have one name") as caught:
        Corpus.join([one, other])
    assert caught.value.got == "made"


def variants() -> dict[str, Corpus]:
    base = corpus_of(["甲", "乙"], ids=["1", "2"], split=["train", "test"])
    labels = base.labels.copy()
    labels[0, 0] = 1
    return {
        "base": base,
        "id": dataclasses.replace(base, ids=["1", "3"]),
        "text": dataclasses.replace(base, texts=["甲", "乙 "]),
        "label": dataclasses.replace(base, labels=labels),
        "split": dataclasses.replace(base, split=np.array(["train", "train"], dtype=object)),
        "order": base.take(np.array([1, 0])),
        "fewer": base.take(np.array([0])),
        "moved": dataclasses.replace(base, texts=["甲乙", ""]),
        "text-in-id": dataclasses.replace(base, ids=["1甲", "2"], texts=["", "乙"]),
        "nul": dataclasses.replace(base, texts=["甲\0train", "乙"], split=np.array(["", "test"], dtype=object)),
        "nul-moved": dataclasses.replace(base, texts=["甲", "乙"], split=np.array(["train\0", "test"], dtype=object)),
        "surrogate": dataclasses.replace(base, texts=["甲\ud83d", "乙"]),
    }


def test_the_digest_tells_all_of_these_apart() -> None:
    digests = {name: corpus.digest for name, corpus in variants().items()}
    assert len(set(digests.values())) == len(digests)
    assert digests == {name: corpus.digest for name, corpus in variants().items()}
    assert all(len(digest) == 16 for digest in digests.values())


@pytest.mark.parametrize("name", ["made.csv", "made.jsonl", "made.parquet"])
def test_dates_to_divide_by_are_read_in_the_time_zone_of_the_run(tmp_path: Path, taxonomy: Taxonomy, name: str) -> None:
    four = ["2024/1/1 0:05", "2024-01-01 00:05:00+08:00", "1704038700", "Mon Jan 01 00:05:00 +0800 2024"]
    path = write_posts(tmp_path / name, {**COLUMNS, "when": four * 2})
    dated = MADE.model_copy(update={"columns": MADE.columns.model_copy(update={"date": "when"})})
    assert set(load(path, taxonomy, dated).date.astype(str)) == {"2024-01-01T00:05:00"}
    abroad = load(path, taxonomy, dated, timezone="UTC").date.astype(str).tolist()
    assert abroad == ["2024-01-01T00:05:00", *["2023-12-31T16:05:00"] * 3] * 2


def test_I7_ids_that_are_there_twice_are_listed_together(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write_posts(tmp_path / "a.csv", {"post_id": ["1", "2", "1", "3", *["2"] * 20], "text": ["好"] * 24})
    with pytest.raises(ReadError, match="the id '1' is there twice, and so are 20 others") as caught:
        load(path, taxonomy, Source(name="made", file="x"))
    assert str(caught.value.got).splitlines()[:2] == ["first seen at a.csv:2", "'2' at a.csv:6 and a.csv:3"]
    assert "and 10 more" in str(caught.value.got)
    assert "duplicates" not in str(caught.value.todo)


def test_I7_an_id_that_a_spreadsheet_may_have_rounded_is_told_so(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write_posts(tmp_path / "a.csv", {"post_id": ["4750000001948080"] * 2, "text": ["好"] * 2})
    with pytest.raises(ReadError, match="there twice") as caught:
        load(path, taxonomy, Source(name="made", file="x"))
    assert "spreadsheet" in str(caught.value.todo)
