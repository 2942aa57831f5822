"""Python imports this first in workers that have its folder on their path: they die of posts that hold `LETHAL`."""

from __future__ import annotations

import os
import signal
from typing import Any

from pipeline.scoring import unit

LETHAL = "☠"
_BLOCK_OF = unit.block_of


def block_of(model: Any, posts: Any, *rest: Any, **named: Any) -> Any:
    if LETHAL.encode() in posts.texts.data.tobytes():
        os.kill(os.getpid(), signal.SIGKILL)
    return _BLOCK_OF(model, posts, *rest, **named)


unit.block_of = block_of
