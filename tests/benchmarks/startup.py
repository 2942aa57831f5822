"""Starting: how long the command takes to answer, and to score ten posts, each time in a new process on all cores.

Promises: what koudai keeps (dictionary, compiled kernels) is warm, as is what jieba keeps; the peer is scikit-learn
with the same model, loaded by joblib.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from koudai.model.bundle.bundle import save_bundle
from koudai.model.model import Model
from tests.benchmarks import process
from tests.benchmarks.machine import every_core
from tests.benchmarks.measure import Task, Way
from tests.benchmarks.posts import Posts, write_sample
from tests.benchmarks.same_model import sklearn_pipeline
from tests.benchmarks.sklearn_job import jieba_words
from tests.model.tiny import EVALUATION

START = "start"
HELP, TEN, SKLEARN_TEN = "koudai --help", "koudai score, ten posts", "jieba + scikit-learn, ten posts"


def starting(model: Model, posts: Posts, folder: Path, cores: tuple[int, ...]) -> Task:
    """Return the ways of starting; everything they read and write lies in `folder`."""
    import joblib

    ten = posts.part(0, 10)
    bundle, pipeline, sample = folder / "bundle", folder / "koudai.joblib", folder / "ten.parquet"
    save_bundle(model, bundle, card="For timing only.", evaluation=EVALUATION)
    joblib.dump(sklearn_pipeline(model, jieba_words), pipeline)
    write_sample(sample, ten.texts, 10, seed=0)
    jobs = itertools.count()

    def command(*arguments: str | Path) -> Callable[[], object]:
        def run() -> object:
            new = folder / f"job-{next(jobs)}"
            with every_core(cores):
                return process.run([process.PYTHON, "-m", *arguments, *([] if "--help" in arguments else [new])])

        return run

    return Task(
        START,
        [
            Way(SKLEARN_TEN, ten, command("tests.benchmarks.sklearn_job", pipeline, sample)),
            Way(TEN, ten, command("koudai", "score", bundle, sample, "--out")),
            Way(HELP, ten, command("koudai", "--help")),
        ],
        a=SKLEARN_TEN,
        b="",
    )
