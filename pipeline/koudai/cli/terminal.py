"""The terminal: progress bars on standard error, tables on standard output, and nothing that posts could use to
write escapes.

Promises: silent when standard error is not a terminal; whatever came from data is escaped before it is printed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from koudai.cli.language import columns, spoken, spoken_one, spoken_word
from koudai.errors import StorageError, printable
from koudai.progress import Advance, Progress, Silent

if TYPE_CHECKING:
    from koudai.model.profile import Shift

_ACTED_ON = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")


class Events:
    """Tells each stage and each step in it as one JSON object per line on standard output."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """Return a context that tells its beginning, its steps and its end; see `Progress.stage`."""
        return self._told(name, total)

    @contextlib.contextmanager
    def _told(self, name: str, total: int | None) -> Iterator[Advance]:
        done = 0
        latest: dict[str, Any] = {}

        def advance(steps: int, told: Mapping[str, Any] | None = None, /) -> None:
            nonlocal done
            done += steps
            latest.update(told or {})
            event("step", stage=name, done=done, total=total, **latest)

        event("begin", stage=name, total=total)
        yield advance
        event("end", stage=name, done=done, total=total, **latest)


def event(name: str, **told: Any) -> None:
    """Print one event as a line of JSON, at once."""
    with written():
        sys.stdout.write(event_line(name, **told))
        sys.stdout.flush()


def event_line(name: str, **told: Any) -> str:
    """Return one event as a line of JSON."""
    return json.dumps({"event": name, **told}, ensure_ascii=True) + "\n"


class Bars:
    """Shows each stage as a bar, with its speed and what is left, and leaves its time behind."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """Return a context with a bar in it; see `Progress.stage`."""
        return self._bar(name, total)

    @contextlib.contextmanager
    def _bar(self, name: str, total: int | None) -> Iterator[Advance]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            ProgressColumn,
            SpinnerColumn,
            Task,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress
        from rich.text import Text

        class Speed(ProgressColumn):
            def render(self, task: Task) -> Text:
                speed = task.finished_speed or task.speed
                return Text(f"{speed:,.0f}/s" if speed else "")

        words = {name: spoken_word(name) for name in ("tagged", "abstained", "quarantined")}
        shown = [SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn(), Speed()]
        if total is not None:
            shown += [BarColumn(bar_width=30), MofNCompleteColumn(), TimeRemainingColumn()]
        shown.append(TextColumn("{task.fields[told]}"))
        with RichProgress(*shown, console=Console(file=sys.stderr)) as bars:
            task = bars.add_task(printable(spoken_word(name)), total=total, told="")

            def advance(steps: int, told: Mapping[str, Any] | None = None, /) -> None:
                bars.update(task, advance=steps, told=_in_short(told or {}, words))

            yield advance
            done = bars.tasks[0].completed
            bars.update(task, total=total or done or 1, completed=total or done or 1)


def _in_short(told: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """Return what has come of posts so far in a few words; threads tell it, which know no language."""
    return " · ".join(f"{word} {told[name]:,}" for name, word in words.items() if name in told)


def noticed_lines(noticed: Mapping[str, int]) -> list[str]:
    """Return a line for each thing that is odd about rows that were read all the same."""
    from koudai.corpus.reading.quarantine import noticed_in_words

    return [f"notice: {line}" for line in noticed_in_words(noticed)]


def shift_lines(shift: Shift | None) -> list[str]:
    """Return the line that scored posts differ from those that the model was fitted on, if they do."""
    if shift is None or not shift.differs:
        return []
    return [f"shift: {shift.line}; its probabilities were calibrated on posts like those"]


def listener() -> Progress:
    """Return bars if standard error is a terminal, else a listener that says nothing."""
    return Bars() if sys.stderr.isatty() else Silent()


@contextlib.contextmanager
def written(happened: str = "what was written before may be cut") -> Iterator[None]:
    """Name what keeps standard output from being written, and write nothing more to it; a closed pipe is passed on."""
    try:
        yield
    except BrokenPipeError:
        end_output()
        raise
    except OSError as error:
        end_output()
        raise StorageError(
            what=f"standard output cannot be written: {error.strerror}",
            happened=happened,
            todo="free space, or write elsewhere",
        ) from error


def end_output() -> None:
    """Let nothing more go to standard output, what Python still holds for it included."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_closed_streams() -> None:
    """Open standard output and error where whoever began the process closed them: output refuses what is written."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def for_terminal(rows: bytes) -> bytes:
    r"""Return rows of scored posts without what a terminal acts on: control characters of kept columns as ``\\uXXXX``.

    Examples
    --------
    >>> for_terminal(b"1,\x1b]0;title\x07,rumour\r\n")
    b'1,\\u001b]0;title\\u0007,rumour\r\n'
    """
    return _ACTED_ON.sub(lambda found: f"\\u{ord(found[0]):04x}", rows.decode()).encode()


def say(text: str = "") -> None:
    """Print one line of our own words to standard output, in the language of this command."""
    show(spoken(text))


def in_page_words(needs: Iterable[str]) -> str:
    """Return what a measure needs as the page calls it, in the language of this command.

    Examples
    --------
    >>> in_page_words(["outcome", "one's own"])
    "outcomes: removed, kept … ([outcome]), one's own"
    """
    from koudai.render.words import Words

    words = Words()
    told = [spoken_one(*words.text(f"need-{one}")) if f"need-{one}" in words else one for one in needs]
    return spoken_one(*words.text("comma")).join(told)


def show(text: str) -> None:
    """Print a document to standard output as it is."""
    with written():
        sys.stdout.write(text + "\n")


def print_json(value: Any) -> None:
    """Print plain data as JSON."""
    show(json.dumps(value, ensure_ascii=False, indent=1))


def table(header: list[str], rows: list[list[Any]]) -> None:
    """Print a table, numbers to the right; cells are escaped and never wrapped."""
    cells = [[printable(cell, limit=100) for cell in row] for row in (map(spoken_word, header), *rows)]
    widths = [max(columns(row[i]) for row in cells) for i in range(len(header))]
    numeric = [all(not isinstance(row[i], str) for row in rows) and bool(rows) for i in range(len(header))]
    for row in cells:
        padded = [
            " " * (widths[i] - columns(cell)) + cell if numeric[i] else cell + " " * (widths[i] - columns(cell))
            for i, cell in enumerate(row)
        ]
        show("  ".join(padded).rstrip())
