"""A table of probabilities by any model, read as if a job had scored: ids, probabilities, tags, and what else it holds.

Promises: every row is scored, abstains, or is quarantined with its place and the reason, and these add up to what was
read; an id that is there twice is refused with both places; nothing is taken for a probability but a number from 0 to
1; tags follow from probabilities by the rule that holds for koudai's own models.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.beside import cell_text, join_ids, read_table
from koudai.audit.inputs.probabilities import probability
from koudai.audit.inputs.table_columns import category_columns, require_named, thresholds
from koudai.config.audit import TableSection
from koudai.config.source import Columns
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.lines import Row
from koudai.corpus.reading.posts import Quarantined, set_aside, what_is_wrong
from koudai.corpus.reading.readers import SeenIds, twice
from koudai.corpus.reading.reading import Reading
from koudai.corpus.reading.rows import column_names, rows
from koudai.errors import ReadError, printable
from koudai.model.decision import REASONS, UNCERTAIN, decide
from koudai.progress import Advance
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy

_SHOWN = 5
_EVERY = 4096
_NO_TEXT = ""
_ONE_ROW = "keep one row of each post"


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
    names = column_names(path, encoding=section.encoding)
    columns = category_columns(section, names, taxonomy, where=path)
    here, there = [one for one in keep if one in names], [one for one in keep if one not in names]
    wanted = [section.id, *([section.text] if section.text else []), *columns.values()]
    refuse_accounts((*wanted, *keep))
    require_named(wanted, names, path)
    found = _read(section, path, columns, section.text if texts else None, here, advance)
    own, kept, posts = _beside(section, base, found.ids, there, texts=texts, names=names)
    proba = np.array(found.proba, dtype=np.float64).reshape(len(found.ids), len(columns))
    threshold = thresholds(section, columns)
    alleged, reason = decide(proba, taxonomy, tuple(columns), threshold, 0.0)  # type: ignore[arg-type]
    alleged = alleged[:, taxonomy.columns(columns)]
    silent = np.isnan(proba)
    abstained = silent.all(axis=1) | (reason == REASONS.index(UNCERTAIN))
    scores = Scores(
        ids=found.ids,
        categories=tuple(columns),
        proba=proba.astype(np.float32),
        alleged=alleged,
        abstained=abstained,
        model_digest=sha256_file(path),
        totals=Totals(
            read=len(found.ids) + len(found.quarantined),
            scored=int((~abstained).sum()),
            abstained=int(abstained.sum()),
            quarantined=len(found.quarantined),
            tagged=int(alleged.any(axis=1).sum()),
            alleged=dict(zip(columns, alleged.sum(axis=0).tolist(), strict=True)),
        ),
        kept={**found.kept, **kept},
    )
    return ScoresTable(
        scores=scores,
        threshold=threshold,
        texts=found.texts if texts and section.text else own,
        quarantined=found.quarantined,
        silent=int(silent[~abstained].sum()),
        posts=posts,
    )


@dataclass
class _Found:
    """What is read of a table, in its order."""

    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    proba: list[list[float]] = field(default_factory=list)
    kept: dict[str, list[str | None]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)


def _read(
    section: TableSection, path: Path, columns: dict[str, str], text: str | None, keep: list[str], advance: Advance
) -> _Found:
    found, seen = _Found(kept={name: [] for name in keep}), SeenIds()
    post = Columns(id=section.id, text=_NO_TEXT if text is None else text)
    wanted = [section.id, *([] if text is None else [text])]
    reading = Reading(
        columns=post,
        keep=tuple(dict.fromkeys([*columns.values(), *keep])),
        encoding=section.encoding,
        bad_bytes="quarantine",
    )
    for number, row in enumerate(rows(path, reading, columns=wanted), 1):
        if text is None:
            row.fields[_NO_TEXT] = ""
        numbers: list[float] = []
        wrong = what_is_wrong(row, post)
        if wrong is None:
            numbers, wrong = _numbers(row, columns, section.missing)
        row.fields.pop(_NO_TEXT, None)
        if wrong is not None:
            found.quarantined.append(set_aside(row, wrong, path.name))
        else:
            post_id, place = str(row.fields[section.id]), f"{path.name}:{row.line}"
            if (first := seen.second(post_id, place)) is not None:
                raise twice(post_id, first=first, second=place, happened="nothing was measured", todo=_ONE_ROW)
            found.ids.append(post_id)
            found.proba.append(numbers)
            if text is not None:
                found.texts.append(row.fields[text])
            for name, cells in found.kept.items():
                cells.append(cell_text(row.fields[name]))
        if number % _EVERY == 0:
            advance(_EVERY)
    total = len(found.ids) + len(found.quarantined)
    if len(found.quarantined) > section.quarantined * total or not found.ids:
        shown = [f"{one.where}: {one.reason}, {one.detail}" for one in found.quarantined[:_SHOWN]]
        raise ReadError(
            what=f"{len(found.quarantined):,} of {total:,} rows of this table are no scores",
            where=path,
            expected=f"at most {section.quarantined:.0%} of them, and one row at least that is",
            got="\n".join(shown) or "no row",
            happened="nothing was measured",
            todo="correct these rows, or allow more with table.quarantined",
        )
    return found


def _numbers(row: Row, columns: dict[str, str], missing: tuple[str, ...]) -> tuple[list[float], tuple[str, str] | None]:
    """Return the probabilities of a row, or why they are none."""
    numbers = []
    for name in columns.values():
        try:
            numbers.append(probability(row.fields[name], missing=missing))
        except ValueError as error:
            return [], ("bad-probability", f"{printable(name, limit=60)}: {error}")
    return numbers, None


def _beside(
    section: TableSection, base: Path, ids: list[str], keep: list[str], *, texts: bool, names: list[str]
) -> tuple[list[str] | None, dict[str, list[str | None]], int | None]:
    """Return the posts' texts, kept columns and number from the file that [table.posts] names."""
    posts = section.posts
    file = None if posts is None else base / posts.file
    if file is not None and not file.is_file():
        raise ReadError(what="no such file", where=file, happened="nothing was measured", todo="check table.posts.file")
    there = column_names(file, encoding=posts.encoding) if posts is not None and file is not None else []
    require_named(keep, [*names, *there], section.file if file is None else file)
    if posts is None or file is None or not (texts or keep):
        return None, {}, None
    wanted = [posts.id, *([posts.text] if texts else []), *keep]
    refuse_accounts(tuple(wanted))
    require_named(wanted, there, file)
    table = read_table(file, wanted, encoding=posts.encoding)
    joined = join_ids(
        ids,
        table[posts.id],
        where=file,
        unmatched=1.0,
        unlabelled=0.0,
        todo="give the file that holds the post of every id, or leave [table.posts] out",
    )
    place = joined.place.tolist()
    kept: dict[str, list[str | None]] = {name: [table[name][at] for at in place] for name in keep}
    return [table[posts.text][at] for at in place] if texts else None, kept, len(table[posts.id])
