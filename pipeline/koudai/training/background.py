"""The background: posts without labels that vectors are learnt from.

Promises: no post of the run's test side is among them, and no near-duplicate of one, whichever corpus it comes from;
labels are not read. All other posts of the corpora may be, also those that the run drops or leaves unused.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from koudai.config.source import Columns
from koudai.config.train import CorpusSection, VectorsSection
from koudai.corpus.corpus import Corpus, files_of, reading_of
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.reading.readers import read_posts
from koudai.corpus.sources import find_corpora
from koudai.corpus.split import Split
from koudai.progress import Progress


@dataclass(frozen=True)
class Background:
    """Posts, their number per corpus, and how many were left out as test posts or near-duplicates of test posts."""

    texts: list[str]
    rows: dict[str, int]
    left_out: int


def read_background(
    section: VectorsSection,
    corpus: Corpus,
    split: Split,
    *,
    config: Path,
    folders: tuple[Path, ...],
    progress: Progress,
) -> Background:
    """Read the posts of corpora, without test posts and their near-duplicates.

    Parameters
    ----------
    section
        Names the corpora.
    corpus, split
        Posts of the run and their sides.
    config, folders
        As for `koudai.corpus.sources.find_corpora`.
    progress
        Progress callback.

    Raises
    ------
    ConfigError, ReadError
        If a corpus is unknown, missing or cannot be read.
    """
    tested = [text for text, test in zip(corpus.texts, split.test, strict=True) if test]
    ids = {place for place, test in zip(zip(corpus.source, corpus.ids, strict=True), split.test, strict=True) if test}
    texts, owner, known = list(tested), [""] * len(tested), [False] * len(tested)
    sections = tuple(CorpusSection(source=source) for source in section.corpora)
    for _, source, files in find_corpora(sections, config=config, folders=folders):
        reading = reading_of(source, Columns(id=source.columns.id, text=source.columns.text))
        with progress.stage(f"reading {source.name} as background", None) as advance:
            for batch in (batch for _, one in files_of(files, source) for batch in read_posts(one, reading)):
                texts += batch.texts.texts()
                owner += [source.name] * (len(texts) - len(owner))
                known += [(source.name, post) in ids for post in batch.ids.to_pylist()]
                advance(batch.read)
    with progress.stage("looking for the test side in the background", len(texts)) as advance:
        groups = near_duplicate_groups(texts, advance=advance)
    left_out = np.isin(groups, groups[: len(tested)]) | np.array(known)
    kept = np.flatnonzero(~left_out)
    rows = dict(Counter(owner[i] for i in kept))
    return Background([texts[i] for i in kept], rows, int(left_out.sum()) - len(tested))
