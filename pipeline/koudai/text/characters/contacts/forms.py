"""Forms: how people write contacts, one table for everything that masks, counts or refuses them.

Promises: every pattern takes time linear in the length of the text. Most begin with a character or a class of them, and
ask only then what stands before it: that is what regular expressions look for fastest. Patterns are written for folded
text (``folding.py``): half width, lower case. What only looks like a contact (dates, prices, counts, numbers of
documents, hashtags, laughter) is told by `Form.harmless`. Does not find names of people, nor places.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from koudai.text.characters.assigned import NAME

Kind = Literal["link", "mail", "mention", "id-card", "bank-card", "phone", "account", "account-number", "number"]
NAME_LENGTH = 30
"""Characters of a name behind an at sign, at most."""
BEFORE_SIGN = 80
"""Characters before the sign of a contact in which it begins, at most."""
PLACEHOLDERS: dict[Kind, str] = {
    "mail": "EMAIL",
    "id-card": "IDCARD",
    "bank-card": "BANKCARD",
    "phone": "1XXXXXXXXXX",
    "account": "ACCOUNT",
    "account-number": "ACCOUNT",
    "number": "NUMBER",
}
"""What stands for a contact in texts that machines read; none of them is a contact."""

SPACE = " \t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space, as the inside of a class: what ``str.isspace`` holds of."""
GAPS = ".·•・‧∙_~—–‐‑―−-/\\*|,、，。()（）[]【】「」<>《》…^&☎📞📱❤♥"
"""What stands between the digits of a number, but for white space."""
_GAP = rf"[{SPACE}{re.escape(GAPS)}]{{0,3}}"
_SMALL_GAP = rf"[{SPACE}.\-·—–_)）]{{0,2}}"


def _latin(*words: str, of: str = "[a-z]") -> str:
    """Return a pattern of words that none of the characters `of` stands before; each begins with its first letter."""
    return "|".join(f"{word[0]}(?<!{of}{word[0]}){word[1:]}" for word in words)


_DIGITS = f"[0-9](?:{_GAP}[0-9]){{4,15}}"
_ID = rf"(?!{'|'.join(PLACEHOLDERS.values()).lower()})(?:{_DIGITS}|[a-z0-9_][a-z0-9_\-]{{4,29}})"
_WORDED = (
    rf"(?!{'|'.join(PLACEHOLDERS.values()).lower()})"
    rf"(?:{_DIGITS}|(?=[a-z_\-]{{0,29}}[0-9_])[a-z0-9_][a-z0-9_.\-]{{4,29}})"
)
INNER = ".-_*·&/|~❤♥"
"""What stands inside cue words, but for white space, so that nobody finds them: ``v❤x``."""
_INNER = rf"[{SPACE}{re.escape(INNER)}]{{1,2}}"
_CUES = "|".join(
    (
        *(f"{one}(?:{_INNER})?信" for one in "微威薇徽溦嶶维伟喂魏"),
        "微亻言|v信|w信|微x|威x|薇x|胃x|绿泡泡?|绿色软件",
        _latin("wx", r"wei[ \-]?(?:信|xin)", "vx", "qq", "q扣"),
        _latin(f"w{_INNER}x", f"v{_INNER}x", f"q{_INNER}q"),
        *(f"{added}(?:微|薇|我微|我薇|卫星|我?[vq](?:信|q)?)" for added in ("加", "十", r"\+", "➕")),
        "扣扣|企鹅|公众号",
    )
)
_OTHER_CUES = "抖音|快手|小红书|电报|纸飞机|飞机号|推特|陌陌|支付宝|钉钉|闲鱼|加我|私微|我微|✈|💚|卫星(?![a-z]{1,8}-)"
_LATIN_CUES = _latin(
    *("wechat", "weixin", "douyin", "tg", "dy", "telegram", "whatsapp", "instagram", "ins", "line", "skype", "signal")
)
_SHORT_CUES = (
    _latin("v群?", "q群?", of="[a-z0-9]")
    + "|微博|群(?=号)|帐(?=号)|账(?=号)|薇|微我?|飞机|公号|脸书|b站|蝙蝠|联系方式|联系|"
    + _latin("twitter", "facebook", "fb", "ks", "xhs", "gzh", "weibo", "discord", "potato", "yy")
)
_NUMBER_CUES = "|".join(
    (
        *(f"{one}[{SPACE}]?[群裙]" for one in "加进入扣鹅q🐧"),
        "君羊|🐧|抠抠|蔻蔻|球球|丘丘|秋秋|口口|群(?=:|[0-9]{6})|裙(?=:|[0-9]{6})|扣(?=:)",
    )
)
SAYING = "=是为→👉➕☞👇⬇↓❤♥💕~🏻🏼🏽🏾🏿"
"""What stands between a cue word and an account, but for white space, colons and hyphens."""
_SAYING = f"(?:[{SPACE}]?(?:群|帐|账)?号码?|id)?[{SPACE}:{SAYING}\\-]{{0,4}}"
_SAID = (
    f"(?:(?:群|帐|账)?号码?[{SPACE}:{SAYING}]{{0,4}}|[{SPACE}]?id[{SPACE}:=是为]{{0,4}}|"
    f"[群❤♥]?[{SPACE}]?[:{SAYING}][{SPACE}]{{0,3}})"
)
ASKING = "咨询联系搜索添加同号步/|~、,，(（【[「“\"'‘"
"""What else stands there, before accounts that no word looks like."""
_ASKING = f"(?:咨询|联系|搜索?|添加|加|同号|同步)?[{SPACE}:/|~、,，(（【\\[「“\"'‘]{{0,3}}"
_AT = rf"[{SPACE}]{{0,2}}(?:[(\[{{（【]{{1,2}}[{SPACE}]?(?:at|@|艾特)[{SPACE}]?[)\]}}）】]{{1,2}}|艾特)[{SPACE}]{{0,2}}"
_DOT = rf"(?:\.|[{SPACE}]?[(\[{{（【][{SPACE}]?(?:dot|点)[{SPACE}]?[)\]}}）】][{SPACE}]?)"
_LABEL = r"[a-z0-9\-]{1,64}"
_ENDING = "(?:com|cn|net|org|edu|gov|cc|me|io|top|vip|xyz)(?![a-z0-9])"
_LOCAL = r"[a-z0-9_.+%\-]{1,64}"

_DATE = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2}|\d{4}|\d{6})?")
_DAYS = re.compile(
    r"(?:1[89]|20)\d\d[./\-]\d{1,2}(?:[./\-]\d|\D)|\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)\d\d|1\d(?:[./\-]\d{1,2}){2}\s"
)
_LAUGHTER = re.compile(r"2?3{6,}|([0-9])\1{6,}|1?2345678?9?0?")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_SEPARATORS = re.compile(r"[^\s\d()（）\[\]【】]")
_PAIRS = re.compile(r"\d{1,2}(?:\D+\d{2}){3,}(?:\D+\d{1,2})?")
_UNIT = re.compile(
    r"\s?(?:[%‰万萬亿億千百多余餘几元块圆人名位次个個条篇只件票张份户例种倍岁粉吨米斤度股手字步期届年月日]|美[元金刀]|"
    r"[港日韩欧]元|英镑|公[里斤]|平[方米]|点击|阅读|k[mg]|rmb)|[.,，][0-9]"
)
_DATED = re.compile(r"(?:[于自至到从在年月日讯起止截期(（\[【/_\-]|时间|日期)[\s:]{0,2}\Z")
_DATING = re.compile(r"\s?[，、]?[日号期讯电起止至到前后之以发版第)）\]】/_\-]")
_SUM = 12
"""Digits of a sum or a count, at most."""
_MOST_ARE_DIGITS = 4
_BEFORE = re.compile(
    r"(?:[¥￥$€£=×*第约近超达过共]|编号|icp备|av|pmc|[文帖票期批字]号|证书号|专利号|准字[a-z]?|issn|isbn|no\.?|№|微博|帖子|"
    r"mid|[〔\[（(]20\d\d[〕\]）)]第?)[\s:为是]{0,2}\Z"
)


def _is_no_phone(found: re.Match[str]) -> bool:
    """Return whether separated digits are several numbers: a sum, a date, a size, a range, pairs as of a lottery."""
    shown = found[0]
    several = len(set(_SEPARATORS.findall(shown[shown.index("1") :]))) > 1
    return bool(several or _THOUSANDS.fullmatch(shown) or _DAYS.match(shown) or _PAIRS.fullmatch(shown))


def _is_no_mixture(found: re.Match[str]) -> bool:
    """Return whether letters among digits are too many for a mobile number."""
    return sum(map(str.isdigit, found[0])) < _MOST_ARE_DIGITS


def _is_not_eleven(found: re.Match[str]) -> bool:
    return len(found[0]) != 11


def _is_no_account(found: re.Match[str]) -> bool:
    """Return whether what follows a cue is a date or a count."""
    shown = found["contact"]
    days = _DATE.fullmatch(shown) or _DAYS.match(shown)
    return bool(days or (shown.isdigit() and _UNIT.match(found.string, found.end("contact"))))


def _is_no_number(found: re.Match[str]) -> bool:
    """Return whether a long number is a date, a sum, a count, laughter, a hashtag or the number of a document."""
    text, (start, stop) = found.string, found.span()
    return bool(
        (_DATE.fullmatch(found[0]) and (_DATED.search(text[max(0, start - 12) : start]) or _DATING.match(text, stop)))
        or _LAUGHTER.fullmatch(found[0])
        or (stop - start <= _SUM and _UNIT.match(text, stop))
        or _BEFORE.search(text[max(0, start - 12) : start])
        or (text[start - 1 : start] == "#" and text[stop : stop + 1] == "#")
    )


@dataclass(frozen=True)
class Form:
    """One way to write one kind of contact.

    Parameters
    ----------
    kind
        What it is.
    pattern
        A regular expression whose group ``contact``, or all of it, is the contact.
    harmless
        Callback: whether what was found is no contact, after all.
    chinese
        Whether Chinese digits count as digits.
    sign
        A regular expression that finds something in all that the pattern finds, at most `BEFORE_SIGN` characters
        behind its start, whatever stands beside it, and is quick to find nothing.
    """

    kind: Kind
    pattern: str
    sign: str
    harmless: Callable[[re.Match[str]], bool] | None = None
    chinese: bool = True


_LONG = f"[0-9](?:{_GAP}[0-9]){{6}}"
_CARD = f"[0-9](?:{_GAP}[0-9]){{11}}"
_WORDS = re.sub(r"\(\?<!\[.*?\)", "", f"(?:{_CUES}|{_OTHER_CUES}|{_LATIN_CUES}|{_SHORT_CUES})")
_CUED = (
    rf"{_WORDS}(?:[{SPACE}]?(?:群|帐|账)?号码?|[{SPACE}]?id)?"
    rf"[群{SPACE}:{SAYING}{re.escape(ASKING)}\-]{{0,6}}[a-z0-9_]"
)


def _spread(*parts: str) -> str:
    """Return a pattern of digits with gaps between them; a part of several digits has none inside."""
    return _GAP.join(parts)


FORMS = (
    Form("link", r"(?:https?://|www\.)[!-~]*[a-z0-9/=&#%+_\-]", sign=r"http|www\.", chinese=False),
    Form("mail", rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL}){{1,4}}", sign="@", chinese=False),
    Form(
        "mail",
        rf"{_LOCAL}(?:{_AT}|[{SPACE}]@[{SPACE}]?|@[{SPACE}]){_LABEL}(?:{_DOT}{_LABEL}){{1,4}}",
        sign=rf"@[{SPACE})\]}}）】]|@(?<=[{SPACE}]@)|at[{SPACE}]?[)\]}}）】]|艾特",
        chinese=False,
    ),
    Form(
        "mail",
        rf"{_LOCAL}(?:@|#){_LABEL}(?:(?:[.。]|点){_LABEL}){{0,3}}(?:[.。]|点){_ENDING}",
        sign="[@#]",
        chinese=False,
    ),
    Form(
        "mention",
        rf"@{NAME}{{1,{NAME_LENGTH}}}|(?<![a-z0-9@])@[{SPACE}](?={NAME})[^\W\d_]{NAME}{{1,15}}(?!{NAME})",
        sign="@",
        chinese=False,
    ),
    Form(
        "id-card",
        _spread(
            "[1-9](?<![0-9][0-9])", *["[0-9]"] * 5, "(?:1", "[89]|2", "0)", *["[0-9]"] * 2, "(?:0", "[1-9]|1", "[0-2])"
        )
        + _GAP
        + _spread("[0-3]", *["[0-9]"] * 4, "[0-9x]")
        + "(?![0-9a-z])",
        sign=_CARD,
    ),
    Form(
        "id-card",
        r"[1-9](?<![0-9][0-9])[0-9]{5}(?:[0-9]{8}[*x]{4}|[*x]{8}[0-9]{3}[0-9x])(?![0-9a-z*])",
        sign="[*x][*x]{3}",
        chinese=False,
    ),
    Form(
        "id-card",
        rf"(?:身份证|证件|护照|通行证|台胞证|回乡证|军官证)号?码?[{SPACE}:是为]{{0,3}}"
        rf"(?P<contact>[a-z]{{0,2}}[0-9](?:[{SPACE}\-]?[0-9]){{6,16}}[0-9x]?)(?![0-9a-z])",
        sign=_LONG,
    ),
    Form(
        "bank-card",
        rf"[3-6](?<![0-9][0-9])(?:(?<=6)2[0-9]{{2}}|[0-9]{{3}}[{SPACE}\-])[{SPACE}\-]?"
        rf"(?:[0-9]{{4}}[{SPACE}\-]{{0,2}}){{2}}[0-9]{{4}}(?:[{SPACE}\-]{{0,2}}[0-9]{{1,3}})?(?![0-9])",
        sign=_CARD,
    ),
    Form(
        "bank-card",
        rf"(?:银行卡|储蓄卡|信用卡|卡号|账号|帐号|账户|帐户)号?码?[{SPACE}:是为]{{0,3}}"
        rf"(?P<contact>[0-9](?:[{SPACE}\-]{{0,2}}[0-9]){{11,18}})(?![0-9])",
        sign=_CARD,
    ),
    Form(
        "phone",
        rf"(?:1(?<![0-9]1)|\+(?<![0-9]\+){_GAP}86{_GAP}1|0(?<![0-9]0)086{_GAP}1|8(?<![0-9]8)6{_GAP}1)"
        rf"{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])",
        sign=_LONG,
        harmless=_is_no_phone,
    ),
    Form(
        "phone",
        rf"[1il](?<![0-9oil][1il])[{SPACE}\-]?[3-9](?:[{SPACE}\-]?[0-9oil]){{9}}(?![0-9oil])",
        sign=rf"[3-9][{SPACE}\-]?(?:[0-9oil][{SPACE}\-]?){{8}}",
        harmless=_is_no_mixture,
    ),
    Form(
        "phone",
        r"1(?<![0-9a-z]1)[3-9][0-9]{0,2}[*x]{4,8}[0-9*x]{0,4}(?![0-9a-z*])",
        sign="[*x][*x]{3}",
        harmless=_is_not_eleven,
        chinese=False,
    ),
    Form(
        "phone",
        rf"(?:0(?<![0-9]0)(?:086{_SMALL_GAP}0)?|\+(?<![0-9]\+)86{_SMALL_GAP}0|8(?<![0-9]8)6{_SMALL_GAP}0)"
        rf"(?:10|2[0-9]|[3-9][0-9]{{2}}){_SMALL_GAP}[0-9]{{3,4}}[{SPACE}\-]?[0-9]{{4}}(?![0-9])",
        sign=_LONG,
    ),
    Form(
        "phone",
        rf"[48](?<![0-9][48])00(?:{_SMALL_GAP}(?:[0-9]{{3}}{_SMALL_GAP}[0-9]{{4}}|[0-9]{{4}}{_SMALL_GAP}[0-9]{{3}})"
        rf"|[0-9]{_SMALL_GAP}[0-9]{{3}}{_SMALL_GAP}[0-9]{{3}})(?![0-9])",
        sign=_LONG,
    ),
    Form("phone", rf"0(?<![0-9]0)9[0-9]{{2}}[{SPACE}\-][0-9]{{3}}[{SPACE}\-]?[0-9]{{3}}(?![0-9])", sign=_LONG),
    Form(
        "phone",
        rf"\+(?<![0-9]\+)(?:1|7|20|27|3[0-9]|4[0-9]|5[1-8]|6[0-6]|8[1-4]|9[0-58]|85[2356]|88[06]|9[67][0-9])"
        rf"[{SPACE}.\-()（）]{{0,3}}[1-9](?:[{SPACE}.\-()（）]{{0,2}}[0-9]){{7,11}}(?![0-9])",
        sign=_LONG,
    ),
    Form(
        "phone",
        rf"(?:电话|座机|热线|固话|传真|手机|联系方式|致电|拨打|tel|phone|call)号?码?[{SPACE}:是为.]{{0,3}}"
        rf"(?P<contact>[0-9](?:[{SPACE}.·\-—]{{0,3}}[0-9]){{6,14}})(?![0-9])",
        sign=_LONG,
        harmless=_is_no_account,
    ),
    Form(
        "account",
        rf"(?<![a-z0-9])(?:(?:t|telegram)[{SPACE}]?[.。点][{SPACE}]?(?:me|dog)[{SPACE}]?/[{SPACE}]?[a-z0-9_+/\-]{{2,64}}"
        r"|tg://[!-~]{2,64}|(?:discord\.gg|wa\.me|line\.me|telegra\.ph|weibo\.com|(?:u\.wechat|(?:weixin|qm|jq)\.qq)\.com)/"
        r"[a-z0-9_+/?=&%\-]{2,64})",
        sign="/",
        chinese=False,
    ),
    Form(
        "account-number",
        rf"(?:{_CUES}|{_OTHER_CUES}|{_LATIN_CUES}){_SAYING}(?P<contact>[0-9](?:{_GAP}[0-9]){{6,15}})(?![a-z0-9_])",
        sign=_CUED,
        harmless=_is_no_account,
    ),
    Form("account", rf"(?:{_CUES}){_SAYING}(?P<contact>{_ID})(?![a-z0-9_])", sign=_CUED, harmless=_is_no_account),
    Form(
        "account",
        rf"(?:{_CUES})(?:[{SPACE}]?号码?)?{_ASKING}(?P<contact>{_WORDED})(?![a-z0-9_])",
        sign=_CUED,
        harmless=_is_no_account,
    ),
    Form(
        "account",
        rf"(?:{_NUMBER_CUES})号?码?[{SPACE}:=是为]{{0,3}}(?P<contact>[0-9](?:[{SPACE}.\-]{{0,2}}[0-9]){{4,11}})(?![a-z0-9_])",
        sign=rf"(?:[群裙羊🐧抠蔻球丘秋口扣])号?码?[{SPACE}:=是为]{{0,3}}[0-9]",
        harmless=_is_no_account,
    ),
    Form(
        "account",
        rf"(?:{_OTHER_CUES}|{_LATIN_CUES}|{_SHORT_CUES}){_SAID}(?P<contact>{_ID}|{_WORDED})(?![a-z0-9_])",
        sign=_CUED,
        harmless=_is_no_account,
    ),
    Form(
        "account",
        rf"(?:(?:{_OTHER_CUES})[{SPACE}]{{0,2}}|(?:{_LATIN_CUES})[{SPACE}]{{1,2}})(?P<contact>{_WORDED})(?![a-z0-9_])",
        sign=_CUED,
        harmless=_is_no_account,
    ),
    Form("number", r"[0-9](?<![0-9.][0-9])[0-9]{6,}", sign="[0-9][0-9]{6}", harmless=_is_no_number, chinese=False),
)
"""In the order in which they are tried: what is one kind is not looked at for the next."""


class CompiledForm(NamedTuple):
    """A form with its pattern compiled, the group of it that is the contact, and the index of its sign."""

    form: Form
    pattern: re.Pattern[str]
    group: str | int
    sign: int


class CompiledForms(NamedTuple):
    """Forms, and each of their signs once, compiled, with whether Chinese digits count as digits."""

    signs: tuple[tuple[re.Pattern[str], bool], ...]
    forms: tuple[CompiledForm, ...]


@functools.cache
def compiled_forms(kinds: frozenset[Kind] = frozenset(get_args(Kind))) -> CompiledForms:
    """Return the forms of some kinds, compiled."""
    forms = [form for form in FORMS if form.kind in kinds]
    signs = list(dict.fromkeys((form.sign, form.chinese) for form in forms))
    compiled = []
    for form in forms:
        group = "contact" if "(?P<contact>" in form.pattern else 0
        compiled.append(CompiledForm(form, re.compile(form.pattern), group, signs.index((form.sign, form.chinese))))
    return CompiledForms(tuple((re.compile(sign), chinese) for sign, chinese in signs), tuple(compiled))
