"""Sections of a training config, with all defaults.

Promises: unknown keys are errors; classifiers, steps and the like are given by their registered names, never by import
paths; a filled config, read back, is the same config. Opens no file.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from koudai.config.decide import DecideSection
from koudai.config.search import SearchSection
from koudai.config.source import Section, Source
from koudai.config.timezone import TIMEZONE, TimezoneName

DEFAULT_STEPS = ("nfkc", "drop-invisible", "links", "contacts")
"""The steps of normalisation of a config that names none, and of the models that an audit fits itself."""


class RunSection(Section):
    """Name, seed, taxonomy, the categories to fit (all of them unless listed), and the time zone of dates without one.

    Examples
    --------
    >>> RunSection(name="small", taxonomy="cac-2023").seed
    20230310
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    seed: int = Field(default=20230310, ge=0, lt=2**31)
    taxonomy: str
    categories: tuple[str, ...] = ()
    timezone: TimezoneName = TIMEZONE


class CorpusSection(Section):
    """One corpus of a run: a name in ``configs/corpora`` or a whole `Source`, and what part of it is used. It is
    refused where more than a share `quarantined` of its rows are no posts.

    Examples
    --------
    >>> CorpusSection(source="seed").weight
    1.0
    """

    source: str | Source
    weight: float = Field(default=1.0, gt=0)
    drop: dict[str, tuple[str, ...]] = {}
    quarantined: float = Field(default=0.1, ge=0, le=1)


class SplitSection(Section):
    """How posts are divided: by their sources' own splits, by near-duplicate group, or by date; see
    `koudai.corpus.split`.

    Examples
    --------
    >>> SplitSection(use="group", test_share=0.3).test_share
    0.3
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
    """Steps of normalisation, by name, in order: `koudai.text.characters.normalize.STEPS`.

    Examples
    --------
    >>> TextSection().steps[0]
    'nfkc'
    """

    steps: tuple[str, ...] = DEFAULT_STEPS


class VectorsSection(Section):
    """Word vectors, learnt from the posts of `corpora` without their labels, and averaged per post with TF-IDF weights.

    `words` and `bigrams` say whether words and pairs of characters have vectors; `weight` is the root mean square norm
    of the average, beside a norm of 1 of each TF-IDF block.

    Examples
    --------
    >>> VectorsSection(corpora=["seed"], dim=50).window
    5
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
    """TF-IDF blocks: word n-grams and character n-grams, each weighted and normalised on its own; and word vectors.

    `user_dict` adds words to jieba's dictionary: a file of lines ``word [freq] [tag]`` beside the config, or such
    lines. `stop_words` are left out before n-grams of words are made: a file of one a line, or a list.

    Examples
    --------
    >>> FeaturesSection(words=(1, 1), chars=None).min_df
    2
    """

    words: tuple[int, int] | None = (1, 2)
    chars: tuple[int, int] | None = (1, 4)
    min_df: int = Field(default=2, ge=1)
    max_features: int | None = Field(default=None, ge=1)
    sublinear_tf: bool = True
    user_dict: str | tuple[str, ...] | None = None
    stop_words: str | tuple[str, ...] | None = None
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


_NAMES_BEFORE: dict[str, tuple[str, dict[str, float]]] = {
    "linear_svc": ("DualLinearSVC", {"C": 0.5}),
    "logistic": ("DualLogisticRegression", {"C": 20.0}),
    "nb_svm": ("NBSVM", {}),
    "complement_nb": ("ComplementNB", {"alpha": 0.3}),
}


class ModelSection(Section):
    """A classifier by the name of its estimator, and the estimator's parameters.

    The default is the linear support vector machine with C = 0.5: on the six corpora of the board it is better than
    logistic regression by .002 to .010 on four, equal on one and worse by .001 on one, and it fits in a fifth of the
    time. A classifier that is named has its estimator's defaults.
    Names of before this (`linear_svc`, `logistic`, `nb_svm`, `complement_nb`, with `balanced`) are read as these.

    Examples
    --------
    >>> ModelSection(classifier="LinearSVC").params, ModelSection().params
    ({}, {'C': 0.5})
    >>> ModelSection(classifier="linear_svc", params={"balanced": True})
    ModelSection(classifier='DualLinearSVC', params={'C': 0.5, 'class_weight': 'balanced'})
    """

    classifier: str = "DualLinearSVC"
    params: dict[str, float | int | str | bool | None] = {"C": 0.5}

    @model_validator(mode="before")
    @classmethod
    def _by_estimator(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("params", {}), dict):
            return values
        name, params = values.get("classifier", "linear_svc"), dict(values.get("params", {}))
        defaults: dict[str, float] = {}
        if isinstance(name, str) and name in _NAMES_BEFORE:
            name, defaults = _NAMES_BEFORE[name]
            if params.get("balanced") in (True, False):
                params |= {"class_weight": "balanced"} if params.pop("balanced") else {}
        return {**values, "classifier": name, "params": {**defaults, **params}}


class EvaluateSection(Section):
    """What is measured beside the usual figures: the F1 after fitting on these shares of the posts, by default none.

    Examples
    --------
    >>> EvaluateSection(learning_curve=(0.25, 0.5, 1.0)).learning_curve
    (0.25, 0.5, 1.0)
    """

    learning_curve: tuple[Annotated[float, Field(gt=0, le=1)], ...] = ()


class TrackSection(Section):
    """Tracking with MLflow: address, experiment, and name of the registered model.

    Examples
    --------
    >>> TrackSection(uri="http://127.0.0.1:5000").registered_model
    'koudai'
    """

    uri: str = "sqlite:///mlflow.db"
    experiment: str = "koudai"
    registered_model: str = "koudai"
    enabled: bool = True


class TrainConfig(Section):
    """Everything that a training does, in one file or one object.

    Examples
    --------
    >>> config = TrainConfig(run=RunSection(name="mine", taxonomy="cac-2023"), corpus=[CorpusSection(source="seed")])
    >>> config.split.use, config.features.words, config.model.classifier
    ('official', (1, 2), 'DualLinearSVC')
    """

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
