"""Fitted on: which posts an audited model has seen before, so that no figure about it rests on them.

Promises: of a model of koudai's by the hashes in its bundle, of another model by the ids that its maker names; where
there is neither it is not known, and the report says so. What is nearly the same as a post fitted on counts as seen,
and so does a labelled post with such a one in its near-duplicate group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.id_table import some_ids
from koudai.config.scored import TableSection
from koudai.errors import ReadError, number_of, printable
from koudai.model.bundle.fitted_posts import FittedPosts, salt_of
from koudai.scoring.results import Scores
from koudai.storage.durable import sha256_file
from koudai.text.characters.contacts.masking import masked_value
from koudai.text.utf8 import Utf8

_SAID = {"1": True, "true": True, "0": False, "false": False, "": False}


@dataclass(frozen=True, eq=False)
class FittedOn:
    """What is known of the posts that a model was fitted on.

    Parameters
    ----------
    hashes
        Hashes by which they are recognised; None where only ids are known.
    ids
        Their ids, of a model of which there is a table alone.

    Examples
    --------
    >>> FittedOn(ids=frozenset({"7"})).seen(["7", "8"], None).tolist()
    [True, False]
    """

    hashes: FittedPosts | None = None
    ids: frozenset[str] = frozenset()

    def seen(self, ids: Sequence[str], texts: Utf8 | Sequence[str] | None) -> NDArray[np.bool_]:
        """Return which posts the model was fitted on, or on a near-duplicate of; by id alone where `texts` is None."""
        known = np.fromiter(map(self.ids.__contains__, ids), bool, len(ids))
        return known if texts is None or self.hashes is None else known | self.hashes.seen(texts)


def whole_groups(seen: NDArray[np.bool_], group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which posts are in a group with a seen one.

    Parameters
    ----------
    seen : ndarray of bool, shape (n_posts,)
    group : ndarray of int64, shape (n_posts,)

    Examples
    --------
    >>> whole_groups(np.array([True, False, False]), np.array([4, 4, 7])).tolist()
    [True, True, False]
    """
    return np.isin(group, group[seen])


def fitted_on_of_table(
    section: TableSection, base: Path, scores: Scores, texts: list[str] | None
) -> tuple[FittedOn | None, list[InputEntry]]:
    """Return what a config says of the posts that the model of a table was fitted on, None if it says nothing.

    Parameters
    ----------
    section, base
        The table, and the folder that its paths start from.
    scores
        Read from it, with the column `trained_column` kept if there is one.
    texts
        Raw posts in their order, or None: without them near-duplicates are not recognised.

    Raises
    ------
    ReadError
        If the file of ids cannot be read or is empty, or a cell of the column is neither yes nor no.
    """
    ids: set[str] = set()
    entries = []
    if section.trained_on is not None:
        ids |= _ids_of(base / section.trained_on)
        among = sum(one in ids for one in scores.ids)
        name, sha256 = Path(section.trained_on).name, sha256_file(base / section.trained_on)
        entries.append(InputEntry("trained_on", name, len(ids), sha256, counts={"scored": among}))
    if section.trained_column is not None:
        said = _said_in(scores, section.trained_column)
        ids |= {one for one, fitted in zip(scores.ids, said, strict=True) if fitted}
        entries.append(InputEntry("trained_on", section.trained_column, sum(said)))
    if not entries:
        return None, []
    hashes = None
    if texts is not None:
        fitted = [text for one, text in zip(scores.ids, texts, strict=True) if one in ids]
        hashes = FittedPosts.of(fitted, salt=salt_of(scores.model_digest.encode()), posts=len(ids))
    return FittedOn(hashes, frozenset(ids)), entries


def _ids_of(path: Path) -> set[str]:
    try:
        ids = {line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()} - {""}
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(
            what="the ids that the model was trained on cannot be read",
            where=path,
            expected="a file in UTF-8 with an id in each line",
            got=error,
            happened="nothing was measured",
            todo="correct table.trained_on, or leave it out",
        ) from error
    if not ids:
        raise ReadError(
            what="the file of ids that the model was trained on is empty",
            where=path,
            expected="an id in each line",
            happened="nothing was measured",
            todo="correct table.trained_on, or leave it out",
        )
    return ids


def _said_in(scores: Scores, column: str) -> list[bool]:
    cells = [(cell or "").strip().lower() for cell in scores.kept[column]]
    wrong = [(post_id, cell) for post_id, cell in zip(scores.ids, cells, strict=True) if cell not in _SAID]
    if wrong:
        raise ReadError(
            what=number_of(len(wrong), "cell does", "cells do") + " not say whether the model was trained on the post",
            where=f"[table] trained_column = {printable(column, limit=60)!r}",
            expected="1 or true, 0, false or nothing",
            got=f"{masked_value(wrong[0][1])} and others, of posts {some_ids(one for one, _ in wrong)}",
            happened="nothing was measured",
            todo="correct these cells, or name the ids in a file under table.trained_on",
        )
    return [_SAID[cell] for cell in cells]
