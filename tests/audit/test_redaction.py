"""Redaction: no group and no setting of a report holds a contact, and groups stay apart (R7)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from koudai.audit.comparison import compare_reports
from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.redaction import redacted_frame, redacted_settings
from koudai.corpus.reading.posts import Quarantined, set_aside
from koudai.corpus.reading.rows import Row
from tests.audit.table import table
from tests.render.reports import report_with
from tests.text.characters.contacts.test_forms import MOBILES, OTHERS

PLANTED = [*MOBILES, *(one for kind, many in OTHERS.items() if kind != "link" for one in many)]


@pytest.mark.parametrize("written", PLANTED)
def test_R7_groups_and_settings_hold_no_contact(written: str) -> None:
    figures = tuple(
        Figure("rumour", group, "share", 0.5, 9) for group in (f"打{written}", "2023", written, "*", "2023")
    )
    shown = [figure.group for figure in redacted_frame(AuditFrame("prevalence", figures)).figures]
    assert written not in "".join(shown)
    assert len(set(shown)) == 4
    assert (shown[1], shown[3], shown[4]) == ("2023", "*", "2023")
    assert written not in str(redacted_settings({"group": [{written: written}]}))


@pytest.mark.parametrize("written", PLANTED)
def test_R7_excerpts_of_rows_set_aside_hold_no_contact(written: str) -> None:
    row = Quarantined("posts.csv:3", "bad-json", f"expected text, got {written}", f"打，{written}")
    assert written.encode() not in row.to_line()
    assert b"posts.csv:3" in row.to_line()


def test_R7_words_of_posts_are_counted_without_contacts() -> None:
    texts = [
        f"特价刻章，电话13800138000，QQ：7654321，微信river_bend88，邮箱wang@example.com 第{number}批"
        for number in range(40)
    ]
    words = table(order=[0] * 40, texts=texts).scored_texts.word_counts.words
    assert "刻章" in words
    assert "1xxxxxxxxxx" in words
    for part in ("13800138000", "7654321", "river", "bend88", "wang", "example"):
        assert not [word for word in words if part in word]


@pytest.mark.parametrize(
    "text", ["打138\u200b0013\u200b8000", "电话①③⑧⓪⓪①③⑧⓪⓪⓪", "微信：river_bend88", "见13800138000"]
)
@pytest.mark.parametrize("before", ["", "字" * 176])
@pytest.mark.parametrize("escaped", [False, True])
def test_R7_excerpts_are_masked_before_they_are_cut_or_escaped(text: str, before: str, escaped: bool) -> None:
    raw = json.dumps({"text": before + text}, ensure_ascii=escaped)[:-1]
    shown = set_aside(Row(3, {}, raw=raw), ("bad-json", "no end"), "posts.jsonl").excerpt
    assert not [part for part in ("0013", "①③", "river", "1380") if part in shown]


@pytest.mark.parametrize("raw", ['{"a": "\\u5b57"', '{"a": "\\ud800"', '{"a": "\\\\u5b"'])
def test_an_excerpt_without_contacts_is_as_it_was_written(raw: str) -> None:
    assert set_aside(Row(3, {}, raw=raw), ("bad-json", "no end"), "posts.jsonl").excerpt == raw


def test_R7_an_earlier_report_brings_no_contact_into_a_comparison() -> None:
    """What a report of before named, of a model that kept contacts, is counted and not named again."""
    stats = (("here", 0.0), ("there", 0.2), ("z", -3.0))
    words = [Figure("*", word, name, value, 9) for word in ("river", "停水") for name, value in stats]
    groups = (Figure("*", "群主微信river_grp55", "removed", 0.5, 2),)
    frames = {"shift": AuditFrame("shift", tuple(words)), "outcome": AuditFrame("outcome", groups)}
    before = report_with(frames=frames)
    for redacted in (True, False):
        after = report_with(frames={"shift": AuditFrame("shift", tuple(words[3:]))})
        after = replace(after, provenance={**after.provenance, "redacted": redacted})
        told = json.dumps(compare_reports(before, after).to_json(), ensure_ascii=False)
        assert ("river" in told) is not redacted
        assert "停水" in told
        assert told.count('"[word 1]"') == 3 * redacted
        found = compare_reports(before, after)
        assert (len(found.changes), len(found.only_before), len(found.only_after)) == (3, 4, 0)
