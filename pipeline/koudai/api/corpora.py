"""The verbs about corpora: corpora, fetch.

Promises: nothing is fetched before its licence was accepted; what is brought has the hashes that are pinned. Prints
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.api.surroundings import AnyPath, data_folders, now
from koudai.errors import UsageError
from koudai.progress import Progress

if TYPE_CHECKING:
    from koudai.config.source import Source
    from koudai.corpus.fetching.fetch import Fetched

_CONFIGS = Path("configs")


@dataclass(frozen=True)
class KnownCorpus:
    """A corpus that koudai knows.

    Parameters
    ----------
    source
        What its config says.
    here
        Its file, None if it is not on this machine.

    Examples
    --------
    >>> from koudai import api
    >>> [one.source.kind for one in api.corpora(["seed"])]
    ['written']
    """

    source: Source
    here: Path | None

    @property
    def stands_for(self) -> dict[str, dict[str, list[int]]]:
        """Per category, how well the corpus stands for it, and which labels (1, 0) it gives."""
        from koudai.corpus.sources import stands_for

        return stands_for(self.source)

    def datasheet(self) -> str:
        """Return what is known of the corpus, as Markdown."""
        from koudai.render.datasheet import datasheet

        return datasheet(self.source)

    def to_json(self) -> dict[str, Any]:
        """Return what is known of the corpus as plain data."""
        source = self.source
        plain = ("name", "title", "kind", "rows", "licence", "citation", "origin", "unknown", "file")
        return {
            **{name: getattr(source, name) for name in plain},
            "stands_for": self.stands_for,
            "here": None if self.here is None else str(self.here.resolve()),
            "fetch": source.fetch is not None,
            "checked": source.fetch.checked if source.fetch else None,
            "not_fetched": source.not_fetched or None,
        }


def corpora(names: Sequence[str] = (), *, data: AnyPath | None = None) -> list[KnownCorpus]:
    """Return the corpora that ``configs/corpora`` here, or koudai itself, describes.

    Parameters
    ----------
    names
        Which ones; all by default.
    data
        Folder where corpora lie; comes before ``$KOUDAI_DATA`` and ``data``.

    Raises
    ------
    ConfigError
        If a name is not known, or a description is wrong.

    Examples
    --------
    >>> from koudai import api
    >>> "seed" in [one.source.name for one in api.corpora()]
    True
    """
    from koudai.corpus.sources import file_here, find_source, known_sources

    sources = [find_source(name, configs=_CONFIGS) for name in names]
    sources = sources or list(known_sources(configs=_CONFIGS).values())
    return [KnownCorpus(source, file_here(source, folders=data_folders(data))) for source in sources]


def fetch(
    name: str,
    *,
    accept_licence: bool,
    into: AnyPath = "data",
    mirror: str | None = None,
    timeout: float = 30.0,
    progress: Progress | None = None,
) -> Fetched:
    """Bring a corpus from its home: hashes checked, columns of accounts left out.

    Parameters
    ----------
    name
        As `corpora` lists it.
    accept_licence
        Whether you accept the terms of the corpus; see `KnownCorpus.datasheet`.
    into
        Folder to write to.
    mirror
        Server with the files of GitHub under the same paths; hashes stay the same.
    timeout
        Seconds that a server may stay silent.
    progress
        Progress callback.

    Raises
    ------
    UsageError
        If the corpus cannot be fetched, its licence was not accepted, `into` is an address, or `mirror` is none.
    FetchError, LimitExceeded
        If an original cannot be brought, or is another file.
    ReadError, LabelError
        If the originals do not give the table that is known.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> from koudai import api
    >>> from koudai.errors import UsageError
    >>> try:
    ...     api.fetch("cold", accept_licence=False)
    ... except UsageError as error:
    ...     print(f"{error.what}: {error.got}")
    the licence was not accepted: Apache-2.0
    """
    from koudai.corpus.fetching.fetch import GITHUB
    from koudai.corpus.fetching.fetch import fetch_corpus as fetch_source
    from koudai.storage.bucket import require_on_disk

    folder = require_on_disk(into, "into")
    source = fetchable([name], mirror=mirror)[0]
    if not accept_licence:
        raise UsageError(
            what="the licence was not accepted",
            where=name,
            got=source.licence,
            happened="nothing was fetched",
            todo="read the terms; `accept_licence` accepts them",
        )
    return fetch_source(source, folder, fetched_at=now(), mirror=mirror or GITHUB, timeout=timeout, progress=progress)


def fetchable(names: Sequence[str], *, mirror: str | None = None) -> list[Source]:
    """Return what the configs of corpora say, each once; raises `UsageError` if one of them cannot be fetched.

    Parameters
    ----------
    names
        As `corpora` lists them.
    mirror
        As for `fetch`.

    Examples
    --------
    >>> from koudai import api
    >>> [(source.name, source.licence) for source in api.fetchable(["cold"])]
    [('cold', 'Apache-2.0')]
    """
    from koudai.corpus.fetching.fetch import GITHUB, addresses
    from koudai.corpus.sources import find_source

    server = mirror or GITHUB
    if not server.startswith(("https://", "http://")):
        raise UsageError(what="`mirror` wants an address", got=server, expected="https://… or http://…")
    sources = [find_source(name, configs=_CONFIGS) for name in dict.fromkeys(names)]
    for source in sources:
        addresses(source, mirror=server)
    return sources
