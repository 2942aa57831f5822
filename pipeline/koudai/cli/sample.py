"""The verb that draws posts to be labelled: sample.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs; no file is
overwritten.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koudai import api
from koudai.cli.app import DATA, JSON, app
from koudai.cli.terminal import listener, print_json, say, show, table
from koudai.errors import UsageError

if TYPE_CHECKING:
    from koudai.audit.sample.design import DrawnSample

N, SEED = 400, 20230310


@app.command()
def sample(
    scores: Annotated[
        Path, typer.Argument(help="Folder of a finished job, or an audit config with the [table] of another model.")
    ],
    n: Annotated[int, typer.Option("--n", help="Posts to draw.", min=1)] = N,
    out: Annotated[
        Path | None, typer.Option("--out", help="The sample; FILE.manifest.json is written beside it.", metavar="FILE")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category", help="Ask for labels of this category; may be given often; all unless named.", metavar="KEY"
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="csv, xlsx or label-studio [default: as the name ends: .xlsx, .json, else csv]."),
    ] = None,
    double: Annotated[
        int,
        typer.Option(
            "--double",
            help="Posts of the sample that further annotators label too, so that it is known how often people err; "
            "their sheet lies beside it, as sample.double.csv.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    gold: Annotated[
        int,
        typer.Option(
            "--gold",
            help="Posts of the sample that are adjudicated; their sheet lies beside it, as sample.gold.csv.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Of the draw.", min=0)] = SEED,
    flagged: Annotated[
        bool,
        typer.Option(
            "--flagged",
            help="Draw labels to be looked at again, those that words contradict and others; SCORES is an audit config "
            "with [[corpus]], and one --category is named.",
        ),
    ] = False,
    first: Annotated[
        list[Path] | None,
        typer.Option(
            "--continue",
            help="Draw a second wave, where the labels of this sheet of the first say that they tell most.",
            metavar="SHEET",
        ),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Draw nothing: tell how wide intervals will be with 50 to 5,000 labels, the best case, since the "
            "scores are taken for right: they are wider if the model errs; --out FILE.svg draws it.",
        ),
    ] = False,
    difference: Annotated[
        float | None,
        typer.Option(
            "--difference",
            help="With --plan: the difference of two halves of the posts whose power is told [default: 0.05].",
        ),
    ] = None,
    data: Annotated[Path | None, DATA] = None,
    no_redact: Annotated[
        bool, typer.Option("--no-redact", help="Leave account names and contact details in the texts.")
    ] = False,
    show_label_config: Annotated[
        bool, typer.Option("--label-config", help="Print Label Studio's labelling interface; without --out only that.")
    ] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Draw a probability sample of posts to be labelled, stratified by tag and score; or of labels to be checked."""
    if difference is not None and not plan:
        raise UsageError(what="--difference goes with --plan", got=f"{difference:g}")
    if plan:
        if flagged:
            raise UsageError(what="--plan is about scored posts, not about --flagged labels")
        if first or double or gold or form or data or no_redact or show_label_config or (n, seed) != (N, SEED):
            raise UsageError(
                what="--plan draws nothing, and tells of samples of 50 to 5,000 posts",
                got="--plan with another option",
                expected="--plan with --category, --difference, --out and --json alone",
            )
        _plan(scores, out, tuple(category or ()), 0.05 if difference is None else difference, as_json=as_json)
        return
    if first:
        if flagged or category or double or gold or show_label_config or no_redact:
            raise UsageError(
                what="a second wave has the categories and the form of texts of the first, and no sheets beside it",
                got="--continue with another option",
                expected="--continue with --n, --out, --format and --seed alone",
            )
        if out is None:
            raise UsageError(what="where shall the sample go?", expected="--out FILE")
        drawn = api.continue_sample(scores, first, n=n, out=out, seed=seed, form=form, progress=listener())
        _second_wave(drawn, first, out, as_json=as_json)
        return
    if out is None and not show_label_config:
        raise UsageError(what="where shall the sample go?", expected="--out FILE")
    sheet, categories = api.SheetSettings(form, not no_redact, double, gold), tuple(category or ())
    if flagged:
        if len(categories) > 1:
            raise UsageError(what="--flagged is about the labels of one category", got=", ".join(categories))
        which = api.FlaggedDraw(next(iter(categories), None), n, seed, data)
        drawn = api.sample_flagged(scores, which, out=out, sheet=sheet, progress=listener())
    else:
        drawn = api.sample(scores, n=n, out=out, categories=categories, seed=seed, sheet=sheet, progress=listener())
    manifest = drawn.manifest
    if show_label_config:
        from koudai.audit.sample.sheet import label_config

        show(label_config(manifest.categories, drawn.taxonomy).rstrip())
    elif as_json:
        print_json(manifest.to_json())
    elif out is not None:
        table(
            ["stratum", "posts", "drawn", "inclusion probability"],
            [[one.name, one.size, one.drawn, f"{one.probability:.4g}"] for one in manifest.strata],
        )
        from koudai.audit.sample.sheet import AGAIN, again_path, manifest_path

        posts = f"{sum(one.size for one in manifest.strata):,}"
        aside = f" posts; quarantined, never scored: {drawn.quarantined:,}"
        say(
            f"drawn {len(manifest.rows):,} of {posts}"
            + (f" labels of {', '.join(manifest.categories)}" if flagged else aside)
        )
        say(f"sample: {out.resolve()}")
        again = {name: (again_path(out, name), rows) for name in AGAIN if (rows := getattr(manifest, name))}
        for name, (path, rows) in again.items():
            say(f"{name}, {len(rows):,} of them: {path.resolve()}")
        say(f"manifest: {manifest_path(out).resolve()}")
        say(f"what comes back goes into an audit config:\n\n[{'[relabelled]' if flagged else 'sample'}]")
        show(f"manifest = {json.dumps(manifest_path(out).name, ensure_ascii=False)}")
        labelled = [out.name, *(path.name for name, (path, _) in again.items() if name != "gold")]
        show(f"labels = {json.dumps(labelled, ensure_ascii=False)}")
        if "gold" in again:
            show(f"gold = {json.dumps(again['gold'][0].name, ensure_ascii=False)}")


def _second_wave(drawn: DrawnSample, labelled: list[Path], out: Path, *, as_json: bool) -> None:
    from koudai.audit.sample.sheet import AGAIN, again_path, manifest_path

    manifest = drawn.manifest
    if as_json:
        print_json(manifest.to_json())
        return
    assert manifest.first is not None
    table(
        ["stratum", "posts", "first wave", "second wave", "inclusion probability"],
        [
            [one.name, one.size, early, one.drawn - early, f"{one.probability:.4g}"]
            for one, early in zip(manifest.strata, manifest.first.drawn, strict=True)
        ],
    )
    say(f"drawn {len(manifest.rows) - manifest.first.rows:,} more, {len(manifest.rows):,} in both waves")
    say(f"sample: {out.resolve()}")
    say(f"manifest: {manifest_path(out).resolve()}")
    say("what comes back goes into an audit config:\n\n[sample]")
    show(f"manifest = {json.dumps(manifest_path(out).name, ensure_ascii=False)}")
    beside = {name: again_path(labelled[0], name) for name in AGAIN if getattr(manifest, name)}
    again = {name: path.name for name, path in beside.items() if path.is_file()}
    names = [path.name for path in labelled] + [name for which, name in again.items() if which != "gold"]
    show(f"labels = {json.dumps([*dict.fromkeys(names), out.name], ensure_ascii=False)}")
    if "gold" in again:
        show(f"gold = {json.dumps(again['gold'], ensure_ascii=False)}")


def _plan(scores: Path, out: Path | None, categories: tuple[str, ...], difference: float, *, as_json: bool) -> None:
    found = api.plan_sample(scores, categories=categories, difference=difference, out=out, progress=listener())
    if as_json:
        print_json([vars(one) for one in found])
        return
    table(
        ["category", "labels", "expected share", "half-width", "in 8 of 10 samples", "power"],
        [
            [
                one.category,
                one.n,
                f"{one.share:.4f}",
                f"{one.half_width:.4f}",
                f"{one.least:.4f}-{one.most:.4f}",
                f"{one.power:.2f}",
            ]
            for one in found
        ],
    )
    say(f"power: for a difference of {difference:g} between two halves of the posts, each with half of the labels")
    say("all this takes the scores for right: a model that is too sure promises too narrow intervals")
    if out is not None:
        say(f"chart: {out.resolve()}")
