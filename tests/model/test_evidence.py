"""Evidence: the terms that pushed a post towards its tag (``koudai.model.evidence_kernels`` picks them), measured
against `contributions`, term by term.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.train import FeaturesSection
from koudai.errors import UsageError
from koudai.model.evidence import evidence, specific, strongest_terms
from koudai.model.explanation import contributions
from koudai.model.model import Model
from koudai.model.ngrams.blocks import fit_blocks
from koudai.model.scorer import score
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from koudai.text.utf8 import Utf8, of_texts
from tests.hostile.strings import HOSTILE_STRINGS
from tests.model.tiny import CATEGORIES, changed, tiny_model, tiny_posts, tiny_taxonomy
from tests.text.posts import without_compiler

TEXTS = [text[:400] for _, text in HOSTILE_STRINGS] + tiny_posts()[0][::3]


def expected(model: Model, text: str) -> list[list[tuple[str, float]]]:
    """Return what pushed towards each category by `contributions`, which breaks ties as evidence does."""
    return [[(term, added) for term, added in entry.terms if added > 0] for entry in contributions(model, text)]


def check(model: Model, texts: list[str], *mosts: int) -> None:
    wanted = [expected(model, text) for text in texts]
    for most in mosts:
        found = strongest_terms(model, of_texts(texts), np.ones((len(texts), len(model.categories)), dtype=bool), most)
        ends = found.counts.cumsum()
        names = model.named(found.features)
        for post, column, count, end in zip(found.posts, found.categories, found.counts, ends, strict=True):
            got = list(zip(names[end - count : end], found.added[end - count : end].tolist(), strict=True))
            assert got == wanted[post][column][:most]


@pytest.mark.slow
def test_evidence_is_what_contributions_say_in_their_order(tiny: Model) -> None:
    check(tiny, TEXTS, 1, 5, 100)


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(TEXTS) | st.text(max_size=30), min_size=1, max_size=4), st.integers(1, 8))
def test_evidence_of_any_posts(tiny: Model, texts: list[str], most: int) -> None:
    check(tiny, texts, most)


def test_what_is_left_out_is_all_that_spoke_against(tiny: Model) -> None:
    """With room for all terms, the base, what is shown and what speaks against make up the log-odds."""
    texts = tiny_posts()[0][:20]
    found = strongest_terms(tiny, of_texts(texts), np.ones((20, 3), dtype=bool), 100)
    shown = np.zeros((20, 3))
    np.add.at(shown, (np.repeat(found.posts, found.counts), np.repeat(found.categories, found.counts)), found.added)
    for post, text in enumerate(texts):
        for column, entry in enumerate(contributions(tiny, text)):
            against = sum(added for _, added in entry.terms if added < 0)
            assert shown[post, column] + against == pytest.approx(sum(added for _, added in entry.terms), abs=1e-9)


def test_slopes_count_and_a_flat_one_leaves_nothing(tiny: Model) -> None:
    steeper = changed(tiny, slope=tiny.slope * np.array([2.0, 1.0, 0.0]))
    check(steeper, TEXTS[-12:], 5)
    found = strongest_terms(steeper, of_texts(TEXTS[-12:]), np.ones((12, 3), dtype=bool), 5)
    assert found.counts[found.categories == 2].sum() == 0


def test_ties_go_by_the_order_of_terms(tiny: Model) -> None:
    check(changed(tiny, weights=np.sign(tiny.weights) * np.float32(0.5)), TEXTS[-20:], 6)


@pytest.mark.parametrize("kinds", [{"words": False}, {"chars": False}])
def test_a_block_may_stand_alone(kinds: dict[str, bool]) -> None:
    check(tiny_model(**kinds), TEXTS[-10:], 4)


def test_only_the_most_specific_of_what_is_alleged_has_evidence() -> None:
    taxonomy = tiny_taxonomy()
    alleged = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 0]], dtype=bool)
    assert specific(alleged, taxonomy, CATEGORIES).tolist() == [
        [False, True, False],
        [True, False, True],
        [False, False, False],
    ]
    assert specific(alleged, taxonomy, CATEGORIES[1:]).tolist() == [[True, False], [False, True], [False, False]]


def test_a_table_holds_the_evidence_of_each_tag(tiny: Model) -> None:
    texts = [*TEXTS, ""]
    scored = score(tiny, [str(number) for number in range(len(texts))], texts, terms=3)
    rows = scored.to_table().to_pylist()
    assert "evidence" not in score(tiny, ["1"], ["x"]).to_table().column_names
    assert sum(bool(row["evidence"]) for row in rows) > 10
    for text, row in zip(texts, rows, strict=True):
        wanted = []
        for key, terms in zip(CATEGORIES, expected(tiny, text), strict=True):
            if key in row["alleged"] and not (key == "posing" and "posing.police" in row["alleged"]):
                wanted += [(key, *one) for one in terms[:3]]
        assert [(one["category"], one["term"]) for one in row["evidence"]] == [one[:2] for one in wanted]
        assert [one["log_odds"] for one in row["evidence"]] == pytest.approx([one[2] for one in wanted], rel=1e-6)


def test_J11_evidence_does_not_depend_on_the_posts_beside_it(tiny: Model) -> None:
    texts = [f"{text}{number}" for number in range(40) for text in TEXTS[-40:]]
    ids = [str(number) for number in range(len(texts))]
    whole = score(tiny, ids, texts, terms=4).evidence
    cuts = [0, 1, 7, 700, len(texts)]
    parts = [score(tiny, ids[a:b], texts[a:b], terms=4).evidence for a, b in zip(cuts, cuts[1:], strict=False)]
    assert whole is not None
    assert whole.to_pylist() == [row for part in parts if part is not None for row in part.to_pylist()]


def test_R7_nothing_of_a_contact_or_a_link_is_evidence_whatever_the_steps_of_the_model() -> None:
    """A model with all pieces of these as terms names none of them, and what else a post has in the same order."""
    plain, said = (
        "我是新闻主播，现在播报今天的要闻",
        "写信给wangwu77@example.com，见https://example.com/river77，找@河弯弯某",
    )
    steps = ("nfkc", "drop-invisible")
    segmenter, normalizer = Segmenter(), Normalizer(steps)
    section = FeaturesSection(words=(1, 1), chars=(1, 4), min_df=1)
    blocks, _ = fit_blocks(normalizer.many(of_texts([plain, said])), section, segmenter)
    weights = np.ones((sum(len(block.terms) for block in blocks), 3), np.float32)
    old = changed(tiny_model(), normalizer=normalizer, blocks=blocks, weights=weights, slope=np.ones(3))
    every = np.ones((1, 3), dtype=bool)
    allowed, found = (
        {row["term"] for row in evidence(old, of_texts([text]), every, 100).to_pylist()[0]}
        for text in (plain + "，写信给，见，找 @", f"{plain}，{said}")
    )
    assert "主播" in found
    assert "wangwu77" in old.terms()
    pieces = {term.strip("‹›") for term in found if len(term.strip("‹›")) > 1}
    assert [piece for piece in pieces if piece in "wangwu77@example.com https://example.com/river77 @河弯弯某"] == []
    assert {term for term in found if "‹" not in term} <= allowed


def test_no_posts_have_no_evidence(tiny: Model) -> None:
    assert len(evidence(tiny, of_texts([]), np.zeros((0, 3), dtype=bool), 3)) == 0


@pytest.mark.parametrize("most", [-1, 101])
def test_too_many_terms_are_refused(tiny: Model, most: int) -> None:
    with pytest.raises(UsageError, match="out of range"):
        score(tiny, ["1"], ["x"], terms=most)


def test_some_features_are_named_as_all_are(tiny: Model) -> None:
    every = np.arange(tiny.n_features)
    assert tiny.named(every) == tiny.terms()
    assert tiny.named(every[::-7]) == tiny.terms()[::-7]


def test_some_posts_can_be_taken_from_the_middle_of_others() -> None:
    posts = of_texts(["甲", "", "bb", "丙丙", "e"]).part(1, 5)
    taken = posts.take(np.array([True, False, True, True]))
    assert isinstance(taken, Utf8)
    assert taken.texts() == ["", "丙丙", "e"]


@pytest.mark.slow
def test_without_a_compiler_the_evidence_is_the_same(tiny: Model, tiny_bundle: Path) -> None:
    code = """
from pathlib import Path
import numpy as np
from koudai.model.bundle.bundle import load_bundle
from koudai.model.evidence import strongest_terms
from koudai.text.utf8 import of_texts
bundle, texts = given
found = strongest_terms(load_bundle(Path(bundle)), of_texts(texts), np.ones((len(texts), 3), dtype=bool), 7)
assert sys.modules['numba'] is None
print(json.dumps([array.tolist() for array in found]))
"""
    compiled = strongest_terms(tiny, of_texts(TEXTS), np.ones((len(TEXTS), 3), dtype=bool), 7)
    assert without_compiler(code, [str(tiny_bundle), TEXTS]) == [array.tolist() for array in compiled]
