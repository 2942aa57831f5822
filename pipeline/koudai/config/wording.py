"""Section of an audit config on what was said of the same posts under several wordings of the categories.

Promises: unknown keys are errors; each table says its layout, and what its answers mean, in one way. Opens no file.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from koudai.config.scored import Probability
from koudai.config.source import Quoting, Section

SEVERITY = ("none", "low", "medium", "high", "critical")


class WordingSection(Section):
    """What a model, or people, said of posts under one wording of the categories: a file, with one or several answers a
    post.

    The first wording named is the one that the others are compared with: usually ``full``, then ``regulator``,
    ``name``, ``withheld`` and paraphrases, as `koudai.api.policy` writes them. Sections of the same name are
    parts of one wording, such as a file for each category.

    Wide: `columns` has for each category its column, or several, one for each run (or for each person). Long: `answer`
    is a column, with `category` another or `about` the one category of all rows, and `run` the column that tells runs
    of one post apart.

    `answers` says what is in the cells. ``truth``: 1, 0, yes, no, true, false, valid, invalid, 是, 否, 符合, 不符合.
    ``score``: a number from 0 to 1, yes from `threshold` on. ``code``: letters and a number, as DC0, of which 0 says no
    and others yes. ``severity``: a word of `severity`, least first, yes from `tagged_from` on (none, low, medium, high,
    critical, or 无, 低, 中, 高, 严重; from low on, unless said). A value in `missing`, or an empty cell, is no answer.

    Examples
    --------
    >>> WordingSection(name="full", file="full.csv", columns={"rumour": ("run1", "run2")}).answers
    'truth'
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    file: str
    id: str = "post_id"
    columns: dict[str, str | tuple[str, ...]] = {}
    answer: str | None = None
    category: str | None = None
    about: str | None = None
    run: str | None = None
    answers: Literal["truth", "score", "code", "severity"] = "truth"
    threshold: Probability = 0.5
    severity: tuple[str, ...] = SEVERITY
    tagged_from: str | None = None
    missing: tuple[str, ...] = ()
    encoding: str = "utf-8"
    quoting: Quoting = None

    def runs(self) -> dict[str, tuple[str, ...]]:
        """Return the columns of each category."""
        return {key: (one,) if isinstance(one, str) else one for key, one in self.columns.items()}

    @model_validator(mode="after")
    def _one_layout(self) -> WordingSection:
        named = [self.id, *(column for columns in self.runs().values() for column in columns)]
        for wrong, message in (
            (bool(self.columns) == (self.answer is not None), "name either `columns` by category, or `answer`"),
            (
                self.answer is not None and (self.category is None) == (self.about is None),
                "with `answer` name either the column `category`, or the one category that all are `about`",
            ),
            (
                bool(self.columns) and any((self.category, self.about, self.run)),
                "`category`, `about` and `run` go with `answer`; in `columns` each run is a column",
            ),
            (len(set(named)) < len(named), "a column is named twice"),
            (
                self.tagged_from is not None and self.tagged_from not in self.severity,
                "`tagged_from` is none of the words of `severity`",
            ),
            (len(self.severity) < 2, "`severity` needs at least two words"),
        ):
            if wrong:
                raise ValueError(message)
        return self
