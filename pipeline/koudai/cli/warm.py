"""The verb that carries what is compiled: warm.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from koudai import api
from koudai.cli.app import JSON, app
from koudai.cli.terminal import print_json, say


@app.command()
def warm(
    folder: Annotated[Path, typer.Argument(help="A new folder, for images and workers to carry.")],
    training: Annotated[
        bool, typer.Option("--training", help="Also what only training and audits need (twice as long).")
    ] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Compile the kernels once and write them into a folder; koudai reads it where $KOUDAI_CACHE names it."""
    made = api.warm(folder, training=training)
    if as_json:
        print_json({"folder": str(made.folder), "digest": made.digest, "files": made.files, "bytes": made.bytes})
        return
    say(f"warm: {made.folder.resolve()}  {made.files:,} files, {made.bytes / 1e6:,.0f} MB, kernels {made.digest[:16]}")
    say(f"set KOUDAI_CACHE={made.folder.resolve()} where koudai runs; nobody else may write there")
