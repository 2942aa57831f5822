"""The tasks of one corpus: cutting, vectorising, fitting, scoring, each with every way of doing it.

Promises: ways of one task do the same work on posts of one corpus; a slow way gets the first `few` of the posts a quick
one gets. Vectorisers, classifiers and fastText are fitted once, on all posts; koudai's models hold what scikit-learn
fitted, and are compared with it post by post before anything is timed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from koudai.model.fitting.classifiers import make_classifier
from koudai.model.model import Model
from koudai.model.scorer import probabilities
from koudai.text.jieba.segment import Segmenter
from tests.benchmarks import machine, peers
from tests.benchmarks.measure import Task, Way
from tests.benchmarks.peers import BOTH, FEATURES, WEIGHING, WORDS
from tests.benchmarks.posts import CATEGORIES, Posts
from tests.benchmarks.same_model import Disagreement, koudai_model, largest_difference, refuse_other_features

JIEBA_SKLEARN, RJIEBA_SKLEARN = "jieba + scikit-learn", "rjieba + scikit-learn"
JIEBA_FASTTEXT, RJIEBA_FASTTEXT = "jieba + fastText", "rjieba + fastText"
KOUDAI, ONE, TWO = "koudai", "koudai, one core", "koudai, two cores"
FROM_PYTHON, WITH_BIGRAMS = "koudai, Python strings in", "rjieba + fastText, bigrams"


class Tasks:
    """What is timed on one corpus.

    Parameters
    ----------
    posts
        All posts; quick ways are timed on them.
    few
        Number of posts that slow ways are timed on.
    folder
        For what fastText reads.
    seed
        Of what is fitted.
    """

    def __init__(self, posts: Posts, *, few: int, folder: Path, seed: int) -> None:
        self.posts, self.few, self.folder, self.seed = posts, posts.part(0, few), folder, seed
        self.jieba, self.segmenter = peers.jieba_cut(), Segmenter()
        lacking = {name: peers.lacks(module) for name, (module, _) in peers.SEGMENTERS.items()}
        self.rewrites = {name: None if lacks else peers.rewrite_cut(name) for name, lacks in lacking.items()}
        self.rjieba = self.rewrites["rjieba"]
        self.fitted = {features: self._fit(features) for features in FEATURES}
        self.agreement = [self._agree(features, n) for features in FEATURES for n in (1, CATEGORIES)]
        self._fasttext: dict[tuple[str, int], Any] = {}

    def cutting(self) -> Task:
        """Return ways of cutting posts into words."""
        cut, rcut, segmenter, posts, few = self.jieba, self.rjieba, self.segmenter, self.posts, self.few
        return Task(
            "cut into words",
            [
                Way("jieba.lcut", few, lambda: [cut(text) for text in few.texts]),
                _way("rjieba.cut", posts, lambda: [rcut(text) for text in posts.texts], "rjieba"),
                *(
                    _way(name, few, functools.partial(_cut_all, self.rewrites[name], few), module)
                    for name, (module, _) in peers.SEGMENTERS.items()
                    if name != "rjieba"
                ),
                Way("koudai Segmenter.cut_many", posts, lambda: segmenter.cut_many(posts.texts)),
                Way("koudai Segmenter.spans", posts, lambda: segmenter.spans(posts.arrow)),
            ],
            a="jieba.lcut",
            b="rjieba.cut",
        )

    def same_words(self) -> dict[str, Any]:
        """Return the share of posts that are cut as by jieba; raises `Disagreement` if koudai cuts one otherwise."""
        words = [self.jieba(text) for text in self.few.texts]
        found = {"posts": len(self.few), "koudai": self._same(self.segmenter.cut_many(self.few.texts), words)}
        if found["koudai"] < 1:
            message = f"koudai cuts {1 - found['koudai']:.2%} of the posts otherwise than jieba"
            raise Disagreement(message)
        for name, cut in self.rewrites.items():
            if cut:
                found[name] = self._same(map(cut, self.few.texts), words)
        return found

    def vectorising(self, features: str) -> list[Task]:
        """Return ways of counting and weighing terms: learning them, and applying what was learnt.

        Raises `Disagreement` if koudai's features are not scikit-learn's.
        """
        posts, few = self.posts, self.few
        weighing = {} if features == WORDS else WEIGHING
        made: list[tuple[str, Posts, Callable[[], Any], str]] = [
            (JIEBA_SKLEARN, few, lambda: peers.sklearn_vectorizer(self.jieba, features, **weighing), ""),
            (
                RJIEBA_SKLEARN,
                few,
                lambda: peers.sklearn_vectorizer(self.rjieba, features, **weighing),
                peers.lacks("rjieba"),
            ),
            (KOUDAI, posts, lambda: peers.koudai_vectorizer(features, **weighing), ""),
        ]
        refuse_other_features(*(make().fit_transform(few.texts) for _, _, make, _ in (made[-1], made[0])))
        learn, apply = [], []
        for name, mine, make, lacks in made:
            learn.append(Way(name, mine, lambda make=make, mine=mine: make().fit_transform(mine.texts), lacks))
            fitted = None if lacks else make().fit(few.texts)
            apply.append(Way(name, mine, lambda fitted=fitted, mine=mine: fitted.transform(mine.texts), lacks))
        return [
            Task(f"fit_transform: {features}", learn, a=JIEBA_SKLEARN, b=RJIEBA_SKLEARN),
            Task(f"transform: {features}", apply, a=JIEBA_SKLEARN, b=RJIEBA_SKLEARN),
        ]

    def fitting(self) -> Task:
        """Return ways of fitting one category on posts already cut and weighed; fastText reads them cut."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.svm import LinearSVC

        few = self.few
        matrix = self.fitted[BOTH][0].transform(few.texts)
        y, weight, lines = few.labels[:, 0], np.ones(len(few)), self.folder / f"{few.name}-few.txt"
        peers.write_fasttext(lines, self._lines(few.texts), few.labels[:, :1])

        def koudai(shown: str, name: str, c: float) -> Way:
            kind = make_classifier(name, {"C": c})
            return Way(f"koudai {shown}", few, lambda: kind.fit(matrix, y, weight, seed=self.seed))

        def fasttext(name: str, *, bigrams: bool) -> Way:
            settings = peers.fasttext_settings(1, bigrams=bigrams, seed=self.seed)
            return _way(name, few, lambda: peers.fasttext_train(lines, **settings), "fasttext")

        return Task(
            f"fit one category: {BOTH}",
            [
                Way("scikit-learn LogisticRegression", few, lambda: LogisticRegression(C=20.0).fit(matrix, y)),
                Way("scikit-learn LinearSVC", few, lambda: LinearSVC(C=0.5).fit(matrix, y)),
                fasttext("fastText, 5 epochs", bigrams=False),
                fasttext("fastText, 25 epochs, bigrams", bigrams=True),
                koudai("logistic", "DualLogisticRegression", 20.0),
                koudai("linear_svc", "DualLinearSVC", 0.5),
            ],
            a="scikit-learn LogisticRegression",
            b="fastText, 5 epochs",
        )

    def scoring(self, features: str, n: int) -> Task:
        """Return ways from raw posts to probabilities of `n` categories; fastText has bigrams beside characters."""
        posts, few = self.posts, self.few
        vectorizer, classifiers, models = self.fitted[features]
        recut = peers.with_cut(vectorizer, self.rjieba)

        def sklearn(fitted: Any, mine: Posts) -> Callable[[], Any]:
            return lambda: peers.sklearn_proba(fitted, classifiers[:n], mine.texts)

        def fasttext(cut: Any, mine: Posts, beside: str = features) -> Callable[[], Any]:
            k = 1 if n == 1 else n
            return lambda: self._trained(beside, n).predict(
                [peers.fasttext_line(cut, text) for text in mine.texts], k=k
            )

        bigrams = [_way(WITH_BIGRAMS, posts, fasttext(self.rjieba, posts, BOTH), "rjieba", "fasttext")]

        return Task(
            f"score: {features}, {n} categor{'y' if n == 1 else 'ies'}",
            [
                Way(JIEBA_SKLEARN, few, sklearn(vectorizer, few)),
                _way(RJIEBA_SKLEARN, few, sklearn(recut, few), "rjieba"),
                _way(JIEBA_FASTTEXT, few, fasttext(self.jieba, few), "fasttext"),
                _way(RJIEBA_FASTTEXT, posts, fasttext(self.rjieba, posts), "rjieba", "fasttext"),
                *(bigrams if features == WORDS else []),
                Way(FROM_PYTHON, posts, lambda: probabilities(models[n], posts.texts)),
                Way(KOUDAI, posts, lambda: probabilities(models[n], posts.arrow)),
            ],
            a=JIEBA_SKLEARN,
            b=RJIEBA_FASTTEXT,
        )

    def second_core(self, features: str, n: int, cores: tuple[int, ...]) -> Task:
        """Return koudai on one core, and in two threads, each with a core and a half of the posts."""
        model, posts = self.model(features, n), self.posts
        half = len(posts) // 2
        parts = [posts.arrow[:half], posts.arrow[half:]]
        free = iter(cores * 2)
        threads = ThreadPoolExecutor(2, initializer=lambda: machine.stay_on(next(free)))
        return Task(
            f"second core: score {features}, {n} categor{'y' if n == 1 else 'ies'}",
            [
                Way(ONE, posts, lambda: probabilities(model, posts.arrow)),
                Way(
                    TWO,
                    posts,
                    lambda: list(threads.map(lambda part: probabilities(model, part), parts)),
                    "" if len(cores) > 1 else "one core only",
                ),
            ],
            a=ONE,
            b="",
        )

    def model(self, features: str, n: int) -> Model:
        """Return koudai's model of `n` categories."""
        model: Model = self.fitted[features][2][n]
        return model

    def _fit(self, features: str) -> tuple[Any, list[Any], dict[int, Model]]:
        vectorizer = peers.sklearn_vectorizer(self.jieba, features, **WEIGHING)
        matrix = vectorizer.fit_transform(self.posts.texts)
        classifiers = peers.sklearn_classifiers(matrix, self.posts.labels, seed=self.seed)
        models = {n: koudai_model(vectorizer, classifiers[:n]) for n in (1, CATEGORIES)}
        return vectorizer, classifiers, models

    def _agree(self, features: str, n: int) -> dict[str, Any]:
        vectorizer, classifiers, models = self.fitted[features]
        differ = largest_difference(
            probabilities(models[n], self.few.texts),
            peers.sklearn_proba(vectorizer, classifiers[:n], self.few.texts),
            self.few.texts,
            vectorizer,
        )
        found = {"features": features, "terms": models[n].n_features, "categories": n}
        return {"corpus": self.posts.name, **found, "posts": len(self.few), "largest_difference": differ}

    def _trained(self, features: str, n: int) -> Any:
        """Return fastText trained on all posts: 5 epochs beside words, 25 epochs and bigrams beside characters."""
        if (features, n) not in self._fasttext:
            path = self.folder / f"{self.posts.name}-{n}.txt"
            if not path.exists():
                peers.write_fasttext(path, self._lines(self.posts.texts), self.posts.labels[:, :n])
            settings = peers.fasttext_settings(n, bigrams=features == BOTH, seed=self.seed)
            self._fasttext[features, n] = peers.fasttext_train(path, **settings)
        return self._fasttext[features, n]

    def _lines(self, texts: list[str]) -> list[str]:
        return [peers.fasttext_line(self.jieba, text) for text in texts]

    @staticmethod
    def _same(words: Iterable[list[str]], reference: list[list[str]]) -> float:
        return sum(mine == theirs for mine, theirs in zip(words, reference, strict=True)) / len(reference)


def _way(name: str, posts: Posts, run: Callable[[], object], *needs: str) -> Way:
    return Way(name, posts, run, peers.lacks(*needs))


def _cut_all(cut: peers.Cut | None, posts: Posts) -> object:
    return [cut(text) for text in posts.texts] if cut else None
