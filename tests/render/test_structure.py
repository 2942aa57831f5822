"""The page under a keyboard or a screen reader: landmarks, headings, captions, contrast."""

from __future__ import annotations

import re

import pytest

from koudai.render.words import TEMPLATES
from tests.render.dom import Node


@pytest.mark.slow
def test_landmarks_skip_link_and_headings_in_order(tree: Node):
    for tag in ("header", "nav", "main", "footer"):
        assert tree.find_all(tag)
    body = tree.find_all("body")[0]
    first = next(child for child in body.children if isinstance(child, Node))
    assert (first.tag, first.attrs["href"]) == ("a", "#overview")
    levels = [int(node.tag[1]) for node in tree.walk() if re.fullmatch("h[1-6]", node.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))


def test_tables_have_captions_and_scopes_and_scroll_with_the_keyboard(tree: Node):
    for table in tree.find_all("table"):
        assert table.find_all("caption")
        assert all(head.attrs.get("scope") in ("col", "row", "colgroup") for head in table.find_all("th"))
        region = table.parent
        assert region is not None
        assert (region.attrs.get("role"), region.attrs.get("tabindex")) == ("group", "0")


@pytest.mark.slow
def test_ids_are_unique_and_references_resolve(tree: Node):
    ids = [node.attrs["id"] for node in tree.walk() if "id" in node.attrs]
    assert len(ids) == len(set(ids))
    for node in tree.walk():
        for name in ("aria-labelledby", "for"):
            assert set((node.attrs.get(name) or "").split()) <= set(ids)
        if (node.attrs.get("href") or "").startswith("#"):
            assert (node.attrs["href"] or "")[1:] in ids


def test_charts_have_title_description_and_table(tree: Node):
    figures = tree.find_all("figure")
    assert len(figures) > 50
    for figure in figures:
        (svg,) = figure.find_all("svg")
        assert svg.attrs["role"] == "img"
        assert len(svg.find_all("title")) == len(svg.find_all("desc")) == 1
        assert figure.find_all("table")
        assert svg.find_all("text"), "text stays text"


def test_colours_have_contrast():
    css = (TEMPLATES / "base.css").read_text(encoding="utf-8")
    pairs = {name: both for name, *both in re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", css)}

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for scheme in (0, 1):
        for front in ("ink", "muted", "accent", "second", "bad"):
            for back in ("paper", "surface", "warm", "sunken"):
                light, dark = sorted((luminance(pairs[front][scheme]), luminance(pairs[back][scheme])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back, scheme)
