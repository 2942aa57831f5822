"""scikit-learn as a job: a Parquet of posts into a Parquet of probabilities, spread over cores with joblib.

``python -m tests.benchmarks.sklearn_job PIPELINE POSTS OUT --cores N`` prints the seconds from the first byte read to
the last one written. Every worker has loaded jieba and the pipeline before: that time is not counted.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOGETHER = 1000
_LOADING = 0.5


def jieba_words(text: str) -> list[str]:
    """Cut as ``jieba.lcut``, which itself cannot be pickled: it holds a lock."""
    return _jieba()(text)


def main(arguments: list[str] | None = None) -> None:
    """Run the job."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("posts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cores", type=int, default=1)
    options = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(job(options.pipeline, options.posts, options.out, cores=options.cores)) + "\n")


def job(pipeline: Path, posts: Path, out: Path, *, cores: int) -> dict[str, Any]:
    """Score `posts` with what joblib wrote to `pipeline`; return posts and seconds."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from joblib import Parallel, delayed

    with Parallel(n_jobs=cores, batch_size=1, pre_dispatch="all") as parallel:
        parallel(delayed(_load)(pipeline) for _ in range(cores))
        begin = time.perf_counter()
        table = pq.read_table(posts)
        texts = table["text"].to_pylist()
        parts = [texts[start : start + TOGETHER] for start in range(0, len(texts), TOGETHER)]
        proba = np.concatenate(parallel(delayed(_proba)(pipeline, part) for part in parts))
        columns = {f"p_{column}": pa.array(proba[:, column], pa.float32()) for column in range(proba.shape[1])}
        pq.write_table(pa.table({"post_id": table["post_id"], **columns}), out, compression="zstd")
        seconds = time.perf_counter() - begin
    return {"posts": len(texts), "seconds": seconds}


def _proba(pipeline: Path, texts: list[str]) -> NDArray[np.float64]:
    from tests.benchmarks.peers import sklearn_proba

    return sklearn_proba(*_pipeline(pipeline), texts)


def _load(pipeline: Path) -> None:
    """Load everything in one worker, and stay long enough for each of the others to get a call of its own."""
    _proba(pipeline, ["今天"])
    time.sleep(_LOADING)


@functools.cache
def _pipeline(path: Path) -> Any:
    import joblib

    return joblib.load(path)


@functools.cache
def _jieba() -> Any:
    from tests.benchmarks.peers import jieba_cut

    return jieba_cut()


if __name__ == "__main__":  # workers must find these functions under the module's name, not under __main__
    from tests.benchmarks import sklearn_job

    sklearn_job.main()
