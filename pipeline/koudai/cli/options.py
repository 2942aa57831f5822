"""What the verbs share: their common options, where corpora lie, the time, and printing JSON.

Promises: the environment and the clock are read here and nowhere else under `koudai`, save in tracking.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import typer

from koudai.cli.terminal import say
from koudai.errors import UsageError

DATA = typer.Option("--data", help="Folder where corpora lie; before $KOUDAI_DATA and ./data.", metavar="DIR")
SET = typer.Option(
    "--set", help="Change one setting, e.g. --set model.params.C=5; may be given often.", metavar="KEY=VALUE"
)
JSON = typer.Option("--json", help="Print the result as JSON.")
LANG = typer.Option("--lang", help="Language that the page opens in: en or zh; both are in it.")
DRIFT = typer.Option("--allow-drift", help="Load a model although dictionary or Unicode data changed since.")


def folders(data: Path | None) -> tuple[Path, ...]:
    """Return the folders in which corpora are looked for, first things first."""
    named = [data] if data else []
    if os.environ.get("KOUDAI_DATA"):
        named.append(Path(os.environ["KOUDAI_DATA"]))
    return (*named, Path("data"))


def now() -> str:
    """Return the time, in UTC, to the second."""
    from datetime import UTC, datetime

    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def language(lang: str) -> str:
    """Return `lang` if there is a page in it; raises `UsageError` if not."""
    if lang not in ("en", "zh"):
        raise UsageError(what="unknown language", got=lang, expected="en or zh")
    return lang


def print_json(value: Any) -> None:
    """Print plain data as JSON."""
    say(json.dumps(value, ensure_ascii=False, indent=1))
