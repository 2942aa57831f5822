"""Accounts: the names of columns that hold them, so that no such column is ever read.

Promises: a name is known in any case, width and way of joining words, in Chinese and in English. What a name ends in
says what the column holds: 用户评论 holds reviews and ``user_type`` kinds, and neither holds accounts.
"""

from __future__ import annotations

import re
import unicodedata

from koudai.errors import ConfigError

_PERSON = "user|screen|nick|author|account|owner|sender|creator|publisher|uploader|poster|member|blogger"
_SITE = "weibo|wechat|wx|douyin|kuaishou|bilibili|zhihu|twitter|qq"
_ALONE = (
    "users?|uids?|userid|nick|author|blogger|account|handle|avatar|profile|creator|owner|publisher|sender|recipient"
    "|receiver|uploader|commenter|reviewer|influencer|qq|imei|idfa|ip|(screen|nick|real|full|first|last)_?name"
    "|(open|union|device|wx|wechat|douyin|android)_?id|mac_?addr(ess)?"
)
_LAST = "mentions?|biz|(mobile|phone|cellphone|telephone|tel|id_?card)(_?(no|num|number))?|e_?mail(_?addr(ess)?)?"
_ACTS = "[发發]布|[发發][帖言文]|评论|評論|回复|回覆|转发|轉發|创建|創建|上传|上傳|投稿|举报|舉報|投诉|投訴"
ACCOUNT_COLUMN = re.compile(
    rf"(^|_)({_ALONE})\d*(_|$)|(^|_)({_LAST})\d*$|({_PERSON})_?(id|name)|({_SITE})_?(name|nick|user)"
    r"|用[户戶]|昵称|暱稱|作者|[账帐賬帳][号號户戶]|博主|[头頭]像|[网網]名|(微信|公众|公眾|视频|視頻|抖音|快手|小[红紅][书書])[号號]"
    rf"|({_ACTS})[者人]|主播|姓名|手[机機]|[电電][话話]|[邮郵]箱|[联聯][系繫](人|方式)|身份[证證]|微博名|UP_?主"
    r"|[发發收]件人|住址|[银銀]行卡|卡号|卡號|[车車]牌|[护護]照|[买買]家|[卖賣]家|群主|群[号號]|[会會][员員]([号號名]|$)|(^|_)passport",
    re.IGNORECASE,
)
"""Names of columns that hold accounts; such a column is never read, whatever a config asks for."""
_TEXT = "content|text|comments?|reviews?|repl(y|ies)"
_TEXT_ZH = "评论|評論|[内內]容|正文|回[复覆]|留言|带[货貨]|帶貨"
_TIME = "(date|create|update|publish|login)?time|date|(created|updated|posted|published)_at"
_TIME_ZH = "[时時][间間]|日期"
_SORT = "types?|level|kind|category|counts?|rating|score"
_SORT_ZH = "[类類][型别別]|型[号號]|等[级級]|品牌|人[数數]|[总總用][户戶]?[数數]|[数數]量|次[数數]|[评評]分"
_PLACE = "location|province|city|country|region"
_PLACE_ZH = "[属屬]地|省份|城市|[国國]家|地[区區]|所在地|位置"
NO_ACCOUNT_COLUMN = re.compile(
    rf"(^|_)({_TEXT}|{_TIME}|{_SORT}|{_PLACE})$|({_TEXT_ZH}|{_TIME_ZH}|{_SORT_ZH}|{_PLACE_ZH})$", re.IGNORECASE
)
"""What names end in whose columns hold texts, times, kinds, counts or places, whoever they are about."""
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[A-Za-z])|[\W_]+")


def names_account(column: str) -> bool:
    """Return whether `column` is the name of a column of accounts, in any case, width and way of joining words.

    Examples
    --------
    >>> [names_account(name) for name in ("screen_name", "用户昵称", "topic", "username_count", "用户评论")]
    [True, True, False, False, False]
    """
    name = _WORD_BREAK.sub("_", unicodedata.normalize("NFKC", column))
    return bool(ACCOUNT_COLUMN.search(name)) and not NO_ACCOUNT_COLUMN.search(name)


def refuse_accounts(names: tuple[str, ...]) -> None:
    """Raise `ConfigError` if any of `names` is the name of a column of accounts."""
    accounts = [name for name in names if names_account(name)]
    if accounts:
        raise ConfigError(
            what=f"column(s) that name accounts are never read: {', '.join(accounts)}",
            where="columns",
            happened="nothing was read",
            todo="leave them out; koudai measures posts, not people. If one only sounds like accounts and holds texts, "
            "times, kinds or places, give it in the file a name that ends so, e.g. in _text, _time, _type or _location",
        )
