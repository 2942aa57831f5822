"""The verbs about models: check, train, inspect, explain, track.

Promises: each verb parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koudai import api
from koudai.api.warming import spare_compiling
from koudai.cli.app import DATA, DRIFT, JSON, OVERWRITE, OWN_PROCESS, SET, app, in_words
from koudai.cli.data import say_audit, say_by_corpus, say_data
from koudai.cli.terminal import listener, print_json, say, show, table
from koudai.config.kind import is_audit
from koudai.errors import NotTracked, UsageError, printable

if TYPE_CHECKING:
    from koudai.training.search.search import SearchResult
    from koudai.training.tracking.runs import Tracked

_BEST = 10


@app.command()
def check(
    config: Annotated[Path, typer.Argument(help="A training config or an audit config.")],
    model: Annotated[Path | None, typer.Option("--model", help="Of an audit: before what the config says.")] = None,
    scores: Annotated[Path | None, typer.Option("--scores", help="Of an audit: before what the config says.")] = None,
    data: Annotated[Path | None, DATA] = None,
    set_: Annotated[list[str], SET] = [],  # noqa: B006  (typer reads the default; nothing changes it)
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List every problem of a training or an audit config and its inputs at once; write nothing."""
    if model or scores or is_audit(config):
        settings = api.AuditSettings(tuple(set_), data)
        problems, audited = api.check_audit(config, model=model, scores=scores, settings=settings, progress=listener())
        told = audited.to_json() if audited else {}
        if audited is not None and not as_json:
            say_audit(audited)
    else:
        problems, summary = api.check(config, overrides=set_, data=data, progress=listener())
        told = summary.to_json() if summary else {}
        if summary is not None and not as_json:
            say(f"no problems: {summary.split.fit:,} posts to fit on, {summary.split.test:,} to test on")
            say_data(summary, summary.listed)
    if as_json:
        print_json({"problems": [problem.message() for problem in problems], **told})
    for problem in problems:
        sys.stderr.write(in_words(problem, verb="check") + "\n")
    if problems:
        raise typer.Exit(max(problem.exit_code for problem in problems))


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="A training config, e.g. configs/train/demo.toml.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the bundle [default: models/<run.name>].")
    ] = None,
    data: Annotated[Path | None, DATA] = None,
    set_: Annotated[list[str], SET] = [],  # noqa: B006  (as above)
    search: Annotated[
        bool, typer.Option("--search", help="First look for settings, out of fold on the posts to fit on alone.")
    ] = False,
    search_folder: Annotated[
        Path | None, typer.Option("--search-folder", help="Where trials are kept [default: OUT.search].", metavar="DIR")
    ] = None,
    leave_one_source_out: Annotated[
        bool,
        typer.Option(
            "--leave-one-source-out",
            help="Also fit on each corpus, and on all but each, and test on each: how far does it carry?",
        ),
    ] = False,
    overwrite: Annotated[bool, OVERWRITE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Fit, calibrate and evaluate a model; save it as a bundle; log it to MLflow."""
    if search_folder is not None and not search:
        raise UsageError(what="--search-folder goes with --search", got=search_folder, todo="add --search")
    trained = api.train(
        config,
        out=api.Overwrite(out) if overwrite else out,
        overrides=set_,
        data=data,
        search=search_folder or search,
        leave_one_source_out=leave_one_source_out,
        progress=listener(),
    )
    if as_json:
        print_json({"bundle": str(trained.bundle.resolve()), "digest": trained.digest, **trained.evaluation.to_json()})
    else:
        if trained.search is not None:
            _show(trained.search)
        _print_figures(trained)
    if isinstance(trained.tracked, NotTracked):
        raise trained.tracked
    if trained.tracked is not None and not as_json:
        _print_run(trained.tracked)


def _print_figures(trained: api.TrainedModel) -> None:
    from koudai.model.bundle.markdown import with_interval

    model, evaluation = trained.model, trained.evaluation
    rows = []
    for key in model.categories:
        cells: list[Any] = [key, model.validated_on[key]]
        for metric in ("f1", "macro_f1", "average_precision", "ece", "calibration_error"):
            cells.append(with_interval(evaluation.categories[key].figure(metric)))
        rows.append([*cells, evaluation.categories[key].figure("f1").n])
    say_data(evaluation)
    say()
    table(
        ["alleged category", "validated on", "F1", "macro-F1", "average precision", "ECE", "calibration error", "n"],
        rows,
    )
    say_by_corpus(evaluation)
    for key, entry in evaluation.categories.items():
        for warning in entry.decided.warnings if entry.decided else ():
            say(printable(f"{key}: {warning}"))
    say(f"bundle: {trained.bundle.resolve()}  digest {trained.digest}")


def _show(found: SearchResult) -> None:
    """Print the best trials, and the winner's settings ready to be pasted into a config."""
    names = sorted({name for trial in found.trials for name in trial.settings})
    rows: list[list[Any]] = [
        [trial.number, f"{trial.value:.4f}", *(json.dumps(trial.settings.get(name, "")).strip('"') for name in names)]
        for trial in found.ranked()[:_BEST]
    ]
    table(["trial", found.summary.metric, *names], rows)
    say(f"{found.summary.trials} trials, {found.summary.failed} of them failed; trial 0 is the config as it was")
    say(f"the best, out of fold (so optimistic), is trial {found.best.number}:\n\n{found.toml}\n")


def _print_run(run: Tracked) -> None:
    say(f"tracked: run {run.run_id}, model {run.model}@candidate, version {run.version}")


@app.command()
def inspect(
    model: Annotated[Path, typer.Argument(help="A bundle.")],
    top: Annotated[int, typer.Option("--top", help="Terms per category.", min=1)] = 12,
    contacts: Annotated[bool, typer.Option("--contacts", help="Show which terms hold a contact, and no card.")] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Show the card, the categories and the top terms of a bundle, without building the model."""
    found = api.inspect(model, top=top, contacts=contacts)
    if as_json:
        print_json(found.to_json())
        return
    if contacts:
        say(f"{len(found.contacts):,} of {found.features:,} terms hold a contact")
        table(["term", "kind"], [list(pair) for pair in found.contacts])
        return
    show(found.card)
    say(f"Digest of the bundle: {found.digest}\n")
    if found.fitted is not None:
        say(f"Kept of {found.fitted.posts:,} posts fitted on: {found.fitted.hashes:,} salted hashes, no text\n")
    say("## Terms with the largest weights (characters between ‹›)\n")
    table(
        ["category", "threshold", "terms"],
        [
            [key, f"{one.threshold:.3f}", " ".join(weighed.term for weighed in one.terms)]
            for key, one in found.categories.items()
        ],
    )


@app.command()
def explain(
    model: Annotated[Path, typer.Argument(help="A bundle.")],
    text: Annotated[str, typer.Option("--text", help="The post.")],
    top: Annotated[int, typer.Option("--top", help="Terms per category.", min=1)] = 8,
    allow_drift: Annotated[bool, DRIFT] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Show the exact contribution of each term of one post to each alleged tag, in log-odds."""
    if OWN_PROCESS.get():
        spare_compiling(model, [])
    found = api.explain(model, text, allow_drift=allow_drift)
    if as_json:
        print_json(found.to_json())
        return
    say(f"alleged: {', '.join(found.alleged) or 'nothing'}" + f"  (silent: {found.reason})" * bool(found.reason))
    rows = [
        [
            one.category,
            "-" if one.probability is None else f"{one.probability:.3f}",
            f"{one.base:+.2f}",
            "  ".join(f"{term} {added:+.2f}" for term, added in one.terms[:top]),
        ]
        for one in sorted(found.categories, key=lambda one: -(one.probability or 0.0))
    ]
    table(["category", "p", "base", "terms and the log-odds they add"], rows)


@app.command()
def track(
    folder: Annotated[Path, typer.Argument(help="A bundle whose run MLflow does not know of yet.")],
    uri: Annotated[
        str | None, typer.Option("--uri", help="Tracking address [default: what the bundle's config says].")
    ] = None,
) -> None:
    """Log a bundle to MLflow, for instance after tracking was down."""
    _print_run(api.track(folder, uri=uri, progress=listener()))
