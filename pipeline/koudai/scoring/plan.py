"""The plan of a job: everything its result depends on, recorded before the first post is scored.

Promises: the same posts under the same paths, model and settings give the same plan, whenever it is made; a folder with
another plan is refused with what differs, and is not changed. Says how inputs are read, not what they hold: that is
``survey.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from koudai.corpus.reading.folders import find_post_files
from koudai.corpus.reading.locations import Location, Seen
from koudai.corpus.reading.quarantine import MOST, require_few
from koudai.corpus.reading.reading import DEFAULT_READING, Reading
from koudai.errors import InputChanged, PlanMismatch, StorageError, UsageError
from koudai.limits import SHARD_POSTS
from koudai.model.evidence import check_terms
from koudai.model.profile import Profile
from koudai.scoring.formats import FORMATS
from koudai.scoring.totals import Totals
from koudai.storage.address import filled
from koudai.storage.bucket import JobPath
from koudai.storage.durable import read_bytes, sha256_bytes, storage_errors
from koudai.storage.signed import signed_value

JOB, FORMAT, PROTOCOL = "job.json", "koudai-job", 3
_OUR_COLUMNS = ("post_id", "alleged", "abstained", "reason", "hazards", "evidence", "guarded")
_SHOWN = 5


@dataclass(frozen=True)
class Input:
    """One input file: its address, its size in bytes, a digest of its size and parts of its content, and what it is
    called where several have one name.

    `seen` is its size and time of writing as the plan found them; it is neither compared nor written down.
    """

    uri: str
    bytes: int
    fingerprint: str
    called: str = ""
    seen: Seen | None = field(default=None, compare=False, repr=False)

    @staticmethod
    def at(location: Location) -> Input:
        """Return the input that lies at `location` now.

        Raises
        ------
        ReadError
            If there is none.
        InputChanged
            If it is written to meanwhile.
        """
        seen = location.seen()
        found = Input(location.uri, seen.bytes, location.fingerprint(), location.called, seen)
        found.require_unchanged()
        return found

    def require_unchanged(self, since: Seen | None = None) -> None:
        """Raise `InputChanged` if it is not what was seen, `since` or when this was made."""
        seen, now = since or self.seen, self.location.seen()
        if now.bytes != self.bytes:
            raise self.changed(expected=f"{self.bytes:,} bytes", got=f"{now.bytes:,} bytes")
        if seen is not None and now != seen:
            raise self.changed(expected="a file that nobody writes to", got="it was written to since")

    def changed(self, *, expected: str, got: str) -> InputChanged:
        """Return the error that it changed."""
        return InputChanged(
            what="the input changed while it was scored",
            where=self.uri,
            expected=expected,
            got=got,
            happened="shards that were written stay as they are; the job is not done",
            todo="restore the input, or score it into another folder",
        )

    @property
    def location(self) -> Location:
        """Its address, to be opened."""
        return Location(self.uri, called=self.called)


@dataclass(frozen=True)
class ScoreSettings:
    """Settings of scoring, beside the posts and how they are read.

    Parameters
    ----------
    duplicates
        ``"refuse"`` duplicate ids, or score the ``"first"`` post of each id.
    evidence
        Number of terms of evidence per tag.
    shard_size
        Rows per shard.
    form
        ``"csv"`` or ``"jsonl"``: the format of a stream (JSON lines by default), or of one file of all rows that is
        written beside the shards of a job (none by default).
    unsafe_fs
        Whether a file system without locks or atomic renames is accepted, see `koudai.storage.mount`.
    quarantined
        Share of rows, from 0 to 1, that may be quarantined: beyond it the call ends with an error after everything is
        written. Repeated ids do not count.
    allow_drift
        Whether a bundle is loaded although dictionary or Unicode data changed since.

    Raises
    ------
    UsageError
        If a setting is out of range.

    Examples
    --------
    >>> ScoreSettings(duplicates="first", evidence=3).shard_size
    50000
    """

    duplicates: str = "refuse"
    evidence: int = 0
    shard_size: int = 50_000
    form: str | None = None
    unsafe_fs: bool = False
    quarantined: float = MOST
    allow_drift: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.shard_size <= SHARD_POSTS.value:
            raise UsageError(
                what="the shard size is out of range",
                got=self.shard_size,
                expected=f"1 to {SHARD_POSTS.value} posts",
                todo="`shard_size`",
            )
        check_terms(self.evidence)
        if not 0 <= self.quarantined <= 1:
            raise UsageError(what="`quarantined` is no share", got=self.quarantined, expected="0 to 1")
        if self.duplicates not in ("refuse", "first"):
            raise UsageError(what="`duplicates` does not take this", got=self.duplicates, expected="refuse or first")
        if self.form is not None and self.form not in FORMATS:
            raise UsageError(what="`form` does not take this", got=self.form, expected=" or ".join(FORMATS))

    def require_few(self, totals: Totals, *, where: object, happened: str) -> None:
        """Raise `TooManyQuarantined` if more rows were quarantined than `quarantined` allows."""
        require_few(
            totals.reasons,
            read=totals.read,
            most=self.quarantined,
            where=where,
            happened=happened,
            todo="allow more with `quarantined`",
        )


@dataclass(frozen=True)
class Plan:
    """Inputs, model and settings of a job, and the size of its shards in rows."""

    model: str
    inputs: tuple[Input, ...]
    reading: Reading
    duplicates: str
    evidence: int
    shard_size: int

    def seen_through(self, options: Mapping[str, str]) -> Plan:
        """Return the plan with `options`, such as an endpoint, in the addresses of inputs that have none of that name.

        Its results are the same: an address with another option is another way to the same object.
        """
        return replace(self, inputs=tuple(replace(one, uri=filled(one.uri, options)) for one in self.inputs))

    def require_model(self, digest: str, bundle: object) -> None:
        """Raise `PlanMismatch` unless `digest` is that of the plan's model."""
        if digest != self.model:
            raise PlanMismatch(
                what="this bundle is not the model of the job",
                where=bundle,
                expected=f"model: {self.model}",
                got=f"model: {digest}",
                happened="nothing was scored",
                todo="give the bundle that the job began with",
            )

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        inputs = [{name: value for name, value in asdict(one).items() if name != "seen"} for one in self.inputs]
        settings = {name: getattr(self, name) for name in ("model", "duplicates", "evidence", "shard_size")}
        return {"format": FORMAT, "protocol": PROTOCOL, "inputs": inputs, "reading": self.reading.to_json(), **settings}

    @staticmethod
    def of_json(value: dict[str, Any]) -> Plan:
        """Return the plan that `to_json` was called on; raises ValueError, KeyError or TypeError if it is none."""
        if (value["format"], value["protocol"]) != (FORMAT, PROTOCOL):
            raise ValueError(FORMAT)
        named = {field.name: value[field.name] for field in fields(Plan)}
        inputs, reading = tuple(Input(**one) for one in named["inputs"]), Reading.of_json(named["reading"])
        return Plan(**{**named, "inputs": inputs, "reading": reading})


@dataclass(frozen=True)
class JobFile:
    """The content of ``job.json``.

    Parameters
    ----------
    plan
        Everything that the results depend on.
    bundle
        Folder of the model when the job began, None if it was not recorded.
    places
        sha256 of the file with the survey.
    profile
        How the posts look that the model was fitted on, None where that is not kept.
    sha256
        Of ``job.json`` itself: the digest of the job.
    """

    plan: Plan
    bundle: Path | None
    places: str | None
    profile: Profile | None
    sha256: str


def read_job(folder: JobPath) -> JobFile:
    """Read ``job.json`` of a job's folder, once; raises `StorageError` if there is none or it is damaged."""
    try:
        with storage_errors(folder / JOB, happened="nothing was changed"):
            if not (folder / JOB).is_file():
                raise StorageError(what="this is not the folder of a job", where=folder, todo="give the folder of one")
            data = read_bytes(folder / JOB)
        value = signed_value(data)
        bundle, places = value.get("bundle"), value.get("places")
        profile = None if value["profile"] is None else Profile.of_json(value["profile"])
        return JobFile(Plan.of_json(value), Path(bundle) if bundle else None, places, profile, sha256_bytes(data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(
            what="the plan of this job is damaged",
            where=folder / JOB,
            got=repr(error),
            happened="nothing was changed",
            todo="score into another folder",
        ) from error


def make_plan(
    posts: Sequence[str | Path],
    *,
    model: str,
    reading: Reading = DEFAULT_READING,
    settings: ScoreSettings | None = None,
) -> Plan:
    """Find the inputs and compute their fingerprints; no post is read.

    Parameters
    ----------
    posts
        Files, folders, globs and ``s3://`` addresses, as `koudai.corpus.reading.folders.find_post_files` takes them.
    model
        Digest of the bundle.
    reading
        How they are read.
    settings
        Handling of duplicate ids, terms of evidence, and rows per shard.

    Raises
    ------
    UsageError
        If a column that is to be kept cannot be.
    ReadError
        If there is no input, or one cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.csv", "a.csv"):
    ...         _ = (Path(folder) / name).write_text("post_id,text")
    ...     plan = make_plan([folder], model="0" * 16, settings=ScoreSettings(duplicates="first"))
    >>> [(Path(one.uri).name, one.bytes) for one in plan.inputs], plan.duplicates
    ([('a.csv', 12), ('b.csv', 12)], 'first')
    """
    require_keepable(reading)
    settings = settings or ScoreSettings()
    return Plan(
        model=model,
        inputs=tuple(map(Input.at, find_post_files(map(str, posts), kind=reading.kind))),
        reading=reading,
        duplicates=settings.duplicates,
        evidence=settings.evidence,
        shard_size=settings.shard_size,
    )


def require_keepable(reading: Reading) -> None:
    """Raise `UsageError` if a column to be kept is there twice, or would be named like one of the results."""
    columns, keep = reading.columns, reading.keep
    taken = [
        name
        for at, name in enumerate(keep)
        if name in (*_OUR_COLUMNS, columns.id, *columns.texts, *keep[:at]) or name.startswith("p_")
    ]
    if taken:
        raise UsageError(
            what=f"column(s) that cannot be kept: {', '.join(taken)}",
            where="reading.keep",
            expected="columns beside the id and the text, once each, not named like one of the results",
            happened="nothing was read",
            todo="leave them out, or rename them in the input",
        )


def require_same(old: Plan, new: Plan, folder: JobPath) -> None:
    """Raise `PlanMismatch`, which lists what differs, unless the two plans are the same."""
    before, after = _flat(old), _flat(new)
    differ = [name for name in after if before.get(name) != after[name]]
    if not differ:
        return
    shown = {name: (before.get(name), after[name]) for name in differ}
    if "inputs" in shown:
        shown["inputs"] = (_inputs(old, new), _inputs(new, old))
    raise PlanMismatch(
        what="this folder holds a job with another plan",
        where=folder,
        expected="\n".join(f"{name}: {was}" for name, (was, _) in shown.items()),
        got="\n".join(f"{name}: {now}" for name, (_, now) in shown.items()),
        happened="its shards were not touched",
        todo="run it with what it began with, or choose another folder",
    )


def _flat(plan: Plan) -> dict[str, Any]:
    value = plan.to_json()
    reading = value.pop("reading")
    columns = {f"columns.{name}": one for name, one in reading.pop("columns").items()}
    return {**value, **columns, **reading}


def _inputs(plan: Plan, other: Plan) -> str:
    """Return the inputs of `plan` that are not in `other`, or all if only their order differs, in short."""
    found = [one for one in plan.inputs if one not in other.inputs] or list(plan.inputs)
    told = ", ".join(f"{one.uri} ({one.bytes:,} bytes, {one.fingerprint[:12]})" for one in found[:_SHOWN])
    return told + (f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else "")
