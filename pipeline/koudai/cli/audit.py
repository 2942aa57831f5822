"""The verbs about audits: demo, audit, render.

Promises: each verb parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koudai import api
from koudai.cli.app import DATA, JSON, LANG, OVERWRITE, SET, app
from koudai.cli.terminal import in_page_words, listener, print_json, say, table
from koudai.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from koudai.audit.comparison import AuditComparison
    from koudai.audit.frame import AuditFrame

TABLES = typer.Option(
    "--tables", help="Figures of each measure in tables/, beside the page: csv, parquet, both or none.", metavar="KIND"
)
AGAINST = typer.Option(
    "--against", help="The report.json of another audit: what changed since, on the terminal and in comparison.json."
)
OTHER_TAXONOMY = typer.Option("--other-taxonomy", help="Compare although the other audit has another taxonomy.")
_SHOWN = 20


@app.command()
def demo(
    out: Annotated[Path | None, typer.Option("--out", help="A new or empty folder [default: demo, demo-2, …].")] = None,
    lang: Annotated[str, LANG] = "en",
) -> None:
    """Train on the bundled posts, score unseen ones, audit them, and say where the page is."""
    from koudai.demo import free_folder, run_demo

    folder = out or free_folder(Path("demo"))
    found = run_demo(folder, lang=lang, progress=listener())
    say(found.totals.line())
    say(f"page: {found.page.resolve()}")
    say("The posts were written for koudai: the page shows how it measures, not what is out there.")


@app.command()
def audit(
    config: Annotated[
        Path | None,
        typer.Argument(
            help="An audit config, e.g. configs/audit/demo.toml; without one a model and its scores alone are audited."
        ),
    ] = None,
    model: Annotated[Path | None, typer.Option("--model", help="A bundle; before what the config says.")] = None,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="Folder of a job; before what the config says.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the report [default: audits/<run.name>].")
    ] = None,
    data: Annotated[Path | None, DATA] = None,
    set_: Annotated[list[str], SET] = [],  # noqa: B006  (as above)
    no_texts: Annotated[bool, typer.Option("--no-texts", help="Do not read the posts again; quote none.")] = False,
    tables: Annotated[str, TABLES] = "both",
    against: Annotated[Path | None, AGAINST] = None,
    other_taxonomy: Annotated[bool, OTHER_TAXONOMY] = False,
    lang: Annotated[str, LANG] = "en",
    overwrite: Annotated[bool, OVERWRITE] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Take every measure that the inputs allow; write report.json, report.html and tables of the figures."""
    view = api.PageSettings(lang, tables, against, other_taxonomy)
    report = api.audit(
        config or {"run": {"name": "audit"}},
        model=model,
        scores=scores,
        out=api.Overwrite(out) if overwrite else out,
        settings=api.AuditSettings(tuple(set_), data, texts=not no_texts),
        page=view,
        progress=listener(),
    )
    if as_json:
        print_json(report.to_json())
        return
    for line in _seen_lines(report.provenance.get("seen")):
        say(line)
    for line in _unestimated_lines(report.frames.values()):
        say(line)
    for item in report.not_measured:
        say(f"not measured: {item.measure} (needs {in_page_words(item.needs)})")
    if against is not None:
        _show(api.compare_audits(against, report, other_taxonomy=other_taxonomy))
    folder = out or Path("audits") / report.provenance["name"]
    say(f"page: {(folder / 'report.html').resolve()}")


@app.command()
def render(
    report: Annotated[Path, typer.Argument(help="A report.json.")],
    out: Annotated[Path | None, typer.Option("--out", help="The page [default: beside report.json].")] = None,
    tables: Annotated[str, TABLES] = "none",
    against: Annotated[Path | None, AGAINST] = None,
    other_taxonomy: Annotated[bool, OTHER_TAXONOMY] = False,
    lang: Annotated[str, LANG] = "en",
) -> None:
    """Draw the page of an audit again from its report.json; with --against, compare two audits."""
    view = api.PageSettings(lang, tables, against, other_taxonomy)
    page = api.render(report, out=out, page=view, progress=listener())
    if against is not None:
        _show(api.compare_audits(against, report, other_taxonomy=other_taxonomy))
    say(f"page: {page.resolve()}")


def _unestimated_lines(frames: Iterable[AuditFrame]) -> list[str]:
    """Return a line for each category of a sample whose labels give no estimate."""
    figures = [figure for frame in frames if frame.measure == "prevalence" for figure in frame.figures]
    drawn = {figure.category: figure.n for figure in figures if figure.statistic == "labelled"}
    return [
        f"prevalence of {printable(one.category)}: no estimate, since a stratum of the sample has no label "
        f"({one.n:,} of {drawn.get(one.category, 0):,} rows are labelled; label the others)"
        for one in figures
        if (one.group, one.statistic, one.value) == ("design", "prevalence", None)
    ]


def _seen_lines(found: object) -> list[str]:
    """Return what is said of posts that the model was fitted on."""
    from koudai.audit.provenance import seen_posts

    told = seen_posts(found)
    if told is None:
        return []
    if not told.known:
        return ["fitted on: not known; figures that judge the model may rest on posts that it was fitted on"]
    lines = []
    if told.scored_of:
        lines.append(f"fitted on: {told.scored:,} of {told.scored_of:,} scored posts")
    if told.labelled_of:
        of = ", ".join(told.left_out_of)
        lines.append(
            f"fitted on: {told.labelled:,} of {told.labelled_of:,} labelled posts" + (f"; left out of {of}" * bool(of))
        )
    return lines


def _show(found: AuditComparison) -> None:
    from koudai.audit.comparison import told_same
    from koudai.render.against import comparison_view
    from koudai.render.tables import figure_text

    told = comparison_view(found)
    rows = [
        [
            one.change.measure,
            *(("all" if name == "*" else name) for name in (one.after.category, one.after.group)),
            one.after.statistic,
            figure_text(one.before),
            figure_text(one.after),
            one.difference,
            one.tested,
            "" if one.change.moved is None else one.change.moved.test,
        ]
        for one in told.moved[:_SHOWN]
    ]
    if rows:
        table(["measure", "alleged category", "group", "statistic", "before", "after", "change", "p", "test"], rows)
    counts = {name: f"{count:,}" for name, count in told.counts.items()}
    say(
        "{both} figures in both, {differ} differ; {tested} tested, {found} beyond chance (5 %, Holm); "
        "only before {before}, only after {after}".format(**counts)
    )
    say(
        f"{len(rows)} of them shown, largest first in standard errors; p is Holm's over all that were tested; "
        "all in comparison.json"
    )
    for line in told_same(found):
        say(line)
