"""The verbs about corpora: corpora, fetch.

Promises: each verb parses, calls `koudai.api`, prints; nothing is fetched before its licence was shown and accepted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koudai import api
from koudai.cli.app import DATA, JSON, app
from koudai.cli.language import spoken
from koudai.cli.terminal import listener, print_json, say, show, table
from koudai.errors import UsageError, printable

if TYPE_CHECKING:
    from koudai.config.source import Source


@app.command()
def corpora(
    names: Annotated[
        list[str] | None, typer.Argument(help="Corpora whose datasheets are printed, as Markdown [default: a list].")
    ] = None,
    data: Annotated[Path | None, DATA] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List the known corpora: rows, licence, what each can stand for, and whether it is here; or print datasheets."""
    found = api.corpora(tuple(names or ()), data=data)
    if as_json:
        print_json([one.to_json() for one in found])
        return
    if names:
        show("\n".join(one.datasheet() for one in found))
        return
    table(
        ["corpus", "rows", "here", "fetch", "can stand for", "licence"],
        [
            [
                one.source.name,
                "" if one.source.rows is None else f"{one.source.rows:,}",
                "no" if one.here is None else "yes",
                "no" if one.source.fetch is None else "yes",
                _stands_for(one),
                one.source.licence,
            ]
            for one in found
        ],
    )


def _stands_for(one: api.KnownCorpus) -> str:
    if one.source.kind == "written":
        return "every category (written)"
    return "; ".join(f"{key} ({', '.join(fits)})" for key, fits in one.stands_for.items()) or "no category"


@app.command()
def fetch(
    names: Annotated[list[str], typer.Argument(help="Corpora, as `koudai corpora` lists them.")],
    into: Annotated[Path, typer.Option("--into", help="Folder to write to.", metavar="DIR")] = Path("data"),
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept the terms of each corpus without being asked.")
    ] = False,
    mirror: Annotated[
        str | None,
        typer.Option("--mirror", help="Server with the files of GitHub under the same paths; hashes stay the same."),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds that a server may stay silent.", min=0.1)] = 30.0,
) -> None:
    """Bring corpora from their homes: licence first, hashes checked, account columns left out."""
    for source in api.fetchable(names, mirror=mirror):
        _show_terms(source)
        _require_acceptance(source.name, accepted=accept_licence)
        done = api.fetch(
            source.name, accept_licence=True, into=into, mirror=mirror, timeout=timeout, progress=listener()
        )
        if done.aside:
            say(f"another file was here; it is kept as {printable(done.aside)}")
        state = "written" if done.brought else "already here and right, nothing was fetched"
        without = f"; {done.left_out:,} of the originals' rows hold no post and are left out" if done.left_out else ""
        say(f"{source.name}: {done.rows:,} rows in {printable(done.path)}, {state}{without}")


def _show_terms(source: Source) -> None:
    say(f"corpus:   {printable(f'{source.name}: {source.title}', limit=400)}")
    say(f"licence:  {printable(source.licence, limit=400)}")
    say(f"citation: {printable(source.citation, limit=400)}")
    say(f"from:     {printable(source.origin, limit=400)} ({len(source.sha256)} files)")


def _require_acceptance(name: str, *, accepted: bool) -> None:
    if accepted:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            what="nobody is here to accept the licence",
            where=name,
            expected="a terminal, or --accept-licence",
            happened="nothing was fetched",
            todo="read the terms above; with --accept-licence you accept them",
        )
    if not typer.confirm(spoken("Accept these terms and fetch?"), default=False):
        raise UsageError(what="the licence was not accepted", where=name, happened="nothing was fetched")
