"""Fetching a corpus: its originals from their home, its table into a folder, and beside it where it comes from.

Promises: the table appears whole or not at all; a table that is here and right, and masked as tables are now, is not
fetched again; one that is here and another is kept under another name, never overwritten; nothing half-written remains.
Asks for no licence: that is the caller's.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from koudai import __version__
from koudai.config.source import Source
from koudai.corpus.fetching.download import download
from koudai.corpus.fetching.table import make_table
from koudai.errors import UsageError
from koudai.progress import Progress, Silent
from koudai.storage.durable import make_folders, sha256_file, storage_errors, write_json, write_with
from koudai.text.characters.contacts.masking import MASKER

GITHUB = "https://raw.githubusercontent.com"
TIMEOUT = 30.0


@dataclass(frozen=True)
class Fetched:
    """A fetched table: its path and rows, whether it was fetched now, where an earlier file was moved, and how many
    rows of the originals are left out because they hold no post.

    Examples
    --------
    >>> Fetched(Path("data/cold.parquet"), rows=37_480, brought=True).aside is None
    True
    """

    path: Path
    rows: int
    brought: bool
    left_out: int = 0
    aside: Path | None = None


def addresses(source: Source, *, mirror: str = GITHUB) -> dict[str, str]:
    """Return the address of each original by its path.

    Raises
    ------
    UsageError
        If the corpus cannot be fetched; says why.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> from koudai.corpus.sources import find_source
    >>> source = find_source("cold", configs=bundled("configs"))
    >>> all(url.startswith("https://raw.githubusercontent.com/") for url in addresses(source).values())
    True
    """
    if source.fetch is None:
        raise UsageError(
            what=f"corpus {source.name!r} cannot be fetched",
            got=source.not_fetched or "its file has no [fetch]",
            happened="nothing was fetched",
            todo=f"it comes from {source.origin or 'an unknown place'}",
        )
    home = f"{mirror.rstrip('/')}/{source.fetch.repository}/{source.fetch.commit}"
    return {path: f"{home}/{quote(path)}" for path in source.sha256}


def provenance_of(table: Path) -> Path:
    """Return the path of the file beside `table` that says where it comes from.

    Examples
    --------
    >>> provenance_of(Path("corpora/cold.parquet")).name
    'cold.provenance.json'
    """
    return table.with_suffix(".provenance.json")


def fetch_corpus(
    source: Source,
    into: Path,
    *,
    fetched_at: str,
    mirror: str = GITHUB,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
) -> Fetched:
    """Bring a corpus into a folder.

    Parameters
    ----------
    source
        One with a `fetch_corpus` section.
    into
        The folder; made if it is not there.
    fetched_at
        The time, for the provenance.
    mirror
        A server that gives the files of GitHub under the same paths; the hashes stay the same.
    timeout
        Seconds that the server may stay silent.
    progress
        Told of each stage.

    Raises
    ------
    UsageError
        If the corpus cannot be fetched.
    FetchError, LimitExceeded
        If an original cannot be brought, or is another file.
    ReadError, LabelError
        If the originals do not give the table that is known.
    StorageError
        If the disk refuses.
    """
    progress = progress or Silent()
    urls = addresses(source, mirror=mirror)
    target = into / source.file
    left_out = source.fetch.left_out if source.fetch else 0
    rows = _here_and_right(source, target)
    if rows is not None:
        return Fetched(target, rows, brought=False, left_out=left_out)
    with storage_errors(into, happened="nothing was written"):
        make_folders(into)
        with tempfile.TemporaryDirectory(dir=into, prefix=f".{target.stem}.", suffix=".part") as name:
            originals = {}
            with progress.stage(f"fetching {source.name}", len(urls)) as advance:
                for path, url in urls.items():
                    originals[path] = download(url, sha256=source.sha256[path], folder=Path(name), timeout=timeout)
                    advance(1)
            with progress.stage(f"reading {source.name}", None):
                table = make_table(source, originals)
                _write(table, Path(name) / "table")
            aside = _put(Path(name) / "table", target)
    write_json(provenance_of(target), _provenance(source, target, table, fetched_at))
    return Fetched(target, table.num_rows, brought=True, left_out=left_out, aside=aside)


def _write(table: Any, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")


def _put(new: Path, target: Path) -> Path | None:
    """Make `new` the file at `target`; return the name under which another file that was there is kept."""
    if target.exists() and sha256_file(target) == sha256_file(new):
        return None
    aside = _keep(target) if target.exists() else None
    write_with(target, lambda temporary: shutil.copyfile(new, temporary))
    return aside


def _keep(target: Path) -> Path:
    number = 1
    while (aside := target.with_name(f"{target.stem}.kept-{number}{target.suffix}")).exists():
        number += 1
    write_with(aside, lambda temporary: shutil.copyfile(target, temporary))
    return aside


def _wanted(source: Source) -> dict[str, Any]:
    """Return what decides the table, for comparison with the provenance of one that is here."""
    how = source.fetch.model_dump(mode="json", exclude={"checked"}) if source.fetch else None
    return {"originals": source.sha256, "fetch": how, "masker": MASKER}


def _here_and_right(source: Source, target: Path) -> int | None:
    """Return the rows of the table at `target` if it is what fetching would give, else None."""
    try:
        said = json.loads(provenance_of(target).read_text(encoding="utf-8"))
        right = said["sha256"] == sha256_file(target) and said["rows"] > 0
        wanted = _wanted(source)
        right = right and {key: said[key] for key in wanted} == wanted
        return int(said["rows"]) if right else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _provenance(source: Source, target: Path, table: Any, fetched_at: str) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "licence": source.licence,
        "citation": source.citation,
        "addresses": addresses(source),
        **_wanted(source),
        "rows": table.num_rows,
        "columns": table.column_names,
        "sha256": sha256_file(target),
        "koudai": __version__,
        "fetched_at": fetched_at,
    }
