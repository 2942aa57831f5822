"""The verbs about audits: demo, audit, render.

Promises: each verb parses, calls one function, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from koudai.cli.app import app
from koudai.cli.options import DATA, JSON, LANG, SET, folders, language, now, print_json
from koudai.cli.terminal import listener, say, table

if TYPE_CHECKING:
    from koudai.audit.comparison import AuditComparison
    from koudai.audit.report import AuditReport

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
    _, totals, page = run_demo(folder, lang=language(lang), created_at=now(), progress=listener())
    say(totals.line())
    say(f"page: {page.resolve()}")
    say("The posts were written for koudai: the page shows how it measures, not what is out there.")


@app.command()
def audit(
    config: Annotated[Path, typer.Argument(help="An audit config, e.g. configs/audit/demo.toml.")],
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
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Take every measure that the inputs allow; write report.json, report.html and tables of the figures."""
    from koudai.audit.audit import AuditSources, audit_to_folder
    from koudai.audit.frame import table_kinds, write_tables
    from koudai.config.audit import AuditConfig
    from koudai.config.load import load_config

    loaded = load_config(AuditConfig, config, overrides=tuple(set_))
    folder, kinds, first = out or Path("audits") / loaded.run.name, table_kinds(tables), language(lang)
    before = _earlier(against, config, loaded.run.taxonomy, other_taxonomy=other_taxonomy)
    report = audit_to_folder(
        loaded,
        AuditSources(config, model, scores, folders(data), texts=not no_texts),
        folder,
        created_at=now(),
        progress=listener(),
    )
    found = _compared(before, report, folder, other_taxonomy=other_taxonomy)
    _write_page(folder / "report.json", folder / "report.html", first, found)
    write_tables(report.frames, folder / "tables", kinds)
    if loaded.track.enabled:
        from koudai.audit.tracked import metrics_of, tags_of
        from koudai.training.tracking.runs import send_files

        send_files(
            [folder / "report.json", folder / "report.html"],
            loaded.track,
            run_name=loaded.run.name,
            metrics=metrics_of(report),
            tags=tags_of(report),
        )
    if as_json:
        print_json(report.to_json())
    else:
        for item in report.not_measured:
            say(f"not measured: {item.measure} (needs {', '.join(item.needs)})")
        _show(found)
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
    from koudai.audit.frame import table_kinds, write_tables
    from koudai.audit.report import load_report

    page, kinds, first = out or report.with_suffix(".html"), table_kinds(tables), language(lang)
    before = load_report(against) if against else None
    after = load_report(report)
    found = _compared(before, after, page.parent, other_taxonomy=other_taxonomy)
    _write_page(report, page, first, found)
    write_tables(after.frames, page.parent / "tables", kinds)
    _show(found)
    say(f"page: {page.resolve()}")


def _write_page(report: Path, page: Path, lang: str, against: AuditComparison | None) -> None:
    from koudai.audit.report import load_report
    from koudai.render.html import render_html
    from koudai.storage.durable import write_bytes

    with listener().stage("drawing the page", None):
        write_bytes(page, render_html(load_report(report), lang=lang, against=against).encode())


def _earlier(against: Path | None, config: Path, taxonomy: str, *, other_taxonomy: bool) -> AuditReport | None:
    """Return the audit to compare with; refuses one that cannot be, before an hour is spent on the other."""
    from koudai.audit.comparison import check_taxonomies
    from koudai.audit.report import load_report
    from koudai.config.places import configs_folder, find_taxonomy

    if against is None:
        return None
    before = load_report(against)
    if not other_taxonomy:
        check_taxonomies(before.taxonomy, find_taxonomy(taxonomy, configs=configs_folder(config)))
    return before


def _compared(
    before: AuditReport | None, after: AuditReport, folder: Path, *, other_taxonomy: bool
) -> AuditComparison | None:
    from koudai.audit.comparison import compare_reports
    from koudai.storage.durable import write_json

    if before is None:
        return None
    found = compare_reports(before, after, other_taxonomy=other_taxonomy)
    write_json(folder / "comparison.json", found.to_json())
    return found


def _show(found: AuditComparison | None) -> None:
    from koudai.audit.comparison import told_apart
    from koudai.render.beside import compared
    from koudai.render.tables import figure_text

    if found is None:
        return
    told = compared(found)
    rows = [
        [
            one.change.measure,
            *(("all" if name == "*" else name) for name in (one.change.after.category, one.change.after.group)),
            one.change.after.statistic,
            figure_text(one.change.before),
            figure_text(one.change.after),
            one.difference,
            {None: "", True: "apart", False: "overlap"}[one.change.apart],
        ]
        for one in told.moved[:_SHOWN]
    ]
    if rows:
        table(["measure", "alleged category", "group", "statistic", "before", "after", "change", "intervals"], rows)
    counts = {name: f"{count:,}" for name, count in told.counts.items()}
    say(
        "{both} figures in both, {differ} differ, {apart} of them with intervals apart; "
        "only before {before}, only after {after}".format(**counts)
    )
    say(f"{len(rows)} of them shown, largest first in widths of their intervals; all in comparison.json")
    for line in told_apart(found):
        say(line)
