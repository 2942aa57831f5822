"""The known corpora: every file in ``configs/corpora`` reads, and where a corpus is at hand its labels are all spoken
of and its counts are those its authors give. Skipped where a corpus is not here; no post is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from koudai.config.load import load_config
from koudai.config.source import Source
from koudai.corpus.corpus import load_corpus
from koudai.corpus.reading.accounts import names_account
from koudai.taxonomy import Taxonomy, load_taxonomy
from tests.conftest import ROOT

BEFORE_2020 = 12_102
"""Rows of the WeChatScope table where it was cut at the end of 2019, to keep the later ones unseen."""
MOST = 40_000
CORPORA = sorted(path.stem for path in (ROOT / "configs" / "corpora").glob("*.toml"))


def known(name: str) -> Source:
    return load_config(Source, ROOT / "configs" / "corpora" / f"{name}.toml")


@pytest.mark.parametrize("name", CORPORA)
def test_a_corpus_file_says_what_it_must(name: str, taxonomy: Taxonomy) -> None:
    source = known(name)
    assert source.name == name
    assert source.title
    assert source.origin
    assert source.licence
    assert source.citation
    assert source.rows
    assert (source.fetch is None) == bool(source.not_fetched)
    assert source.columns.labels or len(source.unknown) > 40
    assert all(len(reason) > 20 for reason in source.silent.values())
    if source.fetch is not None:
        assert source.fetch.repository in source.origin
        assert source.fetch.commit in source.origin
    for spoken in {taxonomy.name, *(rule.taxonomy or taxonomy.name for rule in source.label)}:
        heard = source.rules(spoken)
        keys = load_taxonomy(ROOT / "configs" / "taxonomies" / f"{spoken}.toml").keys
        assert {rule.category for rule in heard} <= set(keys)
        meanings = [(rule.source, rule.category) for rule in heard]
        assert len(set(meanings)) == len(meanings), "two rules speak of one label and category"
    assert not {rule.source for rule in source.rules(taxonomy.name)} & set(source.silent)
    columns = source.columns
    asked = (columns.id, columns.text, columns.label, columns.labels, columns.split, columns.date, *columns.keep)
    assert not any(names_account(column) for column in asked if column)


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPORA)
def test_every_corpus_at_hand_loads_with_all_its_labels_spoken_of(
    name: str, taxonomy: Taxonomy, real_corpus: Callable[[str], Path], tmp_path: Path
) -> None:
    """Of a corpus of more than `MOST` posts every so many-th is loaded, but every label looked at."""
    source = known(name)
    path, rows = real_corpus(source.file), source.rows
    if rows > MOST:
        whole = pq.read_table(path)
        assert whole.num_rows == rows
        labels = set(whole.column(source.columns.label).unique().drop_null().to_pylist())
        assert labels <= {rule.source for rule in source.rules(taxonomy.name)} | set(source.silent)
        some = whole.take(list(range(0, rows, rows // MOST)))
        path, rows = tmp_path / source.file, some.num_rows
        pq.write_table(some, path)
    corpus = load_corpus(source, path, taxonomy=taxonomy)
    assert len(corpus) > 0
    assert {row.reason for row in corpus.quarantined} <= {"missing-text"}
    read = len(corpus) + len(corpus.quarantined)
    assert read == rows or (name == "wechatscope" and read == BEFORE_2020)
    if source.columns.label:
        table = pq.read_table(path, columns=[source.columns.label, source.columns.text])
        table = table.filter(pc.is_valid(table.column(source.columns.text)))
        counts = {entry["values"]: entry["counts"] for entry in table.column(0).value_counts().to_pylist()}
        assert sum(counts.values()) == len(corpus)
        unlabelled = counts.pop(None, 0)
        assert set(counts) <= {rule.source for rule in source.rules(taxonomy.name)} | set(source.silent)
        silent = sum(counts.get(value, 0) for value in source.silent)
        assert (corpus.labels == -1).all(axis=1).sum() == unlabelled + silent
        for rule in source.rules(taxonomy.name):
            column = corpus.labels[:, taxonomy.keys.index(rule.category)]
            assert (column == rule.says).sum() >= counts[rule.source]


def test_weibo21_without_the_undecided_topic_has_9128_posts(
    taxonomy: Taxonomy, real_corpus: Callable[[str], Path]
) -> None:
    source = known("weibo21")
    corpus = load_corpus(source, real_corpus(source.file), taxonomy=taxonomy, drop={"topic": ("无法确定",)})
    assert (len(corpus), corpus.dropped, len(corpus.quarantined)) == (9128, 464, 0)
    assert set(corpus.split) == {"train", "val", "test"}
    rumour = corpus.labels[:, taxonomy.keys.index("rumour")]
    assert (np.unique(rumour) == [0, 1]).all()


def test_fbs_every_label_has_a_meaning_or_is_declared_silent(
    taxonomy: Taxonomy, real_corpus: Callable[[str], Path]
) -> None:
    source = known("fbs")
    path = real_corpus(source.file)
    written = pq.read_table(path, columns=["source_label"]).column(0).unique().to_pylist()
    assert sorted(written) == sorted({rule.source for rule in source.rules(taxonomy.name)} | set(source.silent))
    assert len(written) == 14
    corpus = load_corpus(source, path, taxonomy=taxonomy)
    spoken = (corpus.labels != -1).any(axis=1)
    silent = np.isin(pq.read_table(path, columns=["source_label"]).column(0).to_pylist(), list(source.silent))
    assert (spoken == ~silent).all()


@pytest.mark.parametrize("name", ["chnci", "cold", "ewect", "mhc", "stockforum", "wechatscope"])
def test_what_was_labelled_for_something_else_says_nothing_of_any_category(name: str, taxonomy: Taxonomy) -> None:
    source = known(name)
    assert source.rules(taxonomy.name) == ()
    assert source.silent


@pytest.mark.parametrize("name", ["hrde", "legalqa", "meddialog", "thucnews"])
def test_what_is_only_known_not_to_be_in_a_category_never_says_1(name: str, taxonomy: Taxonomy) -> None:
    assert {(rule.says, rule.fit) for rule in known(name).rules(taxonomy.name)} == {(0, "control")}
