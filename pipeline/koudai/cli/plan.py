"""The verb that freezes the plan of a study: plan.

Promises: parses, calls one function of `koudai.api`, prints; nothing heavy is imported until it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from koudai import api
from koudai.cli.app import JSON, app
from koudai.cli.terminal import print_json, say


@app.command()
def plan(
    config: Annotated[Path, typer.Argument(help="An audit config with [plan] and [sample].")],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Freeze the [plan] of an audit config before anybody labels; print the hash to be registered."""
    frozen = api.plan(config)
    if as_json:
        print_json(frozen.model_dump(mode="json"))
        return
    say(f"plan: {config.with_suffix('.plan.json').resolve()}")
    say(f"frozen at {frozen.frozen_at}, with sample {frozen.sample[:12]}; comparisons: {len(frozen.plan.comparison)}")
    say("register this hash where others see its date: the audit refuses a plan edited since")
    say(frozen.hash)
