"""A block: consecutive rows of a shard, scored, and those quarantined among them.

Promises: every row of the block is scored or quarantined with a reason; a post on which scoring fails is found by
bisection and quarantined, without changing the scores of the others; an error that all posts raise is raised, since no
single post causes it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.posts import PostBatch, Quarantined
from koudai.corpus.reading.quarantine import added, reasons_of
from koudai.errors import KoudaiError, printable
from koudai.model.decision import ScoredBatch
from koudai.model.model import Model
from koudai.model.outline import Outline
from koudai.model.scorer import score
from koudai.scoring.totals import Totals

if TYPE_CHECKING:
    import pyarrow as pa

_NO_ACCIDENT = 32
"""If the first so many posts of a block fail, or all of a shorter one, the cause is not in the posts."""


@dataclass(frozen=True)
class ScoredBlock:
    """Some rows of a shard.

    Parameters
    ----------
    rows
        Rows read: scored and quarantined.
    table
        Of the scored posts, as `ScoredBatch.to_table` makes it, then the kept columns.
    abstained, tagged
        Number of posts on which the model abstains, and with at least one alleged category.
    alleged : ndarray of int64, shape (n_keys,)
        Number of posts per alleged category, in the order of `keys`.
    keys
        All categories of the taxonomy.
    outline
        How the scored posts look.
    aside
        The quarantined rows: those that are no posts, and posts that could not be scored.
    noticed
        As of `PostBatch`.
    """

    rows: int
    table: pa.Table
    abstained: int
    tagged: int
    alleged: NDArray[np.int64]
    keys: tuple[str, ...]
    outline: Outline
    aside: list[Quarantined]
    noticed: dict[str, int] = field(default_factory=dict)


def totals_of(blocks: Sequence[ScoredBlock]) -> Totals:
    """Return the counts of one block or more."""
    scored, abstained = sum(block.table.num_rows for block in blocks), sum(block.abstained for block in blocks)
    alleged = np.sum([block.alleged for block in blocks], axis=0).tolist()
    noticed = functools.reduce(added, (block.noticed for block in blocks))
    return Totals(
        read=sum(block.rows for block in blocks),
        scored=scored - abstained,
        abstained=abstained,
        quarantined=sum(len(block.aside) for block in blocks),
        tagged=sum(block.tagged for block in blocks),
        alleged={key: count for key, count in zip(blocks[0].keys, alleged, strict=True) if count},
        reasons=added(reasons_of(row for block in blocks for row in block.aside), {}),
        noticed=noticed,
        outline=functools.reduce(operator.add, (block.outline for block in blocks)),
    )


def block_of(model: Model, posts: PostBatch, aside: list[Quarantined], *, evidence: int) -> ScoredBlock:
    """Score posts.

    Parameters
    ----------
    model
        A fitted model.
    posts
        The posts to score, with the rows of their batch that are quarantined already.
    aside
        Posts quarantined since, which are no longer in `posts`.
    evidence
        Number of terms of evidence per tag.
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
        outline=functools.reduce(operator.add, (batch.outline for batch in scored)),
        aside=posts.quarantined + aside,
        noticed=posts.noticed,
    )


def _scored(model: Model, posts: PostBatch, terms: int) -> tuple[list[ScoredBatch], list[tuple[int, Exception]]]:
    """Return the scores of the posts that can be scored, in order, and index and error of each other one."""
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
