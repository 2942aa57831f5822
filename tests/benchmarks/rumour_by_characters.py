"""What the audit of rumour across corpora finds, by other means: ``python -m tests.benchmarks.rumour_by_characters``.

AUC of scikit-learn's logistic regression on TF-IDF of one to four characters, no words: fitted on one corpus and tested
on another; within a corpus by five folds, once dealt at random and once with near-duplicates on one side.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline

from koudai.api.surroundings import data_folders
from koudai.config.places import configs_folder
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.corpus.sources import find_file, find_source
from koudai.training.evaluate import MetricValue, evaluate
from tests.conftest import ROOT

SAYS_1 = {"weibo21": {"fake"}, "wefend": {"fake"}, "factcheck": {"假", "谣言", "rumorType=0"}}
SAYS_0 = {"weibo21": {"real"}, "wefend": {"real"}, "factcheck": {"真", "事实", "rumorType=1", "辟谣"}}
SEED = 20230310


def rumours(name: str) -> pd.DataFrame:
    """Return the posts of a corpus that say anything of rumour: `text`, and `y`, 1 or 0."""
    source = find_source(name, configs=configs_folder(ROOT / "configs" / "audit" / "x.toml"))
    table = pd.read_parquet(find_file(source, folders=data_folders(None), config=ROOT))
    if name == "weibo21":
        table = table[table["topic"] != "无法确定"]
    table = table[table["source_label"].isin(SAYS_1[name] | SAYS_0[name])]
    return table.assign(y=table["source_label"].isin(SAYS_1[name]).astype(np.int8)).reset_index(drop=True)


def fitted(posts: pd.DataFrame) -> Pipeline:
    """Return the model of characters, fitted."""
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
    model = make_pipeline(characters, LogisticRegression(solver="liblinear", random_state=SEED))
    return model.fit(posts["text"], posts["y"])


def auc(posts: pd.DataFrame, decision: NDArray[np.float64], groups: NDArray[np.int64]) -> MetricValue:
    """Return the AUC with its interval, near-duplicates counting as one post."""
    y = posts["y"].to_numpy()
    (found,) = evaluate(y, decision, threshold=0.0, groups=groups, metrics=("auc",))
    return found


def within(posts: pd.DataFrame, groups: NDArray[np.int64], *, grouped: bool) -> NDArray[np.float64]:
    """Return the decision on each post of a model that was fitted on the other four folds."""
    kind = StratifiedGroupKFold if grouped else StratifiedKFold
    folds = kind(5, shuffle=True, random_state=SEED)
    decision = np.zeros(len(posts))
    for fit, test in folds.split(posts["text"], posts["y"], groups if grouped else None):
        decision[test] = fitted(posts.iloc[fit]).decision_function(posts["text"].iloc[test])
    return decision


def figures() -> Iterator[tuple[str, MetricValue]]:
    """Yield each figure with what it is of."""
    corpora = {name: rumours(name) for name in SAYS_1}
    groups = {name: near_duplicate_groups(list(posts["text"])) for name, posts in corpora.items()}
    for name, posts in corpora.items():
        for folds, grouped in (("folds at random", False), ("near-duplicates in one fold", True)):
            yield f"{name} → {name}, {folds}", auc(posts, within(posts, groups[name], grouped=grouped), groups[name])
        model = fitted(posts)
        for other, tested in corpora.items():
            if other != name:
                yield f"{name} → {other}", auc(tested, model.decision_function(tested["text"]), groups[other])


if __name__ == "__main__":
    for what, found in figures():
        sys.stdout.write(f"{what}: {found.value:.3f} [{found.low:.3f}, {found.high:.3f}], n = {found.n:,}\n")
        sys.stdout.flush()
