"""The verbs about audits: audit, render, compare two audits.

Promises: the page is drawn from the report in memory; a comparison that cannot be made is refused before anything is
measured. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.api.models import bundle_of
from koudai.api.surroundings import AnyPath, Overwrite, data_folders, now, output_of
from koudai.api.trained_model import AnyModel
from koudai.errors import KoudaiError, UsageError
from koudai.progress import Progress, Silent

if TYPE_CHECKING:
    from koudai.audit.audit import AuditSources
    from koudai.audit.check import AuditSummary
    from koudai.audit.comparison import AuditComparison
    from koudai.audit.report import AuditReport
    from koudai.config.audit import AuditConfig

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class AuditSettings:
    """Settings of an audit beside its config.

    Parameters
    ----------
    overrides
        Settings that come before the config's, each ``section.field=value``.
    data
        Folder where corpora lie; comes before ``$KOUDAI_DATA`` and ``data``.
    texts
        Whether the posts are read again; without them none is quoted.
    created_at
        Date and time that the report carries; by default now.

    Examples
    --------
    >>> AuditSettings(overrides=("run.measures=['coverage']",)).texts
    True
    """

    overrides: Sequence[str] = ()
    data: AnyPath | None = None
    texts: bool = True
    created_at: str | None = None


@dataclass(frozen=True)
class PageSettings:
    """What is written to the folder of a report beside the report.

    Parameters
    ----------
    lang
        Language that the page opens in, ``"en"`` or ``"zh"``; both are in it.
    tables
        Figures of each measure as ``"csv"``, ``"parquet"``, ``"both"`` or ``"none"``.
    against
        An earlier audit: what changed since is on the page, and in ``comparison.json``.
    other_taxonomy
        Whether it is compared although it has another taxonomy.

    Raises
    ------
    UsageError
        If a setting is none of these.

    Examples
    --------
    >>> PageSettings(lang="zh").tables
    'none'
    """

    lang: str = "en"
    tables: str = "none"
    against: AuditReport | AnyPath | None = None
    other_taxonomy: bool = False

    def __post_init__(self) -> None:
        from koudai.audit.frame import table_kinds

        table_kinds(self.tables)
        if self.lang not in LANGUAGES:
            raise UsageError(what="unknown language", got=self.lang, expected=" or ".join(LANGUAGES))


def audit(
    config: AnyPath | Mapping[str, Any] | AuditConfig,
    *,
    model: AnyModel | None = None,
    scores: AnyPath | None = None,
    out: AnyPath | Overwrite | None = None,
    settings: AuditSettings | None = None,
    page: PageSettings | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Take every measure for which there are inputs, and write the report with its page to a folder.

    Parameters
    ----------
    config
        An audit config.
    model, scores
        A model and the folder of the job that it scored; come before what the config says.
    out
        A new or empty folder for ``report.json``, ``report.html`` and the rest, unless `Overwrite` says that a report
        there is replaced; by default ``audits/<run.name>``.
    settings
        Overrides, folder of corpora, and the date of the report.
    page
        What goes into the folder beside the report.
    progress
        Progress callback.

    Returns
    -------
    AuditReport

    Raises
    ------
    ConfigError, ReadError, LabelError, ModelError, ScoresMismatch, JobUnfinished
        If the config, an input, the model or the scores cannot be used.
    StorageError
        If the folder is not empty, or cannot be written.
    NotTracked
        If the config says to track and MLflow could not be told; the folder is whole.

    Examples
    --------
    >>> from koudai import api
    >>> report = api.audit("audit.toml", model="model", scores="job", out="report")
    >>> report.conservation["read"]
    3
    """
    from koudai.audit.audit import audit_to_folder
    from koudai.config.audit import AuditConfig
    from koudai.config.load import read_config
    from koudai.storage.bucket import require_on_disk

    settings, page = settings or AuditSettings(), page or PageSettings()
    loaded, file = read_config(AuditConfig, config, overrides=tuple(settings.overrides))
    named, overwrite = output_of(out)
    folder = require_on_disk(named) if named is not None else Path("audits") / loaded.run.name
    sources = _sources(loaded, file, model, scores, settings)
    before = _earlier(page, loaded, sources)
    report = audit_to_folder(
        loaded,
        sources,
        folder,
        created_at=settings.created_at or now(),
        overwrite=overwrite,
        progress=progress,
    )
    _write_views(report, before, folder / "report.html", page, progress)
    if loaded.track.enabled:
        from koudai.audit.tracked import metrics_of, tags_of
        from koudai.training.tracking import runs

        runs.send_files(
            [folder / "report.json", folder / "report.html"],
            loaded.track,
            run_name=loaded.run.name,
            metrics=metrics_of(report),
            tags=tags_of(report),
        )
    return report


def check_audit(
    config: AnyPath | Mapping[str, Any] | AuditConfig,
    *,
    model: AnyModel | None = None,
    scores: AnyPath | None = None,
    settings: AuditSettings | None = None,
    progress: Progress | None = None,
) -> tuple[list[KoudaiError], AuditSummary | None]:
    """List every problem of an audit config and its inputs at once; measure and write nothing.

    Parameters
    ----------
    config, model, scores, settings, progress
        As for `audit`.

    Returns
    -------
    problems
        All of them; empty if the audit can be taken.
    summary
        What it would look at, and which measures would be taken; None if there are problems.

    Examples
    --------
    >>> from koudai import api
    >>> problems, summary = api.check_audit("audit.toml", model="model", scores="job")
    >>> problems, summary.measures
    ([], ('coverage',))
    """
    from koudai.audit.check import find_audit_problems
    from koudai.config.audit import AuditConfig
    from koudai.config.load import read_config

    settings = settings or AuditSettings()
    try:
        loaded, file = read_config(AuditConfig, config, overrides=tuple(settings.overrides))
        sources = _sources(loaded, file, model, scores, settings)
    except KoudaiError as error:
        return [error], None
    return find_audit_problems(loaded, sources, progress=progress)


def _sources(
    config: AuditConfig, file: Path, model: AnyModel | None, scores: AnyPath | None, settings: AuditSettings
) -> AuditSources:
    from koudai.audit.audit import AuditSources
    from koudai.storage.bucket import require_on_disk

    return AuditSources(
        file,
        model=None if model is None else bundle_of(model),
        scores=None if scores is None else require_on_disk(scores, "scores"),
        folders=data_folders(settings.data),
        texts=settings.texts,
    ).of(config)


def render(
    report: AuditReport | AnyPath,
    *,
    out: AnyPath | None = None,
    page: PageSettings | None = None,
    progress: Progress | None = None,
) -> Path:
    """Draw the page of a report, and write the tables and the comparison that are asked for beside it.

    Parameters
    ----------
    report
        A report, or its ``report.json``.
    out
        The page; by default beside ``report.json``.
    page
        Its language, and what else is written.
    progress
        Progress callback.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    UsageError
        If nothing says where the page goes, or the earlier audit has another taxonomy.
    ReadError
        If a file is no report.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> from koudai import api
    >>> api.render("audited/report.json", out="page.html").name
    'page.html'
    """
    from koudai.storage.bucket import require_on_disk

    page = page or PageSettings()
    if out is None and not isinstance(report, str | Path):
        raise UsageError(what="nothing says where the page goes", expected="`out`")
    target = require_on_disk(out) if out is not None else Path(str(report)).with_suffix(".html")
    before = None if page.against is None else as_report(page.against)
    _write_views(as_report(report), before, target, page, progress)
    return target


@dataclass(frozen=True)
class ShownPage:
    """The page of a report, as a notebook shows it inline: `_repr_html_` is the page in a frame of its own.

    Examples
    --------
    >>> ShownPage("<p>")._repr_html_().startswith('<iframe srcdoc="&lt;p&gt;"')
    True
    """

    html: str

    def _repr_html_(self) -> str:
        from html import escape

        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:40em;border:1px solid #ccc"></iframe>'


def show(report: AuditReport | AnyPath, *, lang: str = "en") -> ShownPage:
    """Return the page of a report to be shown in a notebook; writes nothing.

    Parameters
    ----------
    report
        A report, or its ``report.json``.
    lang
        Language that it opens in.

    Raises
    ------
    UsageError
        If there is no such language.
    ReadError
        If a file is no report.

    Examples
    --------
    >>> from koudai import api
    >>> "<html" in api.show("audited/report.json").html
    True
    """
    from koudai.render.html import render_html

    return ShownPage(render_html(as_report(report), lang=PageSettings(lang=lang).lang))


def compare_audits(
    before: AuditReport | AnyPath, after: AuditReport | AnyPath, *, other_taxonomy: bool = False
) -> AuditComparison:
    """Compare two audits, figure by figure.

    Parameters
    ----------
    before, after
        Reports, or their ``report.json``.
    other_taxonomy
        Whether categories of the same name are joined although the taxonomies differ.

    Raises
    ------
    UsageError
        If the taxonomies differ and nothing was said of it.

    Examples
    --------
    >>> from koudai import api
    >>> api.compare_audits("audited/report.json", "audited/report.json").same.posts
    True
    """
    from koudai.audit.comparison import compare_reports

    return compare_reports(as_report(before), as_report(after), other_taxonomy=other_taxonomy)


def as_report(report: AuditReport | AnyPath) -> AuditReport:
    """Return a report, read from its file if a path is given."""
    from koudai.audit.report import AuditReport, load_report

    return report if isinstance(report, AuditReport) else load_report(Path(report))


def _earlier(page: PageSettings, config: AuditConfig, sources: AuditSources) -> AuditReport | None:
    """Return the audit to compare with; refuses one that cannot be, before an hour is spent on the other."""
    from koudai.audit.comparison import check_taxonomies
    from koudai.audit.inputs.audited import audit_taxonomy

    if page.against is None:
        return None
    before = as_report(page.against)
    if not page.other_taxonomy:
        check_taxonomies(before.taxonomy, audit_taxonomy(config, sources.config_file, sources.model))
    return before


def _write_views(
    report: AuditReport, before: AuditReport | None, target: Path, page: PageSettings, progress: Progress | None
) -> None:
    """Write the page, the comparison and the tables of a report."""
    from koudai.audit.frame import table_kinds, write_tables
    from koudai.render.html import render_html
    from koudai.storage.durable import write_bytes, write_json

    found = None
    if before is not None:
        found = compare_audits(before, report, other_taxonomy=page.other_taxonomy)
        write_json(target.parent / "comparison.json", found.to_json())
    with (progress or Silent()).stage("drawing the page", None):
        write_bytes(target, render_html(report, lang=page.lang, against=found).encode())
    write_tables(report.frames, target.parent / "tables", table_kinds(page.tables))
