"""The page asks for nothing, runs nothing but its own, stays under its size, and writes nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from koudai.audit.frame import Figure
from koudai.audit.report import QuotedPost
from koudai.errors import LimitExceeded
from koudai.limits import REPORT_BYTES, Limit
from koudai.render import html
from koudai.render.html import render_html
from tests.render.dom import Node
from tests.render.reports import figures_report, report_with


def test_R2_policy_names_exactly_its_own_style_and_script(page: str, tree: Node):
    (meta,) = [node for node in tree.find_all("meta") if node.attrs.get("http-equiv") == "Content-Security-Policy"]
    policy = dict(part.strip().split(" ", 1) for part in (meta.attrs["content"] or "").split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["img-src"] == "data:"
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
    head = tree.find_all("head")[0]
    order = [child.tag for child in head.children if isinstance(child, Node)]
    assert order.index("meta") < order.index("style")


@pytest.mark.slow
def test_R2_page_asks_for_nothing(page: str, tree: Node):
    assert not re.search(
        r"url\(|@import|//", re.findall("<style>(.*?)</style>", page, flags=re.DOTALL)[0].replace("*/", "")
    )
    for node in tree.walk():
        assert not {"src", "srcset", "style", "xlink:href", "background", "action"} & set(node.attrs)
        assert not [name for name in node.attrs if name.startswith("on")]
        assert (node.attrs.get("href") or "#").startswith("#") or node.attrs["href"] == "data:,"
        assert not re.search(r"https?:", " ".join(value or "" for value in node.attrs.values()))


def quoted(text: str, *, role: str = "typical", number: int = 0) -> QuotedPost:
    return QuotedPost("rumour", role, f"p{number}", text, 0.9, ("rumour",), {}, ())


@pytest.mark.slow
def test_R3_page_stays_under_its_limit_and_says_what_it_left_out():
    posts = tuple(quoted(f"第{i}条" + "谣" * 3000, number=i) for i in range(3000))
    page = render_html(report_with(posts=posts, frames={}))
    assert len(page.encode()) <= REPORT_BYTES.value
    assert "posts are quoted per category and role" in page
    assert "2,992 more are in report.json" in page
    assert "1,503 more characters are not shown" in page


@pytest.mark.slow
def test_R3_long_tables_are_cut_and_say_so():
    figures = tuple(Figure("rumour", f"词{i}", "z", 1.0, 99) for i in range(20_000))
    page = render_html(figures_report(*figures, measure="terms"))
    assert len(page.encode()) <= REPORT_BYTES.value
    assert "16,000 more rows are not shown" in page


def test_R3_a_page_that_cannot_fit_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(html, "REPORT_BYTES", Limit(1000, "bytes per page", "x"))
    with pytest.raises(LimitExceeded, match="too large even without quoted posts"):
        render_html(report_with(frames={}, posts=()))


def test_rendering_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    render_html(report_with(frames={}))
    assert list(tmp_path.iterdir()) == []
