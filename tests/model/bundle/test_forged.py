"""Forged bundles whose hashes fit: whatever stands in their JSON, koudai's own errors come and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koudai.errors import KoudaiError, ModelError, ModelFormatError, TaxonomyMismatch
from koudai.model.bundle.bundle import load_bundle
from koudai.model.bundle.inspection import inspect_bundle
from koudai.model.bundle.members import CARD, npy_bytes
from koudai.storage.durable import to_json
from tests.model.bundle.test_bundle import Copy, edit, rehash

Change = Callable[[dict[str, Any]], object]


def block(**fields: Any) -> Change:
    return lambda value: value["blocks"][0].update(fields)


MODELS: dict[str, Change] = {
    "no blocks": lambda value: value.update(blocks=[]),
    "blocks object": lambda value: value.update(blocks={"kind": "words"}),
    "three blocks": lambda value: value.update(blocks=[*value["blocks"], value["blocks"][0]]),
    "one block": lambda value: value.update(blocks=value["blocks"][:1]),
    "block text": lambda value: value.update(blocks=["words", "chars"]),
    "other kind": block(kind="subwords"),
    "kind number": block(kind=5),
    "ngrams none": block(ngrams=None),
    "ngrams one": block(ngrams=[1]),
    "ngrams three": block(ngrams=[1, 2, 3]),
    "ngrams reversed": block(ngrams=[2, 1]),
    "ngrams zero": block(ngrams=[0, 1]),
    "ngrams endless": block(ngrams=[1, 10**6]),
    "ngrams text": block(ngrams=["a", "b"]),
    "key missing": lambda value: value.pop("abstain"),
    "abstain text": lambda value: value.update(abstain="much"),
    "abstain huge": lambda value: value.update(abstain=10**400),
    "steps number": lambda value: value.update(steps=5),
    "steps text": lambda value: value.update(steps="nfkc"),
    "steps nested": lambda value: value.update(steps=[["nfkc"]]),
    "steps unknown": lambda value: value.update(steps=["nkfc"]),
    "categories numbers": lambda value: value.update(categories=[1, 2, 3]),
    "categories text": lambda value: value.update(categories="posing"),
    "categories none": lambda value: value.update(categories=None),
    "validated text": lambda value: value.update(validated_on="real"),
    "validated list": lambda value: value.update(validated_on=[1, 2]),
}


@pytest.mark.parametrize("name", MODELS)
def test_M2_a_model_json_that_describes_no_model_is_a_model_error(name: str, copy: Copy) -> None:
    folder = edit(copy(), "model.json", MODELS[name])
    with pytest.raises(ModelError) as caught:
        load_bundle(folder)
    assert caught.value.exit_code == 4
    assert caught.value.where is not None or isinstance(caught.value, TaxonomyMismatch) or "shape" in str(caught.value)


TAXONOMIES: dict[str, Change] = {
    "empty": lambda value: value.clear(),
    "no category": lambda value: value.update(category=[]),
    "foreign key": lambda value: value.update(code="os.system"),
    "path as key": lambda value: value["category"][0].update(key="../../x"),
    "surrogate": lambda value: value.update(name="\ud800"),
    "source number": lambda value: value.update(source=5),
}


@pytest.mark.parametrize("name", TAXONOMIES)
def test_M8_I16_a_taxonomy_that_is_none_is_an_error_of_the_model_not_of_a_config(name: str, copy: Copy) -> None:
    folder = copy()
    value = json.loads((folder / "taxonomy.json").read_bytes())
    TAXONOMIES[name](value)
    (folder / "taxonomy.json").write_text(json.dumps(value), encoding="utf-8")
    rehash(folder)
    with pytest.raises(ModelError) as caught:
        load_bundle(folder)
    assert caught.value.exit_code == 4
    assert "taxonomy" in str(caught.value)


@pytest.mark.parametrize("member", ["model.json", "golden.json", "evaluation.json", "config.json"])
def test_I3_escaped_surrogates_are_refused_and_escaped_backslashes_are_not(member: str, copy: Copy) -> None:
    folder = copy()
    text = (folder / member).read_text(encoding="utf-8").rstrip().removesuffix("}")
    (folder / member).write_text(text + ', "\\ud83d": 1}', encoding="utf-8")
    rehash(folder)
    with pytest.raises(ModelFormatError, match=rf"{member} is not a JSON object(?s:.*)a surrogate does not belong"):
        load_bundle(folder) if member != "evaluation.json" else inspect_bundle(folder)
    folder = edit(copy(), "config.json", lambda value: value.update(note="\\ud83d"))
    assert load_bundle(folder).config["note"] == "\\ud83d"


GOLDENS: dict[str, Change] = {
    "empty": lambda value: value.clear(),
    "texts number": lambda value: value.update(texts=5),
    "proba number": lambda value: value.update(proba=5),
    "proba text": lambda value: value["proba"].__setitem__(0, ["a", "b", "c"]),
    "proba huge": lambda value: value["proba"].__setitem__(0, [10**400, 1, 1]),
    "rows of other lengths": lambda value: value["proba"].__setitem__(0, [0.5]),
    "rows numbers": lambda value: value.update(proba=[0.5] * len(value["texts"])),
    "too few rows": lambda value: value["proba"].pop(),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_M7_golden_posts_that_are_none_are_refused(name: str, copy: Copy) -> None:
    folder = edit(copy(), "golden.json", GOLDENS[name])
    with pytest.raises(ModelFormatError, match=r"golden\.json"):
        load_bundle(folder)


ARRAYS: dict[str, tuple[str, str, Any]] = {
    "ends fall": ("block0_ends.npy", "<i8", lambda a: a[::-1]),
    "ends negative": ("block0_ends.npy", "<i8", lambda a: a - 10**6),
    "ends beyond": ("block0_ends.npy", "<i8", lambda a: a + 10**6),
    "ends twice": ("block0_ends.npy", "<i8", lambda a: np.sort(np.r_[a[0], a[:-1]])),
    "ends fewer": ("block0_ends.npy", "<i8", lambda a: a[:-1]),
    "ends a table": ("block0_ends.npy", "<i8", lambda a: a[:, None]),
    "ends none": ("block0_ends.npy", "<i8", lambda a: a[:0]),
    "idf a table": ("block0_idf.npy", "<f8", lambda a: np.stack([a, a], axis=1)),
    "idf fewer": ("block0_idf.npy", "<f8", lambda a: a[:-1]),
    "idf poisoned": ("block1_idf.npy", "<f8", lambda a: a * np.nan),
    "terms not utf-8": ("block0_terms.npy", "|u1", lambda a: a * 0 + 0xFF),
    "terms the same": ("block1_terms.npy", "|u1", lambda a: a * 0 + ord("a")),
    "terms fewer": ("block0_terms.npy", "|u1", lambda a: a[:-1]),
    "weights poisoned": ("weights.npy", "<f4", lambda a: np.where(a == a[0, 0], np.nan, a)),
    "weights flat": ("weights.npy", "<f4", lambda a: a.ravel()),
    "weights turned": ("weights.npy", "<f4", lambda a: a.T),
    "slope doubles": ("slope.npy", "<f4", lambda a: a),
    "weights twice": ("weights.npy", "<f4", lambda a: a * 2),
    "columns exchanged": ("weights.npy", "<f4", lambda a: a[:, ::-1]),
    "terms exchanged": ("weights.npy", "<f4", lambda a: a[::-1]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_M6_M11_arrays_that_fit_no_model_or_score_otherwise_are_refused(name: str, copy: Copy) -> None:
    member, dtype, change = ARRAYS[name]
    folder = copy()
    array = np.load(folder / member, allow_pickle=False)
    (folder / member).write_bytes(npy_bytes(change(array), dtype))
    rehash(folder)
    with pytest.raises(ModelError) as caught:
        load_bundle(folder)
    assert caught.value.exit_code == 4


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.just(10**400), st.floats(-2, 2), st.text(max_size=3)
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in places(item, (*path, key)))]


def refusal(read: Callable[[Path], object], folder: Path) -> type[KoudaiError] | None:
    try:
        read(folder)
    except KoudaiError as error:
        return type(error)
    return None


@pytest.mark.slow
@settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data(), st.sampled_from(["model.json", "golden.json", "taxonomy.json", "evaluation.json", "config.json"]))
def test_M2_any_value_anywhere_in_the_json_gives_a_model_or_an_error_of_koudai(
    tiny_bundle: Path, copy: Copy, data: st.DataObject, member: str
) -> None:
    folder = copy()
    value = json.loads((folder / member).read_bytes())
    *above, last = data.draw(st.sampled_from(places(value)[1:]))
    holder: Any = value
    for step in above:
        holder = holder[step]
    holder[last] = data.draw(VALUES)
    (folder / member).write_bytes(to_json(value))
    rehash(folder)
    for read in (load_bundle, inspect_bundle):
        error = refusal(read, folder)
        assert error is None or issubclass(error, ModelError)


def test_inspect_shows_what_the_bundle_says(tiny_bundle: Path, model: Any, bundle: Path) -> None:
    shown = inspect_bundle(tiny_bundle, top=3)
    assert shown.name == "tiny"
    assert shown.card == "# tiny\n"
    assert list(shown.categories) == ["posing", "posing.police", "advice"]
    loaded = load_bundle(tiny_bundle)
    assert shown.digest == loaded.digest
    assert shown.features == loaded.n_features
    assert shown.taxonomy == f"tiny {loaded.taxonomy.digest}"
    names = loaded.terms()
    for column, entry in enumerate(shown.categories.values()):
        order = sorted(range(loaded.n_features), key=lambda i, c=column: (-loaded.weights[i, c], i))[:3]
        assert list(entry.terms) == [(names[i], pytest.approx(float(loaded.weights[i, column]))) for i in order]
        assert entry.threshold == loaded.threshold[column]
        assert entry.validated_on == "written"
    assert inspect_bundle(bundle).digest == model.digest


@pytest.mark.parametrize("change", [b"\xff\xfe", None], ids=["not utf-8", "gone"])
def test_inspect_of_a_bundle_without_a_readable_card_is_an_error_of_the_model(change: bytes | None, copy: Copy) -> None:
    folder = copy()
    (folder / CARD).unlink() if change is None else (folder / CARD).write_bytes(change)
    rehash(folder)
    with pytest.raises(ModelFormatError, match="does not describe a model"):
        inspect_bundle(folder)
