"""The section of a config about decisions: calibration, thresholds, and abstention.

Promises: a threshold or width of another form is refused with the forms that are accepted; a filled section, read back,
is the same section. Decides nothing: that is `koudai.model.deciding`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from koudai.config.source import Section


def _threshold(value: object) -> object:
    if value == "f1" or _share(value):
        return value
    target = isinstance(value, dict) and len(value) == 1 and set(value) <= {"precision", "recall"}
    if target and isinstance(value, dict) and all(map(_share, value.values())):
        return value
    message = "must be 'f1', a probability between 0 and 1, {precision = 0.9} or {recall = 0.8}"
    if isinstance(value, dict) and value and all(isinstance(inner, dict | str) for inner in value.values()):
        message += '; a category with a dot in its key stands in quotes: "a.b" = 0.4'
    raise ValueError(message)


def _abstain(value: object) -> object:
    width = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
    if width or (isinstance(value, dict) and set(value) == {"coverage"} and _share(value["coverage"])):
        return value
    message = "must be the width of a band, from 0 to below 1, or {coverage = 0.9}"
    raise ValueError(message)


def _share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1


Threshold = Annotated[Literal["f1"] | float | dict[Literal["precision", "recall"], float], BeforeValidator(_threshold)]
Abstain = Annotated[float | dict[Literal["coverage"], float], BeforeValidator(_abstain)]


class DecideSection(Section):
    """How scores become tags; all of it is estimated out of fold.

    Parameters
    ----------
    calibrate
        ``"sigmoid"``, ``"none"``, or ``"isotonic"``, which falls back to the sigmoid where a class has too few posts.
    threshold
        ``"f1"``, a probability, or a target: ``{precision = 0.9}``, ``{recall = 0.8}``.
    thresholds
        The same for single categories; takes precedence over `threshold`.
    abstain
        Width of the abstention band around the threshold, or ``{coverage = 0.9}``: abstain unless the conformal set has
        exactly one element.
    folds
        Number of cross-validation folds.

    Examples
    --------
    >>> DecideSection(thresholds={"rumour": {"precision": 0.9}}).folds
    5
    """

    calibrate: Literal["sigmoid", "isotonic", "none"] = "sigmoid"
    threshold: Threshold = "f1"
    thresholds: dict[str, Threshold] = {}
    abstain: Abstain = 0.1
    folds: int = Field(default=5, ge=2, le=20)

    @property
    def coverage(self) -> float | None:
        """Target coverage of the conformal sets, None where a band is used."""
        return self.abstain["coverage"] if isinstance(self.abstain, dict) else None

    @property
    def band(self) -> float:
        """Width of the abstention band, 0 where conformal sets are used."""
        return 0.0 if isinstance(self.abstain, dict) else self.abstain
