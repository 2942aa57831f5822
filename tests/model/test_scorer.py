"""Scoring: probabilities against scikit-learn, parents and thresholds against loops, silence where nothing is known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import FeatureUnion

from koudai.model.decision import NO_FEATURES, UNCERTAIN
from koudai.model.model import Model
from koudai.model.scorer import decisions, probabilities, score
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.hostile.strings import HOSTILE_STRINGS
from tests.model.tiny import CATEGORIES, STEPS, tiny_model, tiny_posts

POSTS = (
    "我是派出所民警，请把验证码发给我，不然账户冻结。",
    "本台记者刚刚从现场发回报道，大家转给家里人！",
    "祖传偏方，喝三天保准治好，不用去医院。",
    "食堂今天又没放糖，面馆味道也一般。",
    "警官，我想投诉，窗口排队两小时没人理。",
    "",
    "🎉🎉🎉",
    "！！！？？？",
    "\u200b\u3164\ufeff",
    "喵喵喵",
)
WORDS = (
    "我是",
    "派出所",
    "民警",
    "记者",
    "独家",
    "偏方",
    "停药",
    "食堂",
    "爬山",
    "投诉",
    "，",
    "。",
    "😂",
    " ",
    "@老王",
    "\u200b",
    "喵",
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)


def platt(decision: Any, y: Any) -> tuple[float, float]:
    target = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / (len(y) - y.sum() + 2))
    found = minimize(
        lambda ab: (
            -np.sum(target * np.log(expit(ab[0] * decision + ab[1])))
            - np.sum((1 - target) * np.log(expit(-ab[0] * decision - ab[1])))
        ),
        np.array([1.0, 0.0]),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    return float(found.x[0]), float(found.x[1])


def test_P6_probabilities_are_those_of_an_independent_scikit_learn_pipeline(tiny: Model) -> None:
    """Own vectoriser, classifier, cross-validation and calibration; equal to 1e-6 on posts never seen."""
    texts, labels, groups = tiny_posts()
    clean = [Normalizer(STEPS)(text) for text in texts]
    words = TfidfVectorizer(tokenizer=Segmenter().cut, token_pattern=None, min_df=2, sublinear_tf=True)
    chars = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    union = FeatureUnion([("words", words), ("chars", chars)])
    x = union.fit_transform(clean)
    unseen = union.transform([Normalizer(STEPS)(text) for text in POSTS])
    expected = np.empty((len(POSTS), len(CATEGORIES)))
    for column in range(len(CATEGORIES)):
        y = labels[:, column]
        model = LogisticRegression(C=20.0, solver="liblinear", dual=True, random_state=7, max_iter=1000, tol=1e-9)
        folds = StratifiedGroupKFold(3, shuffle=True, random_state=7)
        held = cross_val_predict(model, x, y, groups=groups, cv=folds, method="decision_function")
        slope, offset = platt(held, y)
        expected[:, column] = expit(slope * model.fit(x, y).decision_function(unseen) + offset)
    expected[:, 0] = np.maximum(expected[:, 0], expected[:, 1])  # posing.police is a child of posing
    known = np.diff(unseen.indptr) > 0
    known[POSTS.index("！！！？？？")] = False
    found = probabilities(tiny, POSTS)
    assert np.abs(found[known] - expected[known]).max() < 1e-6
    assert np.isnan(found[~known]).all()
    assert known.sum() == 5


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(TEXTS, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_J11_P6_a_score_depends_on_the_post_and_the_model_alone(tiny: Model, texts: list[str], random: Any) -> None:
    together = probabilities(tiny, texts)
    order = random.sample(range(len(texts)), len(texts))
    assert np.array_equal(probabilities(tiny, [texts[i] for i in order]), together[order], equal_nan=True)
    assert np.array_equal(probabilities(tiny, texts * 2), np.tile(together, (2, 1)), equal_nan=True)
    alone = np.vstack([probabilities(tiny, [text]) for text in texts])
    assert np.array_equal(alone, together, equal_nan=True)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_parents_are_never_less_probable_and_are_alleged_with_their_children(tiny: Model, texts: list[str]) -> None:
    batch = score(tiny, [str(i) for i in range(len(texts))], texts)
    known = ~np.isnan(batch.proba).any(axis=1)
    assert (batch.proba[known, 0] >= batch.proba[known, 1]).all()
    assert ((batch.proba[known] >= 0) & (batch.proba[known] <= 1)).all()
    for alleged in batch.tags():
        assert list(alleged) == [key for key in CATEGORIES if key in alleged]
        assert "posing" in alleged or "posing.police" not in alleged
    assert batch.abstained.tolist() == [why != "" for why in batch.reasons()]
    assert {why for why, has in zip(batch.reasons(), known, strict=True) if not has} <= {NO_FEATURES}
    assert {why for why, has in zip(batch.reasons(), known, strict=True) if has} <= {"", UNCERTAIN}


@pytest.mark.parametrize(
    "text", ["", "🎉🎉🎉", "！！！……", "\u200b\u3164", "\ud83d", "   ", "___", "ﷺ" * 3, "喵", "𠮷𠮷"]
)
def test_T8_a_post_without_a_known_word_abstains_and_never_falls_to_the_majority(tiny: Model, text: str) -> None:
    batch = score(tiny, ["p"], [text])
    assert batch.reasons() == [NO_FEATURES]
    assert batch.tags() == [()]
    assert np.isnan(batch.proba).all()
    assert batch.abstained.all()


def test_I3_hostile_strings_are_scored_or_abstain_and_can_be_written(tiny: Model, subtests: pytest.Subtests) -> None:
    for name, text in HOSTILE_STRINGS:
        with subtests.test(name):
            table = score(tiny, ["p"], [text]).to_table()
            assert table.num_rows == 1
            row = table.to_pylist()[0]
            missing = [row[f"p_{key}"] is None for key in CATEGORIES]
            assert all(missing) if row["reason"] == NO_FEATURES else not any(missing)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.sampled_from([post for post in POSTS if len(post) > 9]),
    st.lists(
        st.tuples(st.integers(0, 24), st.sampled_from("\u200b\u3164\ufe0f\u2060\u00ad\U000e0041\u202e")), max_size=20
    ),
)
def test_T4_T5_sprinkled_invisible_characters_change_no_score_but_are_flagged(
    tiny: Model, post: str, places: list[tuple[int, str]]
) -> None:
    sprinkled = post
    for place, character in sorted(places, reverse=True):
        sprinkled = sprinkled[:place] + character + sprinkled[place:]
    plain, hidden = score(tiny, ["p"], [post]), score(tiny, ["p"], [sprinkled])
    assert np.array_equal(plain.proba, hidden.proba)
    assert plain.tags() == hidden.tags()
    assert ("invisible" in hidden.hazard_names()[0]) == any(character != "\ufe0f" for _, character in places)


def test_the_table_holds_every_column_and_no_text(tiny: Model) -> None:
    batch = score(tiny, [f"id-{i}" for i in range(len(POSTS))], POSTS)
    table = batch.to_table()
    assert table.column_names == [
        "post_id",
        *(f"p_{key}" for key in CATEGORIES),
        "alleged",
        "abstained",
        "reason",
        "hazards",
    ]
    assert table.schema.metadata[b"koudai.model_digest"] == tiny.digest.encode()
    assert table["post_id"].to_pylist() == batch.ids.to_pylist()
    assert table["alleged"].to_pylist() == [list(keys) for keys in batch.tags()]
    for column, key in enumerate(CATEGORIES):
        assert str(table.schema.field(f"p_{key}").type) == "float"
        expected = [None if np.isnan(p) else float(p) for p in batch.proba[:, column]]
        assert table[f"p_{key}"].to_pylist() == expected
    assert not any(post in str(table.to_pylist()) for post in POSTS if len(post) > 3)


def test_no_posts_give_no_rows(tiny: Model) -> None:
    assert probabilities(tiny, []).shape == (0, 3)
    assert score(tiny, [], []).to_table().num_rows == 0


def test_in_an_exclusive_taxonomy_probabilities_add_up_to_one_and_at_most_one_is_alleged() -> None:
    model = tiny_model(exclusive=True)
    batch = score(model, list("abcde"), POSTS[:5])
    assert np.allclose(batch.proba.sum(axis=1), 1.0, atol=1e-6)
    assert all(len(alleged) <= 1 for alleged in batch.tags())
    decision, _ = decisions(model, POSTS[:5])
    raw = expit(model.slope * decision + model.offset)
    assert np.abs(batch.proba - raw / raw.sum(axis=1, keepdims=True)).max() < 1e-6


@pytest.mark.parametrize(("words", "chars"), [pair for pair in itertools.product((True, False), repeat=2) if any(pair)])
def test_models_of_words_or_of_characters_alone_score_too(words: bool, chars: bool) -> None:
    model = tiny_model(words=words, chars=chars)
    assert score(model, ["p"], [POSTS[0]]).tags() == [("posing", "posing.police")]
    assert score(model, ["p"], [POSTS[2]]).tags() == [("advice",)]
