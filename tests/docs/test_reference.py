"""The reference is what the code says today, and every error is in the tree that errors.py draws."""

from __future__ import annotations

import inspect

from koudai import errors
from tests.docs.reference import FOLDER, SCHEMA_PATH, VERBS, pages, schema


def test_reference_is_up_to_date() -> None:
    for name, text in pages().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run python -m tests.docs.reference"


def test_schema_of_reports_is_up_to_date() -> None:
    assert SCHEMA_PATH.read_text(encoding="utf-8") == schema(), "run: python -m tests.docs.reference"


def test_every_verb_is_documented() -> None:
    from koudai.cli.app import app

    assert {command.name or command.callback.__name__ for command in app.registered_commands} == set(VERBS)  # type: ignore[union-attr]


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    drawn = [
        line for line in (errors.__doc__ or "").splitlines() if "──" in line or line.strip().startswith("KoudaiError")
    ]
    names = {line.replace("│", " ").replace("├──", " ").replace("└──", " ").split()[0]: line for line in drawn}
    classes = {
        name: cls for name, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.KoudaiError)
    }
    assert set(names) == set(classes)
    for name, cls in classes.items():
        if name != "KoudaiError":
            code = next(word for word in names[name].split() if word.isdigit())
            assert int(code) == cls.exit_code, name
            assert inspect.getdoc(cls), name
