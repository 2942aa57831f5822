"""A folder that a call fills: nothing is left of it if the call fails, and an older one gives way only to a whole one.

Promises: without `replaces` a folder that holds anything is refused, as `koudai.storage.durable.new_folder` does; with
it, only a folder that holds a file of that name gives way, stands beside under a temporary name until the call has
ended, and comes back if it fails. A killed process leaves that temporary folder (``.NAME.….part``) with all that was in
it. Removes nothing else.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from koudai.errors import OutputExists
from koudai.storage import durable


@contextlib.contextmanager
def filled_folder(folder: Path, *, replaces: str | None = None) -> Iterator[Path]:
    """Let the block fill `folder`.

    Parameters
    ----------
    folder
        New or empty, unless something is replaced.
    replaces
        Name of a file by which a folder that may be replaced is known, such as ``report.json``; None to replace none.

    Raises
    ------
    OutputExists
        If it holds something else; nothing was changed then.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     folder = Path(name) / "report"
    ...     for text in ("{}", "{1}"):
    ...         with filled_folder(folder, replaces="report.json"):
    ...             durable.write_bytes(folder / "report.json", text.encode())
    ...     print((folder / "report.json").read_text(), durable.folder_names(Path(name)))
    {1} ['report']
    """
    if replaces is None:
        durable.require_empty(folder)
    before = None if replaces is None else _set_aside(folder, replaces)
    ours = not folder.exists()
    try:
        durable.new_folder(folder)
        yield folder
    except BaseException:
        with contextlib.suppress(OSError):
            _remove(folder, whole=ours)
        if before is not None:
            with contextlib.suppress(OSError):
                durable.DISK.rename(before, folder)
        raise
    if before is not None:
        with durable.storage_errors(before, happened=f"{folder} is whole; what it replaced is still here"):
            _remove(before)


def _set_aside(folder: Path, known_by: str) -> Path | None:
    """Rename a folder that holds anything, and return its new path; None if there is nothing."""
    if not folder.is_symlink() and (not folder.exists() or (folder.is_dir() and not durable.DISK.names(folder))):
        return None
    if folder.is_symlink() or not (folder / known_by).is_file():
        raise OutputExists(
            what="this holds something else than what would be written there",
            where=folder,
            expected=f"a folder with {known_by}, or none",
            happened="nothing was written or deleted",
            todo="choose another `out`, or move the old folder away",
        )
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    with durable.storage_errors(folder, happened="nothing was written or deleted"):
        durable.DISK.rename(folder, aside)
    return aside


def _remove(folder: Path, *, whole: bool = True) -> None:
    """Remove what is in a folder, links as links, and the folder itself if it is the `whole`; raises `OSError`."""
    for name in durable.DISK.names(folder):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            _remove(path)
        else:
            durable.DISK.unlink(path)
    if whole:
        durable.DISK.rmdir(folder)
