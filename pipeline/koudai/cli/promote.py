"""The verb about the registry: promote.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from koudai import api
from koudai.cli.app import JSON, app
from koudai.cli.terminal import listener, print_json, say, table

if TYPE_CHECKING:
    from koudai.training.tracking.promotion import TrackedFigure


@app.command()
def promote(
    target: Annotated[
        str | None,
        typer.Argument(
            help="A version's number, or a bundle that was tracked [default: the candidate].", metavar="WHAT"
        ),
    ] = None,
    to: Annotated[str, typer.Option("--to", help="candidate or champion.")] = "champion",
    uri: Annotated[
        str | None,
        typer.Option("--uri", help="Address of the registry [default: the bundle's, or sqlite:///mlflow.db]."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the registered model [default: the bundle's, or koudai].")
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Make the candidate the champion, or a version the candidate, and compare it with the one it replaces."""
    with listener().stage("asking the registry", None):
        found = api.promote(target, to=to, uri=uri, name=model)
    if as_json:
        print_json(found.to_json())
        return
    if found.changed:
        old = f"version {found.before}" if found.before else "none before"
        rows = [
            [one.category, one.metric, _shown(one.old), _n(one.old), _shown(one.new), _n(one.new)]
            for one in found.figures
        ]
        table(["alleged category", "metric", old, "n", f"version {found.version}", "n"], rows)
    if found.same_test is False:
        say("not tested on the same posts: corpora, split or seed differ, so the figures cannot be compared")
    moved = f"was version {found.before}" if found.before else "was nobody"
    say(f"{found.model}@{found.alias} is version {found.version} ({moved if found.changed else 'as before'})")


def _shown(figure: TrackedFigure | None) -> str:
    from koudai.model.bundle.markdown import with_interval

    return "-" if figure is None else with_interval(figure)


def _n(figure: TrackedFigure | None) -> str:
    return "-" if figure is None or figure.n is None else f"{figure.n:,}"
