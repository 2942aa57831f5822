"""Datasheets: what a corpus is, where it comes from, on what terms it may be used, and what its labels can stand for.

Promises: made from the corpus's file alone, so it says nothing that koudai does not act on; every label comes with its
reason; what is not known is said to be so; words from elsewhere are shown as words, never as Markdown or HTML.

Source: Gebru et al. 2021, "Datasheets for datasets".
"""

from __future__ import annotations

from koudai.config.source import Source
from koudai.model.bundle.markdown import markdown_table, plain

LABELS = ("label", "category", "says", "stands for it", "why")
ORIGINALS = ("original", "sha256")
FITS = {"direct": "directly", "proxy": "as a proxy", "control": "as a control"}
_UNKNOWN = "not known"


def datasheet(source: Source) -> str:
    """Return the datasheet of a corpus as Markdown."""
    return f"""# Datasheet: {plain(source.title or source.name)}

## What it is

`{source.name}`: {"real posts" if source.kind == "real" else "posts written for a project, not found anywhere"}, \
{_UNKNOWN + " how many" if source.rows is None else f"{source.rows:,}"} rows, in {_files(source)}.
Columns read: {", ".join(plain(name) for name in _columns(source))}. No column of accounts is read or kept.

## Where it comes from

{plain(source.origin) or _UNKNOWN}
{_originals(source)}
## Terms

Licence: {plain(source.licence) or _UNKNOWN}

Citation: {plain(source.citation) or _UNKNOWN}

## What its labels say

{_labels(source)}
{plain(source.unknown)}
"""


def _files(source: Source) -> str:
    files = {"": source.file} if source.file else source.files
    return ", ".join(f"`{plain(file)}`" + (f" ({plain(split)})" if split else "") for split, file in files.items())


def _columns(source: Source) -> list[str]:
    columns = source.columns
    named = (columns.id, *columns.texts, columns.label, columns.labels, columns.split, columns.date, *columns.keep)
    return list(dict.fromkeys(name for name in named if name is not None))


def _originals(source: Source) -> str:
    if source.fetch is None:
        return f"\nNot fetched: {plain(source.not_fetched)}\n" if source.not_fetched else ""
    rows = [[plain(path), f"`{digest}`"] for path, digest in source.sha256.items()]
    return f"""
Fetched from {plain(source.fetch.repository)} at commit `{source.fetch.commit}`. How its parser was checked:
{plain(source.fetch.checked)}

{markdown_table(ORIGINALS, rows)}
"""


def _labels(source: Source) -> str:
    rows = [
        [
            plain(rule.value),
            plain(rule.category) + ("" if rule.taxonomy is None else f" (in runs of {plain(rule.taxonomy)})"),
            str(rule.says),
            FITS[rule.fit],
            plain(rule.reason),
        ]
        for rule in source.all_rules
    ]
    silent = [
        f"- {plain(label)} says nothing{': ' + plain(why) if why else ''}" for label, why in source.silent.items()
    ]
    said = markdown_table(LABELS, rows) if rows else "No label says anything of a category."
    return "\n\n".join([said, *(["\n".join(silent)] if silent else [])]) + "\n"
