"""The surroundings of the verbs: the time, ``$KOUDAI_DATA``, and the type of paths.

Promises: beside the command line, the only module that gives reports their date and looks for corpora in the
environment. Reads no file.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

AnyPath = str | os.PathLike[str]


def data_folders(data: AnyPath | None = None) -> tuple[Path, ...]:
    """Return the folders in which corpora are looked for, in order.

    Parameters
    ----------
    data
        Comes before ``$KOUDAI_DATA``, and that before ``data`` in the working directory.

    Examples
    --------
    >>> data_folders("corpora")[0].name
    'corpora'
    """
    named = [Path(data)] if data is not None else []
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
