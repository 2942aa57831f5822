"""The verbs about posts: score, verify.

Promises: each verb parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koudai import api
from koudai.api.warming import spare_compiling
from koudai.cli.app import DRIFT, JSON, OWN_PROCESS, app
from koudai.cli.streaming import (
    EVIDENCE,
    FORMAT,
    INPUT_FORMAT,
    QUARANTINE,
    QUARANTINED,
    QUOTING,
    STDIN,
    to_standard_output,
)
from koudai.cli.terminal import Events, event, listener, noticed_lines, print_json, say, shift_lines, table
from koudai.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from koudai.scoring.totals import Totals

EVENTS = typer.Option("--json", help="Print events, one JSON object per line; the last one holds the counts.")


@app.command()
def score(
    model: Annotated[Path, typer.Argument(help="A bundle.")],
    posts: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, globs, s3://…: Parquet, Arrow, CSV, TSV, JSON, JSONL or Excel, also gzip or zstd; "
            "- is standard input."
        ),
    ],
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            help="Folder of the job, or s3://bucket/key; the same command resumes it. Without it, rows go to standard "
            "output.",
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option("--layout", help="The tool that wrote the files, e.g. weibo-crawler: names id, text and date."),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option("--id-column", help="Where the id is [default: as in training, else post_id].", metavar="COLUMN"),
    ] = None,
    text_column: Annotated[
        list[str] | None,
        typer.Option(
            "--text-column",
            help="Where the text is [default: as in training, else text]; several are joined.",
            metavar="COLUMN",
        ),
    ] = None,
    number_rows: Annotated[
        bool, typer.Option("--number-rows", help="The rows have no id: make one of file name and line.")
    ] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", help="Copy this column (date, topic, outcome …) into the results.", metavar="COLUMN"),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            help="Read files as csv, tsv, jsonl, json, parquet, arrow, xlsx or txt (a post in each line), whatever "
            "their names say.",
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="Of CSV and JSONL, e.g. gb18030 [default: as in training, else utf-8]."),
    ] = None,
    on_bad_bytes: Annotated[str, typer.Option("--on-bad-bytes", help="refuse or quarantine.")] = "refuse",
    quoting: Annotated[str | None, QUOTING] = None,
    duplicates: Annotated[
        str,
        typer.Option(
            "--duplicates", help="refuse, or first: keep the first of an id. Without --out ids are not compared."
        ),
    ] = "refuse",
    evidence: Annotated[int, EVIDENCE] = 0,
    form: Annotated[str | None, FORMAT] = None,
    input_format: Annotated[str, INPUT_FORMAT] = "jsonl",
    quarantine: Annotated[Path | None, QUARANTINE] = None,
    quarantined: Annotated[float, QUARANTINED] = 0.1,
    shard_size: Annotated[int, typer.Option("--shard-size", help="Posts per shard.")] = 50_000,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            help="Who does the work, e.g. local (threads), processes, dask or spark; the results are the same.",
        ),
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
    if engine == "local" and OWN_PROCESS.get():
        spare_compiling(model, posts)
    named = {"id": id_column, "text": text_column or None}
    reading = api.Reading(
        columns=api.Columns.model_validate({name: column for name, column in named.items() if column is not None}),
        keep=tuple(keep or ()),
        encoding=encoding or "utf-8",
        bad_bytes=on_bad_bytes,
        number_rows=number_rows,
        quoting=quoting,
        kind=kind,
    )
    if layout is not None:
        reading = api.in_layout(layout, reading, model=model)
    elif STDIN not in posts:
        flags = {
            "columns": named["id"] or named["text"],
            "number_rows": number_rows or named["id"],
            "encoding": encoding,
            "quoting": quoting,
        }
        reading = api.as_trained(model, posts, reading=reading, said={name for name, flag in flags.items() if flag})
    settings = api.ScoreSettings(
        duplicates=duplicates,
        evidence=evidence,
        shard_size=shard_size,
        form=form,
        quarantined=quarantined,
        unsafe_fs=unsafe_fs,
        allow_drift=allow_drift,
    )
    choice = api.EngineChoice(engine, workers=workers, scheduler=scheduler, master=master)
    if out is None:
        if engine != "local":
            raise UsageError(what="--engine needs --out", got=engine, expected="rows stream through this process")
        totals = to_standard_output(
            lambda sources, sink: api.stream(
                model, sources, sink=sink, reading=reading, settings=settings, workers=workers
            ),
            posts,
            kind=kind,
            input_format=input_format,
            quarantine=quarantine,
            as_json=as_json,
        )
        settings.require_few(
            totals, where="standard input" if STDIN in posts else None, happened="all rows were written"
        )
        return
    if STDIN in posts:
        raise UsageError(
            what="standard input cannot be scored into a job",
            expected="files, which a job can go on with after a stop",
            todo="leave out --out, or write the posts to a file first",
        )
    if quarantine is not None:
        raise UsageError(what="--quarantine goes without --out", todo="see the folder quarantine of the job")
    progress = Events() if as_json else listener()
    totals = api.score(model, posts, out=out, reading=reading, settings=settings, engine=choice, progress=progress)
    if as_json:
        event("done", folder=_whole(out), **totals.to_dict())
    else:
        _print_totals(totals, out, api.validated_on(model))
    settings.require_few(totals, where=out, happened="the job is done: each row is in its shards or its quarantine")


@app.command()
def verify(
    folder: Annotated[str, typer.Argument(help="Folder of a job, or its s3://bucket/key.")],
    repair: Annotated[bool, typer.Option("--repair", help="Make what is damaged or missing anew.")] = False,
    model: Annotated[
        Path | None, typer.Option("--model", help="The bundle, for --repair; by default where it lay.")
    ] = None,
    allow_drift: Annotated[bool, DRIFT] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Check hashes and conservation of a scoring job."""
    totals = api.verify(folder, repair=repair, model=model, allow_drift=allow_drift, progress=listener())
    if as_json:
        print_json({"folder": _whole(folder), **totals.to_dict()})
    else:
        _print_totals(totals, folder)


def _print_totals(totals: Totals, folder: str, validated_on: Mapping[str, str] | None = None) -> None:
    """Print how many posts are alleged to be in each category, and what that was validated on where it is known."""
    header, keys = ["alleged category", "posts"], sorted(totals.alleged)
    if validated_on is None:
        table(header, [[key, totals.alleged[key]] for key in keys])
    else:
        rows = [[key, totals.alleged[key], validated_on.get(key, "none")] for key in keys]
        table([*header, "validated on"], rows)
    for line in noticed_lines(totals.noticed):
        say(line)
    for line in shift_lines(totals.shift):
        say(line)
    say(totals.told)
    say(f"job: {_whole(folder)}")


def _whole(folder: str) -> str:
    """Return where a job lies, from wherever one looks."""
    from koudai.storage.bucket import job_path

    return str(job_path(folder).resolve())
