"""Reading configs: a TOML file, a dict or a typed object into a checked config, every problem reported at once.

Promises: unknown keys are errors with the nearest known key; a config comes with the path that its relative paths
start from. Reads no environment, and opens nothing that a config names.
"""

from __future__ import annotations

import copy
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from koudai.config.source import Section, Source
from koudai.errors import ConfigError, number_of
from koudai.registry import did_you_mean
from koudai.taxonomy import read_toml

S = TypeVar("S", bound=Section)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def read_config(
    kind: type[S], given: str | os.PathLike[str] | Mapping[str, Any] | S, *, overrides: tuple[str, ...] = ()
) -> tuple[S, Path]:
    """Read a config in any of its three forms.

    Parameters
    ----------
    kind
        `TrainConfig` or `AuditConfig`.
    given
        Path of a TOML file, its content as a dict, or a config.
    overrides
        As for `load_config`.

    Returns
    -------
    config
        Checked.
    file
        The path that relative paths of the config start beside. A dict or an object has no file: the path is one in the
        working directory that need not exist.

    Raises
    ------
    ConfigError
        With every problem, one per line.

    Examples
    --------
    >>> from koudai.config.train import TrainConfig
    >>> values = {"run": {"name": "mine", "taxonomy": "cac-2023"}, "corpus": [{"source": "seed"}]}
    >>> config, file = read_config(TrainConfig, values, overrides=("run.seed=7",))
    >>> config.run.seed, file.name
    (7, 'TrainConfig')
    """
    if isinstance(given, str | os.PathLike):
        return load_config(kind, Path(given), overrides=overrides), Path(given)
    file = Path(kind.__name__)
    if isinstance(given, kind) and not overrides:
        return given, file
    plain = given.model_dump(mode="json", exclude_unset=True) if isinstance(given, Section) else given
    values = copy.deepcopy(dict(plain))
    for setting in overrides:
        _override(values, setting)
    return parse_config(kind, _named(kind, values, file), where=file), file


def load_config(kind: type[S], path: Path, *, overrides: tuple[str, ...] = ()) -> S:
    """Read a config file.

    Parameters
    ----------
    kind
        `TrainConfig`, `AuditConfig` or `Source`.
    path
        The TOML file.
    overrides
        Settings that take precedence, each ``section.field=value`` with a TOML value (a bare word counts as text).

    Raises
    ------
    ConfigError
        With every problem of the file, one per line.

    Examples
    --------
    >>> from koudai.config.places import bundled
    >>> load_config(Source, bundled("configs") / "corpora" / "seed.toml").kind
    'written'
    """
    values = read_toml(path)
    for setting in overrides:
        _override(values, setting)
    return parse_config(kind, _named(kind, values, path), where=path)


def parse_config(kind: type[S], values: dict[str, Any], *, where: object) -> S:
    """Build a config from plain data; `where` names its origin in errors.

    Examples
    --------
    >>> from koudai.config.train import TrainConfig
    >>> try:
    ...     parse_config(TrainConfig, {"run": {"name": "mine", "taxnomy": "cac-2023"}}, where="mine.toml")
    ... except ConfigError as error:
    ...     print(error.got)
    run.taxonomy: Field required
    run.taxnomy: unknown key, expected one of name, seed, taxonomy, categories, timezone; did you mean 'taxonomy'?
    corpus: Field required
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        lines = [_problem(kind, item) for item in _told(error)]
        raise ConfigError(
            what=number_of(len(lines), "problem") + " in this config",
            where=where,
            got="\n".join(lines),
            happened="nothing was read or written",
            todo="fix these lines",
        ) from error


def _named(kind: type[BaseModel], values: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the values of a config with the name of its file for that of its run, where it gives none."""
    run = values.get("run", {})
    if "run" not in kind.model_fields or not isinstance(run, dict) or not _NAME.fullmatch(path.stem):
        return values
    return {**values, "run": {"name": path.stem, **run}}


def _override(values: dict[str, Any], setting: str) -> None:
    name, equals, text = setting.partition("=")
    if not equals or not name:
        raise ConfigError(what="`overrides` wants section.field=value", got=setting, expected="e.g. model.params.C=5")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *sections, field = name.split(".")
    place = values
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise ConfigError(what="`overrides` cannot reach inside this", where=name, got=section)
    place[field] = value


def _told(error: ValidationError) -> list[Any]:
    """Return the errors without those that follow from others, such as that an inline source is no name."""
    items = error.errors(include_url=False)
    places = [item["loc"] for item in items]

    def follows(place: tuple[Any, ...]) -> bool:
        above = place[:-1] if place[-1:] == ("str",) else place
        return any(other != place and other[: len(above)] == above for other in places)

    return [
        item
        for item in items
        if not (item["loc"][-1:] == ("str",) or item["type"] == "too_short") or not follows(item["loc"])
    ]


def _problem(kind: type[BaseModel], item: Any) -> str:
    place = ".".join(str(part) for part in item["loc"] if not _is_source(part)) or "file"
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        known = _known_fields(kind, item["loc"][:-1])
        hint = did_you_mean(str(item["loc"][-1]), known)
        return f"{place}: unknown key, expected one of {', '.join(known)}" + (f"; {hint}" if hint else "")
    if isinstance(item["input"], dict | list | tuple):
        return f"{place}: {message}"
    return f"{place}: {message}, got {item['input']!r}"


def _known_fields(kind: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    found: type[BaseModel] = kind
    for part in loc:
        field = found.model_fields.get(str(part))
        if field is not None:
            models = _models_in(field.annotation)
            found = models[0] if models else found
        elif _is_source(part):
            found = Source
    return [field.alias or name for name, field in found.model_fields.items()]


def _is_source(part: Any) -> bool:
    """Return whether this element of pydantic's error location is only the tag of the inline `Source` variant."""
    return isinstance(part, str) and (part == "Source" or part.rstrip("]").endswith(", Source"))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
