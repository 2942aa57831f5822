"""Datasheets: everything that a corpus's file says of it is there, as words, and nothing that it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.source import LabelRule, Source
from koudai.corpus.sources import known_sources
from koudai.model.bundle.markdown import plain
from koudai.render.datasheet import datasheet
from tests.model.bundle.test_card import structure

KNOWN = known_sources(configs=Path("configs"))


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_terms_labels_and_reasons_are_all_there(name: str) -> None:
    source = KNOWN[name]
    sheet = datasheet(source)
    told = (source.title, source.licence, source.citation, source.origin, source.unknown, source.not_fetched)
    assert all(plain(text) in sheet for text in told)
    assert all(plain(rule.reason) in sheet and f"| {rule.says} |" in sheet for rule in source.label)
    assert all(plain(why) in sheet for why in source.silent.values())
    assert all(digest in sheet for digest in source.sha256.values()) or source.fetch is None
    assert structure(sheet)["heading_open"] == 5
    assert structure(sheet)["table_open"] == bool(source.label) + (source.fetch is not None)


def test_what_is_not_known_is_said_to_be_so() -> None:
    sheet = datasheet(Source(name="x", file="x.csv"))
    assert sheet.count("not known") == 4
    assert "No label says anything of a category." in sheet
    assert "posts written for a project" in datasheet(Source(name="x", file="x.csv", kind="written"))


def test_R1_words_from_elsewhere_are_words() -> None:
    nasty = "<script>x</script> | [a](b) # c **d**\n\n# e"
    rule = LabelRule(source=nasty, category="rumour", says=1, fit="direct", reason=nasty)
    plainly = Source(name="x", file="x", title="t", licence="l", citation="c", origin="o", unknown="u", label=(rule,))
    calm = plainly.model_copy(update={"label": (rule.model_copy(update={"source": "a", "reason": "b"}),)})
    hostile = plainly.model_copy(update=dict.fromkeys(("title", "licence", "citation", "origin", "unknown"), nasty))
    assert structure(datasheet(hostile)) == structure(datasheet(calm))
    assert "<script>" not in datasheet(hostile)
