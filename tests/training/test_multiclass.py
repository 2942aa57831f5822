"""One class per post: scikit-learn's accuracy and macro-F1; intervals over groups; posts without a class."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.model.scorer import probabilities
from koudai.training.multiclass import describe_classes, evaluate_classes, most_probable
from koudai.training.prepare import prepare
from koudai.training.train import train_model


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=40))
def test_figures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    true, guessed = np.array(pairs).T
    accuracy, macro = evaluate_classes(true, guessed, 5, groups=np.arange(len(true)))
    wanted = f1_score(true, guessed, labels=np.unique(true), average="macro", zero_division=0)
    assert accuracy.value == pytest.approx(accuracy_score(true, guessed))
    assert macro.value == pytest.approx(wanted)
    assert accuracy.n == len(true)


def test_a_group_counts_as_one_post() -> None:
    random = np.random.default_rng(3)
    true = random.integers(0, 3, 200)
    guessed = np.where(random.random(200) < 0.7, true, (true + 1) % 3)
    alone = evaluate_classes(true, guessed, 3, groups=np.arange(200))
    repeated = evaluate_classes(true.repeat(9), guessed.repeat(9), 3, groups=np.arange(200).repeat(9))
    for one, many in zip(alone, repeated, strict=True):
        assert many.value == pytest.approx(one.value)
        assert 1 <= (many.high - many.low) / (one.high - one.low) < 1.02  # type: ignore[operator]
        assert one.low is not None
        assert one.high is not None
        assert one.low < (one.value or 0.0) < one.high


def test_intervals_are_about_those_of_a_bootstrap_by_hand() -> None:
    random = np.random.default_rng(8)
    true = random.integers(0, 3, 400)
    guessed = np.where(random.random(400) < 0.6, true, random.integers(0, 4, 400))
    found = evaluate_classes(true, guessed, 3, groups=np.arange(400))
    drawn = [random.integers(0, 400, 400) for _ in range(300)]
    for one, of in zip(found, (accuracy_score, partial(f1_score, average="macro", labels=[0, 1, 2])), strict=True):
        low, high = np.percentile([of(true[rows], guessed[rows]) for rows in drawn], [2.5, 97.5])
        assert (one.low, one.high) == pytest.approx((low, high), abs=0.2 * (high - low)), one.metric


def test_a_class_of_one_group_counts_as_one_post() -> None:
    true, guessed = np.repeat([0, 1, 2], (50, 50, 6)), np.repeat([0, 1, 2], (55, 45, 6))
    groups = np.minimum(np.arange(106), 100)
    macro = evaluate_classes(true, guessed, 3, groups=groups)[1]
    assert macro.low is not None
    assert macro.value - macro.low > 0.2  # type: ignore[operator]


def test_a_post_without_features_is_wrong_and_one_without_a_class_is_left_out() -> None:
    labels = np.array([[1, 0], [0, 1], [-1, -1], [1, 0], [0, 1]], np.int8)
    proba = np.array([[0.6, 0.4], [0.5, 0.5], [0.9, 0.1], [np.nan, np.nan], [0.2, 0.8]], np.float32)
    assert most_probable(proba).tolist() == [0, 0, 0, 2, 1]
    leaked = np.array([True, False, False, False, False])
    found = describe_classes(labels, proba, np.arange(5), leaked)
    assert (found.all[0].value, found.all[0].n) == (0.5, 4)
    assert (found.unseen[0].value, found.unseen[0].n) == (pytest.approx(1 / 3), 3)


def test_nothing_to_measure_is_missing() -> None:
    none = np.empty(0, np.intp)
    assert [one.value for one in evaluate_classes(none, none, 3, groups=none)] == [None, None]


CLASSES = {"food": "面条包子豆浆", "road": "地铁公交修路", "sky": "下雨刮风晴天"}
TAXONOMY = """
name = "three"
version = 1
exclusive = true
title = { zh = "三类", en = "three" }
source = "written for this test"
""" + "".join(
    f"""
[[category]]
key = "{key}"
name = {{ zh = "类", en = "class" }}
wording = {{ zh = "类", en = "class" }}
counts_in = {{ zh = "类", en = "class" }}
counts_out = {{ zh = "类", en = "class" }}
"""
    for key in CLASSES
)
CONFIG = """
[run]
name = "three"
taxonomy = "three"
[split]
use = "group"
[decide]
folds = 2
[track]
enabled = false
[[corpus]]
[corpus.source]
name = "own"
file = "own.csv"
columns = { label = "label" }
""" + "".join(
    f"""
[[corpus.source.label]]
taxonomy = "three"
source = "{key}"
category = "{key}"
says = 1
fit = "direct"
reason = "written for this test"
"""
    for key in CLASSES
)


def test_an_exclusive_taxonomy_trains_from_rules_that_only_say_1(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    posts = [
        f"{i},{''.join(random.choice(list(words), 4))}第{i * 37}号{random.choice(['了', '吗', '吧'])},{key}"
        for i, (key, words) in enumerate(list(CLASSES.items()) * 40)
    ]
    (tmp_path / "own.csv").write_text("\n".join(["post_id,text,label", *posts]), encoding="utf-8")
    (tmp_path / "taxonomies").mkdir()
    (tmp_path / "taxonomies" / "three.toml").write_text(TAXONOMY, encoding="utf-8")
    (tmp_path / "own.toml").write_text(CONFIG, encoding="utf-8")
    ready = prepare(load_config(TrainConfig, tmp_path / "own.toml"), tmp_path / "own.toml")
    assert (ready.corpus.labels.sum(axis=1) == 1).all()
    assert (ready.corpus.labels >= 0).all()
    trained = train_model(ready, tmp_path / "m")
    model, classes = trained.model, trained.evaluation.classes
    assert classes is not None
    tested = ready.corpus.take(ready.split.test)
    guessed = most_probable(probabilities(model, tested.texts))
    accuracy, macro = classes.all
    assert accuracy.n == len(tested)
    assert accuracy.value == pytest.approx(accuracy_score(tested.labels.argmax(axis=1), guessed))
    assert (macro.value or 0.0) > 0.9
    assert "macro-F1 over classes" in (tmp_path / "m" / "MODEL_CARD.md").read_text(encoding="utf-8")
