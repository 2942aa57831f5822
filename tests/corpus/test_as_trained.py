"""What a model remembers of its files: taken where a file is like them, and for nothing that anybody said otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from koudai.config.source import Columns
from koudai.config.train import TrainConfig
from koudai.corpus.as_trained import as_trained, readings_of
from koudai.corpus.reading.encodings import likely_encoding
from koudai.corpus.reading.locations import Location
from koudai.corpus.reading.reading import Reading

COLUMNS = {"id": "微博ID", "text": "正文", "date": "发布时间", "keep": ["话题"], "label": "谣言", "split": "侧"}
RULES = {"category": "rumour", "yes": "是", "no": "否"}
HEADER, ROW = "微博ID,正文,发布时间,话题", "1,明天停水,2024-01-02,水"


def config(*sources: dict[str, Any] | str) -> TrainConfig:
    corpora = [{"source": one} for one in sources]
    return TrainConfig.model_validate({"run": {"name": "m", "taxonomy": "cac-2023"}, "corpus": corpora})


def mine(**changed: Any) -> dict[str, Any]:
    return {"name": "mine", "file": "mine.csv", "encoding": "gb18030", "columns": COLUMNS, **RULES, **changed}


def location(folder: Path, *lines: str, encoding: str = "gb18030", name: str = "new.csv") -> Location:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return Location(str(path))


def test_a_bundle_s_config_says_how_its_files_were_read() -> None:
    layout = {"name": "l", "file": "l.csv", "layout": "weibo-spider"}
    numbered = mine(number_rows=True, quoting="none", encoding="utf-8")
    read = readings_of(config(mine(), mine(name="again"), "seed", layout, numbered, "a corpus that is gone"))
    assert [(one.columns.id, one.encoding, one.number_rows) for one in read] == [
        ("微博ID", "gb18030", False),
        ("post_id", "utf-8", False),
        ("微博id", "utf-8", False),
        ("微博ID", "utf-8", True),
    ]
    assert read[0].keep == ("发布时间", "话题")
    assert read[0].columns.model_dump(exclude_defaults=True) == {"id": "微博ID", "text": "正文"}


def test_a_file_like_those_is_read_like_those(tmp_path: Path) -> None:
    read = readings_of(config("seed", mine()))
    given = Reading(keep=("话题",), bad_bytes="quarantine")
    found = as_trained(read, location(tmp_path, HEADER, ROW), given)
    assert found is not None
    assert (found.columns.text, found.encoding, found.bad_bytes) == ("正文", "gb18030", "quarantine")
    assert found.keep == ("话题", "发布时间")
    lines = "微博ID,正文", "1,明天停水"
    bare = as_trained(read, location(tmp_path, *lines), Reading())
    assert bare is not None
    assert bare.keep == ()
    rewritten = as_trained(read, location(tmp_path, *lines, encoding="utf-8-sig"), Reading())
    assert rewritten is not None
    assert rewritten.encoding == "utf-8"
    assert as_trained(read, location(tmp_path, "id,正文", "1,x"), Reading()) is None


def test_what_is_said_comes_first_and_what_cannot_be_looked_at_is_left_alone(tmp_path: Path) -> None:
    read = readings_of(config(mine()))
    file = location(tmp_path, "微博ID,标题,正文", "1,a,b", encoding="utf-8")
    said = Reading(columns=Columns(text="标题"), encoding="utf-8")
    assert as_trained(read, file, said, said={"columns", "encoding"}) is None
    titled = Reading(columns=Columns(id="微博ID", text="标题"), encoding="utf-8")
    assert as_trained(read, file, titled, said={"columns", "encoding"}) == titled
    assert as_trained(read, Location(str(tmp_path / "none.csv")), Reading()) is None
    os.mkfifo(tmp_path / "pipe.csv")
    assert as_trained(read, Location(str(tmp_path / "pipe.csv")), Reading()) is None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5hkscs", "utf-16"])
def test_encodings_are_told_by_their_bytes_wherever_they_are_cut(encoding: str) -> None:
    text = "聽說明天全縣停水三天，大家一定要快點接水，別等到晚上" * 3
    raw = text.encode(encoding)
    assert {likely_encoding(raw[:cut], whole=False) for cut in range(len(raw) - 8, len(raw))} == {encoding}
    assert likely_encoding(b"\xff\xff\xff\x80") is None
