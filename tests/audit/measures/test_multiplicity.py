"""Multiplicity: figures from refits alone by hand (A4), clear categories stable and vague ones not, the same numbers in
any order (A5), after any interruption and from what was kept, nothing from nothing (A1).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.measures.multiplicity import HELD, SCORED, _scored, multiplicity, ways_of
from koudai.audit.trying.rashomon import STATISTICS
from koudai.config.audit import MultiplicitySection
from tests.audit.table import KEYS, RENAMED, figures, one, table, tiny_model

R, P, A, N = KEYS
WORDS = ["公园", "菜场", "楼下", "车站", "河边", "学校", "今天", "昨天", "刚刚", "邻居", "老师", "司机"]
MANY = MultiplicitySection(refits=40, epsilon=(0.02, 0.1), scored=0)
FEW = MultiplicitySection(refits=10, epsilon=(0.02, 0.5), scored=30)


def given_labels(n: int = 160, *, order: np.ndarray | None = None, names: dict[str, str] | None = None) -> AuditInput:
    """Return posts in which one word carries the first category; the second is which half of the words is more."""
    random = np.random.default_rng(6)
    clear, drawn = np.arange(n) % 2, random.integers(0, len(WORDS), (n, 6))
    vague = (drawn < len(WORDS) // 2).sum(axis=1) + random.random(n) > 3.5
    texts = ["，".join(WORDS[k] for k in drawn[i]) + f"{i}{'内部消息' if clear[i] else ''}" for i in range(n)]
    labels = np.stack([clear, vague, np.full(n, -1), np.ones(n)], axis=1).astype(np.int8)
    order = np.arange(n) if order is None else order
    labelled = Labelled(
        ids=[f"p{i}" for i in order],
        texts=[texts[i] for i in order],
        labels=labels[order],
        proba=np.full((n, 4), 0.5, dtype=np.float32),
        alleged=np.zeros((n, 4), dtype=bool),
        source=np.full(n, "street", dtype=object),
        group=order.astype(np.int64),
    )
    scored = [texts[0], *("，".join(random.choice(WORDS, 7)) + f"第{i}次" for i in range(20))]
    return table(names=names, labelled=labelled, texts=scored, multiplicity=FEW)


@pytest.mark.slow
def test_a_clear_category_is_stable_and_a_vague_one_is_not() -> None:
    frame = multiplicity(replace(given_labels(400), multiplicity=FEW.model_copy(update={"refits": 40})))
    clear, vague = (one(frame, key, f"{HELD}, ε=0.5", "ambiguity") for key in (R, P))
    assert clear.value is not None
    assert vague.value is not None
    assert clear.value < 0.05
    assert vague.value > 0.2
    for key, least, most in ((R, 0.97, 1.0), (P, 0.5, 0.95)):
        value = one(frame, key, f"{HELD}, all refits", "self_consistency").value
        assert value is not None
        assert least <= value <= most
    assert clear.n == vague.n == 400
    assert one(frame, R, HELD, "loss").value == pytest.approx(0.0, abs=0.1)


def test_every_figure_has_its_n_and_its_part() -> None:
    frame = multiplicity(given_labels())
    inside = one(frame, P, "ε=0.5", "in_rashomon_set")
    assert inside.n == 20  # each refit once by either half
    assert inside.value is not None
    for part in (HELD, SCORED, f"{HELD}, tagged", f"{SCORED}, tagged"):
        for group in (f"{part}, all refits", f"{part}, ε=0.5"):
            found = figures(frame, category=P, group=group)
            assert [figure.statistic for figure in found] == list(STATISTICS)
            assert len({figure.n for figure in found}) == 1
    tagged, whole = (one(frame, R, f"{HELD}{part}, ε=0.5", "ambiguity").n for part in (", tagged", ""))
    assert 0 < tagged < whole


@pytest.mark.slow
def test_two_seeds_give_intervals_that_overlap() -> None:
    """Splits, halves and refits are others; what is told of the same posts is not."""
    frames = [multiplicity(replace(given_labels(240), seed=seed, multiplicity=MANY)) for seed in (1, 2, 3)]
    for figure in frames[0].figures:
        if figure.category == P and figure.group.startswith(HELD) and figure.low is not None:
            for frame in frames[1:]:
                other = one(frame, P, figure.group, figure.statistic)
                assert figure.high is not None
                assert other.low is not None
                assert other.high is not None
                assert figure.low <= other.high, figure
                assert other.low <= figure.high, figure


@pytest.mark.slow
def test_a_wider_set_is_never_less_ambiguous() -> None:
    frame = multiplicity(given_labels())
    for key in (R, P):
        narrow, wide = (one(frame, key, f"{HELD}, ε={e}", "ambiguity").value for e in ("0.02", "0.5"))
        assert (narrow or 0.0) <= (wide or 0.0)


def test_A3_scored_posts_that_were_fitted_on_are_left_out_and_counted() -> None:
    frame = multiplicity(given_labels())
    left_out = one(frame, ALL, SCORED, "left_out_as_near_duplicate")
    assert left_out.n == 21
    assert left_out.value is not None
    assert left_out.value >= 1 / 21
    n = one(frame, R, f"{SCORED}, ε=0.5", "ambiguity").n
    assert n == 4 * (21 - round(left_out.value * 21))  # once by the models of each part


@pytest.mark.slow
def test_A5_order_of_posts_and_names_of_categories_change_nothing() -> None:
    expected = multiplicity(given_labels())
    turn = np.random.default_rng(3).permutation(160)
    turned = given_labels(order=turn)
    assert turned.texts is not None
    assert multiplicity(replace(turned, texts=turned.texts[::-1])) == expected
    renamed = multiplicity(given_labels(names=RENAMED))
    back = {value: key for key, value in RENAMED.items()} | {ALL: ALL}
    assert [replace(f, category=back[f.category]) for f in renamed.figures] == list(expected.figures)


@pytest.mark.slow
def test_what_is_kept_gives_the_same_figures_and_so_does_what_was_damaged(tmp_path: Path) -> None:
    expected = multiplicity(given_labels())
    given = replace(given_labels(), refits=tmp_path / "kept")
    assert multiplicity(given) == expected
    files = sorted((tmp_path / "kept").iterdir())
    assert len(files) == 14
    files[0].write_bytes(b"")
    files[1].unlink()
    assert multiplicity(given) == expected
    assert len(list((tmp_path / "kept").iterdir())) == 14


def test_without_scored_posts_the_held_out_ones_are_judged_alone() -> None:
    frame = multiplicity(replace(given_labels(), texts=None))
    assert figures(frame, category=ALL) == []
    assert not [f for f in frame.figures if f.group.startswith(SCORED)]
    assert one(frame, R, f"{HELD}, ε=0.5", "ambiguity").n == 160


def test_A1_what_cannot_be_refitted_has_no_figure() -> None:
    frame = multiplicity(given_labels())
    for key in (A, N):
        assert [(f.statistic, f.value, f.n) for f in figures(frame, category=key)] == [
            (name, None, 0) for name in STATISTICS
        ]
    assert multiplicity(table(labelled=None)).figures == ()
    assert multiplicity(table(model=None)).figures == ()
    empty = multiplicity(table(order=(), multiplicity=FEW))
    assert {(f.value, f.n) for f in empty.figures} == {(None, 0)}


@pytest.mark.parametrize("text", ["", "🙂🙂"], ids=["empty", "emoji"])
def test_A1_posts_without_words_have_no_figure_that_is_not_a_number(text: str) -> None:
    given = given_labels()
    assert given.labelled is not None
    silent = replace(given.labelled, texts=[text] * 160, group=np.arange(160))
    for figure in multiplicity(replace(given, labelled=silent)).figures:
        assert figure.value is None or 0.0 <= figure.value <= 1.0


@pytest.mark.slow
def test_only_so_many_posts_are_used_and_the_same_ones_again() -> None:
    given = replace(given_labels(), multiplicity=FEW.model_copy(update={"posts": 80}))
    frame = multiplicity(given)
    assert one(frame, R, f"{HELD}, ε=0.5", "ambiguity").n == pytest.approx(80, abs=3)
    assert multiplicity(given) == frame
    assert multiplicity(replace(given, seed=8)) != frame


def test_the_reference_is_fitted_as_the_models_config_says() -> None:
    model = replace(
        tiny_model(),
        config={
            "text": {"steps": ["nfkc"]},
            "features": {"words": None, "chars": [1, 2], "vectors": {"corpora": ["x"]}},
            "model": {"classifier": "DualLinearSVC", "params": {"C": 2.0}},
            "decide": {"threshold": {"precision": 0.9}},
        },
    )
    ways = ways_of(model)
    assert (ways.text.steps, ways.features.words, ways.features.vectors) == (("nfkc",), None, None)
    assert (ways.model.params, ways.decide.threshold) == ({"C": 2.0}, {"precision": 0.9})
    assert ways_of(tiny_model()).model.classifier == "DualLinearSVC"


def test_a_model_that_was_brought_in_by_a_classifier_that_configs_do_not_know_is_not_refitted() -> None:
    model = replace(tiny_model(), config={"model": {"classifier": "MultinomialNB", "params": {}}})
    assert multiplicity(replace(given_labels(), model=model)).figures == ()


def test_of_many_scored_posts_a_sample_is_taken_whatever_their_order() -> None:
    given = given_labels()
    assert given.texts is not None
    some, groups, seen = _scored(given, [], 5)
    assert len(some) == len(set(some)) == 5
    assert set(some) < set(given.texts)
    assert _scored(replace(given, texts=given.texts[::-1]), [], 5)[0] == some
    assert len(groups) == len(some)
    assert seen == 0
    assert _scored(given, [], 0)[0] == _scored(replace(given, texts=None), [], 5)[0] == []
