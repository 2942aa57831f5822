"""The page in a real browser: quiet, offline, usable, and inert whatever it quotes."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Opened
from tests.render.payloads import PAYLOADS
from tests.render.reports import PLANNED, component_keys

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]
SHARES = 3
"""In so many parts workers share the payloads."""
MIDDLE = """(() => {
    const quote = document.querySelector('blockquote');
    quote.scrollIntoView({block: 'center', behavior: 'instant'});
    const box = quote.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
})()"""
HEADS = "#matrix thead tr:last-child th"
UNFOLD = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
VISIBLE = """selector => [...document.querySelectorAll(selector)]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 0).length"""
KEYS = "[...document.querySelectorAll('#matrix tbody tr')].filter(row => !row.hidden).map(row => row.dataset.key)"


def until(page: Any, holds: str) -> None:
    """Wait until a function of the page returns true; `wait_for_function` polls with eval, which the page forbids."""
    for _ in range(100):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(holds)


def test_R2_page_is_quiet_and_asks_for_nothing_but_itself(open_page: Open, files: dict[str, Path]):
    opened = open_page(files["en"])
    opened.page.mouse.wheel(0, 9000)
    until(opened.page, "() => scrollY > 0")
    assert opened.said == []
    assert opened.asked == [opened.url]


@pytest.mark.parametrize(("lang", "other"), [("en", "zh"), ("zh", "en")])
def test_language_switch(open_page: Open, files: dict[str, Path], lang: str, other: str):
    page = open_page(files[lang]).page
    heads = {"en": "How vague are these categories?", "zh": "这些类别究竟有多模糊？"}
    assert page.inner_text("h1") == heads[lang]
    page.click(f"[data-set-lang={other}]")
    assert page.inner_text("h1") == heads[other]
    assert page.get_attribute(f"[data-set-lang={other}]", "aria-pressed") == "true"
    assert page.get_attribute(f"[data-set-lang={lang}]", "aria-pressed") == "false"
    assert page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[other]
    assert page.evaluate(VISIBLE, f"span[lang={lang}]") == 0
    assert page.evaluate(VISIBLE, f"span[lang={other}]") > 50
    assert page.evaluate(VISIBLE, ".chart text[lang]") > 50


def test_a_page_with_a_plan_marks_figures_on_cards_and_in_tables_in_both_languages(
    open_page: Open, files: dict[str, Path]
):
    page = open_page(files["planned"]).page
    page.evaluate(UNFOLD)
    for lang, words in (("en", ("planned", "exploratory")), ("zh", ("计划内", "探索性"))):
        page.click(f"[data-set-lang={lang}]")
        for word in words:
            for where in ("article.card .cell-note", "#measures td .note"):
                assert page.locator(where).get_by_text(word, exact=True).locator("visible=true").count() > 0, where
        assert page.get_by_text(PLANNED.hash).first.is_visible()


def test_theme_switch_and_system_preference(open_page: Open, files: dict[str, Path]):
    paper = "getComputedStyle(document.body).backgroundColor"
    line = "getComputedStyle(document.querySelector('.chart svg path[stroke]')).stroke"
    page = open_page(files["en"]).page
    light, in_light = page.evaluate(paper), page.evaluate(line)
    page.emulate_media(color_scheme="dark")
    page.reload()
    dark, in_dark = page.evaluate(paper), page.evaluate(line)
    assert dark != light, "the system's preference is followed"
    assert in_dark != in_light, "charts follow the theme"
    for system in ("dark", "light"):
        page.emulate_media(color_scheme=system)
        page.click("[data-set-theme=light]")
        assert (page.evaluate(paper), page.evaluate(line)) == (light, in_light), system
        page.click("[data-set-theme=dark]")
        assert (page.evaluate(paper), page.evaluate(line)) == (dark, in_dark), system


def test_search_filters_rows_and_cards_in_both_languages(open_page: Open, files: dict[str, Path]):
    page = open_page(files["en"]).page
    for wanted, expected in (("医疗", ["unqualified_advice.medical"]), ("LEGAL advice", ["unqualified_advice.legal"])):
        page.fill("#filter", wanted)
        assert page.evaluate(KEYS) == expected
        assert page.evaluate(VISIBLE, "article.card") == 1
        assert page.inner_text("#found") == "1 / 14"
    page.fill("#filter", "<script>")
    assert page.evaluate(KEYS) == []
    page.fill("#filter", "")
    assert len(page.evaluate(KEYS)) == 14


def test_sorting_goes_down_up_and_back_to_the_tree_and_undefined_values_stay_last(
    open_page: Open, files: dict[str, Path]
):
    page = open_page(files["en"]).page
    order, heads = page.evaluate(KEYS), page.locator(HEADS)
    values = """[...document.querySelectorAll('#matrix tbody tr')].map(row => row.cells[3].dataset.v)
        .map(v => v === undefined ? null : Number(v))"""
    button = heads.nth(3).locator("button")
    seen = []
    for state in ("descending", "ascending", "none"):
        button.click()
        assert heads.nth(3).get_attribute("aria-sort") == state
        seen.append([value for value in page.evaluate(values) if value is not None])
    assert seen[0] == sorted(seen[0], reverse=True)
    assert seen[1] == sorted(seen[1])
    assert page.evaluate(KEYS) == order
    heads.nth(1).locator("button").press("Enter")
    assert heads.nth(1).get_attribute("aria-sort") == "descending", "with the keyboard too"
    place = 1 + component_keys().index("calibration")
    for state in ("descending", "ascending"):
        heads.nth(place).locator("button").click()
        assert heads.nth(place).get_attribute("aria-sort") == state
        last = page.evaluate(
            f"[...document.querySelectorAll('#matrix tbody tr')].at(-1).cells[{place}].dataset.v ?? null"
        )
        assert last is None, state


def test_readable_with_scripts_off(without_scripts: Opened, files: dict[str, Path]):
    without_scripts.load(files["en"], width=1280, height=900)
    page = without_scripts.page
    assert page.locator("h1 span:visible").inner_text() == "How vague are these categories?"
    assert page.evaluate(VISIBLE, "#matrix tbody tr") == 14
    assert page.evaluate(VISIBLE, "article.card") == 14
    assert page.locator("noscript p").first.is_visible()
    assert page.evaluate(VISIBLE, ".switches, .search") == 0, "no dead buttons"
    page.locator("#measures summary").first.click()
    assert page.locator("#measures .prose").first.is_visible()


def test_first_tab_stop_is_the_skip_link_and_focus_shows(open_page: Open, files: dict[str, Path]):
    page = open_page(files["en"]).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_tables_scroll_in_their_own_region_at_360(open_page: Open, files: dict[str, Path]):
    page = open_page(files["en"], width=360, height=780).page
    region = page.locator(".scroll").first
    assert region.evaluate("e => e.scrollWidth > e.clientWidth && e.tabIndex === 0")
    region.focus()
    page.keyboard.press("ArrowRight")
    until(page, "() => document.querySelector('.scroll').scrollLeft > 0")


def test_the_first_screen_says_what_was_found_and_all_on_it_is_large_enough_to_touch(
    open_page: Open, files: dict[str, Path]
):
    page = open_page(files["zh"], width=360, height=780).page
    assert page.locator(".opening li").count() == 5
    assert page.locator(".opening li").first.is_visible()
    assert page.locator(".opening li").last.bounding_box()["width"] <= 360
    small = page.evaluate(
        """[...document.querySelectorAll('button, summary, input')].filter(e => e.checkVisibility())
        .map(e => [e.tagName, e.innerText, e.getBoundingClientRect().height]).filter(e => e[2] < 24)"""
    )
    assert small == []


def test_print_shows_no_controls_and_loses_no_text(open_page: Open, files: dict[str, Path]):
    page = open_page(files["en"]).page
    page.emulate_media(media="print")
    assert page.locator(".bar").is_hidden()
    assert page.evaluate(VISIBLE, "article.card") == 14
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("document.querySelectorAll('article.card:nth-of-type(n+2), #measures').forEach(e => e.remove())")
    assert len(page.pdf()) > 50_000


@pytest.mark.parametrize("first", range(SHARES))
def test_R1_hostile_posts_are_inert(open_page: Open, hostile_file: Callable[[str], Path], first: int):
    for payload in PAYLOADS[first::SHARES]:
        opened = open_page(hostile_file(payload), width=600, height=400)
        opened.page.evaluate(UNFOLD)
        opened.page.mouse.move(*opened.page.evaluate(MIDDLE))
        hovered = opened.page.evaluate("[...document.querySelectorAll('blockquote')].some(e => e.matches(':hover'))")
        assert hovered, payload
        assert opened.said == [], payload
        assert opened.asked == [opened.url], payload
        ours = "document.querySelectorAll('script, style, iframe, object, embed, img, form, base').length"
        assert opened.page.evaluate(ours) == 2, (payload, "our own two")


def test_policy_stops_what_does_not_belong(open_page: Open, files: dict[str, Path], tmp_path: Path):
    altered = tmp_path / "altered.html"
    page_text = files["en"].read_text(encoding="utf-8")
    added = (
        "<script>document.title = 'owned'</script><img src='file:///etc/hostname'><p id='x' style='color: red'>x</p>"
    )
    altered.write_text(page_text.replace("<main", f"{added}<main", 1), encoding="utf-8")
    opened = open_page(altered)
    assert "owned" not in opened.page.title()
    assert opened.page.evaluate("getComputedStyle(document.getElementById('x')).color") != "rgb(255, 0, 0)"
    assert opened.page.evaluate("[...document.images].every(image => image.naturalWidth === 0)")
    assert any("Content Security Policy" in line for line in opened.said)


def pixels(png: bytes) -> set[bytes]:
    """Return the distinct rows of a PNG's filtered pixel data: a blank picture has one or two."""
    place, data = 8, b""
    width = int.from_bytes(png[16:20])
    channels = {2: 3, 6: 4}[png[25]]
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += length + 12
    raw = zlib.decompress(data)
    stride = width * channels + 1
    return {raw[i : i + stride] for i in range(0, len(raw), stride)}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_screenshots_are_not_blank(open_page: Open, files: dict[str, Path], lang: str):
    page = open_page(files[lang]).page
    for width, theme in itertools.product((360, 1280), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        for shown in ("h1", "article.card"):
            page.evaluate("shown => document.querySelector(shown).scrollIntoView({behavior: 'instant'})", shown)
            assert len(pixels(page.screenshot())) > 200, (width, theme, shown)


PAPER = {"A4": 718, "Letter": 740}
"""Width in pixels of what a page of paper leaves between its margins."""
CUT = """[...document.querySelectorAll('main *:not(svg, svg *, .vh, .vh *)')].filter(e => e.checkVisibility())
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1
        || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'))
    .map(e => `${e.tagName}.${e.className}: ${e.innerText.slice(0, 40)}`)"""
HIDDEN = CUT.replace("innerWidth + 1", "1e9").replace("!== 'visible'", "=== 'hidden'")
"""What is wider than the screen can be scrolled to; no text ends in dots."""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_cut_on_a_screen_or_on_paper_and_the_page_never_scrolls_sideways(
    open_page: Open, files: dict[str, Path], lang: str
):
    page = open_page(files[lang], width=320, height=780).page
    page.evaluate(UNFOLD)
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 780})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        if width in (360, 1280):
            assert page.evaluate(HIDDEN) == [], width
    assert page.locator("#matrix").evaluate("e => e.scrollWidth <= e.parentElement.clientWidth")
    page.emulate_media(media="print")
    for paper, width in PAPER.items():
        page.set_viewport_size({"width": width, "height": 1000})
        assert page.evaluate(CUT) == [], paper
