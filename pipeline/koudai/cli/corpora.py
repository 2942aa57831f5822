"""The verbs about corpora: corpora, fetch.

Promises: each verb parses, calls one function, prints; nothing is fetched before its licence was shown and accepted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from koudai.cli.app import app
from koudai.cli.options import DATA, JSON, folders, now, print_json
from koudai.cli.terminal import listener, say, table
from koudai.errors import UsageError, printable

_CONFIGS = Path("configs")


@app.command()
def corpora(
    names: Annotated[
        list[str] | None, typer.Argument(help="Corpora whose datasheets are printed, as Markdown [default: a list].")
    ] = None,
    data: Annotated[Path | None, DATA] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List the known corpora: rows, licence, what each can stand for, and whether it is here; or print datasheets."""
    from koudai.corpus.sources import find_source, known_sources

    if names:
        from koudai.render.datasheet import datasheet

        sources = [find_source(name, configs=_CONFIGS) for name in names]
        if as_json:
            print_json([_described(source, folders(data)) for source in sources])
        else:
            say("\n".join(datasheet(source) for source in sources))
        return
    found = [_described(source, folders(data)) for source in known_sources(configs=_CONFIGS).values()]
    if as_json:
        print_json(found)
        return
    table(
        ["corpus", "rows", "here", "fetch", "can stand for", "licence"],
        [
            [
                one["name"],
                "" if one["rows"] is None else f"{one['rows']:,}",
                "yes" if one["here"] else "no",
                "yes" if one["fetch"] else "no",
                _stands_for(one),
                one["licence"],
            ]
            for one in found
        ],
    )


def _stands_for(one: dict[str, Any]) -> str:
    if one["kind"] == "written":
        return "every category (written)"
    return "; ".join(f"{key} ({', '.join(fits)})" for key, fits in one["stands_for"].items()) or "no category"


def _described(source: Any, places: tuple[Path, ...]) -> dict[str, Any]:
    from koudai.corpus.sources import file_here, stands_for

    here = file_here(source, folders=places)
    return {
        "name": source.name,
        "title": source.title,
        "kind": source.kind,
        "rows": source.rows,
        "licence": source.licence,
        "citation": source.citation,
        "origin": source.origin,
        "stands_for": stands_for(source),
        "unknown": source.unknown,
        "file": source.file,
        "here": None if here is None else str(here.resolve()),
        "fetch": source.fetch is not None,
        "checked": source.fetch.checked if source.fetch else None,
        "not_fetched": source.not_fetched or None,
    }


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
    from koudai.corpus.fetching.fetch import GITHUB, addresses
    from koudai.corpus.fetching.fetch import fetch as run_fetch
    from koudai.corpus.sources import find_source

    server = mirror or GITHUB
    if not server.startswith(("https://", "http://")):
        raise UsageError(what="--mirror wants an address", got=server, expected="https://… or http://…")
    sources = [find_source(name, configs=_CONFIGS) for name in dict.fromkeys(names)]
    for source in sources:
        addresses(source)
    for source in sources:
        _show_terms(source)
        _require_acceptance(source.name, accepted=accept_licence)
        done = run_fetch(source, into, fetched_at=now(), mirror=server, timeout=timeout, progress=listener())
        if done.aside:
            say(f"another file was here; it is kept as {printable(done.aside)}")
        state = "written" if done.brought else "already here and right, nothing was fetched"
        say(f"{source.name}: {done.rows:,} rows in {printable(done.path)}, {state}")


def _show_terms(source: Any) -> None:
    for label, value in (
        ("corpus", f"{source.name}: {source.title}"),
        ("licence", source.licence),
        ("citation", source.citation),
        ("from", f"{source.origin} ({len(source.sha256)} files)"),
    ):
        say(f"{label + ':':<10}{printable(value, limit=400)}")


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
    if not typer.confirm("Accept these terms and fetch?", default=False):
        raise UsageError(what="the licence was not accepted", where=name, happened="nothing was fetched")
