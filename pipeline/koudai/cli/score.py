"""The verbs about posts: score, verify.

Promises: each verb parses, calls one function, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from koudai.cli.app import app
from koudai.cli.options import DRIFT, JSON, print_json
from koudai.cli.streaming import EVIDENCE, FORMAT, INPUT_FORMAT, QUARANTINE, refuse_what_has_no_use, stream
from koudai.cli.terminal import Events, event, listener, say, table

EVENTS = typer.Option("--json", help="Print events, one JSON object per line; the last one holds the counts.")


@app.command()
def score(
    model: Annotated[Path, typer.Argument(help="A bundle.")],
    posts: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, globs, s3://…: Parquet, CSV, TSV or JSONL, also gzip or zstd; - is standard input."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder of the job; the same command resumes it. Without it, rows go to standard output."
        ),
    ] = None,
    id_column: Annotated[str, typer.Option("--id-column")] = "post_id",
    text_column: Annotated[str, typer.Option("--text-column")] = "text",
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", help="Copy this column (date, topic, outcome …) into the results.", metavar="COLUMN"),
    ] = None,
    encoding: Annotated[str, typer.Option("--encoding", help="Of CSV and JSONL, e.g. gb18030.")] = "utf-8",
    on_bad_bytes: Annotated[str, typer.Option("--on-bad-bytes", help="refuse or quarantine.")] = "refuse",
    duplicates: Annotated[
        str,
        typer.Option(
            "--duplicates", help="refuse, or first: keep the first of an id. Without --out ids are not compared."
        ),
    ] = "refuse",
    evidence: Annotated[int, EVIDENCE] = 0,
    how: Annotated[str | None, FORMAT] = None,
    input_format: Annotated[str, INPUT_FORMAT] = "jsonl",
    quarantine: Annotated[Path | None, QUARANTINE] = None,
    shard_size: Annotated[int, typer.Option("--shard-size", help="Posts per shard.")] = 50_000,
    engine: Annotated[
        str,
        typer.Option("--engine", help="local (threads), processes, dask or spark; the results are the same."),
    ] = "local",
    workers: Annotated[
        int | None, typer.Option("--workers", help="Threads or processes; by default one for each core.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Of Dask, e.g. tcp://HOST:8786.", metavar="ADDRESS")
    ] = None,
    master: Annotated[
        str | None, typer.Option("--master", help="Of Spark, e.g. spark://HOST:7077.", metavar="URL")
    ] = None,
    unsafe_fs: Annotated[
        bool, typer.Option("--unsafe-fs", help="Accept a file system without locks or whole renames.")
    ] = False,
    allow_drift: Annotated[bool, DRIFT] = False,
    as_json: Annotated[bool, EVENTS] = False,
) -> None:
    """Score posts in shards; every row read is scored, abstained or quarantined."""
    from koudai.config.source import Columns
    from koudai.corpus.reading.reading import Reading
    from koudai.model.bundle.bundle import load_bundle
    from koudai.model.evidence import check_terms
    from koudai.scoring.engines import ENGINES, Settings
    from koudai.scoring.formats import check_format
    from koudai.scoring.job import run
    from koudai.scoring.plan import make_plan
    from koudai.scoring.results import write_scores

    reading = Reading(
        columns=Columns(id=id_column, text=text_column),
        keep=tuple(keep or ()),
        encoding=encoding,
        bad_bytes=on_bad_bytes,
    )
    if how is not None:
        check_format(how)
    check_terms(evidence)
    refuse_what_has_no_use(
        out,
        posts,
        duplicates=duplicates,
        quarantine=quarantine,
        engine=engine,
        scheduler=scheduler,
        master=master,
    )
    if out is None:
        stream(
            load_bundle(model, allow_drift=allow_drift),
            posts,
            reading,
            how=how or "jsonl",
            evidence=evidence,
            input_format=input_format,
            workers=workers,
            quarantine=quarantine,
            as_json=as_json,
        )
        return
    settings = Settings(model, allow_drift, workers=workers, scheduler=scheduler, master=master)
    with ENGINES[engine](settings) as chosen:
        loaded = load_bundle(model, allow_drift=allow_drift)
        plan = make_plan(
            posts, model=loaded.digest, reading=reading, duplicates=duplicates, evidence=evidence, shard_size=shard_size
        )
        progress = Events() if as_json else listener()
        totals = run(plan, loaded, out, bundle=model, engine=chosen, unsafe_fs=unsafe_fs, progress=progress)
    if how is not None:
        write_scores(out, how)
    if as_json:
        event("done", folder=str(out.resolve()), **totals.to_dict())
    else:
        _print_totals(totals, out)


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="Folder of a job.")],
    repair: Annotated[bool, typer.Option("--repair", help="Make what is damaged or missing anew.")] = False,
    model: Annotated[
        Path | None, typer.Option("--model", help="The bundle, for --repair; by default where it lay.")
    ] = None,
    allow_drift: Annotated[bool, DRIFT] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Check hashes and conservation of a scoring job."""
    from koudai.scoring.repair import repair as run_repair
    from koudai.scoring.results import verify as run_verify

    if repair:
        run_repair(folder, bundle=model, allow_drift=allow_drift, progress=listener())
    totals = run_verify(folder, progress=listener())
    if as_json:
        print_json({"folder": str(folder.resolve()), **totals.to_dict()})
    else:
        _print_totals(totals, folder)


def _print_totals(totals: Any, folder: Path) -> None:
    table(["alleged category", "posts"], [[key, totals.alleged[key]] for key in sorted(totals.alleged)])
    say(totals.line())
    say(f"job: {folder.resolve()}")
