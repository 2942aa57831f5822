"""What an audit keeps of its posts, so that another can be compared with it post by post: tags, labels, probabilities.

Promises: a post is known by 64 bits of the hash of its id, and nothing of its text, author or date is there; clusters
are kept as numbers, and not where they are accounts; a file that is damaged is an error. Without the file a comparison
of audits has figures alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.id_table import row_indices
from koudai.audit.wording_runs import rate
from koudai.errors import ReadError
from koudai.storage.durable import write_bytes
from koudai.text.digests import digests_of, keyed
from koudai.text.utf8 import of_texts

NAME = "posts.parquet"
"""The file beside ``report.json``."""
ACCOUNT = "account"
"""What clusters are called that are never kept."""


@dataclass(frozen=True, eq=False)
class KeptPosts:
    """Posts of an audit.

    Parameters
    ----------
    post : ndarray of uint64, shape (n_posts,)
        Hash of each id; of scored posts, and of labelled posts once more.
    cluster : ndarray of int64, shape (n_posts,)
        -1 where clusters are not kept.
    source
        Of each post: the labelled corpus, or ``""`` of a scored post.
    tagged : dict of ndarray of int8, shape (n_posts,)
        By category: 1, 0, or -1 where it does not apply.
    y : dict of ndarray of int8, shape (n_posts,)
        Labels, by category: 1, 0, -1.
    p : dict of ndarray of float32, shape (n_posts,)
        Probabilities, by category, of labelled posts; NaN elsewhere.
    read : dict of ndarray of float32, shape (n_posts,)
        By ``CATEGORY:WORDING``, the share of answers that say yes of a scored post; NaN where it was not read.

    Examples
    --------
    >>> none = np.empty(0, dtype=np.int8)
    >>> KeptPosts(np.empty(0, np.uint64), np.empty(0, np.int64), [], {"a": none}, {}, {}).scored("a")[0].tolist()
    []
    """

    post: NDArray[np.uint64]
    cluster: NDArray[np.int64]
    source: list[str]
    tagged: dict[str, NDArray[np.int8]]
    y: dict[str, NDArray[np.int8]]
    p: dict[str, NDArray[np.float32]]
    read: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def scored(self, category: str) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.bool_]]:
        """Return hash, cluster and tag of each scored post; empty if the category has no scores."""
        rows = self._rows("")
        if category not in self.tagged:
            rows = rows[:0]
            return self.post[rows], self.cluster[rows], np.zeros(0, dtype=bool)
        return self.post[rows], self.cluster[rows], self.tagged[category][rows] == 1

    def labelled(self, category: str, source: str) -> NDArray[np.int64]:
        """Return the rows of a corpus that have a label of a category."""
        if not source or category not in self.y:
            return np.empty(0, dtype=np.int64)
        rows = self._rows(source)
        return rows[self.y[category][rows] >= 0]

    def _rows(self, source: str) -> NDArray[np.int64]:
        return np.flatnonzero(np.array(self.source, dtype=object) == source)


def hashed_ids(ids: list[str]) -> NDArray[np.uint64]:
    """Return 64 bits of the hash of each id.

    Examples
    --------
    >>> hashed_ids(["a", "b"])[0] == hashed_ids(["a"])[0]
    np.True_
    """
    return digests_of(of_texts(ids), keyed(b"", size=8))[:, 0].byteswap()


def kept_posts(given: AuditInput) -> KeptPosts:
    """Return what is kept of an audit's posts: every scored one, and every labelled one that judges the model."""
    numbers = given.told_clusters != ACCOUNT and given.clusters is not None
    own = given.unseen()
    clusters = given.clusters if numbers else None
    post = [hashed_ids(given.ids)]
    cluster = [np.full(len(given.ids), -1, dtype=np.int64) if clusters is None else clusters]
    source = [""] * len(given.ids)
    tagged = {key: [given.alleged[:, column].astype(np.int8)] for column, key in enumerate(given.categories)}
    y = {key: [np.full(len(given.ids), -1, dtype=np.int8)] for key in given.categories}
    p = {key: [np.full(len(given.ids), np.nan, dtype=np.float32)] for key in given.categories}
    if own.labelled is not None:
        at = own.labelled
        post.append(hashed_ids(at.ids))
        cluster.append(at.cluster if numbers or given.told_clusters != ACCOUNT else np.full(len(at.ids), -1))
        source += at.source.tolist()
        for column, key in enumerate(given.categories):
            here = at.labels[:, column] if at.unscored is None else np.where(at.unscored, -1, at.labels[:, column])
            tagged[key].append(at.alleged[:, column].astype(np.int8))
            y[key].append(here.astype(np.int8))
            p[key].append(at.proba[:, column])
    return KeptPosts(
        post=np.concatenate(post),
        cluster=np.concatenate(cluster).astype(np.int64),
        source=source,
        tagged={key: np.concatenate(parts) for key, parts in tagged.items()},
        y={key: np.concatenate(parts) for key, parts in y.items()},
        p={key: np.concatenate(parts) for key, parts in p.items()},
        read={name: np.append(one, np.full(len(source) - len(one), np.float32(np.nan))) for name, one in _read(given)},
    )


def _read(given: AuditInput) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield what was said of each scored post under each wording, by ``CATEGORY:WORDING``."""
    found = given.wordings
    if found is None:
        return
    row = row_indices(given.ids, found.ids)
    for key, runs in found.said.items():
        for name, one in zip(found.names, runs, strict=True):
            yield f"{key}:{name}", np.where(row >= 0, rate(one)[row], np.nan).astype(np.float32)


def write_kept_posts(kept: KeptPosts, path: Path) -> None:
    """Write what is kept to a file; raises `StorageError` if the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> none = np.empty(0, dtype=np.int8)
    >>> kept = KeptPosts(
    ...     np.empty(0, np.uint64), np.empty(0, np.int64), [], {"a": none}, {"a": none}, {"a": np.empty(0, np.float32)}
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_kept_posts(kept, Path(folder) / NAME)
    ...     list(load_kept_posts(Path(folder)).tagged)
    ['a']
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from koudai.text.arrow import numbers, strings

    columns = {"post": numbers(kept.post), "cluster": numbers(kept.cluster), "source": strings(kept.source)}
    for key in kept.tagged:
        columns |= {
            f"tagged:{key}": numbers(kept.tagged[key]),
            f"label:{key}": numbers(kept.y[key]),
            f"p:{key}": numbers(kept.p[key]),
        }
    columns |= {f"read:{name}": numbers(one) for name, one in kept.read.items()}
    out = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), out, compression="zstd")
    write_bytes(path, out.getvalue())


def load_kept_posts(folder: Path) -> KeptPosts | None:
    """Return what the audit in a folder kept of its posts; None if it kept nothing.

    Raises
    ------
    ReadError
        If the file cannot be read, or is none that an audit wrote.

    Examples
    --------
    >>> load_kept_posts(Path("nowhere")) is None
    True
    """
    path = folder / NAME
    if not path.is_file():
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path).combine_chunks()
        keys = [name.removeprefix("tagged:") for name in table.column_names if name.startswith("tagged:")]
        kept = KeptPosts(
            post=_column(table, "post", np.uint64),
            cluster=_column(table, "cluster", np.int64),
            source=[str(one) for one in table["source"].to_pylist()],
            tagged={key: _column(table, f"tagged:{key}", np.int8) for key in keys},
            y={key: _column(table, f"label:{key}", np.int8) for key in keys},
            p={key: _column(table, f"p:{key}", np.float32) for key in keys},
            read={
                name.removeprefix("read:"): _column(table, name, np.float32)
                for name in table.column_names
                if name.startswith("read:")
            },
        )
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise ReadError(
            what="what an audit kept of its posts cannot be read",
            where=path,
            got=error,
            todo="audit again, or remove the file: audits are compared by their figures then",
        ) from error
    return kept


def _column(table: Any, name: str, kind: type[np.generic]) -> NDArray[Any]:
    """Return a column of numbers; raises ValueError if it is of another kind, or holds what none can."""
    from koudai.text.arrow import as_numpy

    chunks = [as_numpy(chunk) for chunk in table[name].chunks]
    found = np.concatenate([*chunks, np.empty(0, kind)])
    wrong = found.dtype != kind or table[name].null_count
    if kind is np.int8:
        wrong = wrong or not np.isin(found, (-1, 0, 1)).all()
    if kind is np.float32:
        wrong = wrong or not (np.isnan(found) | ((found >= 0) & (found <= 1))).all()
    if wrong:
        message = f"column {name!r} is not what an audit keeps"
        raise ValueError(message)
    return found
