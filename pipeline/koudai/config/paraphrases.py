"""Paraphrases of categories: a file with further wordings, each of one category, in Chinese, in English or in both.

Promises: unknown keys are errors; a category that the taxonomy lacks is refused, and so is what is there twice.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from koudai.config.source import Section
from koudai.errors import ConfigError
from koudai.registry import did_you_mean
from koudai.taxonomy import Taxonomy, problems, read_toml


class Paraphrase(Section):
    """Another text of a category, in one language or both.

    Examples
    --------
    >>> Paraphrase(name="plain", category="rumour", en="Telling as true what is made up.").zh
    ''
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$")
    category: str
    zh: str = ""
    en: str = ""

    @model_validator(mode="after")
    def _in_a_language(self) -> Paraphrase:
        if not (self.zh.strip() or self.en.strip()):
            message = "a paraphrase needs `zh`, `en` or both"
            raise ValueError(message)
        return self


class Paraphrases(Section):
    """A file of paraphrases: a ``[[paraphrase]]`` for each, with ``name``, ``category`` and ``zh``, ``en`` or both.

    Examples
    --------
    >>> file = {"paraphrase": [{"name": "plain", "category": "rumour", "en": "Telling as true what is made up."}]}
    >>> Paraphrases.model_validate(file).paraphrase[0].name
    'plain'
    """

    paraphrase: tuple[Paraphrase, ...] = Field(min_length=1)


def load_paraphrases(path: Path, *, taxonomy: Taxonomy) -> Paraphrases:
    """Read a file of paraphrases.

    Raises
    ------
    ConfigError
        If it cannot be read, speaks of a category that `taxonomy` lacks, or gives one paraphrase twice.
    """
    try:
        found = Paraphrases.model_validate(read_toml(path))
    except ValidationError as error:
        raise ConfigError(
            what="this is no file of paraphrases",
            where=path,
            expected='[[paraphrase]] with "name", "category" and "zh", "en" or both',
            got=problems(error),
            happened="no document was written",
            todo="correct the file",
        ) from error
    seen: set[tuple[str, str]] = set()
    for one in found.paraphrase:
        if one.category not in taxonomy.keys:
            raise ConfigError(
                what=f"a paraphrase is of a category that {taxonomy.name!r} does not have",
                where=path,
                expected=", ".join(taxonomy.keys),
                got=one.category,
                happened="no document was written",
                todo=did_you_mean(one.category, list(taxonomy.keys)) or "correct the file",
            )
        if (one.name, one.category) in seen:
            raise ConfigError(
                what="a paraphrase is there twice",
                where=path,
                expected="each `name` once for a category",
                got=f"{one.name}, {one.category}",
                happened="no document was written",
                todo="give one of them another `name`",
            )
        seen.add((one.name, one.category))
    return found
