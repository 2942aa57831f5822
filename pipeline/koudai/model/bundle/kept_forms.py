"""Forms of a model as members of its bundle.

Promises: what is read is what was written, or raises; a bundle without forms has neither members nor a link. Opens no
file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from koudai.errors import ModelFormatError
from koudai.model.bundle.members import FORMS_ARRAYS, npy_bytes, npy_member
from koudai.model.deciding.forms import Forms


def forms_members(forms: Forms) -> dict[str, bytes]:
    """Return the forms of a model as members of a bundle.

    Examples
    --------
    >>> sorted(forms_members(Forms("softmax", np.zeros(2), np.ones(2), np.zeros(2))))
    ['forms.npy']
    """
    members = {"forms.npy": npy_bytes(np.stack([forms.intercept, forms.slope, forms.offset]), FORMS_ARRAYS["forms"])}
    if forms.weights is not None:
        members["forms_weights.npy"] = npy_bytes(forms.weights, FORMS_ARRAYS["forms_weights"])
    return members


def read_forms(members: dict[str, bytes], link: object, folder: Path) -> Forms | None:
    """Return the forms that a bundle's members hold, None if none.

    Raises
    ------
    ModelFormatError
        If there is a link without forms, or forms without a link.
    ScoringError
        If they are no forms.

    Examples
    --------
    >>> members = forms_members(Forms("softmax", np.zeros(2), np.ones(2), np.zeros(2)))
    >>> read_forms(members, "softmax", Path("bundle")).slope.tolist()
    [1.0, 1.0]
    """
    arrays = [name for name in FORMS_ARRAYS if f"{name}.npy" in members]
    if link is None and not arrays:
        return None
    if not isinstance(link, str) or "forms" not in arrays:
        raise ModelFormatError(
            what="forms and their link belong together",
            where=folder,
            expected="link in model.json, and forms.npy",
            got=f"link {link!r}, members {arrays}",
        )
    found = {name: npy_member(members, f"{name}.npy", FORMS_ARRAYS[name], folder) for name in arrays}
    if found["forms"].shape[:1] != (3,) or found["forms"].ndim != 2:
        raise ModelFormatError(
            what="forms.npy has another shape", where=folder, expected="3 rows", got=found["forms"].shape
        )
    intercept, slope, offset = found["forms"]
    return Forms(link, intercept, slope, offset, found.get("forms_weights"))
