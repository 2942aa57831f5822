#!/usr/bin/env bash
# crawl4weibo 0.5.2: emoticons leave no trace, entities stay, line breaks glue words, names come with tags, and a post
# whose place is null is not there.
#
# Expected: the text of a post as its reader sees it, the names it mentions, and every post of an answer.
# Seen, for Weibo's own markup:
# - `<img alt="[doge]">` goes without its name and `<br />` without a blank, but `&lt;` and `&amp;` stay as they are: a
#   count of words then holds "lt" and "amp" and no emoticon.
# - mentions are looked for in the markup, up to the next blank: the name comes out as "紫藤关收费站</a>你好".
# - `"geo": null`, as Weibo answers for a post without a place, drops the post: of two one is returned, and only a line of
#   the log tells.
# It matters because emoticons, names and posts without a place are what studies of moderation count.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check crawl4weibo==0.5.2
"$folder/venv/bin/python" - <<'PYTHON'
import logging
from importlib.metadata import version

from crawl4weibo.utils.parser import WeiboParser

logging.disable(logging.CRITICAL)
TEXT = (
    "停水了<br />快接水<span class=\"url-icon\"><img alt=\"[doge]\" src=\"https://example.com/d.png\" /></span> 体温&lt;37度"
    " <a href='https://example.com/n'>@紫藤关收费站</a>你好"
)


def card(number, **more):
    mblog = {"id": str(number), "text": TEXT, "created_at": "Mon Jan 01 00:05:00 +0800 2024", "user": {"id": 1}}
    return {"card_type": 9, "mblog": {**mblog, **more}}


posts, _ = WeiboParser().parse_posts({"data": {"cards": [card(1), card(2, geo=None)]}})
print("crawl4weibo", version("crawl4weibo"))
print("posts:   ", len(posts), "of 2")
print("text:    ", posts[0]["text"])
print("mentions:", posts[0]["at_users"])
assert [post["id"] for post in posts] == ["1"]
assert posts[0]["text"] == "停水了快接水 体温&lt;37度 @紫藤关收费站你好"
assert posts[0]["at_users"] == ["紫藤关收费站</a>你好"]
PYTHON
