"""What a config may say of a search: which settings to vary, over what, for how many trials, to what end.

Promises: a range has two ends that belong together, choices differ from each other, and no entry says both. Which
settings there are is not known here; see `koudai.training.search.space`.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from koudai.config.source import Section
from koudai.limits import SEARCH_TRIALS


class Dimension(Section):
    """What one setting is drawn from: a range of numbers, evenly or by their logarithm, or some choices.

    Examples
    --------
    >>> Dimension(low=0.01, high=100, log=True).log
    True
    """

    low: int | float | None = None
    high: int | float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_draw(self) -> Dimension:
        ends = self.low is not None and self.high is not None
        for wrong, message in (
            (
                ends == bool(self.choices) or (self.low is None) != (self.high is None),
                "give either low and high, or choices",
            ),
            (self.log and not ends, "log belongs to a range"),
            (ends and not float(self.low or 0) < float(self.high or 0) < float("inf"), "low must be below high"),
            (self.log and float(self.low or 0) <= 0, "a logarithmic range begins above 0"),
            (len({json.dumps(one) for one in self.choices}) < len(self.choices), "a choice is there twice"),
        ):
            if wrong:
                raise ValueError(message)
        return self

    @field_validator("choices", mode="before")
    @classmethod
    def _plain_values(cls, value: Any) -> Any:
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            message = "choices are numbers, words, true or false, or lists of them"
            raise ValueError(message) from None
        return value


class SearchSection(Section):
    """A search over settings: `trials`, at most `timeout` seconds, the one with the greatest `metric` wins.

    Without `space`, one that suits most corpora; see `koudai.training.search.space.default_space`.
    """

    trials: int = Field(default=40, ge=1, le=SEARCH_TRIALS.value)
    metric: Literal["macro_f1", "f1", "average_precision", "auc"] = "macro_f1"
    timeout: float | None = Field(default=None, gt=0)
    space: dict[str, Dimension] = {}
