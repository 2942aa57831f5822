"""A table of probabilities by any model, read as if a job had scored: ids, probabilities, tags, and what else it holds.

Promises: every row is scored, abstains, or is quarantined with its line and the reason, and these add up to what was
read; an id that is there twice is refused with both lines; nothing is taken for a probability but a number from 0 to
1; a category that the taxonomy lacks, and a column called nearly as a category is, are refused with the nearest name;
tags follow from probabilities by the rule that holds for koudai's own models.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.id_table import IdTable, read_id_table
from koudai.config.scored import TableSection
from koudai.config.source import Columns
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.posts import Quarantined
from koudai.corpus.reading.quarantine import reasons_of
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names
from koudai.errors import ConfigError, ReadError, printable
from koudai.model.decision import REASONS, UNCERTAIN, decide
from koudai.progress import Advance
from koudai.registry import did_you_mean
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts.masking import masked_name

NEAR = 0.85
"""Similarity of a name and a category's key, from 0 to 1, from which the name is taken for a misspelling of the key."""
_UNLESS_TOLD = 0.5
_SHOWN = 5
_NO_TEXT = ""


@dataclass(frozen=True)
class ScoresTable:
    """What a table of probabilities says.

    Parameters
    ----------
    scores
        As of a job; the model's digest is the sha256 of the table.
    threshold : ndarray of float64, shape (n_categories,)
        From which each category is alleged.
    texts
        Raw posts in the order of the scores, or None.
    quarantined
        Rows that are no scores.
    silent
        Empty cells of posts that do not abstain.
    posts
        Posts of the file that [table.posts] names, None without one.
    """

    scores: Scores
    threshold: NDArray[np.float64]
    texts: list[str] | None
    quarantined: list[Quarantined]
    silent: int
    posts: int | None = None


def read_scores_table(
    section: TableSection,
    base: Path,
    *,
    taxonomy: Taxonomy,
    keep: tuple[str, ...] = (),
    texts: bool = True,
    advance: Advance = lambda steps, told=None: None,
) -> ScoresTable:
    """Read a table.

    Parameters
    ----------
    section, base
        The config's section, and the folder in which its relative paths start.
    taxonomy
        Whose categories its columns are.
    keep
        Columns wanted beside, of the table or else of the file of [table.posts].
    texts
        Whether posts are read, where they are named.
    advance
        Is told how many rows are read.

    Raises
    ------
    ConfigError
        If a column or category is not there, or a column is one of accounts.
    ReadError
        If the table cannot be read, holds an id twice, or too many of its rows are no scores.
    ScoresMismatch
        If the posts of some rows are not in the file that should have them.
    """
    path = base / section.file
    if not path.is_file():
        raise ReadError(what="no such file", where=path, happened="nothing was measured", todo="check table.file")
    names = column_names(path, encoding=section.encoding, quoting=section.quoting)
    columns = category_columns(section, names, taxonomy, where=path)
    here, there = [one for one in keep if one in names], [one for one in keep if one not in names]
    wanted = [section.id, *([section.text] if section.text else []), *columns.values()]
    refuse_accounts((*wanted, *keep))
    require_named(wanted, names, path)
    text = section.text if texts else None
    reading = Reading(
        columns=Columns(id=section.id, text=text or _NO_TEXT),
        keep=tuple(dict.fromkeys([*columns.values(), *here])),
        encoding=section.encoding,
        quoting=section.quoting,
        bad_bytes="quarantine",
    )
    table = read_id_table(path, reading, [text] if text else [], advance=advance)
    proba, wrong = table.probabilities(columns.values(), missing=section.missing)
    table, left = table.without(wrong, reason="bad-probability")
    _require_scores(table, section.quarantined)
    table.require_distinct()
    proba, ids, quarantined = proba[left], table.ids, list(table.quarantined)
    own, kept, posts = _posts(section, base, ids, there, texts=texts, names=names)
    threshold = thresholds(section, columns)
    alleged, reason = decide(proba, taxonomy, tuple(columns), threshold, 0.0)  # type: ignore[arg-type]
    alleged = alleged[:, taxonomy.columns(columns)]
    silent = np.isnan(proba)
    abstained = silent.all(axis=1) | (reason == REASONS.index(UNCERTAIN))
    scores = Scores(
        ids=ids,
        categories=tuple(columns),
        proba=proba.astype(np.float32),
        alleged=alleged,
        abstained=abstained,
        model_digest=sha256_file(path),
        totals=Totals(
            read=len(ids) + len(quarantined),
            scored=int((~abstained).sum()),
            abstained=int(abstained.sum()),
            quarantined=len(quarantined),
            reasons=reasons_of(quarantined),
            tagged=int(alleged.any(axis=1).sum()),
            alleged=dict(zip(columns, alleged.sum(axis=0).tolist(), strict=True)),
        ),
        kept={**{name: list(table.texts(name)) for name in here}, **kept},
    )
    return ScoresTable(
        scores=scores,
        threshold=threshold,
        texts=table.cells[text] if text else own,
        quarantined=quarantined,
        silent=int(silent[~abstained].sum()),
        posts=posts,
    )


def _require_scores(table: IdTable, most: float) -> None:
    """Raise `ReadError` if no row is left, or more than a share `most` of the rows are quarantined."""
    quarantined, total = table.quarantined, len(table.ids) + len(table.quarantined)
    if len(quarantined) > most * total or not table.ids:
        shown = [f"{one.where}: {one.reason}, {masked_name(one.detail)}" for one in quarantined[:_SHOWN]]
        raise ReadError(
            what=f"{len(quarantined):,} of {total:,} rows of this table are no scores",
            where=table.source,
            expected=f"at most {most:.0%} of them, and one row at least that is",
            got="\n".join(shown) or "no row",
            happened="nothing was measured",
            todo="correct these rows, or allow more with table.quarantined",
        )


def _posts(
    section: TableSection, base: Path, ids: list[str], keep: list[str], *, texts: bool, names: list[str]
) -> tuple[list[str] | None, dict[str, list[str | None]], int | None]:
    """Return the posts' texts, kept columns and number from the file that [table.posts] names."""
    posts = section.posts
    file = None if posts is None else base / posts.file
    if file is not None and not file.is_file():
        raise ReadError(what="no such file", where=file, happened="nothing was measured", todo="check table.posts.file")
    there = (
        column_names(file, encoding=posts.encoding, quoting=posts.quoting)
        if posts is not None and file is not None
        else []
    )
    require_named(keep, [*names, *there], section.file if file is None else file)
    if posts is None or file is None or not (texts or keep):
        return None, {}, None
    wanted = [posts.id, *([posts.text] if texts else []), *keep]
    refuse_accounts(tuple(wanted))
    require_named(wanted, there, file)
    table = read_id_table(
        file, Reading(columns=Columns(id=posts.id), encoding=posts.encoding, quoting=posts.quoting), wanted
    )
    todo = "give the file that holds the post of every id, or leave [table.posts] out"
    rows = table.join(ids, unmatched=1.0, unlabelled=0.0, todo=todo).row.tolist()

    def joined(name: str) -> list[str]:
        column = table.texts(name)
        return [column[row] for row in rows]

    kept: dict[str, list[str | None]] = {name: list(joined(name)) for name in keep}
    return joined(posts.text) if texts else None, kept, len(table.ids)


def category_columns(section: TableSection, names: list[str], taxonomy: Taxonomy, *, where: object) -> dict[str, str]:
    """Return the column of each category that the table speaks of, in taxonomy order.

    Raises
    ------
    ConfigError
        If a category is not in the taxonomy, none has a column, or a column is called nearly as a category is.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> section = TableSection(name="m", file="t.csv", columns={"rumour": "p1"})
    >>> category_columns(section, ["post_id", "p1"], taxonomy, where="t.csv")
    {'rumour': 'p1'}
    """
    keys = list(taxonomy.keys)
    told = [*section.columns, *(section.threshold if isinstance(section.threshold, dict) else ())]
    unknown = [key for key in dict.fromkeys(told) if key not in keys]
    if unknown:
        hints = [hint for key in unknown if (hint := did_you_mean(key, keys))]
        raise ConfigError(
            what=f"taxonomy {taxonomy.name!r} has no {', '.join(map(repr, unknown))}",
            where="[table] columns and threshold",
            expected=", ".join(keys),
            happened="nothing was measured",
            todo="; ".join(hints) or "name categories of this taxonomy, or audit with another",
        )
    if section.columns:
        return _with_thresholds(section, {key: section.columns[key] for key in keys if key in section.columns})
    free = [key for key in keys if key not in names]
    plain = {name.strip().lower(): name for name in names if name not in keys}
    near = [
        f"{plain[name]!r}, did you mean {like[0]!r}?"
        for name in plain
        if (like := difflib.get_close_matches(name, free, n=1, cutoff=NEAR))
    ]
    if near or len(free) == len(keys):
        raise ConfigError(
            what="columns are called nearly as categories are" if near else "no column is called as a category is",
            where=where,
            expected=", ".join(keys),
            got="\n".join(near) or ", ".join(printable(name, limit=60) for name in names[:50]),
            happened="nothing was measured",
            todo="rename them, or give the column of each category under [table.columns]",
        )
    return _with_thresholds(section, {key: key for key in keys if key in names})


def _with_thresholds(section: TableSection, columns: dict[str, str]) -> dict[str, str]:
    idle = [key for key in section.threshold if key not in columns] if isinstance(section.threshold, dict) else []
    if idle:
        raise ConfigError(
            what=f"a threshold without a column: {', '.join(idle)}",
            where="[table] threshold",
            expected=", ".join(columns),
            happened="nothing was measured",
            todo="give the columns of these categories, or take their thresholds out",
        )
    return columns


def require_named(wanted: list[str], names: list[str], where: object) -> None:
    """Raise `ConfigError` unless all of `wanted` are among a file's columns, each once.

    Examples
    --------
    >>> require_named(["post_id"], ["post_id", "text"], "t.csv")
    """
    missing = [name for name in wanted if names.count(name) != 1]
    if missing:
        hints = [hint for name in missing if name not in names and (hint := did_you_mean(name, names))]
        raise ConfigError(
            what=f"not one column, but none or several, called {', '.join(map(repr, missing))}",
            where=where,
            expected=", ".join(wanted),
            got=", ".join(printable(name, limit=60) for name in names[:50]),
            happened="nothing was measured",
            todo="; ".join(hints) or "name the columns under [table]",
        )


def thresholds(section: TableSection, columns: dict[str, str]) -> NDArray[np.float64]:
    """Return from which probability on each category is alleged; shape (n_categories,).

    Examples
    --------
    >>> section = TableSection(name="m", file="t.csv", threshold={"rumour": 0.3})
    >>> thresholds(section, {"rumour": "a", "posing": "b"}).tolist()
    [0.3, 0.5]
    """
    told = section.threshold
    return np.array(
        [told.get(key, _UNLESS_TOLD) if isinstance(told, dict) else told for key in columns], dtype=np.float64
    )
