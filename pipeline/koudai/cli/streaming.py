"""Scoring to standard output: the options of it, and what happens at the ends of a pipe.

Promises: rows and nothing else on standard output; all else on standard error; whoever stops listening ends it quietly.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from koudai.cli.language import spoken
from koudai.cli.terminal import event_line, for_terminal, noticed_lines, shift_lines, written
from koudai.errors import UsageError
from koudai.storage.durable import write_with

if TYPE_CHECKING:
    from koudai.corpus.reading.locations import Location
    from koudai.corpus.reading.posts import Quarantined
    from koudai.scoring.stream import Sink
    from koudai.scoring.totals import Totals

STDIN = "-"
EVIDENCE = typer.Option("--evidence", help="Also list the N terms that contributed most to each tag.", metavar="N")
FORMAT = typer.Option(
    "--format",
    help="csv, for people (what a spreadsheet could run is marked), or jsonl: of standard output, jsonl by default; "
    "with --out, of one file of all rows beside the shards.",
)
QUOTING = typer.Option(
    "--quoting",
    help="Of CSV and TSV: csv, quotes open and close cells, backslash, those inside stand behind one, as Spark writes, "
    "or none, they are letters [default: csv in CSV, none in TSV].",
)
INPUT_FORMAT = typer.Option("--input-format", help="What standard input holds: jsonl, csv or tsv.")
QUARANTINED = typer.Option(
    "--quarantined",
    help="Exit with 3, after all is written, if a larger share of the rows was quarantined.",
    metavar="SHARE",
)
QUARANTINE = typer.Option(
    "--quarantine", help="Without --out: write quarantined rows to this file, not to standard error.", metavar="FILE"
)


class ReaderGone(Exception):
    """Whoever read standard output has closed it."""


def to_standard_output(
    run: Callable[[list[Location], Sink], Totals],
    posts: list[str],
    *,
    kind: str | None,
    input_format: str,
    quarantine: Path | None,
    as_json: bool,
) -> Totals:
    """Stream rows to standard output; say what became of them on standard error.

    Parameters
    ----------
    run
        Scores the sources into the sink.
    posts
        As they stand on the command line.
    kind
        What files are read as, None as their names say.
    input_format
        What standard input holds.
    quarantine
        File for the quarantined rows, by default standard error.
    as_json
        Whether the counts are an event.

    Returns
    -------
    Totals
        Of nothing if whoever read standard output has closed it.
    """
    from koudai.scoring.stream import Sink
    from koudai.scoring.totals import Totals

    sources, totals = _sources(posts, kind, input_format), Totals()

    def stream(set_aside: Callable[[list[Quarantined]], None]) -> None:
        with contextlib.suppress(ReaderGone):
            found = run(sources, Sink(_write, set_aside))
            totals.add(found)
            totals.shift = found.shift
            told = [*noticed_lines(totals.noticed), *shift_lines(totals.shift), totals.told]
            sys.stderr.write(event_line("done", **totals.to_dict()) if as_json else "\n".join(map(spoken, told)) + "\n")

    if quarantine is None:
        stream(_told)
    else:
        write_with(quarantine, lambda path: _into(path, stream))
    return totals


def _sources(posts: list[str], kind: str | None, input_format: str) -> list[Location]:
    from koudai.corpus.reading.folders import find_post_files, warn_of_left_out
    from koudai.corpus.reading.pipe import KINDS, Pipe

    if STDIN not in posts:
        for folder in posts:
            warn_of_left_out(folder, kind=kind)
        return find_post_files(posts, kind=kind)
    if len(posts) > 1:
        raise UsageError(
            what="standard input cannot be scored together with files",
            got=" ".join(posts),
            todo="give - alone, or the files alone",
        )
    if kind is not None:
        raise UsageError(what="--kind is of files", got=kind, todo="say what standard input holds with --input-format")
    if input_format not in KINDS:
        raise UsageError(what="--input-format does not take this", got=input_format, expected=" or ".join(KINDS))
    return [Pipe(of=input_format)]


def _write(data: bytes) -> None:
    """Write to standard output, at once."""
    try:
        with written("rows before were written; the last ones may be cut"):
            sys.stdout.buffer.write(for_terminal(data) if sys.stdout.isatty() else data)
            sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def _told(rows: list[Quarantined]) -> None:
    for row in rows:
        sys.stderr.write(json.dumps({"quarantined": row.to_dict()}, ensure_ascii=False) + "\n")


def _into(path: Path, run: Callable[[Callable[[list[Quarantined]], None]], None]) -> None:
    """Let `run` set rows aside into the file at `path`, one JSON object per line."""
    with path.open("wb") as file:
        run(lambda rows: file.writelines(row.to_line() for row in rows))
