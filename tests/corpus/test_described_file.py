"""Files that nobody has described: columns are found by name and by cells, in every kind of file, and no account is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai.corpus.described_file import describe_file
from tests.corpus.reading.workbooks import write_workbook

TEXTS = ["听说明天停水七天，赶紧接水", "自来水公司：明早换阀门", "菜场今天豆腐三块五", "内部消息，豆腐要涨价"]
IDS = [f"48002901234567{at:02d}" for at in range(4)]


def csv(path: Path, header: str, *columns: list[str]) -> None:
    path.write_text("\n".join([header, *(",".join(row) for row in zip(*columns, strict=True))]), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "post_id", "text"),
    [
        ("a.jsonl", "post_id", "text"),
        ("a.xlsx", "post_id", "text"),
        ("weibo.csv", "微博id", "微博正文"),
        ("plain.csv", None, "comment"),
    ],
)
def test_every_kind_is_looked_at(tmp_path: Path, name: str, post_id: str | None, text: str) -> None:
    path = tmp_path / name
    if name == "a.jsonl":
        rows = [{"post_id": int(one), "text": post, "extra": 1} for one, post in zip(IDS, TEXTS, strict=True)]
        del rows[2]["extra"]
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    elif name == "a.xlsx":
        write_workbook(path, [["post_id", "text"], *map(list, zip(IDS, TEXTS, strict=True))])
    elif name == "weibo.csv":
        more = [["x"] * 4] * 3
        csv(path, "微博id,微博正文,头条文章url,发布位置,发布工具,发布时间", IDS, TEXTS, *more, ["2024-01-02"] * 4)
    else:
        csv(path, "comment,score", TEXTS, ["1", "1", "2", "3"])
    found = describe_file(path)
    assert found.columns.text == text
    assert (None if found.number_rows else found.columns.id) == post_id
    assert (found.rows, found.whole, found.labels) == (4, True, {})
    assert (found.layout is not None) == (name == "weibo.csv")


def test_accounts_dates_and_splits_are_told_from_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    people = ["一个名字很长很长的用户"] * 4
    dates = ["2024/1/2 8:30", "", "2024/1/3", "2024/1/4"]
    csv(
        path, "用户昵称,编号,发布时间,正文,split,标签", people, IDS, dates, TEXTS, ["train", "test"] * 2, ["1", "0"] * 2
    )
    found = describe_file(path)
    assert found.columns.model_dump(exclude_defaults=True) == {
        "id": "编号",
        "text": "正文",
        "split": "split",
        "date": "发布时间",
    }
    assert found.labels == {"标签": {"1": 2, "0": 2}}
    csv(path, "编号,发布时间,正文", IDS, ["2024/1/2", "昨天", "x", "y"], TEXTS)
    assert describe_file(path).columns.date is None
