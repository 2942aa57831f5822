"""The peers: what koudai's users run today, and whether it is installed.

Promises: every peer gets what koudai gets, lower-cased posts and the same terms, and runs on one thread unless told
otherwise. fastText and the segmenters of `SEGMENTERS` are the extra ``bench``; without them their rows say so.
"""

from __future__ import annotations

import importlib
import logging
import re
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

INSTALL = "not installed (pip install koudai[bench])"
WORDS, BOTH = "words", "words 1-2 + chars 1-4"
FEATURES = (WORDS, BOTH)
WEIGHING = {"min_df": 2, "sublinear_tf": True}
"""As koudai weighs by default."""

Cut = Callable[[str], list[str]]
SEGMENTERS = {
    "rjieba": ("rjieba", "cut"),
    "jieba-next": ("jieba_next", "lcut"),
    "jieba-pyfast": ("jieba_pyfast", "cut"),
    "cppjieba-py-dat": ("cppjieba_py_dat", "lcut"),
}
"""Rewrites of jieba: their names, modules and functions. None promises jieba's words; how many posts they cut as jieba
does is measured beside their speed."""


def lacks(*names: str) -> str:
    """Return `INSTALL` if one of the modules `names` cannot be imported, else nothing."""
    for name in names:
        try:
            _module(name)
        except ImportError:
            return INSTALL
    return ""


def _module(name: str) -> Any:
    """Import a peer, whatever it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def jieba_cut() -> Cut:
    """Return ``jieba.lcut``, its dictionary loaded."""
    import jieba

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    return jieba.lcut


def rewrite_cut(name: str) -> Cut:
    """Return how one of `SEGMENTERS` cuts, its dictionary loaded; raises ImportError without it."""
    module, function = SEGMENTERS[name]
    found = _module(module)
    if hasattr(found, "setLogLevel"):
        found.setLogLevel(logging.ERROR)
    cut = getattr(found, function)
    cut("口袋")
    return cut if isinstance(cut("口袋"), list) else lambda text: list(cut(text))


def sklearn_vectorizer(cut: Cut, features: str, **weighing: Any) -> Any:
    """Return scikit-learn's vectoriser of `features`, not fitted: one `TfidfVectorizer`, or a union of two."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    if features == WORDS:
        return TfidfVectorizer(tokenizer=cut, token_pattern=None, **weighing)
    words = TfidfVectorizer(tokenizer=cut, token_pattern=None, ngram_range=(1, 2), **weighing)
    chars = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), **weighing)
    return FeatureUnion([("words", words), ("chars", chars)])


def koudai_vectorizer(features: str, **weighing: Any) -> Any:
    """Return koudai's vectoriser of `features`, not fitted."""
    from koudai.model.vectoriser.features import JiebaTfidfVectorizer

    if features == WORDS:
        return JiebaTfidfVectorizer(**weighing)
    return JiebaTfidfVectorizer(ngram_range=(1, 2), char_ngram_range=(1, 4), **weighing)


def sklearn_classifiers(features: Any, labels: NDArray[np.int8], *, seed: int) -> list[Any]:
    """Fit logistic regression as koudai fits it, one category after another."""
    from sklearn.linear_model import LogisticRegression

    one = {"C": 20.0, "solver": "liblinear", "dual": True, "max_iter": 10_000, "random_state": seed}
    return [LogisticRegression(**one).fit(features, column) for column in labels.T]


def sklearn_proba(vectorizer: Any, classifiers: list[Any], texts: list[str]) -> NDArray[np.float64]:
    """Return scikit-learn's probabilities, shape (n_posts, n_categories)."""
    features = vectorizer.transform(texts)
    return np.stack([one.predict_proba(features)[:, 1] for one in classifiers], axis=1)


def with_cut(vectorizer: Any, cut: Cut) -> Any:
    """Return a copy of a fitted vectoriser of scikit-learn that cuts words another way."""
    import copy

    copied = copy.copy(vectorizer)
    if hasattr(copied, "transformer_list"):
        copied.transformer_list = [(name, with_cut(one, cut)) for name, one in copied.transformer_list]
    elif copied.analyzer == "word":
        copied.tokenizer = cut
    return copied


def fasttext_line(cut: Cut, text: str) -> str:
    """Return a post as fastText reads it: its words in one line, spaces between."""
    return " ".join(cut(text.lower())).replace("\n", " ")


def write_fasttext(path: Path, lines: Iterable[str], labels: NDArray[np.int8]) -> None:
    """Write posts with labels as fastText trains on them: of one category 0 or 1, of several those a post has."""
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="\n") as file:
        for line, row in zip(lines, labels, strict=True):
            marks = [int(row[0])] if len(row) == 1 else np.flatnonzero(row).tolist() or ["none"]
            file.write(" ".join(f"__label__{mark}" for mark in marks) + f" {line}\n")


def fasttext_settings(n_categories: int, *, bigrams: bool, seed: int, threads: int = 1) -> dict[str, Any]:
    """Return what fastText is trained with: its defaults, or 25 epochs and bigrams."""
    settings: dict[str, Any] = {"seed": seed, "thread": threads, "verbose": 0}
    settings |= {"loss": "ova"} if n_categories > 1 else {}
    return settings | ({"epoch": 25, "wordNgrams": 2} if bigrams else {})


def fasttext_train(path: Path, **settings: Any) -> Any:
    """Return a fastText model trained on a file of `write_fasttext`."""
    import fasttext

    return fasttext.train_supervised(input=str(path), **settings)


def with_features(config: str, features: str) -> str:
    """Return the text of a training config with one kind of features in place of its own."""
    without = re.sub(r"(?ms)^\[features\]$.*?(?=^\[|\Z)", "", config).rstrip("\n")
    counted = "words = [1, 1]" if features == WORDS else "words = [1, 2]\nchars = [1, 4]"
    return f"{without}\n\n[features]\n{counted}\nmin_df = 2\nsublinear_tf = true\n"
