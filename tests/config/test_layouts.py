"""Layouts: each reads what its tool writes, no account among it, and is told from the others by its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.layouts import (
    Layout,
    StepsWarning,
    find_layout,
    known_layouts,
    layout_of,
    warn_of_steps,
    with_layout,
)
from koudai.config.source import Columns, Source
from koudai.corpus.reading.accounts import names_account
from koudai.errors import ConfigError

HEADERS = {
    "weibo-crawler": "id bid 正文 头条文章url 原始图片url 视频url 位置 日期 工具 点赞数 评论数 话题 @用户 完整日期",
    "weibo-crawler-json": "user_id id bid screen_name text article_url pics video_url location created_at source "
    "attitudes_count comments_count reposts_count topics at_users retweet",
    "weibo-spider": "微博id 微博正文 头条文章url 原始图片url 是否为原创微博 发布位置 发布时间 发布工具 点赞数",
    "mediacrawler-weibo": "note_id content create_time create_date_time ip_location user_id nickname gender",
    "mediacrawler-xhs": "note_id type title desc video_url time last_update_time user_id nickname avatar tag_list",
    "mediacrawler-douyin": "aweme_id aweme_type title desc create_time user_id sec_uid nickname user_signature",
    "weiboscope": "mid retweeted_status_mid uid retweeted_uid source image text geo created_at deleted_last_seen "
    "permission_denied",
    "crawl4weibo": "id user_id text created_at source reposts_count comments_count attitudes_count pic_urls at_users",
}
NAMES = sorted(HEADERS)


def test_all_layouts_are_there_and_are_named_as_their_files() -> None:
    assert [layout.name for layout in known_layouts()] == NAMES


def test_every_layout_is_named_where_scoring_is_told(root: Path) -> None:
    page = (root / "docs" / "how-to" / "scoring.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if name not in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_layout_is_found_by_the_columns_of_its_tool_and_reads_some_of_them(root: Path, name: str) -> None:
    layout, header = find_layout(name, configs=root / "configs"), HEADERS[name].split()
    found = layout_of(header)
    assert found is not None
    assert found.name == name
    columns = layout.apply(Columns())
    wanted = {columns.id, *columns.texts, columns.date}
    assert wanted <= set(header)
    assert not any(names_account(str(column)) for column in wanted)
    for account in layout.accounts:
        with pytest.raises(ConfigError, match="never read"):
            layout.refuse_accounts(columns, keep=[account])


def test_other_tables_are_of_no_layout() -> None:
    assert layout_of(["id", "text"]) is None
    assert layout_of(["post_id", "text", "created_at"]) is None
    assert layout_of([]) is None


def test_columns_that_are_named_come_before_those_of_the_layout(root: Path) -> None:
    layout = find_layout("mediacrawler-xhs", configs=root / "configs")
    columns = layout.apply(Columns(text="desc", label="sort"))
    assert (columns.id, columns.text, columns.date, columns.label) == ("note_id", "desc", "time", "sort")


def test_a_source_has_the_columns_of_its_layout(root: Path) -> None:
    source = Source(name="mine", file="mine.csv", layout="weibo-crawler", columns=Columns(keep=("话题",)))
    assert with_layout(source, configs=root / "configs").columns == Columns(
        id="id", text="正文", date="日期", keep=("话题",)
    )
    plain = Source(name="mine", file="mine.csv")
    assert with_layout(plain, configs=root / "configs") is plain
    with pytest.raises(ConfigError, match="no layouts file called 'weibo'") as caught:
        with_layout(source.model_copy(update={"layout": "weibo"}), configs=root / "configs")
    assert "weiboscope" in str(caught.value.expected)
    hidden = Source(name="mine", file="x.csv", layout="crawl4weibo", columns=Columns(keep=("retweeted_status",)))
    with pytest.raises(ConfigError, match="never read: retweeted_status"):
        with_layout(hidden, configs=root / "configs")


def test_a_layout_of_your_own_stands_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "mine.toml").write_text(
        'name = "mine"\ntitle = "Mine"\norigin = "here"\nknown_by = ["a"]\n'
        '[columns]\nid = "a"\ntext = "b"\ndate = "c"\n',
        encoding="utf-8",
    )
    assert find_layout("mine", configs=tmp_path).columns.text == "b"
    assert find_layout("weiboscope", configs=tmp_path).columns.id == "mid"


def test_a_layout_that_reads_an_account_is_refused() -> None:
    columns = {"id": "id", "text": "who", "date": "day"}
    with pytest.raises(ConfigError, match="never read: who"):
        Layout.model_validate(
            {"name": "x", "title": "X", "origin": "x", "known_by": ["id"], "columns": columns, "accounts": ["who"]}
        )


def test_steps_that_a_model_lacks_are_said(root: Path) -> None:
    layout = find_layout("mediacrawler-weibo", configs=root / "configs")
    warn_of_steps(layout, ["html", "links"], named="posts")
    with pytest.warns(StepsWarning, match="posts hold what text.steps html would take away"):
        warn_of_steps(layout, ["links"], named="posts")
