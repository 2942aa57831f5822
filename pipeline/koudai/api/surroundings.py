"""The surroundings of the verbs: the time, ``$KOUDAI_DATA``, and the type of paths.

Promises: beside the command line, the only module that gives reports their date and looks for corpora in the
environment. Reads no file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True)
class Overwrite:
    """An output that replaces what the same verb wrote there before, once the new one is whole.

    Parameters
    ----------
    path
        The folder; None for the one that the verb writes to by default.

    Examples
    --------
    >>> Overwrite("models/mine").path
    'models/mine'
    """

    path: AnyPath | None = None


def output_of(out: AnyPath | Overwrite | None) -> tuple[AnyPath | None, bool]:
    """Return the path of an output, and whether what is there gives way to it.

    Examples
    --------
    >>> output_of("mine"), output_of(Overwrite("mine")), output_of(None)
    (('mine', False), ('mine', True), (None, False))
    """
    return (out.path, True) if isinstance(out, Overwrite) else (out, False)


def data_folders(data: AnyPath | None = None) -> tuple[Path, ...]:
    """Return the folders in which corpora are looked for, in order.

    Parameters
    ----------
    data
        Comes before ``$KOUDAI_DATA``, and that before ``data`` in the working directory.

    Raises
    ------
    UsageError
        If `data` is an address.

    Examples
    --------
    >>> data_folders("corpora")[0].name
    'corpora'
    """
    from koudai.storage.bucket import require_on_disk

    named = [require_on_disk(data, "data")] if data is not None else []
    if os.environ.get("KOUDAI_DATA"):
        named.append(Path(os.environ["KOUDAI_DATA"]))
    return (*named, Path("data"))


def now() -> str:
    """Return the time, in UTC, to the second.

    Examples
    --------
    >>> now()[-1]
    'Z'
    """
    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
