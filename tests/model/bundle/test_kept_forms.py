"""Forms in a bundle: what is read is what was written, and halves of it are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from koudai.errors import DigestMismatch, ModelFormatError
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.bundle.kept_forms import forms_members, read_forms
from koudai.model.bundle.members import FORMS_ARRAYS, npy_bytes
from koudai.model.deciding.forms import Forms
from koudai.model.model import Model
from tests.model.bundle.test_damage import flipped
from tests.model.tiny import EVALUATION, changed

WHERE = Path("bundle")


def test_forms_come_back_or_are_refused() -> None:
    forms = Forms("share", np.zeros(4), np.ones(4), np.arange(4.0), np.ones((3, 4), np.float32))
    members = forms_members(forms)
    again = read_forms(members, "share", WHERE)
    assert again is not None
    assert again.weights is not None
    assert (again.link, again.offset.tolist(), again.weights.shape) == ("share", [0.0, 1.0, 2.0, 3.0], (3, 4))
    assert read_forms({}, None, WHERE) is None
    flat = {"forms.npy": npy_bytes(np.zeros(3), "<f8")}
    weights = {"forms_weights.npy": members["forms_weights.npy"]}
    for some, link in ((members, None), ({}, "share"), (members, 3), (weights, "share"), (flat, "share")):
        with pytest.raises(ModelFormatError):
            read_forms(some, link, WHERE)


def test_M6_a_flipped_byte_of_forms_is_found(tiny: Model, tmp_path: Path) -> None:
    numbers = (np.tile(one, 2) for one in (tiny.intercept, tiny.slope, tiny.offset))
    twice = changed(tiny, forms=Forms("sigmoid", *numbers, np.hstack([tiny.weights, tiny.weights])))
    save_bundle(twice, tmp_path / "bundle", card="", evaluation=EVALUATION)
    assert load_bundle(tmp_path / "bundle").forms is not None
    for name in FORMS_ARRAYS:
        path = tmp_path / "bundle" / f"{name}.npy"
        data = path.read_bytes()
        for place in (0, len(data) // 2, len(data) - 1):
            path.write_bytes(flipped(data, place, 1))
            with pytest.raises(DigestMismatch, match=f"{name}.npy differs"):
                load_bundle(tmp_path / "bundle")
        path.write_bytes(data)
