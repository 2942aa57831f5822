"""Hostile text in every field of a report: it is shown, and it is nothing but text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.render.hidden import marked, visible
from koudai.render.html import render_html
from koudai.text.characters.hazards import INVISIBLE
from tests.render.dom import Node, parse
from tests.render.payloads import PAYLOADS
from tests.render.reports import hostile_report, report_with, sample_report

HIDDEN = re.compile(f"[{INVISIBLE}\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def shape(tree: Node) -> Counter[tuple[str, tuple[str, ...]]]:
    """Return how often each element occurs with each set of attributes, marks of hidden characters aside."""
    return Counter((node.tag, tuple(sorted(node.attrs))) for node in tree.walk() if node.attrs.get("class") != "hid")


@pytest.fixture(scope="module")
def harmless() -> Counter[tuple[str, tuple[str, ...]]]:
    return shape(parse(render_html(hostile_report("harmless"))))


def test_there_are_sixty_payloads():
    assert len(set(PAYLOADS)) == 60


@pytest.mark.slow
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_R1_T6_payload_in_every_field_is_text(
    payload: str, harmless: Counter[tuple[str, tuple[str, ...]]], hostile_file: Callable[[str], Path]
):
    page = hostile_file(payload).read_bytes().decode()
    tree = parse(page)
    assert shape(tree) == harmless
    assert visible(payload) in tree.text
    assert not HIDDEN.search(page)


@pytest.mark.slow
def test_T5_bidi_is_written_out_and_isolated():
    report = report_with(
        posts=(sample_report().posts[0].__class__("rumour", "typical", "p", "a\u202eb", 0.9, (), {}, ()),), frames={}
    )
    (quote,) = parse(render_html(report)).find_all("blockquote")
    (bdi,) = quote.find_all("p", class_="text")[0].find_all("bdi")
    assert bdi.text == "a⟦U+202E⟧b"
    assert bdi.find_all("span", class_="hid")[0].text == "⟦U+202E⟧"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("谣\u200b言", "谣⟦U+200B⟧言"),
        ("a\x00\x1b[2Jb\rc", "a⟦U+0000⟧⟦U+001B⟧[2Jb⟦U+000D⟧c"),
        ("一\n二\t三", "一\n二\t三"),
        ("❤️ 👨\u200d👩\u200d👧 1️⃣ 👍🏽", "❤️ 👨\u200d👩\u200d👧 1️⃣ 👍🏽"),
        ("字\ufe0f母\u200d", "字⟦U+FE0F⟧母⟦U+200D⟧"),
        ("🏴\U000e0067\U000e007f", "🏴⟦U+E0067⟧⟦U+E007F⟧"),
        ("\ud83d", "⟦U+D83D⟧"),
        ("中\u3164文\u2800", "中⟦U+3164⟧文⟦U+2800⟧"),
    ],
)
def test_T5_hidden_characters_are_written_out(text: str, expected: str):
    assert visible(text) == expected
    assert parse(f"<p>{marked(text, limit=99)}</p>").text == expected


@settings(deadline=None)
@given(st.text(st.characters(), max_size=60))
def test_R5_whatever_the_text_it_can_be_encoded_and_hides_nothing(text: str):
    for made in (visible(text), str(marked(text, limit=99))):
        made.encode()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]", made)
    assert parse(f"<p>{marked(text, limit=99)}</p>").text == visible(text)


def test_R6_page_shows_ids_and_texts_as_the_report_has_them():
    post = sample_report().posts[0]
    tree = parse(render_html(report_with(posts=(post,), frames={})))
    (quote,) = tree.find_all("blockquote")
    assert post.post_id in quote.text
    assert visible(post.text) in quote.text
