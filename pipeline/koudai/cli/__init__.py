"""The command line: the verbs, one folder of them by what they are about, and nothing that a library user needs."""

from __future__ import annotations

import sys

from koudai.cli import audit, compare, corpora, promote, sample, score, train  # noqa: F401  (each registers its verbs)
from koudai.cli.app import run_command


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run_command(sys.argv[1:]))
