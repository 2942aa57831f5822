"""Refits: the same numbers whatever interrupts them and however many cores there are; each part is held out in turn and
nothing held out is fitted on; a reference is what training would make of the posts that are not held out.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from koudai.config.decide import DecideSection
from koudai.config.train import FeaturesSection, ModelSection, TextSection
from koudai.model.fitting.classifiers import make_classifier
from koudai.model.fitting.dual import LOOSE_GAP
from koudai.model.ngrams.blocks import fit_blocks
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import of_texts
from koudai.training.fit import FitData, fit_category
from koudai.training.folds import deal_folds
from koudai.training.refitting.kept_refits import KeptRefits
from koudai.training.refitting.refit_batches import (
    PARTS,
    STRENGTHS,
    Batch,
    Judged,
    RefitPosts,
    Refitted,
    Refitter,
    Ways,
    side_of,
)
from koudai.training.refitting.refits import refit, ways_of_counting

WAYS = Ways(TextSection(), FeaturesSection(words=(1, 1), chars=(1, 2)), ModelSection(), DecideSection(folds=3))
REFITS = 12
Made = list[list[Refitted] | None]


def posts(n: int = 120, *, marked: str = "内部消息") -> RefitPosts:
    random = np.random.default_rng(5)
    y = (np.arange(n) // 2 % 2).astype(np.int8)
    say = ["今天很忙", "刚刚走了", "又来了", "没有回话", "说得不错"]
    texts = [f"{random.choice(say)}，{random.choice(say)}{marked if y[i] and i % 6 else ''}" for i in range(n)]
    labels = np.stack([y, np.full(n, -1), np.where(np.arange(n) < 30, -1, 1 - y)], axis=1).astype(np.int8)
    return RefitPosts(texts, labels, np.arange(n) // 2, ["今天内部消息", "☃", "走了"], ("a", "b", "c"))


def made(folder: Path | None = None, *, given: RefitPosts | None = None, ways: Ways = WAYS) -> Made:
    return refit(given or posts(), ways, refits=REFITS, seed=3, kept=KeptRefits(folder))


def same(a: Made, b: Made) -> None:
    assert [one is None for one in a] == [one is None for one in b]
    for one, other in zip(a, b, strict=True):
        if one is None or other is None:
            continue
        for mine, its in zip(one, other, strict=True):
            assert np.array_equal(mine.held, its.held)
            for x, y in zip((mine.reference, *mine.refits), (its.reference, *its.refits), strict=True):
                assert np.array_equal(x.proba, y.proba, equal_nan=True)
                assert np.array_equal([x.threshold], [y.threshold], equal_nan=True)


def test_every_category_that_can_be_is_refitted_and_no_other() -> None:
    found = made()
    assert [one is None for one in found] == [False, True, False]
    for parts in found:
        assert parts is None or [len(one.refits) for one in parts] == [REFITS // PARTS] * PARTS


def test_A3_parts_divide_no_group_and_hold_each_post_that_knows_once() -> None:
    given = posts()
    for column, parts in enumerate(made()):
        if parts is not None:
            known = np.flatnonzero(given.labels[:, column] >= 0)
            assert sorted(np.concatenate([one.held for one in parts]).tolist()) == known.tolist()
            for one in parts:
                rest = np.setdiff1d(known, one.held)
                assert not set(given.groups[one.held]) & set(given.groups[rest])


def test_every_part_is_fitted_with_every_strength() -> None:
    batches = [Batch(number, WAYS.features, STRENGTHS) for number in range(PARTS)]
    met = {pair for one in batches for pair in zip(one.parts, range(len(STRENGTHS)), strict=True)}
    assert len(met) == PARTS * len(STRENGTHS)


@pytest.mark.parametrize("part", [0, 2])
def test_A4_a_reference_is_what_training_makes_of_the_other_posts(part: int) -> None:
    given, parts = posts(), made()[0]
    assert parts is not None
    found = parts[part]
    y = given.labels[:, 0]
    fold = deal_folds(y, given.groups, PARTS, seed=3)
    assert found.held.tolist() == np.flatnonzero(fold == part).tolist()
    normalised = Normalizer(WAYS.text.steps).many(of_texts(given.texts))
    _, features = fit_blocks(normalised, WAYS.features, Segmenter())
    fit = np.flatnonzero(fold != part)
    one = fit_category(
        FitData(
            features[fit],
            y[fit],
            np.ones(len(fit)),
            given.groups[fit],
            classifier=make_classifier("DualLinearSVC", {"C": 0.5}),
            seed=3,
            gap=LOOSE_GAP,
        ),
        name="a",
        section=WAYS.decide,
    )
    decision = features[found.held] @ one.weights + one.intercept
    expected = 1 / (1 + np.exp(-(one.slope * decision + one.offset)))
    assert found.reference.proba[: len(found.held)] == pytest.approx(expected, abs=1e-6)
    assert found.reference.threshold == pytest.approx(one.threshold)


def test_a_post_without_features_has_no_probability_and_no_tag() -> None:
    for parts in made():
        for one in parts or []:
            for judged in (one.reference, *one.refits):
                assert np.isnan(judged.proba[len(one.held) + 1])
                assert not judged.tags[len(one.held) + 1]


def test_refits_differ_and_the_seed_says_how() -> None:
    found = made()[0]
    assert found is not None
    probas = {one.proba.tobytes() for part in found for one in part.refits}
    assert len(probas) == REFITS
    same(made(), made())
    other = refit(posts(), WAYS, refits=REFITS, seed=4, kept=KeptRefits(None))[0]
    assert other is not None
    assert other[0].refits[0].proba.tobytes() not in probas


@pytest.mark.parametrize("cores", [1, 3])
def test_the_number_of_cores_changes_nothing(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    expected = made()
    monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: range(cores))
    same(made(), expected)


def test_stopped_at_any_refit_it_goes_on_and_comes_to_the_same(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    expected = made()
    for limit in (0, 1, 5, 9):

        class Stopping(KeptRefits):
            left = limit

            def write(self, name: str, kept: object) -> None:
                if self.left == 0:
                    raise Stopped
                type(self).left -= 1
                super().write(name, kept)  # type: ignore[arg-type]

        folder = tmp_path / str(limit)
        with pytest.raises(Stopped):
            refit(posts(), WAYS, refits=REFITS, seed=3, kept=Stopping(folder))
        same(made(folder), expected)


def test_what_is_kept_is_not_made_again_and_what_is_damaged_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, fitted = made(tmp_path), []
    batch = Refitter.batch
    monkeypatch.setattr(Refitter, "batch", lambda self, one: fitted.append(one.number) or batch(self, one))
    same(made(tmp_path), expected)
    assert fitted == []
    files = sorted(tmp_path.iterdir())
    assert len(files) == REFITS + PARTS
    for file in files[:4]:
        file.write_bytes(file.read_bytes()[:-5])
    same(made(tmp_path), expected)
    assert set(fitted) <= {0, 1}
    fitted.clear()
    same(made(tmp_path), expected)
    assert fitted == []


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["text", "label", "group", "other", "C"])
def test_what_another_audit_kept_is_not_taken_for_this_one(tmp_path: Path, changed: str) -> None:
    made(tmp_path)
    given, ways = posts(), WAYS
    if changed == "text":
        given.texts[7] += "！另"
    elif changed == "label":
        given.labels[40:44, 0] = -1
    elif changed == "group":
        given.groups[3] = 99
    elif changed == "other":
        given.others[0] += "呀"
    else:
        ways = Ways(WAYS.text, WAYS.features, ModelSection(params={"C": 3.0}), WAYS.decide)
    same(made(tmp_path, given=given, ways=ways), made(given=given, ways=ways))


@pytest.mark.parametrize("classifier", ["linear_svc", "NBSVM", "ComplementNB"])
def test_every_classifier_can_be_refitted(classifier: str) -> None:
    ways = Ways(WAYS.text, WAYS.features, ModelSection(classifier=classifier), WAYS.decide)
    found = made(ways=ways)[0]
    assert found is not None
    assert sum(np.isfinite(one.threshold) for part in found for one in part.refits) == REFITS


def test_progress_counts_every_refit_kept_or_made(tmp_path: Path) -> None:
    done: list[int] = []
    kept = KeptRefits(tmp_path)
    for times in (1, 2):
        refit(posts(), WAYS, refits=REFITS, seed=3, kept=kept, advance=lambda steps, told=None: done.append(steps))
        assert sum(done) == times * REFITS


def test_A1_too_few_groups_or_one_class_give_nothing() -> None:
    given = posts()
    given.labels[:, :] = 1
    assert made(given=given) == [None] * 3
    assert (
        made(given=RefitPosts([], np.empty((0, 3), np.int8), np.empty(0, np.int64), [], ("a", "b", "c"))) == [None] * 3
    )


def test_ways_of_counting_begin_with_the_models_own_and_are_all_different() -> None:
    for own in (FeaturesSection(), FeaturesSection(words=None, chars=(2, 3)), FeaturesSection(chars=None)):
        ways = ways_of_counting(own)
        assert ways[0] == own
        assert 5 <= len(ways) <= 7
        assert all(one not in ways[:place] for place, one in enumerate(ways))


def test_a_tag_needs_a_probability_and_a_threshold() -> None:
    proba = np.array([0.2, 0.6, np.nan], np.float32)
    assert Judged(proba, 0.5).tags.tolist() == [False, True, False]
    assert Judged(proba, float("nan")).tags.tolist() == [False] * 3


def test_A1_a_category_of_which_a_part_lacks_a_label_is_not_refitted(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([1, 0] * 20, np.int8)
    assert side_of(labels, np.arange(40), seed=1) is not None
    monkeypatch.setattr(
        "koudai.training.refitting.refit_batches.deal_folds", lambda y, groups, parts, *, seed: np.arange(len(y)) % 2
    )
    assert side_of(labels, np.arange(40), seed=1) is None
