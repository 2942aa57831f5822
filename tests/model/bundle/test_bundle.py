"""Bundles: what was saved is what is loaded, byte for byte and score for score; other versions are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.errors import DriftError, ModelError, ModelFormatError, OutputExists, StorageError, TaxonomyMismatch
from koudai.model.bundle.bundle import (
    GOLDEN_POSTS,
    curve_members,
    load_bundle,
    read_curves,
    save_bundle,
    versions,
)
from koudai.model.bundle.fitted_posts import read_fitted_posts
from koudai.model.bundle.held_out import read_held_out
from koudai.model.bundle.members import MANIFEST
from koudai.model.deciding.isotonic import fit_curve
from koudai.model.evaluation import Evaluation
from koudai.model.explanation import contributions
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.storage.durable import sha256_bytes, to_json
from koudai.text.characters.normalize import Normalizer
from koudai.text.jieba.segment import Segmenter
from tests.model.deciding.test_isotonic import drawn
from tests.model.tiny import CATEGORIES, EVALUATION, STEPS, tiny_model, tiny_posts

Copy = Callable[[], Path]


def rehash(folder: Path, **changes: Any) -> None:
    """Make the manifest fit the members again, as a forger would; `changes` go into the manifest."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    members = [path for path in folder.iterdir() if path.name != MANIFEST]
    manifest["members"] = {
        path.name: {"sha256": sha256_bytes(path.read_bytes()), "bytes": path.stat().st_size} for path in members
    }
    (folder / MANIFEST).write_bytes(to_json({**manifest, **changes}))


def edit(folder: Path, member: str, change: Callable[[dict[str, Any]], object]) -> Path:
    """Change a JSON member in place and make the manifest fit."""
    value = json.loads((folder / member).read_bytes())
    change(value)
    (folder / member).write_bytes(to_json(value))
    rehash(folder)
    return folder


def same_scores(one: Model, other: Model) -> None:
    texts = [*tiny_posts()[0][::7], *GOLDEN_POSTS]
    ids = [str(place) for place in range(len(texts))]
    a, b = score(one, ids, texts), score(other, ids, texts)
    assert np.array_equal(a.proba, b.proba, equal_nan=True)
    assert (a.tags(), a.reasons(), a.hazard_names()) == (b.tags(), b.reasons(), b.hazard_names())
    assert contributions(one, texts[0]) == contributions(other, texts[0])


def test_what_was_saved_is_what_is_loaded(tiny: Model, tiny_bundle: Path) -> None:
    loaded = load_bundle(tiny_bundle)
    for name in ("weights", "intercept", "slope", "offset", "threshold"):
        assert np.array_equal(getattr(loaded, name), getattr(tiny, name)), name
        assert getattr(loaded, name).dtype == getattr(tiny, name).dtype, name
    for block, saved in zip(loaded.blocks, tiny.blocks, strict=True):
        assert (block.kind, block.ngrams, block.terms, block.sublinear_tf) == (
            saved.kind,
            saved.ngrams,
            saved.terms,
            saved.sublinear_tf,
        )
        assert np.array_equal(block.idf, saved.idf)
    for name in ("name", "taxonomy", "categories", "abstain", "validated_on", "config"):
        assert getattr(loaded, name) == getattr(tiny, name), name
    assert loaded.normalizer.steps == STEPS
    assert loaded.segmenter.hmm
    assert len(loaded.digest) == 16
    same_scores(loaded, tiny)


def test_a_bundle_keeps_the_step_html_so_markup_is_scored_as_its_text(tiny: Model, tmp_path: Path) -> None:
    model = replace(tiny, normalizer=Normalizer(("html", *STEPS)))
    save_bundle(model, tmp_path / "b", card="", evaluation=EVALUATION)
    loaded = load_bundle(tmp_path / "b")
    assert loaded.normalizer.steps == ("html", *STEPS)
    plain = [f"{text[:8]}“{text[8:]}”" for text in tiny_posts()[0][:12]]
    marked = [f"<span class='a'>{text[:8]}</span>&ldquo;<b>{text[9:-1]}</b>&#8221;" for text in plain]
    a, b = (score(loaded, [""] * len(texts), texts) for texts in (plain, marked))
    assert np.array_equal(a.proba, b.proba, equal_nan=True)
    assert (a.hazard_names(), b.hazard_names()) == ([[]] * 12, [["markup"]] * 12)


@pytest.mark.parametrize(("number", "classifier"), list(enumerate(CLASSIFIERS)))
def test_every_classifier_comes_back_as_it_was(number: int, classifier: str, tmp_path: Path) -> None:
    exclusive = number % 2 == 0
    model = tiny_model(classifier=classifier, exclusive=exclusive, chars=exclusive)
    save_bundle(model, tmp_path / "b", card="", evaluation=EVALUATION)
    same_scores(load_bundle(tmp_path / "b"), model)


def test_P6_saved_twice_and_saved_again_after_loading_is_the_same_to_the_byte(
    tiny: Model, tiny_bundle: Path, tmp_path: Path
) -> None:
    digest = save_bundle(tiny, tmp_path / "again", card="# tiny\n", evaluation=EVALUATION)
    loaded = load_bundle(tiny_bundle)
    assert save_bundle(loaded, tmp_path / "loaded", card="# tiny\n", evaluation=EVALUATION) == digest == loaded.digest
    first = {path.name: path.read_bytes() for path in tiny_bundle.iterdir()}
    for folder in (tmp_path / "again", tmp_path / "loaded"):
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_the_trained_bundle_of_the_seed_posts_comes_back_to_the_byte(
    model: Model, bundle: Path, tmp_path: Path
) -> None:
    evaluation = Evaluation.from_json(json.loads((bundle / "evaluation.json").read_bytes()))
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    held_out = read_held_out(bundle)
    fitted = read_fitted_posts(bundle)
    saved = save_bundle(model, tmp_path / "b", card=card, evaluation=evaluation, held_out=held_out, fitted=fitted)
    assert saved == model.digest
    for path in bundle.iterdir():
        assert (tmp_path / "b" / path.name).read_bytes() == path.read_bytes(), path.name


def test_every_file_is_listed_with_its_hash(tiny_bundle: Path) -> None:
    manifest = json.loads((tiny_bundle / MANIFEST).read_bytes())
    rest = {path.name: path.read_bytes() for path in tiny_bundle.iterdir() if path.name != MANIFEST}
    assert manifest["members"] == {
        name: {"sha256": sha256_bytes(data), "bytes": len(data)} for name, data in rest.items()
    }
    assert manifest["versions"] == versions()
    assert set(versions()) == {"koudai", "python", "numpy", "unicode"}


def test_J13_a_folder_that_holds_something_is_refused(tiny: Model, copy: Copy, tmp_path: Path) -> None:
    folder = copy()
    with pytest.raises(OutputExists):
        save_bundle(tiny, folder, card="", evaluation=EVALUATION)
    assert load_bundle(folder).name == "tiny"
    with pytest.raises(StorageError):
        save_bundle(tiny, tmp_path / ("x" * 300), card="", evaluation=EVALUATION)


@pytest.mark.parametrize(
    ("field", "told"), [("unicode", "Unicode 3.0 then"), ("dictionary", "dictionary 0123456789abcdef then")]
)
def test_M7_another_dictionary_or_unicode_is_refused_unless_drift_is_allowed(field: str, told: str, copy: Copy) -> None:
    folder = copy()
    if field == "dictionary":
        edit(folder, "model.json", lambda value: value.update(dictionary="0123456789abcdef"))
    else:
        rehash(folder, versions={**versions(), "unicode": "3.0"})
    with pytest.raises(DriftError) as caught:
        load_bundle(folder)
    message = str(caught.value)
    assert caught.value.exit_code == 4
    assert told in message
    assert "now" in message
    assert "`allow_drift`" in message
    assert "happened: the model was not built" in message
    assert load_bundle(folder, allow_drift=True).name == "tiny"


def test_M7_both_are_told_at_once_and_a_missing_version_is_drift(copy: Copy) -> None:
    folder = edit(copy(), "model.json", lambda value: value.update(dictionary="x"))
    rehash(folder, versions={})
    with pytest.raises(DriftError, match="Unicode None then(?s:.*)dictionary x then"):
        load_bundle(folder)


def nudge(golden: dict[str, Any]) -> None:
    row = next(row for row in golden["proba"] if row[0] is not None)
    row[0] += 1e-4


FORGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "one probability": nudge,
    "a silent post scored": lambda golden: golden["proba"].__setitem__(0, [0.5] * 3),
    "a scored post silent": lambda golden: golden["proba"].__setitem__(3, [None] * 3),
    "all silent": lambda golden: golden.update(proba=[[None] * 3] * len(golden["proba"])),
    "another post": lambda golden: golden["texts"].__setitem__(3, "食堂"),
    "posts in another order": lambda golden: golden["texts"].reverse(),
}


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("allow_drift", [True, False])
def test_M7_golden_posts_that_score_otherwise_always_refuse(name: str, allow_drift: bool, copy: Copy) -> None:
    """With matching hashes, and also where drift is allowed."""
    folder = edit(copy(), "golden.json", FORGED[name])
    with pytest.raises(DriftError) as caught:
        load_bundle(folder, allow_drift=allow_drift)
    assert "the golden posts do not score as they did" in str(caught.value)
    assert "differences up to 0\n" not in str(caught.value)
    assert "happened: the model is not used" in str(caught.value)


def test_M7_another_dictionary_that_changes_words_is_caught_by_the_golden_posts(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words themselves change, as with another version of jieba, and drift is allowed."""
    whole = Segmenter.spans
    monkeypatch.setattr(Segmenter, "spans", lambda self, posts: whole(Segmenter(hmm=not self.hmm), posts))
    with pytest.raises(DriftError, match="golden posts do not score"):
        load_bundle(copy(), allow_drift=True)


def test_M8_a_taxonomy_of_another_digest_is_refused_with_both(copy: Copy) -> None:
    folder = edit(copy(), "taxonomy.json", lambda value: value["category"][0]["wording"].update(en="other words"))
    digest = json.loads((folder / MANIFEST).read_bytes())["taxonomy_digest"]
    with pytest.raises(TaxonomyMismatch) as caught:
        load_bundle(folder)
    assert f"expected: {digest}" in str(caught.value)
    assert "got:      " in str(caught.value)


def test_M8_columns_in_another_order_are_refused(copy: Copy) -> None:
    folder = edit(copy(), "model.json", lambda value: value["categories"].reverse())
    with pytest.raises(TaxonomyMismatch, match="not categories of taxonomy 'tiny' in its order"):
        load_bundle(folder)


def test_golden_posts_are_fixed_and_touch_every_kind_of_text(tiny_bundle: Path) -> None:
    golden = json.loads((tiny_bundle / "golden.json").read_bytes())
    assert golden["texts"] == list(GOLDEN_POSTS)
    assert golden["proba"][:2] == [[None] * len(CATEGORIES)] * 2
    joined = "".join(GOLDEN_POSTS)
    assert all(sign in joined for sign in ("\u200b", "https://", "@", "Ａ", "請", "🎉", "栓Q"))
    with_hmm, without = (Segmenter(hmm=hmm).cut_many(GOLDEN_POSTS) for hmm in (True, False))
    assert with_hmm != without


def test_golden_posts_that_are_gone_are_refused(copy: Copy) -> None:
    for change in ({"texts": [], "proba": []}, {"proba": []}, {"texts": list(GOLDEN_POSTS)[:1]}):
        folder = edit(copy(), "golden.json", lambda golden, change=change: golden.update(change))
        with pytest.raises(ModelFormatError, match="golden.json does not fit the model"):
            load_bundle(folder)


def test_curves_come_back_from_members_and_none_stays_none() -> None:
    one, other = fit_curve(*drawn(1, 50)), fit_curve(*drawn(2, 500))
    members = curve_members((one, None, other))
    back = read_curves(members, Path("bundle"))
    assert back[1] is None
    for was, found in ((one, back[0]), (other, back[2])):
        assert found is not None
        assert np.array_equal(found.x, was.x)
        assert np.array_equal(found.y, was.y)
    assert read_curves({}, Path("bundle")) == ()
    del members["curve_ends.npy"]
    with pytest.raises(ModelError, match=r"curve_ends\.npy is missing"):
        read_curves(members, Path("bundle"))
