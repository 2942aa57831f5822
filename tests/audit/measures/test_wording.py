"""Wording: by hand, the null beside it, categories together, and the whole way from files to the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from koudai.audit.audit import AuditSources, run_audit
from koudai.audit.frame import ALL
from koudai.audit.inputs.wordings import Wordings
from koudai.audit.measures.wording import wording
from koudai.audit.quotes import quote_posts
from koudai.config.audit import AuditConfig
from koudai.config.load import parse_config
from koudai.render.html import render_html
from tests.audit.table import figures, one, table

FULL = np.array([[1, 1], [1, 0], [0, 0], [1, 1]], dtype=np.int8)
NAME = np.array([[1, 1], [0, 0], [0, 0], [0, 1]], dtype=np.int8)


def said(*runs: np.ndarray, key: str = "rumour") -> Wordings:
    names = ("full", "name", "withheld")[: len(runs)]
    return Wordings(names, [f"w{i}" for i in range(len(runs[0]))], {key: runs})


def test_by_hand() -> None:
    """Four posts, two runs each. Under the full text 5 of 8 answers say yes, under the name 3. Pairs of runs of the two
    agree on 1, 1/2, 1 and 1/2 of their four pairs; two runs of the full text on posts 1, 3 and 4, of the name on 1, 2
    and 3. Tags under the full text: 1, 1/2, 0, 1; of these 1 + 0 + 0 + 1/2 stay under the name, and 1 + 0 + 0 + 1 when
    it is asked again.
    """
    frame = wording(table(wordings=said(FULL, NAME)))
    value = {(f.group, f.statistic): f.value for f in frame.figures}
    assert (value["full", "tagged"], value["name", "tagged"]) == (5 / 8, 3 / 8)
    assert value["full → name", "agreement"] == pytest.approx((1 + 0.5 + 1 + 0.5) / 4)
    assert value["full → full", "agreement"] == value["name → name", "agreement"] == 0.75
    assert value["full → name", "wording_adds"] == pytest.approx(0.25 - 0.25)
    assert value["name", "tags_left"] == pytest.approx(1.5 / 2.5)
    assert value["name", "asked_again"] == pytest.approx(2 / 2.5)
    assert value["full → name", "turned"] == pytest.approx((0.5 + 0.5) / (1 + 0.5 + 1))
    assert value["full → full", "turned"] == pytest.approx(1 / (1 + 1 + 1))
    assert value["full → name", "tag_difference"] == pytest.approx(-2 / 8)
    assert {figure.n for figure in frame.figures} == {4}


def test_what_was_asked_once_has_no_null() -> None:
    frame = wording(table(wordings=said(FULL[:, :1], NAME[:, :1])))
    assert {figure.statistic for figure in frame.figures} == {
        *("tagged", "tags_left", "agreement", "turned", "tag_difference")
    }
    assert {figure.group for figure in frame.figures} == {"full", "name", "full → name"}


def test_a_wording_that_does_not_matter_and_one_that_does() -> None:
    random = np.random.default_rng(2)
    p = random.beta(0.4, 0.8, 600)
    full, same, gone = ((random.random((600, 2)) < q[:, None]).astype(np.int8) for q in (p, p, p * 0.3))
    frame = wording(table(wordings=said(full, same, gone)))
    still, moved = (one(frame, "rumour", f"full → {name}", "wording_adds") for name in ("name", "withheld"))
    assert still.low < 0 < still.high  # type: ignore[operator]
    assert moved.low is not None
    assert moved.low > 0.03
    assert one(frame, "rumour", "withheld", "tags_left").high < one(frame, "rumour", "name", "tags_left").low  # type: ignore[operator]
    again, name = (one(frame, "rumour", "name", statistic) for statistic in ("asked_again", "tags_left"))
    assert again.low <= name.value <= again.high  # type: ignore[operator]


def test_all_categories_together_count_posts_once() -> None:
    both = Wordings(("full", "name"), list("abcd"), {"rumour": (FULL, NAME), "posing": (NAME, NAME[:, :1])})
    frame = wording(table(wordings=both))
    whole = one(frame, ALL, "full → name", "agreement")
    parts = [one(frame, key, "full → name", "agreement").value for key in ("rumour", "posing")]
    assert whole.value == pytest.approx(np.mean(parts))  # type: ignore[arg-type]
    assert whole.n == 4
    assert figures(wording(table(wordings=said(FULL, NAME))), category=ALL) == []


def test_posts_of_one_cluster_have_no_interval_and_the_same_posts_twice_no_narrower_one() -> None:
    ids = [f"t{i}" for i in range(40)]
    runs = np.random.default_rng(3).integers(0, 2, (2, 40, 2)).astype(np.int8)
    alone = wording(table(wordings=Wordings(("full", "name"), ids, {"rumour": tuple(runs)})))
    assert all(figure.low is not None for figure in alone.figures)
    single = table(wordings=Wordings(("full", "name"), ids[:1], {"rumour": tuple(runs[:, :1])}))
    assert {figure.interval for figure in wording(single).figures} == {"none, one cluster"}


def test_posts_that_turn_on_a_word_are_quoted() -> None:
    """Of the table, t0 (1 and 1 against 1 and 0), t1, t7 and t9 turn in half of the answers or more; t10 was read
    under the name alone.
    """
    given = table(model=None)
    turning = [post for post in quote_posts(given, per_category=30, redact=False) if post.role == "turning"]
    assert [post.post_id for post in turning] == ["t0-0", "t1-1", "t5-5", "t7-7", "t9-9"]
    assert {post.category for post in turning} == {"rumour"}
    assert quote_posts(table(model=None, wordings=None), per_category=3, redact=True) == [
        post for post in quote_posts(given, per_category=3, redact=True) if post.role != "turning"
    ]


def test_from_files_to_the_page(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("post_id,rumour\n" + "".join(f"{i},0.{i % 9}\n" for i in range(60)))
    for name, share in (("full", 2), ("withheld", 5)):
        rows = "".join(f"{i},{'DC1' if i % share == 0 else 'DC0'},{i // 7 % 2}\n" for i in range(60))
        (tmp_path / f"{name}.csv").write_text("post_id,a,b\n" + rows)
    config = {
        "run": {"name": "a", "taxonomy": "cac-2023", "measures": ["wording"]},
        "table": {"name": "llm", "file": "p.csv"},
        "wording": [
            {"name": name, "file": f"{name}.csv", "columns": {"rumour": "a"}, "answers": "code"}
            for name in ("full", "withheld")
        ],
    }
    parsed = parse_config(AuditConfig, config, where="a.toml")
    report = run_audit(parsed, AuditSources(tmp_path / "a.toml"), created_at="2026-01-01")
    assert [entry["name"] for entry in report.provenance["inputs"] if entry["role"] == "wording"] == [
        "full",
        "withheld",
    ]
    assert [one["answers"] for one in report.provenance["config"]["wording"]] == ["code", "code"]
    assert "file" not in report.provenance["config"]["wording"][0]
    found = one(report.frames["wording"], "rumour", "withheld", "tags_left")
    assert (found.value, found.n) == (pytest.approx(6 / 30), 60)
    page = render_html(report)
    for told in ("Vagueness curve", "含糊曲线", "不给定义"):
        assert told in page
