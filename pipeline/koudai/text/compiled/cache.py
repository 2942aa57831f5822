"""The user's cache folder, for data that koudai can rebuild.

Promises: new folders are accessible to the user alone; a folder to which others can write is refused, because its
content is trusted. So is that of the folder ``$KOUDAI_CACHE``, which is only read, if nobody but this user and root can
write to it. A folder that cannot be used is reported once, and koudai works without it. A folder that no version
of koudai has used for a month is removed when its successor is made; links are not followed, and nothing that another
user owns is changed.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import shutil
import stat
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from koudai.errors import KoudaiError
from koudai.limits import UNUSED_CACHE_DAYS


class CacheWarning(UserWarning):
    """The cache folder cannot be used, so that its data is rebuilt in every process.

    Examples
    --------
    >>> issubclass(CacheWarning, UserWarning)
    True
    """


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return ``koudai`` in ``$XDG_CACHE_HOME`` or ``~/.cache``, by `environ` (that of the process).

    Examples
    --------
    >>> cache_folder({"XDG_CACHE_HOME": "/caches"}).as_posix()
    '/caches/koudai'
    >>> cache_folder({"HOME": "/me"}).as_posix()
    '/me/.cache/koudai'
    """
    environ = os.environ if environ is None else environ
    named = Path(environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path(environ.get("HOME") or Path.home()) / ".cache") / "koudai"


@functools.cache
def brought_folder(name: str) -> Path | None:
    """Return `name` in ``$KOUDAI_CACHE``, which `koudai warm` wrote; None, with a warning, if it is not trusted.

    Examples
    --------
    >>> print(brought_folder("kernels-0a") if "KOUDAI_CACHE" not in os.environ else None)
    None
    """
    if not (named := os.environ.get("KOUDAI_CACHE")):
        return None
    folder = Path(named) / name
    try:
        refuse_untrusted(Path(named), name)
    except FileNotFoundError:  # of another version: compiled as without it, which is said then
        return None
    except OSError as error:
        warnings.warn(
            f"{folder} is not used ({error.strerror or error}): it holds code, so it must be yours or root's, and "
            "nobody else may write there",
            CacheWarning,
            stacklevel=2,
        )
        return None
    return folder


def refuse_untrusted(folder: Path, name: str) -> None:
    """Raise `PermissionError` if others than this user and root can write to `folder` or to what is below `name` in it.

    Links are refused, too: what they lead to may be anybody's.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     (Path(name) / "kernels").mkdir(mode=0o755)
    ...     refuse_untrusted(Path(name), "kernels")
    ...     (Path(name) / "kernels").chmod(0o777)
    ...     try:
    ...         refuse_untrusted(Path(name), "kernels")
    ...     except PermissionError as error:
    ...         print(error)
    others can write there
    """
    if not hasattr(os, "geteuid"):
        return
    (folder / name).lstat()
    for path in (folder, folder / name, *(folder / name).rglob("*")):
        state = path.lstat()
        if stat.S_ISLNK(state.st_mode):
            message = "there is a link"
            raise PermissionError(message)
        if state.st_mode & 0o022 or state.st_uid not in (0, os.geteuid()):
            message = "others can write there"
            raise PermissionError(message)


def private_folder(folder: Path) -> None:
    """Create `folder` and its parent, for this user alone, if they are missing; mark `folder` as used.

    If `folder` is new, unused folders beside it whose names differ in the digest alone are removed.

    Raises
    ------
    OSError
        If they cannot be created or written to, or others can write to `folder`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "koudai" / "kernels-0a"
    ...     private_folder(path)
    ...     print(path.is_dir())
    True
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        _remove_unused(folder)
    refuse_others(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        message = "it cannot be written"
        raise PermissionError(message)
    mark_used(folder)


def refuse_others(folder: Path) -> None:
    """Raise `PermissionError` if other users can write to `folder`, or it is not a folder of this user.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "file"
    ...     path.touch()
    ...     try:
    ...         refuse_others(path)
    ...     except PermissionError as error:
    ...         print(error)
    it is a link or a file
    """
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode):
        message = "it is a link or a file"
        raise PermissionError(message)
    if hasattr(os, "geteuid") and (state.st_mode & 0o022 or state.st_uid != os.geteuid()):
        message = "others can write there"
        raise PermissionError(message)


def mark_used(folder: Path) -> None:
    """Set the modification time of `folder` to now, if permitted.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder)
    ...     os.utime(path, (0, 0))
    ...     mark_used(path)
    ...     print(path.stat().st_mtime > 0)
    True
    """
    with contextlib.suppress(OSError):
        os.utime(folder)


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Let no other process of this user be within such a block for `name` meanwhile; where nothing can be locked, any.

    Examples
    --------
    >>> with alone("an example"):
    ...     print("nobody else")
    nobody else
    """
    with contextlib.ExitStack() as kept:
        with contextlib.suppress(OSError, ImportError):
            import fcntl

            folder = cache_folder() / "locks"
            private_folder(folder)
            fcntl.flock(kept.enter_context((folder / name).open("a")), fcntl.LOCK_EX)
        yield


def with_sha256(content: bytes) -> bytes:
    """Return `content` followed by its sha256, for `verified`.

    Examples
    --------
    >>> len(with_sha256(b"koudai"))
    38
    """
    return content + hashlib.sha256(content).digest()


def verified(path: Path) -> bytes | None:
    """Return what stands before the sha256 that the file at `path` ends in; None if it cannot be read or is damaged.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "file"
    ...     _ = path.write_bytes(with_sha256(b"koudai"))
    ...     before = verified(path)
    ...     _ = path.write_bytes(with_sha256(b"koudai").replace(b"k", b"K"))
    ...     print(before, verified(path))
    b'koudai' None
    """
    try:
        data = path.read_bytes()
    except OSError:
        return None
    size = hashlib.sha256().digest_size
    content = data[:-size]
    return content if len(data) > size and hashlib.sha256(content).digest() == data[-size:] else None


def warn_unusable(folder: Path, error: OSError | KoudaiError) -> None:
    """Warn that `folder` cannot be used because of `error`: once per process for all folders with its parent.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     for _ in range(2):
    ...         warn_unusable(Path("a-full-disk") / "kernels-0a", OSError(28, "No space left on device"))
    >>> len(caught)
    1
    """
    if folder.parent in _told():
        return
    _told().add(folder.parent)
    reason = error.what if isinstance(error, KoudaiError) else error.strerror or error
    warnings.warn(
        f"{folder} cannot be used ({reason}): the dictionary and compiled code that koudai caches there are rebuilt in "
        "every process, some seconds each; free or repair it, or set XDG_CACHE_HOME to a folder of your own",
        CacheWarning,
        stacklevel=2,
    )


@functools.cache
def _told() -> set[Path]:
    """Return the folders of which this process has warned; the same set at each call."""
    return set()


def _remove_unused(made: Path) -> None:
    """Remove folders that differ from `made` in the digest alone and were not used for `UNUSED_CACHE_DAYS`."""
    kind, _, digest = made.name.rpartition("-")
    alike = re.compile(f"{re.escape(kind)}-[0-9a-f]{{{len(digest)}}}").fullmatch
    oldest = time.time() - UNUSED_CACHE_DAYS.value * 86_400
    with contextlib.suppress(OSError):
        for path in made.parent.iterdir():
            with contextlib.suppress(OSError):
                if alike(path.name) and path.lstat().st_mtime < oldest:
                    refuse_others(path)
                    shutil.rmtree(path, ignore_errors=True)
