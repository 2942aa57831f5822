"""Wordings: what was said of the same posts when the categories were worded in several ways.

Promises: nothing is taken for an answer but what the config says; a run that says two things of a post, an answer that
is none, and wordings without a post in common are refused with the places, and the files stay as they are. Calls no
model.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.cells import cell_text, probability
from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.id_table import IdTable, read_id_table
from koudai.audit.inputs.words import answer
from koudai.config.source import Columns
from koudai.config.wording import SEVERITY, WordingSection
from koudai.corpus.reading.accounts import refuse_accounts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ConfigError, LabelError, ReadError, ScoresMismatch, number_of, printable
from koudai.registry import did_you_mean
from koudai.storage.durable import sha256_file
from koudai.taxonomy import Taxonomy
from koudai.text.characters.contacts.masking import masked_value

NOBODY = -1
TRUE = {"valid": 1, "符合": 1, "invalid": 0, "不符合": 0}
CHINESE = dict(zip(("无", "低", "中", "高", "严重"), SEVERITY, strict=True))
_CODE = re.compile(r"[A-Za-z][A-Za-z_-]*([0-9]+)(?:\.[A-Za-z0-9]+)?")
_SHOWN = 5
_KEPT = "nothing was measured; the files are as they were"


@dataclass(frozen=True, eq=False)
class Wordings:
    """Answers under several wordings.

    Parameters
    ----------
    names
        Of the wordings, as the config has them; the first is what the others are compared with.
    ids
        Of the posts that anything was said of.
    said : dict of tuple of ndarray of int8, shape (n_posts, n_runs)
        By category, and for each wording in the order of `names`: 1, 0, or -1 where nothing was said. A wording that
        says nothing of a category has no run.

    Examples
    --------
    >>> full, name = np.array([[1, 1], [0, 1]], dtype=np.int8), np.array([[0], [0]], dtype=np.int8)
    >>> Wordings(("full", "name"), ["a", "b"], {"rumour": (full, name)}).said["rumour"][0].mean().item()
    0.75
    """

    names: tuple[str, ...]
    ids: list[str]
    said: dict[str, tuple[NDArray[np.int8], ...]]


class _Answer(NamedTuple):
    post: str
    category: str
    run: str
    cell: Any
    line: int


def read_wordings(
    sections: tuple[WordingSection, ...], base: Path, *, taxonomy: Taxonomy
) -> tuple[Wordings, tuple[InputEntry, ...]]:
    """Read the answers that sections name, and an entry for each file.

    Parameters
    ----------
    sections
        Of a config.
    base
        Folder that their paths start from.
    taxonomy
        Whose categories are meant.

    Raises
    ------
    ConfigError
        If there is one wording alone.
    LabelError
        If a category is none of the taxonomy's, or an answer is none.
    ReadError
        If a file cannot be read, or a run says two things of a post.
    ScoresMismatch
        If no post was read under two wordings.
    """
    names = tuple(dict.fromkeys(section.name for section in sections))
    if len(names) < 2:
        raise ConfigError(
            what="one wording alone can be compared with nothing",
            got=", ".join(names),
            expected="the same posts under two wordings or more, each with a [[wording]] of another `name`",
            happened=_KEPT,
            todo="add what was said under another wording, or leave [[wording]] out",
        )
    found: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    entries = []
    for section in sections:
        path = base / section.file
        told = _answers(section, path, taxonomy)
        for key, runs in told.items():
            cells = found.setdefault((section.name, key), {})
            _require_one_answer([place for place in runs if cells.get(place, runs[place]) != runs[place]], path)
            cells |= runs
        posts = len({post for runs in told.values() for post, _ in runs})
        entries.append(InputEntry("wording", section.name, posts, sha256_file(path)))
    ids = list(dict.fromkeys(post for cells in found.values() for post, _ in cells))
    row = {post: at for at, post in enumerate(ids)}
    said = {}
    for key in taxonomy.keys:
        if any(category == key for _, category in found):
            said[key] = tuple(_table(found.get((name, key), {}), row) for name in names)
    _require_common(names, said, base / sections[0].file)
    return Wordings(names, ids, said), tuple(entries)


def _table(cells: dict[tuple[str, str], int], row: dict[str, int]) -> NDArray[np.int8]:
    """Return answers of one wording about one category, shape (n_posts, n_runs)."""
    runs = {run: at for at, run in enumerate(sorted({run for _, run in cells}))}
    table = np.full((len(row), len(runs)), NOBODY, dtype=np.int8)
    for (post, run), said in cells.items():
        table[row[post], runs[run]] = said
    return table


def _answers(section: WordingSection, path: Path, taxonomy: Taxonomy) -> dict[str, dict[tuple[str, str], int]]:
    """Return what a file says: by category, and by post and run."""
    reading = Reading(columns=Columns(id=section.id), encoding=section.encoding, quoting=section.quoting)
    columns = [name for names in section.runs().values() for name in names]
    columns += [name for name in (section.answer, section.category, section.run) if name is not None]
    refuse_accounts((section.id, *columns))
    table = read_id_table(path, reading, columns)
    given = list(_wide(section, table) if section.columns else _long(section, table))
    _require_categories([one.category for one in given], taxonomy, path)
    read, expected = _reader(section)
    found: dict[str, dict[tuple[str, str], int]] = {}
    twice, wrong = [], []
    for one in given:
        cell = cell_text(one.cell)
        if not cell.strip() or cell.strip() in section.missing:
            continue
        try:
            said = read(one.cell)
        except ValueError:
            wrong.append((one.line, one.post, cell))
            continue
        cells, place = found.setdefault(one.category, {}), (one.post, one.run)
        if cells.setdefault(place, said) != said:
            twice.append(place)
    if wrong:
        raise LabelError(
            what=number_of(len(wrong), "answer is", "answers are") + f" none of the kind {section.answers!r}",
            where=path,
            expected=expected,
            got="\n".join(
                f"line {number}, post {printable(repr(post), limit=60)}: {masked_value(cell)}"
                for number, post, cell in wrong[:_SHOWN]
            ),
            happened=_KEPT,
            todo="correct them, name under `missing` what is no answer, or say another kind under `answers`",
        )
    _require_one_answer(twice, path)
    return found


def _wide(section: WordingSection, table: IdTable) -> Iterator[_Answer]:
    table.require_distinct()
    for key, names in section.runs().items():
        for name in names:
            for post, line, cell in zip(table.ids, table.lines, table.cells[name], strict=True):
                yield _Answer(post, key, name, cell, line)


def _long(section: WordingSection, table: IdTable) -> Iterator[_Answer]:
    n = len(table.ids)
    about = table.texts(section.category) if section.category else [str(section.about)] * n
    runs = table.texts(section.run) if section.run else [""] * n
    for place, cell in enumerate(table.cells[str(section.answer)]):
        yield _Answer(table.ids[place], about[place], runs[place], cell, table.lines[place])


def _reader(section: WordingSection) -> tuple[Callable[[Any], int], str]:
    """Return the function from a cell to 1 or 0, which raises ValueError, and what it expects, in words."""
    if section.answers == "score":
        return lambda cell: int(probability(cell) >= section.threshold), "0 … 1"
    if section.answers == "severity":
        rank = {_plain(word): at for at, word in enumerate(section.severity)}
        if section.severity == SEVERITY:
            rank |= {word: rank[english] for word, english in CHINESE.items()}
        least = rank[_plain(section.tagged_from)] if section.tagged_from is not None else 1
        return _known({word: int(at >= least) for word, at in rank.items()}), ", ".join(section.severity)
    if section.answers == "code":
        return _code, "DC0, DC1, DC2 …"
    return _truth, "1, 0, yes, no, true, false, valid, invalid, 是, 否, 符合, 不符合"


def _known(words: dict[str, int]) -> Callable[[Any], int]:
    def read(cell: Any) -> int:
        said = words.get(_plain(cell_text(cell)))
        if said is None:
            raise ValueError
        return said

    return read


def _truth(cell: Any) -> int:
    text = cell_text(cell)
    said = TRUE.get(_plain(text), answer(text))
    if said is None:
        raise ValueError
    return said


def _code(cell: Any) -> int:
    found = _CODE.fullmatch(unicodedata.normalize("NFKC", cell_text(cell)).strip())
    if found is None:
        raise ValueError
    return int(int(found[1]) > 0)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).strip().lower()


def _require_categories(named: list[str], taxonomy: Taxonomy, path: Path) -> None:
    unknown = {name: count for name, count in Counter(named).items() if name not in taxonomy.keys}
    if unknown:
        keys = list(taxonomy.keys)
        raise LabelError(
            what=number_of(len(unknown), "category", "categories") + f" answered that {taxonomy.name!r} does not have",
            where=path,
            expected=", ".join(keys),
            got="\n".join(
                masked_value(name) + (f", {hint}" if (hint := did_you_mean(name.strip(), keys)) else "")
                for name in sorted(unknown)[:_SHOWN]
            ),
            happened=_KEPT,
            todo="correct the categories, or audit with their taxonomy",
        )


def _require_one_answer(twice: list[tuple[str, str]], path: Path) -> None:
    if twice:
        posts = list(dict.fromkeys(post for post, _ in twice))
        raise ReadError(
            what=number_of(len(posts), "post has", "posts have") + " two answers in one run",
            where=path,
            expected="one answer of each run, about one category",
            got=", ".join(printable(repr(post), limit=60) for post in posts[:_SHOWN]),
            happened=_KEPT,
            todo="name the column that tells runs apart under `run`, or keep one answer of each run",
        )


def _require_common(names: tuple[str, ...], said: dict[str, tuple[NDArray[np.int8], ...]], path: Path) -> None:
    there = [[(one >= 0).any(axis=1) for one in runs] for runs in said.values()]
    if any((a & b).any() for runs in there for a, b in combinations(runs, 2)):
        return
    posts = (
        [len(np.flatnonzero(np.any([runs[at] for runs in there], axis=0))) for at in range(len(names))] if said else []
    )
    raise ScoresMismatch(
        what="no post was read under two wordings",
        where=path,
        expected="the same posts, by the same ids, about the same category under each wording",
        got="\n".join(f"read under {name}: {number_of(n, 'post')}" for name, n in zip(names, posts, strict=True))
        or "no answer",
        happened=_KEPT,
        todo="check `id` and the categories under each [[wording]]",
    )
