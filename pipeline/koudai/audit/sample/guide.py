"""What people who label are told of a category: its name, what it means, and what counts in and out, in Chinese and
English.

Promises: says what the taxonomy says and nothing of any post; a category whose taxonomy is not at hand is named by its
key alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from koudai.taxonomy import Taxonomy

MEANT = ("定义：", "Definition: ", "计入：", "Counts in: ", "不计入：", "Counts out: ")
_HOW = (
    "每行只看 text 一列，在 label 列填“是”或“否”（填 1 或 0 也行），拿不准就留空。"
    "除 label 列外什么都不要改；要排序，请整行一起排。",
    "Read the text alone, and write yes or no (or 1 or 0) in the label column; leave it empty if you cannot tell. "
    "Change nothing but labels, and sort whole rows only.",
)


@dataclass(frozen=True)
class ToldOfCategory:
    """What is told of one category: its name in both languages and its key, and a text behind each title of `MEANT`.

    Examples
    --------
    >>> ToldOfCategory("rumour", ()).meaning
    ()
    """

    name: str
    meaning: tuple[str, ...]


def told_of(key: str, taxonomy: Taxonomy | None) -> ToldOfCategory:
    """Return what is told of a category.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> told_of("rumour", find_taxonomy("cac-2023", configs=bundled("configs"))).name
    '涉嫌造谣传谣 · Alleged rumour (rumour)'
    """
    if taxonomy is None or key not in taxonomy.keys:
        return ToldOfCategory(key, ())
    one = taxonomy[key]
    said = (one.wording, one.counts_in, one.counts_out)
    return ToldOfCategory(
        f"{one.name.zh} · {one.name.en} ({key})", tuple(text for both in said for text in (both.zh, both.en))
    )


def guide_text(categories: tuple[str, ...], taxonomy: Taxonomy | None) -> str:
    """Return the guide to a sheet: how to fill it in, and what each category means.

    Examples
    --------
    >>> guide_text(("rumour",), None).splitlines()[-1]
    'rumour'
    """
    lines = [*_HOW]
    for key in categories:
        told = told_of(key, taxonomy)
        lines += ["", told.name, *(f"{title}{said}" for title, said in zip(MEANT, told.meaning, strict=False))]
    return "\n".join(lines) + "\n"
