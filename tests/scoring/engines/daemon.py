"""What Spark starts on each executor to fork its Python workers from, with everything there that they need: modules,
and the model that ``$KOUDAI_TESTS_READY`` names.

Spark's own daemon imports nothing, so that each new worker, after each death, imports and loads all of it.
"""

from __future__ import annotations

import importlib
import os

from pyspark.daemon import manager

from koudai.scoring.unit import make_ready

PRELOADED = "KOUDAI_TESTS_PRELOADED"

if __name__ == "__main__":
    for name in os.environ.get(PRELOADED, "").split():
        importlib.import_module(name)
    if "KOUDAI_TESTS_READY" in os.environ:
        make_ready(os.environ["KOUDAI_TESTS_READY"], False)
    manager()
