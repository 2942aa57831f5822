"""The verb about rules as text: policy.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from koudai import api
from koudai.cli.app import OVERWRITE, app
from koudai.cli.terminal import say


@app.command()
def policy(
    taxonomy: Annotated[str, typer.Argument(help="Name of a taxonomy, or a TOML file.", metavar="TAXONOMY")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the documents, new or empty.", metavar="DIR")],
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="Only this category; may be given often.", metavar="KEY"),
    ] = None,
    paraphrases: Annotated[
        Path | None,
        typer.Option("--paraphrases", help="Further wordings: TOML with [[paraphrase]].", metavar="FILE"),
    ] = None,
    overwrite: Annotated[bool, OVERWRITE] = False,
) -> None:
    """Write each category as policy documents, in wordings that hold ever less of its text, for whoever reads rules; to
    measure the wording, not to moderate.
    """
    found = api.policy(
        taxonomy, out=out, categories=tuple(category or ()), paraphrases=paraphrases, overwrite=overwrite
    )
    wordings = dict.fromkeys(one.wording for one in found.documents)
    say(f"{len(found.documents):,} documents, in the wordings {', '.join(wordings)}")
    say(f"listed in {found.listed.resolve()}")
    say("the answers go into [[wording]] of an audit config; koudai calls no model")
