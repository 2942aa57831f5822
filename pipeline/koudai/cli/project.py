"""The verbs that begin a project: init, new.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from koudai import api
from koudai.cli.app import OVERWRITE, app
from koudai.cli.terminal import say
from koudai.errors import UsageError, printable

_SHOWN = 6


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="Posts: CSV, TSV, JSON, JSON lines, Parquet, Arrow or Excel.")],
    label: Annotated[
        str | None,
        typer.Option("--label", help="Column of labels [default: the only one that may be].", metavar="COLUMN"),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(
            "--category",
            help="What the labels are about: a key of the taxonomy, or a new one, for which a taxonomy is written.",
            metavar="KEY",
        ),
    ] = None,
    yes: Annotated[
        list[str] | None,
        typer.Option("--yes", help="Value that says yes, may be given often; the others say no.", metavar="VALUE"),
    ] = None,
    taxonomy: Annotated[str, typer.Option("--taxonomy", help="Whose categories there are.")] = "cac-2023",
    out: Annotated[Path, typer.Option("--out", help="Folder of the configs.", metavar="DIR")] = Path(),
    overwrite: Annotated[bool, OVERWRITE] = False,
) -> None:
    """Look at a file of posts, and write a training config and an audit config for it."""
    choice = api.LabelChoice(label, category, tuple(yes or ()), taxonomy)
    begun = api.init(file, label=choice, out=out, overwrite=overwrite)
    say(f"looked at {begun.looked_at}")
    for column, values in begun.labels.items():
        counts = [f"{value} ({count:,})" for value, count in list(values.items())[:_SHOWN]]
        say(printable(f"labels in {column}: {', '.join(counts)}"))
    for path in begun.written:
        say(f"wrote {path}")
    if begun.category is None:
        say("no labels to learn from: score with a model that is there, then `koudai audit`")
    else:
        say(f"see that `yes` in {begun.written[-2]} is what says {begun.category}; then `koudai train` it")


@app.command()
def new(
    what: Annotated[str, typer.Argument(help="What to lay down: study.")],
    folder: Annotated[Path, typer.Argument(help="A new or empty folder; its name is that of the study.")],
    taxonomy: Annotated[str, typer.Option("--taxonomy", help="Whose categories there are.")] = "cac-2023",
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="What is planned; by default those without a parent.", metavar="KEY"),
    ] = None,
    posts: Annotated[Path | None, typer.Option("--posts", help="The posts [default: posts.csv in the folder].")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="A bundle [default: model in the folder].")] = None,
    n: Annotated[int, typer.Option("--n", help="Posts to draw.", min=1)] = 400,
) -> None:
    """Lay down the folder of a study that goes from posts to page: config, codebook, Makefile, README."""
    if what != "study":
        raise UsageError(what="there is no such thing to lay down", got=what, expected="study")
    written = api.new_study(folder, taxonomy=taxonomy, categories=category or (), posts=posts, model=model, n=n)
    for path in written:
        say(f"wrote {path}")
    say(f"next: {folder / 'README.md'}")
