"""Sections of a model card: data, settings that could not be met, coverage of conformal sets, slices, learning curves.

Promises: every corpus is listed with licence and citation; leaked, contradicting and dropped posts are counted; every
figure has its n, and what was not measured is left out.
"""

from __future__ import annotations

from koudai.corpus.labelled import HEADER as LABELLED
from koudai.corpus.labelled import as_table
from koudai.corpus.reading.quarantine import in_words, noticed_in_words
from koudai.model.bundle.markdown import markdown_table, plain, with_interval
from koudai.model.evaluation import Evaluation, MetricValue

CORPORA = ("corpus", "title", "kind", "posts", "digest", "licence", "citation")
POLICIES = {
    "keep": "which were left as they are",
    "drop": "which were fitted on as unknown",
    "majority": "which were fitted on as most of their group say",
}
COVERAGE = ("category", "wanted", "in", "n", "out", "n", "both", "neither")
SLICES = ("category", "slice", "F1", "n (in)")
WEAKEST, FEW = 5, 30
"""Number of slices shown per category, and fewest posts of each class in a slice that is shown."""


def data(evaluation: Evaluation, *, timezone: str = "") -> str:
    """Return the section on data, as Markdown; `timezone` is that of the dates.

    Examples
    --------
    >>> from koudai.corpus.split import SplitSizes
    >>> split = SplitSizes(600, 120, 0, 0, 0, None, {"groups": 0, "posts": 0}, {})
    >>> found = Evaluation({}, {}, 0, 0, split, (), "d1", 7)
    >>> data(found).splitlines()[0]
    '600 posts fitted on, 120 tested on, 0 used for neither.'
    """
    split = evaluation.split
    ways = "; ".join(f"{plain(name)} by {plain(entry.by)}" for name, entry in split.sources.items())
    cut = f", tested on from {plain(split.cutoff)} on" if split.cutoff else ""
    cut += f" (dates of {plain(timezone)})" if cut and timezone else ""
    rows = [
        [
            plain(name),
            plain(entry.title or "-"),
            plain(entry.kind),
            f"{entry.rows:,}",
            plain(entry.digest),
            plain(entry.licence or "not stated"),
            plain(entry.citation or "not stated"),
        ]
        for name, entry in evaluation.corpora.items()
    ]
    return f"""{split.fit:,} posts fitted on, {split.test:,} tested on, {split.unused:,} used for neither.
Divided {ways}{cut}; {split.leaked_across:,} test posts have a near-duplicate in another corpus that was fitted on.
{evaluation.quarantined:,} rows quarantined{_reasons(evaluation)}, {evaluation.dropped:,} left out by config.{
        _background(evaluation)
    }

{markdown_table(CORPORA, rows)}

{_labels(evaluation)}

The bundle keeps salted hashes of the posts fitted on and of their near-duplicates, so that audits can leave them out
where they judge the model. No text can be got back from them, and they cannot be joined with those of another bundle;
whoever has the bundle and a post can find out whether it was fitted on. It also keeps how many posts have which
length, share of known terms, script and probability, to say when scored posts look otherwise."""


def _reasons(evaluation: Evaluation) -> str:
    told = [in_words(evaluation.reasons)] if evaluation.reasons else []
    told += noticed_in_words(evaluation.noticed)
    return f" ({plain('; '.join(told))})" if told else ""


def _labels(evaluation: Evaluation) -> str:
    cells = [
        [*(plain(cell) for cell in row[:3]), f"{row[3]:g}", *(f"{count:,}" for count in row[4:])]
        for row in as_table(evaluation.labelled)
    ]
    told = evaluation.contradictions
    contradictions = [
        f"- {plain(key)}: {count['posts']:,} posts in {count['groups']:,} groups"
        for key, count in told.categories.items()
    ]
    policy = POLICIES[told.policy]
    return f"""What each corpus says of each category; a category is fitted on the posts that know it.

{markdown_table(LABELLED, cells)}

Near-duplicates labelled both 1 and 0, {policy}: {"none." if not contradictions else chr(10) + chr(10)}{
        chr(10).join(contradictions)
    }"""


def _background(evaluation: Evaluation) -> str:
    background = evaluation.background
    if background is None:
        return ""
    said = ", ".join(f"{plain(name)} ({count:,})" for name, count in background.rows.items())
    return (
        f"\nVectors of terms were learnt, without labels, from posts of {said}; {background.left_out:,} posts of the "
        "test side or nearly the same as one were left out."
    )


def details(evaluation: Evaluation) -> str:
    """Return the paragraphs below the figures, ``""`` if there are none.

    Examples
    --------
    >>> from koudai.corpus.split import SplitSizes
    >>> split = SplitSizes(600, 120, 0, 0, 0, None, {"groups": 0, "posts": 0}, {})
    >>> found = Evaluation({}, {}, 0, 0, split, (), "d1", 7)
    >>> details(found)
    ''
    """
    return "".join(part(evaluation) for part in (warnings, set_coverage, slices, learning_curves))


def warnings(evaluation: Evaluation) -> str:
    """Return settings that could not be met as a paragraph, or ``""``."""
    said = [
        f"- {key}: {plain(warning)}"
        for key, entry in evaluation.categories.items()
        for warning in (entry.decided.warnings if entry.decided else ())
    ]
    return "\n\n**Not done as asked:**\n\n" + "\n".join(said) if said else ""


def set_coverage(evaluation: Evaluation) -> str:
    """Return the coverage of conformal sets as a paragraph, or ``""``."""
    rows = []
    for key, entry in evaluation.categories.items():
        if found := entry.coverage:
            sides = [
                cell for side in (found.positives, found.negatives) for cell in (with_interval(side), f"{side.n:,}")
            ]
            rows.append([key, f"{found.target:g}", *sides, f"{found.both:,}", f"{found.neither:,}"])
    if not rows:
        return ""
    return f"""

Conformal sets: of the test posts in a category, and of those out of it, how many have a set that holds what they are.
*Both* and *neither*: posts whose set does not decide.

{markdown_table(COVERAGE, rows)}"""


def slices(evaluation: Evaluation) -> str:
    """Return the weakest slices of each category as a paragraph, or ``""``."""
    rows = []
    for key, entry in evaluation.categories.items():
        large = [
            (one.value, one)
            for one in entry.slices
            if one.metric == "f1" and one.value is not None and FEW <= one.positives <= one.n - FEW
        ]
        rows += [
            [key, f"{one.kind}: {plain(one.name)}", with_interval(one), f"{one.n:,} ({one.positives:,})"]
            for _, one in sorted(large, key=lambda pair: pair[0])[:WEAKEST]
        ]
    if not rows:
        return ""
    return f"""

The {WEAKEST} weakest slices by topic, length in characters and script, of those with {FEW} posts in and {FEW} out;
chosen by their F1, which makes them look weaker than new posts would.

{markdown_table(SLICES, rows)}"""


def learning_curves(evaluation: Evaluation) -> str:
    """Return the learning curves as a paragraph, or ``""``."""
    lines = []
    for key, entry in evaluation.categories.items():
        points = [f"{with_interval(_f1(point))} from {point[0]:,.0f}" for point in entry.learning_curve]
        lines += [f"- {key}: {'; '.join(points)}"] if points else []
    if not lines:
        return ""
    return "\n\nF1 by the number of posts fitted on, out of fold within those to fit on:\n\n" + "\n".join(lines)


def _f1(point: tuple[float, ...]) -> MetricValue:
    posts, value, *ends = point
    low, high = ends or (None, None)
    return MetricValue("f1", value, round(posts), low, high)
