"""A small scored job in memory, samples of it, and what people send back, for the tests of samples."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from koudai.audit.sample.manifest import Manifest, text_mark
from koudai.audit.sample.strata import coarser, finest, strata_names
from koudai.audit.stratum import Stratum
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals

KEYS = ("rumour", "posing.army")
IDS = ("=1+1", "'=1+1", "007", "12345678901234567890", "编号，三", 'a"b', "line\nbreak", "@who", " x ", "-5")


def scores(n: int = 200, seed: int = 3) -> Scores:
    """Return scores of `n` posts in two categories; a few abstain, one has no features, some ids are hostile."""
    random = np.random.default_rng(seed)
    proba = random.beta(0.3, 1.5, (n, 2)).astype(np.float32)
    abstained = random.random(n) < 0.05
    proba[-1] = np.nan
    abstained[-1] = True
    alleged = (np.nan_to_num(proba) >= 0.5) & ~abstained[:, None]
    ids = [*IDS, *(f"p{i}" for i in range(n))][:n]
    return Scores(ids, KEYS, proba, alleged, abstained, "d" * 16, Totals())


def manifest(of: Scores, *, each: int = 5, seed: int = 3, level: str = "coarse") -> Manifest:
    """Return the manifest of a sample with `each` posts of every stratum, or all it has; all hostile ids are in it."""
    random = np.random.default_rng(seed)
    code = coarser(len(KEYS), level)[finest(of.proba, of.alleged, of.abstained)]
    kinds = strata_names(KEYS, level)
    strata, rows = [], []
    for kind in np.unique(code):
        own = np.flatnonzero(code == kind)
        hostile = own[own < len(IDS)]
        rest = random.permutation(own[own >= len(IDS)])
        drawn = np.concatenate([hostile, rest])[: max(each, len(hostile))]
        strata.append(Stratum(kinds[kind], len(own), len(drawn)))
        rows += [(of.ids[at], len(strata) - 1) for at in drawn]
    marks = tuple(text_mark(f"帖子{at}") for at in range(len(rows)))
    return Manifest("job", of.model_digest, seed, level, KEYS, tuple(strata), tuple(rows), redacted=True, texts=marks)


def answered(sheet: str, labels: list[dict[str, str]]) -> str:
    """Return a CSV sheet with the cells of `labels` filled in, row by row."""
    rows = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"), newline="")))
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    for row, own in zip(rows, labels, strict=True):
        writer.writerow({**row, **{f"label:{key}": said for key, said in own.items()}})
    return file.getvalue()


def annotated(tasks: list[dict[str, Any]], people: dict[Any, list[dict[str, str]]]) -> list[dict[str, Any]]:
    """Return Label Studio's export of `tasks`: who says what of each, nothing where they say nothing."""
    exported = []
    for at, task in enumerate(tasks):
        annotations = [
            {
                "id": 100 * at + number,
                "completed_by": {"id": number, "email": who} if isinstance(who, str) else who,
                "was_cancelled": False,
                "result": [
                    {
                        "from_name": key.replace(".", "-"),
                        "to_name": "text",
                        "type": "choices",
                        "value": {"choices": [said]},
                    }
                    for key, said in labels[at].items()
                ],
            }
            for number, (who, labels) in enumerate(people.items(), 1)
            if labels[at]
        ]
        exported.append({"id": at + 1, "data": task["data"], "meta": task["meta"], "annotations": annotations})
    return exported
