"""What a bundle keeps of its test side, and its curves and sets: what comes back, and that forgeries are refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.errors import DigestMismatch, ModelError, ModelFormatError
from koudai.limits import CURVE_POINTS
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.bundle.fitted_posts import FittedPosts, salt_of
from koudai.model.bundle.held_out import HeldOut, read_held_out
from koudai.model.bundle.members import FORMS_ARRAYS, OPTIONAL_ARRAYS, npy_bytes
from koudai.model.model import Model
from tests.model.bundle.test_bundle import edit, rehash
from tests.model.bundle.test_damage import flipped
from tests.model.test_decision_sets import curved
from tests.model.tiny import CATEGORIES, EVALUATION

Forge = Callable[[], Path]
KEPT = HeldOut(
    digest="0123456789abcdef",
    categories=CATEGORIES,
    threshold=np.array([0.5, 0.5, 0.5]),
    proba=np.array([[0.1, 0.2, 0.3], [np.nan, np.nan, np.nan], [0.0, 1.0, 0.5]], dtype=np.float32),
    labels=np.array([[1, 0, -1], [0, 0, 0], [1, 1, 1]], dtype=np.int8),
    groups=np.array([5, 5, 9]),
)

FITTED = FittedPosts.of(["今天下雨，路上堵车"], salt=salt_of(b"test"), posts=1)


@pytest.fixture(scope="module")
def whole(tiny: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curved") / "bundle"
    evaluation = replace(EVALUATION, test_digest=KEPT.digest)
    save_bundle(curved(tiny), folder, card="", evaluation=evaluation, held_out=KEPT, fitted=FITTED)
    return folder


@pytest.fixture
def forge(whole: Path, tmp_path: Path) -> Forge:
    return lambda: Path(shutil.copytree(whole, tmp_path / f"forged{len(list(tmp_path.iterdir()))}"))


def test_what_was_kept_comes_back(whole: Path, tiny: Model) -> None:
    found = read_held_out(whole)
    assert (found.digest, found.categories) == (KEPT.digest, CATEGORIES)
    for name in ("proba", "labels", "groups"):
        back = getattr(found, name)
        assert np.array_equal(back, getattr(KEPT, name), equal_nan=name == "proba")
        assert back.dtype == getattr(KEPT, name).dtype
    assert np.array_equal(found.threshold, tiny.threshold)


def test_no_text_and_no_id_is_kept(whole: Path) -> None:
    manifest = json.loads((whole / "manifest.json").read_bytes())
    assert {name for name in manifest["members"] if name.startswith("test_")} == {
        "test_proba.npy",
        "test_labels.npy",
        "test_groups.npy",
    }


@pytest.mark.parametrize("name", [name for name in OPTIONAL_ARRAYS if name not in FORMS_ARRAYS])
def test_M6_a_flipped_byte_of_an_optional_member_is_found(name: str, forge: Forge) -> None:
    folder = forge()
    path = folder / f"{name}.npy"
    data = path.read_bytes()
    for place in (0, len(data) // 2, len(data) - 1):
        path.write_bytes(flipped(data, place, 1))
        for read in (load_bundle, read_held_out):
            with pytest.raises(DigestMismatch, match=f"{name}.npy differs"):
                read(folder)


DECISIONS: dict[str, tuple[str, str, Any]] = {
    "ends fall": ("curve_ends", "<i8", lambda a: a[::-1]),
    "ends negative": ("curve_ends", "<i8", lambda a: a - 10**6),
    "ends beyond": ("curve_ends", "<i8", lambda a: a + 1),
    "ends fewer": ("curve_ends", "<i8", lambda a: a[[0, 2]]),
    "ends a table": ("curve_ends", "<i8", lambda a: a[:, None]),
    "ends floats": ("curve_ends", "<f8", lambda a: a),
    "no ends": ("curve_ends", "<i8", lambda a: a[:0]),
    "x fewer": ("curve_x", "<f8", lambda a: a[:-1]),
    "x a table": ("curve_x", "<f8", lambda a: a[:, None]),
    "x falls": ("curve_x", "<f8", lambda a: a[::-1]),
    "x poisoned": ("curve_x", "<f8", lambda a: np.where(a == 0.5, np.nan, a)),
    "y falls": ("curve_y", "<f8", lambda a: a[::-1]),
    "y beyond": ("curve_y", "<f8", lambda a: a * 3),
    "y poisoned": ("curve_y", "<f8", lambda a: np.where(a == 0.4, np.inf, a)),
    "y single": ("curve_y", "<f4", lambda a: a),
    "sets poisoned": ("sets", "<f8", lambda a: np.where(a == a[0, 0], np.nan, a)),
    "sets flat": ("sets", "<f8", lambda a: a.ravel()),
    "sets turned": ("sets", "<f8", lambda a: a.T),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_M11_curves_and_sets_that_are_none_are_refused(name: str, forge: Forge) -> None:
    member, dtype, change = DECISIONS[name]
    folder = forge()
    path = folder / f"{member}.npy"
    path.write_bytes(npy_bytes(change(np.load(path, allow_pickle=False)), dtype))
    rehash(folder)
    with pytest.raises(ModelError):
        load_bundle(folder)


def test_M4_a_curve_of_too_many_points_is_refused(forge: Forge) -> None:
    folder = forge()
    points = np.linspace(0, 1, CURVE_POINTS.value + 1)
    for name in ("curve_x", "curve_y"):
        (folder / f"{name}.npy").write_bytes(npy_bytes(points, "<f8"))
    (folder / "curve_ends.npy").write_bytes(npy_bytes(np.full(3, len(points)), "<i8"))
    rehash(folder)
    with pytest.raises(ModelError, match="this is not a calibration curve"):
        load_bundle(folder)


@pytest.mark.parametrize("member", ["curve_x", "curve_y", "curve_ends"])
def test_M6_half_a_curve_is_refused(member: str, forge: Forge) -> None:
    folder = forge()
    (folder / f"{member}.npy").unlink()
    rehash(folder)
    with pytest.raises(ModelFormatError, match=rf"{member}\.npy is missing"):
        load_bundle(folder)


SIDES: dict[str, tuple[str, str, Any]] = {
    "fewer": ("test_proba", "<f4", lambda a: a[:-1]),
    "turned": ("test_proba", "<f4", lambda a: a[:, :2]),
    "beyond": ("test_proba", "<f4", lambda a: a + 2),
    "infinite": ("test_proba", "<f4", lambda a: a * np.inf),
    "labels other": ("test_labels", "|i1", lambda a: a + 3),
    "labels flat": ("test_labels", "|i1", lambda a: a.ravel()),
    "labels long": ("test_labels", "<i8", lambda a: a),
    "groups a table": ("test_groups", "<i8", lambda a: a[:, None]),
    "groups fewer": ("test_groups", "<i8", lambda a: a[:0]),
}


@pytest.mark.parametrize("name", SIDES)
def test_M2_a_test_side_that_does_not_fit_is_refused_when_it_is_read(name: str, forge: Forge) -> None:
    member, dtype, change = SIDES[name]
    folder = forge()
    path = folder / f"{member}.npy"
    with np.errstate(invalid="ignore"):
        path.write_bytes(npy_bytes(change(np.load(path, allow_pickle=False)), dtype))
    rehash(folder)
    with pytest.raises(ModelFormatError):
        read_held_out(folder)


@pytest.mark.parametrize("value", [5, None, ["a"]])
def test_M2_a_digest_that_is_none_is_refused(value: Any, forge: Forge) -> None:
    folder = edit(forge(), "evaluation.json", lambda found: found.update(test_digest=value))
    with pytest.raises(ModelFormatError):
        read_held_out(folder)


def test_a_bundle_without_it_says_what_to_do(tiny_bundle: Path) -> None:
    with pytest.raises(ModelFormatError, match="does not hold the scores of its test posts(?s:.*)train it again"):
        read_held_out(tiny_bundle)


def test_curves_of_another_number_of_categories_are_refused(tiny: Model) -> None:
    with pytest.raises(ModelError, match="not one per category"):
        replace(tiny, curves=(None,))
