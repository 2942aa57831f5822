"""Tables from originals: for every corpus that is pinned, an original in its layout gives the columns of the table
at hand, no account, and labels that are all spoken of.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from koudai.config.load import load_config, parse_config
from koudai.config.source import Source
from koudai.corpus.corpus import load_corpus
from koudai.corpus.fetching.originals import PARSERS
from koudai.corpus.fetching.table import make_table
from koudai.errors import ConfigError, KoudaiError, LabelError, ReadError
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts import masking
from tests.conftest import ROOT
from tests.corpus.reading.layouts import ACCOUNT, LAYOUTS, MENTIONED, SECOND, THIRD

CONFIGS = {path.stem: path for path in (ROOT / "configs" / "corpora").glob("*.toml")}
FETCHED = {
    name: source for name, path in sorted(CONFIGS.items()) if (source := load_config(Source, path)).fetch is not None
}
COLUMNS = {
    "cold": "text source_label fine_grained_label topic split",
    "ewect": "text source_label topic split",
    "factcheck": "text source_label fine_verdict verdict_text topic created_at source_site",
    "fbs": "text source_label",
    "hancd": "text body source_label source_outlet split",
    "hrde": "text title source_label source_site created_at",
    "legalqa": "text title question source_label split",
    "meddialog": "text title question source_label",
    "mhc": "text source_label functionality target_group annotator1 annotator2 annotator3 majority",
    "stockforum": "text source_label",
    "thucnews": "text source_label split",
    "wechatscope": "text source_label outcome created_at removed_seen_at",
    "wefend": "text source_label split label_note title_seen_in_train",
    "weibo21": "text source_label topic split",
}
ROWS = {"cold": 3, "factcheck": 4, "fbs": 14, "hancd": 4, "hrde": 24, "mhc": 1, "wefend": 5, "weibo21": 6, "ewect": 10}
ROWS |= {"legalqa": 4, "thucnews": 4}


def made(name: str) -> pa.Table:
    return make_table(FETCHED[name].model_copy(update={"rows": None}), LAYOUTS[name]())


def test_every_pinned_corpus_has_a_layout_here_and_a_parser() -> None:
    assert set(FETCHED) == set(LAYOUTS) == set(COLUMNS)
    assert {source.fetch.parser for source in FETCHED.values() if source.fetch} <= set(PARSERS)
    assert {name: set(LAYOUTS[name]()) for name in LAYOUTS} == {name: set(FETCHED[name].sha256) for name in LAYOUTS}


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_original_in_its_layout_gives_the_columns_of_the_table_at_hand(
    name: str, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    table, source = made(name), FETCHED[name]
    assert set(table.column_names) == {"post_id", *COLUMNS[name].split()}
    assert table.num_rows == ROWS.get(name, 2)
    stem = source.file.removesuffix(".parquet")
    assert table.column("post_id").to_pylist() == [f"{stem}-{i:06d}" for i in range(table.num_rows)]
    pq.write_table(table, tmp_path / source.file)
    corpus = load_corpus(source, tmp_path / source.file, taxonomy=taxonomy)
    assert (len(corpus), corpus.quarantined) == (table.num_rows, ())
    assert (corpus.labels != -1).any() == bool(source.rules(taxonomy.name))


@pytest.mark.parametrize("name", LAYOUTS)
def test_R6_no_account_and_no_mention_is_left(name: str) -> None:
    written = str(made(name).to_pylist())
    assert ACCOUNT not in written
    assert MENTIONED not in written
    assert masking.FETCHED["mention"] in written


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_real_table_at_hand_has_these_columns_of_these_kinds(name: str, real_corpus: Callable[[str], Path]) -> None:
    schema = pq.read_schema(real_corpus(FETCHED[name].file))
    ours = made(name).schema
    assert set(schema.names) == set(ours.names)
    assert {one: schema.field(one).type for one in schema.names} == {one: ours.field(one).type for one in ours.names}


def rows_of(name: str) -> list[dict[str, Any]]:
    return made(name).to_pylist()


def test_weibo21_rows_keep_the_order_of_the_files() -> None:
    assert [row["split"] for row in rows_of("weibo21")] == ["train", "train", "val", "val", "test", "test"]
    assert [(row["source_label"], row["topic"]) for row in rows_of("weibo21")[:2]] == [
        ("real", "社会生活"),
        ("fake", "科技"),
    ]


def test_wefend_marks_what_stands_in_training_before_masking() -> None:
    found = [(row["source_label"], row["title_seen_in_train"], row["label_note"] is None) for row in rows_of("wefend")]
    assert found == [
        *[("fake", False, True), ("real", False, True), ("fake", True, True), ("real", False, True)],
        (None, False, False),
    ]


def test_factcheck_joins_lists_and_fields_and_leaves_what_a_site_lacks_null() -> None:
    first, second, third, fourth = rows_of("factcheck")
    assert (first["topic"], first["fine_verdict"], first["source_site"]) == (
        "停水|自来水",
        "谣言",
        "jiaozhen(腾讯较真)",
    )
    assert (second["source_label"], second["topic"], second["created_at"]) == (None, None, "2021-02-03 04:05:06")
    assert (third["source_label"], fourth["source_label"]) == ("rumorType=0", "rumorType=2")
    assert (third["verdict_text"], third["created_at"]) == ("没有这回事。 水厂说没有。", None)


def test_hrde_texts_are_squeezed_and_cut_and_an_empty_one_stays_text() -> None:
    first, second = rows_of("hrde")[:2]
    assert first["text"] == f"听{masking.FETCHED['mention']} 说明天停水 没有这回事"
    assert (second["text"], second["created_at"]) == ("", None)
    long = {path: data.replace("没有".encode(), "没".encode() * 2000) for path, data in LAYOUTS["hrde"]().items()}
    table = make_table(FETCHED["hrde"].model_copy(update={"rows": None}), long)
    assert len(table.column("text")[0].as_py()) == 1000 - len(MENTIONED) + len(masking.FETCHED["mention"])


def test_cold_has_fine_labels_for_its_test_side_alone() -> None:
    assert [row["fine_grained_label"] for row in rows_of("cold")] == [None, None, 3.0]


def test_cold_is_split_by_file_whatever_a_row_says_of_itself() -> None:
    assert [row["split"] for row in rows_of("cold")] == ["train", "dev", "test"]


def test_hrde_leaves_out_what_has_neither_title_nor_text() -> None:
    assert {(row["title"], row["text"] == "") for row in rows_of("hrde")} == {(SECOND, False), (THIRD, True)}


def test_meddialog_is_read_in_either_encoding() -> None:
    source = FETCHED["meddialog"].model_copy(update={"rows": None})
    utf8 = {path: data.decode("gb18030").encode() for path, data in LAYOUTS["meddialog"]().items()}
    assert make_table(source, utf8).equals(made("meddialog"))


def toy(**changed: Any) -> Source:
    fetch = {"repository": "a/b", "commit": "0" * 40, "parser": "csv", "checked": "written for this test"}
    fields = {"text": "words", "sort": "sort"}
    values = {"name": "toy", "file": "toy.parquet", "columns": {"label": "sort"}, "silent": ["x"]}
    values |= {"sha256": {"a.csv": "0" * 64}, "fetch": {**fetch, "columns": fields, **changed.pop("fetch", {})}}
    return parse_config(Source, values | changed, where="toy.toml")


TOY = {"a.csv": "words,sort,nick\n今天停水,x,甲\n明天也停,x,乙\n".encode()}


def test_the_same_originals_give_the_same_table() -> None:
    assert make_table(toy(rows=2), TOY).to_pylist() == [
        {"post_id": "toy-000000", "text": "今天停水", "sort": "x"},
        {"post_id": "toy-000001", "text": "明天也停", "sort": "x"},
    ]


def test_rows_without_any_of_the_needed_columns_are_left_out_and_counted() -> None:
    originals = {"a.csv": "words,sort\n今天停水,x\n　,x\n明天也停,\n,\n".encode()}
    assert make_table(toy(rows=4), originals).num_rows == 4
    kept = make_table(toy(rows=2, fetch={"needed": ["text"], "left_out": 2}), originals)
    assert kept.column("post_id").to_pylist() == ["toy-000000", "toy-000001"]
    assert kept.column("text").to_pylist() == ["今天停水", "明天也停"]
    assert make_table(toy(rows=3, fetch={"needed": ["text", "sort"], "left_out": 1}), originals).num_rows == 3
    with pytest.raises(ReadError, match="got: *3, and 1 left out"):
        make_table(toy(rows=3, fetch={"needed": ["text", "sort"]}), originals)
    with pytest.raises(ConfigError, match="nor a column of the table: txt"):
        toy(fetch={"needed": ["txt"]})


@pytest.mark.parametrize(
    ("changed", "kind", "says"),
    [
        ({"rows": 3}, ReadError, "another number of rows"),
        ({"rows": 2, "fetch": {"needed": ["text"], "left_out": 1}}, ReadError, "expected: 2, and 1 left out"),
        ({"silent": ["y"]}, LabelError, "labels that its file does not speak of"),
        ({"fetch": {"columns": {"text": "word"}}, "columns": {}}, ReadError, "a field 'word'"),
        ({"fetch": {"columns": {"text": "nick_name", "sort": "sort"}}}, ConfigError, "never read: nick_name"),
        ({"fetch": {"columns": {"text": "words", "sort": "sort", "昵称": "sort"}}}, ConfigError, "never read: 昵称"),
        ({"fetch": {"parser": "json-array"}}, ReadError, "expected: JSON"),
        ({"fetch": {"parser": "os.system"}}, KoudaiError, "unknown parser"),
        ({"fetch": None}, ConfigError, "has no .fetch."),
    ],
)
def test_another_table_than_the_one_known_is_refused(changed: dict[str, Any], kind: type, says: str) -> None:
    nothing = changed.get("fetch", {}) is None
    source = toy().model_copy(update={"fetch": None}) if nothing else toy(**changed)
    with pytest.raises(kind, match=says) as caught:
        make_table(source, TOY)
    assert caught.value.exit_code in (2, 3)


def test_I3_a_lone_surrogate_is_an_error_and_no_crash() -> None:
    source = toy(fetch={"parser": "json-array"})
    with pytest.raises(ReadError, match="UTF-8"):
        make_table(source, {"a.csv": b'[{"words": "\\ud800", "sort": "x"}]'})


def test_a_field_of_fields_is_an_error() -> None:
    with pytest.raises(ReadError, match="text, a number, or a list of texts"):
        make_table(toy(fetch={"parser": "json-array"}), {"a.csv": b'[{"words": {"a": 1}, "sort": "x"}]'})
