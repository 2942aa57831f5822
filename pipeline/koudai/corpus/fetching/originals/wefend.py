"""Originals of WeFEND as a course project keeps them: the training titles whole; the test titles in one file, cut into
words in a second, and those words with their labels, in another order, in a third.

Promises: a test title gets the label of its words; where the same words stand with both labels it gets none, and a
note says so; each title says whether it stands in the training set, letter for letter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from koudai.corpus.fetching.originals import Row, decode_original, parser, unlike
from koudai.corpus.fetching.originals.tables import csv_rows

AMBIGUOUS = "ambiguous: same tokenised title carries both labels"
_FIELDS = {
    "trainingSetKey.csv": ("id", "Title", "label"),
    "test.feature.csv": ("id", "Title"),
    "parsedTest.csv": ("id", "Title"),
    "parsedLabeled.csv": ("id", "Title", "label"),
}


@parser("wefend")
def wefend(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield training and test titles as fields ``Title``, ``label``, ``label_note`` and ``seen_in_train``."""
    paths = {path.rsplit("/", 1)[-1]: path for path in originals}
    if set(paths) != set(_FIELDS):
        raise unlike(", ".join(originals), expected=", ".join(_FIELDS), got=", ".join(paths))
    train, test, words, labelled = (
        list(csv_rows(decode_original(originals[path], path=path, encodings=encodings), path=path, fields=fields))
        for path, fields in ((paths[name], fields) for name, fields in _FIELDS.items())
    )
    train_path, test_path = (paths[name] for name in ("trainingSetKey.csv", "test.feature.csv"))
    for row in train:
        yield train_path, {**row, "label_note": None, "seen_in_train": False}
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for row in labelled:
        labels[row["Title"]].add(row["label"])
    words_of = {row["id"]: row["Title"] for row in words}
    seen = {row["Title"] for row in train}
    for row in test:
        said = labels[words_of[row["id"]]] if row["id"] in words_of else set()
        if not said:
            raise unlike(test_path, expected="words and a label for every title", got=f"none for id {row['id']}")
        ambiguous = len(said) > 1
        own = {
            "label": None if ambiguous else min(said),
            "label_note": AMBIGUOUS if ambiguous else None,
            "seen_in_train": row["Title"] in seen,
        }
        yield test_path, {**row, **own}
