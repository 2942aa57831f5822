"""Topics of a corpus: kept where a source has a column of that name, through choosing and joining."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from koudai.config.load import parse_config
from koudai.config.source import Source
from koudai.corpus.corpus import Corpus, load_corpus
from koudai.taxonomy import Taxonomy


def load(tmp_path: Path, taxonomy: Taxonomy, name: str, columns: dict[str, object]) -> Corpus:
    path = tmp_path / f"{name}.csv"
    path.write_text("post_id,text,label,topic\n1,一,a,天气\n2,二,a,\n3,三,a,交通\n", encoding="utf-8")
    rule = {"source": "a", "category": taxonomy.keys[0], "says": 1, "fit": "direct", "reason": "for the test"}
    values = {"name": name, "title": name, "kind": "written", "file": path.name, "licence": "none", "label": [rule]}
    source = parse_config(Source, {**values, "columns": {"label": "label", **columns}}, where="test")
    return load_corpus(source, path, taxonomy=taxonomy, drop={"topic": ("交通",)} if name == "dropped" else None)


def test_a_topic_is_kept_where_the_source_keeps_its_column(tmp_path: Path, taxonomy: Taxonomy) -> None:
    kept = load(tmp_path, taxonomy, "kept", {"keep": ["topic"]})
    without = load(tmp_path, taxonomy, "without", {})
    dropped = load(tmp_path, taxonomy, "dropped", {})
    assert kept.topic is not None
    assert kept.topic.tolist() == ["天气", "", "交通"]
    assert without.topic is None
    assert dropped.topic is not None
    assert dropped.topic.tolist() == ["天气", ""]
    joined = Corpus.join([without, kept])
    assert joined.topic is not None
    assert joined.topic.tolist() == ["", "", "", "天气", "", "交通"]
    chosen = joined.take(np.array([3, 0]))
    assert chosen.topic is not None
    assert chosen.topic.tolist() == ["天气", ""]
    assert kept.digest == replace_topic(kept).digest


def replace_topic(corpus: Corpus) -> Corpus:
    from dataclasses import replace

    return replace(corpus, topic=None)
