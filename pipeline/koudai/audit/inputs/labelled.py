"""Labelled posts of an audit: corpora read, near-duplicates found, and each post with its probabilities.

Promises: where the model is at hand it scores every labelled post, so that none is left out; where there is a table of
probabilities alone, labelled posts take theirs from it by id, those that the table lacks have none and are counted, and
one id that stands for two different posts is refused. Posts that the model was fitted on are marked and counted.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.audit.frame import SAMPLE
from koudai.audit.inputs.audit_input import Labelled
from koudai.audit.inputs.audited import Audited
from koudai.audit.inputs.entries import InputEntry
from koudai.audit.inputs.fitted_on import whole_groups
from koudai.audit.inputs.id_table import row_indices, some_ids
from koudai.config.audit import AuditConfig
from koudai.config.places import configs_folder
from koudai.config.source import Source
from koudai.config.train import TrainConfig
from koudai.corpus.corpus import Corpus
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.reading.quarantine import reasons_of
from koudai.corpus.sources import LoadedCorpus, find_source, load_corpora
from koudai.errors import ConfigError, LabelError, ScoresMismatch, number_of
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.progress import Progress
from koudai.scoring.results import Scores
from koudai.taxonomy import Taxonomy

UNSEEN = "unseen"
"""Value of `splits` for the posts that the audited model was not fitted on."""
_BATCH = 1000


class LabelledInput(NamedTuple):
    """Labelled posts, None where there are none, and one entry for each corpus that was read.

    Examples
    --------
    >>> LabelledInput(None, ()).posts is None  # the config names no corpus
    True
    """

    posts: Labelled | None
    entries: tuple[InputEntry, ...]


def read_labelled_posts(
    config: AuditConfig,
    path: Path,
    folders: tuple[Path, ...],
    taxonomy: Taxonomy,
    audited: Audited,
    *,
    progress: Progress,
) -> LabelledInput:
    """Read the labelled posts that a config names.

    Parameters
    ----------
    config, path
        The config, and the file it came from.
    folders
        Where corpora may be.
    taxonomy
        Whose categories are audited.
    audited
        The model and its scores.
    progress
        Is told how far it is.

    Raises
    ------
    ConfigError, ReadError, LabelError
        As `koudai.corpus.sources.load_corpora`; `LabelError` also if a split is not there, `ConfigError` if a corpus is
        called as a returned sample is.
    ScoresMismatch
        If too many posts of a corpus are not in the table, or an id there is that of another post.
    """
    if audited.fitted_on is None and any(section.splits == UNSEEN for section in config.corpus):
        raise ConfigError(
            what="it is not known which posts the audited model was fitted on",
            where="corpus.splits",
            expected="a bundle that keeps hashes of them, or their ids under table.trained_on",
            happened="nothing was measured",
            todo="train the model again, or name the splits that it was not fitted on",
        )
    parts, entries = [], []
    for one in labelled_corpora(config, path, folders, taxonomy, model=audited.model, progress=progress):
        source, part = one.source, one.corpus
        if config.sample is not None and source.name == SAMPLE:
            raise ConfigError(
                what=f'a corpus is called "{SAMPLE}", as the returned sample is in figures',
                where="corpus.source",
                got=source.name,
                expected="another name, so that each figure is of one of the two",
                happened="nothing was measured",
                todo="give the corpus another `name`, or audit it without the sample",
            )
        counts = {} if config.table is None else _matched(part, audited.scores, source.name, config.table.unscored)
        counts |= _set_aside(part)
        entries.append(InputEntry("labels", source.name, len(part), one.sha256, source.licence, counts))
        parts.append(part)
    if not any(len(part) for part in parts):
        return LabelledInput(None, tuple(entries))
    corpus = Corpus.join(parts)
    with progress.stage("looking for near-duplicates", len(corpus)) as advance:
        group = near_duplicate_groups(corpus.texts, advance=advance)
    seen = None
    if audited.fitted_on is not None:
        with progress.stage("recognising posts fitted on", None):
            seen = whole_groups(audited.fitted_on.seen(corpus.ids, corpus.texts), group)
        of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        entries = [
            replace(entry, counts={**entry.counts, "seen": int(seen[of == place].sum())})
            for place, entry in enumerate(entries)
        ]
        held_out = [place for place, section in enumerate(config.corpus) if section.splits == UNSEEN]
        kept = ~(seen & np.isin(of, held_out))
        corpus, group, seen, of = corpus.take(kept), group[kept], seen[kept], of[kept]
        entries = [replace(entry, rows=int((of == place).sum())) for place, entry in enumerate(entries)]
        if not len(corpus):
            return LabelledInput(None, tuple(entries))
    unscored = None
    if audited.model is None:
        proba, alleged, unscored = _joined(corpus, audited)
    else:
        proba, alleged = _scored(corpus, audited.model, progress)
    columns = taxonomy.columns(audited.scores.categories)
    posts = Labelled(
        ids=list(corpus.ids),
        texts=list(corpus.texts),
        labels=corpus.labels[:, columns],
        proba=proba,
        alleged=alleged,
        source=corpus.source,
        group=group,
        date=corpus.date,
        unscored=unscored,
        seen=seen,
    )
    return LabelledInput(posts, tuple(entries))


def labelled_corpora(
    config: AuditConfig,
    path: Path,
    folders: tuple[Path, ...],
    taxonomy: Taxonomy,
    *,
    model: Model | None = None,
    progress: Progress,
) -> list[LoadedCorpus]:
    """Read the corpora that a config names, each with the posts of its splits alone, and all posts of one whose unseen
    posts are asked for; arguments as of `read_labelled_posts`. A corpus that is none of those known by name may be one
    that `model` was trained on.

    Raises
    ------
    ConfigError, ReadError, LabelError
        As `koudai.corpus.sources.load_corpora`; `LabelError` also if a split is not there, `ConfigError` if a corpus is
        called as a returned sample is.
    """
    loaded = load_corpora(
        [section.model_copy(update={"source": _of_model(section.source, path, model)}) for section in config.corpus],
        taxonomy=taxonomy,
        config=path,
        folders=folders,
        progress=progress,
        timezone=config.run.timezone,
    )
    return [
        replace(one, corpus=_of_splits(one, section.splits)) for section, one in zip(config.corpus, loaded, strict=True)
    ]


def _of_model(named: str | Source, path: Path, model: Model | None) -> str | Source:
    """Return the corpus of this name that a model was trained on, if no corpus is known by it."""
    if model is None or not isinstance(named, str):
        return named
    try:
        find_source(named, configs=configs_folder(path))
    except ConfigError:
        own = [section.source for section in TrainConfig.model_validate(model.config).corpus]
        return next((one for one in own if isinstance(one, Source) and one.name == named), named)
    return named


def _of_splits(one: LoadedCorpus, splits: tuple[str, ...] | str) -> Corpus:
    """Return the posts of some splits, all posts where none is named or unseen ones are asked for."""
    part = one.corpus
    if splits == UNSEEN:
        return part
    missing = [name for name in splits if name not in part.split]
    if missing:
        raise LabelError(
            what=f"corpus {one.source.name!r} has no split called {', '.join(missing)}",
            where="corpus.splits",
            expected=", ".join(value or "(none)" for value in sorted(set(part.split))),
            todo="name the splits that are there, leave `splits` out to measure all rows, or set it to "
            f'"{UNSEEN}" for those that the model was not fitted on',
        )
    return part.take(np.isin(part.split, splits)) if splits else part


def _set_aside(corpus: Corpus) -> dict[str, int]:
    """Return how many rows of a corpus were quarantined, and for which reasons; nothing if none was."""
    aside = reasons_of(corpus.quarantined)
    told = {f"quarantined {name}": count for name, count in aside.items()}
    return {"quarantined": sum(aside.values()), **told} if aside else {}


def _scored(corpus: Corpus, model: Model, progress: Progress) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    proba, alleged = [], []
    with progress.stage("scoring labelled posts", len(corpus)) as advance:
        for start in range(0, len(corpus), _BATCH):
            batch = score(model, corpus.ids[start : start + _BATCH], corpus.texts[start : start + _BATCH])
            proba.append(batch.proba)
            alleged.append(batch.alleged[:, model.taxonomy.columns(model.categories)])
            advance(len(batch.ids))
    return np.concatenate(proba), np.concatenate(alleged)


def _matched(corpus: Corpus, scores: Scores, name: str, unscored: float) -> dict[str, int]:
    """Return how many ids only the scores and only the corpus have; refuse too many of the latter."""
    known, said = set(scores.ids), set(corpus.ids)
    lacking = [post_id for post_id in corpus.ids if post_id not in known]
    only_scores = len(known - said)
    if len(lacking) > unscored * len(corpus):
        raise ScoresMismatch(
            what=f"the ids of corpus {name!r} are not those of the table",
            where="table.unscored",
            expected=f"at most {unscored:.0%} of its posts without probabilities",
            got=f"{len(lacking):,} of its {len(corpus):,} posts are not in the table: {some_ids(lacking)}\n"
            f"{only_scores:,} of {len(known):,} posts of the table are not in it: "
            f"{some_ids(one for one in scores.ids if one not in said)}",
            happened="nothing was measured",
            todo="give both the same ids, or allow more with table.unscored: measures that need labels alone are taken "
            "of all labelled posts, the others of those in the table",
        )
    return {"only_scores": only_scores, "only_labels": len(lacking)}


def _joined(corpus: Corpus, audited: Audited) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    scores = audited.scores
    rows = row_indices(corpus.ids, scores.ids)
    texts: dict[int, str] = {}
    if audited.texts is not None:
        texts = {row: _plain(audited.texts[row]) for row in set(rows[rows >= 0].tolist())}
    others = [
        post_id
        for post_id, text, row in zip(corpus.ids, corpus.texts, rows.tolist(), strict=True)
        if row >= 0 and texts.setdefault(row, _plain(text)) != _plain(text)
    ]
    if others:
        raise ScoresMismatch(
            what=number_of(len(others), "id is that", "ids are those")
            + " of one post in the table and of another among the labels",
            where="[[corpus]]",
            got=some_ids(others),
            expected="one post for each id, its text the same but for white space",
            happened="nothing was measured",
            todo="give posts of different corpora different ids, in the table as well",
        )
    here = rows >= 0
    proba = np.full((len(rows), len(scores.categories)), np.nan, dtype=np.float32)
    proba[here] = scores.proba[rows[here]]
    alleged = np.zeros(proba.shape, dtype=bool)
    alleged[here] = scores.alleged[rows[here]]
    return proba, alleged, ~here


def _plain(text: str) -> str:
    return "".join(text.split())
