"""The reference, made from the code: verbs, errors, limits, classifiers, measures.

``python -m tests.docs.reference`` writes it to ``docs/reference.md``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import os
from pathlib import Path
from unittest import mock

from pipeline import errors
from pipeline.audit.measures import MEASURES, in_order
from pipeline.cli.app import run_command
from pipeline.limits import limits
from pipeline.model.classifiers import CLASSIFIERS
from pipeline.text.normalize import STEPS

VERBS = ("demo", "check", "train", "inspect", "explain", "score", "verify", "audit", "render", "track")
PATH = Path(__file__).resolve().parents[2] / "docs" / "reference.md"


def reference() -> str:
    """Return the whole page as Markdown."""
    parts = [
        "# Reference",
        "Made from the code by `python -m tests.docs.reference`, and compared with it by a test.",
        "## Verbs",
        *(f"### koudai {verb}\n\n```text\n{_help(verb)}\n```" for verb in VERBS),
        "## Errors",
        _table(["error", "exit code", "meaning"], [[cls.__name__, cls.exit_code, _first(cls)] for cls in _errors()]),
        "## Limits",
        _table(
            ["limit", "value", "counts", "beyond it"],
            [[name, f"{one.value:,}", one.unit, one.beyond] for name, one in limits().items()],
        ),
        "## Steps of normalisation",
        _table(["step"], [[f"`{name}`"] for name in STEPS]),
        "## Classifiers",
        _table(["classifier", "parameters and defaults", "what it is"], [_classifier(name) for name in CLASSIFIERS]),
        "## Measures",
        *(
            f"### {name}: {MEASURES[name].title.en}\n\n{MEASURES[name].title.zh}\n\n"
            f"Needs: {', '.join(MEASURES[name].needs)}.\n\n"
            f"{MEASURES[name].how_to_read.en}\n\n{MEASURES[name].how_to_read.zh}"
            for name in in_order()
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _help(verb: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), mock.patch.dict(os.environ, {"COLUMNS": "80"}):
        run_command([verb, "--help"])
    return said.getvalue().strip()


def _errors() -> list[type[errors.KoudaiError]]:
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.KoudaiError)]
    return sorted(found, key=lambda one: (one.exit_code, one.__name__))


def _classifier(name: str) -> list[str]:
    factory = CLASSIFIERS[name]
    fields = dataclasses.fields(factory)  # type: ignore[arg-type]
    module = inspect.getmodule(factory)
    return [name, ", ".join(f"`{one.name} = {one.default}`" for one in fields), _first(module)]


def _first(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _table(header: list[str], rows: list[list[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(reference(), encoding="utf-8")
