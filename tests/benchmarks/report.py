"""The report of a benchmark: a table for the eye, the same in Markdown for the docs, and everything as JSON.

Promises: ratios come before rates; a bar says what was wanted, what was measured and whether it is met, or that it was
not measured, and why; the JSON holds every round.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Spread, Task, Timed

NONE = "-"


@dataclass(frozen=True)
class Bar:
    """What is wanted of a figure: at least `wanted` or, with `below`, less; `got` is None if it was not measured."""

    what: str
    wanted: float
    got: float | None
    below: bool = False
    aim: float | None = None
    why_not: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it is met; None if it was not measured."""
        return None if self.got is None else (self.got < self.wanted if self.below else self.got >= self.wanted)

    def cells(self) -> list[str]:
        """Return the bar as cells of a table."""
        wanted = f"{'<' if self.below else '≥'} {number(self.wanted)}" + (
            f" (aim {number(self.aim)})" if self.aim else ""
        )
        got = NONE if self.got is None else number(self.got)
        return [self.what, wanted, got, {True: "met", False: "NOT met", None: self.why_not or "not measured"}[self.met]]


@dataclass
class Report:
    """What a benchmark measured: `header` names the columns of `table`, an empty row in it divides; `data` is all of it
    for JSON.
    """

    title: str
    header: list[str]
    machine: dict[str, Any]
    data: dict[str, Any]
    table: list[list[str]] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """Return everything as JSON."""
        bars = [{**asdict(bar), "met": bar.met} for bar in self.bars]
        whole = {"title": self.title, "machine": self.machine, **self.data, "bars": bars, "notes": self.notes}
        return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

    def to_markdown(self) -> str:
        """Return the table, the bars and the notes as Markdown."""
        versions = ", ".join(f"{name} {version}" for name, version in self.machine["versions"].items())
        where = f"{self.machine['processor']}, {self.machine['cores']} cores, Python {self.machine['python']}"
        notes = "\n".join(f"- {note}" for note in self.notes)
        return "\n\n".join(
            [
                f"{self.machine['date']}, {where}; {versions}. Load before: {self.machine['load_before']}.",
                _markdown(self.header, self.table),
                _markdown(["bar", "wanted", "measured", ""], [bar.cells() for bar in self.bars]),
                notes,
            ]
        )

    def show(self) -> None:
        """Print the table, the bars and the notes."""
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        console = Console()
        console = console if console.is_terminal else Console(width=200)
        for title, header, rows in (
            (self.title, self.header, self.table),
            ("bars", ["bar", "wanted", "measured", ""], [bar.cells() for bar in self.bars]),
        ):
            shown = Table(title=title, title_justify="left")
            for place, name in enumerate(header):
                shown.add_column(name, justify="left" if place < 2 else "right", overflow="fold")
            for row in rows:
                if row:
                    shown.add_row(*map(Text, row))
                else:
                    shown.add_section()
            console.print(shown)
        for note in self.notes:
            console.print(Text(note))

    def publish(self, *, as_json: Path | None, markdown: Path | None, name: str) -> None:
        """Print, and write JSON and Markdown where asked: the latter between the markers called `name` of a page."""
        self.show()
        if as_json:
            as_json.write_text(self.to_json(), encoding="utf-8")
        if markdown:
            page = markdown.read_text(encoding="utf-8")
            markdown.write_text(between(page, name, self.to_markdown()), encoding="utf-8")


def between(page: str, name: str, text: str) -> str:
    """Return `page` with `text` between ``<!-- name -->`` and ``<!-- /name -->``.

    Raises
    ------
    ValueError
        If the page does not have both markers, once each.
    """
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        message = f"the page needs <!-- {name} --> and <!-- /{name} --> once"
        raise ValueError(message)
    return pattern.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page)


def rows_of(task: Task, timed: dict[str, Timed], *, corpus: str) -> list[dict[str, Any]]:
    """Return what was timed of a task as plain data, one dict per way."""
    rows = []
    for way in task.ways:
        row: dict[str, Any] = {"corpus": corpus, "task": task.name, "way": way.name, "lacks": way.lacks}
        mine = timed.get(way.name)
        if mine:
            bytes_per_post = way.posts.n_bytes / len(way.posts)
            row |= {
                "posts": len(way.posts),
                "seconds": list(mine.seconds),
                "posts_per_second": asdict(mine.rate),
                "megabytes_per_second": mine.rate.median * bytes_per_post / 1e6,
                "against_a": _against(mine, timed.get(task.a)),
                "against_b": _against(mine, timed.get(task.b)),
            }
        rows.append(row)
    return rows


def spread(value: dict[str, float] | None) -> str:
    """Return a spread as text: the median, and the smallest and largest."""
    if value is None:
        return NONE
    middle = number(value["median"])
    return middle if value["low"] == value["high"] else f"{middle} [{number(value['low'])}, {number(value['high'])}]"


def number(value: float) -> str:
    """Return a number with three digits that count, or whole."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def _against(mine: Timed, other: Timed | None) -> dict[str, float] | None:
    found: Spread | None = mine.against(other) if other else None
    return asdict(found) if found else None


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *(row for row in rows if row)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
