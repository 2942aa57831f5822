"""The section of a config about hyperparameter search: the search space, the number of trials, the metric.

Promises: a range has a lower end below its upper one, choices are distinct, and a dimension is a range or choices, not
both. Does not know which settings exist; see `koudai.training.search.space`.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from koudai.config.source import Section
from koudai.limits import SEARCH_TRIALS


class Dimension(Section):
    """The values of one setting: a range of numbers, uniform or log-uniform, or a list of choices.

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
    """A search over settings: at most `trials` trials and `timeout` seconds; the trial with the greatest `metric` wins.

    Without `space`, `koudai.training.search.space.default_space` is searched.

    Examples
    --------
    >>> section = SearchSection(trials=20, space={"model.params.C": Dimension(low=0.01, high=100, log=True)})
    >>> section.metric, section.space["model.params.C"].choices
    ('macro_f1', ())
    """

    trials: int = Field(default=40, ge=1, le=SEARCH_TRIALS.value)
    metric: Literal["macro_f1", "f1", "average_precision", "auc"] = "macro_f1"
    timeout: float | None = Field(default=None, gt=0)
    space: dict[str, Dimension] = {}
