"""A corpus: posts in memory with labels, split, source and what was quarantined; the thing models are fitted on.

Promises: holds no account; every row of its files is a post or quarantined; several corpora join into one, each post
keeping its source; the digest changes when any post, label or split does.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from koudai.config.source import Columns, Source
from koudai.config.timezone import TIMEZONE
from koudai.corpus.dates import dates_of
from koudai.corpus.labels import label_text, labels_of
from koudai.corpus.reading.folders import find_post_files, warn_of_left_out, with_distinct_names
from koudai.corpus.reading.locations import Location, location_of
from koudai.corpus.reading.posts import Quarantined
from koudai.corpus.reading.quarantine import added
from koudai.corpus.reading.readers import SeenIds, read_posts
from koudai.corpus.reading.reading import Reading
from koudai.errors import ConfigError, LabelError, number_of
from koudai.taxonomy import Taxonomy
from koudai.text.utf8 import PAD, LazyTexts, Utf8, as_utf8, joined, of_arrow, of_texts

if TYPE_CHECKING:
    import pyarrow as pa

_TWICE = "remove one of them, or say number_rows = true of the corpus if they are different posts"


@dataclass(frozen=True)
class Corpus:
    """Posts of one or more sources.

    Parameters
    ----------
    ids, texts
        One each per post, in file order; kept as bytes, see `koudai.text.utf8.LazyTexts`.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown), columns in taxonomy order.
    split : ndarray of object, shape (n_posts,)
        The source's own split, ``""`` where it has none.
    source : ndarray of object, shape (n_posts,)
        Name of each post's source.
    weight : ndarray of float64, shape (n_posts,)
        Weight of each post in fitting.
    sources
        The sources by name.
    quarantined
        Rows that are not posts.
    noticed
        What is odd about posts that were read all the same, see `koudai.corpus.reading.posts.PostBatch`.
    dropped
        Posts left out because the config says so.
    topic : ndarray of object, shape (n_posts,), or None
        What the sources say each post is about, in their column ``topic``; ``""`` where one has none.
    date : ndarray of datetime64[s], shape (n_posts,)
        When each post was written, NaT where that is not known; NaT throughout if not given.

    Examples
    --------
    >>> import numpy as np
    >>> from koudai.config.source import Source
    >>> corpus = Corpus(
    ...     ids=["1", "2"],
    ...     texts=["今天下雨", "明天放晴"],
    ...     labels=np.array([[1], [-1]], dtype=np.int8),
    ...     split=np.array(["train", "test"], dtype=object),
    ...     source=np.array(["mine", "mine"], dtype=object),
    ...     weight=np.ones(2),
    ...     sources={"mine": Source(name="mine", file="mine.csv")},
    ... )
    >>> corpus.take(corpus.split == "test").ids
    ['2']
    """

    ids: Sequence[str]
    texts: Sequence[str]
    labels: NDArray[np.int8]
    split: NDArray[np.object_]
    source: NDArray[np.object_]
    weight: NDArray[np.float64]
    sources: dict[str, Source]
    quarantined: tuple[Quarantined, ...] = ()
    dropped: int = 0
    topic: NDArray[np.object_] | None = None
    date: NDArray[np.datetime64] = field(default_factory=lambda: np.empty(0, "datetime64[s]"))
    noticed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("ids", "texts"):
            object.__setattr__(self, name, LazyTexts.of(getattr(self, name)))
        if not len(self.date):
            object.__setattr__(self, "date", np.full(len(self.ids), "NaT", "datetime64[s]"))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of a sha256 over ids, texts, labels, splits and dates."""
        running = hashlib.sha256(self.labels.tobytes())
        if not np.isnat(self.date).all():
            running.update(self.date.tobytes())
        for column in (self.ids, self.texts, self.split):
            data, offsets = of_texts(column)
            running.update((offsets - offsets[0]).tobytes())
            running.update(data[offsets[0] : offsets[-1]].data)
            running.update(bytes(PAD))
        return running.hexdigest()[:16]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Corpus:
        """Return the posts at `rows` (a mask or positions), with the same sources and quarantine."""
        if rows.dtype == bool and rows.all():
            return self
        places = np.asarray(np.flatnonzero(rows) if rows.dtype == bool else rows, np.intp)
        return Corpus(
            ids=LazyTexts.of(self.ids).rows(places),
            texts=LazyTexts.of(self.texts).rows(places),
            labels=self.labels[places],
            split=self.split[places],
            source=self.source[places],
            weight=self.weight[places],
            sources=self.sources,
            quarantined=self.quarantined,
            dropped=self.dropped,
            topic=None if self.topic is None else self.topic[places],
            date=self.date[places],
            noticed=self.noticed,
        )

    @staticmethod
    def join(parts: list[Corpus]) -> Corpus:
        """Return the corpora `parts` as one, in order; the ids of each source stay unique within it.

        Raises
        ------
        ConfigError
            If two parts have sources of one name that differ, or share a post.
        """
        if len(parts) == 1:
            return parts[0]
        sources: dict[str, Source] = {}
        taken: set[tuple[str, str]] = set()
        for part in parts:
            posts = set(zip(part.source.tolist(), part.ids, strict=True))
            unlike = [name for name, source in part.sources.items() if sources.setdefault(name, source) != source]
            if unlike or not taken.isdisjoint(posts):
                raise ConfigError(
                    what="two different corpora have one name" if unlike else "a post is taken in twice",
                    where="corpus.source",
                    got=", ".join(unlike) if unlike else ": ".join(min(taken & posts)),
                    happened="nothing was measured or trained on",
                    todo="give each [[corpus]] a name of its own, or `drop` in one what the other takes",
                )
            taken |= posts
        return Corpus(
            ids=LazyTexts(joined([as_utf8(part.ids) for part in parts])),
            texts=LazyTexts(joined([as_utf8(part.texts) for part in parts])),
            labels=np.concatenate([part.labels for part in parts]),
            split=np.concatenate([part.split for part in parts]),
            source=np.concatenate([part.source for part in parts]),
            weight=np.concatenate([part.weight for part in parts]),
            sources=sources,
            quarantined=tuple(row for part in parts for row in part.quarantined),
            dropped=sum(part.dropped for part in parts),
            topic=np.concatenate(
                [np.full(len(part), "", dtype=object) if part.topic is None else part.topic for part in parts]
            ),
            date=np.concatenate([part.date for part in parts]),
            noticed=functools.reduce(added, (part.noticed for part in parts)),
        )


def load_corpus(
    source: Source,
    path: Path | Mapping[str, Path],
    *,
    taxonomy: Taxonomy,
    weight: float = 1.0,
    drop: dict[str, tuple[str, ...]] | None = None,
    advance: Callable[[int], None] = lambda rows: None,
    timezone: str = TIMEZONE,
) -> Corpus:
    r"""Read one source's file, or its files, into a corpus.

    Parameters
    ----------
    source, path
        What the file's columns and labels mean, and where it lies; of several files, by the value of the split that
        each holds. A folder stands for the files of posts in it.
    taxonomy
        Whose categories are labelled.
    weight
        Weight of this source's posts in fitting.
    drop
        Column name to values: posts with one of these values are left out, and counted.
    advance
        Called with the number of rows after each batch.
    timezone
        In which dates are read, see `koudai.corpus.dates.readable_dates`.

    Raises
    ------
    ReadError
        If the file cannot be read, an id is there twice, or a date is none.
    LabelError
        If its labels or splits do not fit.

    Examples
    --------
    >>> import tempfile
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> source = Source(name="mine", file="mine.csv")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.csv"
    ...     _ = path.write_text("post_id,text\n1,今天下雨\n", encoding="utf-8")
    ...     corpus = load_corpus(source, path, taxonomy=taxonomy)
    >>> corpus.texts, set(corpus.labels.ravel().tolist())
    (['今天下雨'], {-1})
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    drop = drop or {}
    keep = tuple(dict.fromkeys([*source.columns.keep, *drop]))
    columns = source.columns.model_copy(update={"keep": keep})
    ids: list[pa.StringArray] = []
    texts: list[Utf8] = []
    fields: dict[str, list[object]] = {
        name: [] for name in (columns.label, columns.labels, columns.split, columns.date, *keep) if name is not None
    }
    quarantined: list[Quarantined] = []
    noticed: dict[str, int] = {}
    places: list[tuple[str, list[int]]] = []
    given: list[str] = []
    parts = {"": path} if isinstance(path, Path) else path
    reading = reading_of(source, columns)
    for split, batch in (
        (split, batch) for split, file in files_of(parts, source) for batch in read_posts(file, reading)
    ):
        given += [split] * len(batch.ids)
        places.append((batch.file, batch.lines.tolist()))
        ids.append(batch.ids)
        texts.append(batch.texts)
        quarantined += batch.quarantined
        noticed = added(noticed, batch.noticed)
        for name, values in batch.fields.items():
            fields[name].extend(values)
        advance(batch.read)
    n = len(given)
    column = pa.chunked_array(ids, pa.string())
    if pc.count_distinct(column).as_py() < n:
        found = [f"{file}:{line}" for file, lines in places for line in lines]
        SeenIds().refuse(column.to_pylist(), found, todo=_TWICE)
    kept = np.ones(n, dtype=bool)
    for name, unwanted in drop.items():
        kept &= np.array(
            [value is None or label_text(value, unwanted) not in unwanted for value in fields[name]], dtype=bool
        )
    labels = labels_of(source, taxonomy, fields, n)
    whole = Corpus(
        ids=LazyTexts(of_arrow(column)),
        texts=LazyTexts(joined(texts)),
        labels=labels,
        split=np.array(given, dtype=object) if source.files else _split(source, fields, n),
        source=np.full(n, source.name, dtype=object),
        weight=np.full(n, weight),
        sources={source.name: source},
        quarantined=tuple(quarantined),
        noticed=noticed,
        dropped=int((~kept).sum()),
        topic=np.array([str(value or "") for value in fields["topic"]], dtype=object) if "topic" in fields else None,
        date=_dates(source, fields, n, timezone),
    )
    return whole.take(kept)


def reading_of(source: Source, columns: Columns) -> Reading:
    """Return how the files of a source are read for some of its columns.

    Examples
    --------
    >>> reading_of(Source(name="mine", file="mine.txt", file_kind="csv"), Columns()).kind
    'csv'
    """
    return Reading(
        columns=columns,
        encoding=source.encoding,
        quoting=source.quoting,
        number_rows=source.number_rows,
        kind=source.file_kind,
    )


def files_of(paths: Mapping[str, Path], source: Source) -> list[tuple[str, Location]]:
    """Return the files that the files and folders of a source stand for, each with the split it is given for.

    Warns
    -----
    LeftOutWarning
        If a folder holds more than files of posts.
    """
    found = []
    for split, path in paths.items():
        warn_of_left_out(str(path), kind=source.file_kind)
        files = find_post_files([str(path)], kind=source.file_kind) if path.is_dir() else [location_of(path)]
        found += [(split, file) for file in files]
    return list(zip([split for split, _ in found], with_distinct_names([file for _, file in found]), strict=True))


def _dates(source: Source, fields: dict[str, list[object]], n: int, timezone: str) -> NDArray[np.datetime64]:
    if source.columns.date is None:
        return np.full(n, "NaT", "datetime64[s]")
    return dates_of(fields[source.columns.date], source=source.name, column=source.columns.date, timezone=timezone)


def _split(source: Source, fields: dict[str, list[object]], n: int) -> NDArray[np.object_]:
    if source.columns.split is None:
        return np.full(n, "", dtype=object)
    values = fields[source.columns.split]
    without = values.count(None) + values.count("")
    if without:
        raise LabelError(
            what=number_of(without, f"post of corpus {source.name!r} has", f"posts of corpus {source.name!r} have")
            + " no split",
            where=f"column {source.columns.split!r}",
            expected="a value for every post",
            todo="fill it in, or leave columns.split out and use split.use = 'group'",
        )
    one: dict[str, str] = {}
    named = [one.setdefault(value, value) if isinstance(value, str) else label_text(value) for value in values]
    return np.array(named, dtype=object)
