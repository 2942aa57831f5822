"""Python imports this first in workers that have its folder on their path: they die of posts that hold `LETHAL`.

A server from which such workers are forked loads the model that ``$KOUDAI_TESTS_READY`` names before, as each of them
would; after a death the next one is there at once.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder
from typing import Any

LETHAL = "☠"
MODULE = "koudai.scoring.unit"
READY = "KOUDAI_TESTS_READY"


class Poisoner(MetaPathFinder):
    """Changes `MODULE` when it is imported, so that other processes start as fast as ever."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        spec = PathFinder.find_spec(fullname, path) if fullname == MODULE else None
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_change(module: Any) -> None:
                load(module)
                score = module.block_of

                def block_of(model: Any, posts: Any, *rest: Any, **named: Any) -> Any:
                    if LETHAL.encode() in posts.texts.data.tobytes():
                        os.kill(os.getpid(), signal.SIGKILL)
                    return score(model, posts, *rest, **named)

                module.block_of = block_of

            spec.loader.exec_module = load_and_change  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, Poisoner())

if READY in os.environ and any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    importlib.import_module(MODULE).make_ready(os.environ[READY], False)
