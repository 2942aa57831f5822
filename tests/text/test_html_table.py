"""Tables in notebooks: no cell is markup."""

from __future__ import annotations

from xml.etree import ElementTree

from koudai.text.html_table import html_table


def test_whatever_a_cell_holds_is_text() -> None:
    nasty = "<script>alert('x')</script>&\"'"
    found = ElementTree.fromstring(f"<div>{html_table(nasty, [nasty], [[nasty], [3]], notes=[nasty])}</div>")
    assert [one.text for one in found.iter("td")] == [nasty, "3"]
    assert [one.text for one in found.iter("th")] == [nasty]
    assert found.find("script") is None
