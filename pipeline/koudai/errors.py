"""Every error koudai raises on purpose, and the exit code each one ends a command with.

One tree, so that a caller can catch as widely or as narrowly as needed::

    KoudaiError                    exit
    ├── UsageError                 2    the command line or a config asks for something impossible
    │   └── ConfigError            2    one or more lines of a config file are wrong
    ├── DataError                  3    posts, labels or scores cannot be used as they are
    │   ├── ReadError              3    a file of posts cannot be read
    │   │   └── InputChanged       3    an input is not what it was when the job began
    │   ├── TooManyQuarantined     3    more rows were quarantined than are allowed
    │   ├── LabelError             3    labels do not fit the taxonomy
    │   ├── TooFewPosts            3    not enough posts to fit or to measure
    │   ├── ScoresMismatch         3    scores, labels and model do not belong together
    │   ├── FetchError             3    an original of a corpus cannot be brought, or is not the one pinned
    │   └── LimitExceeded          3    an input is larger than a limit in limits.py
    ├── ModelError                 4    a model bundle cannot be used
    │   ├── ModelFormatError       4    not a koudai bundle, or not one this version reads
    │   ├── UnknownMember          4    a bundle holds something that does not belong in it
    │   ├── DigestMismatch         4    a bundle's content differs from its manifest
    │   ├── TaxonomyMismatch       4    a bundle's categories are not those of its taxonomy
    │   ├── DriftError             4    trained under other versions, or golden posts score otherwise
    │   └── ScoringError           4    a score came out as something that is not a number
    ├── StorageError               5    a folder or file cannot be written or trusted
    │   ├── OutputExists           5    the output folder holds something else already
    │   ├── PlanMismatch           5    a job is resumed with other inputs than it began with
    │   ├── JobLocked              5    another process is writing to the same job
    │   ├── JobUnfinished          5    a job's results are read before the job is done
    │   ├── ShardDamaged           5    a job's results differ from their receipts
    │   ├── RegistryError          5    the model registry cannot be reached, or refuses
    │   ├── EngineError            5    the workers of a job cannot be reached, or die whatever they are given
    │   └── OutOfMemory            5    memory does not suffice for what was asked
    └── NotTracked                 6    the work is done and saved, but MLflow does not know of it

A message says what is wrong, where, what was expected, what was found, what koudai did with the data, and what to
do next. It never holds terminal escapes: whatever came from data is shown through ``repr``-like escaping.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def number_of(n: int, one: str, many: str = "") -> str:
    """Return a count and what is counted, in the grammatical number that goes with it.

    Parameters
    ----------
    n
        The count.
    one
        What is said of one, a verb behind it included.
    many
        What is said of any other number; by default `one` with an s.

    Examples
    --------
    >>> number_of(1, "post"), number_of(2000, "post"), number_of(0, "category is", "categories are")
    ('1 post', '2,000 posts', '0 categories are')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def printable(value: object, *, limit: int = 200) -> str:
    r"""Return `value` as one line that is safe to print on a terminal.

    Parameters
    ----------
    value
        Anything; it is turned into text with ``str``.
    limit
        Longest result, in characters.

    Returns
    -------
    str
        The text with control, format and unassigned characters written as ``\uXXXX``, cut at `limit`.
    """
    text = str(value)
    shown = "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in _HIDDEN else c for c in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class KoudaiError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    where
        File, line, post id, section and field: as exact as known.
    expected, got
        What was expected there, and what was found.
    happened
        What koudai did with the data ("nothing was written", "3 shards are safe in …").
    todo
        What the user can do next.

    Examples
    --------
    >>> print(KoudaiError("no such file", where="posts.csv", happened="nothing was read", todo="check the path"))
    KoudaiError: no such file
      where:    posts.csv
      happened: nothing was read
      to do:    check the path
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        got: object = None,
        happened: str | None = None,
        todo: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.happened = happened
        self.todo = todo
        super().__init__(self.message())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as text: an error travels from a worker to where the job was started."""
        names = ("where", "expected", "got", "happened", "todo")
        texts = {name: None if (value := getattr(self, name)) is None else str(value) for name in names}
        return _rebuilt, (type(self), self.what, texts)

    def message(self, labels: Mapping[str, str] | None = None) -> str:
        """Return the whole message: first line `what`, then one line for each thing known; `labels` may name the lines
        otherwise, in three full-width characters each.
        """
        lines = [f"{type(self).__name__}: {_multiline(self.what)}"]
        fields = (
            ("where", self.where),
            ("expected", self.expected),
            ("got", self.got),
            ("happened", self.happened),
            ("to do", self.todo),
        )
        said = {name: f"{name + ':':<10}" for name, _ in fields}
        said |= {name: f"{label}    " for name, label in (labels or {}).items()}
        lines += [f"  {said[name]}{_multiline(value)}" for name, value in fields if value is not None]
        return "\n".join(lines)


def _rebuilt(kind: type[KoudaiError], what: str, parts: dict[str, str | None]) -> KoudaiError:
    return kind(what, **parts)


def _multiline(value: object) -> str:
    return "\n            ".join(printable(line, limit=400) for line in str(value).split("\n"))


class UsageError(KoudaiError):
    """The command line or a config asks for something impossible."""

    exit_code = 2


class ConfigError(UsageError):
    """One or more lines of a config file are wrong; all of them are listed."""


class DataError(KoudaiError):
    """Posts, labels or scores cannot be used as they are."""

    exit_code = 3


class ReadError(DataError):
    """A file of posts cannot be read."""


class InputChanged(ReadError):
    """An input is not what it was when the job began."""


class TooManyQuarantined(DataError):
    """More rows were quarantined than are allowed."""


class LabelError(DataError):
    """Labels do not fit the taxonomy."""


class TooFewPosts(DataError):
    """Not enough posts to fit or to measure."""


class ScoresMismatch(DataError):
    """Scores, labels and model do not belong together."""


class FetchError(DataError):
    """An original of a corpus cannot be brought, or is not the one pinned."""


class LimitExceeded(DataError):
    """An input is larger than a limit in ``limits.py``."""


class ModelError(KoudaiError):
    """A model bundle cannot be used."""

    exit_code = 4


class ModelFormatError(ModelError):
    """Not a koudai bundle, or not one this version reads."""


class UnknownMember(ModelError):
    """A bundle holds something that does not belong in it."""


class DigestMismatch(ModelError):
    """A bundle's content differs from its manifest."""


class TaxonomyMismatch(ModelError):
    """A bundle's categories are not those of its taxonomy."""


class DriftError(ModelError):
    """Trained under other versions, or the golden posts score otherwise here."""


class ScoringError(ModelError):
    """A score came out as something that is not a number."""


class StorageError(KoudaiError):
    """A folder or file cannot be written or trusted."""

    exit_code = 5


class OutputExists(StorageError):
    """The output folder holds something else already."""


class PlanMismatch(StorageError):
    """A job is resumed with other inputs, model or settings than it began with."""


class JobLocked(StorageError):
    """Another process is writing to the same job."""


class JobUnfinished(StorageError):
    """A job's results are read before the job is done."""


class ShardDamaged(StorageError):
    """A job's results differ from their receipts."""


class RegistryError(StorageError):
    """The model registry cannot be reached, or refuses."""


class EngineError(StorageError):
    """The workers of a job cannot be reached, or die whatever they are given."""


class OutOfMemory(StorageError):
    """Memory does not suffice for what was asked."""


class NotTracked(KoudaiError):
    """The work is done and saved, but MLflow does not know of it yet."""

    exit_code = 6
