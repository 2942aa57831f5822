"""The files of a sample: what people label, and beside it the manifest by which their labels are read back.

Promises: nothing is overwritten; the manifest is there before the sample is.
"""

from __future__ import annotations

from pathlib import Path

from koudai.audit.sample.draw import Drawn
from koudai.audit.sample.sheet import to_csv, to_tasks
from koudai.errors import OutputExists
from koudai.storage.durable import write_bytes, write_json


def manifest_path(out: Path) -> Path:
    """Return where the manifest of the sample at `out` lies: ``sample.csv`` has ``sample.csv.manifest.json``.

    Examples
    --------
    >>> manifest_path(Path("sample.csv")).name
    'sample.csv.manifest.json'
    """
    return out.with_name(out.name + ".manifest.json")


def require_new(out: Path) -> None:
    """Raise `OutputExists` if the sample at `out` or its manifest is there."""
    for path in (out, manifest_path(out)):
        if path.exists() or path.is_symlink():
            raise OutputExists(
                what="there is a sample already",
                where=path,
                happened="nothing was written or deleted",
                todo="choose another --out: labels may be in this one",
            )


def write_sample(drawn: Drawn, out: Path, *, form: str) -> None:
    """Write a sample.

    Parameters
    ----------
    drawn
        From `koudai.audit.sample.draw.draw`.
    out
        A file that is not there yet.
    form
        ``csv`` or ``label-studio``.

    Raises
    ------
    OutputExists, StorageError
        What stands in the way.
    """
    require_new(out)
    write_json(manifest_path(out), drawn.manifest.to_json())
    if form == "csv":
        write_bytes(out, to_csv(drawn.manifest, drawn.texts).encode())
    else:
        write_json(out, to_tasks(drawn.manifest, drawn.texts))
