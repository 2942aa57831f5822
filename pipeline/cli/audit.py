"""The verbs about audits: demo, audit, render.

Promises: each verb parses, calls one function, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.app import app
from pipeline.cli.options import DATA, JSON, LANG, SET, folders, language, now, print_json
from pipeline.cli.terminal import listener, say


@app.command()
def demo(
    out: Annotated[Path | None, typer.Option("--out", help="A new or empty folder [default: demo, demo-2, …].")] = None,
    lang: Annotated[str, LANG] = "en",
) -> None:
    """Train on the bundled posts, score unseen ones, audit them, and say where the page is."""
    from pipeline.demo import free_folder, run_demo

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
    lang: Annotated[str, LANG] = "en",
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Take every measure that the inputs allow; write report.json and report.html."""
    from pipeline.audit.run import audit_to_folder
    from pipeline.config import AuditConfig, load_config

    loaded = load_config(AuditConfig, config, overrides=tuple(set_))
    folder = out or Path("audits") / loaded.run.name
    report = audit_to_folder(
        loaded,
        config,
        folder,
        model=model,
        scores=scores,
        folders=folders(data),
        texts=not no_texts,
        created_at=now(),
        progress=listener(),
    )
    _write_page(folder / "report.json", folder / "report.html", language(lang))
    if loaded.track.enabled:
        from pipeline.training.tracking.runs import send_files

        send_files([folder / "report.json", folder / "report.html"], loaded.track, run_name=loaded.run.name)
    if as_json:
        print_json(report.to_json())
    else:
        for item in report.not_measured:
            say(f"not measured: {item.measure} (needs {', '.join(item.needs)})")
        say(f"page: {(folder / 'report.html').resolve()}")


@app.command()
def render(
    report: Annotated[Path, typer.Argument(help="A report.json.")],
    out: Annotated[Path | None, typer.Option("--out", help="The page [default: beside report.json].")] = None,
    lang: Annotated[str, LANG] = "en",
) -> None:
    """Draw the page of an audit again from its report.json."""
    page = out or report.with_suffix(".html")
    _write_page(report, page, language(lang))
    say(f"page: {page.resolve()}")


def _write_page(report: Path, page: Path, lang: str) -> None:
    from pipeline.audit.report import load_report
    from pipeline.durable import write_bytes
    from pipeline.render.html import render_html

    with listener().stage("drawing the page", None):
        write_bytes(page, render_html(load_report(report), lang=lang).encode())
