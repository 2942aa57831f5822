"""Links between Markdown files lead somewhere, every page stands in the site, and what pages say of files is there."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from koudai.training.intervals import IntervalKind
from tests.conftest import ROOT

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILES = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "data/*/*.md", "models/README.md") for path in ROOT.glob(pattern)
)
PROTOCOL = re.compile(r'"(koudai-[a-z-]+)", (\d+)$', re.MULTILINE)


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors of headings that both the site and a repository's own view make."""
    found = set()
    for heading in re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower().strip()
        ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
        if ascii_only == plain:
            found.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain)))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(path: Path) -> None:
    wrong = []
    for link in LINK.findall(prose(path)):
        target, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            wrong.append(link)
    assert wrong == []


def test_pages_of_the_site_link_to_nothing_outside_it() -> None:
    folder = ROOT / "docs"
    outside = [
        (path.name, link)
        for path in sorted(folder.rglob("*.md"))
        for link in LINK.findall(prose(path))
        if "://" not in link and not (path.parent / link.partition("#")[0]).resolve().is_relative_to(folder)
    ]
    assert outside == []


def test_every_page_stands_once_in_the_nav() -> None:
    config = tomllib.loads((ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8"))
    named = list(leaves(config["project"]["nav"]))
    assert len(named) == len(set(named))
    assert set(named) == {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}


def leaves(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    return [leaf for part in (nav.values() if isinstance(nav, dict) else nav) for leaf in leaves(part)]


@pytest.mark.parametrize("name", ["architecture.md", "../CONTRIBUTING.md", "../SECURITY.md"])
def test_files_and_folders_that_a_page_names_are_there(name: str) -> None:
    spans = set(re.findall(r"`([a-z_.]+/[a-z_/.]*)`", prose(ROOT / "docs" / name)))
    homes = (ROOT, ROOT / "pipeline" / "koudai")
    there = [span for span in spans if any((home / span).exists() for home in homes)]
    assert len(spans) > 1
    assert sorted(spans - set(there)) == []


def test_every_decision_stands_in_the_list_with_what_would_change_it() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "index.md").read_text(encoding="utf-8")
    for path in sorted(set(folder.glob("*.md")) - {folder / "index.md"}):
        text = path.read_text(encoding="utf-8")
        assert f"]({path.name})" in listed, path.name
        for part in ("**Decided.**", "**Because.**", "**Costs.**", "**Would change it.**"):
            assert part in text, f"{path.name}: {part}"


def test_the_table_of_protocol_numbers_is_that_of_the_code() -> None:
    sources = (ROOT / "pipeline" / "koudai").rglob("*.py")
    code = {found for path in sources for found in PROTOCOL.findall(path.read_text(encoding="utf-8"))}
    page = (ROOT / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(koudai-[a-z-]+)` \| (\d+) \|", page, re.MULTILINE)) == code


def test_every_kind_of_interval_is_explained() -> None:
    page = (ROOT / "docs" / "concepts" / "intervals.md").read_text(encoding="utf-8")
    for kind in IntervalKind.__args__:  # type: ignore[attr-defined]
        assert f"| `{kind}` |" in page, kind
