"""The verbs about audits: audit, render, compare two audits, sample.

Promises: the page is drawn from the report in memory; a comparison that cannot be made is refused before anything is
measured; no sample is overwritten. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.api.models import AnyModel, bundle_of
from koudai.api.surroundings import AnyPath, data_folders, now
from koudai.errors import UsageError
from koudai.progress import Progress, Silent

if TYPE_CHECKING:
    from koudai.audit.comparison import AuditComparison
    from koudai.audit.report import AuditReport
    from koudai.audit.sample.design import DrawnSample
    from koudai.config.audit import AuditConfig

LANGUAGES = ("en", "zh")
SHEETS = ("csv", "label-studio")


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
    out: AnyPath | None = None,
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
        A new or empty folder for ``report.json``, ``report.html`` and the rest; by default ``audits/<run.name>``.
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
    from koudai.audit.audit import AuditSources, audit_to_folder
    from koudai.config.audit import AuditConfig
    from koudai.config.load import read_config

    settings, page = settings or AuditSettings(), page or PageSettings()
    loaded, file = read_config(AuditConfig, config, overrides=tuple(settings.overrides))
    folder = Path(out) if out is not None else Path("audits") / loaded.run.name
    before = _earlier(page, loaded, file)
    sources = AuditSources(
        file,
        model=None if model is None else bundle_of(model),
        scores=None if scores is None else Path(scores),
        folders=data_folders(settings.data),
        texts=settings.texts,
    )
    report = audit_to_folder(loaded, sources, folder, created_at=settings.created_at or now(), progress=progress)
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
    page = page or PageSettings()
    if out is None and not isinstance(report, str | Path):
        raise UsageError(what="nothing says where the page goes", expected="`out`")
    target = Path(out) if out is not None else Path(str(report)).with_suffix(".html")
    before = None if page.against is None else as_report(page.against)
    _write_views(as_report(report), before, target, page, progress)
    return target


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


def sample(
    scores: AnyPath,
    *,
    n: int = 400,
    out: AnyPath | None = None,
    categories: Sequence[str] = (),
    seed: int = 20230310,
    sheet: SheetSettings | None = None,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a probability sample of posts to be labelled, stratified by tag and score.

    Parameters
    ----------
    scores
        Folder of a finished job, or an audit config with the table of another model.
    n
        Posts to draw.
    out
        A file that is not there yet; its manifest is written beside it. By default nothing is written.
    categories
        That labels are asked for; by default all that have scores.
    seed
        Of the draw.
    sheet
        The form of the file, and whether texts are redacted.
    progress
        Progress callback.

    Returns
    -------
    DrawnSample
        The manifest with the texts of its rows.

    Raises
    ------
    UsageError
        If so many posts cannot be drawn, or a category is not known.
    OutputExists
        If there is a sample already.
    JobUnfinished, ShardDamaged, ReadError
        If the scores cannot be read.

    Examples
    --------
    >>> from koudai import api
    >>> len(api.sample("job", n=3).texts)
    3
    """
    from koudai.audit.sample.design import draw_sample
    from koudai.audit.sample.scored_posts import scored_posts
    from koudai.audit.sample.sheet import require_new_sample, write_sample

    sheet, progress = sheet or SheetSettings(), progress or Silent()
    if out is not None:
        require_new_sample(Path(out))
    drawn = draw_sample(
        scored_posts(Path(scores), progress=progress),
        n,
        categories=tuple(categories),
        seed=seed,
        redact=sheet.redact,
        progress=progress,
    )
    if out is not None:
        write_sample(drawn, Path(out), form=sheet.form)
    return drawn


@dataclass(frozen=True)
class FlaggedDraw:
    """Which labels are drawn to be looked at again.

    Parameters
    ----------
    category
        Whose labels they are; may be left out where the corpora label one alone.
    n
        Labels to draw.
    seed
        Of the draw.
    data
        Folder where corpora lie; comes before ``$KOUDAI_DATA`` and ``data``.

    Examples
    --------
    >>> FlaggedDraw("rumour", n=200).seed
    20230310
    """

    category: str | None = None
    n: int = 400
    seed: int = 20230310
    data: AnyPath | None = None


def sample_flagged(
    config: AnyPath | Mapping[str, Any] | AuditConfig,
    draw: FlaggedDraw | None = None,
    *,
    out: AnyPath | None = None,
    sheet: SheetSettings | None = None,
    progress: Progress | None = None,
) -> DrawnSample:
    """Draw a probability sample of labels to be looked at again, those that words contradict and others.

    Parameters
    ----------
    config
        An audit config; its labelled corpora are read, and nothing else of it.
    draw
        The category, how many labels, the seed of the draw and the folder of corpora.
    out, sheet, progress
        As for `sample`.

    Returns
    -------
    DrawnSample
        The manifest with the texts of its rows.

    Raises
    ------
    UsageError
        If so many labels cannot be drawn, or nothing says of which category.
    OutputExists
        If there is a sample already.
    TooFewPosts
        If there are too few labels to say which of them words contradict.
    ConfigError, ReadError, LabelError
        If the config or a corpus cannot be used.

    Examples
    --------
    >>> from koudai import api
    >>> len(api.sample_flagged("labels.toml", api.FlaggedDraw("rumour", n=20)).texts)
    20
    """
    from koudai.audit.inputs.labelled import labelled_corpora
    from koudai.audit.sample.flagged import category_of, draw_flagged
    from koudai.audit.sample.sheet import require_new_sample, write_sample
    from koudai.config.audit import AuditConfig
    from koudai.config.load import read_config
    from koudai.config.places import configs_folder, find_taxonomy
    from koudai.corpus.corpus import Corpus

    draw, sheet, progress = draw or FlaggedDraw(), sheet or SheetSettings(), progress or Silent()
    if out is not None:
        require_new_sample(Path(out))
    loaded, file = read_config(AuditConfig, config)
    taxonomy = find_taxonomy(loaded.run.taxonomy, configs=configs_folder(file))
    parts = labelled_corpora(loaded, file, data_folders(draw.data), taxonomy, progress=progress)
    corpus = Corpus.join([part.corpus for part in parts]) if parts else None
    category = category_of(corpus, taxonomy, draw.category)
    assert corpus is not None
    drawn = draw_flagged(
        corpus,
        draw.n,
        category=category,
        seed=draw.seed,
        fit_seed=loaded.run.seed,
        redact=sheet.redact,
        progress=progress,
    )
    if out is not None:
        write_sample(drawn, Path(out), form=sheet.form)
    return drawn


@dataclass(frozen=True)
class SheetSettings:
    """The form of a sheet for annotators.

    Parameters
    ----------
    form
        ``"csv"`` or ``"label-studio"``.
    redact
        Whether account names and contact details are masked in the texts.

    Raises
    ------
    UsageError
        If there is no such form.

    Examples
    --------
    >>> SheetSettings(form="label-studio").redact
    True
    """

    form: str = "csv"
    redact: bool = True

    def __post_init__(self) -> None:
        if self.form not in SHEETS:
            raise UsageError(what="`form` does not take this", got=self.form, expected=" or ".join(SHEETS))


def as_report(report: AuditReport | AnyPath) -> AuditReport:
    """Return a report, read from its file if a path is given."""
    from koudai.audit.report import AuditReport, load_report

    return report if isinstance(report, AuditReport) else load_report(Path(report))


def _earlier(page: PageSettings, config: AuditConfig, file: Path) -> AuditReport | None:
    """Return the audit to compare with; refuses one that cannot be, before an hour is spent on the other."""
    from koudai.audit.comparison import check_taxonomies
    from koudai.config.places import configs_folder, find_taxonomy

    if page.against is None:
        return None
    before = as_report(page.against)
    if not page.other_taxonomy:
        check_taxonomies(before.taxonomy, find_taxonomy(config.run.taxonomy, configs=configs_folder(file)))
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
