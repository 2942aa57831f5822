"""The verbs about posts: score, verify.

Promises: each verb parses, calls one function, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.app import app
from pipeline.cli.options import DRIFT, JSON, print_json
from pipeline.cli.terminal import listener, say, table
from pipeline.errors import UsageError


@app.command()
def score(
    model: Annotated[Path, typer.Argument(help="A bundle.")],
    posts: Annotated[list[Path], typer.Argument(help="Parquet, CSV, TSV or JSONL, also gzipped.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the job; the same command resumes it.")],
    id_column: Annotated[str, typer.Option("--id-column")] = "post_id",
    text_column: Annotated[str, typer.Option("--text-column")] = "text",
    encoding: Annotated[str, typer.Option("--encoding", help="Of CSV and JSONL, e.g. gb18030.")] = "utf-8",
    on_bad_bytes: Annotated[str, typer.Option("--on-bad-bytes", help="refuse or quarantine.")] = "refuse",
    duplicates: Annotated[
        str, typer.Option("--duplicates", help="refuse, or first: keep the first of an id.")
    ] = "refuse",
    shard_size: Annotated[int, typer.Option("--shard-size", help="Posts per shard.")] = 50_000,
    workers: Annotated[int | None, typer.Option("--workers", help="Threads; by default one for each core.")] = None,
    allow_drift: Annotated[bool, DRIFT] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Score posts in shards; every row read is scored, abstained or quarantined."""
    from pipeline.config import Columns
    from pipeline.model.bundle import load_bundle
    from pipeline.scoring.job import run
    from pipeline.scoring.plan import make_plan

    for name, value, known in (
        ("--on-bad-bytes", on_bad_bytes, ("refuse", "quarantine")),
        ("--duplicates", duplicates, ("refuse", "first")),
    ):
        if value not in known:
            raise UsageError(what=f"{name} does not take this", got=value, expected=" or ".join(known))
    loaded = load_bundle(model, allow_drift=allow_drift)
    plan = make_plan(
        posts,
        model=loaded.digest,
        columns=Columns(id=id_column, text=text_column),
        encoding=encoding,
        bad_bytes=on_bad_bytes,
        duplicates=duplicates,
        shard_size=shard_size,
        progress=listener(),
    )
    _print_totals(run(plan, loaded, out, workers=workers, progress=listener()), out, as_json=as_json)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a job.")], as_json: Annotated[bool, JSON] = False
) -> None:
    """Check hashes and conservation of a scoring job."""
    from pipeline.scoring.results import verify as run_verify

    _print_totals(run_verify(folder), folder, as_json=as_json)


def _print_totals(totals: Any, folder: Path, *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(folder.resolve()), **totals.to_dict()})
        return
    table(["alleged category", "posts"], [[key, totals.alleged[key]] for key in sorted(totals.alleged)])
    say(totals.line())
    say(f"job: {folder.resolve()}")
