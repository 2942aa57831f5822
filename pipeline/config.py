"""Configs: what a TOML file may say, with every default written down, and every problem reported at once.

Promises: unknown keys are errors with the nearest known key; values are names of registered things, never import paths;
relative paths resolve against the config file; a filled config, read back, is the same config. Reads no environment.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError, model_validator

from pipeline.audit_config import (
    AnnotationsSection,
    AuditCorpusSection,
    AuditRunSection,
    GroupSection,
    OtherSection,
    OutcomeSection,
    PeriodSection,
    TableSection,
)
from pipeline.deciding import DecideSection as DecideSection
from pipeline.errors import ConfigError
from pipeline.refitting import MultiplicitySection
from pipeline.registry import did_you_mean
from pipeline.sampled import SampleSection
from pipeline.source import Columns as Columns
from pipeline.source import LabelRule as LabelRule
from pipeline.source import Section as Section
from pipeline.source import Source as Source
from pipeline.space import SearchSection
from pipeline.taxonomy import read_toml


class RunSection(Section):
    """Name, seed, taxonomy, and the categories to fit (all of them unless listed)."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    seed: int = Field(default=20230310, ge=0, lt=2**31)
    taxonomy: str
    categories: tuple[str, ...] = ()


class CorpusSection(Section):
    """One corpus of a run: a name in ``configs/corpora`` or a whole `Source`, and what part of it is used."""

    source: str | Source
    weight: float = Field(default=1.0, gt=0)
    drop: dict[str, tuple[str, ...]] = {}


class SplitSection(Section):
    """How posts are divided: by their sources' own splits, by near-duplicate group, or by date; see
    `pipeline.corpus.split`.
    """

    use: Literal["official", "group", "time"] = "official"
    fit: tuple[str, ...] = ("train",)
    test: tuple[str, ...] = ("test",)
    unused: tuple[str, ...] = ("val", "dev")
    test_share: float = Field(default=0.2, gt=0, lt=1)
    cutoff: date | None = None
    undated: Literal["refuse", "unused"] = "refuse"
    contradictions: Literal["keep", "drop", "majority"] = "keep"

    @model_validator(mode="after")
    def _cutoff_is_of_time(self) -> SplitSection:
        if self.cutoff is not None and self.use != "time":
            message = f"cutoff divides by time, and use is {self.use!r}"
            raise ValueError(message)
        return self


class TextSection(Section):
    """Steps of normalisation, by name, in order."""

    steps: tuple[str, ...] = ("nfkc", "drop-invisible", "links", "mentions")


class VectorsSection(Section):
    """Vectors of terms, learnt from the posts of `corpora` without their labels; a post's are averaged by TF-IDF.

    `words` and `bigrams` say whether words and pairs of characters have vectors, `weight` the root mean square length
    of the average beside a TF-IDF block, whose length is 1.
    """

    corpora: tuple[str | Source, ...] = Field(min_length=1)
    words: bool = True
    bigrams: bool = True
    dim: int = Field(default=200, ge=1, le=1000)
    window: int = Field(default=5, ge=1, le=50)
    min_count: int = Field(default=8, ge=1)
    max_terms: int = Field(default=60_000, ge=2)
    weight: float = Field(default=0.35, gt=0, le=100)


class FeaturesSection(Section):
    """TF-IDF blocks: word n-grams and character n-grams, each weighed and normalised on its own; vectors of terms."""

    words: tuple[int, int] | None = (1, 2)
    chars: tuple[int, int] | None = (1, 4)
    min_df: int = Field(default=2, ge=1)
    max_features: int | None = Field(default=None, ge=1)
    sublinear_tf: bool = True
    vectors: VectorsSection | None = None

    @model_validator(mode="after")
    def _ranges(self) -> FeaturesSection:
        if self.words is None and self.chars is None:
            message = "words and chars cannot both be left out"
            raise ValueError(message)
        if self.vectors is not None:
            for name, wanted, span, n in (
                ("words", self.vectors.words, self.words, 1),
                ("bigrams", self.vectors.bigrams, self.chars, 2),
            ):
                if wanted and not (span and span[0] <= n <= span[1]):
                    message = f"vectors.{name} needs n-grams of length {n} among the features"
                    raise ValueError(message)
            if not (self.vectors.words or self.vectors.bigrams):
                message = "vectors.words and vectors.bigrams cannot both be left out"
                raise ValueError(message)
        for name, span in (("words", self.words), ("chars", self.chars)):
            if span is not None and not 1 <= span[0] <= span[1] <= 8:
                message = f"{name} must be [smallest, largest] with 1 <= smallest <= largest <= 8, not {list(span)}"
                raise ValueError(message)
        return self


class ModelSection(Section):
    """A classifier by name, and its parameters."""

    classifier: str = "logistic"
    params: dict[str, float | int | str | bool] = {}


class EvaluateSection(Section):
    """What is measured beside the figures: F1 after fitting on these shares of the posts; on none by default."""

    learning_curve: tuple[Annotated[float, Field(gt=0, le=1)], ...] = ()


class TrackSection(Section):
    """Where MLflow keeps the run."""

    uri: str = "sqlite:///mlflow.db"
    experiment: str = "koudai"
    registered_model: str = "koudai"
    enabled: bool = True


class TrainConfig(Section):
    """Everything ``koudai train`` does, in one file."""

    run: RunSection
    corpus: tuple[CorpusSection, ...] = Field(min_length=1)
    split: SplitSection = SplitSection()
    text: TextSection = TextSection()
    features: FeaturesSection = FeaturesSection()
    model: ModelSection = ModelSection()
    decide: DecideSection = DecideSection()
    evaluate: EvaluateSection = EvaluateSection()
    search: SearchSection | None = None
    track: TrackSection = TrackSection()


class AuditConfig(Section):
    """Everything ``koudai audit`` looks at, in one file; ``--model`` and ``--scores`` say where the first two lie."""

    run: AuditRunSection
    model: str | None = None
    scores: str | None = None
    table: TableSection | None = None
    corpus: tuple[AuditCorpusSection, ...] = ()
    casebook: str | None = None
    outcome: OutcomeSection | None = None
    period: PeriodSection | None = None
    group: GroupSection | None = None
    annotations: AnnotationsSection | None = None
    other: tuple[OtherSection, ...] = ()
    sample: SampleSection | None = None
    multiplicity: MultiplicitySection = MultiplicitySection()
    track: TrackSection = TrackSection(enabled=False)


S = TypeVar("S", bound=Section)


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
    """
    values = read_toml(path)
    for setting in overrides:
        _override(values, setting)
    return parse_config(kind, values, where=path)


def parse_config(kind: type[S], values: dict[str, Any], *, where: object) -> S:
    """Build a config from plain data; `where` names its origin in errors."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        lines = [_problem(kind, item) for item in _told(error)]
        raise ConfigError(
            what=f"{len(lines)} problem(s) in this config",
            where=where,
            got="\n".join(lines),
            happened="nothing was read or written",
            todo="fix these lines; `koudai check` shows what a config says",
        ) from error


def _override(values: dict[str, Any], setting: str) -> None:
    name, equals, text = setting.partition("=")
    if not equals or not name:
        raise ConfigError(what="--set wants section.field=value", got=setting, expected="e.g. --set model.params.C=5")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *sections, field = name.split(".")
    place = values
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise ConfigError(what="--set cannot reach inside this", where=name, got=section)
    place[field] = value


def _told(error: ValidationError) -> list[Any]:
    """Return the errors, save what only follows from others: that a whole source is no name, that none is left."""
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
    return list(found.model_fields)


def _is_source(part: Any) -> bool:
    """Return whether a step of a place only says that a source is given in full."""
    return isinstance(part, str) and (part == "Source" or part.endswith("Source]") or part.endswith("Source]]"))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
