"""A block: some rows of a shard, scored, and what was set aside among them.

Promises: every row of the block is in its table or set aside with a reason; a post that scoring fails on is found by
halving and set aside, the others are scored as if it had never been there; an error that befalls all posts is no fault
of theirs, and is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.posts import PostBatch, Quarantined
from koudai.errors import KoudaiError, printable
from koudai.model.decision import ScoredBatch
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.scoring.totals import Totals

if TYPE_CHECKING:
    import pyarrow as pa

_NO_ACCIDENT = 32
"""If so many posts fail, the first of a block, or all of a shorter one, it is no fault of theirs."""


@dataclass(frozen=True)
class ScoredBlock:
    """Some rows of a shard.

    Parameters
    ----------
    rows
        Rows read: the table's and those set aside.
    table
        Of the scored posts, as `ScoredBatch.to_table` makes it, then the kept columns.
    abstained, tagged
        How many of them abstain, and how many have at least one alleged category.
    alleged : ndarray of int64, shape (n_keys,)
        How many are alleged of each of `keys`.
    keys
        All of the taxonomy's.
    aside
        Rows that are no posts, and posts that were not scored.
    """

    rows: int
    table: pa.Table
    abstained: int
    tagged: int
    alleged: NDArray[np.int64]
    keys: tuple[str, ...]
    aside: list[Quarantined]


def totals_of(blocks: Sequence[ScoredBlock]) -> Totals:
    """Return what became of the rows of one block or more."""
    scored, abstained = sum(block.table.num_rows for block in blocks), sum(block.abstained for block in blocks)
    alleged = np.sum([block.alleged for block in blocks], axis=0).tolist()
    return Totals(
        read=sum(block.rows for block in blocks),
        scored=scored - abstained,
        abstained=abstained,
        quarantined=sum(len(block.aside) for block in blocks),
        tagged=sum(block.tagged for block in blocks),
        alleged={key: count for key, count in zip(blocks[0].keys, alleged, strict=True) if count},
    )


def block_of(model: Model, posts: PostBatch, aside: list[Quarantined], *, evidence: int) -> ScoredBlock:
    """Score posts.

    Parameters
    ----------
    model
        A fitted model.
    posts
        What is to be scored, and what is quarantined already.
    aside
        Posts that were taken out of `posts` before.
    evidence
        How many terms are given for each tag.
    """
    import pyarrow as pa

    scored, failed = _scored(model, posts, evidence)
    table = pa.concat_tables([batch.to_table() for batch in scored])
    if failed:
        gone = np.zeros(len(posts.ids), dtype=bool)
        gone[[at for at, _ in failed]] = True
        places, ids = posts.file_lines, posts.ids
        aside = aside + [
            Quarantined(places[at], "scoring-failed", type(error).__name__, printable(ids[at])) for at, error in failed
        ]
        posts = posts.take(~gone)
    for name, column in posts.kept.items():
        table = table.append_column(name, column)
    return ScoredBlock(
        rows=table.num_rows + len(posts.quarantined) + len(aside),
        table=table,
        abstained=sum(int(batch.abstained.sum()) for batch in scored),
        tagged=sum(int(batch.alleged.any(axis=1).sum()) for batch in scored),
        alleged=np.sum([batch.alleged.sum(axis=0) for batch in scored], axis=0),
        keys=scored[0].keys,
        aside=posts.quarantined + aside,
    )


def _scored(model: Model, posts: PostBatch, terms: int) -> tuple[list[ScoredBatch], list[tuple[int, Exception]]]:
    """Return the scores of posts in order, without those that scoring fails on, and their places with the error."""
    found: list[ScoredBatch] = []
    failed: list[tuple[int, Exception]] = []
    spans = [(0, len(posts.ids))]
    while spans:
        start, stop = spans.pop()
        try:
            ids, texts = posts.ids.slice(start, stop - start), posts.texts.part(start, stop)
            found.append(score(model, ids, texts, terms=terms))
        except KoudaiError:
            raise
        except Exception as error:
            if stop - start <= 1:
                failed.append((start, error))
                if len(failed) == stop == min(len(posts.ids), _NO_ACCIDENT) > 1:
                    raise
                continue
            middle = (start + stop) // 2
            spans += [(middle, stop), (start, middle)]
    if not found:
        found.append(score(model, posts.ids.slice(0, 0), posts.texts.part(0, 0), terms=terms))
    return found, failed
