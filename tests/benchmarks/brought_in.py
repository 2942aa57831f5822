"""Fitted pipelines of scikit-learn, brought in: how much faster they score, and whether they say the same.

``python -m tests.benchmarks.brought_in --help``. Each pipeline is fitted by scikit-learn with jieba's words, or
with words and characters, brought in by `koudai.from_sklearn`, and timed in turn with itself on one core, round after
round, from strings to probabilities. The round trip compares five classifiers with the pipeline that their bundle
gives back.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.api.pipelines import from_sklearn
from koudai.config.places import bundled, find_taxonomy
from koudai.model.deciding.calibration import sigmoid
from koudai.model.scorer import probabilities
from koudai.taxonomy import Taxonomy
from tests.benchmarks import machine, peers
from tests.benchmarks.measure import Task, Way, alternate
from tests.benchmarks.posts import Posts, find
from tests.benchmarks.report import Bar, Report, rows_of, spread

FIT, SCORED = 8_000, 3_000
WANTED = {peers.WORDS: 40.0, peers.BOTH: 28.0}
TOLERANCE = 1e-6
MINE, THEIRS = "koudai, brought in", "scikit-learn itself"


@dataclass(frozen=True)
class Corpus:
    """A file of posts, its taxonomy, and the labels that are categories; of one category the others are "no"."""

    file: str
    taxonomy: str
    categories: dict[str, str]

    def read(self, *, seed: int) -> tuple[list[str], NDArray[np.str_], list[str]] | None:
        """Return posts to fit on with their classes, and posts to score; None if the file is not here."""
        import pyarrow.parquet as pq

        path = find(self.file)
        if path is None:
            return None
        table = pq.read_table(path, columns=["text", "source_label"]).drop_null()
        drawn = np.random.default_rng(seed).permutation(len(table))[: FIT + SCORED]
        texts, labels = (table[name].to_pylist() for name in ("text", "source_label"))
        classes = [self.categories.get(str(label), "no") for label in labels]
        some = [texts[at] for at in drawn]
        return some[:FIT], np.array([classes[at] for at in drawn[:FIT]]), some[FIT:]

    def told(self, pipeline: Any, taxonomy: Taxonomy) -> list[str]:
        """Return the categories of a pipeline's classes."""
        classes = [str(one) for one in pipeline.classes_]
        return classes if taxonomy.exclusive else [next(iter(self.categories.values()))]


def corpora() -> dict[str, Corpus]:
    """Return the corpora by name."""
    sections = find_taxonomy("thucnews-10", configs=bundled("configs")).keys
    return {
        "weibo21": Corpus("weibo21.parquet", "cac-2023", {"fake": "rumour"}),
        "cold": Corpus("cold_offensive.parquet", "offence", {"1": "offence"}),
        "thucnews": Corpus("thucnews_titles.parquet", "thucnews-10", {key: key for key in sections}),
    }


def classifiers(*, several: bool, seed: int) -> dict[str, Any]:
    """Return five classifiers of scikit-learn, not fitted."""
    from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    bayes = ComplementNB(alpha=0.3)
    return {
        "LogisticRegression": LogisticRegression(C=20.0, max_iter=40),
        "LinearSVC": LinearSVC(C=0.5, random_state=seed),
        "SGDClassifier": SGDClassifier(loss="log_loss", alpha=1e-5, random_state=seed),
        "RidgeClassifier": RidgeClassifier(),
        "ComplementNB": OneVsRestClassifier(bayes) if several else bayes,
    }


def expected(pipeline: Any, texts: list[str], *, several: bool) -> NDArray[np.float64]:
    """Return a pipeline's probabilities, or those that its decisions are given."""
    if hasattr(pipeline, "predict_proba"):
        proba = np.asarray(pipeline.predict_proba(texts))
        return proba if several else proba[:, 1:]
    proba = sigmoid(np.asarray(pipeline.decision_function(texts)).reshape(len(texts), -1))
    return proba / proba.sum(axis=1, keepdims=True) if several else proba


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.brought_in", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    where = machine.describe(machine.one_core())
    report = Report("brought in", ["corpus", "features", MINE, "posts/s", f"{THEIRS}, posts/s"], where, {"rows": []})
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, corpus in corpora().items():
            _measure(report, name, corpus, Path(folder), rounds=options.rounds, seed=options.seed)
    report.publish(as_json=options.as_json, markdown=options.markdown, name="brought-in")


def _measure(report: Report, name: str, corpus: Corpus, folder: Path, *, rounds: int, seed: int) -> None:
    read = corpus.read(seed=seed)
    if read is None:
        report.notes.append(f"{name}: {corpus.file} is not here")
        return
    from sklearn.pipeline import Pipeline

    fit, classes, texts = read
    taxonomy = find_taxonomy(corpus.taxonomy, configs=bundled("configs"))
    several, cut = taxonomy.exclusive, peers.jieba_cut()
    posts, differences = Posts(name, texts, np.zeros((len(texts), 1), np.int8)), {}
    for features in WANTED:
        vectoriser = peers.sklearn_vectorizer(cut, features, **peers.WEIGHING)
        matrix = vectoriser.fit_transform(fit)
        for called, classifier in classifiers(several=several, seed=seed).items():
            timed = name != "cold" and called == "SGDClassifier"
            if features == peers.WORDS and not timed:
                continue
            pipeline = Pipeline([("tfidf", vectoriser), ("classifier", classifier.fit(matrix, classes))])
            bundle = folder / f"{name}-{len(list(folder.iterdir()))}"
            told = corpus.told(pipeline, taxonomy)
            trained = from_sklearn(pipeline, taxonomy=taxonomy, categories=told, out=bundle)
            if features == peers.BOTH:
                order = [told.index(key) for key in trained.model.categories]
                back, wanted = trained.to_sklearn(), expected(pipeline, texts, several=several)
                differences[called] = float(np.abs(back.predict_proba(texts) - wanted[:, order]).max())
            if timed:
                _time(report, Task(features, _ways(pipeline, trained.model, posts), THEIRS, ""), rounds=rounds)
    largest = max(differences.values())
    report.bars.append(Bar(f"{name}: largest difference of a round trip, five classifiers", TOLERANCE, largest, True))
    told = ", ".join(f"{called} {value:.1e}" for called, value in differences.items())
    report.notes.append(f"{name}, pipeline to bundle to pipeline, {len(texts):,} posts it was not fitted on: {told}")


def _ways(pipeline: Any, model: Any, posts: Posts) -> list[Way]:
    return [
        Way(THEIRS, posts, lambda: pipeline.predict_proba(posts.texts)),
        Way(MINE, posts, lambda: probabilities(model, posts.texts)),
    ]


def _time(report: Report, task: Task, *, rounds: int) -> None:
    timed = alternate(task.ways, rounds=rounds)
    name, ratio = task.ways[0].posts.name, timed[MINE].against(timed[THEIRS])
    report.data["rows"] += rows_of(task, timed, corpus=name)
    rates = [spread(asdict(timed[way].rate)) for way in (MINE, THEIRS)]
    report.table.append([name, task.name, f"{spread(asdict(ratio))} times as fast", *rates])
    if name == "weibo21":
        report.bars.append(Bar(f"{name}, {task.name}: × {THEIRS}", WANTED[task.name], ratio.median))


if __name__ == "__main__":
    main()
