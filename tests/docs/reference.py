"""The reference, made from the code and the configs: verbs, errors, limits, corpora, classifiers, measures; and the
schema of reports.

``python -m tests.docs.reference`` writes them to ``docs/reference.md`` and ``docs/report.schema.json``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import json
import os
from pathlib import Path
from unittest import mock

from koudai import errors
from koudai.audit.measures import MEASURES, in_order
from koudai.audit.report_schema import report_schema
from koudai.cli.app import run_command
from koudai.config.places import bundled
from koudai.config.source import Source
from koudai.corpus.sources import known_sources, stands_for
from koudai.limits import limits
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.text.characters.normalize import STEPS

VERBS = ("demo", "corpora", "fetch", "check", "train", "inspect", "explain", "score", "verify", "audit", "render")
VERBS += ("track", "promote", "compare", "sample")
PATH = Path(__file__).resolve().parents[2] / "docs" / "reference.md"
SCHEMA_PATH = PATH.with_name("report.schema.json")


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
        "## Corpora",
        "Texts stay where they are: koudai knows address, commit and hash of each original. What each label means, and "
        "why, is in `configs/corpora/NAME.toml`. A stored version is a file's text as a public index of repositories "
        "holds it, not always at the pinned commit. No parser has yet read a whole original under its pinned hash; one "
        "that gives another number of rows than is known writes nothing.",
        _table(
            ["corpus", "rows", "licence", "can stand for", "parser", "checked against, or why not fetched"],
            [_corpus(source) for source in known_sources(configs=bundled("configs")).values()],
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


def schema() -> str:
    """Return the schema of reports as JSON."""
    return json.dumps(report_schema(), ensure_ascii=False, indent=1) + "\n"


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


def _corpus(source: Source) -> list[object]:
    fits = "; ".join(f"{category} ({', '.join(found)})" for category, found in stands_for(source).items())
    says = "every category (written)" if source.kind == "written" else fits or "no category"
    how = [source.fetch.parser, source.fetch.checked] if source.fetch else ["", source.not_fetched]
    return [source.name, f"{source.rows:,}", source.licence, says, *how]


def _first(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n")[0].replace("\n", " ")


def _table(header: list[str], rows: list[list[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(reference(), encoding="utf-8")
    SCHEMA_PATH.write_text(schema(), encoding="utf-8")
