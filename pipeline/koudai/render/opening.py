"""The sentences that a page opens with: what was found, in words, each a template whose conditions are tested.

Promises: every number in a sentence is a figure of the report, with its interval where it has one; a comparison is said
only where the interval bears it; at most `MOST` sentences, in both languages. Measures and interprets nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from koudai.audit.declaration import ARROW
from koudai.audit.frame import ALL
from koudai.audit.report import AuditReport
from koudai.render.tables import DeclaredFigure, FigureIndex, count, interval_text, is_few, value_text
from koudai.render.words import Words
from koudai.taxonomy import Bilingual

MOST = 5
LEAST_ALPHA, GOOD_ALPHA = 0.667, 0.8
"""Krippendorff's α from which tentative conclusions, and from which reliable ones, are drawn by convention.

Source: Krippendorff 2018, "Content Analysis", chapter 12."""
GUESSING = 0.6
"""An AUC below which, with its whole interval, a model is hardly better than guessing."""
ARBITRARY = 0.05
"""Share of tagged posts from which it is worth a sentence that equally good models differ on them."""


@dataclass(frozen=True)
class _Said:
    """What sentences are made of."""

    report: AuditReport
    index: FigureIndex
    words: Words
    keys: tuple[str, ...]

    def sentence(self, key: str, *, category: str = "", **values: str) -> Bilingual:
        """Return the sentence of `key`, with the category's name in either language and the values filled in."""
        name = self.report.taxonomy[category].name if category else Bilingual(zh="-", en="-")
        zh, en = self.words.text(f"opening-{key}")
        return Bilingual(zh=zh.format(name=name.zh, **values), en=en.format(name=name.en, **values))

    def figures(self, measure: str, statistic: str, group: str | None = ALL) -> list[DeclaredFigure]:
        """Return the figures of a statistic that have a value, of all categories with scores."""
        return [
            figure
            for key in self.keys
            for figure in self.index.of(measure, category=key, statistic=statistic)
            if figure.value is not None and group in (None, figure.group)
        ]


def scored_keys(report: AuditReport) -> tuple[str, ...]:
    """Return the categories that have scores, in taxonomy order; all, if the report does not say which.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> law, taxonomy = {"read": 0}, find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> report = AuditReport({"categories": ["rumour"]}, law, taxonomy, {}, {}, (), (), {})
    >>> scored_keys(report)
    ('rumour',)
    """
    told = report.provenance.get("categories")
    return tuple(key for key in report.taxonomy.keys if not told or key in told)


def banner(report: AuditReport) -> str | None:
    """Return the word of `words.toml` that warns of a model's validation, None where there is nothing to warn of.

    ``banner-written``: it was validated on written posts only. ``banner-none``, ``banner-other``: on nothing, or on
    other posts, and none of those audited carries a label.

    Examples
    --------
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> law, taxonomy = {"read": 0}, find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> told = {"categories": ["rumour"], "labelled_here": 0}
    >>> banner(AuditReport(told, law, taxonomy, {"rumour": "real"}, {}, (), (), {}))
    'banner-other'
    """
    found = {report.validated_on.get(key, "none") for key in scored_keys(report)}
    if "written" in found and found <= {"written", "none"}:
        return "banner-written"
    if report.provenance.get("labelled_here") != 0:
        return None
    return "banner-none" if found <= {"none"} else "banner-other"


def opening(report: AuditReport, index: FigureIndex, *, words: Words) -> list[Bilingual]:
    """Return the first `MOST` sentences whose conditions are met, in the order in which they are read.

    Parameters
    ----------
    report
        What was found.
    index
        Its figures.
    words
        The templates, ``opening-…``.

    Examples
    --------
    >>> from koudai.audit.frame import AuditFrame, share
    >>> from koudai.config.places import bundled, find_taxonomy
    >>> frames = {"coverage": AuditFrame("coverage", (share("rumour", ALL, "alleged", 20, 80),))}
    >>> taxonomy = find_taxonomy("cac-2023", configs=bundled("configs"))
    >>> report = AuditReport({"categories": ["rumour"]}, {"read": 80}, taxonomy, {}, frames, (), (), {})
    >>> opening(report, FigureIndex(frames), words=Words())[0].en
    'Of 80 posts, 0.25 are tagged “Alleged rumour”.'
    """
    said = _Said(report, index, words, scored_keys(report))
    return [sentence for sentences in _SENTENCES for sentence in sentences(said)][:MOST]


def _alleged(said: _Said) -> Iterator[Bilingual]:
    taxonomy = said.report.taxonomy
    above = {parent for key in said.keys for parent in taxonomy.ancestors(key)}
    found = [one for one in said.figures("coverage", "alleged") if one.category not in above]
    if not found:
        return
    most = max(found, key=lambda one: one.value or 0.0)
    tagged = said.index.one("coverage", category=ALL, statistic="tagged")
    values = {"n": count(most.n), "value": value_text(most)}
    if len(found) == 1:
        yield said.sentence("alleged", category=most.category, **values)
    elif tagged is not None and tagged.value is not None:
        yield said.sentence("alleged-most", category=most.category, tagged=value_text(tagged), **values)


def _prevalence(said: _Said) -> Iterator[Bilingual]:
    pairs = []
    for one in said.figures("prevalence", "prevalence", "ppi++"):
        alleged = said.index.one("coverage", category=one.category, statistic="alleged")
        if one.low is not None and one.high is not None and alleged is not None and alleged.value is not None:
            pairs.append((one, one.low, one.high, alleged, alleged.value))
    if not pairs:
        if said.figures("coverage", "alleged"):
            yield said.sentence("unknown")
        return
    one, low, high, alleged, share = max(
        pairs, key=lambda pair: abs(pair[4] - (pair[0].value or 0.0)) / max(pair[2] - pair[1], 1e-9)
    )
    key = "fewer" if share > high else "more" if share < low else "as-many"
    yield said.sentence(
        key,
        category=one.category,
        n=count(one.n),
        value=value_text(one),
        interval=interval_text(one),
        alleged=value_text(alleged),
    )


def _performance(said: _Said) -> Iterator[Bilingual]:
    found = []
    for precision in said.figures("performance", "precision", None):
        recall = said.index.one("performance", category=precision.category, statistic="recall", group=precision.group)
        if recall is not None and recall.value is not None and not is_few(precision):
            found.append((precision.group == "sample", precision.n, precision, recall))
    if found:
        *_, precision, recall = max(found, key=lambda one: one[:2])
        yield said.sentence(
            "performance",
            category=precision.category,
            precision=_with_interval(precision),
            recall=_with_interval(recall),
        )


def _agreement(said: _Said) -> Iterator[Bilingual]:
    found = said.figures("agreement", "alpha")
    if not found:
        return
    least = min(found, key=lambda one: one.value or 0.0)
    low, high = (least.value if end is None else end for end in (least.low, least.high))
    assert low is not None
    assert high is not None
    key = "disagree" if high < LEAST_ALPHA else "agree" if low >= GOOD_ALPHA else "agree-somewhat"
    yield said.sentence(key, category=least.category, value=_with_interval(least))


def _arbitrary(said: _Said) -> Iterator[Bilingual]:
    declared = said.index.declared.get("multiplicity")
    pick = next((one.pick for one in declared.components), None) if declared else None
    if pick is None:
        return
    figures = [one for one in said.figures("multiplicity", pick.statistic, None) if one.group.startswith(pick.group)]
    last = {one.category: one for one in figures if not is_few(one)}
    most = max(last.values(), key=lambda one: one.value or 0.0, default=None)
    if most is not None and (most.value or 0.0) >= ARBITRARY:
        yield said.sentence("arbitrary", category=most.category, value=_with_interval(most))


def _transfer(said: _Said) -> Iterator[Bilingual]:
    pairs = [one for one in said.figures("transfer", "auc", None) if len(set(one.group.split(ARROW))) == 2]
    worst = min(pairs, key=lambda one: one.value or 0.0, default=None)
    if worst is not None and worst.high is not None and worst.high < GUESSING:
        fitted, _, tested = worst.group.partition(ARROW)
        yield said.sentence(
            "transfer", category=worst.category, fitted=fitted, tested=tested, value=_with_interval(worst)
        )


def _outcome(said: _Said) -> Iterator[Bilingual]:
    one = next(iter(said.index.of("outcome", category=ALL, statistic="different")), None)
    if one is None or one.value is None:
        return
    chance = said.index.one("outcome", category=ALL, statistic="different_by_chance", group=one.group)
    if chance is not None and chance.value is not None:
        yield said.sentence("outcome", value=_with_interval(one), n=count(one.n), chance=value_text(chance))


def _casebook(said: _Said) -> Iterator[Bilingual]:
    passed = said.index.one("overreach", category=ALL, statistic="pass_rate")
    if passed is not None and passed.value is not None:
        yield said.sentence("casebook", value=_with_interval(passed), n=count(passed.n))


def _with_interval(figure: DeclaredFigure) -> str:
    return " ".join(filter(None, (value_text(figure), interval_text(figure))))


_SENTENCES: tuple[Callable[[_Said], Iterator[Bilingual]], ...] = (
    _alleged,
    _prevalence,
    _performance,
    _agreement,
    _arbitrary,
    _transfer,
    _outcome,
    _casebook,
)
