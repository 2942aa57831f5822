"""The 12-row table on which every measure is checked by hand, its taxonomy, model and casebook, and ways to bend it.

Twelve posts, four categories (one of them the parent of two), three abstentions of both kinds, three quarantined
rows, two corpora of labels, some of them unknown. Every number that a test expects was worked out on paper from the
columns below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from koudai.audit.frame import AuditFrame, Figure
from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.audit_input import AuditInput, Labelled, LabelledSample
from koudai.audit.inputs.casebook import Case, Casebook
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, SILENT, UNRECORDED, Outcomes, Periods
from koudai.audit.inputs.others import Other
from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.inputs.wordings import Wordings
from koudai.audit.stratum import Stratum
from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.profile import Shift, TraitShift
from koudai.taxonomy import Bilingual, Taxonomy, parse_taxonomy
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter

KEYS = ("rumour", "posing", "posing.army", "posing.press")
PARENTS = {"posing.army": "posing", "posing.press": "posing"}
RENAMED = {
    "rumour": "hearsay",
    "posing": "mask",
    "posing.army": "mask.soldiers",
    "posing.press": "mask.reporters",
}
QUARANTINED = 3

R, P, A, N = KEYS
NAN = float("nan")
# probabilities, what is alleged, abstained, labels (rumour, posing, army, press), counts of 停水, 鸡蛋, 天气
ROWS: list[tuple[tuple[float, ...], tuple[str, ...], bool, tuple[int, ...], tuple[int, int, int]]] = [
    ((0.92, 0.10, 0.05, 0.10), (R,), False, (1, 0, 0, 0), (120, 0, 10)),
    ((0.80, 0.71, 0.20, 0.71), (R, P, N), False, (1, 1, 0, 1), (90, 0, 10)),
    ((0.75, 0.60, 0.60, 0.30), (R, P, A), False, (0, 1, 1, 0), (60, 30, 10)),
    ((0.60, 0.05, 0.05, 0.05), (R,), False, (1, 0, 0, 0), (80, 0, 10)),
    ((0.20, 0.85, 0.85, 0.10), (P, A), False, (0, 1, 1, 0), (0, 90, 10)),
    ((0.10, 0.95, 0.65, 0.95), (P, A, N), False, (0, 1, 1, 1), (0, 100, 10)),
    ((0.05, 0.75, 0.10, 0.75), (P, N), False, (0, 0, 0, 0), (0, 110, 10)),
    ((0.30, 0.15, 0.15, 0.10), (), False, (1, 0, 0, 0), (10, 10, 10)),
    ((0.05, 0.05, 0.05, 0.05), (), False, (0, 0, 0, 0), (0, 0, 10)),
    ((0.50, 0.20, 0.20, 0.10), (), True, (1, 0, 0, -1), (5, 5, 10)),
    ((0.45, 0.50, 0.50, 0.10), (), True, (-1, 1, 1, -1), (5, 5, 10)),
    ((NAN, NAN, NAN, NAN), (), True, (1, -1, -1, -1), (0, 0, 0)),
]
SOURCES = ("street",) * 6 + ("wire",) * 6
GROUPS = (0, 1, 2, 0, 4, 5, 6, 7, 8, 9, 10, 11)
# what came of each row, the year it was written in, its platform, what three people said of rumour, another's label
FATES = (*("removed", "kept", "removed", "author", "removed", "kept"), *("kept", "", "kept", "removed", "author", ""))
FATE_OF = {"removed": REMOVED, "kept": KEPT, "author": SILENT, "": UNRECORDED}
YEARS = (*("2019", "2019", "2019", "2019", "2020", "2020"), *("2020", "2020", "2019", "2020", "NaT", "NaT"))
PLATFORMS = (*("wb", "wb", "wb", "dy", "dy", "dy"), *("", "wb", "dy", "dy", "wb", ""))
PEOPLE = (
    ((1, 1, 1), (1, 1, 0), (0, 1, -1), (1, 1, 1), (0, 0, 0), (0, 0, -1))
    + ((0, 0, 1), (1, 0, -1), (0, 0, 0))
    + (*((1, -1, -1), (-1, -1, -1), (1, 1, 1)),)
)
# what two runs say of rumour under the full text, and under the name alone
READ = (
    ((1, 1), (1, 0), (0, 0), (1, 1), (0, 0), (0, 1), (0, 0), (1, 1), (0, 0), (1, -1), (-1, -1), (1, 1)),
    ((1, 0), (0, 0), (0, 0), (1, 1), (0, 0), (0, 0), (0, 0), (0, 1), (0, 0), (0, 0), (1, 0), (1, 1)),
)
OTHERS = (*("fake", "fake", "real", "fake", "real", "real"), *("real", "fake", "", "real", "fake", "real"))

AGAIN = (Stratum("labelled in, flagged, below 0.8", 4, 2), Stratum("labelled out, not flagged, below 0.2", 8, 1))

# function, pair, post, expected; the tiny model knows the characters 谣 军 报 天 and nothing else
CASES = [
    ("asserts", "p1", "都在传的谣，错不了", (R,)),
    ("quotes", "p1", "这是谣，别转", ()),
    ("asserts", "p2", "今天要停水，千真万确", (R,)),
    ("asks", "p2", "今天要停水吗", ()),
    ("poses", "p3", "我是军里的，听我的", (A,)),
    ("jokes", "p3", "我是天上的，听我的", ()),
    ("poses", "p4", "本报刚刚获悉", (N,)),
    ("jokes", "p4", "军报都没你快", ()),
    ("poses", "p5", "军报独家，我说了算", (A, N)),
    ("jokes", "p5", "🙂🙂", ()),
    ("asserts", "p6", "谣里说军要来", (R,)),
    ("asserts", "p6", "又一个谣，快囤", (R,)),
]


def tiny_taxonomy(names: dict[str, str] | None = None) -> Taxonomy:
    """Return the four categories, under other names if `names` says so."""
    called = {key: (names or {}).get(key, key) for key in KEYS}
    words = {"zh": "字", "en": "words"}
    tallies = {R: (8000, "almost"), A: (13000, "about")}
    terms = {R: ["停水", "谣言"], P: ["鸡蛋", "天气"]}
    return parse_taxonomy(
        {
            "name": "tiny",
            "version": 1,
            "title": words,
            "source": "written for the tests",
            "category": [
                {
                    "key": called[key],
                    "parent": called[PARENTS[key]] if key in PARENTS else None,
                    "name": words,
                    "wording": words,
                    "counts_in": words,
                    "counts_out": words,
                    "terms": terms.get(key, []),
                    "tallies": [
                        {"value": value, "unit": "accounts", "qualifier": qualifier, "what": words}
                        for value, qualifier in [tallies[key]]
                    ]
                    if key in tallies
                    else [],
                }
                for key in KEYS
            ],
        },
        where="tests",
    )


def tiny_model(names: dict[str, str] | None = None, *, only: tuple[str, ...] = KEYS) -> Model:
    """Return a real model of four characters: one of them alone gives a decision of 3, none of a category's −2."""
    taxonomy = tiny_taxonomy(names)
    terms = tuple(sorted("谣军报天"))
    weights = np.zeros((4, len(only)), dtype=np.float32)
    for character, keys in (("谣", (R,)), ("军", (P, A)), ("报", (P, N))):
        for key in keys:
            if key in only:
                weights[terms.index(character), only.index(key)] = 5.0
    n = len(only)
    return Model(
        name="tiny",
        taxonomy=taxonomy,
        categories=tuple((names or {}).get(key, key) for key in only),
        normalizer=Normalizer(()),
        segmenter=Segmenter(),
        blocks=(FeatureBlock("chars", (1, 1), terms, np.ones(4), sublinear_tf=True),),
        weights=weights,
        intercept=np.full(n, -2.0),
        slope=np.ones(n),
        offset=np.zeros(n),
        threshold=np.full(n, 0.5),
        abstain=0.1,
        validated_on={},
        config={},
        digest="d" * 16,
    )


def tiny_casebook(names: dict[str, str] | None = None, *, copies: int = 1) -> Casebook:
    """Return the twelve cases, each `copies` times (with pairs of their own)."""
    cases = [
        Case(
            case_id=f"c{place}-{copy}",
            function=function,
            pair_id=f"{pair}-{copy}",
            text=text,
            expected=tuple((names or {}).get(key, key) for key in expected),
            why="for the table",
        )
        for copy in range(copies)
        for place, (function, pair, text, expected) in enumerate(CASES)
    ]
    return Casebook(tuple(cases), {row[0]: Bilingual(zh=row[0], en=row[0]) for row in CASES})


def post(row: int) -> str:
    """Return the text of a row, from its counts of words."""
    water, eggs, weather = ROWS[row][4]
    return " ".join(["停水"] * water + ["鸡蛋"] * eggs + ["天气"] * weather) or "🙂🙂"


def table(
    order: Sequence[int] = tuple(range(12)),
    *,
    names: dict[str, str] | None = None,
    copies: int = 1,
    **changes: Any,
) -> AuditInput:
    """Return the table as the input of an audit.

    Parameters
    ----------
    order
        Rows in this order; a row may be left out or be there twice (then it is a near-duplicate of itself).
    names
        Old key to new key.
    copies
        By how much quarantine and casebook are multiplied.
    changes
        Fields to replace in the finished input.
    """
    taxonomy = tiny_taxonomy(names)
    rows = [ROWS[i] for i in order]
    proba = np.array([row[0] for row in rows], dtype=np.float32).reshape(len(rows), 4)
    alleged = np.array([[key in row[1] for key in KEYS] for row in rows], dtype=bool).reshape(len(rows), 4)
    ids = [f"t{i}-{place}" for place, i in enumerate(order)]
    texts = [post(i) for i in order]
    labelled = Labelled(
        ids=ids,
        texts=texts,
        labels=np.array([row[3] for row in rows], dtype=np.int8).reshape(len(rows), 4),
        proba=proba,
        alleged=alleged,
        source=np.array([SOURCES[i] for i in order], dtype=object),
        group=np.array([GROUPS[i] for i in order], dtype=np.int64),
        date=np.array([YEARS[i] for i in order], dtype="datetime64[s]"),
    )
    given = AuditInput(
        taxonomy=taxonomy,
        categories=taxonomy.keys,
        seed=7,
        ids=ids,
        proba=proba,
        alleged=alleged,
        abstained=np.array([row[2] for row in rows], dtype=bool),
        quarantined=QUARANTINED * copies,
        texts=texts,
        announced=True,
        labelled=labelled,
        model=tiny_model(names),
        threshold=np.full(4, 0.5),
        shift=Shift(len(rows), {"length": TraitShift(0.4, 0.1)}),
        casebook=tiny_casebook(names, copies=copies),
        outcome=Outcomes(
            value=np.array([FATES[i] for i in order], dtype=object),
            fate=np.array([FATE_OF[FATES[i]] for i in order], dtype=np.int8),
            silent={"author": "the author's own act"},
        ),
        period=Periods("year", np.array([YEARS[i] for i in order], dtype="datetime64[s]")),
        groups=np.array([PLATFORMS[i] for i in order], dtype=object),
        annotations=Annotations(
            annotators=("A1", "A2", "A3"),
            values=("no", "yes"),
            ids=ids,
            group=np.array([PLATFORMS[i] for i in order], dtype=object),
            coded={taxonomy.keys[0]: np.array([PEOPLE[i] for i in order], dtype=np.int32).reshape(len(order), 3)},
        ),
        others=(
            Other(
                name="b",
                labels=("fake", "real"),
                marked=np.array([[OTHERS[i] == "fake", OTHERS[i] == "real"] for i in order]).reshape(len(order), 2),
                known=np.array([OTHERS[i] != "" for i in order], dtype=bool),
            ),
        ),
        wordings=Wordings(
            ("full", "name"),
            ids,
            {
                taxonomy.keys[0]: tuple(
                    np.array([runs[i] for i in order], dtype=np.int8).reshape(len(order), 2) for runs in READ
                )
            },
        ),
        sample=sample(taxonomy.keys, alleged, labelled.labels),
        relabelled=(Relabelled(taxonomy.keys[0], AGAIN, np.array([0, 0, 1]), np.array([[1, 0, 0]], dtype=np.int8)),),
    )
    return replace(given, **changes)


def sample(keys: tuple[str, ...], alleged: np.ndarray, labels: np.ndarray) -> LabelledSample:
    """Return every row as a sample of two strata, tagged and not, that everybody labelled."""
    stratum = np.unique(alleged.any(axis=1), return_inverse=True)[1].astype(np.int64)
    return LabelledSample(keys, stratum, np.arange(len(stratum)), labels[None])


def figures(frame: AuditFrame, **wanted: str) -> list[Figure]:
    """Return the figures whose fields are as `wanted`."""
    return [figure for figure in frame.figures if all(getattr(figure, name) == wanted[name] for name in wanted)]


def one(frame: AuditFrame, category: str, group: str, statistic: str) -> Figure:
    """Return the one figure of that name; more or fewer than one is an error."""
    (found,) = figures(frame, category=category, group=group, statistic=statistic)
    return found
