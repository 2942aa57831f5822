"""The manifest of a sample: which posts were drawn from which scores, and with what probability.

Promises: with the manifest every inclusion probability is known exactly; a manifest that was changed by hand is
refused. Holds ids, and of each text a short digest by which it is known again; no text.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from koudai.audit.sample.strata import LABELS, LEVELS
from koudai.audit.stratum import Stratum
from koudai.errors import ReadError
from koudai.storage.durable import sha256_bytes, to_json

FORMAT, PROTOCOL = "koudai-sample", 4
_WITHOUT_TEXTS, _LABELLED_ONCE, _ONE_WAVE = 1, 2, 3
"""The protocols of manifests without marks of texts, without posts that are labelled again, and of one wave."""
_MARKED, _DIGITS = 500, 8


@dataclass(frozen=True)
class FirstWave:
    """The first of two waves: what its rows say they belong to, how many they are, and how many each stratum gave.

    Examples
    --------
    >>> FirstWave("s0123456789ab", 3, (1, 2)).rows
    3
    """

    name: str
    rows: int
    drawn: tuple[int, ...]


@dataclass(frozen=True)
class Manifest:
    """What was drawn.

    Parameters
    ----------
    job
        sha256 of the job's ``job.json``, or of the table; of a sample of labels, of these labels.
    model
        Digest of the model that scored; nothing for a sample of labels.
    seed
        Of the draw.
    level
        One of `koudai.audit.sample.strata.LEVELS`; of a sample of labels `koudai.audit.sample.strata.LABELS`.
    categories
        That labels are asked for.
    strata
        All that hold posts.
    rows
        Id of each post drawn, and index of its stratum in `strata`, in the order in which they are shown.
    redacted
        Whether texts were masked.
    texts
        `text_mark` of each row; nothing in manifests of protocol 1.
    double, gold
        Rows, counted from 0, that were drawn for a second annotator, and to be adjudicated.
    first
        The first wave if this is a sample of two: then its rows come first, and what strata gave is of both.

    Examples
    --------
    >>> manifest = Manifest("job", "model", 1, "coarse", ("rumour",), (Stratum("tagged", 4, 1),), (("p7", 0),), True)
    >>> manifest.probability(0)
    0.25
    """

    job: str
    model: str
    seed: int
    level: str
    categories: tuple[str, ...]
    strata: tuple[Stratum, ...]
    rows: tuple[tuple[str, int], ...]
    redacted: bool
    texts: tuple[str, ...] = ()
    double: tuple[int, ...] = ()
    gold: tuple[int, ...] = ()
    first: FirstWave | None = None

    @cached_property
    def name(self) -> str:
        """What every row of the sample says it belongs to: a digest of all the rest."""
        return "s" + sha256_bytes(to_json(self._plain()))[:12]

    def belongs(self, row: int, to: str) -> bool:
        """Return whether a row, counted from 0, is one of the sample, and of the wave that goes by the name `to`."""
        if self.first is not None and row < self.first.rows:
            return to == self.first.name and row >= 0
        return to == self.name and 0 <= row < len(self.rows)

    def probability(self, row: int) -> float:
        """Return the inclusion probability of a row, counted from 0; over both waves if there are two."""
        return self.strata[self.rows[row][1]].probability

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as plain data."""
        return {"name": self.name, **self._plain()}

    def _plain(self) -> dict[str, Any]:
        marks = {"texts": list(self.texts)} if self.texts else {}
        wave = {} if self.first is None else {"first": {**vars(self.first), "drawn": list(self.first.drawn)}}
        again = {name: list(rows) for name, rows in (("double", self.double), ("gold", self.gold)) if rows}
        return {
            "format": FORMAT,
            "protocol": PROTOCOL if wave else _ONE_WAVE if again else _LABELLED_ONCE if self.texts else _WITHOUT_TEXTS,
            "job": self.job,
            "model": self.model,
            "seed": self.seed,
            "level": self.level,
            "categories": list(self.categories),
            "redacted": self.redacted,
            "strata": [vars(one) for one in self.strata],
            "rows": [list(row) for row in self.rows],
            **marks,
            **again,
            **wave,
        }


def text_mark(text: str) -> str:
    r"""Return a short digest of the letters and digits at the head of a text, ``""`` if it has none.

    What spreadsheets, editors and encodings do to blanks, marks and emoji leaves it as it is.

    Examples
    --------
    >>> text_mark("明天停水！\r\n") == text_mark("'明天停水"), text_mark("！！")
    (True, '')
    """
    letters = "".join(one for one in unicodedata.normalize("NFKC", text) if one.isalnum())[:_MARKED]
    return sha256_bytes(letters.encode("utf-8", "replace"))[:_DIGITS] if letters else ""


def load_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    ReadError
        If it is not there, is none, or was changed since it was written.

    Examples
    --------
    >>> try:
    ...     load_manifest(Path("nowhere/sample.csv.manifest.json"))
    ... except ReadError as error:
    ...     print(error.what)
    the manifest of the sample cannot be read
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        found = Manifest(
            job=value["job"],
            model=value["model"],
            seed=value["seed"],
            level=value["level"],
            categories=tuple(value["categories"]),
            strata=tuple(Stratum(**one) for one in value["strata"]),
            rows=tuple((post_id, at) for post_id, at in value["rows"]),
            redacted=value["redacted"],
            texts=tuple(value.get("texts", ())),
            double=tuple(value.get("double", ())),
            gold=tuple(value.get("gold", ())),
            first=_first_wave(value.get("first")),
        )
        name, whole = found.name, found.level in (*LEVELS, LABELS) and found.to_json() == value
    except OSError as error:
        raise ReadError(
            what="the manifest of the sample cannot be read",
            where=path,
            got=error.strerror,
            todo="`api.sample` writes it beside the sample; without it no inclusion probability is known",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ReadError(
            what="this is not the manifest of a sample", where=path, expected="FILE.manifest.json of `api.sample`"
        ) from error
    if not whole:
        raise ReadError(
            what="the manifest of the sample was changed since it was written",
            where=path,
            expected=f"name {value.get('name')}",
            got=f"name {name}",
            todo="draw it again: the same scores, seed, number and categories give the same sample",
        )
    return found


def _first_wave(value: dict[str, Any] | None) -> FirstWave | None:
    return None if value is None else FirstWave(value["name"], value["rows"], tuple(value["drawn"]))
