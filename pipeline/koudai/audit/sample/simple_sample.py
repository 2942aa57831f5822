"""A simple random sample: sheets with ids and labels of posts that were drawn before anybody met koudai.

Promises: every post had the same chance of being drawn, which is what the config states and nothing here can check; a
sheet is of one annotator, and posts that only one of them has count as not labelled by the others; an id of no scored
post is counted, and too many of them are refused; a cell that is no answer is an error that lists all.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import LabelledSample
from koudai.audit.inputs.id_table import IdTable, read_id_table, row_indices, some_ids
from koudai.audit.inputs.words import SAID, answer
from koudai.audit.sample.sheet import LABEL
from koudai.config.people import SampleSection
from koudai.config.source import Columns
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names
from koudai.errors import ConfigError, LabelError, ReadError, ScoresMismatch, number_of
from koudai.registry import did_you_mean
from koudai.scoring.results import Scores
from koudai.text.characters.contacts.masking import masked_value

_LISTED = 20


def load_simple_sample(section: SampleSection, base: Path, scores: Scores) -> tuple[LabelledSample, int]:
    """Read sheets with labels of a simple random sample.

    Parameters
    ----------
    section
        Of the config, with ``design = "srs"``.
    base
        Folder in which its relative paths start.
    scores
        Of the posts that were drawn from.

    Returns
    -------
    LabelledSample
        Of one stratum.
    int
        Ids of the sheets that are those of no scored post.

    Raises
    ------
    ConfigError
        If no column of a sheet is one of labels, or a category has no scores.
    ReadError
        If a sheet cannot be read, or holds an id twice.
    LabelError
        If a cell is no answer.
    ScoresMismatch
        If too many ids are those of no scored post, or more posts are labelled than `population` says there were.
    """
    paths = [base / name for name in section.labels]
    gold = None if section.gold is None else base / section.gold
    sheets = [*paths, *([] if gold is None else [gold])]
    columns = {path: label_columns(section, path, scores.categories) for path in sheets}
    categories = tuple(key for key in scores.categories if any(key in one for one in columns.values()))
    tables = [_table(section, path, columns[path]) for path in sheets]
    ids = list(dict.fromkeys(one for table in tables for one in table.ids))
    row = row_indices(ids, scores.ids)
    gone = [post_id for post_id, at in zip(ids, row.tolist(), strict=True) if at < 0]
    if len(gone) > section.unmatched * len(ids) or len(gone) == len(ids):
        raise ScoresMismatch(
            what="the ids of the labelled posts are not those of the scored ones",
            where="\n".join(map(str, sheets)),
            expected=f"at most {section.unmatched:.0%} of them without scores, ids as {some_ids(scores.ids)}",
            got=f"{len(gone):,} of {len(ids):,} have none: {some_ids(gone)}",
            happened="nothing was estimated",
            todo="name the id column with sample.id, or allow more with sample.unmatched",
        )
    if section.population is not None and section.population < len(ids):
        raise ScoresMismatch(
            what="more posts are labelled than the sample was drawn from",
            where="sample.population",
            expected=f"{len(ids):,} posts or more",
            got=f"{section.population:,}",
            happened="nothing was estimated",
        )
    kept = [post_id for post_id, at in zip(ids, row.tolist(), strict=True) if at >= 0]
    labels = np.full((len(tables), len(kept), len(categories)), -1, dtype=np.int8)
    for person, table in enumerate(tables):
        place = row_indices(kept, table.ids)
        for at, key in enumerate(categories):
            if key in columns[table.source]:
                said = _answers(table, columns[table.source][key])
                labels[person, place >= 0, at] = said[place[place >= 0]]
    sample = LabelledSample(
        categories=categories,
        stratum=np.zeros(len(scores.ids), dtype=np.int64),
        post=row[row >= 0],
        labels=labels[: len(paths)],
        population=section.population,
        gold=None if gold is None else labels[-1],
    )
    return sample, len(gone)


def label_columns(section: SampleSection, path: Path, categories: tuple[str, ...]) -> dict[str, str]:
    """Return the column of each category that a sheet has labels of: those named in the config, or called as the
    category or ``label:`` and the category.
    """
    unknown = [key for key in section.columns if key not in categories]
    if unknown:
        raise ConfigError(
            what=f"there are no scores of {', '.join(map(repr, unknown))}",
            where="[sample.columns]",
            expected=", ".join(categories),
            happened="nothing was estimated",
            todo=did_you_mean(unknown[0], list(categories)),
        )
    if not path.is_file():
        raise ReadError(what="no such file", where=path, happened="nothing was estimated", todo="check sample.labels")
    names = column_names(path, encoding=section.encoding, quoting=section.quoting)
    if section.columns:
        return {key: name for key, name in section.columns.items() if name in names} or _none(path, names, categories)
    found = {key: name for key in categories for name in (LABEL + key, key) if name in names}
    return found or _none(path, names, categories)


def _none(path: Path, names: list[str], categories: tuple[str, ...]) -> dict[str, str]:
    raise ConfigError(
        what="this sheet has no column of labels",
        where=path,
        expected=", ".join(LABEL + key for key in categories[:_LISTED]),
        got=", ".join(names[:_LISTED]),
        happened="nothing was estimated",
        todo="name the columns under [sample.columns], or call them as the categories",
    )


def _table(section: SampleSection, path: Path, columns: dict[str, str]) -> IdTable:
    refuse_accounts((section.id, *columns.values()))
    reading = Reading(columns=Columns(id=section.id), encoding=section.encoding, quoting=section.quoting)
    table = read_id_table(path, reading, list(columns.values()))
    table.require_distinct()
    return table


def _answers(table: IdTable, column: str) -> NDArray[np.int8]:
    """Return the labels of a column; raises `LabelError` that lists cells that are none."""
    cells = table.texts(column)
    told = [answer(cell) for cell in cells]
    wrong = [at for at, value in enumerate(told) if value is None]
    if wrong:
        raise LabelError(
            what=number_of(len(wrong), "label is none", "labels are none"),
            where=table.source,
            expected=SAID,
            got="\n".join(
                [f"line {table.lines[at]}: {masked_value(cells[at], limit=42)}" for at in wrong[:_LISTED]]
                + ([f"and {len(wrong) - _LISTED:,} more"] if len(wrong) > _LISTED else [])
            ),
            happened="nothing was estimated",
        )
    return np.array(told, dtype=np.int8)
