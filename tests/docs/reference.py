"""The reference, made from the code and the configs, one page for each kind of thing; and the schema of reports.

``python -m tests.docs.reference`` writes the pages of ``docs/reference/`` and ``docs/report.schema.json``. Pages of
that folder that are not in `pages` are written by hand.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import re
import typing
from pathlib import Path
from unittest import mock

import koudai
from koudai import api, errors
from koudai.audit.declaration import Statistic
from koudai.audit.measures import MEASURES, measures_in_order
from koudai.audit.schema import report_schema
from koudai.cli.app import run_command
from koudai.config.audit import AuditConfig
from koudai.config.places import bundled
from koudai.config.source import Section, Source
from koudai.config.train import TrainConfig
from koudai.corpus.sources import known_sources, stands_for
from koudai.limits import limits
from koudai.model.fitting.classifiers import CLASSIFIERS
from koudai.text.characters.normalize import STEPS

VERBS = (
    "demo",
    "init",
    "corpora",
    "fetch",
    "check",
    "train",
    "inspect",
    "explain",
    "score",
    "verify",
    "audit",
    "render",
)
VERBS += ("track", "promote", "compare", "sample", "plan", "policy", "new", "warm")
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
SCHEMA_PATH = FOLDER.with_name("report.schema.json")
MADE = "Made from the code by `python -m tests.docs.reference`, and compared with it by a test."
CONFIGS: dict[str, type[Section]] = {
    "A training config": TrainConfig,
    "An audit config": AuditConfig,
    "A corpus": Source,
}

PUBLIC = sorted(
    [
        *(name for name in koudai.__all__ if name != "api"),
        *(f"api.{name}" for name in api.__all__ if name not in koudai.__all__),
    ]
)
"""Every public name once: those of `koudai`, and what only `koudai.api` gives."""


def pages() -> dict[str, str]:
    """Return the made pages: file name to Markdown."""
    return {
        "verbs.md": _page(
            "Verbs",
            f"## koudai\n\n```text\n{_help()}\n```",
            *(f"## koudai {verb}\n\n```text\n{_help(verb)}\n```" for verb in VERBS),
        ),
        "python.md": _page(
            "Python",
            "The verbs are functions of `koudai.api`. What `import koudai` gives is loaded when first used.",
            *(_public(name) for name in PUBLIC),
        ),
        "configs.md": _page("Configs", *(part for head, one in CONFIGS.items() for part in _config(head, one))),
        "measures.md": _page("Measures", *(_measure(name) for name in measures_in_order())),
        "corpora.md": _page(
            "Corpora",
            "Texts stay where they are: koudai knows address, commit and hash of each original. What each label means, "
            "and why, is in `configs/corpora/NAME.toml`. A stored version is a file's text as a public index of "
            "repositories holds it, not always at the pinned commit. No parser has yet read a whole original under its "
            "pinned hash; one that gives another number of rows than is known writes nothing.",
            _table(
                ["corpus", "rows", "licence", "can stand for", "parser", "checked against, or why not fetched"],
                [_corpus(source) for source in known_sources(configs=bundled("configs")).values()],
            ),
        ),
        "classifiers.md": _page(
            "Classifiers and steps of normalisation",
            _table(
                ["classifier", "parameters and defaults", "what it is"], [_classifier(name) for name in CLASSIFIERS]
            ),
            "Steps of normalisation, for `text.steps`: " + ", ".join(f"`{name}`" for name in STEPS) + ".",
        ),
        "errors.md": _page(
            "Errors",
            _table(
                ["error", "exit code", "meaning"], [[one.__name__, one.exit_code, _first(one)] for one in _errors()]
            ),
        ),
        "limits.md": _page(
            "Limits",
            _table(
                ["limit", "value", "counts", "beyond it"],
                [[name, f"{one.value:,}", one.unit, one.beyond] for name, one in limits().items()],
            ),
        ),
    }


def schema() -> str:
    """Return the schema of reports as JSON."""
    return json.dumps(report_schema(), ensure_ascii=False, indent=1) + "\n"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *parts]) + "\n"


def _help(*verb: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), mock.patch.dict(os.environ, {"COLUMNS": "80", "KOUDAI_LANG": "en"}):
        run_command([*verb, "--help"])
    return said.getvalue().strip()


def _errors() -> list[type[errors.KoudaiError]]:
    found = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.KoudaiError)]
    return sorted(found, key=lambda one: (one.exit_code, one.__name__))


def _public(name: str) -> str:
    thing = getattr(api if name.startswith("api.") else koudai, name.removeprefix("api."))
    takes = ", ".join(inspect.signature(thing).parameters)
    return f"## {name}\n\n```text\n{name}({takes})\n\n{inspect.getdoc(thing)}\n```"


def _config(head: str, config: type[Section]) -> list[str]:
    parts = [f"## {head}", _first(config)]
    for path, section in _sections(config):
        told = (inspect.getdoc(section) or "").partition("\n\nExamples\n--------\n")[0]
        said, _, named = told.partition("\n\nParameters\n----------\n")
        meaning = _meanings(named)
        header = ["key", "what it takes", "default", *(["meaning"] if meaning else [])]
        rows: list[list[object]] = [
            [
                f"`{field.alias or name}`",
                _kind(field.annotation) + _bounds(field.metadata),
                _default(field),
                meaning.get(name, ""),
            ]
            for name, field in section.model_fields.items()
            if not _inner(field.annotation)
        ]
        if path:
            parts += [f"### {path}", said]
        if rows:
            parts.append(_table(header, [row[: len(header)] for row in rows]))
    return parts


def _meanings(named: str) -> dict[str, str]:
    """Return what a Parameters section says of each name; several names may share a text."""
    found = {}
    for names, text in re.findall(r"^(\S.*)\n((?:    .*\n?)+)", named, re.MULTILINE):
        found |= dict.fromkeys(names.split(", "), " ".join(text.split()))
    return found


def _sections(section: type[Section], path: str = "") -> list[tuple[str, type[Section]]]:
    found = [(path, section)]
    for name, field in section.model_fields.items():
        below = f"{path.strip('[]')}.{name}".strip(".")
        kind = typing.get_origin(field.annotation)
        for inner in _inner(field.annotation):
            shown = f"[[{below}]]" if kind is tuple else f"[{below}.NAME]" if kind is dict else f"[{below}]"
            found += _sections(inner, shown)
    return found


def _inner(annotation: object) -> list[type[Section]]:
    """Return the sections that stand below a key; a whole corpus has a heading of its own."""
    if inspect.isclass(annotation) and issubclass(annotation, Section):
        return [] if annotation is Source else [annotation]
    return [one for part in typing.get_args(annotation) for one in _inner(part)]


def _kind(annotation: typing.Any) -> str:
    """Return the type of a setting in words of TOML."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(parts[0])
    if origin is typing.Literal:
        return " or ".join(f"`{json.dumps(one)}`" for one in parts)
    if origin is tuple:
        return f"list of {_kind(parts[0])}" if parts[-1] is ... else f"[{', '.join(map(_kind, parts))}]"
    if origin is dict:
        return f"table of {_kind(parts[1])}"
    if parts:
        return " or ".join(_kind(one) for one in parts if one is not type(None))
    if annotation is Source:
        return "[a corpus](#a-corpus)"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, getattr(annotation, "__name__", "anything"))


def _bounds(metadata: list[typing.Any]) -> str:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    found = [f"{sign} {getattr(one, name):,}" for one in metadata for name, sign in signs.items() if hasattr(one, name)]
    return "".join(f", {one}" for one in found)


def _default(field: typing.Any) -> str:
    if field.is_required():
        return "must be given"
    return "none" if field.default is None else f"`{json.dumps(field.default, ensure_ascii=False)}`"


def _measure(name: str) -> str:
    measure, declared = MEASURES[name], MEASURES[name].declares
    statistics = [[f"`{one.key}`", one.name.en, one.name.zh, one.unit, _interval(one)] for one in declared.statistics]
    shown = [
        (f"Component of the matrix: {one.name.en} ({one.name.zh}), `{one.pick.statistic}`; {one.brief.en}.")
        for one in declared.components
    ]
    charts = "; ".join(f"{one.name.en} ({one.name.zh})" for one in declared.charts)
    parts = [
        f"## {name}: {measure.title.en}",
        measure.title.zh,
        f"Needs: {', '.join(measure.needs)}."
        + " Judges the model: sees no labelled post that it was fitted on." * declared.judges_model,
        measure.how_to_read.en,
        measure.how_to_read.zh,
        _table(["statistic", "name", "名称", "unit", "interval"], statistics),
        *shown,
        *([f"Charts of each category: {charts}."] if charts else []),
    ]
    return "\n\n".join(parts)


def _interval(statistic: Statistic) -> str:
    return statistic.interval or (f"none: {statistic.why.en}" if statistic.why else "none")


def _classifier(name: str) -> list[object]:
    kind = CLASSIFIERS[name]
    parameters = ", ".join(f"`{key} = {default}`" for key, default in kind.parameters().items())
    return [name, parameters, _first(kind)]


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
    FOLDER.mkdir(exist_ok=True)
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
    SCHEMA_PATH.write_text(schema(), encoding="utf-8")
