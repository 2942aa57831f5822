"""The ways of a new user, from what one types to the page: nothing fails on them, and they are short.

Each is a task that was tried with the documentation alone before: rumours among one's own posts took 11 commands, 56
lines of TOML and 4 errors; other people's posts 7 and 2; a large model's tags beside two annotators 12 and 13. What is
typed here is what the page of the four tasks shows. None of the texts are real.
"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest
import python_calamine as calamine

from koudai.config.project import taxonomy_stub
from tests.cli.test_bad_input import koudai
from tests.corpus.reading.workbooks import Number, write_workbook
from tests.docs.blocks import ROOT, blocks
from tests.training.runs import sentences

pytestmark = pytest.mark.slow
MEASURES = ["coverage", "performance", "calibration", "agreement", "prevalence", "crosswalk"]
LIGHT = ("--set", f"run.measures={MEASURES}", "--tables", "none")
"""What only makes a test faster; no user needs it."""


class Walk:
    """The commands of one task in the documentation, typed one after another.

    `called` are words of them and what they are here.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str], task: int, **called: object) -> None:
        page = ROOT / "docs" / "how-to" / "first-hour.md"
        of_tasks = [block.body.splitlines() for block in blocks(page) if block.info == "sh"]
        self._capsys, self._typed, self._called = capsys, iter(of_tasks[task]), called
        self.commands = len(of_tasks[task])

    def __call__(self, verb: str, *more: str) -> str:
        words = [str(self._called.get(Path(word).name, word)) for word in next(self._typed).split()]
        assert words[:2] == ["koudai", verb]
        code, said, err = koudai(self._capsys, *words[1:], *more)
        assert code == 0, f"{words}: {err}"
        return said


def lines_of(*paths: str) -> int:
    """Lines of TOML that say anything."""
    written = [line.strip() for path in paths for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return sum(bool(line) and not line.startswith("#") for line in written)


def added(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)


def chinese_excel(path: str, posts: list[tuple[str, str]], *, labelled: bool) -> None:
    """Write posts as a Chinese spreadsheet does: GB 18030, its dates, ids of sixteen digits."""
    with Path(path).open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["微博ID", "正文", "发布时间", *(["是否谣言"] if labelled else [])])
        for at, (text, label) in enumerate(posts):
            row = [str(4800290123456000 + at + 500 * (not labelled)), text, f"2024/{at % 12 + 1}/{at % 28 + 1} 8:30"]
            writer.writerow([*row, *([{"in": "是", "out": "否"}[label]] if labelled else [])])


def figures(folder: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    report = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
    return {(m, row["group"], row["statistic"]): row for m, rows in report["frames"].items() for row in rows}


def test_A_how_much_of_these_comments_is_rumour(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Own labels, new posts, a labelled sample that went through a spreadsheet, and the page: 5 commands for 11."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KOUDAI_DATA", raising=False)
    comments = sentences(150, seed=2, share=0.34)
    chinese_excel("weibo.csv", sentences(240, seed=1), labelled=True)
    chinese_excel("comments.csv", comments, labelled=False)
    walk = Walk(capsys, 0)
    walk("init")
    walk("train", "--set", "track.enabled=false")
    assert "read 150 = scored 150" in walk("score")
    said = walk("sample")
    header, *rows = calamine.CalamineWorkbook.from_path("sample.xlsx").get_sheet_by_index(0).to_python()
    assert not [name for name in header if name in ("stratum", "inclusion_probability")]
    truth = {text: {"in": "是", "out": "否"}[label] for text, label in comments}
    shuffled = random.Random(3).sample(rows, len(rows))
    typed = [[row[0], Number(str(int(row[1]))), Number(row[2]), row[3], truth[row[3]]] for row in shuffled]
    write_workbook(tmp_path / "sample.xlsx", [header, *typed])
    added("audit.toml", "\n" + said[said.index("[sample]") :])
    assert lines_of("train.toml", "audit.toml") <= 56 // 2
    walk("audit", *LIGHT)
    assert walk.commands <= 11 // 2
    found = figures("audits/audit")
    share = found["prevalence", "ppi++", "prevalence"]
    assert share["low"] <= sum(label == "in" for _, label in comments) / 150 <= share["high"]
    assert found["performance", "sample", "f1"]["value"] > 0.9


def test_B_what_a_model_says_of_other_people_s_posts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that is there, a file of posts, the page, and no config at all: 2 commands for 7."""
    monkeypatch.chdir(tmp_path)
    rows = [{"post_id": f"p{at}", "text": text} for at, (text, _) in enumerate(sentences(60, seed=5))]
    Path("posts.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    walk = Walk(capsys, 1, weibo=bundle)
    assert "validated on" in walk("score")
    walk("audit", *LIGHT)
    assert walk.commands <= 7 // 2
    assert (tmp_path / "audits" / "audit" / "report.html").is_file()
    assert figures("audits/audit")["coverage", "*", "alleged"]["n"] == 60


def test_C_whether_a_large_model_is_any_good_and_people_agree(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Own categories, a table of answers, two people with a copy of the sheet: 3 commands for 12, 9 lines of TOML."""
    monkeypatch.chdir(tmp_path)
    Path("taxonomies").mkdir()
    Path("taxonomies/mine.toml").write_text(taxonomy_stub("mine", [("alarm", "传"), ("long", "长")]), encoding="utf-8")
    posts = sentences(160, seed=7, share=0.3)
    truth = {text: {"alarm": label == "in", "long": len(text) > 31} for text, label in posts}
    with Path("llm.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["post_id", "text", "alarm", "long"])
        for at, (text, _) in enumerate(posts):
            said = {key: is_so != (at % 9 == 0) for key, is_so in truth[text].items()}
            writer.writerow([f"p{at}", text, int(said["alarm"]), int(said["long"])])
    page = (ROOT / "docs" / "how-to" / "first-hour.md").read_text(encoding="utf-8")
    config = page[page.index('[run]\ntaxonomy = "mine"') :].partition("```")[0]
    Path("audit.toml").write_text(config, encoding="utf-8")
    walk = Walk(capsys, 2)
    assert "no problems: 160 scored posts" in walk("check")
    told = walk("sample")
    header, *rows = calamine.CalamineWorkbook.from_path("sheet.xlsx").get_sheet_by_index(0).to_python()
    assert header[4:] == ["label:alarm", "label:long"]
    for who, errs in (("anna", 11), ("ben", 7)):
        typed = [
            [row[0], Number(str(int(row[1]))), *row[2:4]]
            + ["是" if truth[row[3]][key] != (at % errs == 0) else "否" for key in ("alarm", "long")]
            for at, row in enumerate(rows)
        ]
        write_workbook(tmp_path / f"{who}.xlsx", [header, *typed])
    added("audit.toml", told[told.index("[sample]") :].replace('"sheet.xlsx"]', '"anna.xlsx", "ben.xlsx"]'))
    assert lines_of("audit.toml") <= 9
    walk("audit", *LIGHT)
    assert walk.commands <= 12 // 2
    report = json.loads(Path("audits/audit/report.json").read_text(encoding="utf-8"))
    agreed = {row["category"] for row in report["frames"]["agreement"] if row["value"] is not None}
    judged = {row["category"] for row in report["frames"]["performance"] if row["statistic"] == "f1" and row["value"]}
    assert {"alarm", "long"} <= agreed & judged
    assert not {"anna", "ben"} & set(json.dumps(report["frames"], ensure_ascii=False).split())


def test_D_the_same_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page shows runs as it stands there, and each value that a cell ends with shows itself."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KOUDAI_DATA", raising=False)
    chinese_excel("weibo.csv", sentences(200, seed=1), labelled=True)
    chinese_excel("comments.csv", sentences(100, seed=2, share=0.34), labelled=False)
    (source,) = [one.body for one in blocks(ROOT / "docs" / "how-to" / "first-hour.md") if one.info == "py"]
    light = {'"train.toml"': '"train.toml", overrides=["track.enabled=false"]'}
    light['"audit.toml"'] = f'"audit.toml", settings=api.AuditSettings(overrides=["run.measures={MEASURES}"])'
    for typed, lighter in light.items():
        source = source.replace(typed, lighter)
    names: dict[str, Any] = {}
    exec(compile(source, "first-hour.md", "exec"), names)
    assert all("<table>" in names[name]._repr_html_() for name in ("model", "report"))
    assert "<iframe" in names["api"].show(names["report"])._repr_html_()
    assert Path("sample.xlsx").is_file()
