"""The verbs about posts: score into a job, stream, verify.

Promises: a job is refused before anything is read if its settings make no sense; the same call resumes a job that was
stopped; every row read is scored, abstained or quarantined. Prints nothing.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from koudai.api.models import bundle_of, loaded_model, model_of
from koudai.api.surroundings import AnyPath
from koudai.api.trained_model import AnyModel, TrainedModel
from koudai.api.warming import compiled_beside
from koudai.errors import KoudaiError
from koudai.progress import Progress, Silent

if TYPE_CHECKING:
    from koudai.corpus.reading.locations import Location
    from koudai.corpus.reading.reading import Reading
    from koudai.scoring.engines import EngineChoice
    from koudai.scoring.plan import ScoreSettings
    from koudai.scoring.stream import Sink
    from koudai.scoring.totals import Totals


T = TypeVar("T")


def score(
    model: AnyModel,
    posts: AnyPath | Sequence[AnyPath],
    *,
    out: AnyPath,
    reading: Reading | None = None,
    settings: ScoreSettings | None = None,
    engine: EngineChoice | str = "local",
    progress: Progress | None = None,
) -> Totals:
    """Score files of posts into the folder of a job; the same call resumes a job that was stopped.

    Parameters
    ----------
    model
        A model, or its bundle.
    posts
        Files, folders, globs or ``s3://`` addresses: Parquet, Arrow, CSV, TSV, JSON, JSON lines or Excel workbooks,
        also compressed.
    out
        Folder of the job: a path, or ``s3://bucket/key``, given as text.
    reading
        How the files are read: which columns hold what, their encoding. By default as `as_trained` says.
    settings
        Duplicate ids, terms of evidence, rows per shard, and whether one file of all rows is written too.
    engine
        The engine, or its name; every engine gives the same bytes.
    progress
        Progress callback.

    Returns
    -------
    Totals
        Counts of the rows: ``read = scored + abstained + quarantined``. ``settings.require_few(totals, …)`` raises if
        too many were quarantined.

    Raises
    ------
    UsageError
        If a setting is out of range.
    ReadError
        If an input cannot be read, or is not what it was when the job began.
    ModelError
        If the bundle cannot be used.
    StorageError
        If the folder holds something else, or cannot be written; shards that have a receipt are safe.

    Examples
    --------
    >>> from koudai import api
    >>> api.score("model", "posts.csv", out="scores").line()
    'read 3 = scored 2 + abstained 1 + quarantined 0'
    """
    from koudai.scoring.engines import EngineChoice
    from koudai.scoring.job import run
    from koudai.scoring.plan import ScoreSettings, make_plan
    from koudai.scoring.results import open_job
    from koudai.storage.bucket import job_path

    settings = settings or ScoreSettings()
    choice = EngineChoice(engine) if isinstance(engine, str) else engine
    folder = job_path(out)
    bundle = bundle_of(model)
    drift = settings.allow_drift or (isinstance(model, TrainedModel) and model.allow_drift)
    with compiled_beside(), choice.start(bundle, allow_drift=drift) as started:
        loaded = model_of(model, allow_drift=drift)
        paths = [str(one) for one in _listed(posts)]
        _warn_of_left_out(paths, reading)
        reading = reading or _as_trained(loaded.config, paths)
        plan = make_plan(paths, model=loaded.digest, reading=reading, settings=settings)
        totals = run(
            plan,
            loaded,
            folder,
            bundle=bundle,
            engine=started,
            unsafe_fs=settings.unsafe_fs,
            progress=progress,
        )
    if settings.form is not None:
        open_job(folder).export(settings.form)
    return totals


def stream(
    model: AnyModel,
    posts: AnyPath | Sequence[AnyPath | Location],
    *,
    sink: Sink,
    reading: Reading | None = None,
    settings: ScoreSettings | None = None,
    workers: int | None = None,
) -> Totals:
    """Score posts and pass on the rows as they are scored; nothing is stored.

    Parameters
    ----------
    model, posts, reading
        As for `score`; one of `posts` may be an open `koudai.corpus.reading.pipe.Pipe`.
    sink
        Callbacks for the rows, as bytes, and for the rows that are no posts.
    settings
        The format of the rows (JSON lines by default) and the terms of evidence.
    workers
        Threads; by default one for each core.

    Returns
    -------
    Totals

    Raises
    ------
    UsageError
        If a setting is out of range, or is for jobs only.
    ReadError
        If a source cannot be read; the rows before the error have been passed on.

    Examples
    --------
    >>> from koudai import api
    >>> rows, aside = [], []
    >>> api.stream("model", "posts.csv", sink=api.Sink(rows.append, aside.extend)).read
    3
    >>> rows[0][:14]
    b'{"post_id":"1"'
    """
    from koudai.corpus.reading.folders import find_post_files
    from koudai.corpus.reading.locations import Location
    from koudai.corpus.reading.reading import DEFAULT_READING
    from koudai.scoring.plan import ScoreSettings
    from koudai.scoring.stream import score_stream

    settings = settings or ScoreSettings()
    given = _listed(posts)
    opened = [one for one in given if isinstance(one, Location)]
    files = [str(one) for one in given if not isinstance(one, Location)]
    _warn_of_left_out(files, reading)
    with compiled_beside():
        loaded = model_of(model, allow_drift=settings.allow_drift)
    reading = reading or (_as_trained(loaded.config, files) if files else DEFAULT_READING)
    return score_stream(
        loaded,
        [*opened, *(find_post_files(files, kind=reading.kind) if files else [])],
        reading=reading,
        sink=sink,
        settings=settings,
        workers=workers,
    )


def as_trained(
    model: AnyModel,
    posts: AnyPath | Sequence[AnyPath],
    *,
    reading: Reading | None = None,
    said: Collection[str] = (),
) -> Reading:
    """Return how files are read: as those that the model was trained on, if the first has their columns.

    Parameters
    ----------
    model
        A model, or its bundle, which remembers columns of id, text and date, encoding, quotes, and whether rows were
        numbered.
    posts
        As for `score`.
    reading
        What else is said of them: columns to be kept, bad bytes, their kind.
    said
        What of it comes before what the model remembers: ``columns``, ``encoding``, ``quoting``, ``number_rows``.

    Returns
    -------
    Reading
        `reading` if the first file is not like those. A column of dates is kept beside the results.

    Examples
    --------
    >>> from koudai import api
    >>> api.as_trained("model", "posts.csv").columns.id
    'post_id'
    """
    from koudai.model.bundle.bundle import config_of

    config = model.model.config if isinstance(model, TrainedModel) else config_of(bundle_of(model))
    return _as_trained(config, posts, reading, said)


def _as_trained(
    config: Mapping[str, Any],
    posts: AnyPath | Sequence[AnyPath],
    reading: Reading | None = None,
    said: Collection[str] = (),
) -> Reading:
    from koudai.config.train import TrainConfig
    from koudai.corpus import as_trained as trained
    from koudai.corpus.reading.folders import find_post_files
    from koudai.corpus.reading.reading import DEFAULT_READING

    given = reading or DEFAULT_READING
    try:
        readings = trained.readings_of(TrainConfig.model_validate(config))
        first = find_post_files([str(one) for one in _listed(posts)], kind=given.kind)[0]
    except (KoudaiError, ValueError):  # what is wrong with the files is said where they are read
        return given
    return trained.as_trained(readings, first, given, said=said) or given


def in_layout(layout: str, reading: Reading, *, model: AnyModel | None = None) -> Reading:
    """Return how files of a known tool are read.

    Parameters
    ----------
    layout
        Name of a layout in ``configs/layouts``: of the tool that wrote the files.
    reading
        What else is said of them. Its columns come before those of the layout; the column of dates is kept beside the
        results.
    model
        What they are to be scored by: a `StepsWarning` says which steps of normalisation it lacks for them.

    Raises
    ------
    ConfigError
        If there is no such layout, or a column is one of accounts.

    Examples
    --------
    >>> from koudai import api
    >>> reading = api.in_layout("weibo-spider", api.Reading())
    >>> reading.columns.id, reading.columns.text, reading.keep
    ('微博id', '微博正文', ('发布时间',))
    """
    from koudai.config.layouts import find_layout, warn_of_steps
    from koudai.config.places import bundled

    found = find_layout(layout, configs=bundled("configs"))
    whole = found.apply(reading.columns)
    found.refuse_accounts(whole, reading.keep)
    if model is not None:
        steps = loaded_model(model).model.config["text"]["steps"]
        warn_of_steps(found, steps, named=f"texts that {found.name} wrote")
    columns = whole.model_copy(update={"date": None})
    return replace(reading, columns=columns, keep=tuple(dict.fromkeys([*reading.keep, found.columns.date])))


def verify(
    folder: AnyPath,
    *,
    repair: bool = False,
    model: AnyModel | None = None,
    allow_drift: bool = False,
    progress: Progress | None = None,
) -> Totals:
    """Check the hashes and the conservation law of a job.

    Temporary files that killed processes left in its folder are removed.

    Parameters
    ----------
    folder
        Of the job: a path, or ``s3://bucket/key``, given as text.
    repair
        Whether damaged and missing shards are computed again first.
    model
        The bundle, for repairs; by default the folder that the job recorded.
    allow_drift
        As for `koudai.api.load_model`.
    progress
        Progress callback.

    Raises
    ------
    JobUnfinished
        If shards are missing.
    ShardDamaged
        If a file differs from its receipt.
    PlanMismatch
        If a repair would need another model or other inputs.

    Examples
    --------
    >>> from koudai import api
    >>> api.verify("job").read
    3
    """
    from koudai.scoring.job import clear_left
    from koudai.scoring.job import repair as repair_job
    from koudai.scoring.results import open_job
    from koudai.storage.bucket import job_path

    place = job_path(folder, "folder")
    if repair:
        bundle = None if model is None else bundle_of(model)
        repair_job(place, bundle=bundle, allow_drift=allow_drift, progress=progress or Silent())
    clear_left(place)
    return open_job(place, progress=progress).totals


def _warn_of_left_out(arguments: Sequence[str], reading: Reading | None) -> None:
    """Warn with a `LeftOutWarning` of each folder that also holds what is no file of posts."""
    from koudai.corpus.reading.folders import warn_of_left_out

    for argument in arguments:
        warn_of_left_out(argument, kind=reading.kind if reading else None)


def _listed(posts: AnyPath | Sequence[T]) -> list[AnyPath | T]:
    return [posts] if isinstance(posts, str | os.PathLike) else list(posts)
