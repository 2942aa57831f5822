"""Accounts: the names of columns that hold them, so that no such column is ever read.

Promises: a name is known in any case, width and way of joining words, in Chinese and in English.
"""

from __future__ import annotations

import re
import unicodedata

from pipeline.errors import ConfigError

ACCOUNT_COLUMN = re.compile(
    r"(^|_)(user|uid|userid|screen_?name|nick|nick_?name|author|blogger|account|open_?id|handle|avatar|profile)\d*(_|$)"
    r"|(user|screen|nick|author|account)_?(id|name)"
    r"|用[户戶]|昵称|暱稱|作者|[账帐賬帳][号號户戶]|博主|[头頭]像|[网網]名|微信号|公众号|发布者|發布者|[发發]帖人",
    re.IGNORECASE,
)
"""Names of columns that hold accounts; such a column is never read, whatever a config asks for."""
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")


def names_account(column: str) -> bool:
    """Return whether `column` is the name of a column of accounts, in any case, width and way of joining words."""
    return bool(ACCOUNT_COLUMN.search(_WORD_BREAK.sub("_", unicodedata.normalize("NFKC", column))))


def refuse_accounts(names: tuple[str, ...]) -> None:
    """Raise `ConfigError` if any of `names` is the name of a column of accounts."""
    accounts = [name for name in names if names_account(name)]
    if accounts:
        raise ConfigError(
            what=f"column(s) that name accounts are never read: {', '.join(accounts)}",
            where="columns",
            happened="nothing was read",
            todo="leave them out; koudai measures posts, not people",
        )
