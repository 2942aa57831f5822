"""The accuracy of koudai beside fastText, scikit-learn's plain pipeline and published figures, corpus by corpus.

``python -m tests.benchmarks.board --help``. Each row is a config of ``configs/train``: its corpus, its split, its
settings, which were chosen without the test side. All ways fit on the same posts and are tested on the same posts.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.model.scorer import probabilities
from koudai.training.evaluate import MetricValue
from koudai.training.multiclass import evaluate_classes, most_probable
from koudai.training.prepare import Prepared, prepare
from koudai.training.train import train_model
from tests.benchmarks import machine, peers
from tests.benchmarks.report import Bar, Report

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("koudai", "fastText", "scikit-learn, logistic", "scikit-learn, SVC")
WEIBO21 = "BERT .895, MDFEND .914, M3FEND .917, K-M3FEND .926 (README of yxCybSec/K-M3FEND)"
THUCNEWS = "of 180,000 titles, not 10,000: fastText .922, BERT .948 (README of Chinese-Text-Classification-Pytorch)"
FBS = "four classes, not 14: RoBERTa-MHARC .977 (Li, Zhang & Jiang 2024, Appl. Sci. 14, 11628)"


@dataclass(frozen=True)
class Row:
    """A config of ``configs/train``, what it measures, and what is wanted of koudai there."""

    config: str
    title: str
    metric: str
    wanted: float
    aim: float
    published: str = "-"


ROWS = (
    Row("rumour-weibo21", "Weibo21, official split, nine domains", "macro_f1", 0.917, 0.9256, WEIBO21),
    Row("rumour-wefend", "WeFEND, titles not in its training set", "macro_f1", 0.675, 0.70),
    Row("clickbait-hancd", "HanCD, one outlet to another", "macro_f1", 0.741, 0.76),
    Row("fbs-14", "FBS, 14 classes, near-duplicates on one side", "macro_f1", 0.909, 0.93, FBS),
    Row("offensive-cold", "COLD, official split", "macro_f1", 0.803, 0.81),
    Row("thucnews-10", "THUCNews, ten sections, dev to test", "accuracy", 0.877, 0.89, THUCNEWS),
)


@dataclass(frozen=True)
class Side:
    """Posts and their classes by number."""

    texts: list[str]
    classes: NDArray[np.intp]


def sides(prepared: Prepared) -> tuple[Side, Side, NDArray[np.bool_]]:
    """Return what is fitted on, what is tested on, and which test rows those are: the posts whose class is known."""
    columns = [prepared.taxonomy.keys.index(key) for key in prepared.categories]
    labels = prepared.corpus.labels[:, columns]
    if not prepared.taxonomy.exclusive and len(columns) > 1:
        message = "the board takes exclusive taxonomies, or one category"
        raise ValueError(message)
    one = (labels == 1).sum(axis=1) == 1 if prepared.taxonomy.exclusive else labels[:, 0] >= 0
    classes = np.argmax(labels == 1, axis=1) if prepared.taxonomy.exclusive else labels[:, 0].astype(np.intp)

    def side(mask: NDArray[np.bool_]) -> Side:
        return Side([prepared.corpus.texts[i] for i in np.flatnonzero(mask)], classes[mask])

    tested = prepared.split.test & one
    return side(prepared.split.fit & one), side(tested), tested


def by_koudai(prepared: Prepared, test: Side, folder: Path) -> NDArray[np.intp]:
    """Return the classes that koudai gives: the most probable one, or whether the category's threshold is reached."""
    model = train_model(prepared, folder / "model").model
    proba = probabilities(model, test.texts)
    if model.taxonomy.exclusive:
        return most_probable(proba)
    return (np.nan_to_num(proba[:, 0]) >= model.threshold[0]).astype(np.intp)


def by_fasttext(fit: Side, test: Side, folder: Path, *, seed: int) -> NDArray[np.intp]:
    """Return the classes that fastText gives, with 25 epochs and bigrams."""
    cut, path = peers.jieba_cut(), folder / "posts.txt"
    labels = fit.classes.astype(np.int8)[:, None]
    peers.write_fasttext(path, (peers.fasttext_line(cut, text) for text in fit.texts), labels)
    model = peers.fasttext_train(path, **peers.fasttext_settings(1, bigrams=True, seed=seed))
    lines = [f"{peers.fasttext_line(cut, text)}\n" for text in test.texts]
    found = [model.f.predict(line, 1, 0.0, "strict") for line in lines]
    return np.array([int(one[0][1].removeprefix("__label__")) if one else -1 for one in found])


def by_sklearn(fit: Side, test: Side, *, seed: int) -> list[NDArray[np.intp]]:
    """Return the classes that a plain pipeline gives: TF-IDF of words 1-2 and characters 1-4, logistic and SVC."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    vectorizer = peers.sklearn_vectorizer(peers.jieba_cut(), peers.BOTH, **peers.WEIGHING)
    features, unseen = vectorizer.fit_transform(fit.texts), vectorizer.transform(test.texts)
    logistic = LogisticRegression(C=20.0, solver="liblinear", dual=True, max_iter=10_000, random_state=seed)
    svc = LinearSVC(C=0.5, max_iter=10_000, random_state=seed)
    return [one.fit(features, fit.classes).predict(unseen) for one in (OneVsRestClassifier(logistic), svc)]


def measure(row: Row, path: Path, *, folders: tuple[Path, ...], peers_too: bool = True) -> dict[str, Any]:
    """Return what all ways reach on the corpus of a config, on all test posts and on those unlike any fitted on."""
    prepared = prepare(load_config(TrainConfig, path), path, folders=folders)
    fit, test, tested = sides(prepared)
    seed, found = prepared.config.run.seed, dict.fromkeys(WAYS)
    with tempfile.TemporaryDirectory() as folder:
        found["koudai"] = by_koudai(prepared, test, Path(folder))
        if peers_too:
            if not peers.lacks("fasttext"):
                found["fastText"] = by_fasttext(fit, test, Path(folder), seed=seed)
            found |= dict(zip(WAYS[2:], by_sklearn(fit, test, seed=seed), strict=True))
    classes = max(2, len(prepared.categories))
    groups, fresh = prepared.groups[tested], ~prepared.split.leaked[tested]
    parts: dict[str, Any] = {}
    for name, mask in (("all", np.ones(len(fresh), bool)), ("unseen", fresh)):
        parts[name] = {
            way: _figures(test.classes[mask], guessed[mask], classes, groups[mask])
            for way, guessed in found.items()
            if guessed is not None
        }
    sizes = {"all": len(fresh), "unseen": int(fresh.sum())}
    return {"config": row.config, "fitted": len(fit.texts), "tested": sizes, **parts}


def _figures(
    true: NDArray[np.intp], guessed: NDArray[np.intp], classes: int, groups: NDArray[np.int64]
) -> dict[str, dict[str, Any]]:
    none = np.where(guessed < 0, classes, guessed)
    figures: list[MetricValue] = evaluate_classes(true, none, classes, groups=groups)
    return {one.metric: vars(one) for one in figures}


def cells(row: Row, measured: dict[str, Any]) -> list[list[str]]:
    """Return the lines of the table for one row: all test posts, and the unseen ones where they are fewer."""
    lines = []
    sizes = measured["tested"]
    for part in ("all", "unseen") if sizes["unseen"] < sizes["all"] else ("all",):
        title = row.title if part == "all" else f"{row.title}: no near-duplicate fitted on"
        figures = [_shown(measured[part].get(way, {}).get(row.metric)) for way in WAYS]
        published = row.published if part == "all" else "-"
        lines.append(
            [title, f"{measured['fitted']:,} / {sizes[part]:,}", row.metric.replace("_", "-"), *figures, published]
        )
    return lines


def _shown(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "-"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.board", description=(__doc__ or "").split("\n")[0]
    )
    names = [row.config for row in ROWS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="rows, by their configs")
    parser.add_argument("--data", type=Path, help="folder of the corpora, instead of $KOUDAI_DATA")
    parser.add_argument("--configs", type=Path, default=ROOT / "configs" / "train", help="folder of the configs")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/index.md")
    options = parser.parse_args(arguments)
    where = machine.describe(machine.cores())
    data = options.data or (Path(os.environ["KOUDAI_DATA"]) if os.environ.get("KOUDAI_DATA") else None)
    rows = [row for row in ROWS if row.config in options.only]
    found = [measure(row, options.configs / f"{row.config}.toml", folders=(data,) if data else ()) for row in rows]
    report_of(rows, found, where).publish(as_json=options.as_json, markdown=options.markdown, name="board")


def report_of(rows: list[Row], found: list[dict[str, Any]], where: dict[str, Any]) -> Report:
    """Return the report of what was measured."""
    report = Report(
        title="accuracy",
        header=["corpus", "fitted / tested on", "figure", *WAYS, "published"],
        machine=where,
        data={"rows": found},
    )
    for row, measured in zip(rows, found, strict=True):
        report.table += cells(row, measured)
        got = measured["all"]["koudai"][row.metric]["value"]
        report.bars.append(Bar(f"{row.title}, {row.metric}", row.wanted, got, aim=row.aim))
    report.notes += [
        "95 % intervals in brackets, near-duplicate test posts counting as one.",
        "fastText: jieba's words, 25 epochs, bigrams. scikit-learn: `TfidfVectorizer` of jieba's words 1-2 and of "
        "characters 1-4 side by side, `LogisticRegression(C=20)` or `LinearSVC(C=.5)`.",
    ]
    if peers.lacks("fasttext"):
        report.notes.append(f"fastText: {peers.INSTALL}")
    return report


if __name__ == "__main__":
    main()
