"""The verb that begins a project: look at a file, and write the configs to train on it and to audit.

Promises: nothing is overwritten unless that is asked for; what cannot be guessed is asked for, with what there is to
choose from. Prints nothing.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from koudai.api.surroundings import AnyPath
from koudai.errors import OutputExists, UsageError, number_of, printable

if TYPE_CHECKING:
    from koudai.config.project import Meaning
    from koudai.config.source import Columns
    from koudai.corpus.described_file import DescribedFile
    from koudai.taxonomy import Taxonomy

TRAIN, AUDIT = "train.toml", "audit.toml"
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a run may be called."""
_YES, _NO = ("1", "是", "yes", "y", "positive", "有"), ("0", "否", "no", "n", "negative", "无")
_TRUE, _FALSE = ("true",), ("false",)
"""What say yes and no of a question, and of nothing else: a claim that is false is a rumour."""
_QUESTION = re.compile("是否|^is[_ A-Z]|谣|rumou?r|fake|虚假", re.IGNORECASE)
_A_RUMOUR = ("谣言", "虚假", "假", "fake", "rumour", "rumor")
_NO_RUMOUR = ("非谣言", "真实", "真", "real", "non-rumour", "non-rumor", "nonrumor")
_RUMOUR = re.compile("谣|rumou?r|fake|虚假", re.IGNORECASE)


@dataclass(frozen=True)
class BegunProject:
    """What `init` wrote, and what it saw.

    Parameters
    ----------
    written
        The files, in the order in which they are needed.
    looked_at
        What was seen of the file, in words.
    labels
        By column, each that may hold labels, with its values and their counts.
    category
        That the labels are about; None where there is nothing to learn from.

    Examples
    --------
    >>> BegunProject((Path("train.toml"),), "3 rows", {}, None).written[0].name
    'train.toml'
    """

    written: tuple[Path, ...]
    looked_at: str
    labels: dict[str, dict[str, int]]
    category: str | None


@dataclass(frozen=True)
class LabelChoice:
    """What is known of the labels of a file.

    Parameters
    ----------
    column
        That holds them; by default the only one that may.
    category
        That they are about: a key of the taxonomy, or a new one, for which a taxonomy is written.
    yes
        Values that say yes; by default what surely does.
    taxonomy
        Its name.

    Examples
    --------
    >>> LabelChoice("是否谣言").taxonomy
    'cac-2023'
    """

    column: str | None = None
    category: str | None = None
    yes: Sequence[str] = ()
    taxonomy: str = "cac-2023"


def init(
    file: AnyPath, *, label: LabelChoice | str | None = None, out: AnyPath = ".", overwrite: bool = False
) -> BegunProject:
    """Look at a file of posts, and write the configs to train on it and to audit what is scored.

    Parameters
    ----------
    file
        Posts, of any kind that is read.
    label
        The column of labels, or all that is known of them. Without labels only the audit config is written.
    out
        Folder of the configs.
    overwrite
        Whether configs that are there are replaced.

    Returns
    -------
    BegunProject

    Raises
    ------
    ReadError
        If it is no file of posts.
    UsageError
        If it cannot be told which column holds labels, what they are about, or which of them say yes.
    OutputExists
        If a config is there already.

    Examples
    --------
    >>> from koudai import api
    >>> [path.name for path in api.init("posts.csv", out="project").written]
    ['audit.toml']
    """
    from koudai.config.places import configs_folder, find_taxonomy
    from koudai.config.project import Project, taxonomy_stub
    from koudai.corpus.described_file import describe_file
    from koudai.storage.bucket import require_on_disk
    from koudai.storage.durable import write_bytes

    path, folder = require_on_disk(file, "file"), require_on_disk(out)
    choice = label if isinstance(label, LabelChoice) else LabelChoice(label)
    found = describe_file(path, label=choice.column)
    column = choice.column or _label_column(found)
    taxonomy = find_taxonomy(choice.taxonomy, configs=configs_folder(folder / TRAIN))
    meaning = None if column is None else _meaning(column, found.labels[column], choice, taxonomy)
    name = path.name.partition(".")[0]
    name = name if NAME.fullmatch(name) else "mine"
    own = meaning is not None and meaning.category not in taxonomy.keys
    project = Project(
        name=name,
        file=Path(os.path.relpath(path, folder)).as_posix(),
        taxonomy=name if own else choice.taxonomy,
        columns=_columns(found, column),
        settings=_settings(found),
        meaning=meaning,
        looked_at=_in_words(path, found),
        steps=() if found.layout is None else found.layout.steps,
    )
    texts = {folder / AUDIT: project.audit}
    if meaning is not None:
        texts = {folder / TRAIN: project.train, **texts}
        if own:
            assert column is not None
            stub = taxonomy_stub(name, [(meaning.category, column)])
            texts = {folder / "taxonomies" / f"{name}.toml": stub, **texts}
    there = [one for one in texts if one.exists() or one.is_symlink()]
    if there and not overwrite:
        raise OutputExists(
            what="there are configs already",
            where=", ".join(map(str, there)),
            happened="nothing was written",
            todo="give another `out`, or `overwrite` to replace them",
        )
    for target, text in texts.items():
        write_bytes(target, text.encode())
    return BegunProject(
        tuple(texts),
        project.looked_at,
        {one: dict(values) for one, values in found.labels.items()},
        None if meaning is None else meaning.category,
    )


def _label_column(found: DescribedFile) -> str | None:
    if len(found.labels) > 1:
        raise UsageError(
            what="several columns may hold labels",
            got=", ".join(found.labels),
            happened="nothing was written",
            todo="name one as `label`",
        )
    return next(iter(found.labels), None)


def _meaning(column: str, values: Counter[str], choice: LabelChoice, taxonomy: Taxonomy) -> Meaning:
    from koudai.config.project import Meaning
    from koudai.corpus.described_file import MOST_LABELS
    from koudai.text.characters.contacts.masking import masked_name

    shown = ", ".join(f"{masked_name(value)} ({count:,})" for value, count in values.most_common(MOST_LABELS))
    if len(values) > MOST_LABELS or len(values) < 2:
        raise UsageError(
            what=f"column {column!r} has {number_of(len(values), 'different value')}"
            + ("" if len(values) else ", all cells are empty"),
            expected=f"2 to {MOST_LABELS} values that say yes or no of a category",
            got=shown,
            happened="nothing was written",
            todo="name another column as `label`, or write the [[corpus.source.label]] rules by hand",
        )
    asked = bool(_QUESTION.search(column))
    rumour = choice.category in (None, "rumour")
    surely_yes = _YES + _TRUE * asked + _A_RUMOUR * rumour
    surely_no = _NO + _FALSE * asked + _NO_RUMOUR * rumour
    yes = tuple(choice.yes) or tuple(value for value in values if value.lower() in surely_yes)
    no = tuple(value for value in values if value not in yes)
    strange = [value for value in yes if value not in values]
    sure = bool(choice.yes) or all(value.lower() in surely_no for value in no)
    if strange or not yes or not no or not sure:
        raise UsageError(
            what=f"it cannot be told which values of column {column!r} say yes"
            if not strange
            else f"column {column!r} has no value {strange[0]!r} in the rows that were looked at",
            got=shown,
            happened="nothing was written",
            todo="name each that says yes as `yes`; the others then say no",
        )
    return Meaning(_category(column, yes, choice, taxonomy), yes, no)


def _category(column: str, yes: tuple[str, ...], choice: LabelChoice, taxonomy: Taxonomy) -> str:
    if choice.category is not None and _KEY.fullmatch(choice.category):
        return choice.category
    if choice.category is None and "rumour" in taxonomy.keys and _RUMOUR.search(" ".join([column, *yes])):
        return "rumour"
    raise UsageError(
        what="it cannot be told which category the labels are about",
        where=f"column {column!r}",
        expected=f"one of taxonomy {taxonomy.name}: {', '.join(taxonomy.keys)}; or a new key, small letters, for which "
        "a taxonomy is written",
        got=choice.category,
        happened="nothing was written",
        todo="name it as `category`",
    )


def _columns(found: DescribedFile, label: str | None) -> Columns:
    return found.columns.model_copy(update={"label": label})


def _settings(found: DescribedFile) -> dict[str, str | bool]:
    told: dict[str, str | bool] = {}
    if found.encoding != "utf-8":
        told["encoding"] = found.encoding
    if found.number_rows:
        told["number_rows"] = True
    return told


def _in_words(path: Path, found: DescribedFile) -> str:
    columns = found.columns
    seen = [
        f"{path.name}, {'all' if found.whole else 'the first'} {found.rows:,} rows",
        *([] if found.layout is None else [f"in the layout {found.layout.name}"]),
        f"{found.kind} encoded as {found.encoding}",
        "rows without an id" if found.number_rows else f"ids in column {columns.id}",
        f"texts in column {', '.join(columns.texts)}",
        *([] if columns.date is None else [f"dates in column {columns.date}"]),
        *([] if columns.split is None else [f"splits in column {columns.split}"]),
    ]
    return printable("; ".join(seen))
