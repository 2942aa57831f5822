"""What every measure of the registry promises; a new file of the folder is checked from its first day.

It explains itself in two languages, names its sources, declares what it needs and takes no more than that, and gives
the same figures for the same input, each with its n.
"""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import koudai.audit.measures
from koudai.audit.frame import ALL, AuditFrame
from koudai.audit.inputs.annotations import Annotations
from koudai.audit.inputs.audit_input import INPUTS, LABELS_OR_SAMPLE, AuditInput, Labelled, LabelledSample
from koudai.audit.inputs.casebook import Case, Casebook
from koudai.audit.inputs.covariates import Covariates, Levels
from koudai.audit.inputs.domains import Domain
from koudai.audit.inputs.events import Event
from koudai.audit.inputs.kept_columns import KEPT, REMOVED, SILENT, Outcomes, Periods
from koudai.audit.inputs.others import Other
from koudai.audit.inputs.relabelled import Relabelled
from koudai.audit.inputs.wordings import Wordings
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.stratum import GIVEN, Stratum
from koudai.model.model import Model
from koudai.model.profile import Profile, TraitBins
from koudai.model.scorer import score
from koudai.scoring.results import Scores
from koudai.scoring.totals import Totals
from koudai.taxonomy import Bilingual, parse_taxonomy
from tests.model.tiny import CATEGORIES, tiny_model, tiny_posts

NAMES = MEASURES.names()
BORROWED = {
    "Wilson": None,  # its source stands where it is computed, in pipeline/koudai/training/intervals.py
    "Jaccard": None,  # a set's share of another needs none
    "Brier": "Brier 1950",
    "expected calibration error": "Naeini",
    "Hill number": "Hill 1973",
    "matrix factorisation": "Lee & Seung 1999",
    "Dirichlet": "Monroe",
    "Benjamini-Hochberg": "Benjamini & Hochberg 1995",
    "Yekutieli": "Benjamini & Yekutieli 2001",
    "pair_gap": "HateCheck",
    "Krippendorff's": "Krippendorff 2018",
    "Cohen's": "Cohen 1960",
    "confident learning": "Northcutt, Jiang & Chuang 2021",
    "adjusted mutual information": "Vinh, Epps & Bailey 2010",
    "I(A;B)": "Theil 1970",
    "probability of being drawn": "Horvitz",
    "ppi++": "Angelopoulos",
    "score test": "Wilson 1927",
    "Kolmogorov": "Smirnov 1948",
}
"""Words of a borrowed formula, and what its source line must name."""
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("我是派出所民警，请把验证码发给我核实", ("posing.police",)),
    ("昨天派出所民警来小区讲反诈，叫大家别报验证码", ()),
    ("老中医祖传偏方，喝三天保准治好高血压", ("advice",)),
    ("老中医说偏方不可信，高血压还是要去医院", ()),
)


def doc(name: str) -> str:
    return inspect.getdoc(MEASURES[name].take) or ""


@pytest.mark.parametrize("name", NAMES)
def test_it_is_explained_in_english_and_in_chinese(name: str) -> None:
    read = MEASURES[name].how_to_read
    assert doc(name).count("\n中文\n") == 1
    assert len(read.en.split()) >= 30
    chinese = re.findall("[\u4e00-\u9fff]", read.zh)
    assert len(chinese) >= 60
    assert not re.search("[\u4e00-\u9fff]", read.en)
    assert "\n" not in read.zh
    assert re.search(r"\d", read.en), "the range is given in numbers"


@pytest.mark.parametrize("name", NAMES)
def test_its_first_line_says_what_is_computed(name: str) -> None:
    first = doc(name).splitlines()[0]
    assert len(first) > 30
    assert first[0].isupper()


@pytest.mark.parametrize("name", NAMES)
def test_a_borrowed_formula_has_its_source(name: str) -> None:
    english = re.sub(r"\s+", " ", MEASURES[name].how_to_read.en)
    body, _, source = english.partition("Source:")
    for words, expected in BORROWED.items():
        if expected is not None and words.lower() in body.lower():
            assert expected in source, f"{words!r} without its source"
    for line in re.findall(r"Source:(.*?)(?=Source:|$)", english):
        assert re.search(r"\d{4}", line), "a source has a year"


def test_the_list_of_borrowed_formulas_is_in_use() -> None:
    english = " ".join(re.sub(r"\s+", " ", MEASURES[name].how_to_read.en).lower() for name in NAMES)
    assert [words for words in BORROWED if words.lower() not in english] == []


@pytest.mark.parametrize("name", NAMES)
def test_its_title_is_in_both_languages(name: str) -> None:
    title = MEASURES[name].title
    assert re.search("[\u4e00-\u9fff]", title.zh)
    assert not re.search("[\u4e00-\u9fff]", title.en)


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_needs_that_are_known(name: str) -> None:
    needs = MEASURES[name].needs
    assert needs
    assert set(needs) <= set(INPUTS)
    assert len(set(needs)) == len(needs)
    assert list(needs) == [one for one in INPUTS if one in needs], "in the order of INPUTS"


def test_every_measure_has_a_place_of_its_own_and_a_file_of_its_name() -> None:
    places = [MEASURES[name].place for name in measures_in_order()]
    assert places == sorted(set(places))
    folder = Path(inspect.getfile(koudai.audit.measures)).parent
    files = {path.stem for path in folder.glob("*.py") if path.stem != "__init__"}
    assert files == set(NAMES)
    assert {Path(inspect.getfile(MEASURES[name].take)).stem for name in NAMES} == files


def scored_cases(model: Model, cases: tuple[Case, ...]) -> Scores:
    batch = score(model, [case.case_id for case in cases], [case.text for case in cases])
    columns = [batch.keys.index(key) for key in model.categories]
    return Scores(
        [case.case_id for case in cases],
        model.categories,
        batch.proba,
        batch.alleged[:, columns],
        batch.abstained,
        model.digest,
        Totals(),
    )


@pytest.fixture(scope="module")
def whole() -> AuditInput:
    """Everything a measure may look at, small: the posts of the tiny model, scored by it and labelled."""
    model = tiny_model()
    texts, labels, groups = tiny_posts()
    ids = [str(place) for place in range(len(texts))]
    batch = score(model, ids, texts)
    alleged = np.array([[key in keys for key in CATEGORIES] for keys in batch.tags()])
    labelled = Labelled(
        ids=ids,
        texts=texts,
        labels=labels,
        proba=batch.proba,
        alleged=alleged,
        source=np.array(["tiny"] * len(texts), dtype=object),
        group=groups,
    )
    titles = Bilingual(zh="测试", en="test")
    n = len(texts)
    every = np.arange(n)
    defined = model.taxonomy.model_dump(mode="json")
    for category in defined["category"]:
        category["terms"] = ["派出所", "偏方"]
    cases = tuple(
        Case(case_id=f"c{i}", function="f", pair_id=f"p{i // 2}", text=text, expected=expected, why="for this test")
        for i, (text, expected) in enumerate(CASES)
    )
    profile = Profile.of([TraitBins({"script": every % 9}, every)], fitted=n, seed=1)
    assert profile is not None
    return AuditInput(
        taxonomy=parse_taxonomy(defined, where="tests"),
        categories=CATEGORIES,
        seed=20230310,
        ids=ids,
        proba=batch.proba,
        alleged=alleged,
        abstained=batch.abstained,
        quarantined=3,
        texts=texts,
        labelled=labelled,
        model=replace(model, profile=profile),
        shift=profile.compare(batch.outline),
        case_scores=scored_cases(model, cases),
        casebook=Casebook(cases, {"f": titles}),
        outcome=Outcomes(
            value=np.array(["removed", "kept", "author"], dtype=object)[every % 3],
            fate=np.array([REMOVED, KEPT, SILENT], dtype=np.int8)[every % 3],
            silent={"author": "the author's own act"},
        ),
        period=Periods("year", np.array(["2019", "2020", "NaT"], dtype="datetime64[s]")[every % 3]),
        groups=np.array(["wb", "dy", ""], dtype=object)[every % 3],
        domains=(Domain.of("kind", [("ad", "news", "")[at % 3] for at in range(n)]),),
        event=Event(10, 12, every % 20),
        covariates=Covariates((Levels("kind", ("ad", "news"), every % 2),), {"length": every % 7 * 1.0}),
        annotations=Annotations(
            annotators=("A1", "A2", "A3"),
            values=("no", "yes"),
            ids=ids,
            group=np.array(["wb", "dy"], dtype=object)[every % 2],
            coded={
                key: np.stack([every % n % 2, every % 5 % 2 - (every % 7 == 0), every % n // 2], 1).astype(np.int32)
                for key, n in (("advice", 2), ("posing.police", 3))
            },
        ),
        wordings=Wordings(
            ("full", "name"),
            ids,
            {"advice": tuple(np.stack([every % n % 2, every % 4 // 2], 1).astype(np.int8) for n in (2, 3))},
        ),
        others=(Other("b", ("x", "y"), (every % 3)[:, None] == np.arange(2), every % 4 > 0),),
        sample=LabelledSample(
            categories=CATEGORIES,
            stratum=alleged.any(axis=1).astype(np.int64),
            post=np.arange(0, len(texts), 2),
            labels=np.stack([labels[::2], np.maximum(labels[::2], 0)]).astype(np.int8),
        ),
        announced=True,
        relabelled=(
            Relabelled(
                CATEGORIES[0],
                tuple(Stratum(f"{given}, not flagged, below 0.02", size=40, drawn=10) for given in GIVEN),
                np.repeat([0, 1], 10),
                np.tile(np.array([0, 1], dtype=np.int8), 10)[None],
            ),
        ),
    )


def fresh(whole: AuditInput) -> AuditInput:
    """Return the same input with nothing computed yet."""
    return replace(whole, texts=list(whole.texts or []))


ENOUGH = [
    (name, tuple(enough if need == LABELS_OR_SAMPLE else need for need in MEASURES[name].needs))
    for name in NAMES
    for enough in (("labels", "sample") if LABELS_OR_SAMPLE in MEASURES[name].needs else ("",))
]
"""Each measure with what is enough for it; twice, where one of two things is."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "needs"), ENOUGH)
def test_it_takes_no_more_than_it_declares(name: str, needs: tuple[str, ...], whole: AuditInput) -> None:
    """Given only what it needs, it gives figures, under its own name."""
    given = replace(
        whole,
        texts=whole.texts if "texts" in needs else None,
        words="words" in needs,
        announced="announced" in needs,
        labelled=whole.labelled if "labels" in needs else None,
        model=whole.model if "model" in needs else None,
        case_scores=whole.case_scores if "case_scores" in needs else None,
        casebook=whole.casebook if "casebook" in needs else None,
        outcome=whole.outcome if "outcome" in needs else None,
        period=whole.period if "period" in needs else None,
        groups=whole.groups if "group" in needs else None,
        domains=whole.domains if "domain" in needs else (),
        event=whole.event if "event" in needs else None,
        covariates=whole.covariates if "regression" in needs else None,
        annotations=whole.annotations if {"annotations", "three_annotators"} & set(needs) else None,
        wordings=whole.wordings if "wording" in needs else None,
        others=whole.others if "other" in needs else (),
        sample=whole.sample if "sample" in needs else None,
        shift=whole.shift if "profile" in needs else None,
    )
    assert all(given.has(need) for need in (*needs, *MEASURES[name].needs))
    frame = MEASURES[name].taken(given)
    assert isinstance(frame, AuditFrame)
    assert frame.measure == name
    assert frame.figures


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_A1_A2_every_figure_has_its_n_and_lies_within_its_interval(name: str, whole: AuditInput) -> None:
    for figure in MEASURES[name].taken(fresh(whole)).figures:
        assert figure.category in (ALL, *CATEGORIES)
        assert figure.group
        assert figure.statistic
        assert figure.n >= 0
        assert figure.n > 0 or figure.value is None
        numbers = [number for number in (figure.value, figure.low, figure.high) if number is not None]
        assert all(math.isfinite(number) for number in numbers)
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.high


def named(frame: AuditFrame, whole: AuditInput) -> set[str]:
    """Return the words of posts that a frame names; those of the taxonomy are its own."""
    words = set(whole.scored_texts.word_counts.words) - {"派出所", "偏方"}
    return {part for figure in frame.figures for part in re.split("[: ]+", figure.group)} & words


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if "words" not in MEASURES[name].needs])
def test_R6_no_word_of_a_post_is_named_where_none_may_be(name: str, whole: AuditInput) -> None:
    allowed, forbidden = (MEASURES[name].taken(replace(fresh(whole), words=words)) for words in (True, False))
    assert named(forbidden, whole) == set()
    assert bool(named(allowed, whole)) is (name in ("themes", "outcome", "drift", "shift"))
    assert [
        one for one in forbidden.figures if not one.group.startswith(("theme ", "removed: theme", "kept: theme"))
    ] == [one for one in allowed.figures if not named(AuditFrame(name, (one,)), whole)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_P6_the_same_input_gives_the_same_figures(name: str, whole: AuditInput) -> None:
    first = MEASURES[name].taken(fresh(whole))
    assert MEASURES[name].taken(fresh(whole)) == first
