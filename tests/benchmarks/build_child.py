"""What `tests.benchmarks.builds` starts in each checkout: it lives on and does tasks when it is told to.

Run by its path, in the folder of the checkout whose modules it times, so it imports nothing of its own. It reads
one line of JSON per turn, and answers with one.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def turn(way: Any, least: float) -> dict[str, float]:
    """Do a task until `least` seconds are over; return seconds of the processor and by the clock that once takes."""
    gc.collect()
    times, begin, used = 0, time.perf_counter(), time.process_time()
    while not times or time.perf_counter() - begin < least:
        way.run()
        times += 1
    return {
        "processor": (time.process_time() - used) / times,
        "clock": (time.perf_counter() - begin) / times,
        "posts": len(way.posts),
    }


def main(path: Path, most: int, few: int, seed: int) -> None:
    """Prepare the tasks of one corpus, then do what is asked for until nothing more is."""
    from tests.benchmarks.peers import FEATURES
    from tests.benchmarks.posts import CATEGORIES, load
    from tests.benchmarks.tasks import KOUDAI, Tasks

    posts = load(path, most=most, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        tasks = Tasks(posts, few=min(few, len(posts)), folder=Path(folder), seed=seed)
        every = [tasks.scoring(features, n) for features in FEATURES for n in (1, CATEGORIES)]
        every += [task for features in FEATURES for task in tasks.vectorising(features)]
        ways = {task.name: way for task in every for way in task.ways if way.name == KOUDAI}
        for line in sys.stdin:
            told = json.loads(line)
            way = ways[told["task"]]
            if told["save"]:
                import numpy as np

                np.save(told["save"], way.run())
            sys.stdout.write(json.dumps(turn(way, told["least"])) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
