"""Shift: the figures are those of the comparison, and the words that come up are those that were planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.measures.shift import SHOWN, _one_per_group, shift, z_of_difference
from koudai.config.train import DEFAULT_STEPS, FeaturesSection
from koudai.model.model import Model
from koudai.model.ngrams.blocks import fit_blocks
from koudai.model.profile import Profile, Shift, TraitProfile, TraitShift
from koudai.text.characters.normalize import Normalizer
from koudai.text.utf8 import of_texts as utf8_of
from tests.audit.table import figures, table
from tests.model.tiny import tiny_model, tiny_posts

FOUND = Shift(12, {"length": TraitShift(0.4, 0.1), "probability impersonation": TraitShift(0.05, 0.1)})
PROFILE = Profile({"script": TraitProfile((1,) * 9, 0.5)}, critical=2.5, fitted=100)


def of_texts(texts: list[str], model: Model) -> AuditInput:
    n = len(texts)
    base = table()
    return replace(
        base,
        ids=[str(place) for place in range(n)],
        texts=texts,
        proba=np.zeros((n, 4), np.float32),
        alleged=np.zeros((n, 4), bool),
        abstained=np.zeros(n, bool),
        model=model,
        shift=FOUND,
    )


def test_distances_and_tolerances_are_those_of_the_comparison() -> None:
    frame = shift(replace(table(), texts=None, shift=FOUND))
    told = [(one.category, one.group, one.statistic, one.value, one.n) for one in frame.figures]
    assert told == [
        (ALL, "length", "distance", 0.4, 12),
        (ALL, "length", "tolerance", 0.1, 12),
        ("impersonation", "probability", "distance", 0.05, 12),
        ("impersonation", "probability", "tolerance", 0.1, 12),
    ]
    assert shift(replace(table(), shift=None)).figures == ()


def fitted_on(texts: list[str], steps: tuple[str, ...]) -> Model:
    """Return a model with the words of posts, normalised by these steps."""
    base = tiny_model()
    normalizer = Normalizer(steps)
    section = FeaturesSection(words=(1, 1), chars=None, min_df=2)
    blocks, _ = fit_blocks(normalizer.many(utf8_of(texts)), section, base.segmenter)
    return replace(
        base,
        normalizer=normalizer,
        blocks=blocks,
        weights=np.zeros((len(blocks[0].terms), len(base.categories)), np.float32),
        profile=replace(PROFILE, fitted=len(texts)),
    )


def test_words_that_are_more_frequent_here_and_there() -> None:
    model = fitted_on(tiny_posts()[0], DEFAULT_STEPS)
    texts = [f"西瓜涨价了，第{number}家店{'老板' * (number % 3)}也卖西瓜" for number in range(60)]
    frame = shift(of_texts([*texts, *texts], model))
    z = {one.group: one for one in figures(frame, statistic="z")}
    assert z["西瓜"].value is not None
    assert z["西瓜"].value > 5
    assert len(z) <= 2 * SHOWN
    here = {one.group: one for one in figures(frame, statistic="here")}
    there = {one.group: one for one in figures(frame, statistic="there")}
    assert (here["西瓜"].value, there["西瓜"].value) == (1.0, 0.0)
    absent = [name for name, one in z.items() if (one.value or 0) < 0]
    assert absent
    assert all(here[name].value == 0 for name in absent if name not in "".join(texts))
    assert all((there[name].value or 0) > 0 for name in absent)


def test_no_word_is_named_where_words_may_not_be() -> None:
    model = replace(tiny_model(), profile=PROFILE)
    given = of_texts(["西瓜涨价了"] * 5, model)
    for quiet in (replace(given, words=False), replace(given, texts=None), replace(given, model=None)):
        assert {one.statistic for one in shift(quiet).figures} == {"distance", "tolerance"}


@pytest.mark.parametrize("own", [True, False])
def test_R7_no_piece_of_a_contact_is_named_whatever_the_steps_of_the_model(own: bool) -> None:
    """A model that kept contacts has pieces of them as words; whether posts with them are scored or others are."""
    posts = [f"第{number}个人自称新闻主播，写信给wangwu77@example.com，找@河弯弯某" for number in range(60)]
    others = [f"西瓜涨价了，第{number}家店也卖西瓜" for number in range(60)]
    old = fitted_on(posts, ("nfkc", "drop-invisible"))
    assert {"wangwu77", "弯弯"} <= set(old.blocks[0].terms)
    named = {one.group for one in shift(of_texts(posts if own else others, old)).figures}
    assert {name for name in named if name in "wangwu77@example.com 河弯弯某"} == set()
    assert ("主播" in named) is own
    masked = fitted_on(posts, DEFAULT_STEPS)
    assert "主播" in {one.group for one in shift(of_texts(others, masked)).figures}


def test_z_has_the_variance_of_two_equal_shares() -> None:
    random = np.random.default_rng(1)
    a, b = random.binomial(400, 0.3, 4000).astype(float), random.binomial(900, 0.3, 4000).astype(float)
    assert z_of_difference(a, 400, b, 900).std() == pytest.approx(1, abs=0.04)


def test_of_many_posts_a_sample_is_compared_and_copies_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"第{i}条：今天{word}" for i, word in enumerate(("停水", "鸡蛋", "天气", "地铁", "河边", "西瓜"))]
    given = of_texts([*texts, texts[0]], tiny_model())
    assert _one_per_group(given).tolist() == np.unique(given.scored_texts.groups).tolist()
    monkeypatch.setattr("koudai.audit.measures.shift._MOST", 2)
    some = _one_per_group(given)
    assert len(some) == 2
    assert set(some.tolist()) < set(np.unique(given.scored_texts.groups).tolist())
    assert some.tolist() == sorted(_one_per_group(given).tolist())
