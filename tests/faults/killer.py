"""The command line in a process of its own, which a signal strikes at its disk call N, or after some seconds.

``python -m tests.faults.killer WHEN SIGNAL [argument …]`` is ``koudai [argument …]``. WHEN is the number of a call,
counted from 1, and the signal strikes before that call is done; or seconds, with a point, since the command began.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from koudai.storage import durable
from koudai.storage.disk import Disk
from tests import forked

ROOT = Path(__file__).resolve().parents[2]


class Striking(Disk):
    """The real disk, until the process sends itself a signal."""

    def __init__(self, number: int, how: signal.Signals) -> None:
        self.number, self.how, self.calls, self.guard = number, how, 0, threading.Lock()

    def __getattribute__(self, name: str) -> Any:
        if name in vars(Disk) and not name.startswith("_"):
            with self.guard:
                self.calls += 1
                if self.calls == self.number:
                    os.kill(os.getpid(), self.how)
        return super().__getattribute__(name)


def struck(
    arguments: list[str], *, when: float, how: signal.Signals = signal.SIGKILL, started: bool = False
) -> tuple[int, str]:
    """Run a command line with a signal at call (an int) or second `when`; return its exit code and what it said. It is
    a forked process, or, if the signal may strike while it starts, a `started` one.
    """
    command = ["-m", "tests.faults.killer", str(when), how.name, *arguments]
    given: dict[str, Any] = {"capture_output": True, "text": True, "cwd": ROOT, "check": False}
    given["env"] = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, *command], **given) if started else forked.run(command, **given)
    return ended.returncode, ended.stderr


def _strike_later(seconds: float, how: signal.Signals) -> None:
    timer = threading.Timer(seconds, os.kill, (os.getpid(), how))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    from koudai.cli import main

    when, strikes = sys.argv[1], signal.Signals[sys.argv[2]]
    if "." in when:
        _strike_later(float(when), strikes)
    else:
        durable.DISK = Striking(int(when), strikes)
    sys.argv = ["koudai", *sys.argv[3:]]
    main()
