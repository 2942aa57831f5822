"""The configs that a project begins with, as text: short, since what they do not say holds by default.

Promises: what is written can be read by `koudai.config.load`; a comment says what was guessed, and from what. Writes no
file and reads none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from koudai.config.source import Columns
from koudai.config.train import DEFAULT_STEPS

_STUB = """# A category of your own: say what counts in and what counts out, in both languages, before anybody labels.
name = {name}
version = 1
title = {{ zh = {name}, en = {name} }}
source = "written for this project"
"""
_CATEGORY = """
[[category]]
key = {key}
name = {{ zh = {named}, en = {named} }}
wording = {{ zh = "（定义）", en = "(what it means)" }}
counts_in = {{ zh = "（计入什么）", en = "(what counts in)" }}
counts_out = {{ zh = "（不计入什么）", en = "(what counts out)" }}
"""


@dataclass(frozen=True)
class Meaning:
    """What a column of labels says of one category.

    Examples
    --------
    >>> Meaning("rumour", yes=("是",), no=("否",)).yes
    ('是',)
    """

    category: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    silent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Project:
    """What a project begins with.

    Parameters
    ----------
    name
        Of the run, the corpus and the model.
    file
        Path of the posts from the configs on.
    taxonomy
        Its name.
    columns
        Of the file.
    settings
        What else is said of the file, such as its encoding; nothing that holds by default.
    meaning
        Of the labels, or None where there are none to learn from.
    looked_at
        What the configs were written from, in words.
    steps
        Of normalisation that the texts need before those that hold by default.
    """

    name: str
    file: str
    taxonomy: str
    columns: Columns
    settings: Mapping[str, str | bool]
    meaning: Meaning | None
    looked_at: str
    steps: tuple[str, ...] = ()

    @property
    def train(self) -> str:
        """The training config; only with a meaning."""
        meaning = self.meaning
        assert meaning is not None
        lines = [
            f"# Written by `koudai init`: {self.looked_at}",
            "[run]",
            _pair("name", self.name),
            _pair("taxonomy", self.taxonomy),
            _pair("categories", [meaning.category]),
            "",
            "[[corpus]]",
            "[corpus.source]",
            _pair("name", self.name),
            _pair("file", self.file),
            *(_pair(key, value) for key, value in self.settings.items()),
            f"columns = {{ {', '.join(_pair(key, value) for key, value in _said(self.columns).items())} }}",
            _pair("category", meaning.category),
            _pair("yes", _one(meaning.yes)),
            _pair("no", _one(meaning.no)),
            *([_pair("silent", meaning.silent)] if meaning.silent else []),
            *(["", "[text]", _pair("steps", (*self.steps, *DEFAULT_STEPS))] if self.steps else []),
        ]
        return "\n".join(lines) + "\n"

    @property
    def audit(self) -> str:
        """The audit config: of the model, the scores in ``scores``, and the labels."""
        lines = [
            f"# Written by `koudai init`: {self.looked_at}",
            "# Taxonomy, columns and encoding are those of the model.",
            _pair("model", f"models/{self.name}"),
            _pair("scores", "scores"),
            "",
            "[[corpus]]",
            _pair("source", self.name),
        ]
        if self.columns.date is not None:
            lines += ["", "[period]", _pair("column", self.columns.date)]
        return "\n".join(lines) + "\n"


def taxonomy_stub(name: str, categories: Sequence[tuple[str, str]]) -> str:
    """Return a taxonomy to be filled in: its categories by key, each with what it is called.

    Examples
    --------
    >>> taxonomy_stub("mine", [("ads", "广告")]).splitlines()[1]
    'name = "mine"'
    """
    return _STUB.format(name=_value(name)) + "".join(
        _CATEGORY.format(key=_value(key), named=_value(f"涉嫌{called}")) for key, called in categories
    )


def _said(columns: Columns) -> dict[str, str | list[str]]:
    said = columns.model_dump(exclude_defaults=True)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}


def _one(values: tuple[str, ...]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else values


def _pair(key: str, value: str | bool | Sequence[str]) -> str:
    return f"{key} = {_value(value)}"


def _value(value: str | bool | Sequence[str]) -> str:
    """Return a value of TOML, whose strings may be written as those of JSON."""
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_value, value))}]"
