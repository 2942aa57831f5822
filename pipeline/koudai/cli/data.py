"""The data of a run on the terminal: how posts are divided, what leaks, what contradicts, what each corpus says.

Promises: the same lines for what `koudai check` foresees and what `koudai train` did; only counts, and ids where
`check` lists contradictions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from koudai.cli.terminal import in_page_words, noticed_lines, say, table
from koudai.errors import number_of, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from koudai.audit.check import AuditSummary
    from koudai.model.evaluation import Evaluation
    from koudai.training.check import RunSummary


def say_audit(told: AuditSummary) -> None:
    """Print what an audit would look at, and which measures it would take."""
    say(f"no problems: {told.posts:,} scored posts, {told.labelled:,} posts of labelled corpora")
    if told.labelled:
        say(f"the model was fitted on {told.seen:,} of the labelled ones")
    say(f"measures: {', '.join(told.measures) or 'none'}")
    for name, needs in told.not_measured.items():
        say(f"not measured: {name} (needs {in_page_words(needs)})")


def say_data(told: Evaluation | RunSummary, listed: Sequence[Mapping[str, str]] = ()) -> None:
    """Print the data of a run.

    Parameters
    ----------
    told
        The summary of `koudai.training.check.find_problems`, or an evaluation.
    listed
        The first contradictions, see `koudai.corpus.contradictions.list_contradictions`.
    """
    from koudai.corpus.labelled import HEADER, as_table
    from koudai.corpus.reading.quarantine import in_words

    split = told.split
    if told.quarantined:
        say(f"{number_of(told.quarantined, 'row is', 'rows are')} in no corpus: {in_words(told.reasons)}")
    for line in noticed_lines(told.noticed):
        say(line)
    say(
        f"{number_of(split.leaked, 'test post has', 'test posts have')} a near-duplicate among those to fit on, "
        f"{split.leaked_across:,} of them in another corpus"
    )
    if split.cutoff:
        say(
            f"tested on from {split.cutoff} on; {split.straddling['groups']:,} near-duplicate groups straddle "
            f"the cut and are fitted on, {split.straddling['posts']:,} later posts among them"
        )
    contradictions = told.contradictions
    for key, count in contradictions.categories.items():
        say(
            f"{printable(key)}: {count['posts']:,} near-duplicate posts in {count['groups']:,} groups contradict each "
            f"other (split.contradictions = {contradictions.policy!r})"
        )
    for pair in listed:
        say(f"  {printable(pair['category'])}: in {printable(pair['in'])}, out {printable(pair['out'])}")
    say()
    sides = ("by", "fit", "test", "unused", "leaked")
    rows = [[name, *(getattr(entry, side) for side in sides)] for name, entry in split.sources.items()]
    table(["corpus", "divided by", "fitted on", "tested on", "unused", "leaked"], rows)
    say()
    table(list(HEADER), as_table(told.labelled))


def say_by_corpus(evaluation: Evaluation) -> None:
    """Print the figures of each category that two corpora test, on each corpus by itself, and how models fitted on
    some corpora do on others.
    """
    from koudai.training.transfer import SHOWN, as_matrix

    measured = [*evaluation.by_corpus, *evaluation.transfer]
    for category, metric in dict.fromkeys((one.category, one.metric) for one in measured):
        header, rows = as_matrix(measured, category, metric)
        if metric in SHOWN and len({one.tested_on for one in measured if one.category == category}) > 1:
            say(f"{printable(category)}, {SHOWN[metric]}, by corpus tested on, unseen posts")
            table(header, rows)
            say()
