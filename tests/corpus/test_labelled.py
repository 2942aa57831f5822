"""Labelled rows: the counts of a run, corpus by corpus, against counting one post at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from koudai.config.source import LabelRule, Source
from koudai.corpus.corpus import Corpus
from koudai.corpus.labelled import HEADER, as_table, labelled_rows
from koudai.corpus.sources import fit_of
from koudai.corpus.split import Split
from koudai.taxonomy import Taxonomy
from tests.corpus.posts import corpus_of


def test_each_corpus_is_counted_for_what_it_says_and_left_out_of_what_it_does_not(taxonomy: Taxonomy) -> None:
    random = np.random.default_rng(3)
    rule = LabelRule(source="x", category="rumour", says=1, fit="proxy", reason="near it, and not it")
    parts = []
    for name, weight, speaks in (("near", 2.0, [0]), ("mute", 1.0, []), ("other", 0.5, [0, 5])):
        labels = np.full((40, len(taxonomy.keys)), -1, np.int8)
        labels[:, speaks] = random.integers(-1, 2, (40, len(speaks)))
        source = Source(name=name, file="x.csv", label=(rule,), kind="real" if name == "near" else "written")
        part = replace(corpus_of(["x"] * 40, name=name), labels=labels, weight=np.full(40, weight))
        parts.append(replace(part, sources={name: source}))
    corpus = Corpus.join(parts)
    side = random.integers(0, 3, 120)
    split = Split(fit=side == 0, test=side == 1, leaked=np.zeros(120, bool))
    keys = ("rumour", taxonomy.keys[5])
    rows = labelled_rows(corpus, split, taxonomy, keys)
    told = {(row.category, row.corpus): row for row in rows}
    assert list(told) == [("rumour", "near"), ("rumour", "other"), (keys[1], "other")]
    for (key, name), row in told.items():
        column = taxonomy.keys.index(key)
        for where, mask in (("fit", split.fit), ("test", split.test)):
            expected = [
                sum(
                    bool(mask[post]) and corpus.source[post] == name and corpus.labels[post, column] == says
                    for post in range(120)
                )
                for says in (1, 0)
            ]
            assert list(getattr(row, where)) == expected
    assert [(row.stands_for, row.weight) for row in rows] == [
        ("proxy", 2.0),
        ("written", 0.5),
        ("written", 0.5),
    ]
    assert all(len(cells) == len(HEADER) for cells in as_table(rows))
    assert as_table(rows)[0][4:] == [*rows[0].fit, *rows[0].test]


def test_a_post_in_a_category_stands_for_those_above_it_and_a_post_out_of_it_does_not(taxonomy: Taxonomy) -> None:
    above, below = "impersonation", "impersonation.military"
    for says, expected in ((1, "proxy"), (0, "none")):
        rule = LabelRule(source="x", category=below, says=says, fit="proxy", reason="near it, and not it")
        sources = {"a": Source(name="a", file="a.csv", label=(rule,))}
        assert fit_of(sources, "a", below, taxonomy=taxonomy) == "proxy"
        assert fit_of(sources, "a", above, taxonomy=taxonomy) == expected
        assert fit_of(sources, "a", "rumour", taxonomy=taxonomy) == "none"
