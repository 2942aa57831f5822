"""Policies as text: each category as a document that a reader of rules can be given, in several wordings and two forms.

Promises: every document says that it serves to measure wording and not to moderate; the wordings hold ever less of one
text, word for word; a code says nothing of its category. Calls no model, and reads no post.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from koudai.config.paraphrases import Paraphrases
from koudai.storage.durable import new_folder, sha256_bytes, write_bytes
from koudai.storage.filled_folder import filled_folder
from koudai.taxonomy import Bilingual, Category, Taxonomy

WORDINGS = ("full", "regulator", "name", "withheld")
"""From the most of a category's text to none of it."""
LISTED = "documents.csv"
"""The file that lists the documents of a folder."""
Language = Literal["zh", "en"]
Form = Literal["criteria", "goal"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FORMS: tuple[Form, ...] = ("criteria", "goal")

_PURPOSE = Bilingual(
    zh="本文件用于测量标记在多大程度上取决于规则的措辞，不用于内容管理：不得据此删除、举报帖子，"
    "也不得据此给帖子或作者排序。",
    en="This document serves to measure how much a tag owes to the wording of a rule. It does not serve to moderate: "
    "no post is to be removed, reported or ranked by it, and no author.",
)
_WITHHELD = Bilingual(
    zh="这条规则的文字不予提供，名称也不提供。请按你自己对平台内容规则的理解，判断帖子是否违反这类规则。",
    en="The text of this rule is withheld, and so is its name. Judge by what you yourself take the content rules of a "
    "platform to be whether the post breaks one.",
)
_NAME_ONLY = Bilingual(
    zh="这一类别没有给出定义。请按你自己对名称的理解判断。",
    en="No definition of this category is given. Judge by what you yourself take its name to mean.",
)
_ITEM = {"zh": re.compile("；"), "en": re.compile("; ")}
_TITLE = Bilingual(zh="规则 {code}", en="Rule {code}")
_CRITERIA = Bilingual(
    zh="## 标签\n\n- {yes}：帖子涉嫌属于这一类别。\n- {no}：帖子不属于这一类别，或者从文字看不出来。\n\n"
    "## 回答\n\n只回答一个标签，{no} 或 {yes}，不要写别的。",
    en="## Labels\n\n- {yes}: the post is alleged to fall under this category.\n- {no}: it does not, or the text does "
    "not show it.\n\n## Answer\n\nAnswer with one label, {no} or {yes}, and with nothing else.",
)
_GOAL = Bilingual(
    zh="## 回答\n\n只回答一个词，不要写别的：帖子正是上述目标要找的，答“符合”；不是，或者从文字看不出来，答“不符合”。",
    en="## Answer\n\nAnswer with one word and with nothing else: valid if the post is what the goal looks for; "
    "invalid if it is not, or if the text does not show it.",
)
_LOOKS = Bilingual(zh="找出属于“{name}”的帖子。", en="Find posts that fall under “{name}”.")
_LOOKS_BLIND = Bilingual(zh="找出涉嫌违反这条规则的帖子。", en="Find posts that are alleged to break this rule.")


@dataclass(frozen=True)
class Policy:
    """One document.

    Parameters
    ----------
    wording
        One of `WORDINGS`, or ``paraphrase-`` and the name of a paraphrase.
    category
        Key of the taxonomy.
    form
        ``criteria``: what is included and excluded, and a code as answer. ``goal``: what is valid and invalid.
    language
        ``zh`` or ``en``.
    code
        Letters that stand for the category; ``0`` after them says no, ``1`` yes.
    text
        The document, as Markdown.

    Examples
    --------
    >>> Policy("full", "rumour", "goal", "en", "CA", "…").relative
    'full/rumour.goal.en.md'
    """

    wording: str
    category: str
    form: Form
    language: Language
    code: str
    text: str

    @property
    def relative(self) -> str:
        """Where it stands in a folder of policies."""
        return f"{self.wording}/{self.category}.{self.form}.{self.language}.md"


def policies(
    taxonomy: Taxonomy, *, categories: tuple[str, ...] = (), paraphrases: Paraphrases | None = None
) -> Iterator[Policy]:
    """Yield the documents of a taxonomy: by wording, category, form and language.

    Parameters
    ----------
    taxonomy
        Its categories.
    categories
        Keys of those that are written; all of them by default.
    paraphrases
        Further wordings.

    Raises
    ------
    ConfigError
        If a category is none of the taxonomy's.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> found = list(policies(taxonomy, categories=("rumour",)))
    >>> len(found), found[0].relative, found[0].code
    (16, 'full/rumour.criteria.zh.md', 'CA')
    >>> print(found[10].text.splitlines()[6])
    No definition of this category is given. Judge by what you yourself take its name to mean.
    """
    keys = taxonomy.keys if not categories else tuple(taxonomy[key].key for key in categories)
    for wording in WORDINGS:
        for key in keys:
            for language in LANGUAGES:
                yield from _documents(
                    taxonomy, key, wording, language, _body(taxonomy, taxonomy[key], wording, language)
                )
    for one in paraphrases.paraphrase if paraphrases is not None else ():
        for language in LANGUAGES:
            text = (one.zh if language == "zh" else one.en).strip()
            if text and one.category in keys:
                body = _Body(_in(language, taxonomy[one.category].name), text)
                yield from _documents(taxonomy, one.category, f"paraphrase-{one.name}", language, body)


def write_policies(found: tuple[Policy, ...], out: Path, *, overwrite: bool = False) -> Path:
    """Write documents into a new or empty folder, with a list of them; return the path of the list.

    Parameters
    ----------
    found
        The documents.
    out
        The folder.
    overwrite
        Whether a folder of policies that is there gives way.

    Raises
    ------
    OutputExists, StorageError
        If the folder holds something else, or cannot be written to.
    """
    with filled_folder(out, replaces=LISTED if overwrite else None):
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerow(("file", "wording", "category", "form", "language", "no", "yes", "sha256"))
        for wording in dict.fromkeys(one.wording for one in found):
            new_folder(out / wording)
        for one in found:
            data = one.text.encode()
            write_bytes(out / one.relative, data)
            said = (f"{one.code}0", f"{one.code}1") if one.form == "criteria" else _VALID[one.language]
            writer.writerow(
                (one.relative, one.wording, one.category, one.form, one.language, *said, sha256_bytes(data))
            )
        write_bytes(out / LISTED, rows.getvalue().encode())
    return out / LISTED


_VALID: dict[Language, tuple[str, str]] = {"zh": ("不符合", "符合"), "en": ("invalid", "valid")}


@dataclass(frozen=True)
class _Body:
    """What a wording says of a category: its name, None where it is withheld; a definition; what counts in and out."""

    name: str | None
    definition: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


def _body(taxonomy: Taxonomy, category: Category, wording: str, language: Language) -> _Body:
    if wording == "withheld":
        return _Body(None, _in(language, _WITHHELD))
    name = _in(language, category.name)
    if wording == "name":
        return _Body(name, _in(language, _NAME_ONLY))
    definition = _in(language, category.wording)
    if wording == "regulator":
        return _Body(name, definition)
    children = [one for one in taxonomy.category if one.parent == category.key]
    colon = "：" if language == "zh" else ": "
    below = [f"{_in(language, one.name)}{colon}{_in(language, one.wording)}" for one in children]
    includes = [_in(language, category.counts_in), *below]
    return _Body(name, definition, tuple(includes), tuple(_items(category.counts_out, language)))


def _items(text: Bilingual, language: Language) -> list[str]:
    """Return what is listed in a sentence, one item each."""
    ends = "。" if language == "zh" else "."
    items = [one.strip().rstrip(ends) for one in _ITEM[language].split(_in(language, text))]
    return [one[:1].upper() + one[1:] + ends for one in items if one]


def _documents(taxonomy: Taxonomy, key: str, wording: str, language: Language, body: _Body) -> Iterator[Policy]:
    code = _code(taxonomy.column(key))
    for form in FORMS:
        text = _criteria(body, code, language) if form == "criteria" else _goal(body, language)
        yield Policy(wording, key, form, language, code, text)


def _criteria(body: _Body, code: str, language: Language) -> str:
    zh = language == "zh"
    title = _in(language, _TITLE).format(code=code) + (f"{'：' if zh else ': '}{body.name}" if body.name else "")
    parts = [f"# {title}", f"> {_in(language, _PURPOSE)}", f"## {'定义' if zh else 'Definition'}\n\n{body.definition}"]
    parts += _bullets("计入" if zh else "Includes", body.includes)
    parts += _bullets("不计" if zh else "Excludes", body.excludes)
    parts.append(_in(language, _CRITERIA).format(no=f"{code}0", yes=f"{code}1"))
    return "\n\n".join(parts) + "\n"


def _goal(body: _Body, language: Language) -> str:
    zh = language == "zh"
    looks = _in(language, _LOOKS_BLIND if body.name is None else _LOOKS).format(name=body.name)
    parts = [f"# {'目标' if zh else 'Goal'}", f"> {_in(language, _PURPOSE)}", f"{looks}\n\n{body.definition}"]
    parts += _bullets("符合" if zh else "Valid", body.includes)
    parts += _bullets("不符合" if zh else "Invalid", body.excludes)
    parts.append(_in(language, _GOAL))
    return "\n\n".join(parts) + "\n"


def _bullets(title: str, items: tuple[str, ...]) -> list[str]:
    lines = "\n".join(f"- {one}" for one in items)
    return [f"## {title}\n\n{lines}"] if items else []


def _code(column: int) -> str:
    """Return letters by the place of a category alone: CA, CB … CZ, CAA …"""
    letters, left = "", column + 1
    while left:
        left, place = divmod(left - 1, 26)
        letters = chr(ord("A") + place) + letters
    return f"C{letters}"


def _in(language: Language, text: Bilingual) -> str:
    return text.zh if language == "zh" else text.en
