"""Accounts: a column that names one is never read, whatever a config asks for, in Chinese or English, and never shows
in what is quarantined either (R6).
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai.config.source import Columns
from koudai.corpus.reading.accounts import names_account
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import rows
from koudai.errors import ConfigError
from tests.corpus.reading.writers import FILES, write_posts

SECRET = "隔壁老陈1987"
ACCOUNTS = [
    *("user", "user_id", "userid", "userId", "UserID", "USER_NAME", "user-name", "user name", "user.id", "username"),
    *("weibo_uid", "uid", "UID", "author", "author_id", "authorUrl", "authorName", "screen_name", "screenName"),
    *("nickname", "nick_name", "nickName", "account", "account_name", "openid", "openId", "handle", "avatar_url"),
    *("profile", "profileImage", "post_author", "reposter_user_id", "blogger", "ｕｓｅｒ＿ｉｄ", "user2_id"),
    *("用户", "用户名", "用户ID", "用戶名", "微博用户昵称", "昵称", "暱稱", "作者", "作者名", "账号", "帐号", "帳號"),
    *("博主", "头像", "頭像地址", "公众号", "微信号", "网名", "发布者", "发帖人"),
    *(
        "users",
        "uids",
        "mid_user",
        "from_user",
        "in_reply_to_screen_name",
        "at_users",
        "mentions",
        "weibo_name",
        "wxid",
    ),
    *("creator", "owner", "ownerName", "publisher", "sender", "sender_id", "uploader", "memberId", "unionid", "openID"),
    *(
        "mobile",
        "phone",
        "phone_number",
        "mobileNo",
        "tel",
        "email",
        "e-mail",
        "author_email",
        "ip",
        "ip_addr",
    ),
    *("device_id", "IMEI", "qq", "QQ号", "__biz", "douyin_id", "realName", "full_name", "id_card", "wechat_nick"),
    *(
        "发布人",
        "发文者",
        "评论人",
        "轉發者",
        "博主昵称",
        "账号主体",
        "帳號名稱",
        "抖音号",
        "小红书号",
        "视频号",
        "主播",
    ),
    *(
        "姓名",
        "真实姓名",
        "手机号",
        "手機號碼",
        "电话",
        "邮箱",
        "联系方式",
        "联系人",
        "身份证号",
        "微博名",
        "UP主",
        "up主",
    ),
    *("收件人", "发件人", "家庭住址", "银行卡号", "卡号", "车牌号", "护照", "passport_no", "群主", "QQ群号"),
    *("买家", "卖家昵称", "会员", "会员名"),
]
NO_ACCOUNTS = [
    *("post_id", "text", "label", "labels", "split", "kind", "topic", "source_outlet", "title_seen_in_train", "fluid"),
    *("user_count", "author_count", "user_rating", "user_created_at", "用户数", "评论人数", "发布人数", "用户评分"),
    *("手机品牌", "会员等级", "买家评论", "用户总数"),
    *("authority", "accountability", "handled", "profiled", "content", "used", "mid", "标题", "正文", "来源", "用途"),
    *("作品", "账单", "头条", "网址", "发布时间", "话题", "话题编号"),
    *(
        "weibo_id",
        "tweet_id",
        "status_id",
        "mblogid",
        "date",
        "created_at",
        "date_published",
        "published",
        "sent",
        "tips",
    ),
    *("telling", "recipe", "equip", "emailed", "phone_brand", "annotator1", "target_group", "platform", "event_name"),
    *(
        "removed_seen_at",
        "source_site",
        "name_of_topic",
        "微博ID",
        "微博正文",
        "发布",
        "转发数",
        "评论数",
        "举报原因",
        "地区",
    ),
    *(
        "ownership",
        "creatinine",
        "membership",
        "biz_category",
        "mention_count",
        "微信",
        "抖音",
        "公布",
        "title",
        "outcome",
    ),
    *(
        "用户评论",
        "用户评论时间",
        "账号类型",
        "帳號類型",
        "ip_location",
        "IP属地",
        "creator_type",
        "user_type",
        "userType",
    ),
    *(
        "is_author_reply",
        "member_level",
        "sender_province",
        "手机型号",
        "主播带货",
        "用户内容",
        "user_comment",
        "user_city",
    ),
    *("作者所在地", "博主类别", "用户发布日期", "user_create_time", "authorLocation", "用戶評論", "用户地区"),
]
BOTH = [
    "艾特用户",
    "评论用户",
    "用户评论者",
    "type_of_user",
    "location_user",
    "time_user_id",
    "内容作者",
    "user_type_id",
]


def test_R6_names_of_account_columns_are_known(subtests: pytest.Subtests) -> None:
    for name in ACCOUNTS:
        with subtests.test(name):
            assert names_account(name)


def test_R6_what_a_name_ends_in_decides(subtests: pytest.Subtests) -> None:
    for name in BOTH:
        with subtests.test(name):
            assert names_account(name)


def test_R6_a_text_about_users_is_read_and_kinds_and_places_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("id,用户评论,账号类型,ip_location,艾特用户\n1,听说停水,政务,北京,甲\n", encoding="utf-8")
    (batch,) = read_posts(path, Reading(columns=Columns(id="id", text="用户评论"), keep=("账号类型", "ip_location")))
    assert batch.texts.texts() == ["听说停水"]
    assert {name: column.to_pylist() for name, column in batch.kept.items()} == {
        "账号类型": ["政务"],
        "ip_location": ["北京"],
    }
    with pytest.raises(ConfigError, match="never read: 艾特用户") as caught:
        Reading(columns=Columns(id="id", text="用户评论"), keep=("艾特用户",))
    assert "a name that ends so" in str(caught.value.todo)


def test_R6_other_columns_may_be_read(subtests: pytest.Subtests) -> None:
    for name in NO_ACCOUNTS:
        with subtests.test(name):
            assert not names_account(name)


@pytest.mark.parametrize("asked", ["id", "text", "label", "labels", "split"])
@pytest.mark.parametrize("name", ["user_id", "昵称", "authorUrl", "user-id", "ｕｓｅｒ＿ｉｄ"])
def test_R6_no_part_of_a_config_can_ask_for_an_account(tmp_path: Path, asked: str, name: str) -> None:
    path = write_posts(tmp_path / "posts.csv", {"post_id": ["1"], "text": ["好"], name: [SECRET]})
    with pytest.raises(ConfigError, match="never read: " + name) as caught:
        list(read_posts(path, Reading(columns=Columns(**{asked: name}))))
    assert caught.value.exit_code == 2
    assert caught.value.happened == "nothing was read"
    assert "posts, not people" in str(caught.value.todo)


def test_R6_keep_lists_every_account_it_asked_for(tmp_path: Path) -> None:
    path = write_posts(tmp_path / "posts.csv", {"post_id": ["1"], "text": ["好"], "uid": ["1"], "作者": [SECRET]})
    with pytest.raises(ConfigError, match="never read: uid, 作者"):
        list(read_posts(path, Reading(columns=Columns(keep=("post_id", "uid", "作者")))))


@pytest.mark.parametrize("name", FILES)
def test_R6_an_account_in_the_file_is_in_no_row_and_no_batch(tmp_path: Path, name: str) -> None:
    columns = {"user_name": [SECRET] * 3, "post_id": ["1", " ", "2"], "text": ["早", "中", "晚"]}
    path = write_posts(tmp_path / name, columns)
    assert SECRET not in repr(list(rows(path, columns=["post_id", "text"])))
    batches = list(read_posts(path))
    assert [batch.ids.to_pylist() for batch in batches] == [["1", "2"]]
    assert len(batches[0].quarantined) == 1
    assert SECRET not in repr(batches)


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"user_name": SECRET, "post_id": "2", "text": None}, ensure_ascii=False),
        json.dumps({"user_name": SECRET, "post_id": "2"}, ensure_ascii=False),
        f'{{"post_id": "2", "text": "a", "text": "b", "screenName": "{SECRET}"}}',
        f'{{"post_id": "2", "text": NaN, "作者" : "{SECRET}"}}',
        f'{{"uid": "{SECRET}", "post_id": "2", "text": "没有写完',
        f'[{{"nick_name": "{SECRET}"}}]',
    ],
)
def test_R6_a_json_line_set_aside_does_not_show_its_account(tmp_path: Path, line: str) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"post_id": "1", "text": "好"}\n' + line + "\n", encoding="utf-8")
    (batch,) = read_posts(path)
    assert len(batch.quarantined) == 1
    assert batch.quarantined[0].where == "posts.jsonl:2"
    assert SECRET not in repr(batch)


@pytest.mark.parametrize(
    "row", [f"2,{SECRET}", f"2,多了,{SECRET},好", f"{SECRET},好", f'2,{SECRET},"好"啊', f"2,{SECRET},\udcff"]
)
def test_R6_a_csv_row_set_aside_does_not_show_its_account(tmp_path: Path, row: str) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes(f"post_id,nickname,text\n1,x,早\n{row}\n".encode("utf-8", "surrogateescape"))
    (batch,) = read_posts(path, Reading(bad_bytes="quarantine"))
    assert batch.ids.to_pylist() == ["1"]
    assert len(batch.quarantined) == 1
    assert SECRET not in repr(batch)


def test_P1_without_accounts_the_beginning_of_a_bad_row_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("post_id,text\n1,早\n2,多,了\n", encoding="utf-8")
    (batch,) = read_posts(path)
    assert batch.quarantined[0].excerpt == "{'post_id': '2', 'text': '多'}"
    path = tmp_path / "posts.jsonl"
    path.write_text('{"post_id": "1", "text": "早"}\n{"post_id": "2", \n', encoding="utf-8")
    (batch,) = read_posts(path)
    assert batch.quarantined[0].excerpt == '{"post_id": "2", \\u000a'
