"""The page: one HTML file that shows an audit report and needs nothing else.

Promises: it opens without network and reads without scripts; its policy lets only its own style and its own script act,
by their hashes; whatever came from data is escaped, and characters that hide are written out; both languages are in it;
it stays under `REPORT_BYTES`, quoting fewer posts and cutting long tables, and saying so. Writes and measures nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from koudai.audit.comparison import AuditComparison
from koudai.audit.declaration import Declaration, Statistic, TermList
from koudai.audit.frame import ALL
from koudai.audit.provenance import seen_posts
from koudai.audit.report import AuditReport, QuotedPost, refuse_many_categories
from koudai.errors import LimitExceeded, UsageError
from koudai.limits import REPORT_BYTES
from koudai.model.model import VALIDATIONS
from koudai.render import tables
from koudai.render.against import comparison_view, earlier_figures
from koudai.render.cells import columns, overall, share_cell
from koudai.render.charts import DrawnChart, declared_charts, draw_charts
from koudai.render.hidden import marked, visible
from koudai.render.opening import banner, opening, scored_keys
from koudai.render.svg import figure_svg
from koudai.render.words import LANGUAGES, TEMPLATES, Words
from koudai.taxonomy import Bilingual

STYLES = ("base.css", "overview.css", "category.css", "print.css")
ROLES = ("typical", "borderline", "contradicting", "turning")
POST_CHARACTERS, CONFIG_CHARACTERS, TERMS, COLLAPSE = 1500, 20_000, 16, 12
_FITS = ((None, None), (8, 4000), (5, 1500), (3, 600), (2, 300), (1, 120), (0, 40))
"""Posts per category and role, and rows per table, tried in turn until the page is small enough."""


@dataclass(frozen=True)
class MeasureText:
    """What the page says about a measure: its name, and its title and docstring if the report has them.

    Examples
    --------
    >>> MeasureText("loudness", title=None, how_to_read=None).title is None  # the report says nothing of it
    True
    """

    name: str
    title: Bilingual | None
    how_to_read: Bilingual | None
    statistics: tuple[Statistic, ...] = ()


@dataclass(frozen=True)
class Quotes:
    """The posts that are quoted: by category, then role; how many were left out; whether evidence is marked in any.

    Examples
    --------
    >>> Quotes(by_category={}, dropped=0, marked=False).dropped
    0
    """

    by_category: dict[str, dict[str, list[QuotedPost]]]
    dropped: int
    marked: bool


def render_html(report: AuditReport, *, lang: str = "en", against: AuditComparison | None = None) -> str:
    """Return the page of `report`.

    Parameters
    ----------
    report
        What an audit found.
    lang
        The language shown first, ``zh`` or ``en``; the other is one switch away, in the same file.
    against
        A comparison in which `report` is the later one: the earlier one is shown beside it.

    Returns
    -------
    str
        A complete HTML document of at most `REPORT_BYTES` bytes of UTF-8.

    Raises
    ------
    UsageError
        If `lang` is neither.
    LimitExceeded
        If there are more than `AUDIT_CATEGORIES` categories, or even the page without posts and with short tables is
        too large.
    """
    if lang not in LANGUAGES:
        raise UsageError(what="the page has no such language", expected=" or ".join(LANGUAGES), got=lang)
    refuse_many_categories(report.taxonomy)
    words = Words(report.declared)
    template = _environment().get_template("page.html.j2")
    values = {"t": words} | _values(report, lang=lang, words=words, against=against)
    for posts, rows in _FITS:
        quotes = _quotes(report, limit=posts)
        page = template.render(values, quotes=quotes, posts_kept=posts, rows_kept=rows)
        if len(page.encode()) <= REPORT_BYTES.value:
            return str(page)
    raise LimitExceeded(
        what="the page is too large even without quoted posts",
        expected=f"at most {REPORT_BYTES.value:,} {REPORT_BYTES.unit}",
        got=f"{len(page.encode()):,}",
        happened="no page was made; the report itself is whole",
        todo="read report.json, or audit fewer categories at a time",
    )


@functools.cache
def _environment() -> Any:
    """Return what templates are read by, which keeps what they were compiled to: that takes as long as filling them."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else visible("" if value is None else value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(ALL=ALL, FEW=tables.FEW, cell_of=share_cell)
    environment.filters.update(
        count=tables.count,
        figure=tables.figure_text,
        value=tables.value_text,
        interval=tables.interval_text,
        few=tables.is_few,
        post=lambda post: marked(post.text, limit=POST_CHARACTERS, evidence=post.evidence),
        probability=lambda value: tables.number(float(value)),
    )
    return environment


def _set_aside(told: object) -> list[tuple[str, int]]:
    """Return rows quarantined by reason, the most first, if that is what a report says."""
    counts = told.items() if isinstance(told, dict) else ()
    found = [(name, count) for name, count in counts if isinstance(name, str) and isinstance(count, int)]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _values(report: AuditReport, *, lang: str, words: Words, against: AuditComparison | None) -> dict[str, Any]:
    """Return everything the template shows that does not depend on how much fits."""
    from markupsafe import Markup

    index, declared = tables.FigureIndex(report.frames, report.declared), report.declared
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in STYLES)
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    taxonomy = report.taxonomy
    shown = _shown(report)
    matrix = columns(index, taxonomy=taxonomy, earlier=earlier_figures(against) if against else None)
    charts = draw_charts(index, taxonomy=taxonomy, words=words)
    law = [report.conservation.get(name, 0) for name in ("read", "scored", "abstained", "quarantined")]
    return {
        "report": report,
        "lang": lang,
        "style": Markup(style),
        "script": Markup(script),
        "policy": _policy(style=style, script=script),
        "opening": opening(report, index, words=words),
        "banner": banner(report),
        "announced": _announced(report.provenance.get("config")),
        "shown": [(place, one) for place, one in enumerate(taxonomy.category) if one.key in shown],
        "left_out": [one for one in taxonomy.category if one.key not in shown],
        "columns": matrix,
        "sections": [
            (name, len(list(some))) for name, some in groupby(matrix, key=lambda column: column.component.section)
        ],
        "overall": overall(index),
        "compared": comparison_view(against) if against else None,
        "depth": {key: min(len(taxonomy.ancestors(key)), 3) for key in taxonomy.keys},
        "names": {one.key: one.name.zh for one in taxonomy.category},
        "charts": charts,
        "svg": {
            key: [_svg(chart, name=f"g{place}-{number}", words=words) for number, chart in enumerate(charts[key])]
            for place, key in enumerate(charts)
        },
        "undrawn": {key: _undrawn(declared, drawn) for key, drawn in charts.items()},
        "terms": {key: _terms(index, key=key) for key in taxonomy.keys},
        "casebook": [
            figure
            for name, one in declared.items()
            if one.cases
            for figure in index.of(name, category=ALL, statistic=one.cases)
        ],
        "functions": _functions(report.provenance.get("functions")),
        "measures": [_measure(name, declared) for name in report.frames],
        "figures_of": index.frame,
        "missing": [(_measure(item.measure, declared), item.needs) for item in report.not_measured],
        "planned": [] if report.plan is None else report.plan.counts(report.frames),
        "validations": VALIDATIONS,
        "roles": ROLES,
        "law": law,
        "set_aside": _set_aside(report.provenance.get("quarantined")),
        "seen": seen_posts(report.provenance.get("seen")),
        "measure_text": lambda name: _measure(name, declared),
        "law_holds": law[0] == sum(law[1:]),
        "config": _config(report.provenance.get("config")),
        "limit": REPORT_BYTES.value >> 20,
        "collapse": COLLAPSE,
        "post_characters": POST_CHARACTERS,
    }


def _shown(report: AuditReport) -> set[str]:
    """Return the categories that have a row and a card: those with scores, and what else there are figures of."""
    return {*scored_keys(report), *(one.category for frame in report.frames.values() for one in frame.figures)}


def _announced(config: Any) -> bool:
    """Return whether a config says that the posts are those that the taxonomy's announced figures are about."""
    run = config.get("run") if isinstance(config, dict) else None
    return isinstance(run, dict) and run.get("announced") is True


def _functions(titles: Any) -> dict[str, Bilingual]:
    """Return the titles of the casebook's functions; none where the report has none or they are not titles."""
    try:
        return {str(name): Bilingual.model_validate(title) for name, title in (titles or {}).items()}
    except (AttributeError, ValueError):
        return {}


def _policy(*, style: str, script: str) -> str:
    def hashed(text: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src '{hashed(style)}'; script-src '{hashed(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _svg(chart: DrawnChart, *, name: str, words: Words) -> Any:
    count = str(len(chart.rows))
    zh, en = words.text("points")
    return figure_svg(
        chart.svg,
        name=name,
        title=(visible(chart.name.zh), visible(chart.name.en)),
        description=(zh.format(count=count), en.format(count=count)),
    )


def _undrawn(declared: dict[str, Declaration], drawn: tuple[DrawnChart, ...]) -> list[Bilingual]:
    """Return the names of charts that a category could have and has not."""
    there = {(chart.measure, chart.key) for chart in drawn}
    return [chart.name for name, chart in declared_charts(declared) if (name, chart.key) not in there]


def _terms(index: tables.FigureIndex, *, key: str) -> list[tuple[TermList, list[tuple[tables.DeclaredFigure, float]]]]:
    """Return the lists of terms of a category: the largest figures, each in per cent of the largest of its list."""
    lists = []
    for measure, declared in index.declared.items():
        figures = index.of(measure, category=key, statistic=declared.terms.statistic) if declared.terms else []
        found = sorted(((one, one.value) for one in figures if one.value and one.value > 0), key=lambda pair: -pair[1])
        if declared.terms and found:
            top = found[0][1]
            lists.append((declared.terms, [(one, round(100 * value / top, 1)) for one, value in found[:TERMS]]))
    return lists


def _measure(name: str, declared: dict[str, Declaration]) -> MeasureText:
    found = declared.get(name)
    if found is None:
        return MeasureText(name, None, None)
    return MeasureText(name, found.title, found.how_to_read, found.statistics)


def _config(config: Any) -> str:
    """Return the filled config as text; nothing where the report has none."""
    if not config:
        return ""
    text = (
        config
        if isinstance(config, str)
        else json.dumps(config, ensure_ascii=False, indent=2, sort_keys=True, default=str)
    )
    return visible(text, limit=CONFIG_CHARACTERS)


def _quotes(report: AuditReport, *, limit: int | None) -> Quotes:
    chosen: dict[str, dict[str, list[QuotedPost]]] = defaultdict(lambda: defaultdict(list))
    dropped = 0
    for post in report.posts:
        kept = chosen[post.category][post.role]
        if limit is None or len(kept) < limit:
            kept.append(post)
        else:
            dropped += 1
    ordered = {
        category: {role: roles[role] for role in dict.fromkeys((*ROLES, *roles)) if roles.get(role)}
        for category, roles in chosen.items()
    }
    return Quotes(by_category=ordered, dropped=dropped, marked=any(post.evidence for post in report.posts))
