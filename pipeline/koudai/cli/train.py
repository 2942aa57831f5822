"""The verbs about models: check, train, inspect, explain, track.

Promises: each verb parses, calls one function, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koudai.cli.app import app
from koudai.cli.data import say_by_corpus, say_data
from koudai.cli.options import DATA, DRIFT, JSON, SET, folders, print_json
from koudai.cli.terminal import listener, say, table
from koudai.errors import UsageError, printable

if TYPE_CHECKING:
    from koudai.training.search.search import Found

_BEST = 10


@app.command()
def check(
    config: Annotated[Path, typer.Argument(help="A training config, e.g. configs/train/demo.toml.")],
    data: Annotated[Path | None, DATA] = None,
    set_: Annotated[list[str], SET] = [],  # noqa: B006  (typer reads the default; nothing changes it)
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List every problem of a training config and its corpora at once; write nothing."""
    from koudai.training.check import check as run_check

    problems, summary = run_check(config, overrides=tuple(set_), folders=folders(data), progress=listener())
    if as_json:
        print_json({"problems": [problem.message() for problem in problems], **(summary.to_json() if summary else {})})
    elif summary is not None:
        say(f"no problems: {summary.split.fit:,} posts to fit on, {summary.split.test:,} to test on")
        say_data(summary, summary.listed)
    for problem in problems:
        sys.stderr.write(problem.message() + "\n")
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
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Fit, calibrate and evaluate a model; save it as a bundle; tell MLflow."""
    from dataclasses import replace

    from koudai.audit.failures import known_failures
    from koudai.config.load import load_config
    from koudai.config.train import TrainConfig
    from koudai.model.bundle.markdown import shown
    from koudai.storage.durable import new_folder
    from koudai.training.prepare import prepare
    from koudai.training.search.objective import fit_part
    from koudai.training.search.search import beside
    from koudai.training.search.search import search as run_search
    from koudai.training.tracking.checkout import code_state
    from koudai.training.train import train as run_train

    loaded = load_config(TrainConfig, config, overrides=tuple(set_))
    code = code_state()
    folder = out or Path("models") / loaded.run.name
    if search_folder is not None and not search:
        raise UsageError(what="--search-folder goes with --search", got=search_folder, todo="add --search")
    prepared = prepare(loaded, config, folders=folders(data), progress=listener())
    seconds: dict[int, float] = {}
    summary = None
    if search:
        new_folder(folder)
        won = run_search(loaded, fit_part(prepared), search_folder or beside(folder), progress=listener())
        prepared = replace(prepared, config=won.config)
        seconds, summary = {trial.number: trial.seconds for trial in won.trials}, won.summary
        if not as_json:
            _show(won)
    trained = run_train(
        prepared,
        folder,
        probe=known_failures,
        search=summary,
        leave_one_source_out=leave_one_source_out,
        progress=listener(),
    )
    model, evaluation = trained.model, trained.evaluation
    if as_json:
        print_json({"bundle": str(folder.resolve()), "digest": model.digest, **evaluation.to_json()})
    else:
        rows = []
        for key in model.categories:
            cells: list[Any] = [key, model.validated_on[key]]
            for metric in ("f1", "macro_f1", "average_precision", "ece"):
                cells.append(shown(evaluation.categories[key].figure(metric)))
            rows.append([*cells, evaluation.categories[key].figure("f1").n])
        say_data(evaluation)
        say()
        table(["alleged category", "validated on", "F1", "macro-F1", "average precision", "ECE", "n"], rows)
        say_by_corpus(evaluation)
        for key, entry in evaluation.categories.items():
            for warning in entry.decided.warnings if entry.decided else ():
                say(printable(f"{key}: {warning}"))
        say(f"bundle: {folder.resolve()}  digest {model.digest}")
    if loaded.track.enabled:
        _tell(folder, loaded.track, code, seconds=seconds, quiet=as_json)


def _show(found: Found) -> None:
    """Print the best trials, and the winner's settings ready to be pasted into a config."""
    names = sorted({name for trial in found.trials for name in trial.settings})
    rows: list[list[Any]] = [
        [trial.number, f"{trial.value:.4f}", *(json.dumps(trial.settings.get(name, "")).strip('"') for name in names)]
        for trial in found.ranked()[:_BEST]
    ]
    table(["trial", found.summary.metric, *names], rows)
    say(f"{found.summary.trials} trials, {found.summary.failed} of them failed; trial 0 is the config as it was")
    say(f"the best, out of fold (so optimistic), is trial {found.best.number}:\n\n{found.toml}\n")


def _tell(
    folder: Path,
    section: Any,
    code: dict[str, str] | None = None,
    *,
    seconds: Mapping[int, float] | None = None,
    quiet: bool = False,
) -> None:
    with listener().stage("telling MLflow", None):
        from koudai.training.tracking.runs import send

        run = send(folder, section, code=code, seconds=seconds or {})
    if not quiet:
        say(f"tracked: run {run.run_id}, model {run.model}@candidate, version {run.version}")


@app.command()
def inspect(
    model: Annotated[Path, typer.Argument(help="A bundle.")],
    top: Annotated[int, typer.Option("--top", help="Terms per category.", min=1)] = 12,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Show what a bundle says of itself, without building it: card, categories, top terms, what it was validated on."""
    from koudai.model.bundle.inspection import inspect_bundle

    found = inspect_bundle(model, top=top)
    if as_json:
        print_json(found)
        return
    say(found["card"])
    say(f"Digest of the bundle: {found['digest']}\n")
    say("## Terms with the largest weights (characters between ‹›)\n")
    table(
        ["category", "threshold", "terms"],
        [
            [key, f"{one['threshold']:.3f}", " ".join(term for term, _ in one["terms"])]
            for key, one in found["categories"].items()
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
    from koudai.model.bundle.bundle import load_bundle
    from koudai.model.scorer import contributions, score

    loaded = load_bundle(model, allow_drift=allow_drift)
    found = contributions(loaded, text)
    scored = score(loaded, ["post"], [text])
    if as_json:
        print_json(
            {
                "alleged": scored.tags()[0],
                "reason": scored.reasons()[0],
                "hazards": scored.hazard_names()[0],
                "categories": found,
            }
        )
        return
    silent = scored.reasons()[0]
    say(f"alleged: {', '.join(scored.tags()[0]) or 'nothing'}" + f"  (silent: {silent})" * bool(silent))
    rows = [
        [
            one["category"],
            "-" if one["probability"] is None else f"{one['probability']:.3f}",
            f"{one['base']:+.2f}",
            "  ".join(f"{term} {added:+.2f}" for term, added in one["terms"][:top]),
        ]
        for one in sorted(found, key=lambda one: -(one["probability"] or 0.0))
    ]
    table(["category", "p", "base", "terms and the log-odds they add"], rows)


@app.command()
def track(
    folder: Annotated[Path, typer.Argument(help="A bundle whose run MLflow does not know of yet.")],
    uri: Annotated[
        str | None, typer.Option("--uri", help="Tracking address [default: what the bundle's config says].")
    ] = None,
) -> None:
    """Tell MLflow of a bundle, for instance after tracking was down."""
    from koudai.training.tracking.address import section_of

    _tell(folder, section_of(folder, uri=uri))
