"""The verbs about models: check, train, inspect, explain, track, promote.

Promises: what `train` returns was measured and not read back from disk; a bundle is never lost to a tracking server
that is away. Prints nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koudai.api.surroundings import AnyPath, Overwrite, data_folders, output_of
from koudai.api.trained_model import AnyModel, TrainedModel
from koudai.errors import KoudaiError, NotTracked
from koudai.progress import Progress, Silent

if TYPE_CHECKING:
    from koudai.config.train import TrainConfig
    from koudai.model.bundle.inspection import Inspection
    from koudai.model.explanation import Explanation
    from koudai.model.model import Model
    from koudai.training.check import RunSummary
    from koudai.training.tracking.promotion import Promotion
    from koudai.training.tracking.runs import Tracked


def load_model(path: AnyPath, *, allow_drift: bool = False) -> TrainedModel:
    """Load a bundle.

    Parameters
    ----------
    path
        Folder of a bundle, as `train` writes it.
    allow_drift
        Whether it is loaded although dictionary or Unicode data changed since it was trained.

    Raises
    ------
    ModelError
        If the bundle is damaged, of another kind, or scores otherwise here than where it was trained.

    Examples
    --------
    >>> from koudai import load_model
    >>> load_model("model").model.name
    'small'
    """
    from koudai.model.bundle.bundle import load_bundle
    from koudai.model.bundle.members import json_member, read_members
    from koudai.model.evaluation import Evaluation

    folder = Path(path)
    model = load_bundle(folder, allow_drift=allow_drift)
    found = json_member(read_members(folder)[1], "evaluation.json", folder)
    return TrainedModel(model, folder, Evaluation.from_json(found, where=folder), allow_drift)


def check(
    config: AnyPath | Mapping[str, Any] | TrainConfig,
    *,
    overrides: Sequence[str] = (),
    data: AnyPath | None = None,
    progress: Progress | None = None,
) -> tuple[list[KoudaiError], RunSummary | None]:
    """List every problem of a training config and its corpora at once; write nothing.

    Parameters
    ----------
    config, overrides, data, progress
        As for `train`.

    Returns
    -------
    problems
        All of them; empty if the config trains.
    summary
        How posts are divided and labelled; None if there are problems.

    Examples
    --------
    >>> from koudai import api
    >>> problems, summary = api.check("small.toml")
    >>> problems, summary.split.test > 0
    ([], True)
    """
    from koudai.training.check import find_problems

    return find_problems(config, overrides=tuple(overrides), folders=data_folders(data), progress=progress)


def train(
    config: AnyPath | Mapping[str, Any] | TrainConfig,
    *,
    out: AnyPath | Overwrite | None = None,
    overrides: Sequence[str] = (),
    data: AnyPath | None = None,
    search: bool | AnyPath = False,
    leave_one_source_out: bool = False,
    progress: Progress | None = None,
) -> TrainedModel:
    """Fit, calibrate and evaluate a model, save it as a bundle, and log it to MLflow if the config says so.

    Parameters
    ----------
    config
        A training config.
    out
        Folder of the bundle, new or empty unless `Overwrite` says that a bundle there is replaced; by default
        ``models/<run.name>``.
    overrides
        Settings that come before the config's, each ``section.field=value``.
    data
        Folder where corpora lie; comes before ``$KOUDAI_DATA`` and ``data``.
    search
        Whether settings are searched first, or the folder where trials are kept (by default beside `out`).
    leave_one_source_out
        Whether to also fit on each corpus, and on all but each, and test on each.
    progress
        Progress callback.

    Returns
    -------
    TrainedModel
        With its evaluation. A model is never lost to MLflow: `TrainedModel.tracked` says if it could not be told.

    Raises
    ------
    ConfigError, ReadError, LabelError, TooFewPosts
        If the config, a corpus or its labels cannot be used.
    StorageError
        If `out` is not empty, or cannot be written.

    Examples
    --------
    >>> from koudai import api
    >>> trained = api.train("small.toml", out="another")
    >>> trained.model.categories[-1], "unqualified_advice.medical" in trained.evaluation.categories
    ('unqualified_advice.medical', True)
    """
    from koudai.audit.failures import known_failures
    from koudai.config.load import read_config
    from koudai.config.train import TrainConfig
    from koudai.model.bundle.members import MANIFEST
    from koudai.storage.bucket import require_on_disk
    from koudai.storage.durable import new_folder
    from koudai.storage.filled_folder import filled_folder
    from koudai.training.prepare import prepare
    from koudai.training.search.objective import fit_part
    from koudai.training.search.search import search as search_settings
    from koudai.training.search.search import trials_folder
    from koudai.training.tracking.checkout import code_state
    from koudai.training.train import train_model

    loaded, file = read_config(TrainConfig, config, overrides=tuple(overrides))
    code = code_state()
    named, overwrite = output_of(out)
    folder = require_on_disk(named) if named is not None else Path("models") / loaded.run.name
    prepared = prepare(loaded, file, folders=data_folders(data), progress=progress)
    found, seconds = None, {}
    with filled_folder(folder, replaces=MANIFEST) if overwrite else contextlib.nullcontext():
        if search is not False:
            new_folder(folder)
            trials = trials_folder(folder) if search is True else Path(search)
            found = search_settings(loaded, fit_part(prepared), trials, progress=progress)
            prepared = replace(prepared, config=found.config)
            seconds = {trial.number: trial.seconds for trial in found.trials}
        result = train_model(
            prepared,
            folder,
            probe=known_failures,
            search=found.summary if found else None,
            leave_one_source_out=leave_one_source_out,
            progress=progress,
        )
    tracked: Tracked | NotTracked | None = None
    if loaded.track.enabled:
        from koudai.training.tracking.runs import send

        with (progress or Silent()).stage("telling MLflow", None):
            try:
                tracked = send(folder, loaded.track, code=code, seconds=seconds)
            except NotTracked as error:
                tracked = error
    return TrainedModel(result.model, folder, result.evaluation, search=found, tracked=tracked)


def inspect(model: AnyModel, *, top: int = 12, contacts: bool = False) -> Inspection:
    """Read description, figures and top terms of a bundle, without building the model.

    Parameters
    ----------
    model
        A bundle.
    top
        Terms per category, those with the largest weights.
    contacts
        Whether contacts are looked for in the vocabulary.

    Raises
    ------
    ModelError
        If the bundle is damaged or of another kind.

    Examples
    --------
    >>> from koudai import api
    >>> found = api.inspect("model", top=3)
    >>> found.name, len(found.categories["impersonation"].terms)
    ('small', 3)
    """
    from koudai.model.bundle.inspection import inspect_bundle

    return inspect_bundle(bundle_of(model), top=top, contacts=contacts)


def explain(model: AnyModel, text: str, *, allow_drift: bool = False) -> Explanation:
    """Return the contribution of each term of one post to the log-odds of each category.

    Parameters
    ----------
    model, allow_drift
        As for `load_model`; also a model that is loaded.
    text
        The raw post.

    Raises
    ------
    ModelError
        If the bundle cannot be used.

    Examples
    --------
    >>> from koudai import api
    >>> found = api.explain("model", "各位观众晚上好，AI主播为您播报")
    >>> found.alleged[0], found.categories[0].terms[0].term
    ('impersonation', '‹播›')
    >>> advice = api.explain("model", "这个偏方能治糖尿病，停药就行").categories[-1]
    >>> advice.category, round(advice.log_odds - advice.base - sum(one.log_odds for one in advice.terms), 9)
    ('unqualified_advice.medical', 0.0)
    """
    return loaded_model(model, allow_drift=allow_drift).explain(text)


def track(model: AnyModel, *, uri: str | None = None, progress: Progress | None = None) -> Tracked:
    """Log a bundle to MLflow, for instance after tracking was down.

    Parameters
    ----------
    model
        A bundle.
    uri
        Tracking address; by default what the bundle's config says.
    progress
        Progress callback.

    Raises
    ------
    ModelError
        If `model` is no bundle.
    NotTracked
        If MLflow could not be told; the bundle is as it was.

    Examples
    --------
    >>> from koudai import api
    >>> from koudai.errors import ModelError
    >>> try:
    ...     api.track("posts.csv", uri="sqlite:///mlflow.db")
    ... except ModelError as error:
    ...     print(error.what)
    not a koudai bundle (koudai never unpickles)
    """
    from koudai.training.tracking.address import section_of
    from koudai.training.tracking.runs import send

    section = section_of(bundle_of(model), uri=uri)
    with (progress or Silent()).stage("telling MLflow", None):
        return send(bundle_of(model), section)


def promote(
    target: str | AnyModel | None = None, *, to: str = "champion", uri: str | None = None, name: str | None = None
) -> Promotion:
    """Give a version of the registered model an alias, and compare it with the one that had it.

    Parameters
    ----------
    target
        A version's number, or a bundle that was tracked; by default the candidate.
    to
        ``"champion"`` or ``"candidate"``.
    uri, name
        Address of the registry, and name of the registered model; by default the bundle's.

    Raises
    ------
    UsageError
        If there is no such alias, registry, model or version, or the version is not the candidate.
    RegistryError
        If the registry cannot be reached, or refuses.

    Examples
    --------
    >>> from koudai import api
    >>> from koudai.errors import UsageError
    >>> try:
    ...     api.promote("3", to="production")
    ... except UsageError as error:
    ...     print(error.what, "- expected", error.expected)
    no alias 'production' - expected candidate or champion
    """
    from koudai.training.tracking.address import section_of
    from koudai.training.tracking.promotion import promote_version

    version = isinstance(target, str) and target.isdecimal()
    bundle = None if target is None or version else bundle_of(target)
    section = section_of(bundle, uri=uri, model=name)
    return promote_version(section, target=str(target) if version else bundle, alias=to)


def bundle_of(model: AnyModel) -> Path:
    """Return the folder of a model's bundle."""
    return model.bundle if isinstance(model, TrainedModel) else Path(model)


def loaded_model(model: AnyModel, *, allow_drift: bool = False) -> TrainedModel:
    """Return a model, loaded if it was given by its folder."""
    return model if isinstance(model, TrainedModel) else load_model(model, allow_drift=allow_drift)


def model_of(model: AnyModel, *, allow_drift: bool = False) -> Model:
    """Return what scores of a model, loaded without its figures if it was given by its folder."""
    from koudai.model.bundle.bundle import load_bundle

    if isinstance(model, TrainedModel):
        return model.model
    return load_bundle(Path(model), allow_drift=allow_drift)


def validated_on(model: AnyModel) -> dict[str, str]:
    """Return what each category of a model was validated on.

    Parameters
    ----------
    model
        A model, or its bundle, of which nothing else is built.

    Examples
    --------
    >>> from koudai import api
    >>> sorted(set(api.validated_on("model").values()))
    ['written']
    """
    from koudai.model.bundle.members import json_member, read_members

    if isinstance(model, TrainedModel):
        return dict(model.model.validated_on)
    folder = Path(model)
    return dict(json_member(read_members(folder)[1], "model.json", folder)["validated_on"])
