"""The command line: the verbs, a file of them for each thing they are about, and nothing that a library user needs.

``app``, ``data``, ``help``, ``language``, ``memory``, ``streaming`` and ``terminal`` hold no verb: the command itself,
and what verbs print and read with.
"""

from __future__ import annotations

import gc
import sys

from koudai.cli import audit, compare, corpora, plan, policy, project, promote, sample, score, train, warm  # noqa: F401  (each registers its verbs)
from koudai.cli.app import run_command
from koudai.cli.terminal import open_closed_streams


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(
        20_000, 20, 20
    )  # loading makes objects that stay: looking for garbage among them takes a tenth of it
    open_closed_streams()
    sys.exit(run_command(sys.argv[1:], own_process=True))
