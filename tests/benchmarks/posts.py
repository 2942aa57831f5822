"""The posts that benchmarks run on: real ones where they are at hand, else those bundled with koudai.

Promises: the same file, number and seed give the same posts in the same order. Labels are for timing only: the first is
the corpus's own, the others say whether a post holds a certain character.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "data" / "seed" / "posts.jsonl"
DEFAULT = ("weibo21.parquet", "chnci_incident_comments.parquet")
CATEGORIES = 12
SHARE = 0.2
"""Of posts that hold a character which stands for a category."""
_ROWS = 100_000


@dataclass(frozen=True)
class Posts:
    """Posts of one corpus.

    Parameters
    ----------
    name
        Of the file, without its ending.
    texts
        The posts.
    labels : ndarray of int8, shape (n_posts, CATEGORIES)
        1 or 0; both occur in each column.
    """

    name: str
    texts: list[str]
    labels: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def n_bytes(self) -> int:
        """Bytes of UTF-8."""
        return sum(len(text.encode("utf-8", "surrogatepass")) for text in self.texts)

    @cached_property
    def arrow(self) -> Any:
        """The posts as a `pyarrow.Array`."""
        import pyarrow as pa

        return pa.array(self.texts, pa.large_string())

    def part(self, start: int, stop: int) -> Posts:
        """Return the posts from `start` to `stop`."""
        return Posts(self.name, self.texts[start:stop], self.labels[start:stop])


def find(name: str) -> Path | None:
    """Return where a real corpus's file lies: in ``$KOUDAI_DATA``, beside the project, or in ``data``."""
    named = [Path(os.environ["KOUDAI_DATA"])] if os.environ.get("KOUDAI_DATA") else []
    places = [*named, ROOT.parent / "shared" / "corpora", ROOT / "data"]
    return next((place / name for place in places if (place / name).is_file()), None)


def default_corpora() -> list[Path]:
    """Return the files of the default corpora that are here, else the bundled posts alone."""
    return [path for name in DEFAULT if (path := find(name))] or [BUNDLED]


def load(path: Path, *, most: int | None, seed: int) -> Posts:
    """Read a corpus and draw at most `most` of its posts.

    Parameters
    ----------
    path
        Parquet with ``text`` and perhaps ``source_label``, or the bundled posts.
    most
        How many are drawn, without replacement; all of them, shuffled, if None.
    seed
        Of the draw.
    """
    texts, own = read_texts(path)
    drawn = np.random.default_rng(seed).permutation(len(texts))[:most]
    texts = [texts[i] for i in drawn]
    return Posts("bundled" if path.resolve() == BUNDLED else path.stem, texts, _labels(texts, own[drawn]))


def read_texts(path: Path) -> tuple[list[str], NDArray[np.int8]]:
    """Return the labelled posts of a file, all where none is, and its own label of each: 1 for the commonest value."""
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [row["text"] for row in rows], np.array([row["labels"]["rumour"] == 1 for row in rows], np.int8)
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        labelled = "source_label" in file.schema_arrow.names
        table = file.read(["text", "source_label"] if labelled else ["text"])
    table = table.drop_null()
    values = table["source_label"].to_pylist() if labelled else [None] * len(table)
    commonest = Counter(values).most_common(1)[0][0]
    return table["text"].to_pylist(), np.array([labelled and value == commonest for value in values], np.int8)


def write_sample(path: Path, texts: list[str], n: int, *, seed: int) -> None:
    """Write a Parquet file of `n` posts drawn from `texts` with replacement, each under a new id."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    random, pool = np.random.default_rng(seed), pa.array(texts, pa.large_string())
    schema = pa.schema({"post_id": pa.string(), "text": pa.large_string()})
    with pq.ParquetWriter(path, schema) as file:
        for start, count in _blocks(n):
            ids = pa.array([f"sample-{number:09d}" for number in range(start, start + count)], pa.string())
            drawn = pool.take(pa.array(random.integers(len(texts), size=count)))
            file.write_table(pa.table([ids, drawn], schema=schema))


def _blocks(n: int) -> Iterator[tuple[int, int]]:
    for start in range(0, n, _ROWS):
        yield start, min(_ROWS, n - start)


def _labels(texts: list[str], own: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the corpus's own labels, and whether each post holds the characters that come nearest to `SHARE`."""
    holders = Counter(character for text in texts for character in set(text.lower()))
    able = [character for character, count in holders.items() if 1 < count < len(texts) - 1]
    able.sort(key=lambda character: (abs(holders[character] / len(texts) - SHARE), character))
    columns = [own] if 0 < own.sum() < len(own) else []
    columns += [np.array([one in text.lower() for text in texts], np.int8) for one in able[:CATEGORIES]]
    return np.stack(columns[:CATEGORIES], axis=1)
