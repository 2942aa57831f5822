"""The verb about two models: compare.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from koudai import api
from koudai.cli.app import DATA, JSON, app
from koudai.cli.terminal import listener, print_json, say, table


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="A bundle, or an audit config with [table] and [[corpus]].", metavar="A")],
    b: Annotated[Path, typer.Argument(help="Another.", metavar="B")],
    data: Annotated[Path | None, DATA] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Compare two models on the same posts, bundles on their test posts, tables on labelled ones: each figure of both,
    and the difference with its interval.
    """
    with listener().stage("comparing", None):
        found = api.compare(a, b, data=data)
    if as_json:
        print_json({"a": str(a.resolve()), "b": str(b.resolve()), "differences": [one.to_json() for one in found]})
        return
    of_corpora = any(one.corpus for one in found)
    rows = [
        [
            *((one.corpus,) if of_corpora else ()),
            one.category,
            one.metric,
            _shown(one.a),
            _shown(one.b),
            _shown(one.difference, sign="+") + ("" if one.low is None else f" [{one.low:+.3f}, {one.high:+.3f}]"),
            *(() if of_corpora else (_shown(one.share),)),
            one.n,
        ]
        for one in found
    ]
    if of_corpora:
        table(["corpus", "alleged category", "metric", "A", "B", "B - A", "n"], rows)
        say("posts that both models have and neither is known to have been fitted on; of brier, greater is worse")
        return
    table(["alleged category", "metric", "A", "B", "B - A", "B greater", "n"], rows)
    say("B greater: probability that it is, by the normal approximation; of brier and ece, greater is worse")


def _shown(value: float | None, *, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.3f}"
