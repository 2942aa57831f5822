"""Corpora of several files: one for each side of the split, or a folder; numbered rows differ from each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from koudai.config.source import Source
from koudai.config.train import CorpusSection
from koudai.corpus.corpus import load_corpus
from koudai.corpus.reading.folders import LeftOutWarning
from koudai.corpus.sources import find_files, load_corpora
from koudai.errors import ReadError
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy
from tests.corpus.reading.writers import write_posts

RULE = {"category": "rumour", "fit": "direct", "reason": "written for this test"}
LABELS = [{"source": "1", "says": 1, **RULE}, {"source": "0", "says": 0, **RULE}]


def source(**fields: Any) -> Source:
    return Source.model_validate({"name": "made", "columns": {"label": "label"}, "label": LABELS, **fields})


def put(folder: Path, name: str, *, ids: list[str] | None = None) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    columns = {"label": ["1", "0"], "text": [f"{name}早", f"{name}晚"]}
    return write_posts(folder / name, columns | ({"post_id": ids} if ids else {}))


def test_files_give_the_split(tmp_path: Path, taxonomy: Taxonomy) -> None:
    put(tmp_path, "train.tsv", ids=["1", "2"])
    put(tmp_path, "dev.tsv", ids=["3", "4"])
    made = source(files={"train": "train.tsv", "test": "dev.tsv"})
    (one,) = load_corpora([CorpusSection(source=made)], taxonomy=taxonomy, config=tmp_path / "x.toml")
    assert one.corpus.ids == ["1", "2", "3", "4"]
    assert one.corpus.split.tolist() == ["train", "train", "test", "test"]
    assert one.corpus.sources == {"made": made}
    assert one.files == {"train": tmp_path / "train.tsv", "test": tmp_path / "dev.tsv"}
    assert one.sha256 not in (sha256_file(tmp_path / "train.tsv"), sha256_file(tmp_path / "dev.tsv"))
    (tmp_path / "dev.tsv").unlink()
    with pytest.raises(ReadError, match="not here") as caught:
        find_files(made, folders=(), config=tmp_path / "x.toml")
    assert caught.value.where == "dev.tsv"


def test_I7_ids_that_begin_anew_in_each_file_are_refused_unless_rows_are_numbered(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    for name in ("train/a.csv", "test/a.csv"):
        put(tmp_path, name, ids=["0", "1"])
    files = {"train": tmp_path / "train" / "a.csv", "test": tmp_path / "test" / "a.csv"}
    named = {split: str(path) for split, path in files.items()}
    with pytest.raises(ReadError, match="'0' is there twice") as caught:
        load_corpus(source(files=named), files, taxonomy=taxonomy)
    assert "number_rows = true" in str(caught.value.todo)
    corpus = load_corpus(source(files=named, number_rows=True), files, taxonomy=taxonomy)
    assert corpus.ids == ["train/a.csv:2", "train/a.csv:3", "test/a.csv:2", "test/a.csv:3"]


def test_a_folder_is_a_corpus_and_what_it_leaves_out_is_said(tmp_path: Path, taxonomy: Taxonomy) -> None:
    put(tmp_path, "in/split=train/a.csv", ids=["1", "2"])
    put(tmp_path, "in/split=test/a.csv", ids=["3", "4"])
    (tmp_path / "in" / "notes.docx").write_text("x")
    made = source(file="in", columns={"label": "label", "split": "split"})
    with pytest.warns(LeftOutWarning, match=r"1 file is left out: 1 \.docx \(notes\.docx\)"):
        corpus = load_corpus(made, tmp_path / "in", taxonomy=taxonomy)
    assert corpus.ids == ["3", "4", "1", "2"]
    assert corpus.split.tolist() == ["test", "test", "train", "train"]


def test_a_data_set_of_hugging_face_is_a_corpus(tmp_path: Path, taxonomy: Taxonomy) -> None:
    table = pa.table({"text": ["早", "晚"], "label": [1, 0]})
    (tmp_path / "train").mkdir()
    with (
        pa.OSFile(str(tmp_path / "train" / "data-00000-of-00001.arrow"), "wb") as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    corpus = load_corpus(source(file="train", number_rows=True), tmp_path / "train", taxonomy=taxonomy)
    assert corpus.ids == ["data-00000-of-00001.arrow:1", "data-00000-of-00001.arrow:2"]
    assert corpus.labels[:, taxonomy.keys.index("rumour")].tolist() == [1, 0]


def test_a_file_of_a_given_kind(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = put(tmp_path, "posts.csv", ids=["1", "2"]).rename(tmp_path / "posts.txt")
    assert load_corpus(source(file="posts.txt", file_kind="csv"), path, taxonomy=taxonomy).ids == ["1", "2"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "one `file`, or in `files`"),
        ({"file": "a.csv", "files": {"train": "b.csv"}}, "one `file`, or in `files`"),
        ({"files": {"train": "a.csv"}, "columns": {"label": "label", "split": "side"}}, "excludes columns.split"),
        ({"file": "a.txt", "file_kind": "txt"}, "no ids"),
    ],
)
def test_a_corpus_says_where_its_posts_are_once(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        source(**fields)
