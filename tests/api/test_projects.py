"""Beginning a project: what is written can be trained and audited with, and what cannot be guessed is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai import api
from koudai.config.audit import AuditConfig
from koudai.config.load import load_config
from koudai.config.places import configs_folder, find_taxonomy
from koudai.config.source import Source
from koudai.config.train import DEFAULT_STEPS, TrainConfig
from koudai.errors import KoudaiError, OutputExists, ReadError, UsageError

TEXTS = ["听说明天停水七天，赶紧接水", "自来水公司：明早换阀门", "菜场今天豆腐三块五", "内部消息，豆腐要涨价"]


def csv(path: Path, header: str, *columns: list[str], encoding: str = "utf-8") -> Path:
    lines = [header, *(",".join(row) for row in zip(*columns, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def ids(n: int = 4) -> list[str]:
    return [f"48002901234567{at:02d}" for at in range(n)]


def source_of(folder: Path) -> Source:
    source = load_config(TrainConfig, folder / "train.toml").corpus[0].source
    assert isinstance(source, Source)
    return source


def test_a_file_out_of_chinese_excel_becomes_two_short_configs(tmp_path: Path) -> None:
    dates = ["2024/1/2 8:30", "2024/1/3 9:00", "", "2024/1/5"]
    names = ["张三", "李四", "王五", "赵六"]
    path = csv(
        tmp_path / "weibo.csv",
        "微博ID,用户昵称,正文,发布时间,是否谣言",
        ids(),
        names,
        TEXTS,
        dates,
        ["是", "否", "否", "是"],
        encoding="gb18030",
    )
    begun = api.init(path, out=tmp_path)
    assert [one.name for one in begun.written] == ["train.toml", "audit.toml"]
    assert (begun.category, begun.labels) == ("rumour", {"是否谣言": {"是": 2, "否": 2}})
    source = source_of(tmp_path)
    assert source.columns.model_dump(exclude_defaults=True) == {
        "id": "微博ID",
        "text": "正文",
        "date": "发布时间",
        "label": "是否谣言",
    }
    assert (source.encoding, source.yes, source.no, source.name) == ("gb18030", ("是",), ("否",), "weibo")
    written = [(tmp_path / name).read_text(encoding="utf-8") for name in ("train.toml", "audit.toml")]
    lines = [line for text in written for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 20
    audit = load_config(AuditConfig, tmp_path / "audit.toml")
    assert (audit.run.name, audit.run.taxonomy, audit.model) == ("audit", None, "models/weibo")
    assert audit.period is not None
    assert "张三" not in "".join(written)
    with pytest.raises(OutputExists, match="configs already"):
        api.init(path, out=tmp_path)
    assert api.init(path, out=tmp_path, overwrite=True) == begun


def test_a_category_of_one_s_own_brings_a_taxonomy_to_be_filled_in(tmp_path: Path) -> None:
    path = csv(tmp_path / "帖子.csv", "编号,内容,标签", ids(), TEXTS, ["广告", "无关", "无关", "广告"])
    begun = api.init(path, label=api.LabelChoice("标签", "ads", ("广告",)), out=tmp_path / "new")
    assert [one.name for one in begun.written] == ["mine.toml", "train.toml", "audit.toml"]
    config = load_config(TrainConfig, tmp_path / "new" / "train.toml")
    taxonomy = find_taxonomy(config.run.taxonomy, configs=configs_folder(tmp_path / "new" / "train.toml"))
    assert (taxonomy.keys, config.run.categories) == (("ads",), ("ads",))
    assert source_of(tmp_path / "new").file == "../帖子.csv"


def test_what_a_crawler_leaves_in_its_texts_is_taken_away_by_the_config(tmp_path: Path) -> None:
    times = ["1704067200"] * 4
    path = csv(
        tmp_path / "a.csv",
        "note_id,content,create_time,nickname,是否谣言",
        ids(),
        TEXTS,
        times,
        times,
        ["是", "否"] * 2,
    )
    api.init(path, out=tmp_path)
    config = load_config(TrainConfig, tmp_path / "train.toml")
    assert config.text.steps == ("html", *DEFAULT_STEPS)
    assert source_of(tmp_path).columns.text == "content"


FORTY = [f"类{at}" for at in range(40)]


@pytest.mark.parametrize(
    ("header", "columns", "label", "what", "error"),
    [
        ("编号,正文,标签", [ids(40), TEXTS * 10, FORTY], "标签", "40 different values", UsageError),
        ("编号,正文,标签", [ids(), TEXTS, [""] * 4], "标签", "all cells are empty", UsageError),
        ("编号,正文,标签", [ids(), TEXTS, ["甲", "乙"] * 2], None, "which values", UsageError),
        ("编号,正文,verdict", [ids(), TEXTS, ["true", "false"] * 2], None, "which values", UsageError),
        ("编号,正文,标签,类别", [ids(), TEXTS, ["1", "0"] * 2, ["1", "0"] * 2], None, "several columns", UsageError),
        ("编号,正文,标签", [ids(), TEXTS, ["1", "0"] * 2], None, "which category", UsageError),
        ("编号,正文,标签", [ids(), TEXTS, ["1", "0"] * 2], "标签2", "no such column", ReadError),
        ("编号;正文;标签", [[";".join(("1", text, "是")) for text in TEXTS]], None, "separated by ';'", ReadError),
        ("编号,数", [ids(), ["1"] * 4], None, "holds texts", ReadError),
        ("编号,正文", [[], []], None, "no rows", ReadError),
    ],
)
def test_what_cannot_be_told_is_asked_for_and_nothing_is_written(
    tmp_path: Path, header: str, columns: list[list[str]], label: str | None, what: str, error: type[KoudaiError]
) -> None:
    path = csv(tmp_path / "a.csv", header, *columns)
    with pytest.raises(error, match=what) as asked:
        api.init(path, label=label, out=tmp_path)
    assert asked.value.happened == "nothing was written"
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xfea\x00,\x00b\x00", b"", b"\xff\xff\xff"]
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(ReadError):
        api.init(tmp_path / "a.csv", out=tmp_path)
    with pytest.raises(ReadError):
        api.init(tmp_path / "a.docx", out=tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]
