"""Sources: the known corpora by name, what each can stand for, and where their files lie on this machine.

Promises: a config names a corpus and never says where it is; the folders to look in are given by the caller, in
order; a file that is not there is an error that says where it was looked for and how it may be had; corpora that a
config names are found and loaded here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from koudai.config.layouts import with_layout
from koudai.config.load import load_config
from koudai.config.places import bundled, configs_folder, find_named
from koudai.config.scored import AuditCorpusSection
from koudai.config.source import Source
from koudai.config.timezone import TIMEZONE
from koudai.config.train import CorpusSection
from koudai.corpus.corpus import Corpus, files_of, load_corpus
from koudai.corpus.reading.locations import kind_named
from koudai.corpus.reading.quarantine import reasons_of, require_few
from koudai.errors import KoudaiError, ReadError
from koudai.progress import Progress, Silent
from koudai.storage.durable import sha256_bytes, sha256_file
from koudai.taxonomy import Taxonomy


def find_source(named: str | Source, *, configs: Path) -> Source:
    """Return the source that a config names, or the one it holds, with the columns of its layout; raises `ConfigError`
    if a name is not known.

    Examples
    --------
    >>> find_source("seed", configs=bundled("configs")).kind
    'written'
    """
    found = load_config(Source, find_named("corpora", named, configs=configs)) if isinstance(named, str) else named
    return with_layout(found, configs=configs)


def known_sources(*, configs: Path) -> dict[str, Source]:
    """Return every known corpus by name, in order of names: those of `configs`, and those that koudai brings.

    Examples
    --------
    >>> "weibo21" in known_sources(configs=bundled("configs"))
    True
    """
    paths = {
        path.stem: path for folder in (bundled("configs"), configs) for path in (folder / "corpora").glob("*.toml")
    }
    return {name: load_config(Source, paths[name]) for name in sorted(paths)}


def stands_for(source: Source) -> dict[str, dict[str, list[int]]]:
    """Return what a source says: category to fit to the values, 1 and 0, that its labels give with this fit; without
    what it says in runs of one taxonomy alone.

    Examples
    --------
    >>> source = known_sources(configs=bundled("configs"))["weibo21"]
    >>> set(stands_for(source)) <= {rule.category for rule in source.label}
    True
    """
    found: dict[str, dict[str, set[int]]] = {}
    for rule in source.all_rules:
        if rule.taxonomy is not None:
            continue
        found.setdefault(rule.category, {}).setdefault(rule.fit, set()).add(rule.says)
    return {
        category: {fit: sorted(says, reverse=True) for fit, says in fits.items()} for category, fits in found.items()
    }


def file_here(source: Source, *, folders: tuple[Path, ...]) -> Path | None:
    """Return the path of a source's file, of several the first, in the first of `folders` that holds it, or among what
    koudai brings.

    Examples
    --------
    >>> source = find_source("seed", configs=bundled("configs"))
    >>> path = file_here(source, folders=())
    >>> path.name
    'posts.jsonl'
    """
    file = source.file or next(iter(source.files.values()))
    paths = (folder / file for folder in (*folders, bundled("data")))
    a_folder = kind_named(Path(file).name) is None
    return next((path for path in paths if path.is_file() or (a_folder and path.is_dir())), None)


def find_file(source: Source, *, folders: tuple[Path, ...], config: Path) -> Path:
    """Return the path of a source's file.

    Parameters
    ----------
    source
        Its `file` is a path relative to one of `folders`, to the config's folder, or absolute.
    folders
        Where corpora may lie, in order of precedence.
    config
        The config file that names the source.

    Raises
    ------
    ReadError
        If it is in none of them; lists them, and where the corpus comes from.

    Examples
    --------
    >>> source = find_source("seed", configs=bundled("configs"))
    >>> find_file(source, folders=(), config=Path("mine.toml")).name
    'posts.jsonl'
    """
    tried = [*folders, config.resolve().parent, bundled("data")]
    path = file_here(source, folders=tuple(tried[:-1]))
    if path is not None:
        return path
    raise ReadError(
        what=f"the file of corpus {source.name!r} is not here",
        where=source.file or next(iter(source.files.values())),
        expected="in one of:\n" + "\n".join(str(folder.resolve()) for folder in dict.fromkeys(tried)),
        happened="nothing was read",
        todo=(f"bring it with `api.fetch({source.name!r}, accept_licence=True)`, or " if source.fetch else "")
        + f"put it there, or give its folder as `data`; it comes from {source.origin or 'an unknown place'}"
        + (f" ({source.licence})" if source.licence else ""),
    )


def find_files(source: Source, *, folders: tuple[Path, ...], config: Path) -> dict[str, Path]:
    """Return the path of each of a source's files by the split that it holds, ``""`` for one of all; raises as
    `find_file` does.

    Examples
    --------
    >>> source = find_source("seed", configs=bundled("configs"))
    >>> list(find_files(source, folders=(), config=Path("mine.toml")))
    ['']
    """
    named = {"": source.file} if source.file else source.files
    one_by_one = {split: source.model_copy(update={"file": file, "files": {}}) for split, file in named.items()}
    return {split: find_file(one, folders=folders, config=config) for split, one in one_by_one.items()}


def fit_of(sources: dict[str, Source], name: str, category: str, *, taxonomy: Taxonomy | None = None) -> str:
    """Return how well source `name` stands for `category`: ``real``, ``proxy``, ``control``, ``written`` or ``none``.

    ``real``: real posts labelled for this very thing. ``proxy``: real posts labelled for something near it.
    ``control``: real posts that only say what is *not* in it. ``written``: posts written for a project. With the
    `taxonomy`, a post in a category also stands for those above it.

    Examples
    --------
    >>> fit_of(known_sources(configs=bundled("configs")), "seed", "rumour")
    'written'
    """
    source = sources[name]
    if source.kind == "written":
        return "written"
    fits = {
        rule.fit
        for rule in (source.all_rules if taxonomy is None else source.rules(taxonomy.name))
        if rule.category == category
        or (taxonomy is not None and rule.says == 1 and category in taxonomy.ancestors(rule.category))
    }
    if source.columns.labels and not fits:
        fits = {source.fit}
    for fit, called in (("direct", "real"), ("proxy", "proxy"), ("control", "control")):
        if fit in fits:
            return called
    return "none"


@dataclass(frozen=True)
class LoadedCorpus:
    """A corpus that a config names: the section that names it, its source, its files by split, and its posts."""

    section: CorpusSection | AuditCorpusSection
    source: Source
    files: dict[str, Path]
    corpus: Corpus

    @property
    def sha256(self) -> str:
        """Hash of the file, or of the hashes of several, in order."""
        hashes = [sha256_file(Path(file.uri)) for _, file in files_of(self.files, self.source)]
        return hashes[0] if len(hashes) == 1 else sha256_bytes("\n".join(hashes).encode())


def find_corpora(
    sections: Sequence[CorpusSection], *, config: Path, folders: tuple[Path, ...]
) -> list[tuple[CorpusSection, Source, dict[str, Path]]]:
    """Return each corpus section with its source and files; raises as `find_source` and `find_file` do.

    Examples
    --------
    >>> ((section, source, files),) = find_corpora([CorpusSection(source="seed")], config=Path("mine.toml"), folders=())
    >>> section.weight, source.name, files[""].name
    (1.0, 'seed', 'posts.jsonl')
    """
    found, configs = [], configs_folder(config)
    for section in sections:
        source = find_source(section.source, configs=configs)
        found.append((section, source, find_files(source, folders=folders, config=config)))
    return found


def load_corpora(
    sections: Sequence[CorpusSection | AuditCorpusSection],
    *,
    taxonomy: Taxonomy,
    config: Path,
    folders: tuple[Path, ...] = (),
    progress: Progress | None = None,
    problems: list[KoudaiError] | None = None,
    timezone: str = TIMEZONE,
) -> list[LoadedCorpus]:
    """Load the corpora that a config names, in its order, each file read once.

    Parameters
    ----------
    sections
        The ``[[corpus]]`` sections of a training or an audit config; a weight and what is dropped are heeded.
    taxonomy
        Whose categories are labelled.
    config
        The file that the sections are from; see `find_source` and `find_file`.
    folders
        Where corpora may lie, in order of precedence.
    progress
        Progress callback: one stage for each corpus.
    problems
        With a list, what is wrong with a corpus is appended to it, the corpus left out, and the next one loaded.
        Without, the first error is raised.
    timezone
        In which dates are read, see `koudai.corpus.dates.readable_dates`.

    Raises
    ------
    ConfigError, ReadError, LabelError
        As `find_source`, `find_file` and `koudai.corpus.corpus.load_corpus`.
    TooManyQuarantined
        If more rows of a corpus were quarantined than its section allows.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> from koudai.config.train import CorpusSection
    >>> configs = bundled("configs")
    >>> (seed,) = load_corpora(
    ...     [CorpusSection(source="seed")],
    ...     taxonomy=find_taxonomy("cac-2023", configs=configs),
    ...     config=configs / "train" / "mine.toml",
    ... )
    >>> seed.source.name, seed.files[""].name, len(seed.corpus) > 100
    ('seed', 'posts.jsonl', True)
    """
    progress, configs = progress or Silent(), configs_folder(config)
    loaded = []
    for section in sections:
        try:
            source = find_source(section.source, configs=configs)
            files = find_files(source, folders=folders, config=config)
            weight = section.weight if isinstance(section, CorpusSection) else 1.0
            with progress.stage(f"reading {source.name}", None) as advance:
                corpus = load_corpus(
                    source,
                    files,
                    taxonomy=taxonomy,
                    weight=weight,
                    drop=section.drop,
                    advance=advance,
                    timezone=timezone,
                )
            _require_posts(corpus, most=section.quarantined)
        except KoudaiError as error:
            if problems is None:
                raise
            problems.append(error)
        else:
            loaded.append(LoadedCorpus(section, source, files, corpus))
    return loaded


def _require_posts(corpus: Corpus, *, most: float) -> None:
    """Raise `TooManyQuarantined` if more than a share `most` of the rows of a corpus are no posts."""
    aside = corpus.quarantined
    require_few(
        reasons_of(aside),
        read=len(corpus) + corpus.dropped + len(aside),
        most=most,
        where=f"corpus {', '.join(corpus.sources)}" + (f", first {aside[0].where}" if aside else ""),
        happened="nothing was trained on or measured",
        todo="allow more with corpus.quarantined",
    )
