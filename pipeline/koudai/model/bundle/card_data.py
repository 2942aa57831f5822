"""What a model card says of the data: the corpora, how they were divided, what each says of each category, and what
vectors were learnt from.

Promises: every corpus comes with its licence and citation; what leaks, contradicts or was left out is counted.
"""

from __future__ import annotations

from koudai.corpus.labelled import HEADER as LABELLED
from koudai.corpus.labelled import as_table
from koudai.model.bundle.markdown import plain, table
from koudai.model.evaluation import Evaluation

CORPORA = ("corpus", "title", "kind", "posts", "digest", "licence", "citation")
POLICIES = {
    "keep": "which were left as they are",
    "drop": "which were fitted on as unknown",
    "majority": "which were fitted on as most of their group say",
}


def data(evaluation: Evaluation) -> str:
    """Return what the card says of data, as Markdown."""
    split = evaluation.split
    ways = "; ".join(f"{plain(name)} by {plain(entry.by)}" for name, entry in split.sources.items())
    cut = f", tested on from {plain(split.cutoff)} on" if split.cutoff else ""
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
{evaluation.quarantined:,} rows quarantined, {evaluation.dropped:,} left out by config.{_background(evaluation)}

{table(CORPORA, rows)}

{_labels(evaluation)}"""


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

{table(LABELLED, cells)}

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
